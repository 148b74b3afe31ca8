//! Counts for the console's home page and for metrics.

use super::{Backend, Store, both};
use crate::{Figures, StoreError};

impl Store {
    /// Figures from `from_us` on.
    ///
    /// # Errors
    /// What the database said.
    pub async fn figures(&self, from_us: i64) -> Result<Figures, StoreError> {
        both!(self, figures(from_us))
    }
}

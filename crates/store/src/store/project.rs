//! The projector's transaction: reports, sources, cases, subscriptions and jobs with the cursor.
//!
//! A batch is decided in memory from what a few reads say and written in statements of many rows: each
//! statement costs a trip to the connection's thread, so their number is what a batch costs.

use super::{Backend, Store, both};
use crate::{Projection, StoreError};

impl Store {
    /// Where the projector stands: the last intake row it has worked through.
    ///
    /// # Errors
    /// What the database said.
    pub async fn cursor(&self) -> Result<i64, StoreError> {
        both!(self, cursor())
    }

    /// Parts that wait, oldest first: those with one of these keys.
    ///
    /// # Errors
    /// What the database said.
    pub async fn parts_waiting(&self, keys: &[Vec<u8>]) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        both!(self, parts_waiting(keys))
    }

    /// Parts that have waited since before `before_us`, grouped by key in the caller.
    ///
    /// # Errors
    /// What the database said.
    pub async fn parts_overdue(&self, before_us: i64) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        both!(self, parts_overdue(before_us))
    }

    /// Stores one batch and moves the cursor, in one transaction.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the cursor does not stand where the batch begins, or a part it used
    /// waits no longer: another projector has worked on it, and nothing was changed.
    pub async fn project(&self, batch: &Projection) -> Result<(), StoreError> {
        both!(self, project(batch))
    }
}

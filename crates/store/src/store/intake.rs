//! The intake log: append durably, read in commit order.

use uuid::Uuid;

use super::{Backend, Store, both};
use crate::{IntakeRow, NewIntake, StoreError};

impl Store {
    /// Appends `items` in one durable commit and returns the place of the first; the others follow it
    /// without a gap. When this returns, the items survive a power cut.
    ///
    /// # Errors
    /// When the commit failed: then none of the items is kept.
    pub async fn append_intake(&self, items: &[NewIntake]) -> Result<i64, StoreError> {
        both!(self, append_intake(items))
    }

    /// [`Store::append_intake`] under an id of its own: asked again after an unclear failure, the same batch is
    /// not appended twice, and the place of its first item is given whichever time it was stored. SQLite
    /// remembers the newest batch, PostgreSQL those of some hours.
    ///
    /// # Errors
    /// When the commit failed, or it is not known whether it did.
    pub async fn append_intake_batch(&self, batch: Uuid, items: &[NewIntake]) -> Result<i64, StoreError> {
        both!(self, append_intake_batch(batch, items))
    }

    /// Rows after `after`, in commit order.
    ///
    /// # Errors
    /// What the database said.
    pub async fn read_intake(&self, after: i64, limit: i64) -> Result<Vec<IntakeRow>, StoreError> {
        both!(self, read_intake(after, limit))
    }

    /// The rows with these places, in order.
    ///
    /// # Errors
    /// What the database said.
    pub async fn intake_rows(&self, seqs: &[i64]) -> Result<Vec<IntakeRow>, StoreError> {
        both!(self, intake_rows(seqs))
    }

    /// The place of the newest row; 0 when there is none.
    ///
    /// # Errors
    /// What the database said.
    pub async fn intake_end(&self) -> Result<i64, StoreError> {
        both!(self, intake_end())
    }
}

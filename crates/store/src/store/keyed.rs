//! Appending to the intake log under names of the senders', each name once.

use uuid::Uuid;

use super::{Backend, Store, both};
use crate::{IntakeKey, Keyed, KeyedIntake, StoreError};

impl Store {
    /// Appends what is new among `items` in one durable commit and says of each, in order, what it is. A name
    /// whose time is over at `now_us` counts as never given.
    ///
    /// # Errors
    /// When the commit failed: then nothing is kept, neither rows nor names.
    pub async fn append_keyed_intake(
        &self,
        items: &[KeyedIntake],
        now_us: i64,
    ) -> Result<Vec<Keyed>, StoreError> {
        both!(self, append_keyed_intake(items, now_us))
    }

    /// What is remembered under an id of this sender.
    ///
    /// # Errors
    /// What the database said.
    pub async fn intake_key(&self, scope: &str, id: Uuid) -> Result<Option<IntakeKey>, StoreError> {
        both!(self, intake_key(scope, id))
    }

    /// Forgets names whose time is over, at most `limit` of them, and says how many.
    ///
    /// # Errors
    /// What the database said.
    pub async fn forget_intake_keys(&self, now_us: i64, limit: i64) -> Result<u64, StoreError> {
        both!(self, forget_intake_keys(now_us, limit))
    }
}

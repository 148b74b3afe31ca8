//! How the database itself fares: whether it can be written, whether it is whole, whether its clock was set.

use super::{Backend, Store, both};
use crate::StoreError;

impl Store {
    /// Commits a change of the intake log that changes nothing of it, durably: whether it can be written now.
    ///
    /// # Errors
    /// What the database said.
    pub async fn probe_intake(&self) -> Result<(), StoreError> {
        both!(self, probe_intake())
    }

    /// The system's clock was set by so many microseconds: what waits for a time of the old one is moved with it.
    /// On SQLite, where one process works with one clock; nothing to do where several share a database.
    ///
    /// # Errors
    /// What the database said; then nothing was moved.
    pub async fn clock_was_set(&self, by_us: i64, now_us: i64) -> Result<(), StoreError> {
        both!(self, clock_was_set(by_us, now_us))
    }

    /// Looks through the whole database for damage; gives what is wrong, a line each.
    ///
    /// # Errors
    /// When it could not be looked through to the end.
    pub async fn check(&self) -> Result<Vec<String>, StoreError> {
        both!(self, check())
    }

    /// Commits a change of the state that changes nothing of it, durably.
    ///
    /// # Errors
    /// What the database said.
    pub async fn probe_state(&self) -> Result<(), StoreError> {
        both!(self, probe_state())
    }
}

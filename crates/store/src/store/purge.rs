//! The daily purge.

use super::{Backend, Store, both};
use crate::{NewAudit, PurgeOrder, PurgeRun, PurgeStep, StoreError};

impl Store {
    /// Begins a day's purge; false when it has been done, or another process is at it. One that was
    /// interrupted is taken up again after an hour.
    ///
    /// # Errors
    /// What the database said.
    pub async fn begin_purge(&self, day: i64, now_us: i64) -> Result<bool, StoreError> {
        both!(self, begin_purge(day, now_us))
    }

    /// Removes (or only counts) the next few rows whose time is over, never what an open case, an unread
    /// referral or an undecided reconsideration needs, and counts them in the same transaction.
    ///
    /// # Errors
    /// What the database said.
    pub async fn purge(&self, order: &PurgeOrder) -> Result<PurgeStep, StoreError> {
        both!(self, purge(order))
    }

    /// Ends a day's purge and writes into the audit trail what it removed.
    ///
    /// # Errors
    /// What the database said.
    pub async fn end_purge(&self, day: i64, audit: &NewAudit) -> Result<(), StoreError> {
        both!(self, end_purge(day, audit))
    }

    /// The newest purges with what they removed.
    ///
    /// # Errors
    /// What the database said.
    pub async fn purges(&self, limit: i64) -> Result<Vec<PurgeRun>, StoreError> {
        both!(self, purges(limit))
    }
}

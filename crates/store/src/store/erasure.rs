//! What is held on one citizen, and taking it away.

use super::{Backend, Store, both};
use crate::{Erased, ErasureRow, NewAudit, Page, ReportEntry, StoreError};

impl Store {
    /// Everything a number sent, oldest first.
    ///
    /// # Errors
    /// What the database said.
    pub async fn reports_of_reporter(
        &self,
        reporter_hash: &[u8],
        page: Page,
    ) -> Result<Vec<ReportEntry>, StoreError> {
        both!(self, reports_of_reporter(reporter_hash, page))
    }

    /// Notes that these reports are to be erased, as `by` asked; those already asked for stay as they are.
    ///
    /// # Errors
    /// What the database said.
    pub async fn ask_erasure(&self, reports: &[i64], by: &str, audit: &NewAudit) -> Result<(), StoreError> {
        both!(self, ask_erasure(reports, by, audit))
    }

    /// Erasures that are asked for and not done, oldest first.
    ///
    /// # Errors
    /// What the database said.
    pub async fn erasures_waiting(&self, page: Page) -> Result<Vec<ErasureRow>, StoreError> {
        both!(self, erasures_waiting(page))
    }

    /// Whether and when a report's erasure was asked for.
    ///
    /// # Errors
    /// What the database said.
    pub async fn erasure_of(&self, report_seq: i64) -> Result<Option<ErasureRow>, StoreError> {
        both!(self, erasure_of(report_seq))
    }

    /// Takes a report's words, number and files away, in the log, the list and the outbox, unless an open
    /// case, an unread referral or an undecided reconsideration needs it. When, of what kind and about which
    /// number it was stays as a figure. A second time changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such report.
    pub async fn erase_report(&self, seq: i64, audit: &NewAudit) -> Result<Erased, StoreError> {
        both!(self, erase_report(seq, audit))
    }

    /// Forgets that a number wants warnings, and which it was sent.
    ///
    /// # Errors
    /// What the database said.
    pub async fn forget_subscriber(&self, number_hash: &[u8]) -> Result<(), StoreError> {
        both!(self, forget_subscriber(number_hash))
    }

    /// Whether a number gets warnings.
    ///
    /// # Errors
    /// What the database said.
    pub async fn is_subscribed(&self, number_hash: &[u8]) -> Result<bool, StoreError> {
        both!(self, is_subscribed(number_hash))
    }
}

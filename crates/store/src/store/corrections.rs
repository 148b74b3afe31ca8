//! What officers change of a report: what was understood, and that nothing more is to be done.

use super::{Backend, Store, both};
use crate::{Correction, NewAudit, StoreError};

impl Store {
    /// Stores an officer's correction: kind and sources; the text stays as received.
    ///
    /// The report leaves active cases it no longer belongs to and joins those it does. Ended cases keep
    /// the reports they were decided on, and a source decided on with this report is not opened anew.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such report, or it is a redelivery of another.
    pub async fn correct_report(&self, correction: &Correction, audit: &NewAudit) -> Result<(), StoreError> {
        both!(self, correct_report(correction, audit))
    }

    /// Marks a report as done: an officer looked and nothing more is to be done.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such report, or it belongs to a case.
    pub async fn set_report_done(&self, seq: i64, audit: &NewAudit) -> Result<(), StoreError> {
        both!(self, set_report_done(seq, audit))
    }
}

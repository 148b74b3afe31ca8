//! Reading reports, and what is known of a source.

use uuid::Uuid;

use super::{Backend, Store, both};
use crate::{Page, Report, ReportEntry, ReportFilter, SourceStanding, StoreError};

impl Store {
    /// One report by its number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn report(&self, seq: i64) -> Result<ReportEntry, StoreError> {
        both!(self, report(seq))
    }

    /// One report by its public id.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn report_by_id(&self, id: Uuid) -> Result<ReportEntry, StoreError> {
        both!(self, report_by_id(id))
    }

    /// One report by the hash of its secret link's token.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn report_by_token(&self, token_hash: &[u8]) -> Result<ReportEntry, StoreError> {
        both!(self, report_by_token(token_hash))
    }

    /// The report with this receipt code that this number sent.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none, or it is someone else's.
    pub async fn report_by_code(&self, code: i64, reporter_hash: &[u8]) -> Result<ReportEntry, StoreError> {
        both!(self, report_by_code(code, reporter_hash))
    }

    /// The newest report this number sent; one that was not understood only when there is no other.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it sent none.
    pub async fn latest_report_of(&self, reporter_hash: &[u8]) -> Result<ReportEntry, StoreError> {
        both!(self, latest_report_of(reporter_hash))
    }

    /// Whether a report that this number sent to this code since `since_us` holds all these pieces of text.
    ///
    /// # Errors
    /// What the database said.
    pub async fn holds_pieces(
        &self,
        reporter_hash: &[u8],
        to_code: &str,
        since_us: i64,
        pieces: &[&str],
    ) -> Result<bool, StoreError> {
        both!(self, holds_pieces(reporter_hash, to_code, since_us, pieces))
    }

    /// Reports that fit, newest first.
    ///
    /// # Errors
    /// What the database said.
    pub async fn reports(&self, filter: &ReportFilter, page: Page) -> Result<Vec<ReportEntry>, StoreError> {
        both!(self, reports(filter, page))
    }

    /// How many reports fit.
    ///
    /// # Errors
    /// What the database said.
    pub async fn count_reports(&self, filter: &ReportFilter) -> Result<i64, StoreError> {
        both!(self, count_reports(filter))
    }

    /// Reports after `after`, oldest first: for exports, a page at a time.
    ///
    /// # Errors
    /// What the database said.
    pub async fn reports_after(&self, after: i64, limit: i64) -> Result<Vec<ReportEntry>, StoreError> {
        both!(self, reports_after(after, limit))
    }

    /// Reports of a case, newest first.
    ///
    /// # Errors
    /// What the database said.
    pub async fn reports_of_case(&self, number: i64, page: Page) -> Result<Vec<ReportEntry>, StoreError> {
        both!(self, reports_of_case(number, page))
    }

    /// Other reports of nearly the same wording, newest first.
    ///
    /// # Errors
    /// What the database said.
    pub async fn near_twins(&self, report: &Report, limit: i64) -> Result<Vec<ReportEntry>, StoreError> {
        both!(self, near_twins(report, limit))
    }

    /// What is known of a source, for the check and for staff.
    ///
    /// # Errors
    /// What the database said.
    pub async fn standing(&self, kind: &str, canonical: &str) -> Result<SourceStanding, StoreError> {
        both!(self, standing(kind, canonical))
    }
}

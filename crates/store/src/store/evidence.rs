//! Files of evidence: the bytes lie beside the database under their hash, here is who added what.

use super::{Backend, Store, both};
use crate::{EvidenceRow, NewEvidence, StoreError};

impl Store {
    /// Adds files to a report; those it has already are left as they are.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such report.
    pub async fn add_evidence(
        &self,
        report_seq: i64,
        files: &[NewEvidence],
        by: &str,
        at_us: i64,
    ) -> Result<(), StoreError> {
        both!(self, add_evidence(report_seq, files, by, at_us))
    }

    /// Files of a report, oldest first.
    ///
    /// # Errors
    /// What the database said.
    pub async fn evidence_of(&self, report_seq: i64) -> Result<Vec<EvidenceRow>, StoreError> {
        both!(self, evidence_of(report_seq))
    }

    /// Whether any report has this file.
    ///
    /// # Errors
    /// What the database said.
    pub async fn has_evidence(&self, sha256: &[u8]) -> Result<bool, StoreError> {
        both!(self, has_evidence(sha256))
    }
}

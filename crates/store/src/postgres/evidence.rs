//! Files of evidence: the bytes lie beside the database under their hash, here is who added what.

use super::Database;
use super::people::insert_audit;
use super::project::attach;
use super::words::Spoken;
use crate::{EvidenceRow, NewAudit, NewEvidence, StoreError};

impl Database {
    pub(crate) async fn add_evidence(
        &self,
        report_seq: i64,
        files: &[NewEvidence],
        by: &str,
        at_us: i64,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for file in files {
            if !attach(&mut tx, report_seq, file, at_us, by).await? {
                continue;
            }
            let entry = NewAudit {
                at_us,
                actor: by.to_owned(),
                action: "evidence_added".to_owned(),
                object: format!("report:{report_seq}"),
                detail: format!("{} ({} byte)", file.mime, file.size),
            };
            insert_audit(&mut tx, &entry).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn evidence_of(&self, report_seq: i64) -> Result<Vec<EvidenceRow>, StoreError> {
        Ok(sqlx::query_as::<_, EvidenceRow>(
            "SELECT e.sha256, e.size, e.mime, r.name, r.added_us, r.added_by
             FROM report_evidence r JOIN evidence e ON e.sha256 = r.sha256
             WHERE r.report_seq = $1 ORDER BY r.added_us, r.name",
        )
        .bind(report_seq)
        .fetch_all(&self.pool())
        .await?
        .spoken())
    }

    pub(crate) async fn has_evidence(&self, sha256: &[u8]) -> Result<bool, StoreError> {
        let known: Option<i64> = sqlx::query_scalar("SELECT 1::bigint FROM evidence WHERE sha256 = $1")
            .bind(sha256)
            .fetch_optional(&self.pool())
            .await?;
        Ok(known.is_some())
    }
}

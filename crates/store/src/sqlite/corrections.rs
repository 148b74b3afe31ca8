//! What officers change of a report: what was understood, and that nothing more is to be done.

use std::collections::HashSet;

use sqlx::{Sqlite, Transaction};

use super::Database;
use super::people::insert_audit;
use super::project::{Joining, json_list, name_sources, source_ids};
use crate::{Correction, NewAudit, NewSource, StoreError};

impl Database {
    pub(crate) async fn correct_report(
        &self,
        correction: &Correction,
        audit: &NewAudit,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE report SET kind = $2, intent = 'report', problem = NULL, corrected_us = $3
             WHERE seq = $1 AND duplicate_of IS NULL",
        )
        .bind(correction.seq)
        .bind(&correction.kind)
        .bind(audit.at_us)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        let named: Vec<&NewSource> = correction.sources.iter().collect();
        let ids = source_ids(&mut tx, &named).await?;
        sqlx::query("DELETE FROM report_source WHERE report_seq = $1")
            .bind(correction.seq)
            .execute(&mut *tx)
            .await?;
        name_sources(&mut tx, correction.seq, &correction.sources, &ids).await?;
        let opens = correction.opens_case.contains(&correction.kind);
        let joins = opens || correction.joins_case.contains(&correction.kind);
        let joined: &[i64] = if joins { &ids } else { &[] };
        leave_cases(&mut tx, correction.seq, joined, audit.at_us).await?;
        join_cases(&mut tx, correction.seq, joined, opens, audit.at_us).await?;
        sqlx::query(
            "UPDATE report SET state = CASE
                 WHEN EXISTS (SELECT 1 FROM case_report WHERE report_seq = $1) THEN 'in_case' ELSE 'new' END
             WHERE seq = $1",
        )
        .bind(correction.seq)
        .execute(&mut *tx)
        .await?;
        insert_audit(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn set_report_done(&self, seq: i64, audit: &NewAudit) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE report SET state = 'done' WHERE seq = $1 AND state IN ('new', 'needs_officer')",
        )
        .bind(seq)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        insert_audit(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Takes a report out of the active cases on other sources. A case that loses one gets a new version:
/// whoever decides on what it was is told that it changed.
async fn leave_cases(
    tx: &mut Transaction<'static, Sqlite>,
    report_seq: i64,
    sources: &[i64],
    at_us: i64,
) -> Result<(), StoreError> {
    let left: Vec<i64> = sqlx::query_scalar(
        "UPDATE casefile SET version = version + 1, updated_us = MAX(updated_us, $3)
         WHERE number IN (SELECT case_number FROM case_report WHERE report_seq = $1)
             AND state NOT IN ('restored', 'closed') AND source_id NOT IN (SELECT value FROM json_each($2))
         RETURNING number",
    )
    .bind(report_seq)
    .bind(json_list(sources)?)
    .bind(at_us)
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query(
        "DELETE FROM case_report WHERE report_seq = $1 AND case_number IN (SELECT value FROM json_each($2))",
    )
    .bind(report_seq)
    .bind(json_list(&left)?)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Joins or opens cases on those sources whose case it is not in yet.
async fn join_cases(
    tx: &mut Transaction<'static, Sqlite>,
    report_seq: i64,
    sources: &[i64],
    opens: bool,
    at_us: i64,
) -> Result<(), StoreError> {
    let known: Vec<i64> = sqlx::query_scalar(
        "SELECT c.source_id FROM case_report r JOIN casefile c ON c.number = r.case_number WHERE r.report_seq = $1",
    )
    .bind(report_seq)
    .fetch_all(&mut **tx)
    .await?;
    let known: HashSet<i64> = known.into_iter().collect();
    let mut joining = Joining::load(tx, sources).await?;
    for source in sources.iter().filter(|source| !known.contains(source)) {
        joining.join(report_seq, *source, opens, at_us);
    }
    joining.write(tx).await
}

//! Taking a report's words, number and files away, at a citizen's wish or because their time is over.

use sqlx::{QueryBuilder, Sqlite, Transaction};

use super::Database;
use super::people::insert_audit;
use super::project::json_list;
use crate::written::without_quotes;
use crate::{Erased, ErasureRow, NewAudit, Page, Report, ReportEntry, StoreError};

/// An open case or an undecided reconsideration needs report `r`.
pub(super) const NEEDED: &str = "(EXISTS (SELECT 1 FROM case_report c JOIN casefile f ON f.number = c.case_number
        WHERE c.report_seq = r.seq AND (f.state NOT IN ('restored', 'closed')
            OR EXISTS (SELECT 1 FROM reconsideration n WHERE n.case_number = f.number AND n.state = 'filed')
            OR EXISTS (SELECT 1 FROM referral p WHERE p.case_number = f.number AND p.acknowledged_us IS NULL)))
    OR EXISTS (SELECT 1 FROM report_source s JOIN reconsideration n ON n.source_id = s.source_id
        WHERE s.report_seq = r.seq AND n.state = 'filed'))";

impl Database {
    pub(crate) async fn reports_of_reporter(
        &self,
        reporter_hash: &[u8],
        page: Page,
    ) -> Result<Vec<ReportEntry>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
        query.push(super::reports::COLUMNS).push(" FROM report r WHERE r.reporter_hash = ");
        query.push_bind(reporter_hash.to_vec()).push(" ORDER BY r.received_us, r.seq LIMIT ");
        query.push_bind(page.rows()).push(" OFFSET ").push_bind(page.left_out());
        let reports: Vec<Report> = query.build_query_as().fetch_all(&self.readers).await?;
        self.with_sources(reports).await
    }

    pub(crate) async fn ask_erasure(
        &self,
        reports: &[i64],
        by: &str,
        audit: &NewAudit,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO erasure (report_seq, asked_us, asked_by)
             SELECT r.seq, $2, $3 FROM report r WHERE r.seq IN (SELECT value FROM json_each($1))
             ON CONFLICT (report_seq) DO NOTHING",
        )
        .bind(json_list(reports)?)
        .bind(audit.at_us)
        .bind(by)
        .execute(&mut *tx)
        .await?;
        insert_audit(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn erasures_waiting(&self, page: Page) -> Result<Vec<ErasureRow>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT report_seq, asked_us, asked_by, done_us FROM erasure WHERE done_us IS NULL
             ORDER BY asked_us LIMIT $1 OFFSET $2",
        )
        .bind(page.rows())
        .bind(page.left_out())
        .fetch_all(&self.readers)
        .await?)
    }

    pub(crate) async fn erasure_of(&self, report_seq: i64) -> Result<Option<ErasureRow>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT report_seq, asked_us, asked_by, done_us FROM erasure WHERE report_seq = $1",
        )
        .bind(report_seq)
        .fetch_optional(&self.readers)
        .await?)
    }

    pub(crate) async fn erase_report(&self, seq: i64, audit: &NewAudit) -> Result<Erased, StoreError> {
        let parts: String = sqlx::query_scalar("SELECT parts FROM report WHERE seq = $1")
            .bind(seq)
            .fetch_one(&self.readers)
            .await?;
        let mut tx = self.begin().await?;
        let Some(stripped) = strip(&mut tx, seq, audit.at_us).await? else { return Ok(Erased::Needed) };
        // The log before the state is committed: whatever dies in between, the erasure is still asked for.
        let only_writer = self.appender.lock().await;
        sqlx::query(
            "UPDATE intake SET body = x'', meta = '{}', reporter_hash = NULL, reporter_sealed = NULL
             WHERE seq IN (SELECT value FROM json_each($1))",
        )
        .bind(parts)
        .execute(&self.intake)
        .await?;
        drop(only_writer);
        forget_messages(&mut tx, seq, stripped.reporter_hash.as_deref(), audit.at_us).await?;
        sqlx::query("UPDATE erasure SET done_us = $2 WHERE report_seq = $1")
            .bind(seq)
            .bind(audit.at_us)
            .execute(&mut *tx)
            .await?;
        insert_audit(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(Erased::Done(stripped.files))
    }

    pub(crate) async fn forget_subscriber(&self, number_hash: &[u8]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for statement in [
            "DELETE FROM subscriber WHERE reporter_hash = $1",
            "UPDATE message SET state = 'failed', error = 'erased', done_us = created_us
                 WHERE to_hash = $1 AND purpose = 'broadcast' AND state = 'planned'",
            "UPDATE message SET text = '', to_hash = x'', to_sealed = x''
                 WHERE to_hash = $1 AND purpose = 'broadcast' AND state <> 'sending'",
        ] {
            sqlx::query(statement).bind(number_hash).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn is_subscribed(&self, number_hash: &[u8]) -> Result<bool, StoreError> {
        let since: Option<i64> = sqlx::query_scalar(
            "SELECT since_us FROM subscriber WHERE reporter_hash = $1 AND cancelled_us IS NULL",
        )
        .bind(number_hash)
        .fetch_optional(&self.readers)
        .await?;
        Ok(since.is_some())
    }
}

/// What was taken away of a report.
pub(super) struct Stripped {
    pub(super) files: Vec<Vec<u8>>,
    reporter_hash: Option<Vec<u8>>,
}

/// Takes words, number and files of a report away; `None` when something open needs it, or there is none.
/// When, of what kind and about which number it was stays.
pub(super) async fn strip(
    tx: &mut Transaction<'static, Sqlite>,
    seq: i64,
    at_us: i64,
) -> Result<Option<Stripped>, StoreError> {
    let free = format!("SELECT r.reporter_hash, r.findings FROM report r WHERE r.seq = $1 AND NOT {NEEDED}");
    let report: Option<(Option<Vec<u8>>, String)> =
        sqlx::query_as(sqlx::AssertSqlSafe(free)).bind(seq).fetch_optional(&mut **tx).await?;
    let Some((reporter_hash, findings)) = report else { return Ok(None) };
    sqlx::query(
        "UPDATE report SET reporter_hash = NULL, reporter_sealed = NULL, is_mobile = 0, argument = NULL,
             text = '', folded = '', content = '', findings = $2, near_key = NULL, token_hash = NULL,
             place = NULL, purged_us = $3 WHERE seq = $1",
    )
    .bind(seq)
    .bind(without_quotes(&findings))
    .bind(at_us)
    .execute(&mut **tx)
    .await?;
    for statement in [
        "UPDATE report_source SET as_received = '' WHERE report_seq = $1",
        "DELETE FROM one_time_code WHERE report_seq = $1",
    ] {
        sqlx::query(statement).bind(seq).execute(&mut **tx).await?;
    }
    let files = detach(tx, seq).await?;
    Ok(Some(Stripped { files, reporter_hash }))
}

/// Takes the files of a report away; gives those that no report has any more.
pub(super) async fn detach(
    tx: &mut Transaction<'static, Sqlite>,
    seq: i64,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let taken: Vec<Vec<u8>> =
        sqlx::query_scalar("DELETE FROM report_evidence WHERE report_seq = $1 RETURNING sha256")
            .bind(seq)
            .fetch_all(&mut **tx)
            .await?;
    let mut files = Vec::new();
    for hash in taken {
        let gone = sqlx::query(
            "DELETE FROM evidence WHERE sha256 = $1
                 AND NOT EXISTS (SELECT 1 FROM report_evidence o WHERE o.sha256 = $1)",
        )
        .bind(&hash)
        .execute(&mut **tx)
        .await?;
        if gone.rows_affected() == 1 {
            files.push(hash);
        }
    }
    Ok(files)
}

/// Empties what was texted about a report; what is planned is not sent any more.
async fn forget_messages(
    tx: &mut Transaction<'static, Sqlite>,
    seq: i64,
    reporter_hash: Option<&[u8]>,
    at_us: i64,
) -> Result<(), StoreError> {
    let own = format!("report:{seq}");
    sqlx::query(
        "UPDATE message SET state = 'failed', error = 'erased', done_us = $2
         WHERE object = $1 AND state = 'planned'",
    )
    .bind(&own)
    .bind(at_us)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "UPDATE message SET text = '', to_hash = x'', to_sealed = x'' WHERE object = $1 AND state <> 'sending'",
    )
    .bind(&own)
    .execute(&mut **tx)
    .await?;
    let Some(hash) = reporter_hash else { return Ok(()) };
    // Outcomes of its cases, unless another report of the same number is still told by them.
    sqlx::query(
        "UPDATE message SET text = '', to_hash = x'', to_sealed = x''
         WHERE to_hash = $1 AND purpose = 'outcome' AND state NOT IN ('planned', 'sending')
             AND NOT EXISTS (SELECT 1 FROM report o WHERE o.reporter_hash = $1)",
    )
    .bind(hash)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

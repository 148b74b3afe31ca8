//! The purge: one bounded step at a time, looked for on a reader and removed in a short transaction, so
//! that neither the projector nor an officer waits for it.

use std::collections::HashSet;

use canhgiac_domain::retention::DataKind;
use sqlx::{Sqlite, Transaction};

use super::Database;
use super::erasure::{NEEDED, detach, strip};
use super::people::insert_audit;
use super::project::json_list;
use crate::{Count, NewAudit, PurgeOrder, PurgeRun, PurgeStep, StoreError};

/// Rows one step looks at; far fewer are changed.
const WINDOW: i64 = 20_000;
/// A purge that has not ended this long after its begin was interrupted and is taken up again.
const STALLED_US: i64 = 60 * 60 * 1_000_000;

impl Database {
    pub(crate) async fn begin_purge(&self, day: i64, now_us: i64) -> Result<bool, StoreError> {
        let begun = sqlx::query(
            "INSERT INTO purge_run (day, started_us) VALUES ($1, $2)
             ON CONFLICT (day) DO UPDATE SET started_us = excluded.started_us
                 WHERE purge_run.ended_us IS NULL AND purge_run.started_us < $3",
        )
        .bind(day)
        .bind(now_us)
        .bind(now_us - STALLED_US)
        .execute(&self.state)
        .await?;
        Ok(begun.rows_affected() == 1)
    }

    pub(crate) async fn end_purge(&self, day: i64, audit: &NewAudit) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE purge_run SET ended_us = $2 WHERE day = $1")
            .bind(day)
            .bind(audit.at_us)
            .execute(&mut *tx)
            .await?;
        insert_audit(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn purges(&self, limit: i64) -> Result<Vec<PurgeRun>, StoreError> {
        let rows: Vec<(i64, i64, Option<i64>)> =
            sqlx::query_as("SELECT day, started_us, ended_us FROM purge_run ORDER BY day DESC LIMIT $1")
                .bind(limit)
                .fetch_all(&self.readers)
                .await?;
        let mut runs = Vec::with_capacity(rows.len());
        for (day, started_us, ended_us) in rows {
            let removed: Vec<Count> = sqlx::query_as(
                "SELECT kind AS label, removed AS count FROM purge_count WHERE day = $1 ORDER BY kind",
            )
            .bind(day)
            .fetch_all(&self.readers)
            .await?;
            runs.push(PurgeRun { day, started_us, ended_us, removed });
        }
        Ok(runs)
    }

    pub(crate) async fn purge(&self, order: &PurgeOrder) -> Result<PurgeStep, StoreError> {
        match order.kind {
            DataKind::IntakeRows => self.purge_log(order).await,
            DataKind::ServiceTexts => {
                self.purge_reports(order, "r.intent NOT IN ('report', 'unknown')").await
            }
            DataKind::DoubtfulReports => self.purge_reports(order, "r.state = 'aside'").await,
            DataKind::Reports => {
                let free = "r.intent IN ('report', 'unknown') AND r.state <> 'aside'
                    AND NOT EXISTS (SELECT 1 FROM case_report c WHERE c.report_seq = r.seq)";
                self.purge_reports(order, free).await
            }
            DataKind::CaseReports => {
                let ended = "EXISTS (SELECT 1 FROM case_report c WHERE c.report_seq = r.seq)
                    AND NOT EXISTS (SELECT 1 FROM case_report c JOIN casefile f ON f.number = c.case_number
                        WHERE c.report_seq = r.seq AND f.updated_us >= $3)";
                self.purge_reports(order, ended).await
            }
            DataKind::Evidence => {
                let free = "EXISTS (SELECT 1 FROM report_evidence e WHERE e.report_seq = r.seq)
                    AND NOT EXISTS (SELECT 1 FROM case_report c WHERE c.report_seq = r.seq)";
                self.purge_reports(order, free).await
            }
            DataKind::Messages => {
                let rows =
                    "SELECT r.seq FROM message r WHERE r.seq > $1 AND r.seq <= $2 AND r.created_us < $3
                    AND r.state NOT IN ('planned', 'sending') AND (r.text <> '' OR r.to_sealed <> x'')
                    ORDER BY r.seq LIMIT $4";
                let change = "UPDATE message SET text = '', to_hash = x'', to_sealed = x''
                    WHERE seq IN (SELECT value FROM json_each($1)) AND state NOT IN ('planned', 'sending')";
                self.purge_rows(order, "message", rows, change).await
            }
            DataKind::Jobs => {
                let rows = "SELECT r.seq FROM job r WHERE r.seq > $1 AND r.seq <= $2 AND r.created_us < $3
                    AND r.state = 'done' ORDER BY r.seq LIMIT $4";
                let change =
                    "DELETE FROM job WHERE seq IN (SELECT value FROM json_each($1)) AND state = 'done'";
                self.purge_rows(order, "job", rows, change).await
            }
            DataKind::Sessions => {
                self.purge_small(order, &[Small { table: "session", key: "id", is_over: "expires_us < $1" }])
                    .await
            }
            DataKind::OneTimeCodes => {
                let tables = [
                    Small { table: "one_time_code", key: "report_seq", is_over: "expires_us < $1" },
                    Small { table: "phone_code", key: "number_hash", is_over: "expires_us < $1" },
                    Small { table: "budget", key: "key", is_over: "day < $1 / 86400000000" },
                ];
                self.purge_small(order, &tables).await
            }
            DataKind::ParkedReceipts => {
                let table = Small { table: "parked_receipt", key: "remote_id", is_over: "at_us < $1" };
                self.purge_small(order, &[table]).await
            }
            DataKind::Subscribers => {
                let table = Small { table: "subscriber", key: "reporter_hash", is_over: "cancelled_us < $1" };
                self.purge_small(order, &[table]).await
            }
            DataKind::Reconsiderations => self.purge_reconsiderations(order).await,
        }
    }

    /// Reports of a class, one by one: each is looked at again where it is changed.
    async fn purge_reports(&self, order: &PurgeOrder, class: &str) -> Result<PurgeStep, StoreError> {
        let is_whole = order.kind != DataKind::Evidence;
        let unpurged = if is_whole { "r.purged_us IS NULL AND" } else { "" };
        let rows = format!(
            "SELECT r.seq FROM report r WHERE r.seq > $1 AND r.seq <= $2 AND r.received_us < $3
                 AND {unpurged} {class} AND NOT {NEEDED} ORDER BY r.seq LIMIT $4"
        );
        let (found, next) = self.look(order, "report", &rows).await?;
        let mut step = PurgeStep { next, ..PurgeStep::default() };
        let Some(day) = order.day else {
            step.removed = found.len() as i64;
            return Ok(step);
        };
        let mut tx = self.begin().await?;
        for seq in found {
            let files = if is_whole {
                strip(&mut tx, seq, order.now_us).await?.map(|stripped| stripped.files)
            } else {
                Some(detach(&mut tx, seq).await?)
            };
            if let Some(files) = files {
                step.removed += 1;
                step.files.extend(files);
            }
        }
        count(&mut tx, day, order.kind, step.removed).await?;
        tx.commit().await?;
        Ok(step)
    }

    /// Rows of one table by their number.
    async fn purge_rows(
        &self,
        order: &PurgeOrder,
        table: &str,
        rows: &str,
        change: &'static str,
    ) -> Result<PurgeStep, StoreError> {
        let (found, next) = self.look(order, table, rows).await?;
        let Some(day) = order.day else {
            return Ok(PurgeStep { removed: found.len() as i64, files: Vec::new(), next });
        };
        let mut tx = self.begin().await?;
        let done = sqlx::query(change).bind(json_list(&found)?).execute(&mut *tx).await?;
        let removed = i64::try_from(done.rows_affected()).unwrap_or(i64::MAX);
        count(&mut tx, day, order.kind, removed).await?;
        tx.commit().await?;
        Ok(PurgeStep { removed, files: Vec::new(), next })
    }

    /// What is due in the next window, and where to go on.
    async fn look(
        &self,
        order: &PurgeOrder,
        table: &str,
        rows: &str,
    ) -> Result<(Vec<i64>, Option<i64>), StoreError> {
        let end = order.after.saturating_add(WINDOW);
        let found: Vec<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(rows.to_owned()))
            .bind(order.after)
            .bind(end)
            .bind(order.before_us)
            .bind(order.limit)
            .fetch_all(&self.readers)
            .await?;
        let last: Option<i64> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT MAX(seq) FROM {table}")))
                .fetch_one(&self.readers)
                .await?;
        let is_full = found.len() as i64 >= order.limit;
        let next = match found.last() {
            Some(seq) if is_full => Some(*seq),
            _ => Some(end).filter(|end| *end < last.unwrap_or(0)),
        };
        Ok((found, next))
    }

    /// Rows of the log that were worked through, that no part waits for and no open case rests on. The
    /// newest stays, whatever its age: places are counted from it.
    async fn purge_log(&self, order: &PurgeOrder) -> Result<PurgeStep, StoreError> {
        let needed: HashSet<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "SELECT intake_seq FROM part UNION
             SELECT p.value FROM report r, json_each(r.parts) p
                 WHERE (r.seq IN (SELECT report_seq FROM case_report)
                     OR r.seq IN (SELECT s.report_seq FROM reconsideration n
                         JOIN report_source s ON s.source_id = n.source_id WHERE n.state = 'filed'))
                     AND {NEEDED}"
        )))
        .fetch_all(&self.readers)
        .await?
        .into_iter()
        .collect();
        let end = self.cursor().await?.min(self.intake_end().await? - 1);
        let seen: Vec<i64> = sqlx::query_scalar(
            "SELECT seq FROM intake WHERE seq > $1 AND seq <= $2 AND received_us < $3 ORDER BY seq LIMIT $4",
        )
        .bind(order.after)
        .bind(end.min(order.after.saturating_add(WINDOW)))
        .bind(order.before_us)
        .bind(order.limit)
        .fetch_all(&self.intake_readers)
        .await?;
        let is_full = seen.len() as i64 >= order.limit;
        let window_end = order.after.saturating_add(WINDOW);
        let next = match seen.last() {
            Some(seq) if is_full => Some(*seq),
            _ => Some(window_end).filter(|window_end| *window_end < end),
        };
        let found: Vec<i64> = seen.into_iter().filter(|seq| !needed.contains(seq)).collect();
        let Some(day) = order.day else {
            return Ok(PurgeStep { removed: found.len() as i64, files: Vec::new(), next });
        };
        // Texts that come in meanwhile wait for these few rows.
        let only_writer = self.appender.lock().await;
        let done = sqlx::query("DELETE FROM intake WHERE seq IN (SELECT value FROM json_each($1))")
            .bind(json_list(&found)?)
            .execute(&self.intake)
            .await?;
        drop(only_writer);
        let removed = i64::try_from(done.rows_affected()).unwrap_or(i64::MAX);
        let mut tx = self.begin().await?;
        count(&mut tx, day, order.kind, removed).await?;
        tx.commit().await?;
        Ok(PurgeStep { removed, files: Vec::new(), next })
    }

    async fn purge_small(&self, order: &PurgeOrder, tables: &[Small]) -> Result<PurgeStep, StoreError> {
        let mut step = PurgeStep::default();
        for Small { table, key, is_over } in tables {
            let Some(day) = order.day else {
                let due: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
                    "SELECT COUNT(*) FROM {table} WHERE {is_over}"
                )))
                .bind(order.before_us)
                .fetch_one(&self.readers)
                .await?;
                step.removed += due;
                continue;
            };
            let mut tx = self.begin().await?;
            let done = sqlx::query(sqlx::AssertSqlSafe(format!(
                "DELETE FROM {table} WHERE {is_over}
                     AND {key} IN (SELECT {key} FROM {table} WHERE {is_over} LIMIT $2)"
            )))
            .bind(order.before_us)
            .bind(order.limit)
            .execute(&mut *tx)
            .await?;
            let removed = i64::try_from(done.rows_affected()).unwrap_or(i64::MAX);
            count(&mut tx, day, order.kind, removed).await?;
            tx.commit().await?;
            step.removed += removed;
            if removed >= order.limit {
                step.next = Some(0);
            }
        }
        Ok(step)
    }

    async fn purge_reconsiderations(&self, order: &PurgeOrder) -> Result<PurgeStep, StoreError> {
        const DUE: &str = "n.state <> 'filed' AND n.decided_us < $1 AND n.contact_sealed <> x''
            AND NOT EXISTS (SELECT 1 FROM casefile f WHERE f.number = n.case_number
                AND f.state NOT IN ('restored', 'closed'))";
        let Some(day) = order.day else {
            let due: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
                "SELECT COUNT(*) FROM reconsideration n WHERE {DUE}"
            )))
            .bind(order.before_us)
            .fetch_one(&self.readers)
            .await?;
            return Ok(PurgeStep { removed: due, ..PurgeStep::default() });
        };
        let mut tx = self.begin().await?;
        let done = sqlx::query(sqlx::AssertSqlSafe(format!(
            "UPDATE reconsideration SET holder_name = '', contact_sealed = x'', statement = ''
             WHERE id IN (SELECT n.id FROM reconsideration n WHERE {DUE} LIMIT $2)"
        )))
        .bind(order.before_us)
        .bind(order.limit)
        .execute(&mut *tx)
        .await?;
        let removed = i64::try_from(done.rows_affected()).unwrap_or(i64::MAX);
        count(&mut tx, day, order.kind, removed).await?;
        tx.commit().await?;
        let next = (removed >= order.limit).then_some(0);
        Ok(PurgeStep { removed, files: Vec::new(), next })
    }
}

/// A table whose rows end by a clock of their own.
struct Small {
    table: &'static str,
    key: &'static str,
    is_over: &'static str,
}

/// Notes what a step removed, in the transaction that removed it.
async fn count(
    tx: &mut Transaction<'static, Sqlite>,
    day: i64,
    kind: DataKind,
    removed: i64,
) -> Result<(), StoreError> {
    if removed == 0 {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO purge_count (day, kind, removed) VALUES ($1, $2, $3)
         ON CONFLICT (day, kind) DO UPDATE SET removed = purge_count.removed + excluded.removed",
    )
    .bind(day)
    .bind(kind.id())
    .bind(removed)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

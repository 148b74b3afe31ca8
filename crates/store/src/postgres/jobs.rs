//! Jobs: claimed by lease, retried with backoff, set aside with their reason when they fail for good.

use super::Database;
use super::messages::insert_messages;
use super::people::insert_audit;
use super::project::insert_job;
use super::words::words;
use crate::{JobRow, NewAudit, NewJob, NewMessage, Page, ReplyLimit, StoreError};

impl Database {
    pub(crate) async fn add_job(&self, job: &NewJob, now_us: i64) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        insert_job(&mut tx, job, now_us).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn claim_jobs(
        &self,
        limit: i64,
        now_us: i64,
        lease_us: i64,
    ) -> Result<Vec<JobRow>, StoreError> {
        let mut jobs: Vec<JobRow> = sqlx::query_as(
            "UPDATE job SET leased_us = $1 + $2, attempts = attempts + 1 WHERE seq = ANY(ARRAY
                 (SELECT seq FROM job WHERE state = 'ready' AND run_us <= $1 AND leased_us <= $1
                  ORDER BY run_us LIMIT $3 FOR UPDATE SKIP LOCKED))
             RETURNING seq, kind, payload, state, run_us, attempts, error, created_us",
        )
        .bind(now_us)
        .bind(lease_us)
        .bind(limit)
        .fetch_all(&self.pool())
        .await?;
        jobs.sort_by_key(|job| job.seq);
        Ok(jobs)
    }

    /// Others work on this database: their leases run out when they are gone.
    pub(crate) async fn release_jobs(&self) -> Result<u64, StoreError> {
        Ok(0)
    }

    pub(crate) async fn finish_job(
        &self,
        seq: i64,
        messages: &[NewMessage],
        limit: Option<&ReplyLimit>,
        now_us: i64,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        insert_messages(&mut tx, messages, limit, now_us).await?;
        sqlx::query("UPDATE job SET state = 'done', error = NULL WHERE seq = $1")
            .bind(seq)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn fail_job(
        &self,
        seq: i64,
        error: &str,
        run_us: Option<i64>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE job SET state = CASE WHEN $3 IS NULL THEN 'dead' ELSE 'ready' END,
                 run_us = COALESCE($3, run_us), leased_us = 0, error = $2
             WHERE seq = $1 AND state = 'ready'",
        )
        .bind(seq)
        .bind(words(error))
        .bind(run_us)
        .execute(&self.pool())
        .await?;
        Ok(())
    }

    pub(crate) async fn retry_job(&self, seq: i64, audit: &NewAudit) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE job SET state = 'ready', run_us = $2, leased_us = 0, attempts = 0
             WHERE seq = $1 AND state = 'dead'",
        )
        .bind(seq)
        .bind(audit.at_us)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        insert_audit(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn dead_jobs(&self, page: Page) -> Result<Vec<JobRow>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT seq, kind, payload, state, run_us, attempts, error, created_us FROM job
             WHERE state = 'dead' ORDER BY seq DESC LIMIT $1 OFFSET $2",
        )
        .bind(page.rows())
        .bind(page.left_out())
        .fetch_all(&self.pool())
        .await?)
    }

    pub(crate) async fn jobs_waiting(&self, now_us: i64) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar("SELECT COUNT(*) FROM job WHERE state = 'ready' AND run_us <= $1")
            .bind(now_us)
            .fetch_one(&self.pool())
            .await?)
    }
}

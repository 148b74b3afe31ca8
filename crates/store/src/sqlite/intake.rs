//! The intake log: append durably, read in commit order.

mod appender;

use tokio::sync::MutexGuard;
use uuid::Uuid;

use super::Database;
use super::project::json_list;
use crate::{IntakeRow, NewIntake, StoreError};

pub(super) use appender::{Appender, CHECKPOINT_PATIENCE};

impl Database {
    pub(crate) async fn append_intake(&self, items: &[NewIntake]) -> Result<i64, StoreError> {
        self.append_and_tidy(None, items).await
    }

    pub(crate) async fn append_intake_batch(
        &self,
        batch: Uuid,
        items: &[NewIntake],
    ) -> Result<i64, StoreError> {
        self.append_and_tidy(Some(batch), items).await
    }

    async fn append_and_tidy(&self, batch: Option<Uuid>, items: &[NewIntake]) -> Result<i64, StoreError> {
        let mut appender = self.appender.lock().await;
        let first = appender.append(batch, items).await?;
        appender.checkpoint_when_due(&self.intake);
        Ok(first)
    }

    /// Keeps others from appending, for a transaction of its own on the log; they look anew where it ends.
    pub(super) async fn hold_appending(&self) -> MutexGuard<'_, Appender> {
        let mut appender = self.appender.lock().await;
        appender.look_again().await;
        appender
    }

    pub(crate) async fn read_intake(&self, after: i64, limit: i64) -> Result<Vec<IntakeRow>, StoreError> {
        Ok(sqlx::query_as("SELECT * FROM intake WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(after)
            .bind(limit)
            .fetch_all(&self.intake_readers)
            .await?)
    }

    pub(crate) async fn intake_rows(&self, seqs: &[i64]) -> Result<Vec<IntakeRow>, StoreError> {
        if seqs.is_empty() {
            return Ok(Vec::new());
        }
        Ok(sqlx::query_as("SELECT * FROM intake WHERE seq IN (SELECT value FROM json_each($1)) ORDER BY seq")
            .bind(json_list(seqs)?)
            .fetch_all(&self.intake_readers)
            .await?)
    }

    pub(crate) async fn intake_end(&self) -> Result<i64, StoreError> {
        let last: Option<i64> =
            sqlx::query_scalar("SELECT MAX(seq) FROM intake").fetch_one(&self.intake_readers).await?;
        Ok(last.unwrap_or(0))
    }
}

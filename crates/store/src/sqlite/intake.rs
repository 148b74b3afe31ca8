//! The intake log: append durably, read in commit order.

use sqlx::{QueryBuilder, Sqlite};

use super::Store;
use super::project::json_list;
use crate::{IntakeRow, NewIntake, StoreError};

/// Rows of one INSERT; SQLite allows 32,766 parameters, eight a row.
const ROWS_PER_INSERT: usize = 500;

impl Store {
    /// Appends `items` in one durable commit and returns the place of the first; the others follow it
    /// without a gap. When this returns, the items survive a power cut.
    ///
    /// # Errors
    /// When the commit failed: then none of the items is kept.
    pub async fn append_intake(&self, items: &[NewIntake]) -> Result<i64, StoreError> {
        let mut tx = self.intake.begin_with("BEGIN IMMEDIATE").await?;
        let last: Option<i64> = sqlx::query_scalar("SELECT MAX(seq) FROM intake").fetch_one(&mut *tx).await?;
        let first = last.unwrap_or(0) + 1;
        let mut next = first;
        for chunk in items.chunks(ROWS_PER_INSERT) {
            let mut query = QueryBuilder::<Sqlite>::new(
                "INSERT INTO intake (seq, received_us, channel, link, meta, body, reporter_hash, reporter_sealed) ",
            );
            query.push_values(chunk, |mut row, item| {
                row.push_bind(next)
                    .push_bind(item.received_us)
                    .push_bind(&item.channel)
                    .push_bind(&item.link)
                    .push_bind(&item.meta)
                    .push_bind(&item.body)
                    .push_bind(item.reporter.as_ref().map(|reporter| &reporter.hash))
                    .push_bind(item.reporter.as_ref().map(|reporter| &reporter.sealed));
                next += 1;
            });
            query.build().execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(first)
    }

    /// Rows after `after`, in commit order.
    ///
    /// # Errors
    /// What the database said.
    pub async fn read_intake(&self, after: i64, limit: i64) -> Result<Vec<IntakeRow>, StoreError> {
        Ok(sqlx::query_as("SELECT * FROM intake WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(after)
            .bind(limit)
            .fetch_all(&self.intake_readers)
            .await?)
    }

    /// The rows with these places, in order.
    ///
    /// # Errors
    /// What the database said.
    pub async fn intake_rows(&self, seqs: &[i64]) -> Result<Vec<IntakeRow>, StoreError> {
        if seqs.is_empty() {
            return Ok(Vec::new());
        }
        Ok(sqlx::query_as("SELECT * FROM intake WHERE seq IN (SELECT value FROM json_each($1)) ORDER BY seq")
            .bind(json_list(seqs)?)
            .fetch_all(&self.intake_readers)
            .await?)
    }

    /// The place of the newest row; 0 when there is none.
    ///
    /// # Errors
    /// What the database said.
    pub async fn intake_end(&self) -> Result<i64, StoreError> {
        let last: Option<i64> =
            sqlx::query_scalar("SELECT MAX(seq) FROM intake").fetch_one(&self.intake_readers).await?;
        Ok(last.unwrap_or(0))
    }
}

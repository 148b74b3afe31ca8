//! The intake log: append durably, read in commit order.
//!
//! One statement takes the counter's row, gives the places and stores the rows, and commits by itself: the lock
//! is held by the server for as long as its own commit takes, whatever becomes of the client. Whoever comes next
//! gets the counter when that commit can be seen, so places become visible in their order and without a gap.

use std::sync::atomic::Ordering;
use std::time::Duration;

use uuid::Uuid;

use super::{Database, primary};
use crate::{IntakeRow, NewIntake, StoreError};

/// How long a commit may take; then its batch is asked for again, elsewhere if need be.
pub(super) const APPEND_WITHIN: Duration = Duration::from_secs(8);
/// How long an appended batch is remembered: far longer than anybody asks again.
const REMEMBERED_US: i64 = 6 * 60 * 60 * 1_000_000;
/// Older ones are forgotten every so many appends.
const FORGET_EVERY: u64 = 10_000;

const APPEND: &str = "WITH place AS (
        UPDATE intake_counter SET seq = seq + $1 RETURNING seq - $1 AS before
    ), remembered AS (
        INSERT INTO intake_batch (id, first, at_us)
        SELECT $2, before + 1, now_us() FROM place WHERE $2 IS NOT NULL
    ), stored AS (
        INSERT INTO intake (seq, received_us, channel, link, meta, body, reporter_hash, reporter_sealed)
        SELECT place.before + item.n, item.received_us, item.channel, item.link, item.meta, item.body, item.hash,
            item.sealed
        FROM place, unnest($3, $4, $5, $6, $7, $8, $9) WITH ORDINALITY
            AS item (received_us, channel, link, meta, body, hash, sealed, n)
    )
    SELECT before + 1 FROM place";

/// Rows as columns.
#[derive(Default)]
pub(super) struct Columns<'a> {
    pub(super) received_us: Vec<i64>,
    pub(super) channel: Vec<&'a str>,
    pub(super) link: Vec<&'a str>,
    pub(super) meta: Vec<&'a str>,
    pub(super) body: Vec<&'a [u8]>,
    pub(super) hash: Vec<Option<&'a [u8]>>,
    pub(super) sealed: Vec<Option<&'a [u8]>>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(items: impl IntoIterator<Item = &'a NewIntake>) -> Columns<'a> {
        let mut columns = Columns::default();
        for item in items {
            columns.received_us.push(item.received_us);
            columns.channel.push(&item.channel);
            columns.link.push(&item.link);
            columns.meta.push(&item.meta);
            columns.body.push(&item.body);
            columns.hash.push(item.reporter.as_ref().map(|reporter| reporter.hash.as_slice()));
            columns.sealed.push(item.reporter.as_ref().map(|reporter| reporter.sealed.as_slice()));
        }
        columns
    }
}

impl Database {
    pub(crate) async fn append_intake(&self, items: &[NewIntake]) -> Result<i64, StoreError> {
        if items.is_empty() {
            return Ok(self.intake_end().await? + 1);
        }
        self.append(None, items).await
    }

    pub(crate) async fn append_intake_batch(
        &self,
        batch: Uuid,
        items: &[NewIntake],
    ) -> Result<i64, StoreError> {
        match self.append(Some(batch), items).await {
            // It was stored the time before, or is stored by now. A commit whose wait for the standby was broken off
            // is on this server alone: a write of our own waits until the standby has both.
            Err(StoreError::AlreadyExists) => Ok(sqlx::query_scalar(
                "UPDATE intake_batch SET at_us = now_us() WHERE id = $1 RETURNING first",
            )
            .bind(batch)
            .fetch_one(&self.intake_pool())
            .await?),
            appended => appended,
        }
    }

    async fn append(&self, batch: Option<Uuid>, items: &[NewIntake]) -> Result<i64, StoreError> {
        let first = match self.append_at_once(batch, items).await {
            Err(error) if error.is_without_partition() => {
                let end = self.intake_end().await?;
                self.ensure_intake(end + count(items)).await?;
                self.append_at_once(batch, items).await?
            }
            appended => appended?,
        };
        // What is stored is stored: trouble here is trouble of a later append, which says so.
        if let Err(error) = self.ensure_intake(first + count(items)).await {
            tracing::warn!(%error, "the next partition of the intake log could not be made yet");
        }
        if self.shared.appends.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1
            && let Err(error) = self.forget_batches().await
        {
            tracing::warn!(%error, "old batches of the intake log could not be forgotten yet");
        }
        Ok(first)
    }

    async fn append_at_once(&self, batch: Option<Uuid>, items: &[NewIntake]) -> Result<i64, StoreError> {
        let columns = Columns::of(items);
        let pool = self.intake_pool();
        let append = sqlx::query_scalar(APPEND)
            .bind(count(items))
            .bind(batch)
            .bind(columns.received_us)
            .bind(columns.channel)
            .bind(columns.link)
            .bind(columns.meta)
            .bind(columns.body)
            .bind(columns.hash)
            .bind(columns.sealed)
            .fetch_one(&pool);
        let appended = tokio::time::timeout(APPEND_WITHIN, append).await;
        Ok(appended.map_err(|_| primary::no_answer())??)
    }

    pub(super) async fn forget_batches(&self) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM intake_batch WHERE at_us < now_us() - $1")
            .bind(REMEMBERED_US)
            .execute(&self.pool())
            .await?;
        Ok(())
    }

    pub(crate) async fn read_intake(&self, after: i64, limit: i64) -> Result<Vec<IntakeRow>, StoreError> {
        Ok(sqlx::query_as("SELECT * FROM intake WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(after)
            .bind(limit)
            .fetch_all(&self.pool())
            .await?)
    }

    pub(crate) async fn intake_rows(&self, seqs: &[i64]) -> Result<Vec<IntakeRow>, StoreError> {
        if seqs.is_empty() {
            return Ok(Vec::new());
        }
        Ok(sqlx::query_as("SELECT * FROM intake WHERE seq = ANY($1) ORDER BY seq")
            .bind(seqs)
            .fetch_all(&self.pool())
            .await?)
    }

    pub(crate) async fn intake_end(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar("SELECT seq FROM intake_counter").fetch_one(&self.pool()).await?)
    }
}

fn count(items: &[NewIntake]) -> i64 {
    i64::try_from(items.len()).unwrap_or(i64::MAX)
}

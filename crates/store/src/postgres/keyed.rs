//! Appending to the intake log under names of the senders', each name once.
//!
//! What is known is looked up first; what is new goes in by one statement that commits by itself, as for the log
//! alone. Two that send the same name at once both find it new: the second then breaks the rule that names differ,
//! nothing of it is kept, and it looks again.

use std::collections::HashMap;

use uuid::Uuid;

use super::intake::{APPEND_WITHIN, Columns};
use super::{Database, primary};
use crate::{IntakeKey, Keyed, KeyedIntake, StoreError};

/// Times a batch looks again because another stored one of its names in between.
const LOOKS: u32 = 20;

const APPEND: &str = "WITH place AS (
        UPDATE intake_counter SET seq = seq + $1 RETURNING seq - $1 AS before
    ), named AS (
        INSERT INTO intake_key (scope, key, digest, id, seq, note, at_us, expires_us)
        SELECT item.scope, item.key, item.digest, item.id, place.before + item.n, item.note, item.at_us,
            item.expires_us
        FROM place, unnest($2, $3, $4, $5, $6, $7, $8) WITH ORDINALITY
            AS item (scope, key, digest, id, note, at_us, expires_us, n)
    ), stored AS (
        INSERT INTO intake (seq, received_us, channel, link, meta, body, reporter_hash, reporter_sealed)
        SELECT place.before + item.n, item.received_us, item.channel, item.link, item.meta, item.body, item.hash,
            item.sealed
        FROM place, unnest($9, $10, $11, $12, $13, $14, $15) WITH ORDINALITY
            AS item (received_us, channel, link, meta, body, hash, sealed, n)
    )
    SELECT before + 1 FROM place";

type Name = (String, Vec<u8>);

impl Database {
    pub(crate) async fn append_keyed_intake(
        &self,
        items: &[KeyedIntake],
        now_us: i64,
    ) -> Result<Vec<Keyed>, StoreError> {
        for _ in 0..LOOKS {
            let known = self.known_names(items, now_us).await?;
            match self.append_fresh(items, &known).await {
                Err(StoreError::AlreadyExists) => {}
                Err(error) if error.is_without_partition() => {
                    let end = self.intake_end().await?;
                    self.ensure_intake(end + count(items.len())).await?;
                }
                done => return done,
            }
        }
        Err(StoreError::Conflict)
    }

    pub(crate) async fn intake_key(&self, scope: &str, id: Uuid) -> Result<Option<IntakeKey>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT scope, key, digest, id, seq, note, at_us FROM intake_key WHERE id = $1 AND scope = $2",
        )
        .bind(id)
        .bind(scope)
        .fetch_optional(&self.pool())
        .await?)
    }

    pub(crate) async fn forget_intake_keys(&self, now_us: i64, limit: i64) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "DELETE FROM intake_key WHERE (scope, key) IN (SELECT scope, key FROM intake_key
                 WHERE expires_us <= $1 ORDER BY expires_us LIMIT $2)",
        )
        .bind(now_us)
        .bind(limit)
        .execute(&self.pool())
        .await?;
        Ok(done.rows_affected())
    }

    /// The names that are known; those whose time is over are forgotten on the way.
    async fn known_names(
        &self,
        items: &[KeyedIntake],
        now_us: i64,
    ) -> Result<HashMap<Name, IntakeKey>, StoreError> {
        let scopes: Vec<&str> = items.iter().map(|item| item.scope.as_str()).collect();
        let keys: Vec<&[u8]> = items.iter().map(|item| item.key.as_slice()).collect();
        let rows: Vec<IntakeKey> = sqlx::query_as(
            "WITH asked AS (SELECT DISTINCT * FROM unnest($1, $2) AS asked (scope, key)), over AS (
                 DELETE FROM intake_key k USING asked
                 WHERE k.scope = asked.scope AND k.key = asked.key AND k.expires_us <= $3
             )
             SELECT k.scope, k.key, k.digest, k.id, k.seq, k.note, k.at_us FROM intake_key k
             JOIN asked ON k.scope = asked.scope AND k.key = asked.key
             WHERE k.expires_us IS NULL OR k.expires_us > $3",
        )
        .bind(scopes)
        .bind(keys)
        .bind(now_us)
        .fetch_all(&self.pool())
        .await?;
        Ok(rows.into_iter().map(|row| ((row.scope.clone(), row.key.clone()), row)).collect())
    }

    async fn append_fresh(
        &self,
        items: &[KeyedIntake],
        known: &HashMap<Name, IntakeKey>,
    ) -> Result<Vec<Keyed>, StoreError> {
        // Where in the batch a name stands first.
        let mut first_of: HashMap<(&str, &[u8]), usize> = HashMap::new();
        let mut fresh: Vec<&KeyedIntake> = Vec::new();
        for item in items {
            let is_known = known.contains_key(&(item.scope.clone(), item.key.clone()));
            let name = (item.scope.as_str(), item.key.as_slice());
            if !is_known && !first_of.contains_key(&name) {
                first_of.insert(name, fresh.len());
                fresh.push(item);
            }
        }
        let first = if fresh.is_empty() { 0 } else { self.append_named(&fresh).await? };
        let mut told = vec![false; fresh.len()];
        let outcomes = items.iter().map(|item| {
            if let Some(key) = known.get(&(item.scope.clone(), item.key.clone())) {
                return if key.digest == item.digest { Keyed::Known(key.clone()) } else { Keyed::Differs };
            }
            let Some(at) = first_of.get(&(item.scope.as_str(), item.key.as_slice())).copied() else {
                return Keyed::Differs;
            };
            let (seq, stored) = (first + count(at), fresh[at]);
            match std::mem::replace(&mut told[at], true) {
                false => Keyed::Stored { seq },
                true if stored.digest == item.digest => Keyed::Known(remembered(stored, seq)),
                true => Keyed::Differs,
            }
        });
        Ok(outcomes.collect())
    }

    async fn append_named(&self, fresh: &[&KeyedIntake]) -> Result<i64, StoreError> {
        let columns = Columns::of(fresh.iter().map(|item| &item.item));
        let pool = self.intake_pool();
        let append = sqlx::query_scalar(APPEND)
            .bind(count(fresh.len()))
            .bind(fresh.iter().map(|item| item.scope.as_str()).collect::<Vec<_>>())
            .bind(fresh.iter().map(|item| item.key.as_slice()).collect::<Vec<_>>())
            .bind(fresh.iter().map(|item| item.digest.as_slice()).collect::<Vec<_>>())
            .bind(fresh.iter().map(|item| item.id).collect::<Vec<_>>())
            .bind(fresh.iter().map(|item| item.note.as_slice()).collect::<Vec<_>>())
            .bind(fresh.iter().map(|item| item.item.received_us).collect::<Vec<_>>())
            .bind(fresh.iter().map(|item| item.expires_us).collect::<Vec<_>>())
            .bind(columns.received_us)
            .bind(columns.channel)
            .bind(columns.link)
            .bind(columns.meta)
            .bind(columns.body)
            .bind(columns.hash)
            .bind(columns.sealed)
            .fetch_one(&pool);
        let appended = tokio::time::timeout(APPEND_WITHIN, append).await;
        let first: i64 = appended.map_err(|_| primary::no_answer())??;
        if let Err(error) = self.ensure_intake(first + count(fresh.len())).await {
            tracing::warn!(%error, "the next partition of the intake log could not be made yet");
        }
        Ok(first)
    }
}

fn remembered(item: &KeyedIntake, seq: i64) -> IntakeKey {
    IntakeKey {
        scope: item.scope.clone(),
        key: item.key.clone(),
        digest: item.digest.clone(),
        id: item.id,
        seq,
        note: item.note.clone(),
        at_us: item.item.received_us,
    }
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

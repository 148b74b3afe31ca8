//! Appending to the intake log under names of the senders', each name once.

use std::collections::HashMap;

use sqlx::{QueryBuilder, Sqlite, Transaction};
use uuid::Uuid;

use super::Database;
use crate::{IntakeKey, Keyed, KeyedIntake, StoreError};

/// Names of one statement: two parameters each to look up, eight to insert.
const NAMES_PER_STATEMENT: usize = 500;

const COLUMNS: &str = "scope, key, digest, id, seq, note, at_us";

impl Database {
    pub(crate) async fn append_keyed_intake(
        &self,
        items: &[KeyedIntake],
        now_us: i64,
    ) -> Result<Vec<Keyed>, StoreError> {
        let _alone = self.hold_appending().await;
        let mut tx = self.intake.begin_with("BEGIN IMMEDIATE").await?;
        let mut known = HashMap::new();
        for chunk in items.chunks(NAMES_PER_STATEMENT) {
            look_up(&mut tx, chunk, now_us, &mut known).await?;
        }
        let last: Option<i64> = sqlx::query_scalar("SELECT MAX(seq) FROM intake").fetch_one(&mut *tx).await?;
        let first = last.unwrap_or(0) + 1;
        let mut fresh: Vec<(i64, &KeyedIntake)> = Vec::new();
        let mut outcomes = Vec::with_capacity(items.len());
        for item in items {
            let name = (item.scope.clone(), item.key.clone());
            match known.get(&name) {
                Some(key) if key.digest == item.digest => outcomes.push(Keyed::Known(key.clone())),
                Some(_) => outcomes.push(Keyed::Differs),
                None => {
                    let seq = (first..).nth(fresh.len()).unwrap_or(i64::MAX);
                    fresh.push((seq, item));
                    // The same name later in this batch meets this one.
                    known.insert(name, remembered(item, seq));
                    outcomes.push(Keyed::Stored { seq });
                }
            }
        }
        if !fresh.is_empty() {
            append(&mut tx, &fresh).await?;
            insert_keys(&mut tx, &fresh).await?;
        }
        tx.commit().await?;
        Ok(outcomes)
    }

    pub(crate) async fn intake_key(&self, scope: &str, id: Uuid) -> Result<Option<IntakeKey>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT scope, key, digest, id, seq, note, at_us FROM intake_key WHERE id = $1 AND scope = $2",
        )
        .bind(id)
        .bind(scope)
        .fetch_optional(&self.intake_readers)
        .await?)
    }

    pub(crate) async fn forget_intake_keys(&self, now_us: i64, limit: i64) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "DELETE FROM intake_key WHERE (scope, key) IN (SELECT scope, key FROM intake_key
                 WHERE expires_us IS NOT NULL AND expires_us <= $1 ORDER BY expires_us LIMIT $2)",
        )
        .bind(now_us)
        .bind(limit)
        .execute(&self.intake)
        .await?;
        Ok(done.rows_affected())
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

async fn look_up(
    tx: &mut Transaction<'static, Sqlite>,
    items: &[KeyedIntake],
    now_us: i64,
    known: &mut HashMap<(String, Vec<u8>), IntakeKey>,
) -> Result<(), StoreError> {
    let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
    query.push(COLUMNS).push(" FROM intake_key WHERE (expires_us IS NULL OR expires_us > ");
    query.push_bind(now_us).push(") AND (scope, key) IN (");
    query.push_values(items, |mut name, item| {
        name.push_bind(&item.scope).push_bind(&item.key);
    });
    query.push(")");
    let rows: Vec<IntakeKey> = query.build_query_as().fetch_all(&mut **tx).await?;
    known.extend(rows.into_iter().map(|row| ((row.scope.clone(), row.key.clone()), row)));
    Ok(())
}

/// Writes rows of the log at their places.
async fn append(
    tx: &mut Transaction<'static, Sqlite>,
    fresh: &[(i64, &KeyedIntake)],
) -> Result<(), StoreError> {
    for chunk in fresh.chunks(NAMES_PER_STATEMENT) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT INTO intake (seq, received_us, channel, link, meta, body, reporter_hash, reporter_sealed) ",
        );
        query.push_values(chunk, |mut row, (seq, keyed)| {
            let item = &keyed.item;
            row.push_bind(*seq)
                .push_bind(item.received_us)
                .push_bind(&item.channel)
                .push_bind(&item.link)
                .push_bind(&item.meta)
                .push_bind(&item.body)
                .push_bind(item.reporter.as_ref().map(|reporter| &reporter.hash))
                .push_bind(item.reporter.as_ref().map(|reporter| &reporter.sealed));
        });
        query.build().execute(&mut **tx).await?;
    }
    Ok(())
}

async fn insert_keys(
    tx: &mut Transaction<'static, Sqlite>,
    fresh: &[(i64, &KeyedIntake)],
) -> Result<(), StoreError> {
    for chunk in fresh.chunks(NAMES_PER_STATEMENT) {
        // Whatever stands there under the same name is over, or it would have been found.
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT OR REPLACE INTO intake_key (scope, key, digest, id, seq, note, at_us, expires_us) ",
        );
        query.push_values(chunk, |mut row, (seq, item)| {
            row.push_bind(&item.scope).push_bind(&item.key).push_bind(&item.digest).push_bind(item.id);
            row.push_bind(*seq).push_bind(&item.note).push_bind(item.item.received_us);
            row.push_bind(item.expires_us);
        });
        query.build().execute(&mut **tx).await?;
    }
    Ok(())
}

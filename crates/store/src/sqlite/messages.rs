//! The outbox of SMS. Sending cannot be made idempotent: a message is marked *sending* durably
//! before it leaves; what is still *sending* after a crash is *uncertain* and is not sent again.

use sqlx::{QueryBuilder, Sqlite, Transaction};
use uuid::Uuid;

use super::Database;
use super::instances::NOW;
use crate::written::bulletin_of;
use crate::{Count, DeliveryReceipt, MessageRow, NewMessage, Page, ReplyLimit, SendOutcome, StoreError};

/// Columns of [`MessageRow`].
const COLUMNS: &str = "seq, purpose, object, to_hash, to_sealed, text, link, from_code, state, attempts, error, created_us, sent_us, done_us";

/// A receipt that came before the answer that names its message waits for it this long: answers come
/// within seconds, and operators count their ids round.
const PARKED_LIMIT_US: i64 = 60 * 60 * 1_000_000;
/// Why a message of a withdrawn warning failed.
pub(super) const WITHDRAWN: &str = "warning withdrawn";

impl Database {
    pub(crate) async fn add_messages(
        &self,
        messages: &[NewMessage],
        limit: Option<&ReplyLimit>,
        now_us: i64,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for message in messages {
            insert_message(&mut tx, message, limit, now_us).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn claim_messages(
        &self,
        link: &str,
        sender: Uuid,
        limit: i64,
        now_us: i64,
    ) -> Result<Vec<MessageRow>, StoreError> {
        let due: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM (SELECT 1 FROM message WHERE state = 'planned' AND link = $1 AND run_us <= $2 LIMIT 1)",
        )
        .bind(link)
        .bind(now_us)
        .fetch_one(&self.readers)
        .await?;
        if due == 0 {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::<Sqlite>::new(
            "UPDATE message SET state = 'sending', attempts = attempts + 1, sender = ",
        );
        query.push_bind(sender);
        query.push(" WHERE seq IN (SELECT seq FROM message WHERE state = 'planned' AND link = ");
        query.push_bind(link).push(" AND run_us <= ").push_bind(now_us).push(" ORDER BY run_us, seq LIMIT ");
        query.push_bind(limit).push(") RETURNING ").push(COLUMNS);
        let mut rows: Vec<MessageRow> = query.build_query_as().fetch_all(&self.state).await?;
        rows.sort_by_key(|row| row.seq);
        Ok(rows)
    }

    pub(crate) async fn finish_messages(
        &self,
        link: &str,
        outcomes: &[(i64, SendOutcome)],
        now_us: i64,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for (seq, outcome) in outcomes {
            match outcome {
                SendOutcome::Sent { remote_id } => mark_sent(&mut tx, link, *seq, remote_id, now_us).await?,
                SendOutcome::Retry { run_us, error } => {
                    plan_again(&mut tx, link, *seq, *run_us, error, now_us).await?
                }
                SendOutcome::Failed { error } => {
                    mark_ended(&mut tx, link, *seq, "failed", error, now_us).await?
                }
                SendOutcome::Uncertain { error } => {
                    mark_ended(&mut tx, link, *seq, "uncertain", error, now_us).await?
                }
            }
        }
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn mark_interrupted_messages(&self, now_us: i64) -> Result<u64, StoreError> {
        let done = sqlx::query(sqlx::AssertSqlSafe(format!(
            "UPDATE message SET state = 'uncertain', error = 'interrupted while sending', done_us = $1
             WHERE state = 'sending' AND NOT EXISTS
                 (SELECT 1 FROM instance WHERE id = message.sender AND until_us > {NOW})"
        )))
        .bind(now_us)
        .execute(&self.state)
        .await?;
        Ok(done.rows_affected())
    }

    pub(crate) async fn note_receipt(
        &self,
        receipt: &DeliveryReceipt,
        now_us: i64,
    ) -> Result<(), StoreError> {
        if !receipt.is_final && !receipt.is_delivered {
            return Ok(());
        }
        let state = if receipt.is_delivered { "delivered" } else { "failed" };
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE message SET state = $3, error = $4, done_us = $5
             WHERE seq = (SELECT MAX(seq) FROM message WHERE link = $1 AND remote_id = $2)
                 AND state IN ('sent', 'uncertain')",
        )
        .bind(&receipt.link)
        .bind(&receipt.remote_id)
        .bind(state)
        .bind(&receipt.error)
        .bind(now_us)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            park(&mut tx, receipt, state, now_us).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn known_remote_id(
        &self,
        link: &str,
        candidates: &[String],
    ) -> Result<Option<String>, StoreError> {
        for candidate in candidates {
            let known: Option<i64> =
                sqlx::query_scalar("SELECT seq FROM message WHERE link = $1 AND remote_id = $2 LIMIT 1")
                    .bind(link)
                    .bind(candidate)
                    .fetch_optional(&self.readers)
                    .await?;
            if known.is_some() {
                return Ok(Some(candidate.clone()));
            }
        }
        Ok(None)
    }

    pub(crate) async fn messages(&self, states: &[&str], page: Page) -> Result<Vec<MessageRow>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
        query.push(COLUMNS).push(" FROM message");
        if !states.is_empty() {
            query.push(" WHERE state IN (");
            let mut list = query.separated(", ");
            for state in states {
                list.push_bind(*state);
            }
            query.push(")");
        }
        query
            .push(" ORDER BY seq DESC LIMIT ")
            .push_bind(page.rows())
            .push(" OFFSET ")
            .push_bind(page.left_out());
        Ok(query.build_query_as().fetch_all(&self.readers).await?)
    }

    pub(crate) async fn messages_about(
        &self,
        object: &str,
        page: Page,
    ) -> Result<Vec<MessageRow>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
        query.push(COLUMNS).push(" FROM message WHERE object = ").push_bind(object);
        query.push(" ORDER BY seq LIMIT ").push_bind(page.rows()).push(" OFFSET ").push_bind(page.left_out());
        Ok(query.build_query_as().fetch_all(&self.readers).await?)
    }

    pub(crate) async fn message_counts(&self, object: &str) -> Result<Vec<Count>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT state AS label, COUNT(*) AS count FROM message WHERE object = $1 GROUP BY state ORDER BY state",
        )
        .bind(object)
        .fetch_all(&self.readers)
        .await?)
    }

    pub(crate) async fn messages_planned(&self) -> Result<Vec<Count>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT link AS label, COUNT(*) AS count FROM message WHERE state = 'planned' GROUP BY link",
        )
        .fetch_all(&self.readers)
        .await?)
    }
}

/// Inserts a message once; with a limit, counts what its recipient was sent today first.
pub(super) async fn insert_message(
    tx: &mut Transaction<'static, Sqlite>,
    message: &NewMessage,
    limit: Option<&ReplyLimit>,
    now_us: i64,
) -> Result<(), StoreError> {
    let text = match limit {
        None => &message.text,
        Some(limit) => {
            let sent_today: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM message WHERE to_hash = $1 AND created_us >= $2 AND purpose IN ('reply', 'code')",
            )
            .bind(&message.to.hash)
            .bind(limit.day_start_us)
            .fetch_one(&mut **tx)
            .await?;
            if sent_today >= limit.per_day {
                return Ok(());
            }
            if sent_today == limit.per_day - 1 { &limit.last_text } else { &message.text }
        }
    };
    sqlx::query(
        "INSERT INTO message (unique_key, purpose, object, to_hash, to_sealed, text, link, from_code, state,
             run_us, attempts, created_us)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, 'planned', $9, 0, $10
             WHERE NOT EXISTS (SELECT 1 FROM bulletin WHERE id = $11 AND state = 'cancelled')
         ON CONFLICT (unique_key) DO NOTHING",
    )
    .bind(&message.unique_key)
    .bind(&message.purpose)
    .bind(&message.object)
    .bind(&message.to.hash)
    .bind(&message.to.sealed)
    .bind(text)
    .bind(&message.link)
    .bind(&message.from_code)
    .bind(message.run_us)
    .bind(now_us)
    .bind(bulletin_of(&message.object))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn plan_again(
    tx: &mut Transaction<'static, Sqlite>,
    link: &str,
    seq: i64,
    run_us: i64,
    error: &str,
    now_us: i64,
) -> Result<(), StoreError> {
    let object: Option<String> = sqlx::query_scalar(
        "UPDATE message SET state = 'planned', run_us = $3, error = $4
         WHERE seq = $1 AND link = $2 AND state = 'sending' RETURNING object",
    )
    .bind(seq)
    .bind(link)
    .bind(run_us)
    .bind(error)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(bulletin) = object.as_deref().and_then(bulletin_of) else { return Ok(()) };
    sqlx::query(
        "UPDATE message SET state = 'failed', error = $3, done_us = $4
         WHERE seq = $1 AND EXISTS (SELECT 1 FROM bulletin WHERE id = $2 AND state = 'cancelled')",
    )
    .bind(seq)
    .bind(bulletin)
    .bind(WITHDRAWN)
    .bind(now_us)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Keeps a receipt for the answer that will name its message, unless that message is known and settled.
async fn park(
    tx: &mut Transaction<'static, Sqlite>,
    receipt: &DeliveryReceipt,
    state: &str,
    now_us: i64,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM parked_receipt WHERE at_us < $1")
        .bind(now_us - PARKED_LIMIT_US)
        .execute(&mut **tx)
        .await?;
    sqlx::query(
        "INSERT INTO parked_receipt (link, remote_id, state, error, at_us) SELECT $1, $2, $3, $4, $5
             WHERE NOT EXISTS (SELECT 1 FROM message WHERE link = $1 AND remote_id = $2)
         ON CONFLICT (link, remote_id) DO UPDATE SET state = excluded.state, error = excluded.error,
             at_us = excluded.at_us",
    )
    .bind(&receipt.link)
    .bind(&receipt.remote_id)
    .bind(state)
    .bind(&receipt.error)
    .bind(now_us)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn mark_sent(
    tx: &mut Transaction<'static, Sqlite>,
    link: &str,
    seq: i64,
    remote_id: &str,
    now_us: i64,
) -> Result<(), StoreError> {
    let parked: Option<(String, Option<String>, i64)> = sqlx::query_as(
        "DELETE FROM parked_receipt WHERE link = $1 AND remote_id = $2 RETURNING state, error, at_us",
    )
    .bind(link)
    .bind(remote_id)
    .fetch_optional(&mut **tx)
    .await?;
    let (state, error, done_us) = match parked {
        Some((state, error, at_us)) if at_us >= now_us - PARKED_LIMIT_US => (state, error, Some(now_us)),
        _ => ("sent".to_owned(), None, None),
    };
    sqlx::query(
        "UPDATE message SET state = $2, remote_id = $3, error = $4, sent_us = $5, done_us = $6
         WHERE seq = $1 AND link = $7 AND state IN ('sending', 'uncertain')",
    )
    .bind(seq)
    .bind(state)
    .bind(remote_id)
    .bind(error)
    .bind(now_us)
    .bind(done_us)
    .bind(link)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn mark_ended(
    tx: &mut Transaction<'static, Sqlite>,
    link: &str,
    seq: i64,
    state: &str,
    error: &str,
    now_us: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE message SET state = $2, error = $3, done_us = $4
         WHERE seq = $1 AND link = $5 AND state IN ('sending', 'uncertain')",
    )
    .bind(seq)
    .bind(state)
    .bind(error)
    .bind(now_us)
    .bind(link)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

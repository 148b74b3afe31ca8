//! The outbox of SMS. Sending cannot be made idempotent: a message is marked *sending* durably
//! before it leaves; what is still *sending* after a crash is *uncertain* and is not sent again.

use sqlx::{Postgres, QueryBuilder, Transaction};
use uuid::Uuid;

use super::words::{some_words, words};
use super::{Database, locks};
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
        insert_messages(&mut tx, messages, limit, now_us).await?;
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
        let mut query = QueryBuilder::<Postgres>::new(
            "UPDATE message SET state = 'sending', attempts = attempts + 1, sender = ",
        );
        query.push_bind(sender);
        query.push(" WHERE seq = ANY(ARRAY(SELECT seq FROM message WHERE state = 'planned' AND link = ");
        query.push_bind(link).push(" AND run_us <= ").push_bind(now_us).push(" ORDER BY run_us, seq LIMIT ");
        query.push_bind(limit).push(" FOR UPDATE SKIP LOCKED)) RETURNING ").push(COLUMNS);
        let mut rows: Vec<MessageRow> = query.build_query_as().fetch_all(&self.pool()).await?;
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
        let mut outcomes: Vec<&(i64, SendOutcome)> = outcomes.iter().collect();
        outcomes.sort_by_key(|(seq, _)| *seq);
        let ids: Vec<&str> = outcomes
            .iter()
            .filter_map(|(_, outcome)| match outcome {
                SendOutcome::Sent { remote_id } => Some(remote_id.as_str()),
                _ => None,
            })
            .collect();
        locks::remote_ids(&mut tx, link, &ids).await?;
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
        let done = sqlx::query(
            "UPDATE message SET state = 'uncertain', error = 'interrupted while sending', done_us = $1
             WHERE state = 'sending' AND NOT EXISTS
                 (SELECT 1 FROM instance WHERE id = message.sender AND until_us > now_us())",
        )
        .bind(now_us)
        .execute(&self.pool())
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
        // The answer that names the message may be on its way: one of the two comes first and is seen.
        locks::remote_ids(&mut tx, &receipt.link, &[&receipt.remote_id]).await?;
        let done = sqlx::query(
            "UPDATE message SET state = $3, error = $4, done_us = $5
             WHERE seq = (SELECT MAX(seq) FROM message WHERE link = $1 AND remote_id = $2)
                 AND state IN ('sent', 'uncertain')",
        )
        .bind(&receipt.link)
        .bind(&receipt.remote_id)
        .bind(state)
        .bind(some_words(&receipt.error))
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
                    .fetch_optional(&self.pool())
                    .await?;
            if known.is_some() {
                return Ok(Some(candidate.clone()));
            }
        }
        Ok(None)
    }

    pub(crate) async fn messages(&self, states: &[&str], page: Page) -> Result<Vec<MessageRow>, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new("SELECT ");
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
        Ok(query.build_query_as().fetch_all(&self.pool()).await?)
    }

    pub(crate) async fn messages_about(
        &self,
        object: &str,
        page: Page,
    ) -> Result<Vec<MessageRow>, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new("SELECT ");
        query.push(COLUMNS).push(" FROM message WHERE object = ").push_bind(object);
        query.push(" ORDER BY seq LIMIT ").push_bind(page.rows()).push(" OFFSET ").push_bind(page.left_out());
        Ok(query.build_query_as().fetch_all(&self.pool()).await?)
    }

    pub(crate) async fn message_counts(&self, object: &str) -> Result<Vec<Count>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT state AS label, COUNT(*) AS count FROM message WHERE object = $1 GROUP BY state ORDER BY state",
        )
        .bind(object)
        .fetch_all(&self.pool())
        .await?)
    }

    pub(crate) async fn messages_planned(&self) -> Result<Vec<Count>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT link AS label, COUNT(*) AS count FROM message WHERE state = 'planned' GROUP BY link",
        )
        .fetch_all(&self.pool())
        .await?)
    }
}

/// Inserts messages once; with a limit, whoever else counts what their recipients were sent waits.
pub(super) async fn insert_messages(
    tx: &mut Transaction<'_, Postgres>,
    messages: &[NewMessage],
    limit: Option<&ReplyLimit>,
    now_us: i64,
) -> Result<(), StoreError> {
    if limit.is_some() {
        let hashes: Vec<Vec<u8>> = messages.iter().map(|message| message.to.hash.clone()).collect();
        locks::recipients(tx, &hashes).await?;
    }
    for message in messages {
        insert_message(tx, message, limit, now_us).await?;
    }
    Ok(())
}

/// Whether the warning that this is about is withdrawn; until the end it stays what it is.
async fn is_withdrawn(tx: &mut Transaction<'_, Postgres>, object: &str) -> Result<bool, StoreError> {
    let Some(bulletin) = bulletin_of(object) else { return Ok(false) };
    let state: Option<String> = sqlx::query_scalar("SELECT state FROM bulletin WHERE id = $1 FOR SHARE")
        .bind(bulletin)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(state.is_some_and(|state| state == "cancelled"))
}

/// Inserts a message once; with a limit, counts what its recipient was sent today first.
async fn insert_message(
    tx: &mut Transaction<'_, Postgres>,
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
    if is_withdrawn(tx, &message.object).await? {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO message (unique_key, purpose, object, to_hash, to_sealed, text, link, from_code, state,
             run_us, attempts, created_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'planned', $9, 0, $10)
         ON CONFLICT (unique_key) DO NOTHING",
    )
    .bind(&message.unique_key)
    .bind(&message.purpose)
    .bind(&message.object)
    .bind(&message.to.hash)
    .bind(&message.to.sealed)
    .bind(words(text))
    .bind(&message.link)
    .bind(&message.from_code)
    .bind(message.run_us)
    .bind(now_us)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn plan_again(
    tx: &mut Transaction<'_, Postgres>,
    link: &str,
    seq: i64,
    run_us: i64,
    error: &str,
    now_us: i64,
) -> Result<(), StoreError> {
    let object: Option<String> = sqlx::query_scalar("SELECT object FROM message WHERE seq = $1")
        .bind(seq)
        .fetch_optional(&mut **tx)
        .await?;
    // The warning before its message: whoever withdraws it locks them in this order.
    let is_withdrawn = match &object {
        Some(object) => is_withdrawn(tx, object).await?,
        None => false,
    };
    sqlx::query(
        "UPDATE message SET state = CASE WHEN $5 THEN 'failed' ELSE 'planned' END, run_us = $3,
             error = CASE WHEN $5 THEN $6 ELSE $4 END, done_us = CASE WHEN $5 THEN $7 ELSE done_us END
         WHERE seq = $1 AND link = $2 AND state = 'sending'",
    )
    .bind(seq)
    .bind(link)
    .bind(run_us)
    .bind(words(error))
    .bind(is_withdrawn)
    .bind(WITHDRAWN)
    .bind(now_us)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Keeps a receipt for the answer that will name its message, unless that message is known and settled.
async fn park(
    tx: &mut Transaction<'_, Postgres>,
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
    .bind(some_words(&receipt.error))
    .bind(now_us)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn mark_sent(
    tx: &mut Transaction<'_, Postgres>,
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
    tx: &mut Transaction<'_, Postgres>,
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
    .bind(words(error))
    .bind(now_us)
    .bind(link)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

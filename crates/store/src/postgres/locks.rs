//! Locks on what has no row to lock yet; held until the transaction ends.

use sqlx::{Postgres, Transaction};

use crate::StoreError;

/// Numbers of cases are given one after the other.
const CASES: i64 = 0x6361_7365;
/// Kinds of keyed locks.
const RECIPIENT: i32 = 1;
const REMOTE_ID: i32 = 2;

/// Whoever may open cases.
pub(super) async fn cases(tx: &mut Transaction<'_, Postgres>) -> Result<(), StoreError> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(CASES).execute(&mut **tx).await?;
    Ok(())
}

/// Whoever counts what these numbers were sent.
pub(super) async fn recipients(
    tx: &mut Transaction<'_, Postgres>,
    hashes: &[Vec<u8>],
) -> Result<(), StoreError> {
    sqlx::query(
        "SELECT pg_advisory_xact_lock($1, key)
         FROM (SELECT DISTINCT hashtext(encode(hash, 'hex')) AS key FROM unnest($2) AS hash ORDER BY 1) AS keys",
    )
    .bind(RECIPIENT)
    .bind(hashes)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whoever brings a receipt and a message of a link together by these ids.
pub(super) async fn remote_ids(
    tx: &mut Transaction<'_, Postgres>,
    link: &str,
    ids: &[&str],
) -> Result<(), StoreError> {
    sqlx::query(
        "SELECT pg_advisory_xact_lock($1, key)
         FROM (SELECT DISTINCT hashtext($2 || ' ' || id) AS key FROM unnest($3) AS id ORDER BY 1) AS keys",
    )
    .bind(REMOTE_ID)
    .bind(link)
    .bind(ids)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

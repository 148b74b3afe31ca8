//! Copies of the two files while the product works on them, and what must hold of such a copy.
//!
//! `VACUUM INTO` reads one moment of a file and lets its writer go on. `state.db` is copied first: the log that
//! follows is then never behind the cursor, and what it has more is projected after a restore.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Row};

use super::BUSY_TIMEOUT;
use crate::StoreError;

/// The two files of a copy, in the order in which they are copied.
pub const SQLITE_FILES: [&str; 2] = ["state.db", "intake.db"];

/// What a copy holds: rows by table.
pub type Counts = BTreeMap<String, i64>;

/// A file of evidence that the state names.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct EvidenceName {
    /// Hash of its bytes.
    pub sha256: Vec<u8>,
    /// Its length.
    pub size: i64,
}

/// Copies both files of `from` into the empty directory `to`, durably. Others may write meanwhile.
///
/// # Errors
/// When there are no such files, a file stands in the way, or the disk is full.
pub async fn copy_sqlite(from: &Path, to: &Path) -> Result<(), StoreError> {
    for name in SQLITE_FILES {
        let target = to.join(name);
        let mut source = SqliteConnection::connect_with(&options(&from.join(name))).await?;
        let path = target.to_str().ok_or(StoreError::Corrupt("path of the copy"))?;
        sqlx::query("VACUUM INTO $1").bind(path).execute(&mut source).await?;
        source.close().await?;
        // SQLite does not wait for the disk here; a backup must.
        File::open(&target)?.sync_all()?;
    }
    Ok(File::open(to)?.sync_all()?)
}

/// Reads a copy through and through: every page and index, every reference between tables, the log against the
/// cursor. Gives the rows of every table. The copy is not changed.
///
/// # Errors
/// [`StoreError::Corrupt`] when a file is damaged; [`StoreError::LogBehind`] when the two are not of one time.
pub async fn check_sqlite(directory: &Path) -> Result<Counts, StoreError> {
    let mut counts = Counts::new();
    for name in SQLITE_FILES {
        let mut copy = open_copy(directory, name).await?;
        let verdict: String = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut copy).await?;
        if verdict != "ok" {
            return Err(StoreError::Corrupt(name));
        }
        if sqlx::query("PRAGMA foreign_key_check").fetch_optional(&mut copy).await?.is_some() {
            return Err(StoreError::Corrupt("a row refers to one that is not there"));
        }
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
                 AND name NOT LIKE '_sqlx_%'",
        )
        .fetch_all(&mut copy)
        .await?;
        for table in tables {
            let count = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM \"{table}\"")));
            counts.insert(format!("{name}:{table}"), count.fetch_one(&mut copy).await?.try_get(0)?);
        }
        copy.close().await?;
    }
    let mut state = open_copy(directory, "state.db").await?;
    let cursor: i64 = sqlx::query_scalar("SELECT seq FROM cursor").fetch_one(&mut state).await?;
    state.close().await?;
    let mut log = open_copy(directory, "intake.db").await?;
    let end: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM intake").fetch_one(&mut log).await?;
    log.close().await?;
    if end < cursor { Err(StoreError::LogBehind { log: end, cursor }) } else { Ok(counts) }
}

/// The evidence that the state of a copy names.
///
/// # Errors
/// What the database said.
pub async fn evidence_of_copy(directory: &Path) -> Result<Vec<EvidenceName>, StoreError> {
    let mut state = open_copy(directory, "state.db").await?;
    let names =
        sqlx::query_as("SELECT sha256, size FROM evidence ORDER BY sha256").fetch_all(&mut state).await?;
    state.close().await?;
    Ok(names)
}

/// Makes a restored state safe to run: messages that waited when the copy was made may have left since, so they are
/// uncertain and nobody gets a second one. Gives how many.
///
/// # Errors
/// What the database said.
pub async fn hold_waiting_messages(directory: &Path, now_us: i64) -> Result<u64, StoreError> {
    let mut state = SqliteConnection::connect_with(&options(&directory.join("state.db"))).await?;
    let done = sqlx::query(
        "UPDATE message SET state = 'uncertain', error = 'waited when the backup was made', done_us = $1
         WHERE state IN ('planned', 'sending')",
    )
    .bind(now_us)
    .execute(&mut state)
    .await?;
    state.close().await?;
    Ok(done.rows_affected())
}

async fn open_copy(directory: &Path, name: &str) -> Result<SqliteConnection, StoreError> {
    // Nobody writes to a copy: no lock, no files beside it.
    let options = options(&directory.join(name)).read_only(true).immutable(true);
    Ok(SqliteConnection::connect_with(&options).await?)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).create_if_missing(false).busy_timeout(BUSY_TIMEOUT)
}

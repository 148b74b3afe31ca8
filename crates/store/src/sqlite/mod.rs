//! SQLite: two files under one data directory, one process that writes.
//!
//! `intake.db` is the append-only log, `state.db` all that is derived from it. Both run in WAL mode
//! with `synchronous = FULL`: a commit that returned survives a power cut. All writes of one file go
//! through a single connection, so that its commit order is the order of its row ids.

mod bulletins;
mod cases;
mod changes;
mod codes;
mod corrections;
mod evidence;
mod figures;
mod intake;
mod jobs;
mod messages;
mod people;
mod project;
mod reports;
mod requests;

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};

use crate::StoreError;

/// Readers at once.
const READERS: u32 = 4;
/// How long a writer waits for the other process (a backup, an export) before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

static INTAKE_MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite/intake");
static STATE_MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite/state");

/// The store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    intake: SqlitePool,
    intake_readers: SqlitePool,
    state: SqlitePool,
    readers: SqlitePool,
}

impl Store {
    /// Opens the two files in `directory`, makes them when they are not there, and brings their
    /// tables up to date.
    ///
    /// # Errors
    /// When the directory cannot be used, a migration fails, or the two files are not of one time.
    pub async fn open(directory: &Path) -> Result<Store, StoreError> {
        std::fs::create_dir_all(directory)?;
        let intake = open_pool(&directory.join("intake.db"), 1).await?;
        INTAKE_MIGRATIONS.run(&intake).await?;
        let state = open_pool(&directory.join("state.db"), 1).await?;
        STATE_MIGRATIONS.run(&state).await?;
        let store = Store {
            intake,
            intake_readers: open_readers(&directory.join("intake.db"), 1).await?,
            state,
            readers: open_readers(&directory.join("state.db"), READERS).await?,
        };
        store.check_log().await?;
        Ok(store)
    }

    /// A log restored from an older copy would give new texts places that count as worked through, and
    /// they would be lost in silence.
    async fn check_log(&self) -> Result<(), StoreError> {
        // The cursor first: the log only grows.
        let cursor = self.cursor().await?;
        let log = self.intake_end().await?;
        if log < cursor { Err(StoreError::LogBehind { log, cursor }) } else { Ok(()) }
    }

    /// Whether both files still answer.
    ///
    /// # Errors
    /// What the database said.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT seq FROM cursor").fetch_one(&self.readers).await?;
        sqlx::query("SELECT 1").fetch_one(&self.intake_readers).await?;
        Ok(())
    }

    /// Closes the files after what is under way has ended.
    pub async fn close(&self) {
        for pool in [&self.intake, &self.intake_readers, &self.readers, &self.state] {
            pool.close().await;
        }
    }

    /// Begins a transaction that may write at once: SQLite's only writer is taken here, not in the
    /// middle, where it could not be waited for.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.state.begin_with("BEGIN IMMEDIATE").await?)
    }
}

async fn open_pool(path: &Path, connections: u32) -> Result<SqlitePool, StoreError> {
    connect(options(path), connections).await
}

/// Connections that cannot write: a change always takes the one writer.
async fn open_readers(path: &Path, connections: u32) -> Result<SqlitePool, StoreError> {
    connect(options(path).pragma("query_only", "ON"), connections).await
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
}

async fn connect(options: SqliteConnectOptions, connections: u32) -> Result<SqlitePool, StoreError> {
    Ok(SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(30))
        .connect_with(options)
        .await?)
}

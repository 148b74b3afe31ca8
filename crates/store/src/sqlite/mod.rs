//! SQLite: two files under one data directory, one process that writes.
//!
//! `intake.db` is the append-only log, `state.db` all that is derived from it. Both run in WAL mode
//! with `synchronous = FULL`: a commit that returned survives a power cut. All writes of one file go
//! through a single connection, so that its commit order is the order of its row ids.

mod backup;
mod budgets;
mod bulletins;
mod cases;
mod changes;
mod codes;
mod corrections;
mod erasure;
mod evidence;
mod figures;
mod instances;
mod intake;
mod jobs;
mod keyed;
mod messages;
mod partners;
mod people;
mod probe;
mod project;
mod purge;
mod reports;
mod requests;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection as _, Sqlite, Transaction};
use tokio::sync::Mutex;

use crate::StoreError;
use intake::{Appender, CHECKPOINT_PATIENCE};

pub use backup::{
    Counts, EvidenceName, SQLITE_FILES, check_sqlite, copy_sqlite, evidence_of_copy, hold_waiting_messages,
};

/// Readers at once.
const READERS: u32 = 4;
/// Memory for pages that the state's writer has read or changed.
const STATE_CACHE_KIB: u32 = 64 * 1024;
/// Pages in the state's journal before they are copied into the file: a page that many batches changed is copied
/// once.
const STATE_CHECKPOINT_PAGES: u32 = 8_000;
/// How long a writer waits for the other process (a backup, an export) before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

static INTAKE_MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite/intake");
static STATE_MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite/state");

/// The two files. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    /// Copies the log's journal into its file; nothing else writes here.
    intake: SqlitePool,
    appender: Arc<Mutex<Appender>>,
    intake_readers: SqlitePool,
    state: SqlitePool,
    readers: SqlitePool,
}

impl Database {
    /// Opens the two files in `directory`, makes them when they are not there, and brings their
    /// tables up to date.
    ///
    /// # Errors
    /// When the directory cannot be used, a migration fails, or the two files are not of one time.
    pub(crate) async fn open(directory: &Path) -> Result<Database, StoreError> {
        std::fs::create_dir_all(directory)?;
        let log = directory.join("intake.db");
        let intake = connect(options(&log).busy_timeout(CHECKPOINT_PATIENCE), 1).await?;
        INTAKE_MIGRATIONS.run(&intake).await?;
        let state = connect(state_writer(&directory.join("state.db")), 1).await?;
        STATE_MIGRATIONS.run(&state).await?;
        let database = Database {
            intake,
            appender: Arc::new(Mutex::new(Appender::new(options(&log)))),
            intake_readers: open_readers(&log, 1).await?,
            state,
            readers: open_readers(&directory.join("state.db"), READERS).await?,
        };
        database.check_log().await?;
        Ok(database)
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
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT seq FROM cursor").fetch_one(&self.readers).await?;
        sqlx::query("SELECT 1").fetch_one(&self.intake_readers).await?;
        Ok(())
    }

    /// Closes the files after what is under way has ended.
    pub(crate) async fn close(&self) {
        self.appender.lock().await.close().await;
        for pool in [&self.intake, &self.intake_readers, &self.readers, &self.state] {
            pool.close().await;
        }
    }

    /// Both files held against every other writer for as long as these last: the log, then the state.
    pub(crate) async fn hold(
        &self,
    ) -> Result<(Transaction<'static, Sqlite>, Transaction<'static, Sqlite>), StoreError> {
        let intake = self.intake.begin_with("BEGIN IMMEDIATE").await?;
        Ok((intake, self.begin().await?))
    }

    /// Begins a transaction that may write at once: SQLite's only writer is taken here, not in the
    /// middle, where it could not be waited for.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.state.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// The state has many indexes: a batch touches thousands of pages, many of them again in the next.
fn state_writer(path: &Path) -> SqliteConnectOptions {
    options(path)
        .pragma("cache_size", format!("-{STATE_CACHE_KIB}"))
        .pragma("wal_autocheckpoint", STATE_CHECKPOINT_PAGES.to_string())
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
        // What is erased is written over, not left in a free page.
        .pragma("secure_delete", "ON")
        .busy_timeout(BUSY_TIMEOUT)
}

async fn connect(options: SqliteConnectOptions, connections: u32) -> Result<SqlitePool, StoreError> {
    Ok(SqlitePoolOptions::new()
        .max_connections(connections)
        // A connection to a file is not lost on the way; asking it each time is a trip to its thread and back.
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(30))
        // SQLite itself rolls a transaction back when the disk is full or fails; the connection still counts
        // it as open and would refuse every further one.
        .before_acquire(|connection, _| {
            let is_fit = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_fit) })
        })
        .connect_with(options)
        .await?)
}

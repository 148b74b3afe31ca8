//! PostgreSQL: one database that several processes share, on one server or on several of which one is primary.
//!
//! Every use case is bounded in time, by the server (its own statements) and here (a peer that no longer
//! answers). When the server is lost the primary is looked for among the hosts; whoever asked is told and asks
//! again. What SQLite keeps by having one writer is kept here by row locks, taken in one order, and by locks on
//! what has no row yet.

mod budgets;
mod bulletins;
mod cases;
mod changes;
mod codes;
pub(crate) mod copy;
mod corrections;
mod erasure;
mod evidence;
mod figures;
mod instances;
mod intake;
mod jobs;
mod keyed;
mod locks;
mod messages;
mod options;
mod partitions;
mod partners;
mod people;
mod primary;
mod probe;
mod project;
mod purge;
mod reports;
mod requests;
pub(crate) mod words;

use std::future::Future;
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sqlx::postgres::PgPool;
use sqlx::{Connection, Postgres, Transaction};

use crate::StoreError;

pub use options::PostgresOptions;

pub(crate) static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");

/// How long a use case may take before its connection is given up. The server ends a statement earlier.
const USE_CASE_LIMIT: Duration = Duration::from_secs(20);
/// How often a transaction that the server undid to end a deadlock is tried again.
const DEADLOCK_TRIES: u32 = 5;

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    options: PostgresOptions,
    pools: RwLock<Pools>,
    /// One search for the primary at a time.
    search: tokio::sync::Mutex<()>,
    /// Where the partitions of the intake log end, as far as known here.
    intake_ends: AtomicI64,
    /// The same of the reports.
    reports_end: AtomicI64,
    appends: AtomicU64,
}

/// Connections to the server that is primary, as far as known.
#[derive(Debug, Clone)]
struct Pools {
    /// Counts changes of the server.
    generation: u64,
    state: PgPool,
    /// Of its own, so that no page keeps a text waiting.
    intake: PgPool,
}

impl Database {
    /// Finds the primary and brings its tables up to date.
    pub(crate) async fn connect(options: &PostgresOptions) -> Result<Database, StoreError> {
        let host = primary::find(options).await?;
        let pools = primary::open(options, host, 0);
        migrate(&pools.state).await?;
        let shared = Shared {
            options: options.clone(),
            pools: RwLock::new(pools),
            search: tokio::sync::Mutex::default(),
            intake_ends: AtomicI64::new(0),
            reports_end: AtomicI64::new(0),
            appends: AtomicU64::new(0),
        };
        let database = Database { shared: Arc::new(shared) };
        database.check_log().await?;
        database.forget_batches().await?;
        Ok(database)
    }

    /// A copy of the log restored alone would give new texts places that count as worked through.
    async fn check_log(&self) -> Result<(), StoreError> {
        let cursor = self.cursor().await?;
        let log = self.intake_end().await?;
        if log < cursor { Err(StoreError::LogBehind { log, cursor }) } else { Ok(()) }
    }

    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT seq FROM cursor").fetch_one(&self.pool()).await?;
        sqlx::query("SELECT seq FROM intake_counter").fetch_one(&self.intake_pool()).await?;
        Ok(())
    }

    pub(crate) async fn close(&self) {
        let pools = self.pools();
        pools.intake.close().await;
        pools.state.close().await;
    }

    /// Runs a use case within its time; again when the server undid it whole; and looks for the primary when
    /// its server was lost.
    pub(crate) async fn bounded<T, F>(&self, mut use_case: impl FnMut() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut tries = 1;
        loop {
            let generation = self.pools().generation;
            let outcome = tokio::time::timeout(USE_CASE_LIMIT, use_case()).await;
            match outcome.unwrap_or_else(|_| Err(primary::no_answer())) {
                Err(error) if error.was_undone() && tries < DEADLOCK_TRIES => tries += 1,
                Err(error) => {
                    if error.is_server_lost() {
                        self.follow(generation).await;
                    }
                    return Err(error);
                }
                done => return done,
            }
        }
    }

    /// Turns to the server that is primary now, unless that has been done since `generation`.
    async fn follow(&self, generation: u64) {
        let Ok(_searching) = self.shared.search.try_lock() else { return };
        if self.pools().generation != generation || self.pools().state.is_closed() {
            return;
        }
        let host = match primary::find(&self.shared.options).await {
            Ok(host) => host,
            Err(error) => {
                tracing::warn!(%error, "no server of the database is primary; it will be looked for again");
                return;
            }
        };
        let fresh = primary::open(&self.shared.options, host, generation + 1);
        let mut pools = self.shared.pools.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *pools, fresh);
        drop(pools);
        tracing::info!("turned to the database server that is primary");
        // Connections that no longer answer must not be waited for.
        tokio::spawn(async move { tokio::join!(old.state.close(), old.intake.close()) });
    }

    fn pools(&self) -> Pools {
        self.shared.pools.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn pool(&self) -> PgPool {
        self.pools().state
    }

    fn intake_pool(&self) -> PgPool {
        self.pools().intake
    }

    /// A connection of its own for a long piece of work, with no limit of time.
    pub(crate) async fn own_connection(&self) -> Result<sqlx::PgConnection, StoreError> {
        let mut own = self.pool().acquire().await?.detach();
        sqlx::raw_sql(
            "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0",
        )
        .execute(&mut own)
        .await?;
        Ok(own)
    }

    async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        Ok(self.pool().begin().await?)
    }
}

/// Brings the tables up to date: however long that takes, and one process at a time.
async fn migrate(pool: &PgPool) -> Result<(), StoreError> {
    let mut own = pool.acquire().await?.detach();
    let encoding: String = sqlx::query_scalar("SHOW server_encoding").fetch_one(&mut own).await?;
    if encoding != "UTF8" {
        return Err(StoreError::Address("that of a database whose encoding is UTF8"));
    }
    sqlx::raw_sql("SET statement_timeout = 0; SET lock_timeout = 0").execute(&mut own).await?;
    MIGRATIONS.run(&mut own).await?;
    own.close().await?;
    Ok(())
}

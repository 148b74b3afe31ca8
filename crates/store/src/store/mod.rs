//! [`Store`]: the use cases, as callers see them, over whichever database is behind.

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

use crate::{PostgresOptions, StoreError, postgres, sqlite};

/// The store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    backend: Backend,
}

/// The database behind a [`Store`].
#[derive(Debug, Clone)]
enum Backend {
    Sqlite(sqlite::Database),
    Postgres(postgres::Database),
}

/// Hands a use case to the database that is behind.
macro_rules! both {
    ($store:expr, $use_case:ident($($argument:expr),*)) => {
        match &$store.backend {
            Backend::Sqlite(database) => database.$use_case($($argument),*).await,
            Backend::Postgres(database) => database.bounded(|| database.$use_case($($argument),*)).await,
        }
    };
}
use both;

impl Store {
    /// Opens the two files of SQLite in `directory`, makes them when they are not there, and brings
    /// their tables up to date.
    ///
    /// # Errors
    /// When the directory cannot be used, a migration fails, or the two files are not of one time.
    pub async fn open(directory: &Path) -> Result<Store, StoreError> {
        Ok(Store { backend: Backend::Sqlite(sqlite::Database::open(directory).await?) })
    }

    /// Connects to PostgreSQL: finds the server that is primary, follows it when it changes, and brings the tables
    /// up to date.
    ///
    /// # Errors
    /// When no server is reachable or primary, or a migration fails.
    pub async fn connect(options: &PostgresOptions) -> Result<Store, StoreError> {
        Ok(Store { backend: Backend::Postgres(postgres::Database::connect(options).await?) })
    }

    /// Whether the database still answers.
    ///
    /// # Errors
    /// What the database said.
    pub async fn ping(&self) -> Result<(), StoreError> {
        both!(self, ping())
    }

    /// Closes the database after what is under way has ended.
    pub async fn close(&self) {
        match &self.backend {
            Backend::Sqlite(database) => database.close().await,
            Backend::Postgres(database) => database.close().await,
        }
    }
}

//! What can go wrong between a use case and the database.

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Someone else changed the row since it was read.
    #[error("changed by someone else in the meantime")]
    Conflict,
    /// No such row, or none for a new row to belong to.
    #[error("not found")]
    NotFound,
    /// A row that must be unique is there already.
    #[error("already exists")]
    AlreadyExists,
    /// A stored value does not read back; names the column, never the value.
    #[error("stored value does not read back: {0}")]
    Corrupt(&'static str),
    /// The intake log ends before the place up to which it was worked through: it is an older copy.
    #[error(
        "the intake log ends at {log} but was worked through up to {cursor}: intake.db is older than \
         state.db, restore both from the same backup"
    )]
    LogBehind {
        /// Where the log ends.
        log: i64,
        /// Where the cursor stands.
        cursor: i64,
    },
    /// The database is newer than this program, or a migration failed.
    #[error("cannot bring the database up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The database refused or is not reachable.
    #[error("database: {0}")]
    Database(#[source] sqlx::Error),
    /// The data directory cannot be used.
    #[error("data directory: {0}")]
    Directory(#[from] std::io::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::RowNotFound => StoreError::NotFound,
            sqlx::Error::Database(inner) if inner.is_unique_violation() => StoreError::AlreadyExists,
            sqlx::Error::Database(inner) if inner.is_foreign_key_violation() => StoreError::NotFound,
            other => StoreError::Database(other),
        }
    }
}

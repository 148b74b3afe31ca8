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
    /// The address of the database is not one; says what it looks like, never what was given.
    #[error("the address of the database must be {0}")]
    Address(&'static str),
    /// None of the database's servers takes changes just now.
    #[error("none of the database's servers is primary")]
    NoPrimary,
    /// What is to be moved needs an empty database; names a table that has rows.
    #[error("the database to move to is not empty: there are rows in {0}")]
    NotEmpty(String),
    /// What was moved does not read back as it was; nothing has been kept of it.
    #[error("what was moved into {0} does not read back as it was; nothing was moved")]
    NotTheSame(String),
    /// The data directory cannot be used.
    #[error("data directory: {0}")]
    Directory(#[from] std::io::Error),
}

/// What is the matter with the database itself, whatever was asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// There is no room for more.
    DiskFull,
    /// The disk below it does not read or write.
    DiskFailing,
    /// A page or a row is not what was written.
    Damaged,
    /// Nobody answers, or not in time.
    Unreachable,
    /// Something else that no other request would fare better with.
    Other,
}

impl StoreError {
    /// What is the matter with the database; `None` when only this request was refused.
    pub fn fault(&self) -> Option<Fault> {
        match self {
            StoreError::Conflict
            | StoreError::NotFound
            | StoreError::AlreadyExists
            | StoreError::NotEmpty(_)
            | StoreError::NotTheSame(_) => None,
            StoreError::Corrupt(_) | StoreError::LogBehind { .. } => Some(Fault::Damaged),
            StoreError::NoPrimary => Some(Fault::Unreachable),
            StoreError::Migration(_) | StoreError::Address(_) => Some(Fault::Other),
            StoreError::Database(error) => Some(fault_of(error)),
            StoreError::Directory(error) if error.kind() == std::io::ErrorKind::StorageFull => {
                Some(Fault::DiskFull)
            }
            StoreError::Directory(_) => Some(Fault::DiskFailing),
        }
    }
}

fn fault_of(error: &sqlx::Error) -> Fault {
    match error {
        sqlx::Error::Database(inner) => inner.code().map_or(Fault::Other, |code| fault_of_code(&code)),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Fault::Unreachable,
        _ => Fault::Other,
    }
}

/// PostgreSQL gives five characters, SQLite a number whose last octet is the kind.
fn fault_of_code(code: &str) -> Fault {
    match code {
        "53100" => return Fault::DiskFull,
        "58030" => return Fault::DiskFailing,
        "XX001" | "XX002" => return Fault::Damaged,
        _ if code.len() == 5 => {
            let is_away = ["08", "57"].iter().any(|class| code.starts_with(class));
            return if is_away { Fault::Unreachable } else { Fault::Other };
        }
        _ => {}
    }
    match code.parse::<u32>().map(|code| code & 0xff) {
        // SQLITE_FULL; SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY; SQLITE_CORRUPT, SQLITE_NOTADB;
        // SQLITE_BUSY and SQLITE_LOCKED.
        Ok(13) => Fault::DiskFull,
        Ok(10 | 14 | 8) => Fault::DiskFailing,
        Ok(11 | 26) => Fault::Damaged,
        Ok(5 | 6) => Fault::Unreachable,
        _ => Fault::Other,
    }
}

impl StoreError {
    /// Whether the database is away or not able just now: the same may work later, and it is not known whether
    /// a commit that failed so was made.
    pub fn is_unavailable(&self) -> bool {
        match self {
            StoreError::Directory(_) | StoreError::NoPrimary => true,
            StoreError::Database(error) => is_unavailable(error),
            _ => false,
        }
    }

    /// The server undid the whole transaction to end a deadlock or to keep an order: the same may be asked at once.
    pub(crate) fn was_undone(&self) -> bool {
        self.code().is_some_and(|code| ["40001", "40P01"].contains(&code.as_str()))
    }

    /// The server went away, is going away, or is no longer primary.
    pub(crate) fn is_server_lost(&self) -> bool {
        match self {
            StoreError::NoPrimary => true,
            StoreError::Database(
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed,
            ) => true,
            _ => self.code().is_some_and(|code| {
                code.starts_with("08") || ["57P01", "57P02", "57P03", "25006"].contains(&code.as_str())
            }),
        }
    }

    /// A row has no partition to go to.
    pub(crate) fn is_without_partition(&self) -> bool {
        self.code().is_some_and(|code| code == "23514")
    }

    fn code(&self) -> Option<String> {
        match self {
            StoreError::Database(sqlx::Error::Database(inner)) => inner.code().map(String::from),
            _ => None,
        }
    }
}

fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // PostgreSQL: connection, resources, operator intervention, read-only after a change of primary, lock or
        // statement time; SQLite: busy, full, I/O error.
        sqlx::Error::Database(inner) => inner.code().is_some_and(|code| {
            ["08", "53", "57", "58"].iter().any(|class| code.len() == 5 && code.starts_with(class))
                || ["25006", "40001", "40P01", "55P03"].contains(&code.as_ref())
                || code.parse::<u32>().is_ok_and(|code| {
                    code < 100_000 && matches!(code & 0xff, 5 | 6 | 10 | 13) && code.to_string().len() < 5
                })
        }),
        _ => false,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_either_database_says_what_is_the_matter() {
        for (code, fault) in [
            ("13", Fault::DiskFull),
            ("53100", Fault::DiskFull),
            // SQLITE_IOERR_FSYNC, SQLITE_IOERR_WRITE.
            ("1034", Fault::DiskFailing),
            ("778", Fault::DiskFailing),
            ("58030", Fault::DiskFailing),
            ("11", Fault::Damaged),
            ("26", Fault::Damaged),
            ("XX001", Fault::Damaged),
            ("57P01", Fault::Unreachable),
            ("08006", Fault::Unreachable),
            ("5", Fault::Unreachable),
            ("1", Fault::Other),
            ("42601", Fault::Other),
        ] {
            assert_eq!(fault_of_code(code), fault, "{code}");
        }
        assert_eq!(StoreError::Conflict.fault(), None, "that is about the request");
    }
}

//! The only crate with SQL.
//!
//! [`Store`] speaks in use cases ([`Store::append_intake`], [`Store::project`], [`Store::change_case`],
//! [`Store::claim_jobs`] …); callers see neither a pool nor a dialect. Behind it is SQLite, in two
//! files (the append-only intake log and the state derived from it) that one process works on, or PostgreSQL,
//! which several processes share. The contract suite in `tests/` says what both must keep.
//!
//! Numbers of reporters arrive here already encrypted, with a keyed hash for matching: the store
//! never sees one in clear.

mod error;
mod model;
mod moving;
mod postgres;
mod sqlite;
mod store;
mod written;

pub use error::{Fault, StoreError};
pub use model::*;
pub use moving::{MovedTable, move_to};
pub use postgres::PostgresOptions;
pub use sqlite::{
    Counts, EvidenceName, SQLITE_FILES, check_sqlite, copy_sqlite, evidence_of_copy, hold_waiting_messages,
};
pub use store::Store;

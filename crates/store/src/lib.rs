//! The only crate with SQL.
//!
//! [`Store`] speaks in use cases ([`Store::append_intake`], [`Store::project`], [`Store::change_case`],
//! [`Store::claim_jobs`] …); callers see neither a pool nor a dialect. Today there is one database,
//! SQLite, in two files: the append-only intake log and the state derived from it. A second database
//! becomes a second module; the contract suite in `tests/` says what both must keep.
//!
//! Numbers of reporters arrive here already encrypted, with a keyed hash for matching: the store
//! never sees one in clear.

mod error;
mod model;
mod sqlite;

pub use error::StoreError;
pub use model::*;
pub use sqlite::Store;

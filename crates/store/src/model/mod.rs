//! What goes into the store and comes out of it: plain records, instants in microseconds UTC.

mod case;
mod instance;
mod intake;
mod keyed;
mod message;
mod people;
mod report;
mod retention;
mod tell;

pub use case::*;
pub use instance::*;
pub use intake::*;
pub use keyed::*;
pub use message::*;
pub use people::*;
pub use report::*;
pub use retention::*;
pub use tell::*;

/// A page of a list: how many rows to leave out and how many to give at most.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Rows left out.
    pub offset: i64,
    /// Rows given at most; never more than [`Page::ROWS_LIMIT`].
    pub limit: i64,
}

impl Page {
    /// Rows one page gives at most, whatever it asks for.
    pub const ROWS_LIMIT: i64 = 1_000;

    pub(crate) fn rows(self) -> i64 {
        self.limit.clamp(0, Page::ROWS_LIMIT)
    }

    pub(crate) fn left_out(self) -> i64 {
        self.offset.max(0)
    }
}

impl Default for Page {
    fn default() -> Self {
        Page { offset: 0, limit: 50 }
    }
}

/// A number of a person, encrypted, with the keyed hash that matches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedNumber {
    /// Keyed hash of the canonical number.
    pub hash: Vec<u8>,
    /// The number, encrypted.
    pub sealed: Vec<u8>,
}

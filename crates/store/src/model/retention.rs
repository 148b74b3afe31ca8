//! What is thrown away when its time is over, and what a citizen asks to be erased.

use canhgiac_domain::retention::DataKind;

use super::Count;

/// One bounded step of a purge.
#[derive(Debug, Clone, Copy)]
pub struct PurgeOrder {
    /// What.
    pub kind: DataKind,
    /// Older than this.
    pub before_us: i64,
    /// Now.
    pub now_us: i64,
    /// Where the step before ended; 0 at the beginning.
    pub after: i64,
    /// Rows changed at most.
    pub limit: i64,
    /// The day whose purge it belongs to, in days since 1970; `None` only counts.
    pub day: Option<i64>,
}

/// What a step of a purge did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PurgeStep {
    /// Rows removed, or emptied where a figure remains.
    pub removed: i64,
    /// Files that no report has any more.
    pub files: Vec<Vec<u8>>,
    /// Where to go on; `None` when everything was looked at.
    pub next: Option<i64>,
}

/// One day's purge.
#[derive(Debug, Clone)]
pub struct PurgeRun {
    /// Days since 1970.
    pub day: i64,
    /// When it began.
    pub started_us: i64,
    /// When it was through.
    pub ended_us: Option<i64>,
    /// Rows removed by kind.
    pub removed: Vec<Count>,
}

/// A report that is to be erased.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ErasureRow {
    /// The report.
    pub report_seq: i64,
    /// When it was asked.
    pub asked_us: i64,
    /// `reporter` or `staff:<user id>`.
    pub asked_by: String,
    /// When it was done.
    pub done_us: Option<i64>,
}

/// What became of a report that was to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erased {
    /// Its words, number and files are gone; these files no report has any more.
    Done(Vec<Vec<u8>>),
    /// An open case or an undecided reconsideration needs it: it waits.
    Needed,
}

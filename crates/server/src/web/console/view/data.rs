//! How long data is kept and what was removed; what is held on one citizen.

use askama::Template;

use super::common::{Action, Shell, When};

/// Periods and purges.
#[derive(Debug, Template)]
#[template(path = "console/retention.html")]
pub(crate) struct RetentionPage {
    pub(crate) page: Shell,
    pub(crate) periods: Vec<PeriodRow>,
    pub(crate) runs: Vec<RunRow>,
    /// Erasures that wait for a case to end.
    pub(crate) waiting: i64,
}

/// One period.
#[derive(Debug, Clone)]
pub(crate) struct PeriodRow {
    pub(crate) what: String,
    pub(crate) days: String,
    pub(crate) source: String,
    pub(crate) confidence: &'static str,
    /// How much is due now.
    pub(crate) due: String,
}

/// One day's purge.
#[derive(Debug, Clone)]
pub(crate) struct RunRow {
    pub(crate) at: When,
    pub(crate) is_done: bool,
    pub(crate) removed: Vec<String>,
}

/// A citizen who comes for their data.
#[derive(Debug, Template)]
#[template(path = "console/citizen_data.html")]
pub(crate) struct CitizenDataPage {
    pub(crate) page: Shell,
    pub(crate) form: Action,
    /// What was found or done, in sentences.
    pub(crate) told: Vec<String>,
}

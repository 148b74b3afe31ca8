//! Pages people read: the public site and the staff console, with what both share.
//!
//! It renders and routes; it holds no rules of the domain and no SQL.

pub(crate) mod assets;
pub(crate) mod chart;
pub(crate) mod console;
pub(crate) mod format;
pub(crate) mod icons;
pub(crate) mod limit;
pub(crate) mod page;
pub(crate) mod public;
mod router;
pub(crate) mod texts;

pub(crate) use console::password::hash_now as hash_password;
pub(crate) use console::{DEMO_ACCOUNTS, add_demo_accounts};
pub(crate) use format::{date_time, receipt_code};
pub(crate) use public::{CommuneFound, WORDS_LIMIT, find_commune, read_amount};
pub(crate) use router::router;

/// The codes the public is told to report to, as the data file has them today.
pub(crate) fn report_codes() -> &'static [String] {
    &public::contacts_today().report_codes
}

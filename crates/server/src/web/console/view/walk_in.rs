//! The desk: the form of a walk-in's report, its receipt on paper, the day's list.

use askama::Template;

use super::common::{Fact, Mark, Shell, When};
use crate::web::public::report::{Draft, FacetView};
use crate::web::public::view::Errors;

/// What the desk took in.
#[derive(Template)]
#[template(path = "console/walk_in_list.html")]
pub(crate) struct WalkInsPage {
    pub(crate) page: Shell,
    pub(crate) desk: String,
    pub(crate) day: String,
    pub(crate) rows: Vec<WalkInRow>,
    /// The day before and, unless today is shown, the day after, as links.
    pub(crate) older: String,
    pub(crate) newer: Option<String>,
}

/// One report the desk took in.
#[derive(Debug, Clone)]
pub(crate) struct WalkInRow {
    pub(crate) href: String,
    pub(crate) code: String,
    pub(crate) about: String,
    pub(crate) at: When,
    pub(crate) by: String,
    pub(crate) state: Mark,
}

/// How a number was shown to be the citizen's own.
pub(crate) const PROOFS: [(&str, &str); 2] = [
    ("", "Người dân tự khai, chưa gọi thử (không tính là một tiếng nói, không nhắn tin)"),
    ("called", "Đã gọi thử, máy của người dân đổ chuông tại bàn"),
];

/// The form.
#[derive(Template)]
#[template(path = "console/walk_in_form.html")]
pub(crate) struct WalkInForm {
    pub(crate) page: Shell,
    pub(crate) desk: String,
    pub(crate) draft: Draft,
    pub(crate) when: String,
    pub(crate) accounts: String,
    pub(crate) proof: String,
    pub(crate) has_consent: bool,
    pub(crate) facets: Vec<FacetView>,
    pub(crate) errors: Errors,
    pub(crate) communes: Vec<&'static str>,
    pub(crate) limits: String,
}

impl WalkInForm {
    /// Whether a term of this facet is ticked.
    fn is_ticked(&self, facet: &str) -> bool {
        self.draft.terms.iter().any(|(field, _)| *field == facet)
    }
}

/// The receipt, to be printed and handed over.
#[derive(Debug, Template)]
#[template(path = "console/walk_in_receipt.html")]
pub(crate) struct ReceiptPage {
    pub(crate) page: Shell,
    pub(crate) desk: String,
    pub(crate) code: String,
    pub(crate) digits: String,
    pub(crate) at: String,
    pub(crate) by: String,
    pub(crate) facts: Vec<Fact>,
    pub(crate) words: String,
    pub(crate) files: Vec<String>,
    /// The secret link: only right after the report was taken in.
    pub(crate) link: Option<String>,
    /// A phone was given.
    pub(crate) gave_phone: bool,
    /// Money was lost.
    pub(crate) lost_money: bool,
    pub(crate) codes: String,
    pub(crate) police: String,
    pub(crate) site: String,
    /// Where more files are sent to, once the report is in the list.
    pub(crate) more_files: Option<String>,
    pub(crate) errors: Errors,
    pub(crate) limits: String,
}

//! The list of cases, one case, and what happens when a colleague was faster.

use super::common::{Action, Chip, Event, Fact, Mark, Pager, Shell, When};
use super::reports::{Filter, View};
use crate::web::chart::Columns;
use askama::Template;

/// The cases that pass the filters.
#[derive(Debug, Template)]
#[template(path = "console/cases.html")]
pub(crate) struct CasesPage {
    pub(crate) page: Shell,
    pub(crate) filters: Vec<Filter>,
    pub(crate) views: Vec<View>,
    pub(crate) searched: String,
    pub(crate) set_filters: usize,
    pub(crate) rows: Vec<CaseRow>,
    pub(crate) pager: Pager,
}

/// One line of the list.
#[derive(Debug, Clone)]
pub(crate) struct CaseRow {
    pub(crate) href: String,
    pub(crate) number: String,
    pub(crate) source: String,
    pub(crate) kind: String,
    pub(crate) state: Mark,
    pub(crate) chips: Vec<Chip>,
    pub(crate) voices: String,
    pub(crate) first: When,
    pub(crate) last: When,
    /// The clock that runs, in words; empty when none does.
    pub(crate) clock: Mark,
    pub(crate) owner: String,
    pub(crate) first_words: String,
}

/// The one screen for who decides.
#[derive(Debug, Template)]
#[template(path = "console/case.html")]
pub(crate) struct CasePage {
    pub(crate) page: Shell,
    pub(crate) number: String,
    pub(crate) source: String,
    pub(crate) state: Mark,
    /// What the state means, in a sentence.
    pub(crate) state_note: String,
    /// The clock that runs; an empty label when none does.
    pub(crate) clock: Mark,
    pub(crate) owner: String,
    /// Procedure, range holder, operator of today, kind of source.
    pub(crate) facts: Vec<Fact>,
    /// Set for official and emergency numbers, and for sources without an operator.
    pub(crate) warnings: Vec<String>,
    /// Independent voices, reports, first, last, evidence.
    pub(crate) evidence: Vec<Fact>,
    /// Why this looks like fraud, with quoted words.
    pub(crate) chips: Vec<Chip>,
    pub(crate) by_day: Columns,
    pub(crate) actions: Vec<Action>,
    /// Where a warning is drafted from this case; none without the right.
    pub(crate) draft_href: Option<String>,
    pub(crate) reports: Vec<CaseReport>,
    /// Link to all of them when more than shown.
    pub(crate) all_reports: Option<(String, String)>,
    pub(crate) events: Vec<Event>,
    pub(crate) requests: Vec<LinkedThing>,
    pub(crate) referrals: Vec<LinkedThing>,
    pub(crate) bulletins: Vec<LinkedThing>,
    pub(crate) reconsiderations: Vec<LinkedThing>,
}

/// One report of the case: its words.
#[derive(Debug, Clone)]
pub(crate) struct CaseReport {
    pub(crate) href: String,
    pub(crate) text: String,
    pub(crate) at: When,
    pub(crate) channel: String,
    /// `cùng người gửi với #…` when it is not a voice of its own; else empty.
    pub(crate) voice_note: String,
    pub(crate) evidence: String,
    /// How many other reports say the very same; empty when none does.
    pub(crate) same_words: String,
}

/// A request, referral, warning or reconsideration that belongs to the case.
#[derive(Debug, Clone)]
pub(crate) struct LinkedThing {
    pub(crate) label: String,
    pub(crate) href: String,
    pub(crate) state: Mark,
    pub(crate) at: When,
}

/// A colleague changed the thing in between; nothing typed is lost.
#[derive(Debug, Template)]
#[template(path = "console/conflict.html")]
pub(crate) struct ConflictPage {
    pub(crate) page: Shell,
    /// `Vụ việc VV-…`.
    pub(crate) thing: String,
    pub(crate) href: String,
    /// What happened since.
    pub(crate) events: Vec<Event>,
    pub(crate) state: Mark,
    /// The same form again, with what was typed and the new version; none when the step no
    /// longer exists in the new state.
    pub(crate) again: Option<Action>,
    /// What was typed, to copy when the form is gone.
    pub(crate) typed: Vec<Fact>,
}

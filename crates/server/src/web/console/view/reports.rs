//! The queue of reports and one report.

use super::common::{Action, Chip, Choice, Event, Fact, Mark, Pager, Shell, When};
use askama::Template;

/// The queue, newest first.
#[derive(Debug, Template)]
#[template(path = "console/reports.html")]
pub(crate) struct ReportsPage {
    pub(crate) page: Shell,
    pub(crate) queue: Queue,
}

/// The reports that pass the filters, as the queue page and the side list show them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Queue {
    pub(crate) filters: Vec<Filter>,
    /// Views worth a link: words, path, whether it is the one shown.
    pub(crate) views: Vec<View>,
    /// What was searched; never part of a link.
    pub(crate) searched: String,
    pub(crate) rows: Vec<ReportRow>,
    pub(crate) pager: Pager,
    /// The filters as a query string, starting with `?` when there is one.
    pub(crate) query: String,
    /// The sequence of the newest report shown, for asking how many came since.
    pub(crate) newest: i64,
    /// How many filters are set.
    pub(crate) set_filters: usize,
}

/// A saved view: a link with its filters.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) label: String,
    pub(crate) href: String,
    pub(crate) is_current: bool,
    /// How many it holds; empty when not counted.
    pub(crate) count: String,
}

/// One filter of a list, kept in the URL.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    /// The query parameter.
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) choices: Vec<Choice>,
}

/// One line of the queue.
#[derive(Debug, Clone)]
pub(crate) struct ReportRow {
    pub(crate) href: String,
    /// `Cuộc gọi lừa đảo`.
    pub(crate) kind: String,
    /// The reported number or sender name; empty when none was found.
    pub(crate) source: String,
    pub(crate) chips: Vec<Chip>,
    /// `7 người`: independent voices on this source.
    pub(crate) voices: String,
    pub(crate) at: When,
    pub(crate) state: Mark,
    /// Who holds it; empty when nobody does.
    pub(crate) owner: String,
    /// How the text begins.
    pub(crate) first_words: String,
    /// Channel and link, `SMS · viettel`.
    pub(crate) channel: String,
    /// What was wrong with the text; empty when nothing was.
    pub(crate) problem: String,
    /// True for the report opened beside the list.
    pub(crate) is_current: bool,
}

/// One report, with the queue beside it on wide screens.
#[derive(Debug, Template)]
#[template(path = "console/report.html")]
pub(crate) struct ReportPage {
    pub(crate) page: Shell,
    pub(crate) queue: Queue,
    pub(crate) report: ReportDetail,
}

/// Everything known about one report that this role may see.
#[derive(Debug, Clone)]
pub(crate) struct ReportDetail {
    pub(crate) kind: String,
    pub(crate) state: Mark,
    pub(crate) at: When,
    /// The receipt code, `4827 1935`.
    pub(crate) code: String,
    /// The text exactly as received.
    pub(crate) text: String,
    pub(crate) sources: Vec<SourceLine>,
    pub(crate) chips: Vec<Chip>,
    /// Intent, kind, problem and the leniencies used, a sentence each.
    pub(crate) understood: Vec<Fact>,
    /// Channel, link, code written to, coding, parts, sequence.
    pub(crate) technical: Vec<Fact>,
    /// The stored bytes, in hex, lines of 16.
    pub(crate) raw: String,
    pub(crate) evidence: Vec<EvidenceItem>,
    pub(crate) reporter: Reporter,
    /// What else the reporter said: commune, place, money lost.
    pub(crate) told: Vec<Fact>,
    /// Similar reports.
    pub(crate) related: Vec<RelatedReport>,
    pub(crate) case: Option<CaseLink>,
    /// Correct, attach, set aside.
    pub(crate) actions: Vec<Action>,
    pub(crate) events: Vec<Event>,
    /// Reply facts: sent when, state.
    pub(crate) replies: Vec<Fact>,
    /// The report before and after in the queue.
    pub(crate) previous: Option<String>,
    pub(crate) next: Option<String>,
}

/// A reported source with what the number tells.
#[derive(Debug, Clone)]
pub(crate) struct SourceLine {
    pub(crate) shown: String,
    /// As it stood in the text.
    pub(crate) as_received: String,
    /// Range holder and kind of number.
    pub(crate) note: String,
    /// Set for official and emergency numbers.
    pub(crate) warning: String,
}

/// One piece of evidence.
#[derive(Debug, Clone)]
pub(crate) struct EvidenceItem {
    pub(crate) name: String,
    /// Sniffed type in words and size.
    pub(crate) kind: String,
    pub(crate) sha256: String,
    /// Who gave it and when.
    pub(crate) given: String,
    pub(crate) href: String,
    pub(crate) shows: Shows,
}

/// How a piece of evidence can be looked at in the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shows {
    /// A picture.
    Picture,
    /// A sound.
    Sound,
    /// Only for download.
    File,
}

/// The reporter, hidden until opened with a reason.
#[derive(Debug, Clone)]
pub(crate) struct Reporter {
    /// `Thuê bao •••• •••678` or `Không để lại số`.
    pub(crate) shown: String,
    /// True when the number stands open on this page.
    pub(crate) is_open: bool,
    /// The form to open it; none when there is nothing to open or no right.
    pub(crate) open: Option<Action>,
    /// Why it cannot be opened; empty when it can.
    pub(crate) closed_because: String,
    /// How many other reports this reporter sent.
    pub(crate) other_reports: String,
}

/// A report that looks related.
#[derive(Debug, Clone)]
pub(crate) struct RelatedReport {
    pub(crate) href: String,
    /// `Cùng người gửi`, `Gần giống 92 %`, `Cùng số`.
    pub(crate) how: String,
    pub(crate) first_words: String,
    pub(crate) at: When,
}

/// The case a report belongs to.
#[derive(Debug, Clone)]
pub(crate) struct CaseLink {
    pub(crate) label: String,
    pub(crate) href: String,
    pub(crate) state: Mark,
}

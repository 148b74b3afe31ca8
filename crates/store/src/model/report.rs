//! Reports as staff, citizens and exports read them.

use uuid::Uuid;

/// One report with everything stored about it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Report {
    /// Internal number.
    pub seq: i64,
    /// Public id.
    pub id: Uuid,
    /// When it came in.
    pub received_us: i64,
    /// `smpp` or `web`.
    pub channel: String,
    /// Link or form.
    pub link: String,
    /// Operator of the link.
    pub operator: Option<String>,
    /// Code the citizen wrote to.
    pub to_code: Option<String>,
    /// Keyed hash of the reporter's number.
    pub reporter_hash: Option<Vec<u8>>,
    /// The reporter's number, encrypted.
    pub reporter_sealed: Option<Vec<u8>>,
    /// The reporter's number is proven.
    pub is_proven: bool,
    /// The reporter may be answered by SMS.
    pub is_mobile: bool,
    /// Id of the intent.
    pub intent: String,
    /// Id of the kind.
    pub kind: Option<String>,
    /// Id of the problem.
    pub problem: Option<String>,
    /// Code asked for, or text to check.
    pub argument: Option<String>,
    /// As received.
    pub text: String,
    /// What the citizen said about the source.
    pub content: String,
    /// JSON list of leniency ids.
    pub leniencies: String,
    /// JSON list of `{facet,id,quote}`.
    pub findings: String,
    /// JSON list of how bytes became text.
    pub flags: String,
    /// Key shared by reports of nearly the same wording.
    pub near_key: Option<String>,
    /// JSON list of intake rows.
    pub parts: String,
    /// Receipt code, eight digits.
    pub code: i64,
    /// Commune code.
    pub commune: Option<String>,
    /// Place in words.
    pub place: Option<String>,
    /// Money lost, in đồng.
    pub money_lost: Option<i64>,
    /// The report this one may be a redelivery of.
    pub duplicate_of: Option<i64>,
    /// `new`, `needs_officer`, `in_case`, `done`, `service` or `aside`.
    pub state: String,
    /// When an officer corrected what was understood.
    pub corrected_us: Option<i64>,
    /// Who took it in at a desk: `staff:<user id>`.
    pub taken_by: Option<String>,
    /// Since when its words and number are gone.
    pub purged_us: Option<i64>,
}

/// A source, as named in a report or as the subject of a case.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SourceRow {
    /// Internal number.
    pub source_id: i64,
    /// Id of the kind of source.
    pub kind: String,
    /// Canonical form.
    pub canonical: String,
    /// Operator that holds it today, as an operator answered.
    pub operator: Option<String>,
    /// As the citizen wrote it; empty where it stands alone.
    pub as_received: String,
}

/// A report in a list, with its sources and case.
#[derive(Debug, Clone)]
pub struct ReportEntry {
    /// The report.
    pub report: Report,
    /// What it names, in order.
    pub sources: Vec<SourceRow>,
    /// The case it belongs to.
    pub case_number: Option<i64>,
}

/// Which reports a list shows. `None` leaves a condition out.
#[derive(Debug, Clone, Default)]
pub struct ReportFilter {
    /// Id of the kind; `none` for reports without one.
    pub kind: Option<String>,
    /// State.
    pub state: Option<String>,
    /// Link.
    pub link: Option<String>,
    /// Id of the problem; `any` for all with one.
    pub problem: Option<String>,
    /// Commune code.
    pub commune: Option<String>,
    /// From this instant.
    pub from_us: Option<i64>,
    /// Before this instant.
    pub to_us: Option<i64>,
    /// Folded words that must all occur, in the text or in a source.
    pub words: Vec<String>,
    /// Only reports on this source.
    pub source_id: Option<i64>,
    /// Only reports newer than this one.
    pub after_seq: Option<i64>,
    /// Also requests for results, help and the like.
    pub with_service: bool,
    /// Only reports taken in at this desk.
    pub desk: Option<String>,
}

/// A correction by an officer; the text itself never changes.
#[derive(Debug, Clone)]
pub struct Correction {
    /// The report.
    pub seq: i64,
    /// Id of the kind it really is.
    pub kind: String,
    /// What it names.
    pub sources: Vec<super::NewSource>,
    /// Ids of kinds that open a case.
    pub opens_case: Vec<String>,
    /// Ids of kinds that join an open one.
    pub joins_case: Vec<String>,
}

/// A file as listed with a report.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct EvidenceRow {
    /// SHA-256 of the content.
    pub sha256: Vec<u8>,
    /// Bytes.
    pub size: i64,
    /// Sniffed type.
    pub mime: String,
    /// Name it came with.
    pub name: String,
    /// When it was added.
    pub added_us: i64,
    /// `reporter` or `staff:<id>`.
    pub added_by: String,
}

/// What is known in public about one source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceStanding {
    /// The source is known at all.
    pub source_id: Option<i64>,
    /// Proven different reporters.
    pub voices: i64,
    /// Reports of any kind, proven or not.
    pub reports: i64,
    /// Newest report.
    pub last_us: Option<i64>,
    /// State of the newest case.
    pub case_state: Option<String>,
    /// Number of the newest case.
    pub case_number: Option<i64>,
    /// A second person kept the block: only then is a source called verified.
    pub is_verified: bool,
    /// JSON findings of the newest reports, to say what is impersonated.
    pub findings: Vec<String>,
}

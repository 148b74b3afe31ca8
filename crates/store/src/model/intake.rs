//! The intake log and what the projector makes of it.

use uuid::Uuid;

use super::SealedNumber;

/// One thing that came in, about to be made durable.
#[derive(Debug, Clone)]
pub struct NewIntake {
    /// When it came in.
    pub received_us: i64,
    /// `smpp` or `web`.
    pub channel: String,
    /// Name of the link, or of the form.
    pub link: String,
    /// JSON: what is needed to read the body again.
    pub meta: String,
    /// The PDU with the sender's address taken out, or the form as JSON.
    pub body: Vec<u8>,
    /// Who sent it, if known.
    pub reporter: Option<SealedNumber>,
}

/// One row of the intake log.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct IntakeRow {
    /// Its place in commit order.
    pub seq: i64,
    /// When it came in.
    pub received_us: i64,
    /// `smpp` or `web`.
    pub channel: String,
    /// Name of the link, or of the form.
    pub link: String,
    /// JSON: what is needed to read the body again.
    pub meta: String,
    /// The PDU with the sender's address taken out, or the form as JSON.
    pub body: Vec<u8>,
    /// Keyed hash of the reporter's number.
    pub reporter_hash: Option<Vec<u8>>,
    /// The reporter's number, encrypted.
    pub reporter_sealed: Option<Vec<u8>>,
}

/// A source named in a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSource {
    /// Id of the kind of source.
    pub kind: String,
    /// Canonical form.
    pub canonical: String,
    /// As the citizen wrote it.
    pub as_received: String,
}

/// A file already kept under its hash, named by whoever added it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvidence {
    /// SHA-256 of the content.
    pub sha256: Vec<u8>,
    /// Bytes.
    pub size: i64,
    /// Sniffed type.
    pub mime: String,
    /// Name the file came with.
    pub name: String,
}

/// A text that was understood (or not), ready to be stored.
#[derive(Debug, Clone)]
pub struct NewReport {
    /// Its id.
    pub id: Uuid,
    /// Intake rows it was made of; the first stands for its place.
    pub parts: Vec<i64>,
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
    /// Who sent it.
    pub reporter: Option<SealedNumber>,
    /// The reporter's number is proven.
    pub is_proven: bool,
    /// The reporter may be answered by SMS through that link.
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
    /// Folded for search.
    pub folded: String,
    /// What the citizen said about the source.
    pub content: String,
    /// JSON list of leniency ids.
    pub leniencies: String,
    /// JSON list of facet findings.
    pub findings: String,
    /// JSON list of how bytes became text.
    pub flags: String,
    /// Key shared by reports of nearly the same wording.
    pub near_key: Option<String>,
    /// Receipt code, eight digits.
    pub code: i64,
    /// Hash of the secret link's token.
    pub token_hash: Option<Vec<u8>>,
    /// Commune code.
    pub commune: Option<String>,
    /// Place in words (adverts in public places).
    pub place: Option<String>,
    /// Money lost, in đồng.
    pub money_lost: Option<i64>,
    /// What it names.
    pub sources: Vec<NewSource>,
    /// Files that came with it.
    pub evidence: Vec<NewEvidence>,
    /// It may be the same PDU sent again after a broken session.
    pub is_suspected_redelivery: bool,
    /// Where it goes: `new`, `needs_officer`, `service`, or `aside`: kept, but part of no case and no figure.
    pub state: String,
    /// What has to be done once it is stored.
    pub jobs: Vec<NewJob>,
    /// Whether the sender's subscription to warnings changes.
    pub subscription: Option<SubscriptionChange>,
    /// Who took it in at a desk: `staff:<user id>`.
    pub taken_by: Option<String>,
}

/// A change of a subscription to warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionChange {
    /// `DK CB`.
    Subscribe,
    /// `HUY CB`.
    Unsubscribe,
}

/// A part of a long message that waits.
#[derive(Debug, Clone)]
pub struct NewPart {
    /// The intake row.
    pub intake_seq: i64,
    /// Link group, source, destination, reference, width and total.
    pub part_key: Vec<u8>,
    /// When it came in.
    pub received_us: i64,
}

/// What one batch of intake rows becomes, in one transaction with the cursor.
#[derive(Debug, Clone, Default)]
pub struct Projection {
    /// Where the cursor must stand before.
    pub from_seq: i64,
    /// Where it stands after.
    pub to_seq: i64,
    /// Texts, in order.
    pub reports: Vec<NewReport>,
    /// Parts that wait.
    pub parts_waiting: Vec<NewPart>,
    /// Parts that no longer wait.
    pub parts_used: Vec<i64>,
    /// Ids of kinds that open a case.
    pub opens_case: Vec<String>,
    /// Ids of kinds that join an open one.
    pub joins_case: Vec<String>,
}

/// A job to be written with the change that wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Two jobs with one key are one job.
    pub unique_key: String,
    /// Which handler.
    pub kind: String,
    /// JSON for the handler.
    pub payload: String,
    /// Not before.
    pub run_us: i64,
}

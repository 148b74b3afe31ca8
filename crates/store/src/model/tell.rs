//! Warnings, subscribers and figures.

use uuid::Uuid;

/// A warning.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct BulletinRow {
    /// Id.
    pub id: Uuid,
    /// The case it was drafted from.
    pub case_number: Option<i64>,
    /// Counts changes.
    pub version: i64,
    /// Id of the state.
    pub state: String,
    /// Title.
    pub title: String,
    /// Text of the page.
    pub body: String,
    /// Text of the SMS.
    pub sms: String,
    /// When it was begun.
    pub created_us: i64,
    /// When it last changed.
    pub updated_us: i64,
    /// When it was published.
    pub published_us: Option<i64>,
    /// Who approved it.
    pub approved_by: Option<Uuid>,
    /// When it was withdrawn.
    pub cancelled_us: Option<i64>,
}

/// The words of a warning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BulletinText {
    /// Title.
    pub title: String,
    /// Text of the page.
    pub body: String,
    /// Text of the SMS.
    pub sms: String,
}

/// Someone who sent `DK CB`.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SubscriberRow {
    /// Keyed hash of the number.
    pub reporter_hash: Vec<u8>,
    /// The number, encrypted.
    pub sealed: Vec<u8>,
    /// Link it came by.
    pub link: String,
    /// Code it was sent to.
    pub to_code: String,
}

/// A count with its label.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Count {
    /// What is counted.
    pub label: String,
    /// How many.
    pub count: i64,
}

/// Reports of one kind in one hour.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct HourCount {
    /// Whole hours since the beginning of the period.
    pub hour: i64,
    /// Id of the kind, or `none`.
    pub label: String,
    /// How many.
    pub count: i64,
}

/// What the home page of the console shows.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Reports by hour and kind.
    pub by_hour: Vec<HourCount>,
    /// Texts by intent.
    pub by_intent: Vec<Count>,
    /// Texts by problem.
    pub by_problem: Vec<Count>,
    /// Cases by state, all that are not ended, and those ended in the period.
    pub cases: Vec<Count>,
    /// Cases opened in the period.
    pub cases_opened: i64,
    /// Requests that operators have not answered.
    pub requests_open: i64,
    /// Oldest of them.
    pub requests_oldest_us: Option<i64>,
    /// Outgoing SMS of the period by state.
    pub messages: Vec<Count>,
    /// Texts that need an officer.
    pub needs_officer: i64,
    /// Reconsiderations that are undecided.
    pub reconsiderations_open: i64,
    /// Referrals that no unit has acknowledged.
    pub referrals_open: i64,
    /// Drafts of warnings.
    pub drafts: i64,
    /// Jobs that failed for good.
    pub jobs_dead: i64,
}

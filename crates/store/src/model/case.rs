//! Cases, requests to operators, referrals and reconsiderations.

use canhgiac_domain::procedure::{
    Case, CaseState, ClosedAs, Decision, Reconsideration, Referral, RestoreCause,
};
use uuid::Uuid;

use super::SourceRow;
use crate::StoreError;

/// A case as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CaseRow {
    /// Its number, as staff say it.
    pub number: i64,
    /// The source it is about.
    pub source_id: i64,
    /// Counts changes; a decision names the one it was made on.
    pub version: i64,
    /// Id of the state.
    pub state: String,
    /// Who asked for the block.
    pub requested_by: Option<Uuid>,
    /// Blocked since.
    pub since_us: Option<i64>,
    /// Blocked until.
    pub until_us: Option<i64>,
    /// How often the request was passed on.
    pub reroutes: Option<i64>,
    /// How it ended, or why it is restored.
    pub outcome: Option<String>,
    /// Id of the referral's state.
    pub referral: String,
    /// Id of the reconsideration's state.
    pub reconsideration: String,
    /// The officer who works it.
    pub owner: Option<Uuid>,
    /// When it was opened.
    pub opened_us: i64,
    /// When it last changed.
    pub updated_us: i64,
    /// The earlier case on the same source.
    pub previous: Option<i64>,
}

impl CaseRow {
    /// The case as the procedure sees it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the row holds a state this program does not know.
    pub fn to_case(&self) -> Result<Case, StoreError> {
        let corrupt = |what| StoreError::Corrupt(what);
        let at = |us: Option<i64>, what| us.and_then(jiff_timestamp).ok_or(StoreError::Corrupt(what));
        let by =
            || self.requested_by.map(canhgiac_domain::id::UserId).ok_or(corrupt("casefile.requested_by"));
        let cause =
            || self.outcome.as_deref().and_then(RestoreCause::from_id).ok_or(corrupt("casefile.outcome"));
        let state = match self.state.as_str() {
            "open" => CaseState::Open,
            "confirmed" => CaseState::Confirmed,
            "block_requested" => CaseState::BlockRequested {
                requested_by: by()?,
                until: at(self.until_us, "casefile.until_us")?,
                reroutes: u32::try_from(self.reroutes.unwrap_or(0))
                    .map_err(|_| corrupt("casefile.reroutes"))?,
            },
            "blocked" => CaseState::Blocked {
                requested_by: by()?,
                since: at(self.since_us, "casefile.since_us")?,
                until: at(self.until_us, "casefile.until_us")?,
            },
            "kept" => CaseState::Kept { since: at(self.since_us, "casefile.since_us")? },
            "restoring" => CaseState::Restoring { cause: cause()? },
            "restored" => CaseState::Restored { cause: cause()? },
            "closed" => CaseState::Closed {
                outcome: self
                    .outcome
                    .as_deref()
                    .and_then(ClosedAs::from_id)
                    .ok_or(corrupt("casefile.outcome"))?,
            },
            _ => return Err(corrupt("casefile.state")),
        };
        Ok(Case {
            state,
            referral: Referral::from_id(&self.referral).ok_or(corrupt("casefile.referral"))?,
            reconsideration: Reconsideration::from_id(&self.reconsideration)
                .ok_or(corrupt("casefile.reconsideration"))?,
        })
    }
}

fn jiff_timestamp(us: i64) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_microsecond(us).ok()
}

/// The columns a state is stored in.
#[derive(Debug, Default)]
pub(crate) struct StateColumns {
    pub(crate) requested_by: Option<Uuid>,
    pub(crate) since_us: Option<i64>,
    pub(crate) until_us: Option<i64>,
    pub(crate) reroutes: Option<i64>,
    pub(crate) outcome: Option<&'static str>,
}

impl From<&CaseState> for StateColumns {
    fn from(state: &CaseState) -> Self {
        match state {
            CaseState::Open | CaseState::Confirmed => StateColumns::default(),
            CaseState::BlockRequested { requested_by, until, reroutes } => StateColumns {
                requested_by: Some(requested_by.0),
                until_us: Some(until.as_microsecond()),
                reroutes: Some(i64::from(*reroutes)),
                ..StateColumns::default()
            },
            CaseState::Blocked { requested_by, since, until } => StateColumns {
                requested_by: Some(requested_by.0),
                since_us: Some(since.as_microsecond()),
                until_us: Some(until.as_microsecond()),
                ..StateColumns::default()
            },
            CaseState::Kept { since } => {
                StateColumns { since_us: Some(since.as_microsecond()), ..StateColumns::default() }
            }
            CaseState::Restoring { cause } | CaseState::Restored { cause } => {
                StateColumns { outcome: Some(cause.id()), ..StateColumns::default() }
            }
            CaseState::Closed { outcome } => {
                StateColumns { outcome: Some(outcome.id()), ..StateColumns::default() }
            }
        }
    }
}

/// A case in a list.
#[derive(Debug, Clone)]
pub struct CaseEntry {
    /// The case.
    pub case: CaseRow,
    /// What it is about.
    pub source: SourceRow,
    /// Proven different reporters.
    pub voices: i64,
    /// Reports, redeliveries left out.
    pub reports: i64,
    /// Newest report.
    pub last_report_us: Option<i64>,
    /// JSON findings of its newest reports.
    pub findings: Vec<String>,
}

/// Which cases a list shows. `None` leaves a condition out.
#[derive(Debug, Clone, Default)]
pub struct CaseFilter {
    /// Id of the state; `active` for all that are not ended.
    pub state: Option<String>,
    /// Id of the referral's state.
    pub referral: Option<String>,
    /// Id of the reconsideration's state.
    pub reconsideration: Option<String>,
    /// Worked by this officer.
    pub owner: Option<Uuid>,
    /// Only this source.
    pub source_id: Option<i64>,
    /// Part of the source, as digits or folded words.
    pub source_contains: Option<String>,
}

/// One change of a case: the decision of the procedure machine and what belongs to it.
#[derive(Debug, Clone)]
pub struct CaseChange<'a> {
    /// Which case.
    pub number: i64,
    /// The version the decision was made on.
    pub expected_version: i64,
    /// What the machine decided.
    pub decision: &'a Decision,
    /// `system`, `holder`, `operator:<id>`, `staff:<user id>`.
    pub actor: String,
    /// Id of the action, for the timeline.
    pub action: &'static str,
    /// Why, in the actor's words.
    pub note: String,
    /// When.
    pub at_us: i64,
    /// The operator's answer that led to it.
    pub answer: Option<RequestAnswer>,
    /// The reconsideration that is filed with it.
    pub filed: Option<NewReconsideration>,
    /// The reconsideration that is decided with it.
    pub decided: Option<Uuid>,
    /// The referral that is acknowledged with it.
    pub acknowledged: Option<Uuid>,
}

/// An operator's answer to a request.
#[derive(Debug, Clone)]
pub struct RequestAnswer {
    /// Which request.
    pub request_id: Uuid,
    /// `blocked`, `restored`, `not_found`, `refused` or `ported`.
    pub answer: String,
    /// In the operator's words.
    pub note: String,
    /// The operator the number was ported to.
    pub ported_to: Option<String>,
}

/// A request to an operator, with what it is about.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RequestRow {
    /// Its id.
    pub id: Uuid,
    /// The case it belongs to.
    pub case_number: i64,
    /// Id of the measure.
    pub measure: String,
    /// Of whom it is asked.
    pub operator: String,
    /// In whose name.
    pub issuing_body: String,
    /// On what basis; without one it is a request, not an order.
    pub legal_basis: Option<String>,
    /// Until when the measure lasts.
    pub until_us: Option<i64>,
    /// When it was made.
    pub created_us: i64,
    /// `open`, `answered` or `withdrawn`.
    pub state: String,
    /// When the operator first read it.
    pub fetched_us: Option<i64>,
    /// The answer.
    pub answer: Option<String>,
    /// The answer in the operator's words.
    pub answer_note: Option<String>,
    /// When it was answered.
    pub answered_us: Option<i64>,
    /// Kind of the case's source.
    pub source_kind: String,
    /// The case's source.
    pub source: String,
}

/// A referral to a police unit.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ReferralRow {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case_number: i64,
    /// Id of the unit.
    pub unit: String,
    /// Why.
    pub note: String,
    /// When.
    pub created_us: i64,
    /// By whom.
    pub created_by: String,
    /// When the unit acknowledged.
    pub acknowledged_us: Option<i64>,
    /// Who acknowledged.
    pub acknowledged_by: Option<String>,
    /// What the unit says.
    pub answer_note: Option<String>,
    /// Kind of the case's source.
    pub source_kind: String,
    /// The case's source.
    pub source: String,
}

/// A holder's request for reconsideration, about to be stored.
#[derive(Debug, Clone)]
pub struct NewReconsideration {
    /// Its id.
    pub id: Uuid,
    /// Kind of the source.
    pub source_kind: String,
    /// The source.
    pub source: String,
    /// Hash of the secret link's token.
    pub token_hash: Vec<u8>,
    /// Receipt code.
    pub code: i64,
    /// Name given, may be empty.
    pub holder_name: String,
    /// How to reach the holder, encrypted.
    pub contact_sealed: Vec<u8>,
    /// In the holder's words.
    pub statement: String,
    /// When.
    pub filed_us: i64,
}

/// A holder's request for reconsideration.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ReconsiderationRow {
    /// Its id.
    pub id: Uuid,
    /// The case, when there is one on that source.
    pub case_number: Option<i64>,
    /// Receipt code.
    pub code: i64,
    /// Name given, may be empty.
    pub holder_name: String,
    /// How to reach the holder, encrypted.
    pub contact_sealed: Vec<u8>,
    /// In the holder's words.
    pub statement: String,
    /// When.
    pub filed_us: i64,
    /// `filed`, `granted` or `refused`.
    pub state: String,
    /// When it was decided.
    pub decided_us: Option<i64>,
    /// By whom.
    pub decided_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Kind of the source.
    pub source_kind: String,
    /// The source.
    pub source: String,
}

/// One entry of a case's timeline.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CaseEventRow {
    /// Its place.
    pub id: i64,
    /// When.
    pub at_us: i64,
    /// `system`, `holder`, `operator:<id>`, `staff:<user id>`.
    pub actor: String,
    /// Id of the action.
    pub action: String,
    /// Why, in the actor's words.
    pub note: String,
    /// What else is worth knowing, in words.
    pub detail: String,
}

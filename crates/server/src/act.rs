//! Acting on cases: loads what the procedure machine needs, asks it, commits what it decides.

use canhgiac_domain::account::Actor;
use canhgiac_domain::number::{Source, SourceKind};
use canhgiac_domain::procedure::{self, Action, Decision, Facts, Refusal, ScamRule, SourcePath};
use canhgiac_store::{
    CaseChange, CaseEntry, NewAudit, NewReconsideration, RequestAnswer, RequestRow, SourceRow, StoreError,
};
use uuid::Uuid;

use crate::app::App;

/// Why an action on a case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The procedure refuses; the text is for people.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// Someone else changed the case in between.
    #[error("Có người vừa thay đổi vụ việc này. Hãy tải lại trang rồi thử lại.")]
    Conflict,
    /// No such case, request or referral.
    #[error("Không tìm thấy.")]
    NotFound,
    /// The answer makes no sense for this request; the text is for an operator's engineer.
    #[error("{0}")]
    WrongAnswer(String),
    /// Ours.
    #[error("Hệ thống chưa lưu được thay đổi. Vui lòng thử lại.")]
    Internal(#[source] anyhow::Error),
}

impl From<StoreError> for ActError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict | StoreError::AlreadyExists => ActError::Conflict,
            StoreError::NotFound => ActError::NotFound,
            other => ActError::Internal(other.into()),
        }
    }
}

/// How an actor is written in timelines and the audit trail.
pub fn actor_id(actor: &Actor) -> String {
    match actor {
        Actor::Staff { id, .. } => format!("staff:{}", id.0),
        Actor::Operator(operator) => format!("operator:{operator}"),
        Actor::Holder => "holder".to_owned(),
        Actor::System => "system".to_owned(),
    }
}

/// Stable id of an action, as timelines keep it.
pub fn action_id(action: &Action) -> &'static str {
    match action {
        Action::Confirm => "confirmed",
        Action::Refer { .. } => "referred",
        Action::AcknowledgeReferral => "referral_acknowledged",
        Action::RequestBlock => "block_requested",
        Action::AnswerBlocked { .. } => "answered_blocked",
        Action::AnswerNotFound => "answered_not_found",
        Action::AnswerRefused => "answered_refused",
        Action::AnswerPorted { .. } => "answered_ported",
        Action::AnswerRestored => "answered_restored",
        Action::KeepBlock => "kept",
        Action::Expire => "expired",
        Action::Lift => "lifted",
        Action::Close(_) => "closed",
        Action::FileReconsideration => "reconsideration_filed",
        Action::DecideReconsideration { is_granted: true } => "reconsideration_granted",
        Action::DecideReconsideration { is_granted: false } => "reconsideration_refused",
    }
}

/// What belongs to a change besides the decision.
#[derive(Debug, Default)]
struct Along {
    answer: Option<RequestAnswer>,
    filed: Option<NewReconsideration>,
    decided: Option<Uuid>,
    acknowledged: Option<Uuid>,
}

impl App {
    /// The domain's source for a stored one.
    ///
    /// # Errors
    /// When the stored value does not read back.
    pub fn source_of(&self, kind: &str, canonical: &str) -> anyhow::Result<Source> {
        let kind = SourceKind::from_id(kind).ok_or_else(|| anyhow::anyhow!("unknown kind of source"))?;
        Ok(Source::from_stored(kind, canonical)?)
    }

    /// What is known of a case's source today.
    ///
    /// # Errors
    /// When the stored source does not read back.
    pub fn facts_of(&self, source: &SourceRow, voices: i64) -> anyhow::Result<Facts> {
        let number = self.source_of(&source.kind, &source.canonical)?;
        let today = self.clock.today();
        let plan = &self.rules.numbering;
        let official_owner = plan.official_owner(&number, today).map(|official| official.owner().to_owned());
        let holder = source.operator.clone().or_else(|| plan.range_holder(&number, today).map(str::to_owned));
        let path = match (number.kind(), holder) {
            (SourceKind::SenderName, _) => SourcePath::SenderName,
            (SourceKind::ShortCode, _) => SourcePath::NeverBlockable,
            _ if plan.is_never_blockable(&number, today) => SourcePath::NeverBlockable,
            _ if number.is_foreign() => SourcePath::Foreign,
            (_, Some(operator)) => SourcePath::Operator(operator),
            // A fixed or service line whose holder is not in the data: no interface to send a request to.
            (_, None) => SourcePath::Foreign,
        };
        Ok(Facts { voices: u32::try_from(voices).unwrap_or(u32::MAX), official_owner, path })
    }

    /// The rule that holds today.
    ///
    /// # Errors
    /// When no rule holds today.
    pub fn scam_rule(&self) -> anyhow::Result<&ScamRule> {
        self.rules
            .procedure
            .on(self.clock.today())
            .ok_or_else(|| anyhow::anyhow!("no rule of the procedure holds today"))
    }

    /// What would happen, without doing it: pages ask it which buttons to show and why not.
    ///
    /// # Errors
    /// [`ActError::Refused`] with the reason.
    pub fn rehearse(&self, case: &CaseEntry, action: &Action, actor: &Actor) -> Result<Decision, ActError> {
        let facts = self.facts_of(&case.source, case.voices).map_err(ActError::Internal)?;
        let rule = self.scam_rule().map_err(ActError::Internal)?;
        let now = self.clock.now();
        Ok(procedure::decide(&case.case.to_case()?, action, actor, &facts, rule, now)?)
    }

    /// Does `action` on a case, on the version the actor saw.
    ///
    /// # Errors
    /// [`ActError`] says why not; then nothing has changed.
    pub async fn act(
        &self,
        number: i64,
        expected_version: i64,
        action: Action,
        actor: &Actor,
        note: &str,
    ) -> Result<(), ActError> {
        let case = self.store.case(number).await?;
        if case.case.version != expected_version {
            return Err(ActError::Conflict);
        }
        self.commit(&case, &action, actor, note, Along::default()).await
    }

    /// The clock's turn: a block, or the time to answer a request, runs out.
    ///
    /// # Errors
    /// [`ActError`] says why not.
    pub async fn expire(&self, number: i64) -> Result<(), ActError> {
        let case = self.store.case(number).await?;
        self.commit(&case, &Action::Expire, &Actor::System, "", Along::default()).await
    }

    /// A police unit acknowledges a referral.
    ///
    /// # Errors
    /// [`ActError`] says why not.
    pub async fn acknowledge_referral(&self, id: Uuid, actor: &Actor, note: &str) -> Result<(), ActError> {
        let referral = self.store.referral(id).await?;
        let case = self.store.case(referral.case_number).await?;
        let along = Along { acknowledged: Some(id), ..Along::default() };
        self.commit(&case, &Action::AcknowledgeReferral, actor, note, along).await
    }

    /// An operator answers a request of its own.
    ///
    /// # Errors
    /// [`ActError::NotFound`] also for other operators' requests.
    pub async fn answer_request(
        &self,
        operator: &str,
        answer: RequestAnswer,
        at_us: Option<i64>,
    ) -> Result<(), ActError> {
        let request = self.store.request(answer.request_id).await?;
        if request.operator != operator {
            return Err(ActError::NotFound);
        }
        if request.answered_us.is_some() {
            // Asked again: the same answer is no error, another one is.
            return if request.answer.as_deref() == Some(answer.answer.as_str()) {
                Ok(())
            } else {
                Err(ActError::Conflict)
            };
        }
        let action = self.answer_action(&request, &answer, at_us)?;
        let case = self.store.case(request.case_number).await?;
        let note = answer.note.clone();
        let along = Along { answer: Some(answer), ..Along::default() };
        self.commit(&case, &action, &Actor::Operator(operator.to_owned()), &note, along).await
    }

    fn answer_action(
        &self,
        request: &RequestRow,
        answer: &RequestAnswer,
        at_us: Option<i64>,
    ) -> Result<Action, ActError> {
        let now = self.clock.now();
        match (answer.answer.as_str(), request.measure.as_str()) {
            ("blocked", "temporary_block") => {
                let at = at_us.and_then(|us| jiff::Timestamp::from_microsecond(us).ok()).unwrap_or(now);
                // An operator's clock may run ahead; a block does not begin in the future.
                Ok(Action::AnswerBlocked { at: at.min(now) })
            }
            ("restored", "restore") => Ok(Action::AnswerRestored),
            ("not_found", _) => Ok(Action::AnswerNotFound),
            ("refused", "temporary_block") => Ok(Action::AnswerRefused),
            ("ported", _) => {
                let to = answer.ported_to.clone().unwrap_or_default();
                if to == request.operator || !self.rules.is_operator(&to, self.clock.today()) {
                    return Err(ActError::WrongAnswer(
                        "'ported' needs 'to' with the id of another operator".to_owned(),
                    ));
                }
                Ok(Action::AnswerPorted { to })
            }
            (other, measure) => {
                Err(ActError::WrongAnswer(format!("'{other}' is no answer to a request of '{measure}'")))
            }
        }
    }

    /// A holder asks for reconsideration: on the active case of the source, or without one.
    ///
    /// # Errors
    /// [`ActError::Refused`] when one is undecided already.
    pub async fn file_reconsideration(&self, filed: NewReconsideration) -> Result<(), ActError> {
        let standing = self.store.standing(&filed.source_kind, &filed.source).await?;
        if let Some(number) = standing.case_number {
            let case = self.store.case(number).await?;
            if case.case.to_case()?.state.is_active() {
                let along = Along { filed: Some(filed), ..Along::default() };
                return self.commit(&case, &Action::FileReconsideration, &Actor::Holder, "", along).await;
            }
        }
        Ok(self.store.file_reconsideration(&filed).await?)
    }

    /// An officer decides a reconsideration.
    ///
    /// # Errors
    /// [`ActError`] says why not.
    pub async fn decide_reconsideration(
        &self,
        id: Uuid,
        is_granted: bool,
        actor: &Actor,
        reason: &str,
    ) -> Result<(), ActError> {
        let row = self.store.reconsideration(id).await?;
        let action = Action::DecideReconsideration { is_granted };
        let Some(number) = row.case_number else {
            if !actor.may(canhgiac_domain::account::Right::DecideReconsiderations) {
                return Err(Refusal::NotAllowed.into());
            }
            let audit = NewAudit {
                at_us: self.clock.now_us(),
                actor: actor_id(actor),
                action: action_id(&action).to_owned(),
                object: format!("reconsideration:{id}"),
                detail: String::new(),
            };
            return Ok(self.store.decide_reconsideration(id, is_granted, reason, &audit).await?);
        };
        let case = self.store.case(number).await?;
        let along = Along { decided: Some(id), ..Along::default() };
        self.commit(&case, &action, actor, reason, along).await
    }

    async fn commit(
        &self,
        case: &CaseEntry,
        action: &Action,
        actor: &Actor,
        note: &str,
        along: Along,
    ) -> Result<(), ActError> {
        let decision = self.rehearse(case, action, actor)?;
        let change = CaseChange {
            number: case.case.number,
            expected_version: case.case.version,
            decision: &decision,
            actor: actor_id(actor),
            action: action_id(action),
            note: note.to_owned(),
            at_us: self.clock.now_us(),
            answer: along.answer,
            filed: along.filed,
            decided: along.decided,
            acknowledged: along.acknowledged,
        };
        self.store.change_case(&change).await?;
        self.jobs.notify_one();
        Ok(())
    }
}

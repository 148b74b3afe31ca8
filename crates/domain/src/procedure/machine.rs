//! The transitions of a case: one function, one table.

use jiff::{SignedDuration, Timestamp};

use super::rules::{ScamRule, TemporaryBlock};
use super::state::{CaseState, ClosedAs, Measure, Reconsideration, Referral, RestoreCause};
use crate::account::{Actor, Right};

/// A case as the machine sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Where it stands.
    pub state: CaseState,
    /// Whether the police have it.
    pub referral: Referral,
    /// Whether the holder asked for reconsideration.
    pub reconsideration: Reconsideration,
}

/// What is known of the case's source when someone acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Different reporters.
    pub voices: u32,
    /// The public body that owns the number, when it is a registered official one.
    pub official_owner: Option<String>,
    /// Who could block it.
    pub path: SourcePath,
}

/// Whether some operator here can block a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourcePath {
    /// Yes: the operator thought to serve it today.
    Operator(String),
    /// Never: an emergency or short code.
    NeverBlockable,
    /// A foreign number: no operator here holds it.
    Foreign,
    /// A sender name: it is registered, not subscribed, and often the victim itself.
    SenderName,
}

/// What someone wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// An officer finds signs of a scam.
    Confirm,
    /// Hand the case with its reports to a police unit.
    Refer {
        /// Id of the unit.
        unit: String,
    },
    /// The unit acknowledges.
    AcknowledgeReferral,
    /// Ask the operator for a temporary block.
    RequestBlock,
    /// The operator blocked the number.
    AnswerBlocked {
        /// Since when, as the operator says.
        at: Timestamp,
    },
    /// The operator does not know the number.
    AnswerNotFound,
    /// The operator will not act.
    AnswerRefused,
    /// The number was ported to another operator.
    AnswerPorted {
        /// Id of the other operator.
        to: String,
    },
    /// The operator restored the number.
    AnswerRestored,
    /// A second person keeps the block beyond its expiry.
    KeepBlock,
    /// The block's time, or the time to answer the request, ran out.
    Expire,
    /// Staff lift the block or withdraw the request.
    Lift,
    /// Staff end the case without a block.
    Close(ClosedAs),
    /// The holder asks for reconsideration.
    FileReconsideration,
    /// The reconsideration is decided.
    DecideReconsideration {
        /// Whether the holder was right.
        is_granted: bool,
    },
}

/// What has to happen because of a decision. The store writes each as a row in the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A request to an operator.
    RequestOperator {
        /// What is asked.
        measure: Measure,
        /// Of whom.
        operator: String,
        /// Until when the measure is to last.
        until: Option<Timestamp>,
        /// In whose name; `None` for a restoration, which repeats the body of the block.
        basis: Option<TemporaryBlock>,
    },
    /// Requests that are still unanswered no longer hold.
    WithdrawRequests,
    /// A referral to a police unit.
    Refer {
        /// Id of the unit.
        unit: String,
    },
    /// The unit's acknowledgement is noted on the referral.
    NoteAcknowledgement,
    /// The outcome is told to the reporters.
    TellReporters(Notice),
    /// The case is looked at again by the clock.
    ExpireAt(Timestamp),
}

/// What reporters are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Notice {
    /// Sent to the police.
    Referred,
    /// Blocked for verification since.
    Blocked(Timestamp),
    /// The block is kept.
    Kept,
    /// The operator does not know the number.
    NotFound,
    /// Not enough ground.
    NotEnoughGround,
    /// The number was forged.
    Forged,
    /// The number works again.
    Restored,
    /// No operator here can block the source; what is done instead.
    NoOperator,
}

impl Notice {
    /// Stable id.
    pub fn id(self) -> &'static str {
        match self {
            Notice::Referred => "referred",
            Notice::Blocked(_) => "blocked",
            Notice::Kept => "kept",
            Notice::NotFound => "not_found",
            Notice::NotEnoughGround => "not_enough_ground",
            Notice::Forged => "forged",
            Notice::Restored => "restored",
            Notice::NoOperator => "no_operator",
        }
    }
}

/// The case after a decision, and what has to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The case as it stands now.
    pub case: Case,
    /// What has to happen, in order.
    pub effects: Vec<Effect>,
}

/// Why something cannot be done. The texts are shown to staff.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The role lacks the right.
    #[error("Vai trò của bạn không được làm việc này.")]
    NotAllowed,
    /// Not possible where the case stands.
    #[error(
        "Vụ việc đang ở trạng thái không cho phép thao tác này. Hãy tải lại trang để xem trạng thái mới nhất."
    )]
    WrongState,
    /// Too few different reporters.
    #[error(
        "Mới có {voices} người phản ánh khác nhau, cần ít nhất {needed}. Một phản ánh đơn lẻ không đủ để khóa một số."
    )]
    TooFewVoices {
        /// How many there are.
        voices: u32,
        /// How many are needed.
        needed: u32,
    },
    /// A registered official number.
    #[error("Đây là số chính thức của {owner}, không được khóa. Nhiều khả năng số đã bị giả mạo khi gọi.")]
    Official {
        /// Whose number it is.
        owner: String,
    },
    /// An emergency number or short code.
    #[error("Đây là số khẩn cấp hoặc đầu số ngắn dùng chung, không bao giờ được khóa.")]
    NeverBlockable,
    /// No operator here holds it.
    #[error(
        "Không có nhà mạng trong nước nào khóa được nguồn này. Có thể chuyển Công an, ra cảnh báo, rồi đóng vụ việc."
    )]
    NoOperator,
    /// No rule allows a temporary block.
    #[error(
        "Chưa có quy định tạm khóa nào được bật. Quản trị cần khai báo [temporary_block] với cơ quan ban hành và căn cứ."
    )]
    NoBlockRule,
    /// The same person asked for the block.
    #[error("Người đề nghị khóa không được tự xác nhận. Cần người thứ hai.")]
    SamePerson,
    /// Already done.
    #[error("Việc này đã được làm rồi.")]
    AlreadyDone,
    /// Passed on between operators too often.
    #[error("Các nhà mạng đã chuyển đề nghị này qua lại quá nhiều lần. Cần cán bộ liên hệ trực tiếp.")]
    TooManyReroutes,
    /// The expiry has not come.
    #[error("Chưa đến thời hạn.")]
    NotYet,
}

/// The case after `action`, or why not.
///
/// # Errors
/// [`Refusal`] says who or what stands against it; the case is then unchanged.
pub fn decide(
    case: &Case,
    action: &Action,
    actor: &Actor,
    facts: &Facts,
    rule: &ScamRule,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    check_right(action, actor)?;
    match action {
        Action::Confirm => confirm(case),
        Action::Refer { unit } => refer(case, unit),
        Action::AcknowledgeReferral => acknowledge(case),
        Action::RequestBlock => request_block(case, actor, facts, rule, now),
        Action::AnswerBlocked { .. }
        | Action::AnswerNotFound
        | Action::AnswerRefused
        | Action::AnswerPorted { .. }
        | Action::AnswerRestored => answer(case, action, facts, rule),
        Action::KeepBlock => keep(case, actor),
        Action::Expire => expire(case, facts, now),
        Action::Lift => lift(case, facts, RestoreCause::Lifted),
        Action::Close(outcome) => close(case, *outcome),
        Action::FileReconsideration => file_reconsideration(case),
        Action::DecideReconsideration { is_granted } => {
            decide_reconsideration(case, actor, facts, *is_granted)
        }
    }
}

fn check_right(action: &Action, actor: &Actor) -> Result<(), Refusal> {
    let is_allowed = match action {
        Action::Confirm | Action::Refer { .. } | Action::RequestBlock | Action::Lift | Action::Close(_) => {
            actor.may(Right::WorkCases)
        }
        Action::AcknowledgeReferral => actor.may(Right::ReceiveReferrals),
        Action::KeepBlock => actor.may(Right::ConfirmMeasures),
        Action::DecideReconsideration { .. } => actor.may(Right::DecideReconsiderations),
        Action::AnswerBlocked { .. }
        | Action::AnswerNotFound
        | Action::AnswerRefused
        | Action::AnswerPorted { .. }
        | Action::AnswerRestored => matches!(actor, Actor::Operator(_)),
        Action::Expire => matches!(actor, Actor::System),
        Action::FileReconsideration => matches!(actor, Actor::Holder | Actor::Staff { .. }),
    };
    if is_allowed { Ok(()) } else { Err(Refusal::NotAllowed) }
}

fn confirm(case: &Case) -> Result<Decision, Refusal> {
    match case.state {
        CaseState::Open => Ok(moved(case, CaseState::Confirmed, vec![])),
        CaseState::Confirmed => Err(Refusal::AlreadyDone),
        _ => Err(Refusal::WrongState),
    }
}

fn refer(case: &Case, unit: &str) -> Result<Decision, Refusal> {
    if !case.state.is_finding() {
        return Err(Refusal::WrongState);
    }
    if case.referral != Referral::None {
        return Err(Refusal::AlreadyDone);
    }
    let mut after = case.clone();
    after.referral = Referral::Sent;
    let effects = vec![Effect::Refer { unit: unit.to_owned() }, Effect::TellReporters(Notice::Referred)];
    Ok(Decision { case: after, effects })
}

fn acknowledge(case: &Case) -> Result<Decision, Refusal> {
    match case.referral {
        Referral::Sent => {
            let mut after = case.clone();
            after.referral = Referral::Acknowledged;
            Ok(Decision { case: after, effects: vec![Effect::NoteAcknowledgement] })
        }
        Referral::Acknowledged => Err(Refusal::AlreadyDone),
        Referral::None => Err(Refusal::WrongState),
    }
}

fn request_block(
    case: &Case,
    actor: &Actor,
    facts: &Facts,
    rule: &ScamRule,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    match case.state {
        CaseState::Confirmed => {}
        CaseState::BlockRequested { .. } | CaseState::Blocked { .. } | CaseState::Kept { .. } => {
            return Err(Refusal::AlreadyDone);
        }
        _ => return Err(Refusal::WrongState),
    }
    let operator = blockable_by(facts)?;
    if facts.voices < rule.min_voices {
        return Err(Refusal::TooFewVoices { voices: facts.voices, needed: rule.min_voices });
    }
    let basis = rule.temporary_block.clone().ok_or(Refusal::NoBlockRule)?;
    let requested_by = actor.staff_id().ok_or(Refusal::NotAllowed)?;
    let until = now
        .checked_add(SignedDuration::from_hours(24 * i64::from(basis.days)))
        .map_err(|_| Refusal::NoBlockRule)?;
    let effects = vec![
        Effect::RequestOperator {
            measure: Measure::TemporaryBlock,
            operator: operator.to_owned(),
            until: Some(until),
            basis: Some(basis),
        },
        Effect::ExpireAt(until),
    ];
    Ok(moved(case, CaseState::BlockRequested { requested_by, until, reroutes: 0 }, effects))
}

fn blockable_by(facts: &Facts) -> Result<&str, Refusal> {
    if let Some(owner) = &facts.official_owner {
        return Err(Refusal::Official { owner: owner.clone() });
    }
    match &facts.path {
        SourcePath::Operator(operator) => Ok(operator),
        SourcePath::NeverBlockable => Err(Refusal::NeverBlockable),
        SourcePath::Foreign | SourcePath::SenderName => Err(Refusal::NoOperator),
    }
}

fn answer(case: &Case, action: &Action, facts: &Facts, rule: &ScamRule) -> Result<Decision, Refusal> {
    match (&case.state, action) {
        (CaseState::BlockRequested { requested_by, until, .. }, Action::AnswerBlocked { at }) => {
            let next = CaseState::Blocked { requested_by: *requested_by, since: *at, until: *until };
            Ok(moved(case, next, vec![Effect::TellReporters(Notice::Blocked(*at))]))
        }
        (CaseState::BlockRequested { .. }, Action::AnswerNotFound) => {
            Ok(moved(case, CaseState::Confirmed, vec![Effect::TellReporters(Notice::NotFound)]))
        }
        (CaseState::BlockRequested { .. }, Action::AnswerRefused) => {
            Ok(moved(case, CaseState::Confirmed, vec![]))
        }
        (CaseState::BlockRequested { requested_by, until, reroutes }, Action::AnswerPorted { to }) => {
            if *reroutes >= rule.max_reroutes {
                return Err(Refusal::TooManyReroutes);
            }
            let next = CaseState::BlockRequested {
                requested_by: *requested_by,
                until: *until,
                reroutes: reroutes + 1,
            };
            let request = Effect::RequestOperator {
                measure: Measure::TemporaryBlock,
                operator: to.clone(),
                until: Some(*until),
                basis: rule.temporary_block.clone(),
            };
            Ok(moved(case, next, vec![request]))
        }
        // The number works although nobody may block it any more: undo what came late.
        (
            CaseState::Confirmed | CaseState::Closed { .. } | CaseState::Restored { .. },
            Action::AnswerBlocked { .. },
        ) => restore(case, facts, RestoreCause::LateAnswer),
        (CaseState::Restoring { cause }, Action::AnswerRestored | Action::AnswerNotFound) => {
            let next = CaseState::Restored { cause: *cause };
            Ok(moved(case, next, vec![Effect::TellReporters(Notice::Restored)]))
        }
        (CaseState::Restoring { .. }, Action::AnswerPorted { to }) => {
            let request = Effect::RequestOperator {
                measure: Measure::Restore,
                operator: to.clone(),
                until: None,
                basis: None,
            };
            Ok(moved(case, case.state.clone(), vec![request]))
        }
        _ => Err(Refusal::WrongState),
    }
}

fn keep(case: &Case, actor: &Actor) -> Result<Decision, Refusal> {
    let CaseState::Blocked { requested_by, since, .. } = case.state else {
        return Err(match case.state {
            CaseState::Kept { .. } => Refusal::AlreadyDone,
            _ => Refusal::WrongState,
        });
    };
    // The holder is heard before a measure becomes permanent.
    if case.reconsideration == Reconsideration::Filed {
        return Err(Refusal::WrongState);
    }
    if actor.staff_id() == Some(requested_by) {
        return Err(Refusal::SamePerson);
    }
    Ok(moved(case, CaseState::Kept { since }, vec![Effect::TellReporters(Notice::Kept)]))
}

fn expire(case: &Case, facts: &Facts, now: Timestamp) -> Result<Decision, Refusal> {
    match case.state {
        CaseState::Blocked { until, .. } if now >= until => restore(case, facts, RestoreCause::Expired),
        CaseState::BlockRequested { until, .. } if now >= until => {
            Ok(moved(case, CaseState::Confirmed, vec![Effect::WithdrawRequests]))
        }
        CaseState::Blocked { .. } | CaseState::BlockRequested { .. } => Err(Refusal::NotYet),
        _ => Err(Refusal::WrongState),
    }
}

fn lift(case: &Case, facts: &Facts, cause: RestoreCause) -> Result<Decision, Refusal> {
    match case.state {
        CaseState::Blocked { .. } | CaseState::Kept { .. } => restore(case, facts, cause),
        CaseState::BlockRequested { .. } => {
            Ok(moved(case, CaseState::Confirmed, vec![Effect::WithdrawRequests]))
        }
        _ => Err(Refusal::WrongState),
    }
}

fn restore(case: &Case, facts: &Facts, cause: RestoreCause) -> Result<Decision, Refusal> {
    let SourcePath::Operator(operator) = &facts.path else {
        return Err(Refusal::NoOperator);
    };
    let request = Effect::RequestOperator {
        measure: Measure::Restore,
        operator: operator.clone(),
        until: None,
        basis: None,
    };
    Ok(moved(case, CaseState::Restoring { cause }, vec![request]))
}

fn close(case: &Case, outcome: ClosedAs) -> Result<Decision, Refusal> {
    if !matches!(case.state, CaseState::Open | CaseState::Confirmed) {
        return Err(Refusal::WrongState);
    }
    let notice = match outcome {
        ClosedAs::NotEnoughGround => Notice::NotEnoughGround,
        ClosedAs::Forged => Notice::Forged,
        ClosedAs::NoOperator => Notice::NoOperator,
        // Only the decision on a reconsideration ends a case that way.
        ClosedAs::Reconsidered => return Err(Refusal::WrongState),
    };
    Ok(moved(case, CaseState::Closed { outcome }, vec![Effect::TellReporters(notice)]))
}

fn file_reconsideration(case: &Case) -> Result<Decision, Refusal> {
    if !case.state.is_active() {
        return Err(Refusal::WrongState);
    }
    if case.reconsideration == Reconsideration::Filed {
        return Err(Refusal::AlreadyDone);
    }
    let mut after = case.clone();
    after.reconsideration = Reconsideration::Filed;
    Ok(Decision { case: after, effects: vec![] })
}

fn decide_reconsideration(
    case: &Case,
    actor: &Actor,
    facts: &Facts,
    is_granted: bool,
) -> Result<Decision, Refusal> {
    if case.reconsideration != Reconsideration::Filed {
        return Err(Refusal::WrongState);
    }
    if let CaseState::BlockRequested { requested_by, .. } | CaseState::Blocked { requested_by, .. } =
        case.state
        && actor.staff_id() == Some(requested_by)
    {
        return Err(Refusal::SamePerson);
    }
    let mut after = case.clone();
    if !is_granted {
        after.reconsideration = Reconsideration::Refused;
        return Ok(Decision { case: after, effects: vec![] });
    }
    after.reconsideration = Reconsideration::Granted;
    match case.state {
        CaseState::Blocked { .. } | CaseState::Kept { .. } => {
            restore(&after, facts, RestoreCause::Reconsidered)
        }
        CaseState::BlockRequested { .. } => Ok(moved(
            &after,
            CaseState::Closed { outcome: ClosedAs::Reconsidered },
            vec![Effect::WithdrawRequests, Effect::TellReporters(Notice::NotEnoughGround)],
        )),
        CaseState::Open | CaseState::Confirmed => Ok(moved(
            &after,
            CaseState::Closed { outcome: ClosedAs::Reconsidered },
            vec![Effect::TellReporters(Notice::NotEnoughGround)],
        )),
        CaseState::Restoring { .. } | CaseState::Restored { .. } | CaseState::Closed { .. } => {
            Ok(Decision { case: after, effects: vec![] })
        }
    }
}

fn moved(case: &Case, state: CaseState, effects: Vec<Effect>) -> Decision {
    Decision { case: Case { state, ..case.clone() }, effects }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;

use super::*;
use crate::account::Role;
use crate::id::UserId;
use crate::procedure::RuleSet;
use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

const OFFICER: u128 = 1;
const APPROVER: u128 = 2;

fn staff(n: u128, role: Role) -> Actor {
    Actor::Staff { id: UserId(Uuid::from_u128(n)), role }
}
fn officer() -> Actor {
    staff(OFFICER, Role::Officer)
}
fn approver() -> Actor {
    staff(APPROVER, Role::Approver)
}
fn operator() -> Actor {
    Actor::Operator("viettel".to_owned())
}
fn rule() -> ScamRule {
    RuleSet::embedded()
        .unwrap()
        .with_temporary_block(TemporaryBlock {
            days: 7,
            issuing_body: "Cơ quan thử nghiệm".to_owned(),
            legal_basis: None,
        })
        .on(date(2026, 11, 23))
        .unwrap()
        .clone()
}
fn facts() -> Facts {
    Facts { voices: 3, official_owner: None, path: SourcePath::Operator("viettel".to_owned()) }
}
fn now() -> Timestamp {
    "2026-11-23T08:00:00Z".parse().unwrap()
}
fn later(days: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_hours(24 * days)).unwrap()
}
fn open() -> Case {
    Case { state: CaseState::Open, referral: Referral::None, reconsideration: Reconsideration::None }
}
fn run(case: &Case, action: Action, actor: &Actor) -> Result<Decision, Refusal> {
    decide(case, &action, actor, &facts(), &rule(), now())
}
fn blocked() -> Case {
    let case = run(&open(), Action::Confirm, &officer()).unwrap().case;
    let case = run(&case, Action::RequestBlock, &officer()).unwrap().case;
    run(&case, Action::AnswerBlocked { at: now() }, &operator()).unwrap().case
}

#[test]
fn the_main_story_runs_from_open_to_restored() {
    let case = run(&open(), Action::Confirm, &officer()).unwrap().case;
    let referred = run(&case, Action::Refer { unit: "pa05".to_owned() }, &officer()).unwrap();
    assert!(referred.effects.contains(&Effect::TellReporters(Notice::Referred)));
    let police = staff(9, Role::Police);
    let case = run(&referred.case, Action::AcknowledgeReferral, &police).unwrap().case;
    let asked = run(&case, Action::RequestBlock, &officer()).unwrap();
    assert!(asked.effects.contains(&Effect::ExpireAt(later(7))));
    let blocked = run(&asked.case, Action::AnswerBlocked { at: now() }, &operator()).unwrap();
    assert_eq!(blocked.effects, [Effect::TellReporters(Notice::Blocked(now()))]);
    let expired =
        decide(&blocked.case, &Action::Expire, &Actor::System, &facts(), &rule(), later(7)).unwrap();
    assert_eq!(expired.case.state.id(), "restoring");
    let restored = run(&expired.case, Action::AnswerRestored, &operator()).unwrap();
    assert_eq!(restored.case.state, CaseState::Restored { cause: RestoreCause::Expired });
    assert_eq!(restored.case.referral, Referral::Acknowledged);
}

#[test]
fn a_block_is_refused_below_the_minimum_of_evidence() {
    let case = run(&open(), Action::Confirm, &officer()).unwrap().case;
    let few = Facts { voices: 1, ..facts() };
    assert_eq!(
        decide(&case, &Action::RequestBlock, &officer(), &few, &rule(), now()),
        Err(Refusal::TooFewVoices { voices: 1, needed: 2 })
    );
}

#[test]
fn official_emergency_foreign_and_named_sources_are_never_blocked() {
    let case = run(&open(), Action::Confirm, &officer()).unwrap().case;
    let refused =
        |facts: Facts| decide(&case, &Action::RequestBlock, &officer(), &facts, &rule(), now()).unwrap_err();
    let owner = "Cơ quan A".to_owned();
    assert_eq!(
        refused(Facts { official_owner: Some(owner.clone()), ..facts() }),
        Refusal::Official { owner }
    );
    assert_eq!(refused(Facts { path: SourcePath::NeverBlockable, ..facts() }), Refusal::NeverBlockable);
    for path in [SourcePath::Foreign, SourcePath::SenderName] {
        assert_eq!(refused(Facts { path, ..facts() }), Refusal::NoOperator);
    }
}

#[test]
fn without_a_rule_that_is_switched_on_no_block_is_asked() {
    let case = run(&open(), Action::Confirm, &officer()).unwrap().case;
    let off = ScamRule { temporary_block: None, ..rule() };
    assert_eq!(
        decide(&case, &Action::RequestBlock, &officer(), &facts(), &off, now()),
        Err(Refusal::NoBlockRule)
    );
}

#[test]
fn whoever_asked_for_the_block_cannot_keep_it() {
    let asked_by_approver = {
        let case = run(&open(), Action::Confirm, &approver()).unwrap().case;
        let case = run(&case, Action::RequestBlock, &approver()).unwrap().case;
        run(&case, Action::AnswerBlocked { at: now() }, &operator()).unwrap().case
    };
    assert_eq!(run(&asked_by_approver, Action::KeepBlock, &approver()), Err(Refusal::SamePerson));
    assert_eq!(run(&blocked(), Action::KeepBlock, &officer()), Err(Refusal::NotAllowed));
    let kept = run(&blocked(), Action::KeepBlock, &approver()).unwrap().case;
    assert_eq!(kept.state, CaseState::Kept { since: now() });
    assert_eq!(
        decide(&kept, &Action::Expire, &Actor::System, &facts(), &rule(), later(30)),
        Err(Refusal::WrongState),
        "a kept block does not run out"
    );
}

#[test]
fn a_block_does_not_end_before_its_time() {
    assert_eq!(
        decide(&blocked(), &Action::Expire, &Actor::System, &facts(), &rule(), later(6)),
        Err(Refusal::NotYet)
    );
}

#[test]
fn a_ported_number_is_asked_of_the_next_operator_a_bounded_number_of_times() {
    let mut case = run(&open(), Action::Confirm, &officer()).unwrap().case;
    case = run(&case, Action::RequestBlock, &officer()).unwrap().case;
    for _ in 0..rule().max_reroutes {
        let decision = run(&case, Action::AnswerPorted { to: "vinaphone".to_owned() }, &operator()).unwrap();
        assert!(matches!(
            &decision.effects[..],
            [Effect::RequestOperator { operator, measure: Measure::TemporaryBlock, .. }] if operator == "vinaphone"
        ));
        case = decision.case;
    }
    assert_eq!(
        run(&case, Action::AnswerPorted { to: "viettel".to_owned() }, &operator()),
        Err(Refusal::TooManyReroutes)
    );
}

#[test]
fn a_block_that_comes_after_the_request_was_withdrawn_is_undone() {
    let case = run(&open(), Action::Confirm, &officer()).unwrap().case;
    let case = run(&case, Action::RequestBlock, &officer()).unwrap().case;
    let withdrawn = run(&case, Action::Lift, &officer()).unwrap();
    assert_eq!(withdrawn.effects, [Effect::WithdrawRequests]);
    let undone = run(&withdrawn.case, Action::AnswerBlocked { at: now() }, &operator()).unwrap();
    assert_eq!(undone.case.state, CaseState::Restoring { cause: RestoreCause::LateAnswer });
}

#[test]
fn a_granted_reconsideration_restores_and_is_not_decided_by_who_asked_for_the_block() {
    let filed = run(&blocked(), Action::FileReconsideration, &Actor::Holder).unwrap().case;
    let grant = Action::DecideReconsideration { is_granted: true };
    assert_eq!(run(&filed, grant.clone(), &officer()), Err(Refusal::SamePerson));
    assert_eq!(run(&filed, Action::KeepBlock, &approver()), Err(Refusal::WrongState), "heard first");
    let granted = run(&filed, grant, &approver()).unwrap();
    assert_eq!(granted.case.state, CaseState::Restoring { cause: RestoreCause::Reconsidered });
    assert_eq!(granted.case.reconsideration, Reconsideration::Granted);
    let refused = run(&filed, Action::DecideReconsideration { is_granted: false }, &approver()).unwrap();
    assert_eq!(refused.case.state.id(), "blocked");
    assert_eq!(refused.case.reconsideration, Reconsideration::Refused);
}

#[test]
fn a_case_is_not_closed_while_a_block_is_in_force() {
    assert_eq!(run(&blocked(), Action::Close(ClosedAs::Forged), &officer()), Err(Refusal::WrongState));
    let closed = run(&open(), Action::Close(ClosedAs::NotEnoughGround), &officer()).unwrap();
    assert_eq!(closed.effects, [Effect::TellReporters(Notice::NotEnoughGround)]);
}

#[test]
fn nobody_answers_for_an_operator() {
    let case = run(&open(), Action::Confirm, &officer()).unwrap().case;
    let case = run(&case, Action::RequestBlock, &officer()).unwrap().case;
    for actor in [officer(), approver(), Actor::System, Actor::Holder] {
        assert_eq!(run(&case, Action::AnswerNotFound, &actor), Err(Refusal::NotAllowed));
    }
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        Just(Action::Confirm),
        Just(Action::Refer { unit: "u".to_owned() }),
        Just(Action::AcknowledgeReferral),
        Just(Action::RequestBlock),
        Just(Action::AnswerBlocked { at: now() }),
        Just(Action::AnswerNotFound),
        Just(Action::AnswerRefused),
        Just(Action::AnswerPorted { to: "mobifone".to_owned() }),
        Just(Action::AnswerRestored),
        Just(Action::KeepBlock),
        Just(Action::Expire),
        Just(Action::Lift),
        Just(Action::Close(ClosedAs::NotEnoughGround)),
        Just(Action::FileReconsideration),
        Just(Action::DecideReconsideration { is_granted: true }),
        Just(Action::DecideReconsideration { is_granted: false }),
    ]
}

fn any_actor() -> impl Strategy<Value = Actor> {
    prop_oneof![
        Just(officer()),
        Just(approver()),
        Just(staff(9, Role::Police)),
        Just(staff(8, Role::Administrator)),
        Just(operator()),
        Just(Actor::Holder),
        Just(Actor::System),
    ]
}

proptest! {
    /// Whatever is tried in whatever order: nobody keeps a block alone, every block can still end,
    /// and no block is asked without enough voices.
    #[test]
    fn no_order_of_actions_breaks_the_safety_of_a_block(
        steps in proptest::collection::vec((any_action(), any_actor(), 0i64..20), 0..40),
        voices in 0u32..4,
    ) {
        let facts = Facts { voices, ..facts() };
        let mut case = open();
        let mut asked_by = None;
        for (action, actor, day) in steps {
            let Ok(decision) = decide(&case, &action, &actor, &facts, &rule(), later(day)) else { continue };
            if action == Action::RequestBlock {
                prop_assert!(voices >= rule().min_voices);
                asked_by = actor.staff_id();
            }
            if matches!(decision.case.state, CaseState::Kept { .. }) && action == Action::KeepBlock {
                prop_assert_ne!(actor.staff_id(), asked_by);
            }
            if matches!(decision.case.state, CaseState::Closed { .. }) {
                let was_blocked = matches!(case.state, CaseState::Blocked { .. } | CaseState::Kept { .. });
                prop_assert!(!was_blocked);
            }
            case = decision.case;
        }
        if matches!(case.state, CaseState::Blocked { .. } | CaseState::Kept { .. }) {
            prop_assert!(decide(&case, &Action::Lift, &officer(), &facts, &rule(), now()).is_ok());
        }
    }
}

//! A case changes in one transaction, on the version the decision was made on, or not at all.

use canhgiac_domain::procedure::{Action, ClosedAs};
use canhgiac_store::{Page, RequestAnswer, StoreError};
use uuid::Uuid;

use crate::support::{
    Home, MINUTE, START, act, act_with, block_requested, case_on, change, decision, instant, officer,
    operator, police,
};

fn answer(request_id: Uuid, answer: &str) -> RequestAnswer {
    RequestAnswer { request_id, answer: answer.to_owned(), note: "đã xử lý".to_owned(), ported_to: None }
}

pub(crate) async fn a_change_moves_the_case_and_says_so(home: &Home) {
    let store = home.open().await;
    let number = case_on(&store, "+84912345678").await;
    let case = store.case(number).await.unwrap();
    let decided = decision(&case, &Action::Confirm, &officer(), START + MINUTE);
    let mut confirmed = change(&case, &decided, &officer(), START + MINUTE);
    confirmed.action = "confirmed";
    store.change_case(&confirmed).await.unwrap();
    let case = store.case(number).await.unwrap();
    assert_eq!((case.case.state.as_str(), case.case.version), ("confirmed", 2));
    assert_eq!((case.case.updated_us, case.case.opened_us), (START + MINUTE, START));
    assert_eq!(case.case.owner, officer().staff_id().map(|id| id.0), "whoever acts first works it");
    let event = &store.case_events(number).await.unwrap()[0];
    assert_eq!((event.action.as_str(), event.note.as_str()), ("confirmed", "đã xem xét"));
    assert_eq!((event.at_us, &event.actor), (START + MINUTE, &confirmed.actor));
    let trail = store.audit_trail(Some(&format!("case:{number}")), Page::default()).await.unwrap();
    assert_eq!(trail.len(), 1);
    assert_eq!((trail[0].action.as_str(), &trail[0].actor), ("confirmed", &confirmed.actor));
}

pub(crate) async fn a_change_on_an_old_version_changes_nothing_at_all(home: &Home) {
    let store = home.open().await;
    let number = block_requested(&store, "+84912345678").await;
    let request = store.requests(Some(number), None, None, Page::default()).await.unwrap().remove(0);
    let old = store.case(number).await.unwrap();
    let blocked = decision(&old, &Action::AnswerBlocked { at: instant(START) }, &operator("viettel"), START);
    act(&store, number, Action::Lift, &officer(), START + 3 * MINUTE).await;
    let before = snapshot(&store, number).await;
    let mut late = change(&old, &blocked, &operator("viettel"), START + 4 * MINUTE);
    late.answer = Some(answer(request.id, "blocked"));
    assert!(matches!(store.change_case(&late).await, Err(StoreError::Conflict)));
    late.expected_version = 99;
    assert!(matches!(store.change_case(&late).await, Err(StoreError::Conflict)));
    late.number = 99;
    assert!(matches!(store.change_case(&late).await, Err(StoreError::Conflict)));
    assert_eq!(snapshot(&store, number).await, before);
}

/// Everything a change may write, as text.
async fn snapshot(store: &canhgiac_store::Store, number: i64) -> Vec<String> {
    let page = Page::default();
    vec![
        format!("{:?}", store.case(number).await.unwrap().case),
        format!("{:?}", store.case_events(number).await.unwrap()),
        format!("{:?}", store.audit_trail(None, page).await.unwrap()),
        format!("{:?}", store.requests(None, None, None, page).await.unwrap()),
        format!("{:?}", store.referrals(None, None, page).await.unwrap()),
        format!("{:?}", store.reconsiderations(None, None, page).await.unwrap()),
        format!("{:?}", store.jobs_waiting(i64::MAX).await.unwrap()),
        format!("{:?}", store.standing("subscriber", "+84912345678").await.unwrap()),
        format!("{:?}", store.reports_of_case(number, page).await.unwrap()),
    ]
}

pub(crate) async fn of_two_decisions_at_the_same_time_one_holds(home: &Home) {
    let (one, other) = (home.open().await, home.open().await);
    let number = case_on(&one, "+84912345678").await;
    let case = one.case(number).await.unwrap();
    let confirm = decision(&case, &Action::Confirm, &officer(), START);
    let close = decision(&case, &Action::Close(ClosedAs::Forged), &officer(), START);
    let (confirm, close) =
        (change(&case, &confirm, &officer(), START), change(&case, &close, &officer(), START));
    let (left, right) = tokio::join!(one.change_case(&confirm), other.change_case(&close));
    assert!(left.is_ok() != right.is_ok(), "{left:?} {right:?}");
    let case = one.case(number).await.unwrap();
    assert_eq!(case.case.version, 2);
    assert_eq!(case.case.state, if left.is_ok() { "confirmed" } else { "closed" });
    assert_eq!(one.case_events(number).await.unwrap().len(), 2);
}

pub(crate) async fn a_request_is_answered_once(home: &Home) {
    let store = home.open().await;
    let number = block_requested(&store, "+84912345678").await;
    let request = store.fetch_open_requests("viettel", 10, START).await.unwrap().remove(0);
    let at = instant(START + 3 * MINUTE);
    let blocked = Action::AnswerBlocked { at };
    let by = operator("viettel");
    act_with(&store, number, blocked, &by, START + 4 * MINUTE, |change| {
        change.answer = Some(answer(request.id, "blocked"));
    })
    .await
    .unwrap();
    let row = store.request(request.id).await.unwrap();
    assert_eq!((row.state.as_str(), row.answer.as_deref()), ("answered", Some("blocked")));
    assert_eq!((row.answer_note.as_deref(), row.answered_us), (Some("đã xử lý"), Some(START + 4 * MINUTE)));
    assert!(store.fetch_open_requests("viettel", 10, START).await.unwrap().is_empty());
    let case = store.case(number).await.unwrap();
    assert_eq!((case.case.state.as_str(), case.case.since_us), ("blocked", Some(at.as_microsecond())));
    let before = snapshot(&store, number).await;
    // On the right version, but the request has its answer.
    let again = act_with(&store, number, Action::Lift, &officer(), START + 5 * MINUTE, |change| {
        change.answer = Some(answer(request.id, "not_found"));
    })
    .await;
    assert!(matches!(again, Err(StoreError::Conflict)));
    assert_eq!(snapshot(&store, number).await, before);
}

pub(crate) async fn an_answer_belongs_to_a_request_of_its_case(home: &Home) {
    let store = home.open().await;
    let mine = block_requested(&store, "+84912345678").await;
    let other = block_requested(&store, "+84987654321").await;
    let request = store.requests(Some(other), None, None, Page::default()).await.unwrap().remove(0);
    let before = snapshot(&store, mine).await;
    for id in [request.id, Uuid::from_u128(404)] {
        let wrong = act_with(&store, mine, Action::AnswerRefused, &operator("viettel"), START, |change| {
            change.answer = Some(answer(id, "refused"));
        })
        .await;
        assert!(matches!(wrong, Err(StoreError::Conflict)));
    }
    assert_eq!(snapshot(&store, mine).await, before);
    assert_eq!(store.request(request.id).await.unwrap().state, "open");
}

pub(crate) async fn a_referral_is_acknowledged_once(home: &Home) {
    let store = home.open().await;
    let number = case_on(&store, "+84912345678").await;
    act(&store, number, Action::Confirm, &officer(), START).await;
    act(&store, number, Action::Refer { unit: "ha_noi".to_owned() }, &officer(), START + MINUTE).await;
    let referral = store.referrals(Some("ha_noi"), None, Page::default()).await.unwrap().remove(0);
    assert_eq!((referral.case_number, referral.acknowledged_us), (number, None));
    act_with(&store, number, Action::AcknowledgeReferral, &police(), START + 2 * MINUTE, |change| {
        change.acknowledged = Some(referral.id);
    })
    .await
    .unwrap();
    let row = store.referral(referral.id).await.unwrap();
    assert_eq!(row.acknowledged_us, Some(START + 2 * MINUTE));
    assert_eq!(row.acknowledged_by, Some(format!("staff:{}", police().staff_id().unwrap().0)));
    assert_eq!(row.answer_note.as_deref(), Some("đã xem xét"));
    assert_eq!(store.case(number).await.unwrap().case.referral, "acknowledged");
    let before = snapshot(&store, number).await;
    for id in [referral.id, Uuid::from_u128(404)] {
        let case = store.case(number).await.unwrap();
        let unchanged = canhgiac_domain::procedure::Decision {
            case: case.case.to_case().unwrap(),
            effects: vec![canhgiac_domain::procedure::Effect::NoteAcknowledgement],
        };
        let mut again = change(&case, &unchanged, &police(), START + 3 * MINUTE);
        again.acknowledged = Some(id);
        assert!(matches!(store.change_case(&again).await, Err(StoreError::Conflict)));
    }
    assert_eq!(snapshot(&store, number).await, before);
}

/// The block nobody wants any more came after all, and new reports have opened another case by then.
pub(crate) async fn a_late_block_is_undone_beside_a_newer_case(home: &Home) {
    let store = home.open().await;
    let source = "+84912345678";
    let old = block_requested(&store, source).await;
    let request_id = store.requests(Some(old), None, None, Page::default()).await.unwrap()[0].id;
    act(&store, old, Action::Lift, &officer(), START + 3 * MINUTE).await;
    act(&store, old, Action::Close(ClosedAs::Forged), &officer(), START + 4 * MINUTE).await;
    let new = case_on(&store, source).await;
    let blocked = Action::AnswerBlocked { at: instant(START) };
    act_with(&store, old, blocked, &operator("viettel"), START + 5 * MINUTE, |change| {
        change.answer = Some(answer(request_id, "blocked"));
    })
    .await
    .unwrap();
    assert_eq!(store.case(old).await.unwrap().case.state, "restoring");
    assert_eq!(store.case(new).await.unwrap().case.previous, Some(old));
    assert_eq!(case_on(&store, source).await, new, "reports go on joining the newer one");
    act(&store, old, Action::AnswerRestored, &operator("viettel"), START + 6 * MINUTE).await;
    let standing = store.standing("subscriber", source).await.unwrap();
    assert_eq!((standing.case_number, standing.case_state.as_deref()), (Some(new), Some("open")));
}

pub(crate) async fn what_a_state_holds_reads_back(home: &Home) {
    let store = home.open().await;
    let number = block_requested(&store, "+84912345678").await;
    let requested = store.case(number).await.unwrap();
    assert_eq!(requested.case.requested_by, officer().staff_id().map(|id| id.0));
    assert_eq!(requested.case.until_us, Some(START + 2 * MINUTE + 7 * crate::support::DAY));

    let mut expected = requested.case.to_case().unwrap();
    let steps = [
        (Action::AnswerBlocked { at: instant(START) }, operator("viettel")),
        (Action::KeepBlock, crate::support::approver()),
        (Action::Lift, officer()),
        (Action::AnswerRestored, operator("viettel")),
    ];
    for (action, actor) in steps {
        let case = store.case(number).await.unwrap();
        expected = decision(&case, &action, &actor, START + 3 * MINUTE).case;
        let after = act(&store, number, action, &actor, START + 3 * MINUTE).await;
        assert_eq!(after.case.to_case().unwrap(), expected);
    }
    assert_eq!(expected.state.id(), "restored");
    let row = store.case(number).await.unwrap().case;
    assert_eq!((row.requested_by, row.since_us, row.until_us, row.reroutes), (None, None, None, None));
    assert_eq!(row.outcome.as_deref(), Some("lifted"));
}

//! A holder asks for reconsideration, with or without a case, and it is decided once.

use canhgiac_domain::account::Actor;
use canhgiac_domain::procedure::{Action, ClosedAs};
use canhgiac_store::{NewReconsideration, Page, StoreError};
use uuid::Uuid;

use crate::support::{Home, MINUTE, START, act_with, approver, audit, block_requested, case_on, officer};

fn filed(n: u8, source: &str) -> NewReconsideration {
    NewReconsideration {
        id: Uuid::from_u128(u128::from(n)),
        source_kind: "subscriber".to_owned(),
        source: source.to_owned(),
        token_hash: vec![n; 32],
        code: 20_000_000 + i64::from(n),
        holder_name: "Bà A".to_owned(),
        contact_sealed: vec![1, 2, 3],
        statement: "Tôi không gọi cho ai.".to_owned(),
        filed_us: START + i64::from(n),
    }
}

pub(crate) async fn one_is_filed_and_granted_with_its_case(home: &Home) {
    let store = home.open().await;
    let number = block_requested(&store, "+84912345678").await;
    act_with(&store, number, Action::FileReconsideration, &Actor::Holder, START + 3 * MINUTE, |change| {
        change.filed = Some(filed(1, "+84912345678"));
    })
    .await
    .unwrap();
    assert_eq!(store.case(number).await.unwrap().case.reconsideration, "filed");
    let row = store.reconsideration_by_token(&[1; 32]).await.unwrap();
    assert_eq!((row.case_number, row.state.as_str(), row.code), (Some(number), "filed", 20_000_001));
    assert_eq!((row.holder_name.as_str(), row.contact_sealed.as_slice()), ("Bà A", [1, 2, 3].as_slice()));
    assert_eq!((row.source.as_str(), row.filed_us), ("+84912345678", START + 1));
    let action = Action::DecideReconsideration { is_granted: true };
    // Whatever the timeline calls it, the decision says how it ended.
    act_with(&store, number, action, &approver(), START + 4 * MINUTE, |change| {
        change.decided = Some(row.id);
    })
    .await
    .unwrap();
    let row = store.reconsideration(row.id).await.unwrap();
    assert_eq!((row.state.as_str(), row.decided_us), ("granted", Some(START + 4 * MINUTE)));
    assert_eq!(row.decided_by, Some(format!("staff:{}", approver().staff_id().unwrap().0)));
    assert_eq!(row.reason.as_deref(), Some("đã xem xét"));
    let case = store.case(number).await.unwrap().case;
    assert_eq!((case.state.as_str(), case.reconsideration.as_str()), ("closed", "granted"));
}

pub(crate) async fn one_is_refused_with_its_case(home: &Home) {
    let store = home.open().await;
    let number = case_on(&store, "+84912345678").await;
    act_with(&store, number, Action::FileReconsideration, &Actor::Holder, START, |change| {
        change.filed = Some(filed(1, "+84912345678"));
    })
    .await
    .unwrap();
    let refuse = Action::DecideReconsideration { is_granted: false };
    act_with(&store, number, refuse, &approver(), START + MINUTE, |change| {
        change.decided = Some(Uuid::from_u128(1));
    })
    .await
    .unwrap();
    assert_eq!(store.reconsideration(Uuid::from_u128(1)).await.unwrap().state, "refused");
    assert_eq!(store.case(number).await.unwrap().case.state, "open");
}

pub(crate) async fn one_of_another_case_is_not_decided_along(home: &Home) {
    let store = home.open().await;
    let mine = case_on(&store, "+84912345678").await;
    let other = case_on(&store, "+84987654321").await;
    for (n, number, source) in [(1, mine, "+84912345678"), (2, other, "+84987654321")] {
        act_with(&store, number, Action::FileReconsideration, &Actor::Holder, START, |change| {
            change.filed = Some(filed(n, source));
        })
        .await
        .unwrap();
    }
    let refuse = Action::DecideReconsideration { is_granted: false };
    let wrong = act_with(&store, mine, refuse, &approver(), START + MINUTE, |change| {
        change.decided = Some(Uuid::from_u128(2));
    })
    .await;
    assert!(matches!(wrong, Err(StoreError::Conflict)));
    assert_eq!(store.case(mine).await.unwrap().case.reconsideration, "filed");
    assert_eq!(store.reconsideration(Uuid::from_u128(2)).await.unwrap().state, "filed");
}

pub(crate) async fn one_without_a_case_is_decided_once_and_audited(home: &Home) {
    let store = home.open().await;
    store.file_reconsideration(&filed(1, "+84912345678")).await.unwrap();
    let id = Uuid::from_u128(1);
    let row = store.reconsideration(id).await.unwrap();
    assert_eq!((row.case_number, row.source.as_str()), (None, "+84912345678"));
    let object = format!("reconsideration:{id}");
    let trail = store.audit_trail(Some(&object), Page::default()).await.unwrap();
    assert_eq!((trail.len(), trail[0].actor.as_str(), trail[0].at_us), (1, "holder", START + 1));
    store.decide_reconsideration(id, true, "đúng chủ thuê bao", &audit(&object)).await.unwrap();
    let row = store.reconsideration(id).await.unwrap();
    assert_eq!((row.state.as_str(), row.reason.as_deref()), ("granted", Some("đúng chủ thuê bao")));
    assert_eq!(store.audit_trail(Some(&object), Page::default()).await.unwrap().len(), 2);
    let again = store.decide_reconsideration(id, false, "không", &audit(&object)).await;
    assert!(matches!(again, Err(StoreError::Conflict)));
    assert_eq!(store.audit_trail(Some(&object), Page::default()).await.unwrap().len(), 2);
    assert_eq!(store.reconsideration(id).await.unwrap().state, "granted");
}

/// What belongs to a case is decided by its procedure.
pub(crate) async fn one_with_a_case_is_not_decided_without_it(home: &Home) {
    let store = home.open().await;
    let number = case_on(&store, "+84912345678").await;
    act_with(&store, number, Action::FileReconsideration, &Actor::Holder, START, |change| {
        change.filed = Some(filed(1, "+84912345678"));
    })
    .await
    .unwrap();
    let alone = store.decide_reconsideration(Uuid::from_u128(1), true, "", &audit("x")).await;
    assert!(matches!(alone, Err(StoreError::Conflict)));
    assert_eq!(store.reconsideration(Uuid::from_u128(1)).await.unwrap().state, "filed");
}

pub(crate) async fn lists_show_the_undecided_first(home: &Home) {
    let store = home.open().await;
    let number = case_on(&store, "+84912345678").await;
    act_with(&store, number, Action::Close(ClosedAs::Forged), &officer(), START, |_| {}).await.unwrap();
    for n in [3, 1, 2] {
        store.file_reconsideration(&filed(n, "+84912345678")).await.unwrap();
    }
    store.decide_reconsideration(Uuid::from_u128(1), false, "", &audit("x")).await.unwrap();
    let page = Page::default();
    let ids = |rows: Vec<canhgiac_store::ReconsiderationRow>| {
        rows.iter().map(|row| row.id.as_u128()).collect::<Vec<_>>()
    };
    assert_eq!(ids(store.reconsiderations(None, None, page).await.unwrap()), [2, 3, 1]);
    assert_eq!(ids(store.reconsiderations(Some("filed"), None, page).await.unwrap()), [2, 3]);
    assert_eq!(ids(store.reconsiderations(Some("refused"), None, page).await.unwrap()), [1]);
    assert!(store.reconsiderations(None, Some(number), page).await.unwrap().is_empty());
    assert!(matches!(store.reconsideration(Uuid::from_u128(9)).await, Err(StoreError::NotFound)));
    assert!(matches!(store.reconsideration_by_token(&[9; 32]).await, Err(StoreError::NotFound)));
    // A token names one reconsideration.
    let twin = NewReconsideration { id: Uuid::from_u128(7), ..filed(2, "+84912345678") };
    assert!(matches!(store.file_reconsideration(&twin).await, Err(StoreError::AlreadyExists)));
}

//! Staff, sessions, operators' keys, the audit trail and the figures of the day.

use canhgiac_domain::procedure::Action;
use canhgiac_store::{Count, HourCount, NewAudit, NewReport, Page, StaffRow, StoreError};
use uuid::Uuid;

use crate::support::{
    DAY, Home, MINUTE, START, act, audit, block_requested, case_on, message, officer, project, scam_call,
};

fn staff(n: u128, login: &str) -> StaffRow {
    StaffRow {
        id: Uuid::from_u128(n),
        login: login.to_owned(),
        name: format!("Cán bộ {n}"),
        role: "officer".to_owned(),
        unit: None,
        password_hash: "$argon2id$".to_owned(),
        is_disabled: false,
        created_us: START,
    }
}

pub(crate) async fn staff_are_added_found_and_changed(home: &Home) {
    let store = home.open().await;
    store.add_staff(&staff(2, "hoa"), &audit("staff")).await.unwrap();
    store.add_staff(&staff(1, "lan"), &audit("staff")).await.unwrap();
    assert_eq!(store.staff_by_login("lan").await.unwrap().id, Uuid::from_u128(1));
    assert!(matches!(store.staff_by_login("LAN").await, Err(StoreError::NotFound)));
    assert!(matches!(store.staff_by_id(Uuid::from_u128(9)).await, Err(StoreError::NotFound)));
    let taken = store.add_staff(&staff(3, "lan"), &audit("staff")).await;
    assert!(matches!(taken, Err(StoreError::AlreadyExists)));
    let disabled = StaffRow {
        role: "police".to_owned(),
        unit: Some("ha_noi".to_owned()),
        is_disabled: true,
        login: "ignored".to_owned(),
        ..staff(1, "lan")
    };
    store.update_staff(&disabled, &audit("staff")).await.unwrap();
    let row = store.staff_by_id(Uuid::from_u128(1)).await.unwrap();
    assert_eq!(
        (row.login.as_str(), row.role.as_str(), row.unit.as_deref()),
        ("lan", "police", Some("ha_noi"))
    );
    assert!(row.is_disabled);
    let unknown = store.update_staff(&staff(9, "x"), &audit("staff")).await;
    assert!(matches!(unknown, Err(StoreError::NotFound)));
    let names: Vec<String> = store.staff().await.unwrap().into_iter().map(|row| row.login).collect();
    assert_eq!(names, ["hoa", "lan"], "who may sign in comes first");
    assert_eq!(store.audit_trail(Some("staff"), Page::default()).await.unwrap().len(), 3);
}

pub(crate) async fn a_session_lasts_until_it_expires_or_is_ended(home: &Home) {
    let store = home.open().await;
    store.save_session("a", b"one", START + MINUTE).await.unwrap();
    store.save_session("b", b"two", START + 2 * MINUTE).await.unwrap();
    assert_eq!(store.load_session("a", START).await.unwrap().as_deref(), Some(b"one".as_slice()));
    assert_eq!(store.load_session("a", START + MINUTE).await.unwrap(), None);
    assert_eq!(store.load_session("c", START).await.unwrap(), None);
    store.save_session("a", b"longer", START + 3 * MINUTE).await.unwrap();
    assert_eq!(
        store.load_session("a", START + 2 * MINUTE).await.unwrap().as_deref(),
        Some(b"longer".as_slice())
    );
    assert_eq!(store.delete_expired_sessions(START + 2 * MINUTE).await.unwrap(), 1);
    assert_eq!(store.load_session("b", START).await.unwrap(), None);
    store.delete_session("a").await.unwrap();
    store.delete_session("a").await.unwrap();
    assert_eq!(store.load_session("a", START).await.unwrap(), None);
}

pub(crate) async fn an_operators_new_key_replaces_its_old_one(home: &Home) {
    let store = home.open().await;
    store.set_operator_key("viettel", b"one", &audit("operator:viettel")).await.unwrap();
    store.set_operator_key("mobifone", b"two", &audit("operator:mobifone")).await.unwrap();
    store.set_operator_key("viettel", b"three", &audit("operator:viettel")).await.unwrap();
    assert_eq!(store.operator_of_key(b"one").await.unwrap(), None);
    assert_eq!(store.operator_of_key(b"two").await.unwrap().as_deref(), Some("mobifone"));
    assert_eq!(store.operator_of_key(b"three").await.unwrap().as_deref(), Some("viettel"));
    assert_eq!(store.operator_of_key(b"").await.unwrap(), None);
    // A key that is another's: refused, and the own one still holds.
    let taken = store.set_operator_key("viettel", b"two", &audit("operator:viettel")).await;
    assert!(matches!(taken, Err(StoreError::AlreadyExists)));
    assert_eq!(store.operator_of_key(b"three").await.unwrap().as_deref(), Some("viettel"));
    assert_eq!(store.audit_trail(Some("operator:viettel"), Page::default()).await.unwrap().len(), 2);
}

pub(crate) async fn the_audit_trail_is_newest_first_and_by_object(home: &Home) {
    let store = home.open().await;
    for n in 0..5 {
        let entry =
            NewAudit { at_us: START + n, detail: format!("{n}"), ..audit(["a", "b"][n as usize % 2]) };
        store.audit(&entry).await.unwrap();
    }
    let details = async |object: Option<&str>, page| {
        let rows = store.audit_trail(object, page).await.unwrap();
        rows.iter().map(|row| row.detail.clone()).collect::<Vec<_>>()
    };
    assert_eq!(details(None, Page::default()).await, ["4", "3", "2", "1", "0"]);
    assert_eq!(details(Some("a"), Page::default()).await, ["4", "2", "0"]);
    assert_eq!(details(Some("a"), Page { offset: 1, limit: 1 }).await, ["2"]);
    assert_eq!(details(Some("c"), Page::default()).await, [""; 0]);
}

/// A page is never without an end, whatever was asked.
pub(crate) async fn a_page_has_its_bounds(home: &Home) {
    let store = home.open().await;
    for _ in 0..3 {
        store.audit(&audit("a")).await.unwrap();
    }
    let count = async |offset, limit| store.audit_trail(None, Page { offset, limit }).await.unwrap().len();
    assert_eq!(count(-5, 2).await, 2);
    assert_eq!(count(0, -1).await, 0);
    assert_eq!(count(0, i64::MAX).await, 3);
    assert_eq!(count(i64::MAX, 10).await, 0);
}

pub(crate) async fn figures_count_the_period(home: &Home) {
    let store = home.open().await;
    let hour = 60 * MINUTE;
    let old = NewReport { received_us: START - DAY, ..scam_call(8, "+84987654321") };
    let unknown = NewReport {
        intent: "unknown".to_owned(),
        kind: None,
        problem: Some("not_a_report".to_owned()),
        state: "needs_officer".to_owned(),
        received_us: START + hour,
        ..scam_call(9, "")
    };
    let help =
        NewReport { intent: "help".to_owned(), kind: None, state: "service".to_owned(), ..scam_call(9, "") };
    project(&store, vec![old, unknown, help]).await;
    let number = block_requested(&store, "+84912345678").await;
    act(&store, number, Action::Refer { unit: "hue".to_owned() }, &officer(), START + MINUTE).await;
    case_on(&store, "+84911111111").await;
    store.add_messages(&[message("a", 1), message("b", 2)], None, START).await.unwrap();
    let figures = store.figures(START).await.unwrap();
    let by = |hour, label: &str, count| HourCount { hour, label: label.to_owned(), count };
    assert_eq!(figures.by_hour, [by(0, "scam_call", 4), by(1, "none", 1)]);
    let count = |label: &str, count| Count { label: label.to_owned(), count };
    assert_eq!(figures.by_problem, [count("not_a_report", 1)]);
    assert_eq!(figures.by_intent[0], count("report", 4));
    assert_eq!(figures.by_intent.len(), 3);
    let mut cases = figures.cases;
    cases.sort_by(|a, b| a.label.cmp(&b.label));
    assert_eq!(cases, [count("block_requested", 1), count("open", 2)]);
    assert_eq!(figures.messages, [count("planned", 2)]);
    assert_eq!((figures.cases_opened, figures.needs_officer, figures.referrals_open), (2, 1, 1));
    assert_eq!((figures.requests_open, figures.requests_oldest_us), (1, Some(START + 2 * MINUTE)));
    assert_eq!((figures.reconsiderations_open, figures.drafts, figures.jobs_dead), (0, 0, 0));
}

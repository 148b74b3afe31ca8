//! An officer's corrections, and files added to a report.

use canhgiac_domain::procedure::{Action, ClosedAs};
use canhgiac_store::{Correction, NewEvidence, NewReport, NewSource, Page, StoreError};

use crate::support::{
    Home, START, act, audit, case_on, change, decision, officer, project, project_one, scam_call, subscriber,
};

fn correction(seq: i64, kind: &str, sources: Vec<NewSource>) -> Correction {
    Correction {
        seq,
        kind: kind.to_owned(),
        sources,
        opens_case: vec!["scam_call".to_owned()],
        joins_case: vec!["spam_call".to_owned()],
    }
}

pub(crate) async fn a_text_that_was_not_understood_becomes_a_report(home: &Home) {
    let store = home.open().await;
    let unclear = NewReport {
        intent: "unknown".to_owned(),
        kind: None,
        problem: Some("not_a_report".to_owned()),
        state: "needs_officer".to_owned(),
        sources: Vec::new(),
        ..scam_call(1, "")
    };
    let before = project_one(&store, unclear).await.report;
    let right = correction(before.seq, "scam_call", vec![subscriber("+84912345678")]);
    store.correct_report(&right, &audit("report:1")).await.unwrap();
    let entry = store.report(before.seq).await.unwrap();
    assert_eq!(entry.report.text, before.text, "the words a citizen sent never change");
    assert_eq!((entry.report.kind.as_deref(), entry.report.intent.as_str()), (Some("scam_call"), "report"));
    assert_eq!((entry.report.problem, entry.report.corrected_us), (None, Some(START)));
    assert_eq!((entry.report.state.as_str(), entry.case_number), ("in_case", Some(1)));
    assert_eq!(entry.sources[0].canonical, "+84912345678");
    assert_eq!(store.audit_trail(Some("report:1"), Page::default()).await.unwrap().len(), 1);
    let none = store.correct_report(&correction(99, "scam_call", vec![]), &audit("report:1")).await;
    assert!(matches!(none, Err(StoreError::NotFound)));
    assert_eq!(store.audit_trail(Some("report:1"), Page::default()).await.unwrap().len(), 1);
}

pub(crate) async fn a_report_moves_to_the_case_of_its_right_source(home: &Home) {
    let store = home.open().await;
    let wrong = case_on(&store, "+84912345678").await;
    let seen = store.case(wrong).await.unwrap();
    let right = correction(1, "scam_call", vec![subscriber("+84987654321")]);
    store.correct_report(&right, &audit("report:1")).await.unwrap();
    let entry = store.report(1).await.unwrap();
    assert_ne!(entry.case_number, Some(wrong));
    assert_eq!(entry.sources.len(), 1);
    let left = store.case(wrong).await.unwrap();
    assert_eq!((left.reports, left.voices), (1, 1));
    assert_eq!(store.case(entry.case_number.unwrap()).await.unwrap().voices, 1);
    // Whoever still sees two voices there decides on something that is no longer so.
    let confirm = decision(&seen, &Action::Confirm, &officer(), START);
    let late = store.change_case(&change(&seen, &confirm, &officer(), START)).await;
    assert!(matches!(late, Err(StoreError::Conflict)));
}

pub(crate) async fn a_kind_that_is_no_case_leaves_it(home: &Home) {
    let store = home.open().await;
    let number = case_on(&store, "+84912345678").await;
    let right = correction(1, "advert", vec![subscriber("+84912345678")]);
    store.correct_report(&right, &audit("report:1")).await.unwrap();
    let entry = store.report(1).await.unwrap();
    assert_eq!((entry.case_number, entry.report.state.as_str()), (None, "new"));
    let joins = correction(2, "spam_call", vec![subscriber("+84912345678")]);
    store.correct_report(&joins, &audit("report:2")).await.unwrap();
    assert_eq!(store.report(2).await.unwrap().case_number, Some(number));
    assert_eq!(store.case(number).await.unwrap().reports, 1);
}

/// What was decided stays decided: a detail put right later opens nothing anew.
pub(crate) async fn an_ended_case_keeps_the_reports_it_was_decided_on(home: &Home) {
    let store = home.open().await;
    let number = case_on(&store, "+84912345678").await;
    act(&store, number, Action::Close(ClosedAs::Forged), &officer(), START).await;
    let again = correction(1, "scam_call", vec![subscriber("+84912345678")]);
    store.correct_report(&again, &audit("report:1")).await.unwrap();
    let entry = store.report(1).await.unwrap();
    assert_eq!((entry.case_number, entry.report.state.as_str()), (Some(number), "in_case"));
    assert_eq!(store.count_cases(&Default::default()).await.unwrap(), 1);
    // Another source is another matter.
    let other = correction(1, "scam_call", vec![subscriber("+84987654321")]);
    store.correct_report(&other, &audit("report:1")).await.unwrap();
    assert_eq!(store.count_cases(&Default::default()).await.unwrap(), 2);
    assert_eq!(store.case(number).await.unwrap().reports, 2);
}

pub(crate) async fn a_copy_is_not_corrected_into_a_voice(home: &Home) {
    let store = home.open().await;
    let report = scam_call(1, "+84912345678");
    let copy = NewReport { id: uuid::Uuid::now_v7(), is_suspected_redelivery: true, ..report.clone() };
    let stored = project(&store, vec![report, copy]).await;
    let right = correction(stored[1].report.seq, "scam_call", vec![subscriber("+84987654321")]);
    let refused = store.correct_report(&right, &audit("report:2")).await;
    assert!(matches!(refused, Err(StoreError::NotFound)));
    assert_eq!(store.count_cases(&Default::default()).await.unwrap(), 1);
    assert_eq!(store.report(stored[1].report.seq).await.unwrap().sources[0].canonical, "+84912345678");
}

pub(crate) async fn a_report_is_done_once_and_not_in_a_case(home: &Home) {
    let store = home.open().await;
    let advert = NewReport { kind: Some("advert".to_owned()), ..scam_call(1, "+84912345678") };
    let seq = project_one(&store, advert).await.report.seq;
    store.set_report_done(seq, &audit("report:1")).await.unwrap();
    assert_eq!(store.report(seq).await.unwrap().report.state, "done");
    let in_case = project_one(&store, scam_call(2, "+84912345678")).await.report.seq;
    for refused in [seq, in_case, 99] {
        assert!(matches!(
            store.set_report_done(refused, &audit("report:1")).await,
            Err(StoreError::NotFound)
        ));
    }
    assert_eq!(store.audit_trail(Some("report:1"), Page::default()).await.unwrap().len(), 1);
}

fn file(n: u8, name: &str) -> NewEvidence {
    NewEvidence { sha256: vec![n; 32], size: 10, mime: "audio/mpeg".to_owned(), name: name.to_owned() }
}

pub(crate) async fn files_are_kept_once_with_who_and_when(home: &Home) {
    let store = home.open().await;
    let report = NewReport { evidence: vec![file(1, "a.mp3")], ..scam_call(1, "+84912345678") };
    let first = project_one(&store, report).await.report.seq;
    let second = project_one(&store, scam_call(2, "+84912345678")).await.report.seq;
    store
        .add_evidence(first, &[file(2, "b.mp3"), file(1, "again.mp3")], "reporter", START + 1)
        .await
        .unwrap();
    store.add_evidence(second, &[file(1, "same.mp3")], "staff:x", START + 2).await.unwrap();
    let listed = async |seq| {
        let rows = store.evidence_of(seq).await.unwrap();
        rows.into_iter().map(|row| (row.sha256[0], row.name, row.added_by, row.added_us)).collect::<Vec<_>>()
    };
    let row = |n: u8, name: &str, by: &str, at| (n, name.to_owned(), by.to_owned(), at);
    assert_eq!(
        listed(first).await,
        [row(1, "a.mp3", "reporter", START), row(2, "b.mp3", "reporter", START + 1)]
    );
    assert_eq!(listed(second).await, [row(1, "same.mp3", "staff:x", START + 2)]);
    let trail = store.audit_trail(Some(&format!("report:{first}")), Page::default()).await.unwrap();
    assert_eq!(trail.len(), 1, "what was there already is not added again");
    assert_eq!((trail[0].action.as_str(), trail[0].actor.as_str()), ("evidence_added", "reporter"));
    let nowhere = store.add_evidence(99, &[file(3, "c.mp3")], "reporter", START).await;
    assert!(matches!(nowhere, Err(StoreError::NotFound)));
    assert!(store.audit_trail(Some("report:99"), Page::default()).await.unwrap().is_empty());
}

//! A text that may be the same PDU sent again: kept and marked, without a second effect.

use canhgiac_store::{NewEvidence, NewReport, SubscriptionChange};

use crate::support::{Home, MINUTE, START, project, project_one, scam_call};

fn again(report: &NewReport, after_us: i64) -> NewReport {
    NewReport {
        received_us: report.received_us + after_us,
        is_suspected_redelivery: true,
        ..NewReport { id: uuid::Uuid::now_v7(), ..report.clone() }
    }
}

fn with_its_own_job(report: NewReport) -> NewReport {
    let mut report = report;
    for job in &mut report.jobs {
        job.unique_key = format!("reply:{}", report.id.simple());
    }
    report
}

pub(crate) async fn it_is_kept_and_marked_without_effects(home: &Home) {
    let store = home.open().await;
    let report = scam_call(1, "+84912345678");
    let first = project_one(&store, report.clone()).await;
    let second = project_one(&store, with_its_own_job(again(&report, MINUTE))).await;
    assert_eq!(second.report.duplicate_of, Some(first.report.seq));
    assert_eq!((second.report.state.as_str(), second.case_number), ("done", None));
    assert_eq!(second.report.text, report.text);
    assert_eq!(second.sources[0].canonical, "+84912345678");
    assert_eq!(store.claim_jobs(10, START + MINUTE, MINUTE).await.unwrap().len(), 1);
    let case = store.case(first.case_number.unwrap()).await.unwrap();
    assert_eq!((case.reports, case.voices), (1, 1));
    let standing = store.standing("subscriber", "+84912345678").await.unwrap();
    assert_eq!((standing.reports, standing.voices), (1, 1));
    assert_eq!(
        store.report_by_code(report.code, &report.reporter.unwrap().hash).await.unwrap().report.seq,
        1
    );
}

pub(crate) async fn it_is_found_in_its_own_batch(home: &Home) {
    let store = home.open().await;
    let report = scam_call(1, "+84912345678");
    let stored = project(
        &store,
        vec![report.clone(), scam_call(2, "+84912345678"), again(&report, 1), again(&report, 2)],
    )
    .await;
    let marks: Vec<Option<i64>> = stored.iter().map(|entry| entry.report.duplicate_of).collect();
    assert_eq!(marks, [None, None, Some(1), Some(1)]);
}

/// A session that breaks for an hour: each copy is near the one before, all point to the original.
pub(crate) async fn a_chain_of_copies_points_to_the_original(home: &Home) {
    let store = home.open().await;
    let report = scam_call(1, "+84912345678");
    project_one(&store, report.clone()).await;
    for minutes in [20, 40, 60] {
        let copy = project_one(&store, again(&report, minutes * MINUTE)).await;
        assert_eq!(copy.report.duplicate_of, Some(1), "after {minutes} minutes");
    }
}

pub(crate) async fn only_the_same_words_of_the_same_sender_soon_after_are_a_copy(home: &Home) {
    let store = home.open().await;
    let report = scam_call(1, "+84912345678");
    project_one(&store, report.clone()).await;
    let copy = again(&report, MINUTE);
    let others = vec![
        NewReport { text: "LD 0912345678 khác".to_owned(), ..copy.clone() },
        NewReport { to_code: Some("5656".to_owned()), ..copy.clone() },
        NewReport { to_code: None, ..copy.clone() },
        NewReport { reporter: Some(crate::support::citizen(2)), ..copy.clone() },
        NewReport { reporter: None, ..copy.clone() },
        NewReport { received_us: START + 31 * MINUTE, ..copy.clone() },
        // Nothing broke: the citizen sent it twice on purpose.
        NewReport { is_suspected_redelivery: false, ..copy },
    ];
    for (n, other) in others.into_iter().enumerate() {
        let other = NewReport { id: uuid::Uuid::now_v7(), ..other };
        let entry = project_one(&store, other).await;
        assert_eq!((entry.report.duplicate_of, entry.report.state.as_str()), (None, "in_case"), "{n}");
    }
}

pub(crate) async fn a_copied_subscription_changes_nothing(home: &Home) {
    let store = home.open().await;
    let subscribe = NewReport {
        intent: "subscribe".to_owned(),
        text: "DK CB".to_owned(),
        subscription: Some(SubscriptionChange::Subscribe),
        ..scam_call(1, "+84912345678")
    };
    let cancel = NewReport {
        intent: "unsubscribe".to_owned(),
        text: "HUY CB".to_owned(),
        subscription: Some(SubscriptionChange::Unsubscribe),
        id: uuid::Uuid::now_v7(),
        ..subscribe.clone()
    };
    project_one(&store, subscribe.clone()).await;
    project_one(&store, cancel).await;
    project_one(&store, again(&subscribe, MINUTE)).await;
    assert_eq!(store.count_subscribers().await.unwrap(), 0, "who cancelled is not subscribed by an echo");
}

pub(crate) async fn a_copy_keeps_its_files(home: &Home) {
    let store = home.open().await;
    let file =
        NewEvidence { sha256: vec![7; 32], size: 9, mime: "image/png".to_owned(), name: "a.png".to_owned() };
    let report = NewReport { evidence: vec![file], ..scam_call(1, "+84912345678") };
    let first = project_one(&store, report.clone()).await;
    let copy = project_one(&store, again(&report, MINUTE)).await;
    for entry in [first, copy] {
        let files = store.evidence_of(entry.report.seq).await.unwrap();
        assert_eq!(files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["a.png"]);
    }
}

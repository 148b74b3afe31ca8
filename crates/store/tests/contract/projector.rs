//! The projector's transaction: what rows become and the cursor, together or not at all.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use canhgiac_store::{NewPart, NewReport, Page, Projection, ReportFilter, Store, StoreError};

use crate::support::{
    Home, MINUTE, START, audit, batch, citizen, newest_report, project, project_one, scam_call, subscriber,
};

async fn count(store: &Store) -> i64 {
    store.count_reports(&ReportFilter { with_service: true, ..ReportFilter::default() }).await.unwrap()
}

pub(crate) async fn a_batch_moves_the_cursor_with_what_it_stores(home: &Home) {
    let store = home.open().await;
    assert_eq!(store.cursor().await.unwrap(), 0);
    let first = batch(&store, vec![scam_call(1, "+84912345678"), scam_call(2, "+84912345678")]).await;
    store.project(&first).await.unwrap();
    assert_eq!(store.cursor().await.unwrap(), 2);
    assert_eq!(count(&store).await, 2);
    // A batch of rows that became nothing yet still moves it.
    store.project(&batch(&store, Vec::new()).await).await.unwrap();
    assert_eq!(store.cursor().await.unwrap(), 3);
    store.close().await;
    assert_eq!(home.open().await.cursor().await.unwrap(), 3);
}

pub(crate) async fn a_batch_that_begins_elsewhere_changes_nothing(home: &Home) {
    let store = home.open().await;
    let mut early = batch(&store, vec![scam_call(1, "+84912345678")]).await;
    store.project(&early).await.unwrap();
    // The same batch again, and one that would leave rows out.
    assert!(matches!(store.project(&early).await, Err(StoreError::Conflict)));
    early.from_seq = 7;
    early.to_seq = 8;
    early.parts_waiting.push(NewPart { intake_seq: 8, part_key: b"k".to_vec(), received_us: START });
    assert!(matches!(store.project(&early).await, Err(StoreError::Conflict)));
    assert_eq!(store.cursor().await.unwrap(), 1);
    assert_eq!(count(&store).await, 1);
    assert_eq!(store.claim_jobs(10, START, MINUTE).await.unwrap().len(), 1);
    assert!(store.parts_waiting(&[b"k".to_vec()]).await.unwrap().is_empty());
    assert_eq!(store.count_cases(&Default::default()).await.unwrap(), 1);
}

pub(crate) async fn the_cursor_never_goes_back(home: &Home) {
    let store = home.open().await;
    project(&store, vec![scam_call(1, "+84912345678"), scam_call(2, "+84912345678")]).await;
    let back = Projection { from_seq: 2, to_seq: 1, ..Projection::default() };
    assert!(matches!(store.project(&back).await, Err(StoreError::Conflict)));
    assert_eq!(store.cursor().await.unwrap(), 2);
}

pub(crate) async fn two_projectors_store_a_batch_once(home: &Home) {
    let (one, other) = (home.open().await, home.open().await);
    let batch = batch(&one, (0..50).map(|n| scam_call(n, "+84912345678")).collect()).await;
    let (left, right) = tokio::join!(one.project(&batch), other.project(&batch));
    assert!(
        matches!((&left, &right), (Ok(()), Err(StoreError::Conflict)) | (Err(StoreError::Conflict), Ok(()))),
        "{left:?} {right:?}"
    );
    assert_eq!(count(&one).await, 50);
    assert_eq!(one.cursor().await.unwrap(), 50);
}

pub(crate) async fn a_batch_that_fails_leaves_nothing_behind(home: &Home) {
    let store = home.open().await;
    let first = scam_call(1, "+84912345678");
    let twin_id = NewReport { id: first.id, ..scam_call(2, "+84987654321") };
    let mut broken = batch(&store, vec![first, twin_id]).await;
    broken.parts_waiting.push(NewPart { intake_seq: 2, part_key: b"k".to_vec(), received_us: START });
    assert!(matches!(store.project(&broken).await, Err(StoreError::AlreadyExists)));
    assert_eq!(store.cursor().await.unwrap(), 0);
    assert_eq!(count(&store).await, 0);
    assert_eq!(store.count_cases(&Default::default()).await.unwrap(), 0);
    assert!(store.claim_jobs(10, START, MINUTE).await.unwrap().is_empty());
    assert!(store.parts_waiting(&[b"k".to_vec()]).await.unwrap().is_empty());
    assert_eq!(store.standing("subscriber", "+84912345678").await.unwrap().source_id, None);
    // The writer is free again.
    broken.reports.truncate(1);
    store.project(&broken).await.unwrap();
    assert_eq!(count(&store).await, 1);
}

/// Polls `work` at most `turns` times, then drops it: the process died there.
async fn die_after(turns: u32, work: impl Future<Output = Result<(), StoreError>>) -> bool {
    let mut work = pin!(work);
    let mut left = turns;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        work.as_mut().poll(context).map(|outcome| match outcome {
            // The commit of the turn before had left when it died.
            Ok(()) | Err(StoreError::Conflict) => true,
            Err(error) => panic!("{error}"),
        })
    })
    .await
}

/// Cursor and reports once what was dropped has come to its end.
async fn settled(store: &Store) -> (i64, i64) {
    loop {
        // SQLite: waits for the only writer, which ends what was dropped first.
        store.audit(&audit("turn")).await.unwrap();
        let before = store.cursor().await.unwrap();
        let stored = count(store).await;
        // PostgreSQL: a commit that had left may come in between.
        if store.cursor().await.unwrap() == before {
            return (before, stored);
        }
    }
}

pub(crate) async fn a_crash_anywhere_in_a_batch_loses_and_repeats_nothing(home: &Home) {
    let store = home.open().await;
    let reports =
        vec![scam_call(1, "+84912345678"), scam_call(2, "+84912345678"), scam_call(3, "+84987654321")];
    let batch = batch(&store, reports).await;
    for turns in 1..500 {
        let is_done = die_after(turns, store.project(&batch)).await;
        let (cursor, stored) = settled(&store).await;
        assert!(
            matches!((cursor, stored), (0, 0) | (3, 3)),
            "cursor {cursor}, {stored} reports, {turns} turns"
        );
        if is_done || cursor == 3 {
            assert_eq!(store.claim_jobs(10, START, MINUTE).await.unwrap().len(), 3);
            return;
        }
        assert_eq!(store.count_cases(&Default::default()).await.unwrap(), 0);
    }
    panic!("the batch never came to its end");
}

pub(crate) async fn parts_wait_until_they_are_used(home: &Home) {
    let store = home.open().await;
    let part =
        |intake_seq, key: &[u8], received_us| NewPart { intake_seq, part_key: key.to_vec(), received_us };
    let mut first = batch(&store, Vec::new()).await;
    first.parts_waiting = vec![
        part(3, b"b", START),
        part(1, b"a", START),
        part(2, b"a", START + MINUTE),
        part(4, b"a\0", START),
    ];
    store.project(&first).await.unwrap();
    let a = b"a".to_vec();
    assert_eq!(store.parts_waiting(&[]).await.unwrap(), []);
    assert_eq!(store.parts_waiting(&[b"c".to_vec()]).await.unwrap(), []);
    assert_eq!(
        store.parts_waiting(&[a.clone(), b"b".to_vec()]).await.unwrap(),
        [(1, a.clone()), (2, a.clone()), (3, b"b".to_vec())]
    );
    let mut second = batch(&store, vec![scam_call(1, "+84912345678")]).await;
    second.parts_used = vec![1, 2];
    store.project(&second).await.unwrap();
    assert_eq!(store.parts_waiting(&[a]).await.unwrap(), []);
    // More keys than one statement takes.
    let keys: Vec<Vec<u8>> =
        (0..40_000u32).map(|n| n.to_be_bytes().to_vec()).chain([b"b".to_vec()]).collect();
    assert_eq!(store.parts_waiting(&keys).await.unwrap(), [(3, b"b".to_vec())]);
}

pub(crate) async fn a_message_is_overdue_when_its_newest_part_is_old(home: &Home) {
    let store = home.open().await;
    let part =
        |intake_seq, key: &[u8], received_us| NewPart { intake_seq, part_key: key.to_vec(), received_us };
    let mut first = batch(&store, Vec::new()).await;
    first.parts_waiting =
        vec![part(1, b"old", START), part(2, b"new", START), part(3, b"new", START + 5 * MINUTE)];
    store.project(&first).await.unwrap();
    assert_eq!(store.parts_overdue(START).await.unwrap(), []);
    assert_eq!(store.parts_overdue(START + MINUTE).await.unwrap(), [(1, b"old".to_vec())]);
    assert_eq!(store.parts_overdue(START + 6 * MINUTE).await.unwrap().len(), 3);
}

/// Delivering overdue parts does not move the cursor, so the parts themselves say who was first.
pub(crate) async fn parts_are_used_once(home: &Home) {
    let store = home.open().await;
    let mut first = batch(&store, Vec::new()).await;
    first.parts_waiting = vec![NewPart { intake_seq: 1, part_key: b"a".to_vec(), received_us: START }];
    store.project(&first).await.unwrap();
    let overdue = Projection {
        from_seq: 1,
        to_seq: 1,
        reports: vec![scam_call(1, "+84912345678")],
        parts_used: vec![1],
        ..Projection::default()
    };
    store.project(&overdue).await.unwrap();
    assert!(matches!(store.project(&overdue).await, Err(StoreError::Conflict)));
    assert_eq!(count(&store).await, 1);
}

pub(crate) async fn a_report_reads_back_as_it_was_understood(home: &Home) {
    let store = home.open().await;
    let text = "LD 0912.345.678 “xưng công an”\r\n\t🚨 e\u{301} \0 hết".to_owned();
    let report = NewReport {
        parts: vec![4, 5, 6],
        text: text.clone(),
        argument: Some("12345678".to_owned()),
        leniencies: "[\"dots\"]".to_owned(),
        findings: "[{\"facet\":\"who\",\"id\":\"police\",\"quote\":\"công an\"}]".to_owned(),
        flags: "[\"fell_back\"]".to_owned(),
        near_key: Some("00ff".to_owned()),
        commune: Some("00004".to_owned()),
        place: Some("cột điện".to_owned()),
        money_lost: Some(3_000_000),
        problem: Some("missing_kind".to_owned()),
        state: "needs_officer".to_owned(),
        ..scam_call(1, "+84912345678")
    };
    let stored = project_one(&store, report.clone()).await.report;
    assert_eq!(stored.text, text);
    assert_eq!(stored.parts, "[4,5,6]");
    assert_eq!((stored.id, stored.code, stored.received_us), (report.id, report.code, START));
    assert_eq!((stored.channel, stored.link), (report.channel, report.link));
    assert_eq!((stored.operator, stored.to_code), (report.operator, report.to_code));
    assert_eq!(stored.reporter_hash, Some(citizen(1).hash));
    assert_eq!(stored.reporter_sealed, Some(citizen(1).sealed));
    assert!(stored.is_proven && stored.is_mobile);
    assert_eq!((stored.intent, stored.kind), (report.intent, report.kind));
    assert_eq!((stored.problem, stored.argument), (report.problem, report.argument));
    assert_eq!((stored.leniencies, stored.findings), (report.leniencies, report.findings));
    assert_eq!((stored.flags, stored.near_key), (report.flags, report.near_key));
    assert_eq!((stored.commune, stored.place), (report.commune, report.place));
    assert_eq!((stored.money_lost, stored.content), (report.money_lost, report.content));
    assert_eq!((stored.duplicate_of, stored.corrected_us), (None, None));
}

pub(crate) async fn sources_keep_their_order_and_spelling(home: &Home) {
    let store = home.open().await;
    let mut sources =
        vec![subscriber("+84912345678"), subscriber("+84987654321"), subscriber("+84912345678")];
    sources[2].as_received = "0912.345.678".to_owned();
    let entry = project_one(&store, NewReport { sources, ..scam_call(1, "+84912345678") }).await;
    let named: Vec<(&str, &str)> =
        entry.sources.iter().map(|source| (source.canonical.as_str(), source.as_received.as_str())).collect();
    assert_eq!(
        named,
        [("+84912345678", "0912345678"), ("+84987654321", "0987654321"), ("+84912345678", "0912.345.678")]
    );
    assert_eq!(entry.sources[0].source_id, entry.sources[2].source_id);
    // The same characters as another kind of source are another source.
    let mut name = subscriber("+84912345678");
    name.kind = "sender_name".to_owned();
    let other = project_one(&store, NewReport { sources: vec![name], ..scam_call(2, "") }).await;
    assert_ne!(other.sources[0].source_id, entry.sources[0].source_id);
    assert_eq!(other.sources[0].kind, "sender_name");
}

pub(crate) async fn a_job_of_a_report_names_it(home: &Home) {
    let store = home.open().await;
    let stored = project(&store, vec![scam_call(1, "+84912345678"), scam_call(2, "+84912345678")]).await;
    let jobs = store.claim_jobs(10, START, MINUTE).await.unwrap();
    for (job, entry) in jobs.iter().zip(&stored) {
        assert_eq!((job.kind.as_str(), job.run_us), ("reply", START));
        assert_eq!(job.payload, format!("{{\"report\":{}}}", entry.report.seq));
    }
    assert_eq!(jobs.len(), 2);
}

/// A batch far larger than one statement, with everything a report can bring.
pub(crate) async fn a_large_batch_is_stored_whole(home: &Home) {
    let store = home.open().await;
    let reports: Vec<NewReport> =
        (0..1_500u32).map(|n| scam_call(n, &format!("+849{:08}", n % 700))).collect();
    let ids: Vec<_> = reports.iter().map(|report| report.id).collect();
    let stored = project(&store, reports).await;
    assert_eq!(stored.iter().map(|entry| entry.report.id).collect::<Vec<_>>(), ids);
    for (n, entry) in stored.iter().enumerate() {
        assert_eq!(entry.sources[0].canonical, format!("+849{:08}", n % 700));
        assert_eq!(entry.report.state, "in_case");
        assert_eq!(entry.case_number, stored[n % 700].case_number);
    }
    assert_eq!(store.count_cases(&Default::default()).await.unwrap(), 700);
    assert_eq!(store.jobs_waiting(START).await.unwrap(), 1_500);
    assert_eq!(newest_report(&store).await, 1_500);
    let cases = store.cases(&Default::default(), Page { offset: 0, limit: 1_000 }).await.unwrap();
    assert_eq!(cases.iter().map(|case| case.reports).sum::<i64>(), 1_500);
}

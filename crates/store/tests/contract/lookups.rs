//! A report is found by its receipt code only from its reporter's number, by its link, or by a code
//! sent to that phone.

use canhgiac_store::{NewReport, StoreError};
use uuid::Uuid;

use crate::support::{Home, MINUTE, START, citizen, project, project_one, scam_call, web_report};

pub(crate) async fn a_receipt_code_is_good_only_from_the_number_that_reported(home: &Home) {
    let store = home.open().await;
    let report = scam_call(1, "+84912345678");
    let code = report.code;
    // The same code of someone else is another report.
    let other = NewReport { code, ..scam_call(2, "+84987654321") };
    project(&store, vec![report, other, scam_call(3, "+84912345678")]).await;
    let seq =
        async |code, n| store.report_by_code(code, &citizen(n).hash).await.map(|entry| entry.report.seq);
    assert_eq!(seq(code, 1).await.unwrap(), 1);
    assert_eq!(seq(code, 2).await.unwrap(), 2);
    assert!(matches!(seq(code, 3).await, Err(StoreError::NotFound)));
    assert!(matches!(seq(code, 404).await, Err(StoreError::NotFound)));
    assert!(matches!(seq(code + 1_000, 1).await, Err(StoreError::NotFound)));
    assert!(matches!(store.report_by_code(code, b"").await, Err(StoreError::NotFound)));
}

pub(crate) async fn a_code_never_opens_a_report_without_a_reporter(home: &Home) {
    let store = home.open().await;
    let report = web_report(None, "+84912345678");
    let code = report.code;
    project_one(&store, report).await;
    for hash in [b"".to_vec(), citizen(1).hash] {
        assert!(matches!(store.report_by_code(code, &hash).await, Err(StoreError::NotFound)));
    }
}

pub(crate) async fn a_question_is_no_report(home: &Home) {
    let store = home.open().await;
    let ask = NewReport {
        intent: "result".to_owned(),
        kind: None,
        state: "service".to_owned(),
        sources: Vec::new(),
        ..scam_call(1, "")
    };
    let code = ask.code;
    project_one(&store, ask.clone()).await;
    let hash = citizen(1).hash;
    assert!(matches!(store.report_by_code(code, &hash).await, Err(StoreError::NotFound)));
    assert!(matches!(store.latest_report_of(&hash).await, Err(StoreError::NotFound)));
    // What could not be understood has a code too: an officer looks at it.
    let unclear = NewReport {
        intent: "unknown".to_owned(),
        kind: None,
        problem: Some("not_a_report".to_owned()),
        state: "needs_officer".to_owned(),
        ..scam_call(1, "")
    };
    let unclear = project_one(&store, unclear).await;
    assert_eq!(store.report_by_code(code, &hash).await.unwrap().report.seq, unclear.report.seq);
    assert_eq!(store.latest_report_of(&hash).await.unwrap().report.seq, unclear.report.seq);
    // The newest that was understood, not the newest text.
    let first = project_one(&store, scam_call(1, "+84912345678")).await;
    project_one(&store, NewReport { id: Uuid::now_v7(), jobs: Vec::new(), ..ask }).await;
    project_one(&store, scam_call(2, "+84912345678")).await;
    assert_eq!(store.latest_report_of(&hash).await.unwrap().report.seq, first.report.seq);
    let second = project_one(&store, scam_call(1, "+84987654321")).await;
    assert_eq!(store.latest_report_of(&hash).await.unwrap().report.seq, second.report.seq);
}

pub(crate) async fn a_report_is_found_by_number_id_and_link(home: &Home) {
    let store = home.open().await;
    let report = NewReport { token_hash: Some(vec![5; 32]), ..web_report(None, "+84912345678") };
    let id = report.id;
    let stored = project(&store, vec![scam_call(1, "+84912345678"), report]).await;
    assert_eq!(store.report(stored[1].report.seq).await.unwrap().report.id, id);
    assert_eq!(store.report_by_id(id).await.unwrap().report.seq, stored[1].report.seq);
    assert_eq!(store.report_by_token(&[5; 32]).await.unwrap().report.id, id);
    assert!(matches!(store.report(99).await, Err(StoreError::NotFound)));
    assert!(matches!(store.report_by_id(Uuid::from_u128(9)).await, Err(StoreError::NotFound)));
    for wrong in [[6; 32].as_slice(), b""] {
        assert!(matches!(store.report_by_token(wrong).await, Err(StoreError::NotFound)));
    }
}

pub(crate) async fn a_code_sent_to_the_phone_opens_once(home: &Home) {
    let store = home.open().await;
    let seq = project_one(&store, scam_call(1, "+84912345678")).await.report.seq;
    store.save_one_time_code(seq, b"right", START + MINUTE).await.unwrap();
    let attempt = async |hash: &'static [u8], now_us| {
        store.use_one_time_code(seq, hash, 3, now_us, &[8; 32]).await.unwrap()
    };
    assert!(!attempt(b"wrong", START).await);
    assert!(!attempt(b"right", START + MINUTE).await, "too late");
    assert!(matches!(store.report_by_token(&[8; 32]).await, Err(StoreError::NotFound)));
    assert!(attempt(b"right", START).await);
    assert!(!attempt(b"right", START).await, "used up");
    assert_eq!(store.report_by_token(&[8; 32]).await.unwrap().report.seq, seq);
}

pub(crate) async fn a_code_is_not_guessed(home: &Home) {
    let store = home.open().await;
    let seq = project_one(&store, scam_call(1, "+84912345678")).await.report.seq;
    store.save_one_time_code(seq, b"right", START + MINUTE).await.unwrap();
    for _ in 0..3 {
        assert!(!store.use_one_time_code(seq, b"wrong", 3, START, &[8; 32]).await.unwrap());
    }
    assert!(!store.use_one_time_code(seq, b"right", 3, START, &[8; 32]).await.unwrap(), "tried too often");
    // A new code is a new chance, the old one is gone.
    store.save_one_time_code(seq, b"newer", START + MINUTE).await.unwrap();
    assert!(!store.use_one_time_code(seq, b"right", 3, START, &[8; 32]).await.unwrap());
    assert!(store.use_one_time_code(seq, b"newer", 3, START, &[8; 32]).await.unwrap());
    assert!(!store.use_one_time_code(99, b"newer", 3, START, &[8; 32]).await.unwrap());
    let nowhere = store.save_one_time_code(99, b"x", START).await;
    assert!(matches!(nowhere, Err(StoreError::NotFound)));
}

pub(crate) async fn what_is_known_of_a_source_is_said(home: &Home) {
    let store = home.open().await;
    let unknown = store.standing("subscriber", "+84912345678").await.unwrap();
    assert_eq!(unknown, canhgiac_store::SourceStanding::default());
    let source = "+84912345678";
    let worded = |n: u32, intent: &str| NewReport {
        intent: intent.to_owned(),
        findings: format!("[{n}]"),
        received_us: START + i64::from(n),
        ..scam_call(n, source)
    };
    let mut check = worded(3, "check");
    check.kind = None;
    project(&store, vec![worded(1, "report"), worded(2, "report"), check]).await;
    let standing = store.standing("subscriber", source).await.unwrap();
    assert_eq!((standing.reports, standing.voices, standing.last_us), (2, 2, Some(START + 2)));
    // A question about a number is no evidence against it.
    assert_eq!(standing.findings, ["[2]", "[1]"]);
    assert_eq!((standing.case_number, standing.case_state.as_deref()), (Some(1), Some("open")));
    assert!(!standing.is_verified);
    assert_eq!(store.standing("sender_name", source).await.unwrap().source_id, None);
    for n in 10..70 {
        project_one(&store, worded(n, "report")).await;
    }
    let standing = store.standing("subscriber", source).await.unwrap();
    assert_eq!((standing.findings.len(), standing.findings[0].as_str()), (50, "[69]"));
    assert_eq!(standing.reports, 62);
}

pub(crate) async fn pieces_are_found_only_in_texts_of_the_same_number_to_the_same_code(home: &Home) {
    let store = home.open().await;
    let report = NewReport { text: "LD 0912345678 mot hai ba".to_owned(), ..scam_call(1, "+84912345678") };
    let (hash, code, since) = (citizen(1).hash, report.to_code.clone().unwrap(), report.received_us);
    project_one(&store, report).await;
    let holds = async |hash: &[u8], code: &str, since, pieces: &[&str]| {
        store.holds_pieces(hash, code, since, pieces).await.unwrap()
    };
    assert!(holds(&hash, &code, since, &["LD 09", " ba"]).await);
    assert!(!holds(&hash, &code, since, &["LD 09", "bon"]).await, "every piece");
    assert!(!holds(&citizen(2).hash, &code, since, &[" ba"]).await, "someone else's");
    assert!(!holds(&hash, "8888", since, &[" ba"]).await, "to another code");
    assert!(!holds(&hash, &code, since + 1, &[" ba"]).await, "too long ago");
}

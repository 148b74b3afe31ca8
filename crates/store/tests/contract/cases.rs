//! A case opens once per source, gathers reports, and counts voices.

use canhgiac_domain::procedure::{Action, ClosedAs};
use canhgiac_store::{CaseFilter, NewReport, NewSource, Page, StoreError};

use crate::support::{
    DAY, Home, MINUTE, START, act, approver, batch, case_on, citizen, officer, project, project_one,
    scam_call, subscriber, web_report,
};

fn spam_call(reporter: u32, source: &str) -> NewReport {
    NewReport { kind: Some("spam_call".to_owned()), ..scam_call(reporter, source) }
}

pub(crate) async fn it_opens_once_per_source_even_within_a_batch(home: &Home) {
    let store = home.open().await;
    let stored = project(
        &store,
        vec![
            scam_call(1, "+84912345678"),
            scam_call(2, "+84987654321"),
            scam_call(3, "+84912345678"),
            scam_call(4, "+84912345678"),
        ],
    )
    .await;
    let numbers: Vec<i64> = stored.iter().map(|entry| entry.case_number.unwrap()).collect();
    assert_eq!(numbers[0], numbers[2]);
    assert_eq!(numbers[0], numbers[3]);
    assert_ne!(numbers[0], numbers[1]);
    assert!(stored.iter().all(|entry| entry.report.state == "in_case"));
    let case = store.case(numbers[0]).await.unwrap();
    assert_eq!((case.case.state.as_str(), case.case.version, case.case.previous), ("open", 1, None));
    assert_eq!((case.reports, case.voices, case.last_report_us), (3, 3, Some(START)));
    let events = store.case_events(numbers[0]).await.unwrap();
    assert_eq!(
        events.iter().map(|event| (event.action.as_str(), event.actor.as_str())).collect::<Vec<_>>(),
        [("opened", "system")]
    );
}

pub(crate) async fn a_sender_name_is_one_whatever_its_case(home: &Home) {
    let store = home.open().await;
    let named = |reporter, name: &str| NewReport {
        sources: vec![NewSource {
            kind: "sender_name".to_owned(),
            canonical: name.to_owned(),
            as_received: name.to_owned(),
        }],
        ..scam_call(reporter, "+84912345678")
    };
    let stored = project(&store, vec![named(1, "VIETTELKM"), named(2, "Viettelkm")]).await;
    assert_eq!(stored[0].case_number, stored[1].case_number);
    assert_eq!(stored[1].sources[0].as_received, "Viettelkm", "what was typed is kept beside it");
    assert_eq!(store.standing("sender_name", "viettelkm").await.unwrap().voices, 2);
}

pub(crate) async fn later_reports_join_the_open_case(home: &Home) {
    let store = home.open().await;
    let number = case_on(&store, "+84912345678").await;
    let later = NewReport { received_us: START + DAY, ..scam_call(3, "+84912345678") };
    assert_eq!(project_one(&store, later).await.case_number, Some(number));
    let case = store.case(number).await.unwrap();
    assert_eq!((case.reports, case.voices, case.case.updated_us), (3, 3, START + DAY));
    // A report is no decision: what an officer sees may still be decided.
    assert_eq!(case.case.version, 1);
    assert_eq!(store.case_events(number).await.unwrap().len(), 1);
    // One that was under way for long does not make the case look older.
    project_one(&store, scam_call(4, "+84912345678")).await;
    assert_eq!(store.case(number).await.unwrap().case.updated_us, START + DAY);
}

pub(crate) async fn a_kind_that_joins_opens_nothing(home: &Home) {
    let store = home.open().await;
    let before = project_one(&store, spam_call(1, "+84912345678")).await;
    assert_eq!((before.case_number, before.report.state.as_str()), (None, "new"));
    let number = case_on(&store, "+84912345678").await;
    let after = project_one(&store, spam_call(3, "+84912345678")).await;
    assert_eq!(after.case_number, Some(number));
    let other = NewReport { kind: Some("advert".to_owned()), ..scam_call(4, "+84912345678") };
    assert_eq!(project_one(&store, other).await.case_number, None);
    let none = NewReport { kind: None, state: "needs_officer".to_owned(), ..scam_call(5, "+84912345678") };
    let none = project_one(&store, none).await;
    assert_eq!((none.case_number, none.report.state.as_str()), (None, "needs_officer"));
}

/// Within one batch the order counts: what joins before the opener came stays outside.
pub(crate) async fn a_joiner_meets_the_case_opened_before_it_in_the_batch(home: &Home) {
    let store = home.open().await;
    let source = "+84912345678";
    let stored =
        project(&store, vec![spam_call(1, source), scam_call(2, source), spam_call(3, source)]).await;
    let is_in: Vec<bool> = stored.iter().map(|entry| entry.case_number.is_some()).collect();
    assert_eq!(is_in, [false, true, true]);
}

pub(crate) async fn a_report_on_two_sources_belongs_to_both_cases(home: &Home) {
    let store = home.open().await;
    let sources = vec![subscriber("+84912345678"), subscriber("+84987654321"), subscriber("+84912345678")];
    let entry = project_one(&store, NewReport { sources, ..scam_call(1, "") }).await;
    let cases = store.cases(&CaseFilter::default(), Page::default()).await.unwrap();
    assert_eq!(cases.len(), 2);
    for case in &cases {
        assert_eq!((case.reports, case.voices), (1, 1));
        let reports = store.reports_of_case(case.case.number, Page::default()).await.unwrap();
        assert_eq!(reports.iter().map(|entry| entry.report.seq).collect::<Vec<_>>(), [entry.report.seq]);
    }
}

pub(crate) async fn a_new_case_after_an_ended_one_names_it(home: &Home) {
    let store = home.open().await;
    let source = "+84912345678";
    let first = case_on(&store, source).await;
    act(&store, first, Action::Close(ClosedAs::NotEnoughGround), &officer(), START + MINUTE).await;
    assert_eq!(project_one(&store, spam_call(3, source)).await.case_number, None);
    let second = project_one(&store, scam_call(4, source)).await.case_number.unwrap();
    assert_ne!(second, first);
    let case = store.case(second).await.unwrap();
    assert_eq!((case.case.previous, case.reports, case.case.state.as_str()), (Some(first), 1, "open"));
    assert_eq!(store.case(first).await.unwrap().reports, 2, "the ended case keeps what it was decided on");
    act(&store, second, Action::Close(ClosedAs::Forged), &officer(), START + 2 * MINUTE).await;
    let third = project_one(&store, scam_call(5, source)).await.case_number.unwrap();
    assert_eq!(store.case(third).await.unwrap().case.previous, Some(second));
    let standing = store.standing("subscriber", source).await.unwrap();
    assert_eq!((standing.case_number, standing.case_state.as_deref()), (Some(third), Some("open")));
}

pub(crate) async fn a_voice_is_a_different_proven_reporter(home: &Home) {
    let store = home.open().await;
    let source = "+84912345678";
    let stored = project(
        &store,
        vec![
            scam_call(1, source),
            scam_call(1, source),
            scam_call(2, source),
            web_report(Some(3), source),
            web_report(None, source),
            // The web form does not prove a number, also one that has proven itself elsewhere.
            web_report(Some(2), source),
            // Proven, but by whom is not known.
            NewReport { reporter: None, ..scam_call(9, source) },
        ],
    )
    .await;
    let case = store.case(stored[0].case_number.unwrap()).await.unwrap();
    assert_eq!((case.voices, case.reports), (2, 7));
    let standing = store.standing("subscriber", source).await.unwrap();
    assert_eq!((standing.voices, standing.reports), (2, 7));
    // The one who was not proven by the form is, by an SMS.
    project_one(&store, scam_call(3, source)).await;
    assert_eq!(store.case(stored[0].case_number.unwrap()).await.unwrap().voices, 3);
    assert!(stored.iter().any(|entry| entry.report.reporter_hash == Some(citizen(3).hash)));
}

pub(crate) async fn a_list_says_the_same_as_each_case_alone(home: &Home) {
    let store = home.open().await;
    let mut reports = Vec::new();
    for n in 0..130u32 {
        let findings = format!("[\"finding {n}\"]");
        reports.push(NewReport {
            findings,
            received_us: START + i64::from(n),
            ..scam_call(n % 90, &format!("+8491234567{}", n % 2))
        });
    }
    reports.push(scam_call(1, "+84987654321"));
    project(&store, reports).await;
    let cases = store.cases(&CaseFilter::default(), Page::default()).await.unwrap();
    assert_eq!(cases.len(), 3);
    for listed in &cases {
        let alone = store.case(listed.case.number).await.unwrap();
        assert_eq!(listed.source, alone.source);
        assert_eq!((listed.voices, listed.reports), (alone.voices, alone.reports));
        assert_eq!(listed.last_report_us, alone.last_report_us);
        assert_eq!(listed.findings, alone.findings);
    }
    let first = store.case(1).await.unwrap();
    assert_eq!((first.reports, first.voices), (65, 45));
    // The newest fifty, newest first.
    assert_eq!(first.findings.len(), 50);
    assert_eq!(first.findings[0], "[\"finding 128\"]");
    assert_eq!(first.findings[49], "[\"finding 30\"]");
}

pub(crate) async fn filters_of_cases_combine(home: &Home) {
    let store = home.open().await;
    let ended = case_on(&store, "+84912345671").await;
    let open = case_on(&store, "+84912345672").await;
    let mine = case_on(&store, "+84987654321").await;
    act(&store, ended, Action::Close(ClosedAs::Forged), &approver(), START + MINUTE).await;
    act(&store, mine, Action::Confirm, &officer(), START + 2 * MINUTE).await;
    act(&store, mine, Action::Refer { unit: "ha_noi".to_owned() }, &officer(), START + 3 * MINUTE).await;
    let filtered = async |filter: CaseFilter| {
        let cases = store.cases(&filter, Page::default()).await.unwrap();
        assert_eq!(store.count_cases(&filter).await.unwrap(), i64::try_from(cases.len()).unwrap());
        cases.iter().map(|case| case.case.number).collect::<Vec<_>>()
    };
    let all = CaseFilter::default();
    assert_eq!(filtered(all.clone()).await, [mine, ended, open]);
    let active = CaseFilter { state: Some("active".to_owned()), ..all.clone() };
    assert_eq!(filtered(active.clone()).await, [mine, open]);
    assert_eq!(filtered(CaseFilter { state: Some("closed".to_owned()), ..all.clone() }).await, [ended]);
    let owner = canhgiac_domain::account::Actor::staff_id(&officer()).map(|id| id.0);
    assert_eq!(filtered(CaseFilter { owner, ..all.clone() }).await, [mine]);
    assert_eq!(filtered(CaseFilter { referral: Some("sent".to_owned()), ..active.clone() }).await, [mine]);
    let filed = CaseFilter { reconsideration: Some("filed".to_owned()), ..all.clone() };
    assert_eq!(filtered(filed).await, [0i64; 0]);
    let part = CaseFilter { source_contains: Some("9123".to_owned()), ..all.clone() };
    assert_eq!(filtered(part).await, [ended, open]);
    let part = CaseFilter { source_contains: Some("9123".to_owned()), ..active };
    assert_eq!(filtered(part).await, [open]);
    for wildcard in ["%", "_", "\\", "+8491234567_"] {
        let part = CaseFilter { source_contains: Some(wildcard.to_owned()), ..all.clone() };
        assert_eq!(filtered(part).await, [0i64; 0], "{wildcard}");
    }
    let source_id = store.case(open).await.unwrap().source.source_id;
    assert_eq!(filtered(CaseFilter { source_id: Some(source_id), ..all }).await, [open]);
}

pub(crate) async fn lists_come_in_pages(home: &Home) {
    let store = home.open().await;
    project(&store, (0..7).map(|n| scam_call(n, &format!("+8491234567{n}"))).collect()).await;
    let all = CaseFilter::default();
    let mut seen = Vec::new();
    for offset in [0, 3, 6, 9] {
        let page = store.cases(&all, Page { offset, limit: 3 }).await.unwrap();
        seen.extend(page.iter().map(|case| case.case.number));
    }
    assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
    assert!(matches!(store.case(99).await, Err(StoreError::NotFound)));
    assert!(store.case_events(99).await.unwrap().is_empty());
}

/// Reports come in while officers act: neither loses the other's work.
pub(crate) async fn officers_and_the_projector_work_at_the_same_time(home: &Home) {
    let store = home.open().await;
    let number = case_on(&store, "+84912345678").await;
    let projector = {
        let store = store.clone();
        tokio::spawn(async move {
            for n in 10..40 {
                store.project(&batch(&store, vec![scam_call(n, "+84912345678")]).await).await.unwrap();
            }
        })
    };
    act(&store, number, Action::Confirm, &officer(), START + MINUTE).await;
    act(&store, number, Action::RequestBlock, &officer(), START + 2 * MINUTE).await;
    projector.await.unwrap();
    let case = store.case(number).await.unwrap();
    assert_eq!((case.case.state.as_str(), case.case.version), ("block_requested", 3));
    assert_eq!((case.reports, case.voices), (32, 32));
}

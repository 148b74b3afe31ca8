//! What is thrown away, what never is, and what a citizen has erased.

use canhgiac_domain::procedure::{Action, ClosedAs};
use canhgiac_domain::retention::DataKind;
use canhgiac_store::{Correction, Erased, NewEvidence, NewReport, Page, PurgeOrder, ReportFilter, Store};

use crate::support::{
    DAY, Home, START, act, audit, case_on, citizen, message, officer, project, project_one, scam_call,
    subscriber, web_report,
};

const SOURCE: &str = "+84912345678";
/// Long after everything in the rules.
const LATER: i64 = START + 1_000 * DAY;

fn order(kind: DataKind, before_us: i64) -> PurgeOrder {
    PurgeOrder { kind, before_us, now_us: LATER, after: 0, limit: 100, day: Some(1) }
}

/// Purges a kind to its end and says how many rows went.
async fn purge(store: &Store, kind: DataKind, before_us: i64) -> i64 {
    let mut step = order(kind, before_us);
    let mut removed = 0;
    loop {
        let done = store.purge(&step).await.unwrap();
        removed += done.removed;
        match done.next {
            Some(next) => step.after = next,
            None => return removed,
        }
    }
}

fn file(byte: u8) -> NewEvidence {
    NewEvidence { sha256: vec![byte; 32], size: 5, mime: "image/png".to_owned(), name: "a.png".to_owned() }
}

fn advert(reporter: u32) -> NewReport {
    NewReport {
        kind: Some("unlawful_advert".to_owned()),
        evidence: vec![file(7)],
        findings: r#"[{"facet":"why","id":"loan","quote":"vay nhanh"}]"#.to_owned(),
        place: Some("cột điện".to_owned()),
        ..web_report(Some(reporter), SOURCE)
    }
}

pub(crate) async fn what_is_over_is_emptied_and_its_figure_stays(home: &Home) {
    let store = home.open().await;
    let old = project_one(&store, advert(1)).await.report;
    let young = project_one(&store, NewReport { received_us: START + 10 * DAY, ..advert(2) }).await.report;
    assert_eq!(purge(&store, DataKind::Reports, START + DAY).await, 1);
    assert_eq!(purge(&store, DataKind::Reports, START + DAY).await, 0, "once is enough");
    let entry = store.report(old.seq).await.unwrap();
    let gone = entry.report;
    assert_eq!((gone.text.as_str(), gone.content.as_str(), gone.place.as_deref()), ("", "", None));
    assert!(gone.reporter_hash.is_none() && gone.reporter_sealed.is_none());
    assert_eq!(gone.purged_us, Some(LATER));
    assert!(gone.findings.contains("loan") && !gone.findings.contains("vay nhanh"));
    assert_eq!(entry.sources[0].canonical, SOURCE);
    assert_eq!(entry.sources[0].as_received, "");
    assert!(store.evidence_of(old.seq).await.unwrap().is_empty());
    let kept = store.report(young.seq).await.unwrap().report;
    assert!(!kept.text.is_empty() && kept.reporter_sealed.is_some());
    assert!(store.has_evidence(&[7; 32]).await.unwrap(), "the same file belongs to the younger report");
    assert_eq!(store.count_reports(&ReportFilter::default()).await.unwrap(), 2, "figures stay");
}

pub(crate) async fn what_an_open_case_needs_stays_and_goes_when_the_case_is_over(home: &Home) {
    let store = home.open().await;
    let number = case_on(&store, SOURCE).await;
    for kind in [DataKind::Reports, DataKind::CaseReports, DataKind::Evidence, DataKind::ServiceTexts] {
        assert_eq!(purge(&store, kind, LATER).await, 0, "{kind:?}");
    }
    let ended = START + 5 * DAY;
    act(&store, number, Action::Close(ClosedAs::NotEnoughGround), &officer(), ended).await;
    assert_eq!(purge(&store, DataKind::CaseReports, ended).await, 0, "within its period");
    assert_eq!(purge(&store, DataKind::Reports, LATER).await, 0, "a case's reports have their own period");
    assert_eq!(purge(&store, DataKind::CaseReports, ended + DAY).await, 2);
    assert_eq!(store.reports_of_case(number, Page::default()).await.unwrap().len(), 2);
}

pub(crate) async fn a_log_row_goes_when_nothing_needs_it_and_the_newest_stays(home: &Home) {
    let store = home.open().await;
    let first = project_one(&store, NewReport { parts: vec![1], ..advert(1) }).await;
    project_one(&store, NewReport { parts: vec![2], ..scam_call(2, SOURCE) }).await;
    project_one(&store, NewReport { parts: vec![3], ..advert(3) }).await;
    store.append_intake(&[crate::support::intake(0)]).await.unwrap();
    assert_eq!(purge(&store, DataKind::IntakeRows, LATER).await, 2);
    let left: Vec<i64> = store.read_intake(0, 100).await.unwrap().iter().map(|row| row.seq).collect();
    assert_eq!(left, [2, 4], "an open case needs the second, and the newest is not worked through");
    assert!(!store.report(first.report.seq).await.unwrap().report.text.is_empty(), "the list keeps its own");
    let next = store.append_intake(&[crate::support::intake(0)]).await.unwrap();
    assert_eq!(next, 5, "places are not given twice");
    store.close().await;
    home.open().await;
}

pub(crate) async fn a_dry_run_says_the_same_and_changes_nothing(home: &Home) {
    let store = home.open().await;
    project(&store, vec![advert(1), advert(2), scam_call(3, SOURCE)]).await;
    store.add_messages(&[message("m", 1)], None, START).await.unwrap();
    store.save_session("s", b"x", START).await.unwrap();
    for kind in DataKind::ALL {
        let dry = PurgeOrder { day: None, ..order(kind, LATER) };
        let said = store.purge(&dry).await.unwrap().removed;
        assert_eq!(store.purge(&dry).await.unwrap().removed, said, "{kind:?}");
        assert_eq!(purge(&store, kind, LATER).await, said, "{kind:?}");
        assert_eq!(store.purge(&dry).await.unwrap().removed, 0, "{kind:?}: nothing is left");
    }
}

pub(crate) async fn a_purge_goes_in_small_steps_and_counts_what_it_removed(home: &Home) {
    let store = home.open().await;
    project(&store, (1..=25).map(advert).collect()).await;
    assert!(store.begin_purge(1, LATER).await.unwrap());
    let mut step = PurgeOrder { limit: 10, ..order(DataKind::Reports, LATER) };
    let mut sizes = Vec::new();
    let mut files = Vec::new();
    while let Some(next) = {
        let done = store.purge(&step).await.unwrap();
        sizes.push(done.removed);
        files.extend(done.files);
        done.next
    } {
        step.after = next;
    }
    assert_eq!(sizes, [10, 10, 5]);
    assert_eq!(files, [vec![7; 32]], "the shared file goes with its last report");
    let run = store.purges(5).await.unwrap().remove(0);
    assert_eq!((run.removed[0].label.as_str(), run.removed[0].count), ("reports", 25));
}

pub(crate) async fn a_day_is_purged_once(home: &Home) {
    let store = home.open().await;
    assert!(store.begin_purge(7, START).await.unwrap());
    assert!(!store.begin_purge(7, START + 1).await.unwrap(), "another process is at it");
    assert!(store.begin_purge(7, START + DAY / 12).await.unwrap(), "one that was interrupted is taken up");
    store.end_purge(7, &audit("purge:7")).await.unwrap();
    assert!(!store.begin_purge(7, START + DAY).await.unwrap());
    assert!(store.begin_purge(8, START + DAY).await.unwrap());
    assert_eq!(store.audit_trail(Some("purge:7"), Page::default()).await.unwrap().len(), 1);
}

pub(crate) async fn a_report_is_erased_with_its_number_words_and_files(home: &Home) {
    let store = home.open().await;
    let secret = "bi mat cua toi 4711";
    let report = NewReport {
        text: secret.to_owned(),
        folded: secret.to_owned(),
        content: secret.to_owned(),
        ..advert(1)
    };
    let seq = project_one(&store, report).await.report.seq;
    let reply = canhgiac_store::NewMessage { object: format!("report:{seq}"), ..message("m", 1) };
    store.add_messages(&[reply], None, START).await.unwrap();
    store.ask_erasure(&[seq], "reporter", &audit("report:1")).await.unwrap();
    assert_eq!(store.reports_of_reporter(&citizen(1).hash, Page::default()).await.unwrap().len(), 1);
    let done = store.erase_report(seq, &audit("report:1")).await.unwrap();
    assert_eq!(done, Erased::Done(vec![vec![7; 32]]));
    assert!(store.erasures_waiting(Page::default()).await.unwrap().is_empty());
    assert!(store.reports_of_reporter(&citizen(1).hash, Page::default()).await.unwrap().is_empty());
    let sent = store.messages(&[], Page::default()).await.unwrap().remove(0);
    assert_eq!((sent.state.as_str(), sent.text.as_str(), sent.to_sealed.len()), ("failed", "", 0));
    let row = store.intake_rows(&[1]).await.unwrap().remove(0);
    assert!(row.body.is_empty() && row.reporter_sealed.is_none());
    assert_eq!(store.erase_report(seq, &audit("report:1")).await.unwrap(), Erased::Done(Vec::new()));
}

pub(crate) async fn an_erasure_waits_for_the_case(home: &Home) {
    let store = home.open().await;
    let number = case_on(&store, SOURCE).await;
    store.ask_erasure(&[1], "reporter", &audit("report:1")).await.unwrap();
    assert_eq!(store.erase_report(1, &audit("report:1")).await.unwrap(), Erased::Needed);
    assert!(!store.report(1).await.unwrap().report.text.is_empty());
    assert_eq!(store.erasures_waiting(Page::default()).await.unwrap()[0].report_seq, 1);
    act(&store, number, Action::Close(ClosedAs::NotEnoughGround), &officer(), START + DAY).await;
    assert!(matches!(store.erase_report(1, &audit("report:1")).await.unwrap(), Erased::Done(_)));
    assert!(store.erasure_of(1).await.unwrap().unwrap().done_us.is_some());
}

pub(crate) async fn a_budget_counts_by_day_and_survives(home: &Home) {
    let store = home.open().await;
    assert_eq!(store.budget_used(b"a", 1).await.unwrap(), 0);
    assert_eq!(store.spend_budget(b"a", 1).await.unwrap(), 1);
    assert_eq!(store.spend_budget(b"a", 1).await.unwrap(), 2);
    assert_eq!(store.spend_budget(b"a", 2).await.unwrap(), 1);
    store.close().await;
    let store = home.open().await;
    assert_eq!(store.spend_budget(b"a", 1).await.unwrap(), 3);
}

pub(crate) async fn a_code_proves_a_number_once_for_its_form(home: &Home) {
    let store = home.open().await;
    let number = citizen(1).hash;
    let save = || store.save_phone_code(&number, b"form", b"right", START + 10);
    save().await.unwrap();
    assert!(!store.use_phone_code(&number, b"other", b"right", 3, START).await.unwrap(), "another form");
    assert!(!store.use_phone_code(&citizen(2).hash, b"form", b"right", 3, START).await.unwrap());
    assert!(!store.use_phone_code(&number, b"form", b"right", 3, START + 10).await.unwrap(), "too late");
    assert!(store.use_phone_code(&number, b"form", b"right", 3, START).await.unwrap());
    assert!(!store.use_phone_code(&number, b"form", b"right", 3, START).await.unwrap(), "used up");
    save().await.unwrap();
    for _ in 0..3 {
        assert!(!store.use_phone_code(&number, b"form", b"wrong", 3, START).await.unwrap());
    }
    assert!(!store.use_phone_code(&number, b"form", b"right", 3, START).await.unwrap(), "tried too often");
}

pub(crate) async fn a_report_set_aside_counts_for_nothing_until_an_officer_says_so(home: &Home) {
    let store = home.open().await;
    let aside = |n| NewReport {
        is_proven: true,
        state: "aside".to_owned(),
        problem: Some("doubtful".to_owned()),
        ..web_report(Some(n), SOURCE)
    };
    let flood = project(&store, (1..=50).map(aside).collect()).await;
    assert!(flood.iter().all(|entry| entry.report.state == "aside" && entry.case_number.is_none()));
    let standing = store.standing("subscriber", SOURCE).await.unwrap();
    assert_eq!((standing.voices, standing.reports), (0, 0));
    assert!(store.figures(0).await.unwrap().by_hour.is_empty());
    let correction = Correction {
        seq: flood[0].report.seq,
        kind: "scam_call".to_owned(),
        sources: vec![subscriber(SOURCE)],
        opens_case: vec!["scam_call".to_owned()],
        joins_case: Vec::new(),
    };
    store.correct_report(&correction, &audit("report:1")).await.unwrap();
    assert_eq!(store.standing("subscriber", SOURCE).await.unwrap().voices, 1);
    assert!(store.report(flood[0].report.seq).await.unwrap().case_number.is_some());
}

pub(crate) async fn a_desk_lists_what_it_took_in(home: &Home) {
    let store = home.open().await;
    let by = "staff:00000000-0000-0000-0000-00000000000b";
    let at = |desk: &str| NewReport {
        channel: "desk".to_owned(),
        link: desk.to_owned(),
        taken_by: Some(by.to_owned()),
        evidence: vec![file(9)],
        ..web_report(Some(1), SOURCE)
    };
    let stored = project(&store, vec![at("22015"), at("22045"), scam_call(2, SOURCE)]).await;
    let filter = ReportFilter { desk: Some("22015".to_owned()), ..ReportFilter::default() };
    let listed = store.reports(&filter, Page::default()).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].report.taken_by.as_deref(), Some(by));
    let seq = stored[0].report.seq;
    assert_eq!(store.evidence_of(seq).await.unwrap()[0].added_by, by);
    let trail = store.audit_trail(Some(&format!("report:{seq}")), Page::default()).await.unwrap();
    assert_eq!((trail[0].actor.as_str(), trail[0].action.as_str()), (by, "report_taken_in"));
}

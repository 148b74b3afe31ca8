//! Finding reports: without accents, by parts of words and of numbers, filters together.

use canhgiac_store::{NewReport, Page, ReportFilter, Store};

use crate::support::{Home, START, project, project_one, scam_call, subscriber, web_report};

async fn found(store: &Store, filter: ReportFilter) -> Vec<i64> {
    let entries = store.reports(&filter, Page { offset: 0, limit: 100 }).await.unwrap();
    assert_eq!(store.count_reports(&filter).await.unwrap(), i64::try_from(entries.len()).unwrap());
    entries.iter().map(|entry| entry.report.seq).collect()
}

async fn with_words(store: &Store, words: &[&str]) -> Vec<i64> {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    found(store, ReportFilter { words, ..ReportFilter::default() }).await
}

fn folded(n: u32, text: &str, folded: &str) -> NewReport {
    NewReport { text: text.to_owned(), folded: folded.to_owned(), ..scam_call(n, &format!("+8491234567{n}")) }
}

pub(crate) async fn words_are_found_without_accents(home: &Home) {
    let store = home.open().await;
    project(
        &store,
        vec![
            folded(1, "Xưng công an Đồng Nai", "xung cong an dong nai"),
            folded(2, "điện lực dọa cắt điện", "dien luc doa cat dien"),
            folded(3, "cong ty dien luc", "cong ty dien luc"),
        ],
    )
    .await;
    assert_eq!(with_words(&store, &["cong"]).await, [3, 1]);
    assert_eq!(with_words(&store, &["cong", "an", "nai"]).await, [1]);
    assert_eq!(with_words(&store, &["luc", "cong"]).await, [3], "all words, in any order");
    assert_eq!(with_words(&store, &["ong an"]).await, [1], "parts of words count");
    assert_eq!(with_words(&store, &["cong", "khong"]).await, [0i64; 0]);
    assert_eq!(with_words(&store, &[]).await, [3, 2, 1]);
}

pub(crate) async fn a_source_is_found_by_a_part_of_it(home: &Home) {
    let store = home.open().await;
    let mut name = subscriber("Vietcombank");
    name.kind = "sender_name".to_owned();
    let named = NewReport { sources: vec![name, subscriber("+84987654321")], ..folded(1, "x", "x") };
    project(&store, vec![named, folded(2, "y", "y")]).await;
    assert_eq!(with_words(&store, &["vietcom"]).await, [1]);
    assert_eq!(with_words(&store, &["987654"]).await, [1]);
    assert_eq!(with_words(&store, &["987654", "x"]).await, [1]);
    assert_eq!(with_words(&store, &["987654", "y"]).await, [0i64; 0]);
}

pub(crate) async fn wildcards_are_ordinary_characters(home: &Home) {
    let store = home.open().await;
    project(
        &store,
        vec![
            folded(1, "lãi 50%", "lai 50% thang"),
            folded(2, "lãi 500", "lai 500 thang"),
            folded(3, "a_b", "a_b c:\\temp"),
            folded(4, "axb", "axb c:temp"),
        ],
    )
    .await;
    assert_eq!(with_words(&store, &["50%"]).await, [1]);
    assert_eq!(with_words(&store, &["%"]).await, [1]);
    assert_eq!(with_words(&store, &["a_b"]).await, [3]);
    assert_eq!(with_words(&store, &["_"]).await, [3]);
    assert_eq!(with_words(&store, &["c:\\t"]).await, [3]);
    assert_eq!(with_words(&store, &["\\"]).await, [3]);
    assert_eq!(with_words(&store, &["\\%"]).await, [0i64; 0]);
    assert_eq!(with_words(&store, &["'; drop table report; --"]).await, [0i64; 0]);
}

/// A pasted letter in the search box is a search by its first words, not an error.
pub(crate) async fn very_many_words_are_no_error(home: &Home) {
    let store = home.open().await;
    project_one(&store, folded(1, "x", "mot hai ba")).await;
    assert_eq!(with_words(&store, &["hai"; 5_000]).await, [1]);
    let long = "h".repeat(200_000);
    assert_eq!(with_words(&store, &[&long]).await, [0i64; 0]);
}

pub(crate) async fn filters_combine(home: &Home) {
    let store = home.open().await;
    let at = |n: i64, report: NewReport| NewReport { received_us: START + n, ..report };
    let commune = |report: NewReport| NewReport { commune: Some("00004".to_owned()), ..report };
    let incomplete = NewReport {
        kind: None,
        problem: Some("missing_kind".to_owned()),
        state: "needs_officer".to_owned(),
        ..scam_call(3, "+84912345678")
    };
    let help =
        NewReport { intent: "help".to_owned(), kind: None, state: "service".to_owned(), ..scam_call(4, "") };
    let stored = project(
        &store,
        vec![
            at(0, scam_call(1, "+84912345678")),
            at(1, commune(web_report(Some(2), "+84912345678"))),
            at(2, incomplete),
            at(3, help),
            at(4, commune(scam_call(5, "+84987654321"))),
        ],
    )
    .await;
    let all = ReportFilter::default();
    assert_eq!(found(&store, all.clone()).await, [5, 3, 2, 1], "services are no reports");
    assert_eq!(found(&store, ReportFilter { with_service: true, ..all.clone() }).await, [5, 4, 3, 2, 1]);
    let kind = |kind: &str| ReportFilter { kind: Some(kind.to_owned()), ..ReportFilter::default() };
    assert_eq!(found(&store, kind("scam_call")).await, [5, 2, 1]);
    assert_eq!(found(&store, kind("none")).await, [3]);
    let problem = |id: &str| ReportFilter { problem: Some(id.to_owned()), ..ReportFilter::default() };
    assert_eq!(found(&store, problem("any")).await, [3]);
    assert_eq!(found(&store, problem("missing_source")).await, [0i64; 0]);
    let link = ReportFilter { link: Some("form".to_owned()), ..all.clone() };
    assert_eq!(found(&store, link).await, [2]);
    let state = ReportFilter { state: Some("in_case".to_owned()), ..all.clone() };
    assert_eq!(found(&store, state.clone()).await, [5, 2, 1]);
    let here = ReportFilter { commune: Some("00004".to_owned()), ..state };
    assert_eq!(found(&store, here.clone()).await, [5, 2]);
    let source_id = Some(stored[0].sources[0].source_id);
    assert_eq!(found(&store, ReportFilter { source_id, ..here }).await, [2]);
    let period = ReportFilter { from_us: Some(START + 1), to_us: Some(START + 4), ..all.clone() };
    assert_eq!(found(&store, period.clone()).await, [3, 2]);
    assert_eq!(found(&store, ReportFilter { after_seq: Some(2), ..period }).await, [3]);
    let nothing = ReportFilter { from_us: Some(START + 4), to_us: Some(START + 4), ..all };
    assert_eq!(found(&store, nothing).await, [0i64; 0]);
}

pub(crate) async fn pages_follow_each_other(home: &Home) {
    let store = home.open().await;
    project(&store, (0..9).map(|n| scam_call(n, "+84912345678")).collect()).await;
    let mut seen = Vec::new();
    for offset in [0, 4, 8, 12] {
        let page = store.reports(&ReportFilter::default(), Page { offset, limit: 4 }).await.unwrap();
        seen.extend(page.iter().map(|entry| entry.report.seq));
    }
    assert_eq!(seen, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    let export: Vec<i64> =
        store.reports_after(4, 3).await.unwrap().iter().map(|entry| entry.report.seq).collect();
    assert_eq!(export, [5, 6, 7]);
    let page = Page { offset: 7, limit: 4 };
    let in_case: Vec<i64> =
        store.reports_of_case(1, page).await.unwrap().iter().map(|entry| entry.report.seq).collect();
    assert_eq!(in_case, [2, 1]);
}

pub(crate) async fn reports_of_nearly_the_same_wording_are_found(home: &Home) {
    let store = home.open().await;
    let worded = |n, key: Option<&str>| NewReport {
        near_key: key.map(str::to_owned),
        ..scam_call(n, &format!("+8491234567{n}"))
    };
    let stored = project(
        &store,
        vec![
            worded(1, Some("aa")),
            worded(2, Some("bb")),
            worded(3, Some("aa")),
            worded(4, None),
            worded(5, None),
        ],
    )
    .await;
    let twins = async |n: usize, limit| {
        let entries = store.near_twins(&stored[n].report, limit).await.unwrap();
        entries.iter().map(|entry| entry.report.seq).collect::<Vec<_>>()
    };
    assert_eq!(twins(0, 10).await, [3]);
    assert_eq!(twins(1, 10).await, [0i64; 0]);
    assert_eq!(twins(3, 10).await, [0i64; 0], "texts without a key are not alike");
    assert_eq!(twins(0, 0).await, [0i64; 0]);
}

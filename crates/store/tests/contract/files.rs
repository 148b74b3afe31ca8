//! The directory: read by a second process while the first works, and without a reporter's number.

use canhgiac_store::{NewMessage, NewReport, Page, ReportFilter, SubscriptionChange};

use crate::support::{
    Home, MINUTE, SENDER, START, batch, citizen, citizen_number, message, newest_report, project, scam_call,
};

pub(crate) async fn an_export_reads_while_the_product_writes(home: &Home) {
    let product = home.open().await;
    project(&product, (0..100).map(|n| scam_call(n, "+84912345678")).collect()).await;
    let writer = {
        let product = product.clone();
        tokio::spawn(async move {
            for n in 0..30 {
                product.project(&batch(&product, vec![scam_call(n, "+84912345678")]).await).await.unwrap();
            }
        })
    };
    let export = home.open().await;
    let mut after = 0;
    let mut seen = Vec::new();
    while seen.len() < 100 {
        let page = export.reports_after(after, 7).await.unwrap();
        after = page.last().map_or(after, |entry| entry.report.seq);
        seen.extend(page.iter().map(|entry| entry.report.seq));
    }
    assert_eq!(seen[..100], (1..=100).collect::<Vec<i64>>());
    export.close().await;
    writer.await.unwrap();
    assert_eq!(newest_report(&product).await, 130);
    product.ping().await.unwrap();
}

pub(crate) async fn what_one_process_committed_another_sees(home: &Home) {
    let (one, other) = (home.open().await, home.open().await);
    project(&one, vec![scam_call(1, "+84912345678")]).await;
    assert_eq!(other.cursor().await.unwrap(), 1);
    assert_eq!(other.count_reports(&ReportFilter::default()).await.unwrap(), 1);
    project(&other, vec![scam_call(2, "+84912345678")]).await;
    assert_eq!(one.count_reports(&ReportFilter::default()).await.unwrap(), 2);
    assert_eq!(one.case(1).await.unwrap().voices, 2);
}

pub(crate) async fn a_closed_store_opens_again_as_it_was(home: &Home) {
    let store = home.open().await;
    project(&store, vec![scam_call(1, "+84912345678")]).await;
    store.close().await;
    assert!(store.ping().await.is_err());
    let store = home.open().await;
    store.ping().await.unwrap();
    assert_eq!(store.count_reports(&ReportFilter::default()).await.unwrap(), 1);
    assert_eq!(store.jobs_waiting(START).await.unwrap(), 1);
}

/// The numbers of those who report, in every spelling a byte search may meet.
fn spellings(number: &str) -> Vec<Vec<u8>> {
    let national = number.trim_start_matches('0');
    let wide = |text: &str, big: bool| -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    };
    vec![national.as_bytes().to_vec(), wide(national, true), wide(national, false)]
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

pub(crate) async fn nothing_stored_holds_a_reporters_number(home: &Home) {
    let store = home.open().await;
    let mut reports: Vec<NewReport> = (1..20).map(|n| scam_call(n, "+84912345678")).collect();
    reports.push(NewReport { subscription: Some(SubscriptionChange::Subscribe), ..scam_call(20, "") });
    project(&store, reports).await;
    let planned: Vec<NewMessage> = (1..20).map(|n| message(&format!("m{n}"), n)).collect();
    store.add_messages(&planned, None, START).await.unwrap();
    store.claim_messages("vnpt", SENDER, 5, START + MINUTE).await.unwrap();
    assert_eq!(store.messages(&["sending"], Page::default()).await.unwrap().len(), 5);
    store.close().await;
    let bytes = home.bytes();
    // The search finds what is there: the reported number, and a reporter's sealed one.
    assert!(contains(&bytes, b"912345678"));
    assert!(contains(&bytes, &citizen(3).sealed));
    for n in 1..=20 {
        for spelling in spellings(&citizen_number(n)) {
            assert!(!contains(&bytes, &spelling), "{}", citizen_number(n));
        }
    }
}

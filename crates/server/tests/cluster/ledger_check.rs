//! What the ledger of a load and the product's own word must agree on.

use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant};

use canhgiac_store::{Page, Store};

use crate::processes::Cluster;
use crate::support::{Ledger, Text};

/// How long what was taken in may take to be worked through on a busy machine.
const SETTLED_WITHIN: Duration = Duration::from_secs(180);
const LOOK_EVERY: Duration = Duration::from_millis(200);
const PAGE: i64 = 1000;

fn sender(number: u32) -> String {
    format!("8490{number:07}")
}

/// A text nobody else sends; over fifty sources, so that cases grow too.
fn words(number: u32) -> String {
    format!("LD 09120000{:02} tin thu {number}", number % 50)
}

/// The text with this number.
pub(crate) fn text(number: u32) -> Text {
    Text::new(&sender(number), &words(number))
}

/// Waits until the projector has caught up, no job is due and no message waits or is on its way.
pub(crate) fn wait_until_settled(cluster: &Cluster) {
    let end = Instant::now() + SETTLED_WITHIN;
    loop {
        let left = cluster.ask(left);
        if left == (0, 0, 0) {
            return;
        }
        assert!(Instant::now() < end, "rows, jobs, messages left after {SETTLED_WITHIN:?}: {left:?}");
        thread::sleep(LOOK_EVERY);
    }
}

async fn left(store: Store) -> (i64, i64, usize) {
    // The cursor first: the log only grows.
    let cursor = store.cursor().await.expect("it answers");
    let behind = store.intake_end().await.expect("it answers") - cursor;
    let jobs = store.jobs_waiting(i64::MAX).await.expect("it answers");
    let page = Page { limit: 1, offset: 0 };
    let messages = store.messages(&["planned", "sending"], page).await.expect("it answers").len();
    (behind, jobs, messages)
}

/// Every text answered OK is exported exactly once, and nothing else is.
pub(crate) fn nothing_is_lost_or_doubled(cluster: &Cluster, of: &str, ledger: &Ledger) {
    let mut times: HashMap<String, u32> = HashMap::new();
    for line in cluster.export(of) {
        *times.entry(line["text"].as_str().expect("a text").to_owned()).or_default() += 1;
    }
    let sent = ledger.look(|state| state.taken);
    let is_again = |number: u32| ledger.look(|state| state.sent_again.contains(&number));
    let wrong: Vec<String> = (0..sent)
        .map(|number| (number, times.remove(&words(number)).unwrap_or(0)))
        .filter(|(_, count)| *count != 1)
        .map(|(number, count)| {
            format!("{number}: {count} times{}", if is_again(number) { ", sent again" } else { "" })
        })
        .collect();
    assert!(wrong.is_empty(), "of {sent} texts: {}", wrong.join("; "));
    assert!(times.is_empty(), "nobody sent {times:?}");
}

/// Every reply left exactly once, or is listed as uncertain and left at most once; gives how many are uncertain.
pub(crate) fn every_reply_went_once_or_is_uncertain(cluster: &Cluster, ledger: &Ledger) -> u32 {
    let noted = cluster.ask(states_by_text);
    let mut wrong = Vec::new();
    let mut uncertain = 0;
    ledger.look(|state| {
        for number in 0..state.taken {
            let replies = state.replies.get(&sender(number)).map_or(0, Vec::len);
            let noted = noted.get(&words(number)).map_or("none", String::as_str);
            uncertain += u32::from(noted == "uncertain");
            if !matches!((noted, replies), ("sent", 1) | ("uncertain", 0 | 1)) {
                wrong.push(format!("{number}: {replies} replies, noted as {noted}"));
            }
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("; "));
    uncertain
}

/// What became of the reply to every report, by its text.
async fn states_by_text(store: Store) -> HashMap<String, String> {
    let mut text_of = HashMap::new();
    let mut after = 0;
    loop {
        let page = store.reports_after(after, PAGE).await.expect("reports are read");
        let Some(last) = page.last() else { break };
        after = last.report.seq;
        text_of.extend(
            page.into_iter().map(|entry| (format!("report:{}", entry.report.seq), entry.report.text)),
        );
    }
    let mut states = HashMap::new();
    for offset in (0..).step_by(1000) {
        let page = store.messages(&[], Page { limit: PAGE, offset }).await.expect("messages are read");
        if page.is_empty() {
            break;
        }
        for message in page {
            let text = text_of.get(&message.object).expect("a reply is about a report").clone();
            assert_eq!(states.insert(text, message.state), None, "two replies to {}", message.object);
        }
    }
    states
}

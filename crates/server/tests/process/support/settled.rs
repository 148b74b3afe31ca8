//! Looks into the databases from outside: whether all work is done, and what became of every reply.

use std::collections::HashMap;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use canhgiac_store::{Page, Store};

/// How long what was taken in may take to be worked through on a busy machine.
const WITHIN: Duration = Duration::from_secs(240);
const LOOK_EVERY: Duration = Duration::from_millis(100);
const PAGE: i64 = 1000;

/// A state and how many replies are in it, and the text each reply answers.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// State of the reply by the text of the report; a text with two replies is a failure of the reader.
    pub(crate) state_by_text: HashMap<String, String>,
}

/// Waits until the projector has caught up, no job is due and no message waits or is on its way.
pub(crate) fn wait_until_settled(data_dir: &Path) {
    run(async {
        let store = Store::open(data_dir).await.expect("the databases open");
        let end = Instant::now() + WITHIN;
        loop {
            let left = left(&store).await;
            if left == (0, 0, 0) {
                break;
            }
            assert!(Instant::now() < end, "rows, jobs, messages left after {WITHIN:?}: {left:?}");
            thread::sleep(LOOK_EVERY);
        }
        store.close().await;
    });
}

/// Rows behind the projector, jobs not done, messages without an end.
async fn left(store: &Store) -> (i64, i64, usize) {
    let behind = store.intake_end().await.expect("it answers") - store.cursor().await.expect("it answers");
    let jobs = store.jobs_waiting(i64::MAX).await.expect("it answers");
    let page = Page { limit: 1, offset: 0 };
    let messages = store.messages(&["planned", "sending"], page).await.expect("it answers").len();
    (behind, jobs, messages)
}

impl Outbox {
    /// What became of the reply to every report. The product must not run.
    pub(crate) fn read(data_dir: &Path) -> Outbox {
        run(async {
            let store = Store::open(data_dir).await.expect("the databases open");
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
            let mut outbox = Outbox::default();
            for offset in (0..).step_by(1000) {
                let page =
                    store.messages(&[], Page { limit: PAGE, offset }).await.expect("messages are read");
                if page.is_empty() {
                    break;
                }
                for message in page {
                    let text = text_of.get(&message.object).expect("a reply is about a report").clone();
                    let earlier = outbox.state_by_text.insert(text, message.state);
                    assert_eq!(earlier, None, "two replies to {}", message.object);
                }
            }
            store.close().await;
            outbox
        })
    }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
}

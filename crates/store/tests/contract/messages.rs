//! Outgoing SMS: marked *sending* durably before they leave, and never sent twice.

use std::collections::BTreeSet;

use canhgiac_store::{Count, MessageRow, NewMessage, Page, SendOutcome, Store};

use crate::support::{Home, MINUTE, SENDER, START, citizen, message};

pub(crate) fn sent(id: &str) -> SendOutcome {
    SendOutcome::Sent { remote_id: id.to_owned() }
}

fn seqs(rows: &[MessageRow]) -> Vec<i64> {
    rows.iter().map(|row| row.seq).collect()
}

pub(crate) async fn state_of(store: &Store, seq: i64) -> (String, Option<String>) {
    let rows = store.messages(&[], Page { offset: 0, limit: 1_000 }).await.unwrap();
    let row = rows.into_iter().find(|row| row.seq == seq).unwrap();
    (row.state, row.error)
}

pub(crate) async fn a_due_message_of_a_link_is_claimed_in_order(home: &Home) {
    let store = home.open().await;
    let planned = [
        NewMessage { run_us: START + MINUTE, ..message("late", 1) },
        message("first", 1),
        NewMessage { link: "viettel".to_owned(), ..message("elsewhere", 1) },
        message("second", 2),
    ];
    store.add_messages(&planned, None, START).await.unwrap();
    assert!(store.claim_messages("vnpt", SENDER, 10, START - 1).await.unwrap().is_empty());
    assert!(store.claim_messages("none", SENDER, 10, START).await.unwrap().is_empty());
    assert_eq!(seqs(&store.claim_messages("vnpt", SENDER, 1, START).await.unwrap()), [2]);
    let rest = store.claim_messages("vnpt", SENDER, 10, START).await.unwrap();
    assert_eq!((seqs(&rest), rest[0].state.as_str(), rest[0].attempts), (vec![4], "sending", 1));
    assert_eq!(
        (rest[0].to_sealed.as_slice(), rest[0].from_code.as_str()),
        (citizen(2).sealed.as_slice(), "156")
    );
    assert_eq!(store.messages_planned().await.unwrap().len(), 2);
    assert_eq!(seqs(&store.claim_messages("vnpt", SENDER, 10, START + MINUTE).await.unwrap()), [1]);
}

pub(crate) async fn senders_at_the_same_time_never_take_the_same(home: &Home) {
    let store = home.open().await;
    let planned: Vec<NewMessage> = (0..200).map(|n| message(&format!("{n}"), n)).collect();
    store.add_messages(&planned, None, START).await.unwrap();
    let mut senders = Vec::new();
    for n in 0..4 {
        let store = if n % 2 == 0 { store.clone() } else { home.open().await };
        senders.push(tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let claimed = store.claim_messages("vnpt", SENDER, 9, START).await.unwrap();
                if claimed.is_empty() {
                    return mine;
                }
                mine.extend(seqs(&claimed));
            }
        }));
    }
    let mut all = BTreeSet::new();
    for sender in senders {
        for seq in sender.await.unwrap() {
            assert!(all.insert(seq), "message {seq} was taken twice");
        }
    }
    assert_eq!(all.len(), 200);
}

pub(crate) async fn what_was_being_sent_when_the_program_died_is_uncertain(home: &Home) {
    let gone = home.open().await;
    gone.add_messages(&[message("a", 1), message("b", 2)], None, START).await.unwrap();
    let claimed = gone.claim_messages("vnpt", SENDER, 1, START).await.unwrap();
    // *Sending* is durable when the claim returns: the next process sees it.
    std::mem::forget(gone);
    let store = home.open().await;
    assert_eq!(state_of(&store, claimed[0].seq).await.0, "sending");
    assert_eq!(seqs(&store.claim_messages("vnpt", SENDER, 10, START).await.unwrap()), [2]);
    store.finish_messages("vnpt", &[(2, sent("id-2"))], START).await.unwrap();
    assert_eq!(store.mark_interrupted_messages(START + MINUTE).await.unwrap(), 1);
    assert_eq!(store.mark_interrupted_messages(START + MINUTE).await.unwrap(), 0);
    let (state, error) = state_of(&store, 1).await;
    assert_eq!((state.as_str(), error.is_some()), ("uncertain", true));
    assert!(store.claim_messages("vnpt", SENDER, 10, START + 9 * MINUTE).await.unwrap().is_empty());
}

pub(crate) async fn each_outcome_is_noted(home: &Home) {
    let store = home.open().await;
    let planned: Vec<NewMessage> = (0..4).map(|n| message(&format!("{n}"), n)).collect();
    store.add_messages(&planned, None, START).await.unwrap();
    store.claim_messages("vnpt", SENDER, 10, START).await.unwrap();
    let outcomes = [
        (1, sent("id-1")),
        (2, SendOutcome::Retry { run_us: START + 5 * MINUTE, error: "throttled".to_owned() }),
        (3, SendOutcome::Failed { error: "invalid destination".to_owned() }),
        (4, SendOutcome::Uncertain { error: "session lost".to_owned() }),
    ];
    store.finish_messages("vnpt", &outcomes, START + MINUTE).await.unwrap();
    let states: Vec<(String, Option<String>)> = [
        state_of(&store, 1).await,
        state_of(&store, 2).await,
        state_of(&store, 3).await,
        state_of(&store, 4).await,
    ]
    .into();
    let expected = [
        ("sent", None),
        ("planned", Some("throttled")),
        ("failed", Some("invalid destination")),
        ("uncertain", Some("session lost")),
    ];
    for (state, (name, error)) in states.iter().zip(expected) {
        assert_eq!((state.0.as_str(), state.1.as_deref()), (name, error));
    }
    let rows = store.messages(&["sent", "failed"], Page::default()).await.unwrap();
    assert_eq!(seqs(&rows), [3, 1]);
    assert_eq!((rows[1].sent_us, rows[1].done_us), (Some(START + MINUTE), None));
    assert_eq!((rows[0].sent_us, rows[0].done_us), (None, Some(START + MINUTE)));
    assert!(store.claim_messages("vnpt", SENDER, 10, START + 4 * MINUTE).await.unwrap().is_empty());
    let again = store.claim_messages("vnpt", SENDER, 10, START + 5 * MINUTE).await.unwrap();
    assert_eq!((seqs(&again), again[0].attempts), (vec![2], 2));
}

/// An answer that comes after the message was given up as uncertain may say what became of it, and
/// must never lead to a second sending.
pub(crate) async fn a_late_outcome_never_sends_again(home: &Home) {
    let store = home.open().await;
    let planned: Vec<NewMessage> = (0..3).map(|n| message(&format!("{n}"), n)).collect();
    store.add_messages(&planned, None, START).await.unwrap();
    store.claim_messages("vnpt", SENDER, 2, START).await.unwrap();
    store.mark_interrupted_messages(START).await.unwrap();
    let retry = SendOutcome::Retry { run_us: START, error: "throttled".to_owned() };
    store.finish_messages("vnpt", &[(1, retry.clone()), (2, sent("id-2")), (3, retry)], START).await.unwrap();
    assert_eq!(state_of(&store, 1).await.0, "uncertain");
    assert_eq!(state_of(&store, 2).await.0, "sent");
    assert_eq!(
        seqs(&store.claim_messages("vnpt", SENDER, 10, START).await.unwrap()),
        [3],
        "never claimed before"
    );
    // What is settled stays settled, and another link has no say.
    let late = [(2, SendOutcome::Uncertain { error: "x".to_owned() }), (99, sent("id-99"))];
    store.finish_messages("vnpt", &late, START).await.unwrap();
    assert_eq!(state_of(&store, 2).await.0, "sent");
    store.finish_messages("viettel", &[(3, sent("id-3"))], START).await.unwrap();
    assert_eq!(state_of(&store, 3).await.0, "sending");
}

pub(crate) async fn messages_about_one_thing_are_listed_and_counted(home: &Home) {
    let store = home.open().await;
    let about = |key: &str, object: &str| NewMessage { object: object.to_owned(), ..message(key, 1) };
    let planned = [about("a", "case:1"), about("b", "case:11"), about("c", "case:1"), about("d", "case:1")];
    store.add_messages(&planned, None, START).await.unwrap();
    store.claim_messages("vnpt", SENDER, 1, START).await.unwrap();
    store.finish_messages("vnpt", &[(1, sent("x"))], START).await.unwrap();
    assert_eq!(seqs(&store.messages_about("case:1", Page::default()).await.unwrap()), [1, 3, 4]);
    let page = Page { offset: 1, limit: 1 };
    assert_eq!(seqs(&store.messages_about("case:1", page).await.unwrap()), [3]);
    let count = |label: &str, count| Count { label: label.to_owned(), count };
    assert_eq!(store.message_counts("case:1").await.unwrap(), [count("planned", 2), count("sent", 1)]);
    assert_eq!(store.message_counts("case:2").await.unwrap(), []);
    assert_eq!(store.messages_planned().await.unwrap(), [count("vnpt", 3)]);
    assert_eq!(seqs(&store.messages(&[], Page::default()).await.unwrap()), [4, 3, 2, 1]);
}

//! Delivery receipts: they name a message by the operator's id, and may come before that id is known.

use canhgiac_store::{DeliveryReceipt, NewMessage, Store};

use crate::messages::{sent, state_of};
use crate::support::{DAY, Home, MINUTE, SENDER, START, message};

fn receipt(remote_id: &str, is_delivered: bool) -> DeliveryReceipt {
    DeliveryReceipt {
        link: "vnpt".to_owned(),
        remote_id: remote_id.to_owned(),
        is_delivered,
        is_final: true,
        error: (!is_delivered).then(|| "EXPIRED".to_owned()),
    }
}

async fn sending(store: &Store, keys: &[&str]) {
    let planned: Vec<NewMessage> = keys.iter().map(|key| message(key, 1)).collect();
    store.add_messages(&planned, None, START).await.unwrap();
    assert_eq!(store.claim_messages("vnpt", SENDER, 100, START).await.unwrap().len(), keys.len());
}

pub(crate) async fn a_receipt_settles_its_message(home: &Home) {
    let store = home.open().await;
    sending(&store, &["a", "b", "c"]).await;
    let outcomes = [(1, sent("id-1")), (2, sent("id-2")), (3, sent("id-3"))];
    store.finish_messages("vnpt", &outcomes, START).await.unwrap();
    store.note_receipt(&receipt("id-1", true), START + MINUTE).await.unwrap();
    store.note_receipt(&receipt("id-2", false), START + MINUTE).await.unwrap();
    let underway = DeliveryReceipt { is_final: false, ..receipt("id-3", false) };
    store.note_receipt(&underway, START + MINUTE).await.unwrap();
    assert_eq!(state_of(&store, 1).await, ("delivered".to_owned(), None));
    assert_eq!(state_of(&store, 2).await, ("failed".to_owned(), Some("EXPIRED".to_owned())));
    assert_eq!(state_of(&store, 3).await.0, "sent");
}

pub(crate) async fn a_receipt_before_the_answer_waits_for_it(home: &Home) {
    let store = home.open().await;
    sending(&store, &["a", "b"]).await;
    store.note_receipt(&receipt("id-1", true), START).await.unwrap();
    // Said twice, the later one holds.
    store.note_receipt(&receipt("id-2", true), START).await.unwrap();
    store.note_receipt(&receipt("id-2", false), START + 1).await.unwrap();
    assert_eq!(state_of(&store, 1).await.0, "sending");
    store.finish_messages("vnpt", &[(1, sent("id-1")), (2, sent("id-2"))], START + 2).await.unwrap();
    assert_eq!(state_of(&store, 1).await.0, "delivered");
    assert_eq!(state_of(&store, 2).await, ("failed".to_owned(), Some("EXPIRED".to_owned())));
}

pub(crate) async fn ids_of_another_link_are_other_ids(home: &Home) {
    let store = home.open().await;
    sending(&store, &["a"]).await;
    let elsewhere = DeliveryReceipt { link: "viettel".to_owned(), ..receipt("id-1", false) };
    store.note_receipt(&elsewhere, START).await.unwrap();
    store.finish_messages("vnpt", &[(1, sent("id-1"))], START).await.unwrap();
    assert_eq!(state_of(&store, 1).await.0, "sent");
    store.note_receipt(&elsewhere, START).await.unwrap();
    assert_eq!(state_of(&store, 1).await.0, "sent");
}

/// Operators count their ids round: an old message keeps its fate, a new one gets its own.
pub(crate) async fn an_id_used_again_names_the_newer_message(home: &Home) {
    let store = home.open().await;
    sending(&store, &["old"]).await;
    store.finish_messages("vnpt", &[(1, sent("id"))], START).await.unwrap();
    sending(&store, &["new"]).await;
    store.finish_messages("vnpt", &[(2, sent("id"))], START + DAY).await.unwrap();
    store.note_receipt(&receipt("id", true), START + DAY).await.unwrap();
    assert_eq!(
        (state_of(&store, 1).await.0, state_of(&store, 2).await.0),
        ("sent".into(), "delivered".into())
    );
}

/// A receipt said again must not wait for the next message with that id.
pub(crate) async fn a_receipt_said_again_is_not_parked(home: &Home) {
    let store = home.open().await;
    sending(&store, &["old"]).await;
    store.finish_messages("vnpt", &[(1, sent("id"))], START).await.unwrap();
    store.note_receipt(&receipt("id", true), START).await.unwrap();
    store.note_receipt(&receipt("id", true), START + 1).await.unwrap();
    sending(&store, &["new"]).await;
    store.finish_messages("vnpt", &[(2, sent("id"))], START + 2).await.unwrap();
    assert_eq!(state_of(&store, 2).await.0, "sent");
}

/// Receipts of messages that were never ours do not pile up, nor meet a message long after.
pub(crate) async fn a_parked_receipt_does_not_wait_for_ever(home: &Home) {
    let store = home.open().await;
    store.note_receipt(&receipt("id-1", false), START).await.unwrap();
    store.note_receipt(&receipt("id-2", false), START + DAY).await.unwrap();
    sending(&store, &["a", "b"]).await;
    store.finish_messages("vnpt", &[(1, sent("id-1")), (2, sent("id-2"))], START + DAY).await.unwrap();
    assert_eq!((state_of(&store, 1).await.0, state_of(&store, 2).await.0), ("sent".into(), "failed".into()));
}

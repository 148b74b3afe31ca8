//! What senders name: stored once, answered alike, durable with its row of the log.

use canhgiac_store::{Keyed, KeyedIntake};
use uuid::Uuid;

use crate::support::{DAY, Home, START, intake};

fn named(scope: &str, name: u8, content: u8) -> KeyedIntake {
    KeyedIntake {
        scope: scope.to_owned(),
        key: vec![name; 32],
        digest: vec![content; 32],
        id: Uuid::now_v7(),
        note: vec![name, content],
        expires_us: Some(START + DAY),
        item: intake(i64::from(name)),
    }
}

pub(crate) async fn a_name_is_stored_once_and_gives_its_first_answer(home: &Home) {
    let store = home.open().await;
    let first = named("partner:a", 1, 1);
    let stored = store.append_keyed_intake(std::slice::from_ref(&first), START).await.unwrap();
    assert_eq!(stored, [Keyed::Stored { seq: 1 }]);
    let again = KeyedIntake { id: Uuid::now_v7(), note: vec![9], ..named("partner:a", 1, 1) };
    let known = store.append_keyed_intake(&[again], START + 5).await.unwrap();
    let [Keyed::Known(key)] = known.as_slice() else { panic!("{known:?}") };
    assert_eq!((key.id, key.seq, &key.note, key.at_us), (first.id, 1, &first.note, first.item.received_us));
    assert_eq!(store.intake_key("partner:a", first.id).await.unwrap().as_ref(), Some(key));
    assert_eq!(store.intake_key("partner:b", first.id).await.unwrap(), None, "another's id opens nothing");
    assert_eq!(store.intake_end().await.unwrap(), 1);
}

pub(crate) async fn other_words_under_a_name_are_refused(home: &Home) {
    let store = home.open().await;
    store.append_keyed_intake(&[named("partner:a", 1, 1)], START).await.unwrap();
    let outcome = store
        .append_keyed_intake(&[named("partner:a", 1, 2), named("partner:a", 2, 2)], START)
        .await
        .unwrap();
    assert_eq!(outcome, [Keyed::Differs, Keyed::Stored { seq: 2 }]);
}

pub(crate) async fn names_of_two_senders_are_two_things(home: &Home) {
    let store = home.open().await;
    let outcome = store
        .append_keyed_intake(&[named("partner:a", 1, 1), named("partner:b", 1, 2)], START)
        .await
        .unwrap();
    assert_eq!(outcome, [Keyed::Stored { seq: 1 }, Keyed::Stored { seq: 2 }]);
}

pub(crate) async fn a_batch_that_repeats_itself_stores_each_name_once(home: &Home) {
    let store = home.open().await;
    let batch = [named("s", 1, 1), named("s", 2, 1), named("s", 1, 1), named("s", 2, 3), named("s", 3, 1)];
    let outcome = store.append_keyed_intake(&batch, START).await.unwrap();
    assert_eq!(outcome[0], Keyed::Stored { seq: 1 });
    assert_eq!(outcome[1], Keyed::Stored { seq: 2 });
    assert!(matches!(&outcome[2], Keyed::Known(key) if key.seq == 1 && key.id == batch[0].id));
    assert_eq!(outcome[3], Keyed::Differs);
    assert_eq!(outcome[4], Keyed::Stored { seq: 3 });
    let rows = store.read_intake(0, 10).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.body[7]).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(store.append_keyed_intake(&[], START).await.unwrap().is_empty());
}

pub(crate) async fn names_outlive_a_stop_and_end_with_their_time(home: &Home) {
    let gone = home.open().await;
    let forever = KeyedIntake { expires_us: None, ..named("import", 2, 2) };
    gone.append_keyed_intake(&[named("partner:a", 1, 1), forever.clone()], START).await.unwrap();
    // Never closed: the process is gone.
    std::mem::forget(gone);
    let store = home.open().await;
    let known = store.append_keyed_intake(&[named("partner:a", 1, 1)], START + DAY - 1).await.unwrap();
    assert!(matches!(known.as_slice(), [Keyed::Known(_)]));
    // Its time is over, whether or not it has been forgotten yet.
    let late =
        store.append_keyed_intake(&[named("partner:a", 1, 7), forever.clone()], START + DAY).await.unwrap();
    assert_eq!(late[0], Keyed::Stored { seq: 3 });
    assert!(matches!(late[1], Keyed::Known(_)));
    assert_eq!(store.forget_intake_keys(START + DAY - 1, 10).await.unwrap(), 0);
    assert_eq!(store.forget_intake_keys(START + DAY, 10).await.unwrap(), 1);
    assert_eq!(store.forget_intake_keys(i64::MAX, 10).await.unwrap(), 0);
    assert_eq!(store.read_intake(0, 10).await.unwrap().len(), 3, "a forgotten name loses no report");
}

pub(crate) async fn a_large_batch_of_names_is_one_commit(home: &Home) {
    let store = home.open().await;
    let batch: Vec<KeyedIntake> = (0..1_203u32)
        .map(|n| KeyedIntake {
            key: n.to_be_bytes().to_vec(),
            item: intake(i64::from(n)),
            ..named("import", 1, 1)
        })
        .collect();
    let outcome = store.append_keyed_intake(&batch, START).await.unwrap();
    for (seq, outcome) in (1..).zip(&outcome) {
        assert_eq!(*outcome, Keyed::Stored { seq });
    }
    let again = store.append_keyed_intake(&batch, START).await.unwrap();
    for (seq, outcome) in (1..).zip(&again) {
        assert!(matches!(outcome, Keyed::Known(key) if key.seq == seq));
    }
    assert_eq!(store.intake_end().await.unwrap(), 1_203);
}

pub(crate) async fn senders_at_the_same_time_store_a_name_once(home: &Home) {
    let store = home.open().await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut stored = 0;
                for name in 0..20 {
                    let outcome = store.append_keyed_intake(&[named("s", name, 1)], START).await.unwrap();
                    stored += usize::from(matches!(outcome.as_slice(), [Keyed::Stored { .. }]));
                }
                stored
            })
        })
        .collect();
    let mut stored = 0;
    for task in tasks {
        stored += task.await.unwrap();
    }
    assert_eq!(stored, 20);
    assert_eq!(store.intake_end().await.unwrap(), 20);
}

pub(crate) async fn names_and_plain_rows_share_one_log(home: &Home) {
    let store = home.open().await;
    assert_eq!(store.append_intake(&[intake(1), intake(2)]).await.unwrap(), 1);
    let outcome = store.append_keyed_intake(&[named("s", 3, 1)], START).await.unwrap();
    assert_eq!(outcome, [Keyed::Stored { seq: 3 }]);
    assert_eq!(store.append_intake(&[intake(4)]).await.unwrap(), 4);
}

//! The intake log: durable, in commit order, without gaps.

use std::collections::BTreeSet;

use canhgiac_store::{NewIntake, StoreError};

use uuid::Uuid;

use crate::support::{Home, batch, citizen, intake, scam_call};

pub(crate) async fn places_follow_each_other_without_a_gap(home: &Home) {
    let store = home.open().await;
    assert_eq!(store.intake_end().await.unwrap(), 0);
    assert_eq!(store.append_intake(&[intake(1)]).await.unwrap(), 1);
    assert_eq!(store.append_intake(&[intake(2), intake(3), intake(4)]).await.unwrap(), 2);
    assert_eq!(store.append_intake(&[intake(5)]).await.unwrap(), 5);
    let rows = store.read_intake(0, 100).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(rows.iter().map(|row| row.body[7]).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(store.intake_end().await.unwrap(), 5);
}

pub(crate) async fn an_append_of_nothing_leaves_nothing(home: &Home) {
    let store = home.open().await;
    assert_eq!(store.append_intake(&[]).await.unwrap(), 1);
    assert_eq!(store.intake_end().await.unwrap(), 0);
    assert!(store.read_intake(0, 10).await.unwrap().is_empty());
}

pub(crate) async fn what_was_appended_is_there_after_a_stop(home: &Home) {
    let gone = home.open().await;
    gone.append_intake(&[intake(1), intake(2)]).await.unwrap();
    // Never closed: the process is gone.
    std::mem::forget(gone);
    let store = home.open().await;
    assert_eq!(store.intake_end().await.unwrap(), 2);
    assert_eq!(store.append_intake(&[intake(3)]).await.unwrap(), 3);
}

pub(crate) async fn one_append_may_be_larger_than_one_statement(home: &Home) {
    let store = home.open().await;
    let items: Vec<NewIntake> = (0..1_203).map(intake).collect();
    assert_eq!(store.append_intake(&items).await.unwrap(), 1);
    let rows = store.read_intake(0, 5_000).await.unwrap();
    assert_eq!(rows.len(), 1_203);
    for (n, row) in (0i64..).zip(&rows) {
        assert_eq!((row.seq, row.body.as_slice()), (n + 1, n.to_be_bytes().as_slice()));
    }
}

pub(crate) async fn appenders_at_the_same_time_get_places_of_their_own(home: &Home) {
    let store = home.open().await;
    let mut tasks = Vec::new();
    for writer in 0..8i64 {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let mut mine = Vec::new();
            for turn in 0..20i64 {
                let size = 1 + (writer + turn) % 7;
                let items: Vec<NewIntake> = (0..size).map(|_| intake(writer)).collect();
                let first = store.append_intake(&items).await.unwrap();
                mine.extend(first..first + size);
            }
            assert!(mine.is_sorted(), "a later append of one writer has later places");
            (writer, mine)
        }));
    }
    let mut all = BTreeSet::new();
    for task in tasks {
        let (writer, mine) = task.await.unwrap();
        for row in store.intake_rows(&mine).await.unwrap() {
            assert_eq!(row.body, writer.to_be_bytes());
            assert!(all.insert(row.seq), "no place is given twice");
        }
    }
    let end = store.intake_end().await.unwrap();
    assert_eq!(all, (1..=end).collect());
}

pub(crate) async fn bytes_and_words_come_back_as_they_were(home: &Home) {
    let store = home.open().await;
    let every_byte: Vec<u8> = (0..=255).collect();
    let items = [
        NewIntake { body: every_byte.clone(), ..intake(1) },
        NewIntake { body: Vec::new(), reporter: None, ..intake(2) },
        NewIntake {
            link: "đường “một” 🇻🇳".to_owned(), meta: "{\"a\":\"\\u0000\"}".to_owned(), ..intake(3)
        },
        NewIntake { body: vec![0; 200_000], ..intake(4) },
    ];
    store.append_intake(&items).await.unwrap();
    let rows = store.read_intake(0, 10).await.unwrap();
    assert_eq!(rows[0].body, every_byte);
    assert_eq!(rows[0].reporter_hash, Some(citizen(1).hash));
    assert_eq!(rows[0].reporter_sealed, Some(citizen(1).sealed));
    assert_eq!((rows[1].body.len(), &rows[1].reporter_hash, &rows[1].reporter_sealed), (0, &None, &None));
    assert_eq!(rows[2].link, items[2].link);
    assert_eq!(rows[2].meta, items[2].meta);
    assert_eq!(rows[3].body.len(), 200_000);
}

pub(crate) async fn reading_goes_by_pages_and_by_places(home: &Home) {
    let store = home.open().await;
    store.append_intake(&(0..10).map(intake).collect::<Vec<_>>()).await.unwrap();
    let places = |rows: Vec<canhgiac_store::IntakeRow>| rows.iter().map(|row| row.seq).collect::<Vec<_>>();
    assert_eq!(places(store.read_intake(3, 4).await.unwrap()), [4, 5, 6, 7]);
    assert_eq!(places(store.read_intake(8, 100).await.unwrap()), [9, 10]);
    assert!(store.read_intake(10, 100).await.unwrap().is_empty());
    assert_eq!(places(store.intake_rows(&[7, 2, 99, 2]).await.unwrap()), [2, 7]);
    assert!(store.intake_rows(&[]).await.unwrap().is_empty());
    // Parts of very many long messages that run out together.
    let many: Vec<i64> = (5..70_000).collect();
    assert_eq!(places(store.intake_rows(&many).await.unwrap()), [5, 6, 7, 8, 9, 10]);
}

/// An older copy of the log beside a newer state would give new texts places that count as done.
pub(crate) async fn a_log_older_than_the_state_is_refused(home: &Home) {
    let store = home.open().await;
    let mut ahead = batch(&store, vec![scam_call(1, "+84912345678")]).await;
    ahead.to_seq += 1;
    store.project(&ahead).await.unwrap();
    store.close().await;
    assert!(matches!(home.try_open().await, Err(StoreError::LogBehind { log: 1, cursor: 2 })));
}

/// After an unclear failure the same batch is asked for again.
pub(crate) async fn a_batch_asked_again_is_appended_once(home: &Home) {
    let store = home.open().await;
    let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
    assert_eq!(store.append_intake_batch(first, &[intake(1), intake(2)]).await.unwrap(), 1);
    assert_eq!(store.append_intake_batch(first, &[intake(1), intake(2)]).await.unwrap(), 1);
    assert_eq!(store.append_intake_batch(second, &[intake(3)]).await.unwrap(), 3);
    store.close().await;
    let store = home.open().await;
    assert_eq!(store.append_intake_batch(second, &[intake(3)]).await.unwrap(), 3, "also after a start");
    assert_eq!(store.intake_end().await.unwrap(), 3);
}

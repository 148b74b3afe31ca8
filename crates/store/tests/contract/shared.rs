//! PostgreSQL alone: what several processes on one database, a lost answer and a lost server must not change.

use std::collections::BTreeSet;
use std::time::Duration;

use canhgiac_store::{NewIntake, Store, StoreError};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::support::{Home, Place, intake, project, scam_call};

async fn place() -> Option<(Home, String)> {
    let home = Home::postgres().await?;
    let url = here(&home).url();
    Some((home, url))
}

fn here(home: &Home) -> &Place {
    match home {
        Home::Postgres(place) => place,
        Home::Sqlite(_) => panic!("PostgreSQL was asked for"),
    }
}

/// Waits for an event that only the server's own tables tell of.
async fn until(home: &Home, question: &str) {
    for _ in 0..1_000 {
        if here(home).run_sql(question) == "t" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never so: {question}");
}

/// An append of another gateway, by hand, stopped before its commit.
async fn open_append(url: &str, seq: i64) -> PgConnection {
    let mut other = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql("BEGIN; UPDATE intake_counter SET seq = seq + 1").execute(&mut other).await.unwrap();
    sqlx::query(
        "INSERT INTO intake (seq, received_us, channel, link, meta, body) VALUES ($1, 0, 'smpp', 'l', '{}', '')",
    )
    .bind(seq)
    .execute(&mut other)
    .await
    .unwrap();
    other
}

/// One gateway has its place and not yet committed: nobody gets a later one before it has, so a reader can never
/// see a row and miss the one before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_gateways_commit_interleaved_and_the_cursor_skips_nothing() {
    let Some((home, url)) = place().await else { return };
    let store = home.open().await;
    let mut other = open_append(&url, 1).await;
    let late = {
        let store = store.clone();
        tokio::spawn(async move { store.append_intake(&[intake(2)]).await })
    };
    until(
        &home,
        "SELECT EXISTS (SELECT 1 FROM pg_stat_activity
         WHERE wait_event_type = 'Lock' AND datname = current_database())",
    )
    .await;
    assert!(store.read_intake(0, 10).await.unwrap().is_empty(), "neither can be seen");
    assert!(!late.is_finished());
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    assert_eq!(late.await.unwrap().unwrap(), 2);
    let seqs: Vec<i64> = store.read_intake(0, 10).await.unwrap().iter().map(|row| row.seq).collect();
    assert_eq!(seqs, [1, 2]);
    // One that does not commit leaves no gap either.
    let mut other = open_append(&url, 3).await;
    let late = {
        let store = store.clone();
        tokio::spawn(async move { store.append_intake(&[intake(3)]).await })
    };
    until(
        &home,
        "SELECT EXISTS (SELECT 1 FROM pg_stat_activity
         WHERE wait_event_type = 'Lock' AND datname = current_database())",
    )
    .await;
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    assert_eq!(late.await.unwrap().unwrap(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_follows_many_gateways_misses_nothing() {
    let Some((home, _)) = place().await else { return };
    let mut gateways = Vec::new();
    for gateway in 0..4i64 {
        let store = home.open().await;
        gateways.push(tokio::spawn(async move {
            for turn in 0..60 {
                let items: Vec<NewIntake> =
                    (0..1 + turn % 5).map(|n| intake(gateway * 1_000_000 + turn * 1_000 + n)).collect();
                store.append_intake(&items).await.unwrap();
            }
        }));
    }
    let reader = home.open().await;
    let expected = 4 * (0..60).map(|turn| 1 + turn % 5).sum::<i64>();
    let mut cursor = 0;
    while cursor < expected {
        for row in reader.read_intake(cursor, 7).await.unwrap() {
            assert_eq!(row.seq, cursor + 1, "a row was seen before the one in front of it");
            cursor = row.seq;
        }
    }
    for gateway in gateways {
        gateway.await.unwrap();
    }
    assert_eq!(reader.intake_end().await.unwrap(), expected);
}

/// The server loses its backends again and again while gateways append; whoever does not know asks again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_whose_commit_is_unclear_is_neither_lost_nor_doubled() {
    let Some((home, _)) = place().await else { return };
    let mut gateways = Vec::new();
    for gateway in 0..3i64 {
        let store = home.open().await;
        gateways.push(tokio::spawn(async move {
            let mut places = Vec::new();
            let mut unclear = 0;
            for turn in 0..80i64 {
                let (batch, mark) = (Uuid::now_v7(), gateway * 1_000 + turn);
                let first = loop {
                    match store.append_intake_batch(batch, &[intake(mark), intake(mark)]).await {
                        Ok(first) => break first,
                        Err(error) if error.is_unavailable() => unclear += 1,
                        Err(error) => panic!("{error}"),
                    }
                };
                places.push((mark, first));
            }
            (places, unclear)
        }));
    }
    let killer = {
        let place = here(&home).clone();
        tokio::task::spawn_blocking(move || {
            for _ in 0..25 {
                place.run_sql(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                     WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.7",
                );
            }
        })
    };
    let mut places = BTreeSet::new();
    let mut times_unclear = 0;
    for gateway in gateways {
        let (mine, unclear) = gateway.await.unwrap();
        places.extend(mine);
        times_unclear += unclear;
    }
    killer.await.unwrap();
    assert!(times_unclear > 0, "no commit was ever unclear");
    let store = open_again(&home).await;
    let rows = store.read_intake(0, 10_000).await.unwrap();
    assert_eq!(rows.len(), 2 * 3 * 80, "lost or doubled");
    for (mark, first) in places {
        let at = usize::try_from(first - 1).unwrap();
        for row in &rows[at..at + 2] {
            assert_eq!(row.body, mark.to_be_bytes());
        }
    }
}

async fn open_again(home: &Home) -> Store {
    loop {
        match home.try_open().await {
            Ok(store) => return store,
            Err(error) => assert!(error.is_unavailable(), "{error}"),
        }
    }
}

/// The commit was made and its answer lost: seen by stopping between the two.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_asked_for_again_while_its_first_commit_hangs_waits_for_it() {
    let Some((home, url)) = place().await else { return };
    let store = home.open().await;
    let batch = Uuid::now_v7();
    let mut first = open_append(&url, 1).await;
    sqlx::query("INSERT INTO intake_batch (id, first, at_us) VALUES ($1, 1, now_us())")
        .bind(batch)
        .execute(&mut first)
        .await
        .unwrap();
    let again = {
        let store = store.clone();
        tokio::spawn(async move { store.append_intake_batch(batch, &[intake(1)]).await })
    };
    until(
        &home,
        "SELECT EXISTS (SELECT 1 FROM pg_stat_activity
         WHERE wait_event_type = 'Lock' AND datname = current_database())",
    )
    .await;
    sqlx::raw_sql("COMMIT").execute(&mut first).await.unwrap();
    assert_eq!(again.await.unwrap().unwrap(), 1);
    assert_eq!(store.intake_end().await.unwrap(), 1);
}

/// Rows go on across the end of a partition, and the next one is there before it is needed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn partitions_are_made_ahead_and_nothing_goes_astray() {
    let Some((home, _)) = place().await else { return };
    let at = 999_990;
    here(&home).run_sql(&format!("UPDATE intake_counter SET seq = {at}; UPDATE cursor SET seq = {at}"));
    let store = home.open().await;
    let items: Vec<NewIntake> = (0..20).map(intake).collect();
    assert_eq!(store.append_intake(&items).await.unwrap(), at + 1);
    assert_eq!(store.read_intake(at, 100).await.unwrap().len(), 20);
    let spans =
        here(&home).run_sql("SELECT name FROM partition_span WHERE parent = 'intake' ORDER BY from_seq");
    assert_eq!(spans, "intake_from_0\nintake_from_1000000");
    assert_eq!(here(&home).run_sql("SELECT count(*) FROM intake_from_1000000"), "11");
    // Near the end again: the one after is made by whoever comes near.
    here(&home).run_sql("UPDATE intake_counter SET seq = 1900000; UPDATE cursor SET seq = 1900000");
    store.append_intake(&[intake(1)]).await.unwrap();
    assert_eq!(here(&home).run_sql("SELECT count(*) FROM partition_span WHERE parent = 'intake'"), "3");
    // Even a jump beyond all of them is caught up with.
    here(&home).run_sql("UPDATE intake_counter SET seq = 7000000; UPDATE cursor SET seq = 7000000");
    assert_eq!(store.append_intake(&[intake(1)]).await.unwrap(), 7_000_001);
    // Reports have partitions of their own.
    project(&store, vec![scam_call(1, "+84912345678")]).await;
    assert_eq!(here(&home).run_sql("SELECT count(*) FROM report_from_0"), "1");
}

/// The lock of a client that stalls in the middle is not waited for without end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_late_by_a_lock_gets_an_error_that_says_to_try_again() {
    let Some((home, url)) = place().await else { return };
    let store = home.open().await;
    let mut other = open_append(&url, 1).await;
    let refused = store.append_intake(&[intake(1)]).await.unwrap_err();
    assert!(refused.is_unavailable(), "{refused}");
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    assert_eq!(store.append_intake(&[intake(1)]).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_or_no_database_is_said_without_the_password() {
    for url in ["postgres://u:geheim@127.0.0.1:1/db", "postgres://u:geheim@127.0.0.1:1,127.0.0.1:2/db"] {
        let error = Store::connect(&url.parse().unwrap()).await.unwrap_err();
        assert!(error.is_unavailable(), "{error}");
        assert!(!format!("{error} {error:?}").contains("geheim"));
    }
    assert!(matches!("postgres//".parse::<canhgiac_store::PostgresOptions>(), Err(StoreError::Address(_))));
}

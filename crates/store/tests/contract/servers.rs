//! Several servers of one database: the primary is found, and found again when it changes or comes back.

use std::path::Path;
use std::time::{Duration, Instant};

use canhgiac_store::{Store, StoreError};

use crate::support::cluster::is_here;
use crate::support::cluster::postgres::{Ending, Postgres};
use crate::support::intake;

/// Longer than any of it may take.
const WITHIN: Duration = Duration::from_secs(30);

/// `postgres://user@h1,h2/db` over servers of these tests.
fn both(one: &Postgres, other: &Postgres) -> String {
    let (url, other) = (one.url(), other.url());
    let host = other.split_once('@').unwrap().1.split_once('/').unwrap().0.to_owned();
    let (user, rest) = url.split_once('@').unwrap();
    let (first, database) = rest.split_once('/').unwrap();
    format!("{user}@{first},{host}/{database}")
}

/// Appends until it is taken, and says how long that took.
async fn append_when_possible(store: &Store) -> Duration {
    let begun = Instant::now();
    loop {
        match store.append_intake(&[intake(1)]).await {
            Ok(_) => return begun.elapsed(),
            Err(error) => assert!(error.is_unavailable(), "{error}"),
        }
        assert!(begun.elapsed() < WITHIN, "it never came back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_primary_is_found_and_followed() {
    if !is_here() {
        return;
    }
    let (mut one, mut other) = (Postgres::start(), Postgres::start());
    let url = both(&one, &other);
    // A standby is passed over, whether it stands first or last.
    let data = one.run_sql("postgres", "SHOW data_directory");
    one.stop(Ending::Fast);
    let signal = Path::new(&data).join("standby.signal");
    std::fs::write(&signal, "").unwrap();
    one.start_again();
    let store = Store::connect(&url.parse().unwrap()).await.unwrap();
    store.append_intake(&[intake(1)]).await.unwrap();
    assert_eq!(other.run_sql("canhgiac", "SELECT count(*) FROM intake"), "1");
    let standby = Store::connect(&one.url().parse().unwrap()).await;
    assert!(matches!(standby, Err(StoreError::NoPrimary)));
    // The same server stops and comes back.
    other.stop(Ending::Immediate);
    assert!(store.append_intake(&[intake(1)]).await.unwrap_err().is_unavailable());
    assert!(store.ping().await.is_err());
    other.start_again();
    append_when_possible(&store).await;
    assert_eq!(other.run_sql("canhgiac", "SELECT count(*) FROM intake"), "2");
    // It stops for good; the standby is promoted, with tables of its own since it followed nobody here.
    other.stop(Ending::Immediate);
    std::fs::remove_file(&signal).unwrap();
    one.stop(Ending::Fast);
    one.start_again();
    Store::connect(&one.url().parse().unwrap()).await.unwrap().close().await;
    append_when_possible(&store).await;
    assert_eq!(one.run_sql("canhgiac", "SELECT count(*) FROM intake"), "1");
    store.ping().await.unwrap();
}

/// A server that takes bytes and never answers, as behind a cut cable.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_answer_is_given_up_within_seconds() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://u@127.0.0.1:{}/db", silent.local_addr().unwrap().port());
    let begun = Instant::now();
    let error = Store::connect(&url.parse().unwrap()).await.unwrap_err();
    assert!(error.is_unavailable(), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
}

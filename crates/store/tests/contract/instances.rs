//! Processes on one database, the leases they hold and the marks they share.

use std::time::Duration;

use uuid::Uuid;

use crate::support::{Home, MINUTE, SECOND, START, citizen, message};

const ONE: Uuid = Uuid::from_u128(1);
const TWO: Uuid = Uuid::from_u128(2);
/// Shorter than anybody can renew.
const AN_INSTANT: i64 = 1;

pub(crate) async fn a_process_is_there_until_it_stops_renewing(home: &Home) {
    let store = home.open().await;
    store.register_instance(ONE, "gateway", 60 * SECOND).await.unwrap();
    store.register_instance(TWO, "worker", AN_INSTANT).await.unwrap();
    until(async || store.instances().await.unwrap().iter().any(|instance| !instance.is_alive)).await;
    let alive: Vec<_> = store.instances().await.unwrap().iter().map(|one| (one.id, one.is_alive)).collect();
    assert_eq!(alive, [(ONE, true), (TWO, false)]);
    store.register_instance(TWO, "worker,web", 60 * SECOND).await.unwrap();
    store.remove_instance(ONE).await.unwrap();
    let left = store.instances().await.unwrap();
    assert_eq!(left.len(), 1);
    assert!(left[0].is_alive && left[0].roles == "worker,web" && left[0].until_us > left[0].started_us);
}

pub(crate) async fn of_several_that_ask_one_gets_the_lease(home: &Home) {
    let store = home.open().await;
    let asking = (0..8u128).map(|n| {
        let store = store.clone();
        tokio::spawn(
            async move { store.acquire_lease("projector", Uuid::from_u128(n), MINUTE).await.unwrap() },
        )
    });
    let mut held = Vec::new();
    for asked in asking.collect::<Vec<_>>() {
        held.extend(asked.await.unwrap());
    }
    assert_eq!(held.len(), 1, "{held:?}");
    assert!(store.renew_lease(&held[0], MINUTE).await.unwrap());
    assert!(store.acquire_lease("link:vnpt", TWO, MINUTE).await.unwrap().is_some(), "another name is free");
}

pub(crate) async fn a_lease_that_ran_out_is_taken_over_and_its_holder_learns_it(home: &Home) {
    let store = home.open().await;
    let old = store.acquire_lease("projector", ONE, AN_INSTANT).await.unwrap().unwrap();
    let mut taken = None;
    until(async || {
        taken = store.acquire_lease("projector", TWO, MINUTE).await.unwrap();
        taken.is_some()
    })
    .await;
    let taken = taken.unwrap();
    assert!(taken.epoch > old.epoch);
    assert!(!store.renew_lease(&old, MINUTE).await.unwrap());
    store.release_lease(&old).await.unwrap();
    assert!(store.renew_lease(&taken, MINUTE).await.unwrap(), "who lost it cannot give it back");
    assert!(store.acquire_lease("projector", ONE, MINUTE).await.unwrap().is_none());
}

pub(crate) async fn a_lease_given_back_is_free_at_once(home: &Home) {
    let store = home.open().await;
    let lease = store.acquire_lease("projector", ONE, MINUTE).await.unwrap().unwrap();
    store.release_lease(&lease).await.unwrap();
    assert!(!store.renew_lease(&lease, MINUTE).await.unwrap());
    assert!(store.acquire_lease("projector", TWO, MINUTE).await.unwrap().is_some());
}

pub(crate) async fn a_mark_stays_as_it_was_settled_first(home: &Home) {
    let store = home.open().await;
    assert_eq!(store.settle_mark("key", "a").await.unwrap(), "a");
    assert_eq!(store.settle_mark("key", "b").await.unwrap(), "a");
    assert_eq!(store.settle_mark("other", "b").await.unwrap(), "b");
}

pub(crate) async fn only_messages_of_processes_that_are_gone_become_uncertain(home: &Home) {
    let store = home.open().await;
    store.register_instance(ONE, "gateway", 60 * SECOND).await.unwrap();
    let messages = [message("reply:1", 1), message("reply:2", 2), message("reply:3", 3)];
    store.add_messages(&messages, None, START).await.unwrap();
    let alive = store.claim_messages("vnpt", ONE, 1, START).await.unwrap();
    let gone = store.claim_messages("vnpt", TWO, 1, START).await.unwrap();
    assert_eq!((alive.len(), gone.len()), (1, 1));
    assert_eq!(store.mark_interrupted_messages(START).await.unwrap(), 1);
    let uncertain =
        store.messages(&["uncertain"], canhgiac_store::Page { offset: 0, limit: 9 }).await.unwrap();
    assert_eq!(uncertain.iter().map(|row| row.seq).collect::<Vec<_>>(), [gone[0].seq]);
    assert_eq!(uncertain[0].to_hash, citizen(2).hash);
    store.remove_instance(ONE).await.unwrap();
    assert_eq!(store.mark_interrupted_messages(START).await.unwrap(), 1, "it left with its message open");
}

/// Waits for the database's clock, which no test can turn.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..1_000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("it did not come to be so");
}

//! A hundred binds that push more than the disk can take: reading stops, then texts are refused for now; memory
//! stays flat, every text is answered, and nothing answered OK is missing.

use std::collections::HashSet;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use canhgiac_smpp::session::Limits;

use super::start;
use crate::kill::from_environment;
use crate::support::{
    Disk, Installation, Knob, Ledger, Link, Load, Text, foreign_peers_are_here, wait_until_settled,
};

const BINDS: usize = 100;
/// A link lets eight binds in.
const LINKS: usize = 13;
/// More than the queue and a commit hold, over all binds.
const WINDOW: usize = 100;
/// What a sync of the slowed disk takes: a commit holds 2,048 texts at most.
const SYNC_US: i64 = 2_500_000;
/// Unless CANHGIAC_OVERLOAD_S says another time.
const SECONDS: u64 = 12;
/// What memory may grow by between the beginning of the overload, when all queues have filled, and its end: each link
/// remembers up to 10,000 texts whose answers may not have arrived, and SQLite its pages. Without bounds it would
/// grow by that much every few seconds.
const GROWTH_KIB: u64 = 32 * 1024;

fn words(number: u32) -> String {
    format!("LD 09120000{:02} tin thu {number}", number % 50)
}

fn text(number: u32) -> Text {
    Text::new(&format!("8490{number:07}"), &words(number))
}

#[test]
fn a_hundred_binds_that_push_more_than_the_disk_takes_leave_memory_flat() {
    if !foreign_peers_are_here() {
        return;
    }
    let mut installation = Installation::new(&vec![Link::Server("replies = false"); LINKS]);
    let disk = Disk::below(&installation.data_dir(), &installation.directory());
    let running = start(&mut installation, &disk);
    let ledger: Arc<Ledger> = Ledger::making(text);
    let names: Vec<String> = (0..BINDS)
        .map(|bind| match bind % LINKS {
            0 => "link".to_owned(),
            other => format!("link{}", other + 1),
        })
        .collect();
    let limits = Limits {
        window: WINDOW,
        // Silence is not allowed: an answer that takes longer counts as lost, and so does a dead link.
        response_timeout: Duration::from_secs(45),
        enquire_interval: Duration::from_millis(500),
        enquire_timeout: Duration::from_secs(20),
        ..Limits::default()
    };
    disk.set(Knob::SyncTakesUs, SYNC_US);
    let load = Load::start_with(installation.smpp_port(), &names, &ledger, limits);
    ledger.allow(u32::MAX / 2);
    ledger.wait("texts are refused for now", |state| state.refused > 0);
    running
        .wait_for_health("trouble intake", |status, body| status == 503 && body.contains("trouble intake"));
    let end = Instant::now() + Duration::from_secs(from_environment("CANHGIAC_OVERLOAD_S", SECONDS));
    let first = running.resident_kib();
    let mut most = first;
    while Instant::now() < end {
        thread::sleep(Duration::from_millis(100));
        most = most.max(running.resident_kib());
    }
    // No new ones; what was sent is answered once the disk is itself again.
    ledger.allow(0);
    disk.mend();
    ledger.wait("everything is answered OK in the end", |state| state.answered.len() == state.taken as usize);
    wait_until_settled(&installation.data_dir());
    running.wait_for_health("ready", |status, _| status == 200);
    running.stop();
    load.stop();
    println!(
        "{}; {first} KiB when all queues were full, {most} KiB at most",
        ledger.look(|state| state.summary())
    );
    assert_eq!(ledger.look(|state| state.lost), 0, "a text was not answered, or a link was lost");
    assert!(most < first + GROWTH_KIB, "memory grew from {first} to {most} KiB");
    let mut kept: HashSet<String> = HashSet::new();
    for line in installation.export(&[]) {
        let text = line["text"].as_str().expect("a text").to_owned();
        assert!(kept.insert(text.clone()), "{text:?} is there twice");
    }
    let sent = ledger.look(|state| state.taken);
    let missing: Vec<u32> = (0..sent).filter(|number| !kept.contains(&words(*number))).collect();
    assert!(missing.is_empty(), "of {sent} texts answered OK {missing:?} are missing");
}

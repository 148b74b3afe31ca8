//! Power cuts: after the kill everything that was never synced is lost, or left by chance, torn into sectors.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng};

use super::{on_a_disk, seed, start};
use crate::kill::{every_reply_went_once_or_is_uncertain, from_environment, lost_or_doubled, sent};
use crate::support::{Knob, Ledger, Load, Survives, foreign_peers_are_here, wait_until_settled};

/// Power cuts, unless CANHGIAC_CUTS says another number.
const CUTS: u32 = 8;
/// First starts that are cut short, twice each.
const FIRST_STARTS: u32 = 4;
/// About how many syncs a first start takes, and how long at most.
const FIRST_SYNCS: i64 = 40;
const FIRST_START: Duration = Duration::from_millis(500);
const BINDS: usize = 4;
const BETWEEN: u32 = 120;
const ANSWERS: usize = 80;
const AFTER_US: u64 = 30_000;
/// A sync takes up to this much longer, so that power is often cut while one is under way.
const SYNC_US: i64 = 4_000;

#[test]
fn what_was_answered_ok_is_there_exactly_once_after_power_cuts() {
    if !foreign_peers_are_here() {
        return;
    }
    let seed = seed();
    println!("CANHGIAC_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (mut installation, mut disk) = on_a_disk();
    let mut running = start(&mut installation, &disk);
    let ledger = Ledger::making(sent);
    let load = Load::start(installation.smpp_port(), BINDS, &ledger);
    let mut unsynced = 0;
    for _ in 0..from_environment("CANHGIAC_CUTS", CUTS) {
        disk.set(Knob::SyncTakesUs, random.random_range(0..SYNC_US));
        ledger.allow(BETWEEN);
        let awaited = ledger.look(|state| state.answered.len()) + random.random_range(0..ANSWERS);
        ledger.wait("the texts before the next cut are answered", |state| state.answered.len() >= awaited);
        thread::sleep(Duration::from_micros(random.random_range(0..AFTER_US)));
        running.kill();
        unsynced += disk.cut_power(Survives::ByChance, random.next_u64());
        running = start(&mut installation, &disk);
    }
    disk.mend();
    ledger.allow(10 - ledger.look(|state| state.taken) % 10);
    ledger.wait("all that was sent is answered", |state| state.answered.len() == state.taken as usize);
    wait_until_settled(&installation.data_dir());
    running.stop();
    load.stop();
    ledger.look(|state| println!("{}; {unsynced} sectors were never synced", state.summary()));
    assert!(unsynced > 0, "power was never cut in the middle of anything");
    let wrong = lost_or_doubled(&installation, &ledger);
    assert!(wrong.is_empty(), "{}", wrong.join("; "));
    every_reply_went_once_or_is_uncertain(&installation, &ledger);
}

/// Keys, databases and tables are made: none of it may be left half done.
#[test]
fn power_that_is_cut_during_the_first_start_leaves_something_that_starts() {
    if !foreign_peers_are_here() {
        return;
    }
    let seed = seed();
    println!("CANHGIAC_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    for _ in 0..from_environment("CANHGIAC_FIRST_STARTS", FIRST_STARTS) {
        let (mut installation, mut disk) = on_a_disk();
        for _ in 0..2 {
            let mut child = installation
                .command()
                .args(["serve", "--config"])
                .arg(installation.config_path())
                .envs(disk.environment())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("the binary starts");
            // As long as a first start takes; the shim's own count says how far it came.
            let syncs = disk.get(Knob::Syncs) + random.random_range(0..FIRST_SYNCS);
            let end = Instant::now() + FIRST_START;
            while disk.get(Knob::Syncs) < syncs && Instant::now() < end {
                thread::yield_now();
            }
            thread::sleep(Duration::from_micros(random.random_range(0..2_000)));
            // It may have ended by itself only by an error, which the start below would meet again.
            let _ = child.kill();
            child.wait().expect("it ends");
            disk.cut_power(Survives::ByChance, random.next_u64());
        }
        let running = start(&mut installation, &disk);
        let ledger = Ledger::making(sent);
        let load = Load::start(installation.smpp_port(), 1, &ledger);
        ledger.allow(10);
        ledger.wait("texts are answered", |state| state.answered.len() == 10);
        wait_until_settled(&installation.data_dir());
        running.stop();
        load.stop();
        let wrong = lost_or_doubled(&installation, &ledger);
        assert!(wrong.is_empty(), "{}", wrong.join("; "));
    }
}

/// What the tests above would miss on a disk that tells the truth: a product that does not sync.
#[test]
fn a_disk_that_lies_about_its_syncs_is_found_out() {
    if !foreign_peers_are_here() {
        return;
    }
    let (mut installation, mut disk) = on_a_disk();
    let running = start(&mut installation, &disk);
    let ledger = Ledger::making(sent);
    let load = Load::start(installation.smpp_port(), 1, &ledger);
    ledger.allow(10);
    ledger.wait("the first are answered", |state| state.answered.len() == 10);
    disk.set(Knob::IsLying, 1);
    ledger.allow(20);
    ledger.wait("so are those that were not synced", |state| state.answered.len() == 30);
    running.kill();
    disk.cut_power(Survives::Nothing, 0);
    disk.mend();
    let running = start(&mut installation, &disk);
    wait_until_settled(&installation.data_dir());
    running.stop();
    load.stop();
    let wrong = lost_or_doubled(&installation, &ledger);
    assert!(wrong.len() >= 15, "of 20 answered and not synced only these were missed: {wrong:?}");
}

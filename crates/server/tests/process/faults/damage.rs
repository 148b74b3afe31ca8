//! Files that are no longer what was written: it is recognised and said, and nothing crashes over it.

use std::fs;
use std::path::Path;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng};

use super::seed;
use crate::kill::{from_environment, sent};
use crate::support::{Installation, Ledger, Link, Load, foreign_peers_are_here, wait_until_settled};

const PAGE: usize = 4096;
/// Copies of the data directory in which octets are changed by chance.
const COPIES: u32 = 6;

fn with_texts() -> Installation {
    let mut installation = Installation::new(&[Link::Server("")]);
    let running = installation.start();
    let ledger = Ledger::making(sent);
    let load = Load::start(installation.smpp_port(), 2, &ledger);
    ledger.allow(200);
    ledger.wait("all is answered", |state| state.answered.len() == 200);
    wait_until_settled(&installation.data_dir());
    running.stop();
    load.stop();
    installation
}

/// Runs `check-store`: whether it found everything whole, and what it said.
fn check(installation: &Installation) -> (bool, String) {
    let output = installation.run(&["check-store"]);
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.code().is_some_and(|code| code < 100), "it crashed: {said}");
    (output.status.success(), said)
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut octets = fs::read(path).expect("it can be read");
    change(&mut octets);
    fs::write(path, octets).expect("it can be written");
}

#[test]
fn a_damaged_page_is_found_and_said_with_what_to_do() {
    if !foreign_peers_are_here() {
        return;
    }
    let installation = with_texts();
    let (is_whole, said) = check(&installation);
    assert!(is_whole && said.contains("is whole"), "{said}");
    for name in ["intake.db", "state.db"] {
        let path = installation.data_dir().join(name);
        let before = fs::read(&path).expect("it can be read");
        // The last page holds newest rows of something.
        change(&path, |octets| {
            let len = octets.len();
            octets[len - PAGE..].fill(0xAA);
        });
        let (is_whole, said) = check(&installation);
        assert!(
            !is_whole && (said.contains(name) || said.contains("do not open")) && said.contains("restore"),
            "{said}"
        );
        fs::write(&path, before).expect("it can be written");
    }
    assert!(check(&installation).0, "mended");
}

#[test]
fn a_record_that_does_not_read_is_kept_for_an_officer_and_said() {
    if !foreign_peers_are_here() {
        return;
    }
    let mut installation = with_texts();
    // Of one row what stands beside the PDU is torn; the projector comes past it again.
    let path = installation.data_dir().join("intake.db");
    change(&path, |octets| {
        let beside = b"{\"alphabet\"";
        let at = octets.windows(beside.len()).rposition(|window| window == beside).expect("a row has it");
        octets[at] = 0;
    });
    fs::remove_file(installation.data_dir().join("state.db")).expect("it is there");
    let running = installation.start();
    // Someone takes the replies, which go out anew.
    let load = Load::start(installation.smpp_port(), 1, &Ledger::making(sent));
    wait_until_settled(&installation.data_dir());
    running
        .wait_for_health("damaged", |status, body| status == 200 && body.contains("trouble intake damaged"));
    running.stop();
    load.stop();
    let damaged = installation.export(&[]).iter().filter(|line| line["text"] == "").count();
    assert_eq!(damaged, 1, "it is a report that an officer sees");
}

#[test]
fn octets_changed_by_chance_crash_nothing() {
    if !foreign_peers_are_here() {
        return;
    }
    let seed = seed();
    println!("CANHGIAC_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let installation = with_texts();
    let data = installation.data_dir();
    let whole: Vec<(String, Vec<u8>)> = ["intake.db", "state.db"]
        .map(|name| (name.to_owned(), fs::read(data.join(name)).expect("it can be read")))
        .into();
    let mut found = 0;
    for _ in 0..from_environment("CANHGIAC_DAMAGES", COPIES) {
        for (name, octets) in &whole {
            for more in ["-wal", "-shm"] {
                // There is none after an orderly stop.
                let _ = fs::remove_file(data.join(format!("{name}{more}")));
            }
            fs::write(data.join(name), octets).expect("it can be written");
        }
        let (name, len) =
            whole.get(random.random_range(0..2)).map(|(name, octets)| (name, octets.len())).expect("two");
        change(&data.join(name), |octets| {
            for _ in 0..random.random_range(1..200) {
                octets[random.random_range(100..len)] ^= 1 << random.random_range(0..8);
            }
        });
        found += u32::from(!check(&installation).0);
        let exported = installation.run(&["export", "reports", "--format", "ndjson"]);
        assert!(exported.status.code().is_some_and(|code| code < 100), "the export crashed: {exported:?}");
        // It starts and says so, or says why not.
        if let Ok(running) = installation.try_start(&[]) {
            running.stop();
        }
        let log = installation.log();
        assert!(!log.contains("panicked"), "{log}");
    }
    assert!(found > 0, "no damage was found in any copy");
}

//! A disk that is full, fails or stalls while texts come in: they are refused for now, the links stay up, the product
//! says what is wrong, and goes on by itself when it is over.

use std::time::{Duration, Instant};

use canhgiac_smpp::session::Limits;

use super::{on_a_disk, seed, start};
use crate::kill::{every_reply_went_once_or_is_uncertain, from_environment, lost_or_doubled, sent};
use crate::support::{
    Disk, EIO, Installation, Knob, Ledger, Load, Running, Survives, foreign_peers_are_here,
    wait_until_settled,
};

const BINDS: usize = 3;
/// Octets that files may still grow when the disk is nearly full.
const LITTLE_ROOM: i64 = 60_000;

/// A product under load on a disk of ours.
pub(super) struct Stage {
    pub(super) installation: Installation,
    pub(super) disk: Disk,
    pub(super) running: Running,
    pub(super) ledger: std::sync::Arc<Ledger>,
    load: Load,
}

impl Stage {
    pub(super) fn set_up() -> Stage {
        let (mut installation, disk) = on_a_disk();
        let running = start(&mut installation, &disk);
        let ledger = Ledger::making(sent);
        // A link that does not answer is given up, which the test would see.
        let limits = Limits {
            window: 20,
            enquire_interval: Duration::from_millis(500),
            enquire_timeout: Duration::from_secs(3),
            ..Limits::default()
        };
        let load =
            Load::start_with(installation.smpp_port(), &vec!["link".to_owned(); BINDS], &ledger, limits);
        let stage = Stage { installation, disk, running, ledger, load };
        stage.texts(50);
        stage
    }

    /// So many further texts are sent and answered OK.
    pub(super) fn texts(&self, count: u32) {
        self.ledger.allow(count);
        self.ledger
            .wait("all that was sent is answered", |state| state.answered.len() == state.taken as usize);
    }

    /// Sends texts until so many are refused; none of them is answered OK.
    fn refusals(&self, count: u64) {
        let before = self.ledger.look(|state| state.refused);
        self.ledger.allow(200);
        self.ledger.wait("texts are refused", |state| state.refused >= before + count);
    }

    /// The links have stayed up, everything was answered, and nothing is lost or doubled.
    pub(super) fn take_down(self) {
        self.texts(100);
        let rest = (10 - self.ledger.look(|state| state.taken) % 10) % 10;
        self.texts(rest);
        wait_until_settled(&self.installation.data_dir());
        self.running.wait_for_health("ready", |status, _| status == 200);
        self.running.stop();
        self.load.stop();
        assert_eq!(
            self.ledger.look(|state| state.lost),
            0,
            "a link was lost, or an answer did not come in time"
        );
        let wrong = lost_or_doubled(&self.installation, &self.ledger);
        assert!(wrong.is_empty(), "{}", wrong.join("; "));
        every_reply_went_once_or_is_uncertain(&self.installation, &self.ledger);
    }

    /// Waits until the product has logged this so many times.
    pub(super) fn waits_for_log(&self, what: &str, times: usize) {
        let end = Instant::now() + Duration::from_secs(60);
        while self.installation.log().matches(what).count() < times {
            assert!(Instant::now() < end, "not {times} times: {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn says(&self, what: &str) {
        self.running.wait_for_health(what, |status, body| status == 503 && body.contains(what));
    }
}

#[test]
fn a_full_disk_refuses_for_now_says_so_and_is_forgotten_when_there_is_room() {
    if !foreign_peers_are_here() {
        return;
    }
    let stage = Stage::set_up();
    stage.disk.set(Knob::Room, LITTLE_ROOM);
    stage.disk.set(Knob::IsLimited, 1);
    stage.refusals(100);
    stage.says("disk_full");
    stage.disk.mend();
    // Nobody needs to send anything for it to be seen that there is room again.
    stage.running.wait_for_health("ready again", |status, _| status == 200);
    stage.take_down();
}

#[test]
fn a_failing_disk_refuses_for_now_says_so_and_is_forgotten_when_it_works() {
    if !foreign_peers_are_here() {
        return;
    }
    let stage = Stage::set_up();
    for knob in [Knob::WriteError, Knob::SyncError, Knob::WriteError] {
        stage.disk.set(knob, EIO);
        stage.refusals(50);
        stage.says("disk_failing");
        stage.disk.mend();
        stage.running.wait_for_health("ready again", |status, _| status == 200);
        stage.texts(50);
    }
    // What cannot be read is not made up either.
    stage.disk.set(Knob::ReadError, EIO);
    stage.ledger.allow(100);
    stage.disk.wait(Knob::Refused, |refused| refused > 0);
    stage.disk.mend();
    stage.take_down();
}

/// The system forgets what a failed sync should have written: what is answered OK afterwards must not stand on it.
#[test]
fn power_that_is_cut_after_failed_syncs_takes_nothing_that_was_answered() {
    if !foreign_peers_are_here() {
        return;
    }
    let seed = seed();
    println!("CANHGIAC_SEED={seed}");
    let mut stage = Stage::set_up();
    for round in 0..3 {
        stage.disk.set(Knob::SyncError, EIO);
        stage.refusals(50);
        stage.disk.mend();
        stage.texts(100);
        stage.running.kill();
        stage.disk.cut_power(Survives::ByChance, seed + round);
        stage.running = start(&mut stage.installation, &stage.disk);
    }
    stage.texts(100);
    let rest = (10 - stage.ledger.look(|state| state.taken) % 10) % 10;
    stage.texts(rest);
    wait_until_settled(&stage.installation.data_dir());
    stage.running.stop();
    stage.load.stop();
    let wrong = lost_or_doubled(&stage.installation, &stage.ledger);
    assert!(wrong.is_empty(), "{}", wrong.join("; "));
}

#[test]
fn a_stalled_disk_answers_nothing_keeps_the_links_and_goes_on() {
    if !foreign_peers_are_here() {
        return;
    }
    let stage = Stage::set_up();
    stage.disk.set(Knob::IsStalled, 1);
    let before = stage.ledger.look(|state| state.answered.len());
    stage.ledger.allow(500);
    stage.disk.wait(Knob::Waiting, |waiting| waiting > 0);
    stage.says("commit_stalled");
    // Longer in ./test long: a store that stands still for as long as the issue asks.
    let stall = Duration::from_secs(from_environment("CANHGIAC_STALL_S", 4));
    std::thread::sleep(stall);
    assert_eq!(stage.ledger.look(|state| state.answered.len()), before, "OK for what is on no disk");
    stage.disk.mend();
    stage.take_down();
}

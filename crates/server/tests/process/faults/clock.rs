//! A wall clock that is set while texts come in and replies go out.

use std::thread;
use std::time::Duration;

use super::trouble::Stage;
use crate::support::{Knob, foreign_peers_are_here, wait_until_settled};

const HOUR_US: i64 = 3_600_000_000;

/// Where the clock stands, against the true one, one after the other: by hours and by a day, both ways.
const STEPS_US: [i64; 6] = [HOUR_US, -HOUR_US, 24 * HOUR_US, 0, -24 * HOUR_US, 0];

#[test]
fn a_clock_that_jumps_both_ways_loses_and_doubles_nothing_and_no_reply_waits_for_it() {
    if !foreign_peers_are_here() {
        return;
    }
    let stage = Stage::set_up();
    for (nth, step_us) in STEPS_US.into_iter().enumerate() {
        stage.ledger.allow(100);
        // In the middle of commits, projections and replies.
        thread::sleep(Duration::from_millis(20));
        stage.disk.set(Knob::ClockUs, step_us);
        stage.waits_for_log("the system's clock was set", nth + 1);
        // Whole messages, so that nothing need wait for its second part.
        let rest = 10 - stage.ledger.look(|state| state.taken) % 10;
        stage.texts(100 + rest);
        let rest = (10 - stage.ledger.look(|state| state.taken) % 10) % 10;
        stage.texts(rest);
        wait_until_settled(&stage.installation.data_dir());
    }
    stage.take_down();
}

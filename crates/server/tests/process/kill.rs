//! `kill -9` under load, again and again: every text answered OK is there exactly once, and no reply goes out twice.

use std::collections::HashMap;
use std::thread;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng};

use crate::support::{
    Installation, Ledger, Link, Load, Outbox, Text, foreign_peers_are_here, wait_until_settled,
};

/// Kills, unless CANHGIAC_KILLS says another number.
const KILLS: u32 = 20;
const BINDS: usize = 4;
/// Texts let through between two kills at most.
const BETWEEN: u32 = 200;
/// Answers awaited before a kill at most; fewer than are let through, so that all binds are busy.
const ANSWERS: usize = 120;
/// A kill comes at most this long after the answer awaited.
const AFTER_US: u64 = 20_000;

pub(crate) fn from_environment<T: std::str::FromStr>(name: &str, default: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// What is sent as number 8 of every ten is the first part of a message, and 9 the second.
const FIRST_PART: u32 = 8;
const CUT: usize = 60;

fn sender(number: u32) -> String {
    format!("8490{number:07}")
}

/// A text nobody else sends; over fifty sources, so that cases grow too. None for a second part.
fn text(number: u32) -> Option<String> {
    let source = number % 50;
    match number % 10 {
        FIRST_PART => Some(format!(
            "LD 09120000{source:02} goi luc chin gio, xung la can bo phuong, doi cap nhat dinh danh, tin thu {number}"
        )),
        second if second > FIRST_PART => None,
        _ => Some(format!("LD 09120000{source:02} tin thu {number}")),
    }
}

pub(crate) fn sent(number: u32) -> Text {
    let part = |first: u32, nth: u8| {
        let whole = text(first).expect("a first part has the text");
        let (head, tail) = whole.split_at(CUT);
        Text::part(&sender(first), if nth == 1 { head } else { tail }, first.to_le_bytes()[0], 2, nth)
    };
    match (number % 10, text(number)) {
        (FIRST_PART, _) => part(number, 1),
        (_, None) => part(number - 1, 2),
        (_, Some(text)) => Text::new(&sender(number), &text),
    }
}

#[test]
fn what_was_answered_ok_is_there_exactly_once_after_kills_and_no_reply_went_twice() {
    if !foreign_peers_are_here() {
        return;
    }
    let kills = from_environment("CANHGIAC_KILLS", KILLS);
    let seed = from_environment("CANHGIAC_SEED", StdRng::from_rng(&mut rand::rng()).next_u64());
    println!("{kills} kills, CANHGIAC_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut installation = Installation::new(&[Link::Server("")]);
    let mut running = installation.start();
    let ledger = Ledger::making(sent);
    let load = Load::start(installation.smpp_port(), BINDS, &ledger);
    for _ in 0..kills {
        ledger.allow(BETWEEN);
        let awaited = ledger.look(|state| state.answered.len()) + random.random_range(0..ANSWERS);
        ledger.wait("the texts before the next kill are answered", |state| state.answered.len() >= awaited);
        // A point in time nobody chose: in the middle of a commit, a projection, a reply.
        thread::sleep(Duration::from_micros(random.random_range(0..AFTER_US)));
        running.kill();
        running = installation.start();
    }
    // No message is left without its second part.
    ledger.allow(10 - ledger.look(|state| state.taken) % 10);
    ledger.wait("all that was sent is answered", |state| state.answered.len() == state.taken as usize);
    wait_until_settled(&installation.data_dir());
    running.stop();
    load.stop();
    ledger.look(|state| println!("{}", state.summary()));

    let wrong = lost_or_doubled(&installation, &ledger);
    assert!(wrong.is_empty(), "{}", wrong.join("; "));
    let uncertain = every_reply_went_once_or_is_uncertain(&installation, &ledger);
    println!("{uncertain} replies are uncertain");
}

/// The texts of the ledger that are not kept exactly once, and what is kept that nobody sent. The product must not
/// run.
pub(crate) fn lost_or_doubled(installation: &Installation, ledger: &Ledger) -> Vec<String> {
    let mut times: HashMap<String, u32> = HashMap::new();
    for line in installation.export(&[]) {
        *times.entry(line["text"].as_str().expect("a text").to_owned()).or_default() += 1;
    }
    let sent = ledger.look(|state| state.taken);
    let wrong: Vec<(u32, u32)> = (0..sent)
        .filter_map(|number| Some((number, times.remove(&text(number)?).unwrap_or(0))))
        .filter(|(_, count)| *count != 1)
        .collect();
    let is_again = |number: u32| {
        let has_second = number % 10 == FIRST_PART;
        ledger.look(|state| {
            (number..=number + u32::from(has_second)).any(|one| state.sent_again.contains(&one))
        })
    };
    let mut told: Vec<String> = wrong
        .iter()
        .map(|(number, count)| {
            format!("{number}: {count} times{}", if is_again(*number) { ", sent again" } else { "" })
        })
        .collect();
    told.extend(times.keys().map(|text| format!("nobody sent {text:?}")));
    // What was sent again after it had been stored is kept beside the first, marked.
    for line in installation.export(&["--with-redeliveries"]) {
        let number: u32 =
            line["text"].as_str().and_then(|text| text.rsplit(' ').next()?.parse().ok()).expect("its number");
        if line["is_suspected_redelivery"] != false && !is_again(number) {
            told.push(format!("{number} is held for a redelivery and was sent once"));
        }
    }
    told
}

/// Gives how many are uncertain.
pub(crate) fn every_reply_went_once_or_is_uncertain(installation: &Installation, ledger: &Ledger) -> u32 {
    let outbox = Outbox::read(&installation.data_dir());
    let mut wrong = Vec::new();
    let mut uncertain = 0;
    ledger.look(|state| {
        for number in 0..state.taken {
            let Some(text) = text(number) else { continue };
            let replies = state.replies.get(&sender(number)).map_or(0, Vec::len);
            let noted = outbox.state_by_text.get(&text).map_or("none", String::as_str);
            uncertain += u32::from(noted == "uncertain");
            // Uncertain ones may have arrived or not; nothing but a person sends them again.
            if !matches!((noted, replies), ("sent", 1) | ("uncertain", 0 | 1)) {
                wrong.push(format!("{number}: {replies} replies, noted as {noted}"));
            }
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("; "));
    uncertain
}

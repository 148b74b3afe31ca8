//! `kill -9` while we are bound to a foreign SMSC and answer citizens through it: what it was told OK is kept once,
//! what it sends again is known again, and it is given no reply twice.

use std::collections::HashMap;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng};
use serde_json::{Value, json};

use crate::support::{Outbox, Peer, bound_to_smsc, foreign_peers_are_here, mobile, wait_until_settled};

const KILLS: usize = 5;
/// New texts between two kills.
const TEXTS: usize = 60;

fn text(index: usize) -> String {
    format!("LD 0912345678 tin thu {index}")
}

/// Which of these texts the SMSC was not answered; `heard` are the answers it has told of already.
fn unanswered(smsc: &mut Peer, sent: &[usize], mut heard: Vec<Value>) -> Vec<usize> {
    while heard.len() < sent.len() {
        heard.push(smsc.hear("deliver_resp"));
    }
    let is_left = |index: &&usize| {
        let answer = heard.iter().find(|one| one["ref"] == mobile(**index)).expect("each has one answer");
        assert!(answer["status"] == 0 || answer["status"].is_null(), "{answer}");
        answer["status"].is_null()
    };
    sent.iter().filter(is_left).copied().collect()
}

#[test]
fn an_smsc_that_sends_again_after_kills_sees_each_text_kept_and_answered_once() {
    if !foreign_peers_are_here() {
        return;
    }
    let (mut smsc, mut installation, mut running) = bound_to_smsc("");
    let mut random = StdRng::seed_from_u64(0x156);
    let mut again: Vec<usize> = Vec::new();
    let mut replies: HashMap<String, usize> = HashMap::new();
    let mut note = |submit: &Value| {
        *replies.entry(submit["to"].as_str().expect("a number").to_owned()).or_default() += 1
    };
    let mut sent_again = 0;
    for round in 0..KILLS {
        let sent: Vec<usize> = again.drain(..).chain(round * TEXTS..(round + 1) * TEXTS).collect();
        for index in &sent {
            smsc.deliver(&mobile(*index), &text(*index), &Value::Null);
        }
        // What the SMSC has not begun to send when nobody is bound any more it would refuse to send.
        smsc.say(&json!({ "answer_next": { "count": 0 } }));
        smsc.hear("planned");
        // In the middle of the replies, or of the answers to the texts.
        let mut answered: Vec<Value> = Vec::new();
        if random.random_bool(0.5) {
            (0..random.random_range(1..TEXTS / 2)).for_each(|_| note(&smsc.hear("submit")));
        } else {
            answered.extend((0..random.random_range(1..TEXTS)).map(|_| smsc.hear("deliver_resp")));
        }
        running.kill();
        running = installation.start();
        smsc.hear("bound");
        again = unanswered(&mut smsc, &sent, answered);
        sent_again += again.len();
    }
    for index in again.clone() {
        smsc.deliver(&mobile(index), &text(index), &Value::Null);
    }
    assert_eq!(unanswered(&mut smsc, &again, Vec::new()), Vec::<usize>::new());
    wait_until_settled(&installation.data_dir());
    running.stop();
    smsc.hear("unbind");
    smsc.unasked_submits().iter().for_each(|event| note(&event["submit"]));

    let kept: Vec<Value> = installation.export(&[]);
    let outbox = Outbox::read(&installation.data_dir());
    for index in 0..KILLS * TEXTS {
        let count = kept.iter().filter(|line| line["text"] == text(index)).count();
        assert_eq!(count, 1, "{index} is kept {count} times");
        let replies = replies.get(&mobile(index)).copied().unwrap_or(0);
        let noted = outbox.state_by_text[&text(index)].as_str();
        assert!(
            matches!((noted, replies), ("sent", 1) | ("uncertain", 0 | 1)),
            "{index}: {replies}, noted {noted}"
        );
    }
    println!("{sent_again} texts were sent again");
}

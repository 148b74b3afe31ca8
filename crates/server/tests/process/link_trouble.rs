//! A foreign SMSC that throttles, breaks the connection, refuses and forgets: what the citizen sees is one reply.

use serde_json::{Value, json};

use crate::support::{bound_to_smsc, foreign_peers_are_here, mobile, template_matches};

#[test]
fn a_throttled_reply_comes_later_and_once() {
    if !foreign_peers_are_here() {
        return;
    }
    let (mut smsc, _installation, running) = bound_to_smsc("");
    smsc.say(&json!({ "throttle_next": { "count": 2 } }));
    smsc.hear("planned");
    smsc.deliver(&mobile(1), "LD 0912345678 mao danh", &Value::Null);
    smsc.hear_ok(&mobile(1), &Value::Null);
    let statuses: Vec<Value> =
        (0..3).map(|_| smsc.hear_where("submit", |one| one["to"] == mobile(1))["answered"].clone()).collect();
    assert_eq!(statuses, [json!(0x58), json!(0x58), json!(0)]);
    let help = smsc.ask(&mobile(2), "HD");
    assert!(template_matches("help", &help), "{help}");
    assert!(smsc.unasked_submits().is_empty());
    running.stop();
}

#[test]
fn a_full_queue_of_one_citizen_does_not_stop_the_others() {
    if !foreign_peers_are_here() {
        return;
    }
    let (mut smsc, _installation, running) = bound_to_smsc("");
    smsc.say(&json!({ "answer_next": { "status": 0x14, "count": 1 } }));
    smsc.hear("planned");
    smsc.deliver(&mobile(1), "HD", &Value::Null);
    let refused = smsc.hear_where("submit", |one| one["to"] == mobile(1));
    assert_eq!(refused["answered"], 0x14);
    let help = smsc.ask(&mobile(2), "HD");
    assert!(template_matches("help", &help), "{help}");
    let again = smsc.hear_reply(&mobile(1));
    assert!(template_matches("help", &again), "{again}");
    running.stop();
}

#[test]
fn a_broken_connection_is_bound_again_and_texts_go_on() {
    if !foreign_peers_are_here() {
        return;
    }
    let (mut smsc, installation, running) = bound_to_smsc("");
    for round in 0..3 {
        smsc.say(&json!({ "disconnect": {} }));
        smsc.hear("closed");
        smsc.hear("bound");
        let receipt = smsc.ask(&mobile(round), &format!("LD 0912345678 lan {round}"));
        assert!(template_matches("receipt_scam_call", &receipt), "{receipt}");
    }
    assert_eq!(installation.export(&[]).len(), 3);
    running.stop();
}

#[test]
fn a_reply_whose_answer_never_came_is_not_sent_again() {
    if !foreign_peers_are_here() {
        return;
    }
    let (mut smsc, _installation, running) = bound_to_smsc("");
    smsc.say(&json!({ "answer_next": { "silent": true } }));
    smsc.hear("planned");
    smsc.deliver(&mobile(1), "HD", &Value::Null);
    let unanswered = smsc.hear_where("submit", |one| one["to"] == mobile(1));
    assert_eq!(unanswered["answered"], Value::Null);
    smsc.say(&json!({ "disconnect": {} }));
    smsc.hear("bound");
    let other = smsc.ask(&mobile(2), "HD");
    assert!(template_matches("help", &other), "{other}");
    let submits = smsc.unasked_submits();
    assert!(submits.is_empty(), "it may have arrived: {submits:#?}");
    running.stop();
}

#[test]
fn an_enquiry_is_answered_and_a_stop_unbinds() {
    if !foreign_peers_are_here() {
        return;
    }
    let (mut smsc, _installation, running) = bound_to_smsc("");
    smsc.say(&json!({ "enquire_link": {} }));
    assert_eq!(smsc.hear("enquire_link_resp")["status"], 0);
    running.stop();
    smsc.hear("unbind");
    smsc.hear("closed");
}

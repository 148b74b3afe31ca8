//! Who is not answered, and how often one number is.

use serde_json::{Value, json};

use crate::support::{bound_to_smsc, foreign_peers_are_here, mobile, reply_text, template_matches};

/// Replies a number gets a day unless configured otherwise.
const PER_DAY: usize = 20;

#[test]
fn short_codes_and_sender_names_are_kept_and_never_answered() {
    if !foreign_peers_are_here() {
        return;
    }
    let (mut smsc, installation, running) = bound_to_smsc("");
    let nobody = [
        ("1414", json!({})),
        ("8088", json!({ "from_ton": 6, "from_npi": 0 })),
        ("19001234", json!({ "from_ton": 0, "from_npi": 1 })),
        ("VIETTELKM", json!({})),
        // A name that looks like a number is a name.
        ("84901000001", json!({ "from_ton": 5, "from_npi": 0 })),
        ("842623812345", json!({})),
    ];
    for (from, way) in &nobody {
        smsc.deliver(from, "LD 0912345678 mao danh cong an", way);
        smsc.hear_ok(from, way);
    }
    // Whoever writes after them and is answered has waited for their answers too, were there any.
    let reply = smsc.ask(&mobile(7), "LD 0912345678 mao danh cong an");
    assert!(template_matches("receipt_scam_call", &reply), "{reply}");
    assert_eq!(smsc.ask(&mobile(8), "KQ"), reply_text("no_report_yet", &json!({ "code": "00000000" })));
    let submits = smsc.unasked_submits();
    assert!(submits.is_empty(), "{submits:#?}");
    let kept = installation.export(&[]);
    assert_eq!(kept.len(), nobody.len() + 1);
    assert!(kept.iter().all(|line| line["sources"] == json!(["+84912345678"])), "{kept:#?}");
    running.stop();
}

#[test]
fn senders_are_known_by_every_way_to_write_their_number() {
    if !foreign_peers_are_here() {
        return;
    }
    let (mut smsc, _installation, running) = bound_to_smsc("");
    let reply = smsc.ask("84901000001", "LD 0912345678 mao danh cong an");
    assert!(template_matches("receipt_scam_call", &reply), "{reply}");
    for (from, ton) in
        [("+84901000001", 1), ("0901000001", 2), ("0901000001", 0), ("901000001", 2), ("0084901000001", 0)]
    {
        smsc.deliver(from, "KQ", &json!({ "from_ton": ton, "from_npi": 1 }));
        smsc.hear_ok(from, &Value::Null);
        let status = smsc.hear_where("submit", |_| true);
        assert!(template_matches("status_open", status["text"].as_str().unwrap()), "{from}: {status}");
    }
    running.stop();
}

#[test]
fn the_last_reply_of_a_day_says_so_and_further_texts_are_kept_in_silence() {
    if !foreign_peers_are_here() {
        return;
    }
    let (mut smsc, installation, running) = bound_to_smsc("");
    let from = mobile(1);
    for nth in 1..=PER_DAY {
        let reply = smsc.ask(&from, &format!("LD 0912345678 lan {nth}"));
        let expected = if nth < PER_DAY { "receipt_scam_call" } else { "limit_reached" };
        assert!(template_matches(expected, &reply), "{nth}: {reply}");
    }
    for nth in PER_DAY + 1..=PER_DAY + 3 {
        smsc.deliver(&from, &format!("LD 0912345678 lan {nth}"), &Value::Null);
        smsc.hear_ok(&from, &Value::Null);
    }
    let other = smsc.ask(&mobile(2), "HD");
    assert!(template_matches("help", &other), "others are answered as before: {other}");
    let submits = smsc.unasked_submits();
    assert!(submits.is_empty(), "{submits:#?}");
    assert_eq!(installation.export(&[]).len(), PER_DAY + 3);
    running.stop();
}

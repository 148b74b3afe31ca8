//! The foreign SMSC with the product bound to it.

use serde_json::{Value, json};

use super::{CODE, Installation, Link, Peer, Running, is_one_segment};

/// A made-up mobile number as SMSCs write it, 0901 000 000 and on.
pub(crate) fn mobile(index: usize) -> String {
    format!("8490{:07}", 1_000_000 + index)
}

/// Starts the SMSC and the product (its configuration with `general` added), bound to it.
pub(crate) fn bound_to_smsc(general: &str) -> (Peer, Installation, Running) {
    let mut smsc = Peer::start("smsc.mjs", &["--system-id", "link", "--password", "pw"]);
    let port = smsc.hear("listening").as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port");
    let mut installation = Installation::new(&[Link::Client(port)]);
    installation.write_config_with(general);
    let running = installation.start();
    assert_eq!(smsc.hear("bound")["bind"], "transceiver");
    running.wait_bound("link");
    (smsc, installation, running)
}

impl Peer {
    /// Has the SMSC send a text from `from` to the code; `way` holds fields of `tests/peers/README.md`.
    pub(crate) fn deliver(&mut self, from: &str, text: &str, way: &Value) {
        let mut message = json!({ "from": from, "to": CODE, "text": text, "ref": from });
        for (name, value) in way.as_object().into_iter().flatten() {
            message[name] = value.clone();
        }
        if message.get("hex").is_some() {
            message.as_object_mut().expect("it is an object").remove("text");
        }
        self.say(&json!({ "deliver": message }));
    }

    /// Hears that every part of the text sent last from `from` in this way was answered OK.
    pub(crate) fn hear_ok(&mut self, from: &str, way: &Value) {
        let mut heard = 0;
        loop {
            let answer = self.hear_where("deliver_resp", |one| one["ref"] == from);
            assert_eq!(answer["status"], 0, "{answer}");
            heard += 1;
            let sent = way["order"]
                .as_array()
                .map_or(answer["parts"].as_u64().unwrap_or(1), |order| order.len() as u64);
            if heard == sent {
                return;
            }
        }
    }

    /// The oldest reply to `to` not yet heard, which must come from the code and be one SMS.
    pub(crate) fn hear_reply(&mut self, to: &str) -> String {
        let reply = self.hear_where("submit", |one| one["to"] == to);
        assert_eq!(reply["from"], CODE, "{reply}");
        assert!(is_one_segment(&reply), "{reply}");
        reply["text"].as_str().expect("it was read").to_owned()
    }

    /// Sends a text from `from` and gives the reply.
    pub(crate) fn ask(&mut self, from: &str, text: &str) -> String {
        self.deliver(from, text, &Value::Null);
        self.hear_ok(from, &Value::Null);
        self.hear_reply(from)
    }

    /// The messages the product sent that nobody has asked for, so far.
    pub(crate) fn unasked_submits(&mut self) -> Vec<Value> {
        self.unasked().into_iter().filter(|one| one.get("submit").is_some()).collect()
    }
}

//! The scenes of a peer that is the SMSC to which we bind.

use serde_json::{Value, json};

use super::programs;
use super::table::{Column, Feature as F};
use crate::support::{
    Authority, CODE, Installation, Link, Outbox, Peer, Running, mobile, template_matches, wait_until_settled,
};

const THROTTLED: u64 = 0x58;

/// A peer to which we bind.
pub(crate) struct Smsc {
    column: Column,
    program: &'static str,
    is_rust: bool,
    sent: Vec<String>,
}

impl Smsc {
    pub(crate) fn program(peer: &'static str, program: &'static str, cannot: &[(F, &'static str)]) -> Smsc {
        Smsc { column: Column::new(peer, cannot), program, is_rust: false, sent: Vec::new() }
    }

    pub(crate) fn rust(peer: &'static str, program: &'static str, cannot: &[(F, &'static str)]) -> Smsc {
        Smsc { is_rust: true, ..Smsc::program(peer, program, cannot) }
    }

    /// Starts it on this port (0: any), and gives the port.
    fn start(&self, port: u16, more: &[&str]) -> (Peer, u16) {
        let port = port.to_string();
        let arguments = [&["--port", &port, "--system-id", "link", "--password", "pw"], more].concat();
        let mut peer = match self.is_rust {
            true => programs::start(self.program, &arguments),
            false => Peer::start(self.program, &arguments),
        };
        let port = peer.hear("listening").as_u64().and_then(|port| u16::try_from(port).ok());
        (peer, port.expect("a port"))
    }

    /// Sends a text, hears it answered OK, reads the reply.
    fn ask(&mut self, peer: &mut Peer, text: &str, way: &Value) -> Value {
        let from = mobile(self.sent.len());
        peer.deliver(&from, text, way);
        peer.hear_ok(&from, way);
        self.sent.push(text.to_owned());
        let reply = peer.hear_where("submit", |one| one["to"] == from && one["answered"] == 0);
        let words = reply["text"].as_str().unwrap_or_default();
        assert!(template_matches("receipt_scam_call", words), "{}: {reply}", self.column.peer);
        assert_eq!(reply["from"], CODE, "{}", self.column.peer);
        reply
    }
}

fn text(about: &str) -> String {
    format!("LD 0912345678 {about}")
}

fn long(about: &str) -> String {
    text(&format!("{about}: {}.", "doi chuyen tien vao tai khoan la ".repeat(10).trim_end()))
}

/// A product bound to the SMSC on this port, with lines added to its link.
fn bound_to(port: u16, bind: &str, more: &str) -> (Installation, Running) {
    let mut installation = Installation::new(&[Link::Client(port)]);
    let config = std::fs::read_to_string(installation.config_path()).expect("it was written");
    let config = config.replace("bind = \"transceiver\"", &format!("bind = \"{bind}\"")) + more;
    std::fs::write(installation.config_path(), config).expect("it is written");
    let running = installation.start();
    running.wait_bound("link");
    (installation, running)
}

/// All of it.
pub(crate) fn how_it_delivers(mut smsc: Smsc) -> Column {
    let (mut peer, port) = smsc.start(0, &[]);
    let (installation, running) = bound_to(port, "transceiver", "");
    assert_eq!(peer.hear("bound")["bind"], "transceiver");
    smsc.ask(&mut peer, &text("xin chao"), &json!({}));
    smsc.column.passed(F::Transceiver);
    smsc.column.passed(F::Replies);
    texts(&mut smsc, &mut peer);
    let asked = text("bien nhan");
    let reply = smsc.ask(&mut peer, &asked, &json!({}));
    peer.say(&json!({ "receipt": { "message_id": reply["message_id"], "from": reply["to"], "to": CODE } }));
    assert_eq!(peer.hear("receipt_resp")["status"], 0);
    smsc.column.passed(F::Receipts);
    throttling(&mut smsc, &mut peer);
    if smsc.column.can(F::Enquiry) {
        peer.say(&json!({ "enquire_link": {} }));
        assert_eq!(peer.hear("enquire_link_resp")["status"], 0);
        smsc.column.passed(F::Enquiry);
    }
    // Peers tell of a reply before they answer it: nothing may be on its way when one side goes.
    wait_until_settled(&installation.data_dir());
    // It unbinds, and we come back; it dies, and we come back; we stop, and unbind.
    if smsc.column.can(F::TheyUnbind) {
        peer.say(&json!({ "unbind": {} }));
        assert_eq!(peer.hear("unbind_resp")["status"], 0);
        peer.hear("bound");
        smsc.ask(&mut peer, &text("sau khi ngat"), &json!({}));
        smsc.column.passed(F::TheyUnbind);
    }
    wait_until_settled(&installation.data_dir());
    drop(peer);
    let (mut peer, _) = smsc.start(port, &[]);
    peer.hear("bound");
    smsc.ask(&mut peer, &text("tro lai"), &json!({}));
    smsc.column.passed(F::Reconnect);
    wait_until_settled(&installation.data_dir());
    running.stop();
    peer.hear("unbind");
    smsc.column.passed(F::WeUnbind);
    verify(&smsc, &installation, &asked);
    one_way(&mut smsc, peer, port);
    tls(&mut smsc);
    smsc.column
}

fn texts(smsc: &mut Smsc, peer: &mut Peer) {
    for (feature, coding, about) in [
        (F::Gsm7, "gsm7", "[gia danh] {cong an} €5 @ñ"),
        (F::Latin1, "latin1", "café à la carte §±"),
        (F::Ucs2, "ucs2", "xưng là công an, dọa “bắt” 😀"),
    ] {
        smsc.ask(peer, &text(about), &json!({ "coding": coding }));
        smsc.column.passed(feature);
    }
    for (feature, way) in [
        (F::Udh8, json!({ "udh": 8 })),
        (F::Udh16, json!({ "udh": 16 })),
        (F::Sar, json!({ "sar": true })),
        (F::Payload, json!({ "payload": true })),
    ] {
        for coding in ["gsm7", "ucs2"] {
            let accent = if coding == "ucs2" { "lừa đảo" } else { "lua dao" };
            let mut way = way.clone();
            way["coding"] = json!(coding);
            smsc.ask(peer, &long(&format!("{feature:?} {accent}")), &way);
        }
        smsc.column.passed(feature);
    }
}

fn throttling(smsc: &mut Smsc, peer: &mut Peer) {
    peer.say(&json!({ "throttle_next": { "count": 1 } }));
    peer.hear("planned");
    let again = smsc.ask(peer, &text("cham lai"), &json!({}));
    let first = peer.hear_where("submit", |one| one["to"] == again["to"]);
    assert_eq!((&first["answered"], &first["text"]), (&json!(THROTTLED), &again["text"]));
    smsc.column.passed(F::Throttling);
}

fn verify(smsc: &Smsc, installation: &Installation, receipted: &str) {
    let mut kept: Vec<String> = (installation.export(&["--with-service"]).iter())
        .map(|line| line["text"].as_str().expect("a text").to_owned())
        .collect();
    let mut sent = smsc.sent.clone();
    kept.sort();
    sent.sort();
    assert_eq!(kept, sent, "{}", smsc.column.peer);
    let outbox = Outbox::read(&installation.data_dir());
    for sent in &smsc.sent {
        let expected = if receipted == sent { "delivered" } else { "sent" };
        let state = outbox.state_by_text.get(sent).map(String::as_str);
        assert_eq!(state, Some(expected), "{}: the reply to {sent}", smsc.column.peer);
    }
}

fn one_way(smsc: &mut Smsc, mut peer: Peer, port: u16) {
    if !smsc.column.can(F::OneWay) {
        return;
    }
    for bind in ["receiver", "transmitter"] {
        let (_installation, running) = bound_to(port, bind, "");
        assert_eq!(peer.hear("bound")["bind"], bind);
        if bind == "receiver" {
            let from = mobile(900);
            peer.deliver(&from, &text("mot chieu"), &Value::Null);
            peer.hear_ok(&from, &Value::Null);
        }
        running.stop();
    }
    smsc.column.passed(F::OneWay);
}

fn tls(smsc: &mut Smsc) {
    if !smsc.column.can(F::Tls) {
        return;
    }
    let directory = tempfile::tempdir().expect("a temporary directory");
    let authority = Authority::new(directory.path(), "operator");
    let pair = authority.issue("smsc", &["localhost", "127.0.0.1"]);
    let (certificate, key) = (pair.certificate.display().to_string(), pair.key.display().to_string());
    let (mut peer, port) = smsc.start(0, &["--cert", &certificate, "--key", &key]);
    let table = format!("\n[link.tls]\nca = \"{}\"\n", authority.file.display());
    let (installation, running) = bound_to(port, "transceiver", &table);
    peer.hear("bound");
    smsc.ask(&mut peer, &text("kin dao"), &json!({}));
    smsc.ask(&mut peer, &long("kin dao"), &json!({ "udh": 8 }));
    running.stop();
    assert_eq!(installation.export(&[]).len(), 2, "{}", smsc.column.peer);
    smsc.column.passed(F::Tls);
}

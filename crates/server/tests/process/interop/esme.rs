//! The scenes of a peer that binds to our server link, as an operator's system does.

use serde_json::{Value, json};

use super::programs;
use super::table::{Column, Feature as F};
use crate::support::{
    Authority, CODE, Installation, Link, Outbox, Peer, Running, mobile, template_matches, wait_until_settled,
};

const THROTTLED: u64 = 0x58;

/// A peer that binds to us.
pub(crate) struct Esme {
    column: Column,
    program: &'static str,
    more: &'static [&'static str],
    is_rust: bool,
    /// Every text sent, as it must be kept.
    sent: Vec<String>,
}

impl Esme {
    pub(crate) fn program(
        peer: &'static str,
        program: &'static str,
        more: &'static [&'static str],
        cannot: &[(F, &'static str)],
    ) -> Esme {
        let column = Column::new(peer, cannot);
        Esme { column, program, more, is_rust: false, sent: Vec::new() }
    }

    pub(crate) fn rust(peer: &'static str, program: &'static str, cannot: &[(F, &'static str)]) -> Esme {
        Esme { is_rust: true, ..Esme::program(peer, program, &[], cannot) }
    }

    /// Starts it, and hears that it is bound.
    fn bound(&self, installation: &Installation, bind: &str, authority: Option<&Authority>) -> Peer {
        let port = installation.smpp_port().to_string();
        let mut arguments = vec!["--port", &port, "--system-id", "link", "--password", "pw", "--bind", bind];
        arguments.extend(self.more);
        let ca = authority.map(|authority| authority.file.display().to_string());
        if let Some(ca) = &ca {
            arguments.extend(["--ca", ca]);
        }
        let mut peer = match self.is_rust {
            true => programs::start(self.program, &arguments),
            false => Peer::start(self.program, &arguments),
        };
        assert_eq!(peer.hear("bound")["status"], 0, "{} {bind}", self.column.peer);
        peer
    }

    /// Sends a text and hears every part answered OK.
    fn submit(&mut self, peer: &mut Peer, text: &str, way: &Value) {
        let reference = format!("r{}", self.sent.len());
        let mut message =
            json!({ "from": mobile(self.sent.len()), "to": CODE, "text": text, "ref": reference });
        for (name, value) in way.as_object().into_iter().flatten() {
            message[name] = value.clone();
        }
        peer.say(&json!({ "submit": message }));
        loop {
            let answer = peer.hear_where("submit_resp", |one| one["ref"] == *reference);
            assert_eq!(answer["status"], 0, "{}: {answer}", self.column.peer);
            if answer["part"] == answer["parts"] {
                break;
            }
        }
        self.sent.push(text.to_owned());
    }

    /// Sends a text and reads the reply.
    fn ask(&mut self, peer: &mut Peer, text: &str, way: &Value) -> Value {
        let from = mobile(self.sent.len());
        self.submit(peer, text, way);
        let reply = peer.hear_where("deliver", |one| one["to"] == from);
        let words = reply["text"].as_str().unwrap_or_default();
        assert!(template_matches("receipt_scam_call", words), "{}: {reply}", self.column.peer);
        assert_eq!(reply["from"], CODE, "{}", self.column.peer);
        reply
    }
}

fn serving(tls: &str) -> (Installation, Running) {
    let mut installation = Installation::new(&[Link::Server(String::leak(tls.to_owned()))]);
    let running = installation.start();
    (installation, running)
}

fn text(about: &str) -> String {
    format!("LD 0912345678 {about}")
}

/// A text of three parts in GSM 7, of six in UCS-2.
fn long(about: &str) -> String {
    text(&format!("{about}: {}.", "doi chuyen tien vao tai khoan la ".repeat(10).trim_end()))
}

/// All of it, with one installation, and one more with TLS.
pub(crate) fn how_it_submits(mut esme: Esme) -> Column {
    let (mut installation, running) = serving("");
    let mut peer = esme.bound(&installation, "transceiver", None);
    esme.ask(&mut peer, &text("xin chao"), &json!({}));
    esme.column.passed(F::Transceiver);
    esme.column.passed(F::Replies);
    alphabets(&mut esme, &mut peer);
    long_texts(&mut esme, &mut peer);
    let receipted = receipts(&mut esme, &mut peer);
    throttling(&mut esme, &mut peer);
    if esme.column.can(F::Enquiry) {
        peer.say(&json!({ "enquire_link": {} }));
        assert_eq!(peer.hear("enquire_link_resp")["status"], 0);
        esme.column.passed(F::Enquiry);
    }
    // Peers tell of a reply before they answer it.
    wait_until_settled(&installation.data_dir());
    unbind(&mut esme, peer);
    one_way(&mut esme, &installation);
    let running = reconnecting(&mut esme, &mut installation, running);
    verify(&esme, &installation, running, receipted.as_deref());
    tls(&mut esme);
    esme.column
}

fn alphabets(esme: &mut Esme, peer: &mut Peer) {
    for (feature, coding, about) in [
        (F::Gsm7, "gsm7", "[gia danh] {cong an} €5 @ñ"),
        (F::Latin1, "latin1", "café à la carte §±"),
        (F::Ucs2, "ucs2", "xưng là công an, dọa “bắt” 😀"),
    ] {
        if esme.column.can(feature) {
            let reply = esme.ask(peer, &text(about), &json!({ "coding": coding }));
            assert_eq!(reply["data_coding"], 0, "{reply}");
            esme.column.passed(feature);
        }
    }
}

fn long_texts(esme: &mut Esme, peer: &mut Peer) {
    for (feature, way) in [
        (F::Udh8, json!({ "udh": 8 })),
        (F::Udh16, json!({ "udh": 16 })),
        (F::Sar, json!({ "sar": true })),
        (F::Payload, json!({ "payload": true })),
    ] {
        if !esme.column.can(feature) {
            continue;
        }
        for coding in ["gsm7", "ucs2"] {
            let accent = if coding == "ucs2" { "lừa đảo" } else { "lua dao" };
            let mut way = way.clone();
            way["coding"] = json!(coding);
            esme.ask(peer, &long(&format!("{feature:?} {accent}")), &way);
        }
        esme.column.passed(feature);
    }
}

/// A reply is taken under an id, and a receipt under that id comes back. Gives the text it answered.
fn receipts(esme: &mut Esme, peer: &mut Peer) -> Option<String> {
    if !esme.column.can(F::Receipts) {
        return None;
    }
    let asked = text("bien nhan");
    let reply = esme.ask(peer, &asked, &json!({}));
    let id = reply["message_id"].as_str().expect("it gave an id").to_owned();
    peer.say(&json!({ "receipt": { "message_id": id, "from": reply["to"], "to": CODE } }));
    assert_eq!(peer.hear("receipt_resp")["status"], 0);
    esme.column.passed(F::Receipts);
    Some(asked)
}

fn throttling(esme: &mut Esme, peer: &mut Peer) {
    if !esme.column.can(F::Throttling) {
        return;
    }
    peer.say(&json!({ "answer_next": { "status": THROTTLED, "count": 1 } }));
    peer.hear("planned");
    esme.submit(peer, &text("cham lai"), &json!({}));
    let first = peer.hear("deliver");
    assert_eq!(first["answered"], THROTTLED, "{first}");
    let again = peer.hear("deliver");
    assert_eq!((&again["text"], &again["answered"]), (&first["text"], &json!(0)));
    esme.column.passed(F::Throttling);
}

fn unbind(esme: &mut Esme, mut peer: Peer) {
    if esme.column.can(F::TheyUnbind) {
        peer.say(&json!({ "unbind": {} }));
        let answer = peer.hear("unbind_resp");
        assert_eq!(answer["status"], 0, "{}: {answer}", esme.column.peer);
        esme.column.passed(F::TheyUnbind);
    }
}

fn one_way(esme: &mut Esme, installation: &Installation) {
    if !esme.column.can(F::OneWay) {
        return;
    }
    let mut receiver = esme.bound(installation, "receiver", None);
    let mut transmitter = esme.bound(installation, "transmitter", None);
    esme.submit(&mut transmitter, &text("mot chieu"), &json!({}));
    let to = mobile(esme.sent.len() - 1);
    receiver.hear_where("deliver", |one| one["to"] == to);
    wait_until_settled(&installation.data_dir());
    let stray = transmitter.unasked();
    assert!(stray.iter().all(|one| one.get("deliver").is_none()), "{stray:?}");
    esme.column.passed(F::OneWay);
}

/// We die without a word and come back on the same address; then we stop in order.
fn reconnecting(esme: &mut Esme, installation: &mut Installation, running: Running) -> Running {
    let mut peer = esme.bound(installation, "transceiver", None);
    wait_until_settled(&installation.data_dir());
    running.kill();
    let running = installation.start();
    peer.say(&json!({ "reconnect": {} }));
    assert_eq!(peer.hear("bound")["status"], 0);
    esme.ask(&mut peer, &text("tro lai"), &json!({}));
    esme.column.passed(F::Reconnect);
    wait_until_settled(&installation.data_dir());
    if !esme.column.can(F::WeUnbind) {
        return running;
    }
    running.stop();
    peer.hear("unbind");
    esme.column.passed(F::WeUnbind);
    drop(peer);
    installation.start()
}

/// Every text is kept once, as it was sent; every reply was sent once, and the receipted one arrived.
fn verify(esme: &Esme, installation: &Installation, running: Running, receipted: Option<&str>) {
    wait_until_settled(&installation.data_dir());
    running.stop();
    let mut kept: Vec<String> = (installation.export(&["--with-service"]).iter())
        .map(|line| line["text"].as_str().expect("a text").to_owned())
        .collect();
    let mut sent = esme.sent.clone();
    kept.sort();
    sent.sort();
    assert_eq!(kept, sent, "{}", esme.column.peer);
    let outbox = Outbox::read(&installation.data_dir());
    for sent in &esme.sent {
        let expected = if receipted == Some(sent) { "delivered" } else { "sent" };
        let state = outbox.state_by_text.get(sent).map(String::as_str);
        assert_eq!(state, Some(expected), "{}: the reply to {sent}", esme.column.peer);
    }
}

fn tls(esme: &mut Esme) {
    if !esme.column.can(F::Tls) {
        return;
    }
    let directory = tempfile::tempdir().expect("a temporary directory");
    let authority = Authority::new(directory.path(), "operators");
    let pair = authority.issue("server", &["localhost", "127.0.0.1"]);
    let (certificate, key) = (pair.certificate.display(), pair.key.display());
    let table = format!("[link.tls]\ncertificate = \"{certificate}\"\nkey = \"{key}\"");
    let (installation, running) = serving(&table);
    let mut peer = esme.bound(&installation, "transceiver", Some(&authority));
    esme.ask(&mut peer, &text("kin dao"), &json!({}));
    let way = if esme.column.mark(F::Udh8).is_some() { json!({ "udh": 8 }) } else { json!({}) };
    esme.ask(&mut peer, &long("kin dao"), &way);
    running.stop();
    assert_eq!(installation.export(&[]).len(), 2, "{}", esme.column.peer);
    esme.column.passed(F::Tls);
}

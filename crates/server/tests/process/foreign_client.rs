//! Foreign clients (node `smpp`, PyPI `smpplib`) bind to us as operators do: their texts are taken, the replies
//! come back the same way, and a wrong password opens nothing.

use serde_json::{Value, json};

use crate::support::{
    CODE, Installation, Link, Peer, Running, foreign_peers_are_here, is_one_segment, template_matches,
};

const NODE: &str = "esme.mjs";
const PYTHON: &str = "smpplib_client.py";
const ESME_RINVPASWD: u64 = 0x0E;
const ESME_RINVSYSID: u64 = 0x0F;
const ESME_RBINDFAIL: u64 = 0x0D;

fn serving() -> (Installation, Running) {
    let mut installation = Installation::new(&[Link::Server("")]);
    let running = installation.start();
    (installation, running)
}

fn client(program: &str, installation: &Installation, bind: &str, password: &str, system_id: &str) -> Peer {
    let port = installation.smpp_port().to_string();
    Peer::start(program, &["--port", &port, "--system-id", system_id, "--password", password, "--bind", bind])
}

fn bound(program: &str, installation: &Installation, bind: &str) -> Peer {
    let mut peer = client(program, installation, bind, "pw", "link");
    assert_eq!(peer.hear("bound")["status"], 0, "{program} {bind}");
    peer
}

/// Sends a text from `from` by `submit_sm` and hears it answered OK.
fn submit(peer: &mut Peer, from: &str, text: &str, coding: &str) {
    peer.say(&json!({ "submit": { "from": from, "to": CODE, "text": text, "coding": coding, "ref": from } }));
    loop {
        let answer = peer.hear_where("submit_resp", |one| one["ref"] == from);
        assert_eq!(answer["status"], 0, "{answer}");
        if answer["part"] == answer["parts"] {
            return;
        }
    }
}

fn reply(peer: &mut Peer, to: &str) -> String {
    let reply = peer.hear_where("deliver", |one| one["to"] == to);
    assert_eq!(reply["from"], CODE, "{reply}");
    assert!(is_one_segment(&reply), "{reply}");
    reply["text"].as_str().expect("it was read").to_owned()
}

fn unbind(peer: &mut Peer) {
    peer.say(&json!({ "unbind": {} }));
    assert_eq!(peer.hear("unbind_resp")["status"], 0);
}

#[test]
fn transceivers_of_two_libraries_send_texts_and_get_the_replies() {
    if !foreign_peers_are_here() {
        return;
    }
    let (installation, running) = serving();
    let story = "mao danh cong an, doi chuyen tien vao tai khoan tam giu de xac minh. ".repeat(4);
    let accented = "LĐ 0912345678 xưng là công an phường, dọa khóa căn cước, đòi chuyển tiền ngay";
    for (number, program) in [NODE, PYTHON].into_iter().enumerate() {
        let mut peer = bound(program, &installation, "transceiver");
        running.wait_bound("link");
        let from = |nth: usize| format!("8490{:07}", number * 100 + nth);
        submit(&mut peer, &from(1), "LD 0912345678 mao danh cong an", "gsm7");
        assert!(template_matches("receipt_scam_call", &reply(&mut peer, &from(1))));
        submit(&mut peer, &from(2), accented, "ucs2");
        assert!(template_matches("receipt_scam_call", &reply(&mut peer, &from(2))));
        submit(&mut peer, &from(3), &format!("S (0912345679) ({})", story.trim_end()), "gsm7");
        assert!(template_matches("receipt_spam", &reply(&mut peer, &from(3))));
        submit(&mut peer, &from(4), "LD co nguoi goi doi tien", "gsm7");
        assert!(template_matches("missing_source", &reply(&mut peer, &from(4))));
        submit(&mut peer, &from(1), "KQ", "gsm7");
        assert!(template_matches("status_open", &reply(&mut peer, &from(1))));
        peer.say(&json!({ "enquire_link": {} }));
        unbind(&mut peer);
    }
    let kept = installation.export(&["--with-service"]);
    assert_eq!(kept.len(), 10);
    let long: Vec<&Value> = kept.iter().filter(|line| line["content"] == story.trim_end()).collect();
    assert_eq!(long.len(), 2, "a long text came as one: {kept:#?}");
    assert_eq!(kept.iter().filter(|line| line["text"] == accented).count(), 2);
    running.stop();
}

#[test]
fn an_operator_may_also_deliver_to_us() {
    if !foreign_peers_are_here() {
        return;
    }
    let (installation, running) = serving();
    let mut peer = bound(NODE, &installation, "transceiver");
    let text = "LD (0912345678) (mao danh cong an)";
    peer.deliver("84900000021", text, &Value::Null);
    peer.hear_ok("84900000021", &Value::Null);
    assert!(template_matches("receipt_scam_call", &reply(&mut peer, "84900000021")));
    assert_eq!(installation.export(&[]).len(), 1);
    running.stop();
}

#[test]
fn replies_go_to_the_bind_that_receives() {
    if !foreign_peers_are_here() {
        return;
    }
    let (installation, running) = serving();
    for (number, (sends, receives)) in [(NODE, NODE), (PYTHON, NODE), (NODE, PYTHON)].into_iter().enumerate()
    {
        let mut receiver = bound(receives, &installation, "receiver");
        let mut transmitter = bound(sends, &installation, "transmitter");
        let from = format!("8490000003{number}");
        submit(&mut transmitter, &from, "V 0912345678 moi vay tien", "gsm7");
        let receipt = reply(&mut receiver, &from);
        assert!(receipt.starts_with("Da nhan phan anh ve so 0912345678, ma "), "{receipt}");
        let stray: Vec<Value> =
            transmitter.unasked().into_iter().filter(|one| one.get("deliver").is_some()).collect();
        assert!(stray.is_empty(), "a transmitter is sent nothing: {stray:#?}");
        unbind(&mut transmitter);
        unbind(&mut receiver);
    }
    assert_eq!(installation.export(&[]).len(), 3);
    running.stop();
}

#[test]
fn replies_wait_until_someone_who_receives_is_bound() {
    if !foreign_peers_are_here() {
        return;
    }
    let (installation, running) = serving();
    let mut transmitter = bound(NODE, &installation, "transmitter");
    submit(&mut transmitter, "84900000041", "LD 0912345678 mao danh", "gsm7");
    unbind(&mut transmitter);
    let mut receiver = bound(PYTHON, &installation, "receiver");
    assert!(template_matches("receipt_scam_call", &reply(&mut receiver, "84900000041")));
    running.stop();
}

#[test]
fn a_wrong_password_or_name_opens_nothing() {
    if !foreign_peers_are_here() {
        return;
    }
    let (installation, running) = serving();
    for program in [NODE, PYTHON] {
        for (system_id, password) in [("link", "wrong"), ("link", ""), ("nobody", "pw"), ("LINK", "pw")] {
            let mut peer = client(program, &installation, "transceiver", password, system_id);
            let status = peer.hear("bound")["status"].as_u64();
            let refusals = [ESME_RINVPASWD, ESME_RINVSYSID, ESME_RBINDFAIL];
            assert!(status.is_some_and(|status| refusals.contains(&status)), "{system_id}: {status:?}");
        }
    }
    let mut peer = bound(NODE, &installation, "transceiver");
    submit(&mut peer, "84900000051", "LD 0912345678", "gsm7");
    let log = installation.log();
    assert!(!log.contains("wrong"), "a password is in the log: {log}");
    running.stop();
}

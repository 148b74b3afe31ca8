//! PDUs as no specification has them, over the wire into the running gateway: each is survived, answered as it
//! must be, and the next citizen's text is taken as if nothing had been.

use canhgiac_smpp::pdu::{Body, CommandId, Status};

use crate::peer::{Peer, framed, octets, text};
use crate::world::{World, server};

/// What must become of an odd PDU.
enum Fate {
    /// Kept, and answered OK.
    Kept,
    /// Answered with this command and status, and not kept.
    Refused(CommandId, Status),
    /// No answer at all.
    Ignored,
}

use Fate::{Ignored, Kept, Refused};

const SEQUENCE: u32 = 0xFEDC_BA98;

/// A message body with `flags` (esm_class), `coding`, what `sm_length` says, and what follows it.
fn message(flags: u8, coding: u8, length: u8, rest: &[u8]) -> Vec<u8> {
    let mut body = b"\0\x01\x0184900000077\0\x00\x01156\0".to_vec();
    body.extend_from_slice(&[flags, 0, 0, 0, 0, 0, 0, coding, 0, length]);
    body.extend_from_slice(rest);
    body
}

fn cases() -> Vec<(&'static str, CommandId, Vec<u8>, Fate)> {
    let deliver = CommandId::DELIVER_SM;
    let kept = |what, body| (what, deliver, body, Kept);
    let mut name = b"\0\x05\x00".to_vec();
    name.extend_from_slice("Ngân hàng Nhà nước Việt Nam chi nhánh Đắk Lắk".as_bytes());
    name.extend_from_slice(b"\0\x00\x01156\0\x00\x00\x00\0\0\x00\x00\x00\x00\x02HD");
    let nack = CommandId::GENERIC_NACK;
    vec![
        kept("sm_length beyond the PDU", message(0, 0, 255, b"HD")),
        kept(
            "sm_length short of the text, the rest looks like a parameter",
            message(0, 0, 2, b"HD xin chao"),
        ),
        kept("sm_length 0 and no text", message(0, 0, 0, b"")),
        kept("sm_length 0 and a payload that is cut short", message(0, 0, 0, b"\x04\x24\x00\x20HD")),
        kept("a parameter with a length beyond the PDU", message(0, 0, 2, b"HD\x02\x0c\xff\xff\x01")),
        kept("a parameter of no octets", message(0, 0, 2, b"HD\x02\x0c\x00\x00")),
        kept("a vendor's parameters", message(0, 0, 2, b"HD\x14\x00\x00\x01\x07\x14\x01\x00\x00")),
        kept("text in both fields", message(0, 0, 2, b"HD\x04\x24\x00\x05HD HD")),
        kept("a header longer than the message", message(0x40, 0, 4, b"\xc8\x00\x03\x01")),
        kept("a header of length 0", message(0x40, 0, 3, b"\x00HD")),
        kept("a part 0 of 0", message(0x40, 0, 8, b"\x05\x00\x03\x07\x00\x00HD")),
        kept("a part 3 of 2", message(0x40, 0, 8, b"\x05\x00\x03\x07\x02\x03HD")),
        kept("a part 1 of 1 with reference 0", message(0x40, 0, 8, b"\x05\x00\x03\x00\x01\x01HD")),
        kept("UDHI without a message", message(0x40, 0, 0, b"")),
        kept("UCS-2 of an odd length", message(0, 8, 3, b"\x00H\x00")),
        kept("half a surrogate pair", message(0, 8, 4, b"\xd8\x3d\x00H")),
        kept("a reserved coding", message(0, 0x8F, 2, b"HD")),
        kept("a flash message in UCS-2", message(0, 0x18, 4, b"\x00H\x00D")),
        kept("an 8-bit class 1", message(0, 0xF5, 2, b"HD")),
        kept("every esm_class bit", message(0xFF, 0, 2, b"HD")),
        kept("an acknowledgement of a handset", message(0x08, 0, 2, b"HD")),
        kept("an acknowledgement by hand", message(0x10, 0, 2, b"HD")),
        kept("a receipt that names no message", message(0x04, 0, 12, b"stat:DELIVRD")),
        kept("a reply path", message(0x80, 0, 2, b"HD")),
        kept("a sender's name of fifty letters", name),
        kept("no body at all", Vec::new()),
        kept("an address without an end", b"\0\x01\x01849".to_vec()),
        kept("the longest body", message(0, 0, 2, &[b"HD".as_slice(), &[0; 60_000]].concat())),
        (
            "an unknown command",
            CommandId(0x0001_0200),
            b"\x01".to_vec(),
            Refused(nack, Status::INVALID_COMMAND),
        ),
        ("a vendor's command", CommandId(0x0001_0001), Vec::new(), Refused(nack, Status::INVALID_COMMAND)),
        (
            "a query",
            CommandId::QUERY_SM,
            b"1\0\0\0\0".to_vec(),
            Refused(CommandId::QUERY_SM_RESP, Status::QUERY_FAILED),
        ),
        (
            "to many at once",
            CommandId::SUBMIT_MULTI,
            b"?".to_vec(),
            Refused(CommandId::SUBMIT_MULTI_RESP, Status::SUBMIT_FAILED),
        ),
        (
            "a second bind",
            CommandId::BIND_TRANSCEIVER,
            b"vt\0pw\0\0\x34\0\0\0".to_vec(),
            Refused(CommandId::BIND_TRANSCEIVER_RESP, Status::ALREADY_BOUND),
        ),
        (
            "a bind that is cut short",
            CommandId::BIND_RECEIVER,
            b"vt".to_vec(),
            Refused(CommandId::BIND_RECEIVER_RESP, Status::INVALID_SYSTEM_ID),
        ),
        (
            "an enquiry with a body",
            CommandId::ENQUIRE_LINK,
            b"hello".to_vec(),
            Refused(CommandId::ENQUIRE_LINK_RESP, Status::OK),
        ),
        ("an answer to nothing", CommandId::SUBMIT_SM_RESP, b"id\0".to_vec(), Ignored),
        ("a nack of nothing", nack, Vec::new(), Ignored),
        ("an unknown answer", CommandId(0x8001_0200), b"??".to_vec(), Ignored),
        ("an alert", CommandId::ALERT_NOTIFICATION, b"\x01\x01849\0\0\x01156\0".to_vec(), Ignored),
    ]
}

#[tokio::test]
async fn every_odd_pdu_is_survived_and_the_text_behind_it_is_taken() {
    let world = World::start(vec![server("vt")]).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    let mut kept = 0;
    let cases = cases();
    assert!(cases.len() >= 38, "only {}", cases.len());
    for (number, (what, command, body, fate)) in (1..).zip(cases) {
        // In one segment with the text of the next citizen.
        let odd = framed(command, SEQUENCE, &body);
        let next = octets(number, Body::SubmitSm(text("84900000001", "LD 0912345678")));
        peer.write(&[odd, next].concat()).await;
        kept += 1;
        match fate {
            Kept => {
                kept += 1;
                assert_eq!(peer.answer_to(command.response(), SEQUENCE).await, Status::OK, "{what}");
            }
            Refused(answer, expected) => {
                let status = peer.answer_to(answer, SEQUENCE).await;
                assert_eq!(status, expected, "{what}");
            }
            Ignored => {}
        }
        assert_eq!(peer.answer_to(CommandId::SUBMIT_SM_RESP, number).await, Status::OK, "behind {what}");
        assert_eq!(world.intake().await.len(), kept, "{what}");
    }
    assert_eq!(world.status("vt").failures, 0, "one session bore it all");
    world.stop().await;
}

//! What real links do and the other files do not show: see docs/smpp.md for every rule and its test.

use std::path::Path;

use bytes::Bytes;
use canhgiac_smpp::pdu::{
    Address, Bind, BindKind, Body, CommandId, Frame, ShortMessage, Status, Tlvs, decode,
    restore_source_address, tag,
};
use tokio::net::TcpListener;

use crate::peer::{Peer, framed, octets, text};
use crate::world::{World, client, quick, server, until};

#[tokio::test]
async fn every_form_of_a_number_is_one_person_and_stays_as_received() {
    let world = World::start(vec![server("vt")]).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    let forms = [
        (1, 1, "84912345678"),
        (1, 1, "+84912345678"),
        (0, 0, "+84912345678"),
        (2, 1, "0912345678"),
        (0, 1, "0912345678"),
        (1, 1, "0084912345678"),
        (2, 1, "912345678"),
    ];
    let others = [(0, 0, "1900"), (3, 0, "156"), (6, 0, "5656"), (5, 0, "VIETTEL"), (5, 0, "0912345678")];
    for (ton, npi, form) in forms.into_iter().chain(others) {
        let message = ShortMessage { source: Address::new(ton, npi, form), ..text("", "HD") };
        let token = peer.send(&message).await;
        assert_eq!(peer.answer(token).await.0, Status::OK);
    }
    let rows = world.intake().await;
    let hash = world.app.keys.hash_number("+84912345678");
    for (row, (ton, npi, form)) in rows.iter().zip(forms.into_iter().chain(others)) {
        let is_mobile = forms.contains(&(ton, npi, form));
        assert_eq!(row.reporter_hash.as_ref() == Some(&hash), is_mobile, "{ton}/{npi} {form}");
        // Rule 11: only mobile subscribers are answered.
        let may_answer = row.meta.contains("\"is_answerable\":true");
        assert_eq!(may_answer, is_mobile, "{ton}/{npi} {form}: {}", row.meta);
        let Ok(pdu) = decode(&Frame::from_bytes(Bytes::from(row.body.clone())).unwrap()) else { panic!() };
        let Body::SubmitSm(message) = pdu.body else { panic!("{:?}", pdu.body) };
        assert_eq!((message.source.ton, message.source.npi), (ton, npi), "kept as received");
        assert!(restore_source_address(&row.body, form.as_bytes()).is_some());
    }
    world.stop().await;
}

#[tokio::test]
async fn versions_3_3_3_4_and_5_0_bind_and_only_3_3_is_spared_optional_parameters() {
    let world = World::start(vec![server("vt")]).await;
    for (version, length) in [(0x33, 16 + 9), (0x34, 16 + 9 + 5), (0x50, 16 + 9 + 5)] {
        let mut peer = Peer::connect(world.address("vt")).await;
        let bind = Bind { interface_version: version, ..Bind::new("vt", crate::world::PASSWORD) };
        peer.write(&octets(0x7FFF_FFFF, Body::Bind(BindKind::Transceiver, bind))).await;
        let answer = peer.read(length).await;
        assert_eq!(&answer[..4], &u32::try_from(length).unwrap().to_be_bytes(), "{version:#x}");
        assert_eq!(&answer[8..16], b"\0\0\0\0\x7f\xff\xff\xff", "OK, and the number as received");
        peer.write(&octets(0, Body::SubmitSm(text("84900000001", "HD")))).await;
        assert_eq!(
            peer.answer_to(CommandId::SUBMIT_SM_RESP, 0).await,
            Status::OK,
            "number 0 is odd, not wrong"
        );
    }
    world.stop().await;
}

#[tokio::test]
async fn answers_with_a_vendors_status_no_body_or_the_wrong_type_are_read() {
    let smsc = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::start(vec![client("vt", smsc.local_addr().unwrap())]).await;
    let mut peer = Peer::smsc(&smsc).await;
    let answer = |command: CommandId, status: u32, sequence: u32, body: &[u8]| {
        let mut octets = framed(command, sequence, body);
        octets[8..12].copy_from_slice(&status.to_be_bytes());
        octets
    };
    let resp = CommandId::SUBMIT_SM_RESP;
    let cases: [(&str, CommandId, u32, &[u8], &str); 7] = [
        ("vendor, no body", resp, 0x400, b"", "failed"),
        ("vendor, with a body", resp, 0x4FF, b"id\0", "failed"),
        ("refused, with a body", resp, 0x0B, b"\0", "failed"),
        ("taken, no body", resp, 0, b"", "sent"),
        ("taken, no end of the id", resp, 0, b"77", "sent"),
        ("nacked", CommandId::GENERIC_NACK, 3, b"", "failed"),
        ("data_sm_resp", CommandId::DATA_SM_RESP, 0, b"78\0", "sent"),
    ];
    for (what, command, status, body, state) in cases {
        world.plan("vt", what).await;
        let (id, _) = peer.message().await;
        peer.write(&answer(command, status, id.sequence, body)).await;
        world.until_message(what, state).await;
    }
    assert_eq!(world.status("vt").failures, 0);
    world.stop().await;
}

#[tokio::test]
async fn every_way_of_saying_that_a_message_is_long_is_kept_part_by_part() {
    let world = World::start(vec![server("vt")]).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    let sar = |number: u8| {
        let mut tlvs = Tlvs::new();
        tlvs.push(tag::SAR_MSG_REF_NUM, vec![0, 0]);
        tlvs.push(tag::SAR_TOTAL_SEGMENTS, vec![2]);
        tlvs.push(tag::SAR_SEGMENT_SEQNUM, vec![number]);
        tlvs
    };
    let payload = |octets: &'static [u8]| {
        let mut tlvs = Tlvs::new();
        tlvs.push(tag::MESSAGE_PAYLOAD, Bytes::from_static(octets));
        tlvs
    };
    let long = |from: &str, flags: u8, octets: &'static [u8], tlvs: Tlvs| ShortMessage {
        esm_class: flags,
        short_message: Bytes::from_static(octets),
        tlvs,
        ..text(from, "")
    };
    let none = Tlvs::new;
    // Each from its own person, out of order or twice.
    let messages = [
        long("84900000001", 0x40, b"\x05\x00\x03\x00\x02\x02bb", none()),
        long("84900000001", 0x40, b"\x05\x00\x03\x00\x02\x01LD 0912345678 aa ", none()),
        long("84900000002", 0x40, b"\x06\x08\x04\x01\x02\x02\x01LD 0912345678 aa ", none()),
        long("84900000002", 0x40, b"\x06\x08\x04\x01\x02\x02\x01LD 0912345678 aa ", none()),
        long("84900000002", 0x40, b"\x06\x08\x04\x01\x02\x02\x02bb", none()),
        long("84900000003", 0, b"LD 0912345678 aa ", sar(1)),
        long("84900000003", 0, b"bb", sar(2)),
        long("84900000004", 0x40, b"\x05\x00\x03\x07\x02\x01LD 0912345678 aa ", sar(2)),
        long("84900000004", 0x40, b"\x05\x00\x03\x07\x02\x02bb", sar(1)),
        long("84900000005", 0x40, b"", payload(b"\x05\x00\x03\x09\x02\x01LD 0912345678 aa ")),
        long("84900000005", 0x40, b"", payload(b"\x05\x00\x03\x09\x02\x02bb")),
        long("84900000006", 0, b"", payload(b"LD 0912345678 aa bb")),
    ];
    let count = messages.len();
    for message in &messages {
        let token = peer.send(message).await;
        assert_eq!(peer.answer(token).await.0, Status::OK, "each part once it is durable");
    }
    assert_eq!(world.intake().await.len(), count);
    canhgiac::projector::catch_up(&world.app).await.unwrap();
    let reports = world.app.store.reports_after(0, 100).await.unwrap();
    let texts: Vec<&str> = reports.iter().map(|entry| entry.report.text.as_str()).collect();
    assert_eq!(texts, ["LD 0912345678 aa bb"; 6]);
    world.stop().await;
}

#[tokio::test]
async fn what_broke_off_on_one_link_of_a_group_is_marked_when_it_comes_on_another() {
    for group in [Some("viettel".to_owned()), None] {
        let links = ["v1", "v2"].map(|name| {
            let mut link = server(name);
            link.group = group.clone();
            link
        });
        let mut world = World::without_commits(links.to_vec(), quick(), tempfile::tempdir().unwrap()).await;
        let address = world.address("v1");
        let (mut one, mut other) = (Peer::bind(address, "v1").await, Peer::bind(address, "v2").await);
        let message = text("84900000001", "LD 0912345678");
        one.send(&message).await;
        until(|| async { (world.app.intake.waiting() == 1).then_some(()) }).await;
        one.cut();
        world.until_status("v1", |status| status.sessions == 0).await;
        world.let_commit();
        // The other was bound all the time, as operators with two binds do.
        let mut marks = Vec::new();
        until(|| async { (!world.intake().await.is_empty()).then_some(()) }).await;
        let token = other.send(&message).await;
        assert_eq!(other.answer(token).await.0, Status::OK);
        for row in world.intake().await {
            marks.push(row.meta.contains("\"is_suspected\":true"));
        }
        assert_eq!(marks, [false, group.is_some()]);
        world.stop().await;
    }
}

#[test]
fn every_rule_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let table = std::fs::read_to_string(root.join("docs/smpp.md")).unwrap();
    let mut named = 0;
    for (at, line) in table.lines().enumerate() {
        let words: Vec<&str> = line.split('`').collect();
        for pair in words.windows(3).filter(|pair| pair[0].ends_with(|sign: char| " |,".contains(sign))) {
            let Some((file, test)) = pair[1].split_once(" :: ") else { continue };
            let source = std::fs::read_to_string(root.join(file));
            let source = source.unwrap_or_else(|error| panic!("line {}: {file}: {error}", at + 1));
            assert!(source.contains(&format!("fn {test}(")), "line {}: {file} has no {test}", at + 1);
            named += 1;
        }
    }
    assert!(named >= 40, "only {named} tests are named");
}

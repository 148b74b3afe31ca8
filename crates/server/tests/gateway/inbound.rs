//! Texts and receipts from operators.

use std::time::Duration;

use bytes::Bytes;
use canhgiac::gateway::GatewayLimits;
use canhgiac_smpp::pdu::{Address, Body, CommandId, DataSm, ShortMessage, Status, Tlvs, tag};
use canhgiac_store::NewIntake;
use tokio::net::TcpListener;

use crate::peer::{Peer, framed, octets, receipt, text};
use crate::world::{World, client, quick, server, stands_in_a_file};

fn filler() -> NewIntake {
    NewIntake {
        received_us: 1,
        channel: "web".to_owned(),
        link: "web".to_owned(),
        meta: "{}".to_owned(),
        body: Vec::new(),
        reporter: None,
    }
}

#[tokio::test]
async fn a_text_is_durable_before_it_is_answered_and_its_sender_is_nowhere_in_clear() {
    let smsc = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::start(vec![client("vt", smsc.local_addr().unwrap())]).await;
    let mut peer = Peer::smsc(&smsc).await;
    let token = peer.send(&text("84900000077", "LD 0912345678 gia danh cong an")).await;
    let (status, id) = peer.answer(token).await;
    assert_eq!((status, id.unwrap_or_default().len()), (Status::OK, 0), "a deliver_sm_resp has an empty id");
    let rows = world.intake().await;
    let [row] = rows.as_slice() else { panic!("{} rows", rows.len()) };
    assert_eq!((row.channel.as_str(), row.link.as_str()), ("smpp", "vt"));
    assert_eq!(row.reporter_hash, Some(world.app.keys.hash_number("+84900000077")));
    assert_eq!(world.app.keys.open_text(row.reporter_sealed.as_ref().unwrap()).unwrap(), "+84900000077");
    assert!(stands_in_a_file(world.directory.path(), b"gia danh cong an"), "the words are kept as they came");
    assert!(!stands_in_a_file(world.directory.path(), b"900000077"));
    let status = world.status("vt");
    assert_eq!(status.texts_in, 1);
    assert!(status.last_seen_us.is_some());
    let directory = world.stop().await;
    assert!(!stands_in_a_file(directory.path(), b"900000077"));
}

#[tokio::test]
async fn operators_that_bind_to_us_may_submit_deliver_or_send_data() {
    let world = World::start(vec![server("vt")]).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    let message = text("84900000001", "LD 0912345678");
    let mut tlvs = Tlvs::new();
    tlvs.push(tag::MESSAGE_PAYLOAD, Bytes::from_static(b"LD 0912345678"));
    let data = DataSm {
        source: message.source.clone(),
        destination: message.destination.clone(),
        tlvs,
        ..DataSm::default()
    };
    for (seq, body, has_id) in [
        (1, Body::SubmitSm(message.clone()), true),
        (2, Body::DeliverSm(message.clone()), false),
        (3, Body::DataSm(data), true),
    ] {
        let token = peer.send_body(body).await;
        let (status, id) = peer.answer(token).await;
        assert_eq!(status, Status::OK);
        let expected = if has_id { seq.to_string() } else { String::new() };
        assert_eq!(id.unwrap_or_default().as_ref(), expected.as_bytes());
    }
    assert_eq!(world.intake().await.len(), 3);
    world.stop().await;
}

#[tokio::test]
async fn undecodable_bodies_are_kept_and_answered_ok_and_only_the_unframeable_ends_the_session() {
    let world = World::start(vec![server("vt")]).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    // sm_length says 255, there are three octets.
    let cut_short = b"\0\x01\x0184900000077\0\x00\x01156\0\x00\x00\x00\0\0\x00\x00\x00\x00\xffabc";
    let commands = [CommandId::DELIVER_SM, CommandId::SUBMIT_SM, CommandId::DATA_SM];
    for (sequence, command) in (100..).zip(commands) {
        // data_sm has no sm_length: what makes it undecodable is that its first field never ends.
        let body: &[u8] = if command == CommandId::DATA_SM { b"84900000077 no end" } else { cut_short };
        peer.write(&framed(command, sequence, body)).await;
        assert_eq!(peer.answer_to(command.response(), sequence).await, Status::OK, "{command}");
    }
    let rows = world.intake().await;
    assert_eq!(rows.len(), 3);
    let hash = world.app.keys.hash_number("+84900000077");
    assert_eq!(rows[0].reporter_hash.as_ref(), Some(&hash), "the sender could be read");
    assert_eq!(rows[2].reporter_hash, None);
    let opened = world.app.keys.open_sealed(&rows[2].body).unwrap();
    assert!(opened.ends_with(b"84900000077 no end"), "sealed as a whole");
    assert!(!stands_in_a_file(world.directory.path(), b"900000077"));
    assert_eq!(world.status("vt").undecodable_in, 3);
    let token = peer.send(&text("84900000001", "LD 0912345678")).await;
    assert_eq!(peer.answer(token).await.0, Status::OK, "the session goes on");
    peer.write(&[0, 0, 0, 3, 9, 9, 9, 9]).await;
    peer.pick(crate::binds::closed).await;
    let status = world.until_status("vt", |status| status.sessions == 0 && status.failures == 1).await;
    assert!(status.last_error.unwrap().contains("SMPP"));
    world.stop().await;
}

#[tokio::test]
async fn an_enquire_link_is_answered_while_a_commit_stalls_and_nothing_is_told_ok_before_it() {
    let mut world = World::without_commits(vec![server("vt")], quick(), tempfile::tempdir().unwrap()).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    for sequence in 10..15 {
        peer.write(&octets(sequence, Body::SubmitSm(text("84900000001", "LD 0912345678")))).await;
    }
    peer.write(&octets(15, Body::EnquireLink)).await;
    let first = peer.event().await;
    let canhgiac_smpp::session::Event::Unmatched { command, sequence, status } = first else {
        panic!("{first:?}")
    };
    assert_eq!((command, sequence, status), (CommandId::ENQUIRE_LINK_RESP, 15, Status::OK));
    assert_eq!(world.status("vt").texts_in, 0);
    world.let_commit();
    for sequence in 10..15 {
        assert_eq!(peer.answer_to(CommandId::SUBMIT_SM_RESP, sequence).await, Status::OK);
    }
    assert_eq!(world.status("vt").texts_in, 5);
    world.stop().await;
}

#[tokio::test]
async fn the_answers_of_one_commit_make_one_write() {
    let mut world = World::without_commits(vec![server("vt")], quick(), tempfile::tempdir().unwrap()).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    let deliver = |sequence| octets(sequence, Body::DeliverSm(text("84900000001", "LD 0912345678")));
    let texts: Vec<u8> = (1..=100).flat_map(deliver).collect();
    peer.write(&texts).await;
    crate::world::until(|| async { (world.app.intake.waiting() == 100).then_some(()) }).await;
    world.let_commit();
    assert_eq!(peer.read_once().await.len(), 100 * 17, "a hundred answers in one piece");
    world.stop().await;
}

#[tokio::test]
async fn a_full_queue_stops_the_reading_then_refuses_for_now_and_takes_texts_again_when_there_is_room() {
    let limits = GatewayLimits { room_wait: Duration::from_millis(300), ..quick() };
    let directory = tempfile::tempdir().unwrap();
    let mut world = World::without_commits(vec![server("vt")], limits, directory).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    let mut fillers = Vec::new();
    while let Ok(stored) = world.app.intake.try_submit(filler()) {
        fillers.push(stored);
    }
    let begun = std::time::Instant::now();
    let message = text("84900000001", "LD 0912345678");
    let held = [peer.send(&message).await, peer.send(&message).await];
    for token in held {
        assert_eq!(peer.answer(token).await.0, Status::TEMPORARY_APP_ERROR);
    }
    assert!(begun.elapsed() >= Duration::from_millis(300), "it waited for room first");
    let at_once = peer.send(&message).await;
    assert_eq!(peer.answer(at_once).await.0, Status::TEMPORARY_APP_ERROR);
    assert_eq!(world.status("vt").refused_in, 3);
    world.let_commit();
    for stored in fillers {
        stored.await.unwrap().unwrap();
    }
    let again = peer.send(&message).await;
    assert_eq!(peer.answer(again).await.0, Status::OK);
    assert_eq!(world.intake().await.iter().filter(|row| row.channel == "smpp").count(), 1);
    world.stop().await;
}

#[tokio::test]
async fn a_text_that_waited_for_room_is_taken_when_room_comes_in_time() {
    let limits = GatewayLimits { room_wait: Duration::from_secs(60), ..quick() };
    let directory = tempfile::tempdir().unwrap();
    let mut world = World::without_commits(vec![server("vt")], limits, directory).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    while world.app.intake.try_submit(filler()).is_ok() {}
    let tokens = [peer.send(&text("84900000001", "1")).await, peer.send(&text("84900000001", "2")).await];
    world.until_status("vt", |status| status.last_seen_us.is_some()).await;
    world.let_commit();
    for token in tokens {
        assert_eq!(peer.answer(token).await.0, Status::OK);
    }
    world.stop().await;
}

#[tokio::test]
async fn what_could_not_be_committed_is_refused_for_now() {
    let world = World::start(vec![server("vt")]).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    world.app.store.close().await;
    for body in [
        Body::DeliverSm(text("84900000001", "LD 0912345678")),
        Body::SubmitSm(text("84900000001", "LD 0912345678")),
        Body::DeliverSm(receipt("1", "DELIVRD")),
    ] {
        let token = peer.send_body(body).await;
        assert_eq!(peer.answer(token).await.0, Status::TEMPORARY_APP_ERROR);
    }
    let status = world.status("vt");
    assert_eq!((status.texts_in, status.refused_in, status.receipts_in), (0, 2, 1));
    world.crash().await;
}

#[tokio::test]
async fn a_receipt_that_names_no_message_is_kept_like_a_text() {
    let world = World::start(vec![server("vt")]).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    let odd = ShortMessage {
        source: Address::international("84900000001"),
        ..ShortMessage { short_message: Bytes::from_static(b"?"), ..receipt("1", "DELIVRD") }
    };
    let token = peer.send(&odd).await;
    assert_eq!(peer.answer(token).await.0, Status::OK);
    assert_eq!(world.intake().await.len(), 1);
    world.stop().await;
}

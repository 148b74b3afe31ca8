//! Texts that come again after a broken session are kept and marked; equal texts of a healthy one are not.

use canhgiac::gateway::GatewayLimits;
use canhgiac_smpp::pdu::{Body, Status};
use std::time::Duration;

use crate::peer::{Peer, framed, octets, text};
use crate::world::{World, quick, server, until};

/// Which of the stored texts are marked, in order.
async fn marked(world: &World) -> Vec<bool> {
    let rows = world.intake().await;
    rows.iter().map(|row| row.meta.contains("\"is_suspected\":true")).collect()
}

#[tokio::test]
async fn a_text_whose_answer_never_left_is_marked_when_it_comes_again_once() {
    let mut world = World::without_commits(vec![server("vt")], quick(), tempfile::tempdir().unwrap()).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    let message = text("84900000001", "LD 0912345678");
    peer.send(&message).await;
    until(|| async { (world.app.intake.waiting() == 1).then_some(()) }).await;
    peer.cut();
    world.until_status("vt", |status| status.sessions == 0).await;
    world.let_commit();
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    for message in [&message, &text("84900000002", "LD 0912345678"), &message] {
        let token = peer.send(message).await;
        assert_eq!(peer.answer(token).await.0, Status::OK, "kept, marked or not");
    }
    assert_eq!(marked(&world).await, [false, true, false, false]);
    world.stop().await;
}

#[tokio::test]
async fn an_answer_that_was_written_into_a_breaking_session_counts_as_not_arrived() {
    let limits = GatewayLimits { answer_settles: Duration::from_secs(60), ..quick() };
    let world = World::start_with(vec![server("vt")], limits).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    let message = text("84900000001", "LD 0912345678");
    for _ in 0..2 {
        let token = peer.send(&message).await;
        assert_eq!(peer.answer(token).await.0, Status::OK);
    }
    assert_eq!(marked(&world).await, [false, false], "one session, two texts");
    peer.cut();
    world.until_status("vt", |status| status.sessions == 0).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    let token = peer.send(&message).await;
    assert_eq!(peer.answer(token).await.0, Status::OK);
    assert_eq!(marked(&world).await, [false, false, true]);
    world.stop().await;
}

#[tokio::test]
async fn an_answer_after_which_the_peer_spoke_or_unbound_has_arrived() {
    let world = World::start(vec![server("vt")]).await;
    let message = text("84900000001", "LD 0912345678");
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    let token = peer.send(&message).await;
    peer.answer(token).await;
    peer.write(&octets(99, Body::EnquireLink)).await;
    peer.answer_to(canhgiac_smpp::pdu::CommandId::ENQUIRE_LINK_RESP, 99).await;
    peer.cut();
    world.until_status("vt", |status| status.sessions == 0).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    let token = peer.send(&message).await;
    peer.answer(token).await;
    peer.session.unbind(peer.now());
    peer.pick(crate::binds::closed).await;
    world.until_status("vt", |status| status.sessions == 0).await;
    drop(peer);
    // The seat and the suspicion are settled when the session's task has ended, which a clean stop waits for.
    let directory = world.stop().await;
    assert!(!directory.path().join("gateway.running").exists(), "nothing was left unconfirmed");
    let mut world = World::without_commits(vec![server("vt")], quick(), directory).await;
    world.let_commit();
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    let token = peer.send(&message).await;
    peer.answer(token).await;
    assert_eq!(marked(&world).await, [false, false, false]);
    world.stop().await;
}

#[tokio::test]
async fn after_a_crash_the_texts_of_the_log_are_looked_out_for_whole_or_sealed() {
    let world = World::start(vec![server("vt")]).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    let message = text("84900000001", "LD 0912345678");
    let sealed = |sequence| framed(canhgiac_smpp::pdu::CommandId::DATA_SM, sequence, b"no end");
    let response = canhgiac_smpp::pdu::CommandId::DATA_SM_RESP;
    let token = peer.send(&message).await;
    assert_eq!(peer.answer(token).await.0, Status::OK);
    peer.write(&sealed(50)).await;
    assert_eq!(peer.answer_to(response, 50).await, Status::OK);
    let directory = world.crash().await;
    assert!(directory.path().join("gateway.running").exists());

    let mut world = World::without_commits(vec![server("vt")], quick(), directory).await;
    world.let_commit();
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    for words in ["LD 0912345678", "LD 0912345679"] {
        let token = peer.send(&text("84900000001", words)).await;
        assert_eq!(peer.answer(token).await.0, Status::OK);
    }
    peer.write(&sealed(51)).await;
    assert_eq!(peer.answer_to(response, 51).await, Status::OK);
    assert_eq!(marked(&world).await, [false, false, true, false, true]);
    world.stop().await;
}

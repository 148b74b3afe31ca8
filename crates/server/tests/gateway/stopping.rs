//! An orderly stop answers what is durable, waits for answers, and unbinds.

use canhgiac_smpp::pdu::Status;
use canhgiac_smpp::session::CloseReason;

use crate::binds::closed;
use crate::peer::{Peer, text};
use crate::world::{World, quick, server, until};
use canhgiac::gateway::GatewayLimits;
use std::time::Duration;

#[tokio::test]
async fn texts_that_become_durable_while_stopping_are_answered_before_the_unbind() {
    let mut world = World::without_commits(vec![server("vt")], quick(), tempfile::tempdir().unwrap()).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    let token = peer.send(&text("84900000001", "LD 0912345678")).await;
    until(|| async { (world.app.intake.waiting() == 1).then_some(()) }).await;
    world.ask_to_stop();
    world.let_commit();
    assert_eq!(peer.answer(token).await.0, Status::OK);
    assert_eq!(peer.pick(closed).await, CloseReason::PeerUnbound);
    let directory = world.stop().await;
    assert!(!directory.path().join("gateway.running").exists());
}

#[tokio::test]
async fn a_message_on_the_way_gets_its_answer_and_no_other_is_claimed() {
    let mut config = server("vt");
    config.window = 1;
    let world = World::start(vec![config]).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    world.plan("vt", "first").await;
    world.plan("vt", "second").await;
    let (id, _) = peer.message().await;
    world.ask_to_stop();
    peer.respond(id, Status::OK, None).await;
    assert_eq!(peer.pick(closed).await, CloseReason::PeerUnbound);
    world.until_message("first", "sent").await;
    assert_eq!(world.message("second").await.state, "planned");
    world.stop().await;
}

#[tokio::test]
async fn a_stop_ends_even_when_a_commit_never_does_and_says_so() {
    let short = Duration::from_millis(100);
    let limits = GatewayLimits { drain_timeout: short, stop_within: short * 10, ..quick() };
    let mut world = World::without_commits(vec![server("vt")], limits, tempfile::tempdir().unwrap()).await;
    let mut peer = Peer::bind(world.address("vt"), "vt").await;
    peer.send(&text("84900000001", "LD 0912345678")).await;
    until(|| async { (world.app.intake.waiting() == 1).then_some(()) }).await;
    let error = world.outcome_of_stopping().await.unwrap_err();
    assert!(error.to_string().contains("in time"), "{error}");
    let marker = world.directory.path().join("gateway.running");
    assert!(marker.exists(), "the next start looks out for texts that come again");
}

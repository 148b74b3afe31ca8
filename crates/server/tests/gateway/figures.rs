//! What the links page and the metrics say of a link while texts and messages are under way.

use canhgiac_smpp::pdu::Status;
use tokio::net::TcpListener;

use crate::peer::{Peer, text};
use crate::world::{World, client, quick};

#[tokio::test]
async fn a_text_that_waits_for_its_commit_is_shown_until_it_is_answered() {
    let smsc = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = client("vt", smsc.local_addr().unwrap());
    let directory = tempfile::tempdir().unwrap();
    let mut world = World::without_commits(vec![config], quick(), directory).await;
    let mut peer = Peer::smsc(&smsc).await;
    let first = peer.send(&text("84900000001", "LD 0912345678 mot")).await;
    let second = peer.send(&text("84900000002", "LD 0912345678 hai")).await;
    let status = world.until_status("vt", |status| status.unanswered_in == 2).await;
    let waited = status.oldest_unanswered.unwrap();
    let later = world.until_status("vt", |status| status.oldest_unanswered > Some(waited)).await;
    assert_eq!((later.unanswered_in, later.texts_in), (2, 0));
    world.let_commit();
    for token in [first, second] {
        assert_eq!(peer.answer(token).await.0, Status::OK);
    }
    let status = world.until_status("vt", |status| status.unanswered_in == 0).await;
    assert_eq!((status.texts_in, status.oldest_unanswered, status.binds), (2, None, 1));
    assert_eq!(status.recent.answers(5).total(), 2);
    assert_eq!(status.recent.minutes().map(|minute| minute.texts_in).sum::<u64>(), 2);
    world.stop().await;
}

#[tokio::test]
async fn a_message_without_an_answer_is_shown_until_it_has_one_and_refusals_are_told_apart() {
    let smsc = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::start(vec![client("vt", smsc.local_addr().unwrap())]).await;
    let mut peer = Peer::smsc(&smsc).await;
    world.plan("vt", "one").await;
    let (id, _) = peer.message().await;
    let status = world.until_status("vt", |status| status.unanswered_out == 1).await;
    assert!(status.oldest_unanswered_out.is_some());
    peer.respond(id, Status::THROTTLED, None).await;
    let (id, _) = peer.message().await;
    peer.respond(id, Status::OK, None).await;
    let status =
        world.until_status("vt", |status| status.messages_out == 1 && status.unanswered_out == 0).await;
    assert_eq!((status.refused_out, status.throttled_out, status.uncertain_out), (1, 1, 0));
    assert_eq!(status.recent.submits(5).total(), 2);
    world.stop().await;
}

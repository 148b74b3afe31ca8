//! Messages of the outbox on their way to citizens.

use std::time::{Duration, Instant};

use canhgiac::gateway::GatewayLimits;
use canhgiac_smpp::pdu::{Address, CommandId, Status};
use tokio::net::TcpListener;

use crate::peer::{CODE, Peer, receipt};
use crate::world::{World, client, quick, server, until};

async fn client_world() -> (World, TcpListener) {
    let smsc = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::start(vec![client("vt", smsc.local_addr().unwrap())]).await;
    (world, smsc)
}

#[tokio::test]
async fn a_reply_goes_out_in_both_roles_and_its_result_is_written_down() {
    let (as_client, smsc) = client_world().await;
    let as_server = World::start(vec![server("vt")]).await;
    let operator = Peer::bind(as_server.address("vt"), "vt").await;
    for (world, mut peer, command) in [
        (as_client, Peer::smsc(&smsc).await, CommandId::SUBMIT_SM),
        (as_server, operator, CommandId::DELIVER_SM),
    ] {
        world.plan("vt", "Da nhan phan anh").await;
        let (id, message) = peer.message().await;
        assert_eq!(id.command, command);
        assert_eq!(message.source, Address::short_code(CODE));
        assert_eq!(message.destination, Address::international("84900000001"));
        assert_eq!((message.registered_delivery, message.data_coding), (1, 0));
        assert_eq!(message.short_message.as_ref(), b"Da nhan phan anh");
        assert_eq!(world.message("Da nhan phan anh").await.state, "sending", "durably, before it left");
        peer.respond(id, Status::OK, Some(b"00A7")).await;
        let row = world.until_message("Da nhan phan anh", "sent").await;
        assert_eq!((row.attempts, row.error), (1, None));
        assert_eq!(world.status("vt").messages_out, 1);
        let token = peer.send(&receipt("a7", "DELIVRD")).await;
        assert_eq!(peer.answer(token).await.0, Status::OK);
        assert_eq!(
            world.message("Da nhan phan anh").await.state,
            "delivered",
            "noted before it was answered"
        );
        assert!(world.intake().await.is_empty(), "a receipt is no text");
        world.stop().await;
    }
}

#[tokio::test]
async fn a_receipt_may_come_before_the_answer_and_write_the_id_in_another_form() {
    let (world, smsc) = client_world().await;
    let mut peer = Peer::smsc(&smsc).await;
    world.plan("vt", "first").await;
    let (id, _) = peer.message().await;
    let token = peer.send(&receipt("1312523572", "UNDELIV")).await;
    assert_eq!(peer.answer(token).await.0, Status::OK);
    peer.respond(id, Status::OK, Some(b"4e3b8534")).await;
    let row = world.until_message("first", "failed").await;
    assert!(row.error.unwrap().contains("011"), "the operator's code is shown");

    world.plan("vt", "second").await;
    let (id, _) = peer.message().await;
    peer.respond(id, Status::OK, Some(b"4e3b8535")).await;
    world.until_message("second", "sent").await;
    for state in ["ENROUTE", "DELIVRD", "DELIVRD"] {
        let token = peer.send(&receipt("1312523573", state)).await;
        assert_eq!(peer.answer(token).await.0, Status::OK);
    }
    world.until_message("second", "delivered").await;
    assert_eq!(world.status("vt").receipts_in, 4);
    world.stop().await;
}

#[tokio::test]
async fn throttling_pauses_the_whole_link_and_loses_nothing() {
    let (world, smsc) = client_world().await;
    let mut peer = Peer::smsc(&smsc).await;
    for number in 0..5 {
        world.plan("vt", &format!("no {number}")).await;
    }
    let (id, _) = peer.message().await;
    let throttled_at = Instant::now();
    peer.respond(id, Status::THROTTLED, None).await;
    world.until_status("vt", |status| status.paused_until_us.is_some()).await;
    // What was claimed before the pause comes at once, everything else after it.
    let mut taken = 0;
    let mut last = throttled_at;
    while taken < 5 {
        let (id, _) = peer.message().await;
        last = Instant::now();
        peer.respond(id, Status::OK, Some(format!("id{taken}").as_bytes())).await;
        taken += 1;
    }
    assert!(last - throttled_at >= Duration::from_millis(100), "half of the shortest pause");
    for number in 0..5 {
        world.until_message(&format!("no {number}"), "sent").await;
    }
    let status = world.until_status("vt", |status| status.messages_out == 5).await;
    assert_eq!(status.refused_out, 1);
    assert_eq!(status.paused_until_us, None);
    world.stop().await;
}

#[tokio::test]
async fn a_session_cut_before_the_answer_leaves_the_message_uncertain_and_it_is_not_sent_again() {
    let (world, smsc) = client_world().await;
    let mut peer = Peer::smsc(&smsc).await;
    world.plan("vt", "may have left").await;
    peer.message().await;
    peer.cut();
    let row = world.until_message("may have left", "uncertain").await;
    assert!(row.error.is_some() && row.done_us.is_some());
    let mut peer = Peer::smsc(&smsc).await;
    world.plan("vt", "another").await;
    let (id, message) = peer.message().await;
    assert_eq!(message.short_message.as_ref(), b"another", "the first is not sent again");
    peer.respond(id, Status::OK, None).await;
    world.until_message("another", "sent").await;
    assert_eq!(world.message("may have left").await.state, "uncertain");
    world.stop().await;
}

#[tokio::test]
async fn a_crash_while_sending_leaves_the_message_uncertain_after_the_start() {
    let (world, smsc) = client_world().await;
    let mut peer = Peer::smsc(&smsc).await;
    world.plan("vt", "may have left").await;
    peer.message().await;
    let directory = world.crash().await;
    let config = client("vt", smsc.local_addr().unwrap());
    let world = World::without_commits(vec![config], quick(), directory).await;
    world.until_message("may have left", "uncertain").await;
    world.stop().await;
}

#[tokio::test]
async fn no_answer_in_time_is_uncertain_and_a_late_one_still_counts() {
    let smsc = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let limits = GatewayLimits { response_timeout: Duration::from_millis(100), ..quick() };
    let world = World::start_with(vec![client("vt", smsc.local_addr().unwrap())], limits).await;
    let mut peer = Peer::smsc(&smsc).await;
    world.plan("vt", "slow").await;
    let (id, _) = peer.message().await;
    world.until_message("slow", "uncertain").await;
    peer.respond(id, Status::OK, Some(b"7")).await;
    world.until_message("slow", "sent").await;
    world.stop().await;
}

#[tokio::test]
async fn a_full_recipient_backs_off_alone_and_only_so_often_and_a_refusal_is_final() {
    let smsc = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let limits = GatewayLimits { attempts: 3, ..quick() };
    let world = World::start_with(vec![client("vt", smsc.local_addr().unwrap())], limits).await;
    let mut peer = Peer::smsc(&smsc).await;
    world.plan("vt", "never").await;
    for status in [Status::MESSAGE_QUEUE_FULL, Status::SYSTEM_ERROR, Status::TEMPORARY_APP_ERROR] {
        let (id, message) = peer.message().await;
        assert_eq!(message.short_message.as_ref(), b"never");
        peer.respond(id, status, None).await;
    }
    let row = world.until_message("never", "failed").await;
    assert_eq!(row.attempts, 3);
    assert!(row.error.unwrap().contains("3 lần"));
    world.plan("vt", "refused").await;
    let (id, _) = peer.message().await;
    peer.respond(id, Status::INVALID_DESTINATION, None).await;
    let row = world.until_message("refused", "failed").await;
    let reason = row.error.unwrap();
    assert!(reason.contains("số nhận") && !reason.contains("900000001"), "{reason}");
    assert_eq!(world.status("vt").refused_out, 4);
    world.stop().await;
}

#[tokio::test]
async fn a_peer_that_says_we_are_not_bound_is_bound_to_again_and_gets_the_message_then() {
    let (world, smsc) = client_world().await;
    let mut peer = Peer::smsc(&smsc).await;
    world.plan("vt", "after all").await;
    let (id, _) = peer.message().await;
    peer.respond(id, Status::INCORRECT_BIND_STATUS, None).await;
    peer.pick(crate::binds::closed).await;
    let mut peer = Peer::smsc(&smsc).await;
    let (id, message) = peer.message().await;
    assert_eq!(message.short_message.as_ref(), b"after all");
    peer.respond(id, Status::OK, None).await;
    let row = world.until_message("after all", "sent").await;
    assert_eq!(row.attempts, 2, "planned again once, not in a loop");
    world.stop().await;
}

#[tokio::test]
async fn the_window_and_the_rate_bound_what_is_sent() {
    let smsc = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = client("vt", smsc.local_addr().unwrap());
    config.window = 2;
    config.rate_per_s = Some(4.0);
    let world = World::start(vec![config]).await;
    for number in 0..6 {
        world.plan("vt", &format!("no {number}")).await;
    }
    let mut peer = Peer::smsc(&smsc).await;
    let begun = Instant::now();
    let ids = [peer.message().await.0, peer.message().await.0];
    until(|| async { (world.message("no 1").await.state == "sending").then_some(()) }).await;
    assert_eq!(world.message("no 2").await.state, "planned", "the window is full");
    for id in ids {
        peer.respond(id, Status::OK, None).await;
    }
    for _ in 2..6 {
        let (id, _) = peer.message().await;
        peer.respond(id, Status::OK, None).await;
    }
    assert!(begun.elapsed() >= Duration::from_millis(400), "four at once, two more at four a second");
    world.until_message("no 5", "sent").await;
    world.stop().await;
}

#[tokio::test]
async fn nothing_is_sent_through_a_session_that_only_sends_to_us() {
    use canhgiac_smpp::pdu::BindKind;
    let world = World::start(vec![server("vt")]).await;
    let address = world.address("vt");
    let password = crate::world::PASSWORD;
    let _sends = Peer::try_bind(address, BindKind::Transmitter, "vt", password).await.unwrap();
    world.plan("vt", "hello").await;
    let mut receives = Peer::try_bind(address, BindKind::Receiver, "vt", password).await.unwrap();
    let (id, _) = receives.message().await;
    receives.respond(id, Status::OK, None).await;
    let row = world.until_message("hello", "sent").await;
    assert_eq!(row.attempts, 1);
    world.stop().await;
}

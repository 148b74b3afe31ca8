//! Who may bind, as what, and how often.

use canhgiac::config::{LinkBind, LinkRole};
use canhgiac::gateway::{GatewayLimits, LinkState};
use canhgiac_smpp::pdu::{Bind, BindKind, Body, CommandId, Status};
use canhgiac_smpp::session::CloseReason;
use tokio::net::TcpListener;

use crate::peer::{Peer, octets, text};
use crate::world::{PASSWORD, World, client, link, quick, server};

const KINDS: [BindKind; 3] = [BindKind::Transceiver, BindKind::Receiver, BindKind::Transmitter];

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_refused_as_the_standard_says() {
    let world = World::start(vec![server("vt")]).await;
    let address = world.address("vt");
    for (name, password, status) in
        [("vt", "wrong", Status::INVALID_PASSWORD), ("nobody", PASSWORD, Status::INVALID_SYSTEM_ID)]
    {
        let refused = Peer::try_bind(address, BindKind::Transceiver, name, password).await;
        assert_eq!(refused.err(), Some(CloseReason::BindRefused(status)));
    }
    let status = world.status("vt");
    assert_eq!((status.failures, status.sessions, status.state), (1, 0, LinkState::Down));
    let reason = status.last_error.unwrap();
    assert!(reason.contains("mật khẩu") && !reason.contains("wrong") && !reason.contains(PASSWORD));
    world.stop().await;
}

#[tokio::test]
async fn a_peer_binds_in_all_three_ways_where_both_are_allowed_and_in_one_where_one_is() {
    let mut one_way = link("rx", LinkRole::Server, "127.0.0.1:0");
    one_way.bind = LinkBind::Receiver;
    let world = World::start(vec![server("vt"), one_way]).await;
    for kind in KINDS {
        let mut peer = Peer::try_bind(world.address("vt"), kind, "vt", PASSWORD).await.unwrap();
        world.until_status("vt", |status| status.sessions == 1 && status.state == LinkState::Bound).await;
        let token = peer.session.submit(peer.now(), &text("84900000001", "LD 0912345678"), 1);
        assert_eq!(token.is_ok(), kind.esme_sends());
        if token.is_ok() {
            assert_eq!(peer.answer(1).await.0, Status::OK);
        }
        peer.session.unbind(peer.now());
        assert_eq!(peer.pick(closed).await, CloseReason::Unbound);
        world.until_status("vt", |status| status.sessions == 0).await;
        let allowed = Peer::try_bind(world.address("rx"), kind, "rx", PASSWORD).await.is_ok();
        assert_eq!(allowed, kind == BindKind::Receiver);
    }
    assert_eq!(world.status("vt").failures, 0, "an orderly end is no failure");
    world.stop().await;
}

#[tokio::test]
async fn the_client_binds_as_configured_and_comes_back_after_a_refusal() {
    for (bind, kind) in
        [LinkBind::Transceiver, LinkBind::Receiver, LinkBind::Transmitter].into_iter().zip(KINDS)
    {
        let smsc = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut config = client("vt", smsc.local_addr().unwrap());
        config.bind = bind;
        let world = World::start(vec![config]).await;
        let (mut peer, asked, with) = Peer::accept(&smsc).await;
        assert_eq!((asked, with.system_id.as_ref()), (kind, b"vt".as_ref()));
        peer.session.reject_bind(peer.now(), Status::INVALID_PASSWORD).unwrap();
        peer.flush().await;
        let status = world.until_status("vt", |status| status.failures == 1).await;
        assert!(status.last_error.unwrap().contains("mật khẩu"));
        let peer = Peer::smsc(&smsc).await;
        let status = world.until_status("vt", |status| status.state == LinkState::Bound).await;
        assert_eq!((status.sessions, status.last_error), (1, None));
        drop(peer);
        let _again = Peer::smsc(&smsc).await;
        world.until_status("vt", |status| status.failures == 2 && status.sessions == 1).await;
        world.stop().await;
    }
}

#[tokio::test]
async fn two_links_share_an_address_and_differ_in_their_name() {
    let world = World::start(vec![server("vt"), server("mf")]).await;
    let address = world.address("vt");
    assert_eq!(address, world.address("mf"));
    let (mut one, mut other) = (Peer::bind(address, "vt").await, Peer::bind(address, "mf").await);
    let token = other.send(&text("84900000001", "LD 0912345678")).await;
    assert_eq!(other.answer(token).await.0, Status::OK);
    assert_eq!((world.status("vt").texts_in, world.status("mf").texts_in), (0, 1));
    assert_eq!(world.intake().await[0].link, "mf");
    world.plan("vt", "for vt").await;
    let (id, message) = one.message().await;
    assert_eq!(message.short_message.as_ref(), b"for vt");
    one.respond(id, Status::OK, None).await;
    world.until_message("for vt", "sent").await;
    world.stop().await;
}

#[tokio::test]
async fn sessions_of_a_link_and_unbound_connections_are_limited() {
    let limits = GatewayLimits { sessions_per_link: 2, unbound_connections: 1, ..quick() };
    let world = World::start_with(vec![server("vt")], limits).await;
    let address = world.address("vt");
    let (first, _second) = (Peer::bind(address, "vt").await, Peer::bind(address, "vt").await);
    let third = Peer::try_bind(address, BindKind::Transceiver, "vt", PASSWORD).await;
    assert_eq!(third.err(), Some(CloseReason::BindRefused(Status::ALREADY_BOUND)));
    drop(first);
    world.until_status("vt", |status| status.sessions == 1).await;
    // The seat is free once the session has settled; an idle connection then takes the only waiting place.
    let again = crate::world::until(|| async {
        Peer::try_bind(address, BindKind::Transceiver, "vt", PASSWORD).await.ok()
    });
    let _again = again.await;
    let mut idle = Peer::connect(address).await;
    idle.write(&octets(1, Body::EnquireLink)).await;
    assert_eq!(idle.answer_to(CommandId::ENQUIRE_LINK_RESP, 1).await, Status::OK);
    let mut one_too_many = Peer::connect(address).await;
    assert_eq!(one_too_many.read(1).await, [] as [u8; 0]);
    world.stop().await;
}

#[tokio::test]
async fn who_does_not_bind_in_time_is_closed() {
    let limits = GatewayLimits { bind_timeout: std::time::Duration::from_millis(100), ..quick() };
    let world = World::start_with(vec![server("vt")], limits).await;
    let mut idle = Peer::connect(world.address("vt")).await;
    assert_eq!(idle.read(1).await, [] as [u8; 0]);
    world.stop().await;
}

#[tokio::test]
async fn messages_behind_the_bind_in_the_same_segment_are_taken() {
    let world = World::start(vec![server("vt")]).await;
    let mut peer = Peer::connect(world.address("vt")).await;
    let mut segment = octets(1, Body::Bind(BindKind::Transceiver, Bind::new("vt", PASSWORD)));
    for sequence in 2..=3 {
        segment.extend(octets(sequence, Body::SubmitSm(text("84900000001", "LD 0912345678"))));
    }
    peer.write(&segment).await;
    assert_eq!(peer.answer_to(CommandId::BIND_TRANSCEIVER_RESP, 1).await, Status::OK);
    for sequence in 2..=3 {
        assert_eq!(peer.answer_to(CommandId::SUBMIT_SM_RESP, sequence).await, Status::OK);
    }

    let smsc = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other = World::start(vec![client("mf", smsc.local_addr().unwrap())]).await;
    let (mut peer, _, _) = Peer::accept(&smsc).await;
    peer.session.accept_bind(peer.now(), "SMSC").unwrap();
    let token = peer.send(&text("84900000001", "LD 0912345678")).await;
    assert_eq!(peer.answer(token).await.0, Status::OK);
    assert_eq!((world.intake().await.len(), other.intake().await.len()), (2, 1));
    world.stop().await;
    other.stop().await;
}

pub(crate) fn closed(event: &canhgiac_smpp::session::Event) -> Option<CloseReason> {
    match event {
        canhgiac_smpp::session::Event::Closed(reason) => Some(*reason),
        _ => None,
    }
}

//! TLS on links (rule 10): our client with our server, and every way in which it can be wrong.

use std::net::SocketAddr;
use std::path::Path;

use canhgiac::config::{Config, LinkConfig, LinkTls};
use canhgiac::gateway::{LinkState, check_tls};
use canhgiac_smpp::pdu::{Bind, BindKind, Body, CommandId, Status};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::certificates::{Authority, Pair, written};
use crate::peer::{Peer, octets, text};
use crate::world::{PASSWORD, World, client, server};

/// An authority and the certificate of a server on this machine.
fn authority() -> (TempDir, Authority, Pair) {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::new(directory.path(), "ours");
    let pair = authority.issue("server", &["localhost", "127.0.0.1"]);
    (directory, authority, pair)
}

fn tls_server(name: &str, tls: LinkTls) -> LinkConfig {
    LinkConfig { tls: Some(tls), ..server(name) }
}

fn tls_client(name: &str, address: SocketAddr, tls: LinkTls) -> LinkConfig {
    LinkConfig { tls: Some(tls), ..client(name, address) }
}

fn trusting(ca: &Path) -> LinkTls {
    LinkTls { ca: Some(ca.to_owned()), ..LinkTls::default() }
}

/// What the links page says of a client link to `address` once it has failed.
async fn why_not(address: SocketAddr, tls: LinkTls) -> String {
    let world = World::start(vec![tls_client("vt", address, tls)]).await;
    let status = world.until_status("vt", |status| status.failures > 0).await;
    assert_ne!(status.state, LinkState::Bound);
    world.stop().await;
    status.last_error.unwrap()
}

#[tokio::test]
async fn our_client_and_our_server_speak_both_ways_each_with_a_certificate() {
    let (_directory, authority, pair) = authority();
    let shown = LinkTls { ca: Some(authority.file.clone()), ..pair.shown() };
    let operator = World::start(vec![tls_server("vt", shown)]).await;
    let ours = authority.issue("client", &["canhgiac"]);
    for server_name in [None, Some("localhost".to_owned())] {
        let tls = LinkTls { ca: Some(authority.file.clone()), server_name, ..ours.shown() };
        let world = World::start(vec![tls_client("vt", operator.address("vt"), tls)]).await;
        world.until_status("vt", |status| status.state == LinkState::Bound).await;
        for count in 0..100 {
            world.plan("vt", &format!("LD 0912345678 so {count}")).await;
        }
        world.until_status("vt", |status| status.messages_out == 100).await;
        let reply = format!("Da nhan qua {}", world.app.config.links[0].tls_name().unwrap());
        operator.plan("vt", &reply).await;
        operator.until_message(&reply, "sent").await;
        assert_eq!(world.status("vt").texts_in, 1);
        world.stop().await;
        operator.until_status("vt", |status| status.sessions == 0 && status.failures == 0).await;
    }
    assert_eq!(operator.intake().await.len(), 200);
    operator.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_the_operators_certificate_is_said() {
    let (directory, authority, good) = authority();
    let stranger = Authority::new(directory.path(), "stranger");
    let old = authority.issue_expired("old", &["localhost", "127.0.0.1"]);
    let other_name = authority.issue("other", &["smsc.example.vn"]);
    for (pair, ca, words) in [
        (&old, &authority, "đã hết hạn"),
        (&other_name, &authority, "không mang tên máy chủ này"),
        (&good, &stranger, "không do tổ chức tin cậy nào ký"),
    ] {
        let operator = World::start(vec![tls_server("vt", pair.shown())]).await;
        let told = why_not(operator.address("vt"), trusting(&ca.file)).await;
        assert!(told.contains(words), "{told}");
        let told = operator.status("vt").last_error.unwrap();
        assert!(told.contains("TLS"), "the other side shows it too: {told}");
        operator.stop().await;
    }
    let operator = World::start(vec![tls_server("vt", good.shown())]).await;
    let told = why_not(operator.address("vt"), LinkTls::default()).await;
    assert!(told.contains("không do tổ chức tin cậy nào ký"), "no public authority knows it: {told}");
    operator.stop().await;
}

#[tokio::test]
async fn a_server_that_asks_for_certificates_takes_only_those_of_its_authority() {
    let (directory, authority, pair) = authority();
    let stranger = Authority::new(directory.path(), "stranger");
    let shown = LinkTls { ca: Some(authority.file.clone()), ..pair.shown() };
    let operator = World::start(vec![tls_server("vt", shown)]).await;
    let address = operator.address("vt");
    let told = why_not(address, trusting(&authority.file)).await;
    assert!(told.contains("cần chứng chỉ của hệ thống"), "{told}");
    for pair in [stranger.issue("strange", &["canhgiac"]), authority.issue_expired("old", &["canhgiac"])] {
        let told = why_not(address, LinkTls { ca: Some(authority.file.clone()), ..pair.shown() }).await;
        assert!(told.contains("Bên kia từ chối TLS"), "{told}");
    }
    assert_eq!(operator.status("vt").texts_in, 0);
    operator.stop().await;
}

#[tokio::test]
async fn plain_smpp_on_a_tls_port_and_tls_on_a_plain_port_are_seen_for_what_they_are() {
    let (_directory, authority, pair) = authority();
    let operator = World::start(vec![tls_server("vt", pair.shown())]).await;
    let mut plain = Peer::connect(operator.address("vt")).await;
    plain.write(&octets(1, Body::Bind(BindKind::Transceiver, Bind::new("vt", PASSWORD)))).await;
    // An alert of TLS at most, and the end.
    assert!(plain.read(64).await.len() < 64);
    let status = operator.until_status("vt", |status| status.last_error.is_some()).await;
    assert!(status.last_error.unwrap().contains("không nói TLS"));
    assert_eq!(status.failures, 0, "nobody knows whose it was");
    let mut peer = Peer::bind_tls(operator.address("vt"), "vt", &authority.file).await;
    let token = peer.send(&text("84900000001", "LD 0912345678")).await;
    assert_eq!(peer.answer(token).await.0, Status::OK);
    operator.until_status("vt", |status| status.last_error.is_none()).await;
    operator.stop().await;

    let smsc = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let link = tls_client("vt", smsc.local_addr().unwrap(), trusting(&authority.file));
    let world = World::start(vec![link]).await;
    let (stream, _) = smsc.accept().await.unwrap();
    Peer::from(stream).write(&octets(1, Body::EnquireLink)).await;
    let status = world.until_status("vt", |status| status.failures > 0).await;
    assert!(status.last_error.unwrap().contains("không nói TLS"));
    world.stop().await;
}

#[tokio::test]
async fn texts_in_the_record_of_the_bind_are_taken_and_a_cut_session_leaves_nothing_open() {
    let (_directory, authority, pair) = authority();
    let world = World::start(vec![tls_server("vt", pair.shown())]).await;
    let mut peer = Peer::connect_tls(world.address("vt"), &authority.file).await;
    let mut record = octets(1, Body::Bind(BindKind::Transceiver, Bind::new("vt", PASSWORD)));
    for sequence in 2..=3 {
        record.extend(octets(sequence, Body::SubmitSm(text("84900000001", "LD 0912345678"))));
    }
    peer.write(&record).await;
    assert_eq!(peer.answer_to(CommandId::BIND_TRANSCEIVER_RESP, 1).await, Status::OK);
    for sequence in 2..=3 {
        assert_eq!(peer.answer_to(CommandId::SUBMIT_SM_RESP, sequence).await, Status::OK);
    }
    world.plan("vt", "may have left").await;
    peer.read(1).await;
    peer.cut();
    world.until_message("may have left", "uncertain").await;
    world.until_status("vt", |status| status.sessions == 0).await;
    world.stop().await;
}

#[tokio::test]
async fn files_that_cannot_be_used_are_named_before_the_start() {
    let (directory, authority, pair) = authority();
    let other = authority.issue("other", &["localhost"]);
    let here = directory.path();
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let encrypted = written(here, "encrypted.key", encrypted);
    let empty = written(here, "empty.pem", "");
    let with = |certificate: &Path, key: &Path, ca: Option<&Path>| LinkTls {
        certificate: Some(certificate.to_owned()),
        key: Some(key.to_owned()),
        ca: ca.map(Path::to_owned),
        server_name: None,
    };
    let missing = here.join("missing.pem");
    for (tls, words) in [
        (with(&pair.certificate, &pair.certificate, None), "is not a key file: it holds certificates"),
        (with(&pair.key, &pair.key, None), "is not a certificate file"),
        (with(&pair.certificate, &encrypted, None), "the key in it is encrypted"),
        (with(&pair.certificate, &empty, None), "is not a key file"),
        (with(&missing, &pair.key, None), "cannot read"),
        (with(&pair.certificate, &other.key, None), "cannot be used together"),
        (with(&pair.certificate, &pair.key, Some(&pair.key)), "is not a certificate file"),
    ] {
        for role in [server("vt"), client("vt", ([127, 0, 0, 1], 1).into())] {
            let link = LinkConfig { tls: Some(tls.clone()), ..role };
            let error = format!("{:#}", check_tls(&with_links(vec![link])).unwrap_err());
            assert!(error.contains("link 'vt'") && error.contains(words), "{error}");
            assert!(!error.contains("AAAA"), "nothing of a key is quoted: {error}");
        }
    }
    let good = with(&pair.certificate, &pair.key, Some(&authority.file));
    check_tls(&with_links(vec![tls_server("vt", good)])).unwrap();
}

fn with_links(links: Vec<LinkConfig>) -> Config {
    Config { links, ..Config::default() }
}

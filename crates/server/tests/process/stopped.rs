//! One product works on a data directory, and what it has taken in can be read while it is stopped too.

use std::net::TcpListener;

use bytes::BytesMut;
use canhgiac_smpp::pdu::{Address, Body, Pdu, ShortMessage};
use canhgiac_store::{NewIntake, Store};
use serde_json::{Value, json};

use crate::support::{CODE, Installation, Ledger, Link, Load, Text};

/// A row of the intake log as a link writes it, its sender taken out.
fn intake_row(text: &str, received_us: i64) -> NewIntake {
    let message = ShortMessage {
        destination: Address::short_code(CODE),
        short_message: text.as_bytes().to_vec().into(),
        ..ShortMessage::default()
    };
    let mut body = BytesMut::new();
    Pdu::request(1, Body::DeliverSm(message)).encode(&mut body).expect("a short text is encoded");
    NewIntake {
        received_us,
        channel: "smpp".to_owned(),
        link: "link".to_owned(),
        meta: json!({ "alphabet": "gsm7", "operator": "viettel", "prefix": null, "is_answerable": false })
            .to_string(),
        body: body.to_vec(),
        reporter: None,
    }
}

#[tokio::test]
async fn an_export_projects_what_is_still_in_the_intake_log() {
    let installation = Installation::new(&[]);
    installation.run_well(&["migrate"]);
    let received_us = 1_795_000_000_000_000;
    let rows: Vec<NewIntake> =
        (0..1200).map(|n| intake_row(&format!("LD 0912345678 tin {n}"), received_us + n)).collect();
    let store = Store::open(&installation.data_dir()).await.unwrap();
    store.append_intake(&rows).await.unwrap();
    store.append_intake(&[intake_row("KQ", received_us)]).await.unwrap();
    store.close().await;
    let lines = installation.export(&[]);
    assert_eq!(lines.len(), 1200, "without the question for a result");
    let first = &lines[0];
    for (name, value) in [
        ("kind", json!("scam_call")),
        ("sources", json!(["+84912345678"])),
        ("content", json!("tin 0")),
        ("received_at", json!("2026-11-18T11:06:40Z")),
        ("channel", json!("smpp")),
        ("link", json!("link")),
        ("operator", json!("viettel")),
        ("to", json!(CODE)),
    ] {
        assert_eq!(first[name], value, "{name} of {first}");
    }
    let contents: Vec<&str> = lines.iter().filter_map(|line| line["content"].as_str()).collect();
    assert_eq!(contents, (0..1200).map(|n| format!("tin {n}")).collect::<Vec<_>>(), "oldest first");
    let again = installation.export(&[]);
    let ids = |lines: &[Value]| lines.iter().map(|line| line["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&again), ids(&lines), "a report keeps its id");
    assert_eq!(installation.export(&["--with-service"]).len(), 1201);
}

#[test]
fn an_export_beside_the_running_product_has_everything_answered_before_it() {
    let mut installation = Installation::new(&[Link::Server("")]);
    let running = installation.start();
    let ledger = Ledger::making(|n| Text::new(&format!("8490{n:07}"), &format!("V 0912345678 tin {n}")));
    let load = Load::start(installation.smpp_port(), 2, &ledger);
    for round in 1..=3 {
        ledger.allow(150);
        ledger.wait("the round is answered", |state| state.answered.len() == round * 150);
        assert_eq!(installation.export(&[]).len(), round * 150);
    }
    load.stop();
    running.kill();
    assert_eq!(installation.export(&[]).len(), 450, "and after a kill");
}

#[test]
fn a_second_product_on_one_data_directory_is_refused() {
    let mut installation = Installation::new(&[]);
    let running = installation.start();
    let said = installation.try_start(&[]).err().expect("it does not start");
    assert!(said.contains("another canhgiac works on"), "{said}");
    let output = installation.run(&["migrate"]);
    assert!(!output.status.success(), "nor does anything else that writes");
    running.kill();
    // A killed product leaves no lock behind.
    installation.start().stop();
}

#[test]
fn a_port_in_use_is_said_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let installation = Installation::new(&[Link::Server("")]);
    let output = installation.run(&["serve", "--http", &address]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(&address) && said.contains("--http"), "{said}");

    let taken = TcpListener::bind(("127.0.0.1", installation.smpp_port())).unwrap();
    let said = installation.try_start(&[]).err().expect("it does not start without its link");
    assert!(said.contains(&taken.local_addr().unwrap().to_string()) && said.contains("link"), "{said}");
}

#[test]
fn a_stop_keeps_everything_answered_and_says_so() {
    let mut installation = Installation::new(&[Link::Server("")]);
    let running = installation.start();
    let ledger = Ledger::making(|n| Text::new(&format!("8490{n:07}"), &format!("V 0912345678 tin {n}")));
    let load = Load::start(installation.smpp_port(), 3, &ledger);
    ledger.allow(2_000);
    ledger.wait("some are answered", |state| state.answered.len() >= 100);
    let last = running.stop();
    load.stop();
    assert!(last.iter().any(|line| line.contains("has stopped")), "{last:?}");
    let texts: Vec<String> =
        installation.export(&[]).iter().map(|line| line["text"].as_str().unwrap().to_owned()).collect();
    let (answered, sent) = ledger.look(|state| (state.answered.clone(), state.taken));
    let count = |n: u32| texts.iter().filter(|text| **text == format!("V 0912345678 tin {n}")).count();
    for n in 0..sent {
        assert!(count(n) == 1 || (count(n) == 0 && !answered.contains(&n)), "{n}: {} times", count(n));
    }
}

#[test]
fn an_export_without_a_data_directory_says_so() {
    let installation = Installation::new(&[]);
    let output = installation.run(&["export", "reports"]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("data directory"), "{said}");
    assert!(!installation.data_dir().exists(), "asking makes nothing");
}

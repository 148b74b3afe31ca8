//! Every foreign implementation through the same scenes, and the table of what passed.

mod esme;
mod kannel;
mod messages;
mod programs;
mod rusmppc;
mod smpp34_client;
mod smpp34_server;
mod smsc;
mod table;

use std::thread;

use esme::{Esme, how_it_submits};
use smsc::{Smsc, how_it_delivers};
use table::{Column, Feature as F};

use crate::support::foreign_peers_are_here;

const NO_ID: &str = "its deliver_sm_resp carries no id by which a receipt could name the message";

/// The peers that bind to us, and what they cannot.
fn esmes() -> Vec<Esme> {
    vec![
        Esme::program("node `smpp` 0.5.1", "esme.mjs", &["--ids", "yes"], &[]),
        Esme::program(
            "`smpplib` 2.2.4",
            "smpplib_client.py",
            &[],
            &[(F::Receipts, NO_ID), (F::WeUnbind, "it reads an unbind and neither answers nor closes")],
        ),
        Esme::program(
            "`aiosmpplib` 0.7.4",
            "aiosmpplib_client.py",
            &[],
            &[
                (F::Udh16, "its references have eight bits"),
                (F::Sar, "it ends its session by an error of its own when it is to split by `sar_*`"),
                (F::Receipts, NO_ID),
                (F::Throttling, "it answers every deliver_sm OK before its user sees it"),
                (F::TheyUnbind, "it unbinds and closes without reading the answer"),
                (F::Tls, "it has no TLS"),
            ],
        ),
        Esme::rust(
            "Kannel 1.4",
            "kannel",
            &[
                (F::Latin1, "it sends data coding 0, 4 and 8 only"),
                (F::Sar, "it splits by a header only"),
                (F::Payload, "it splits by a header only"),
                (F::Receipts, "bound as an ESME it takes receipts and gives none"),
                (F::Throttling, "it refuses a deliver_sm only when it is stopping or its store is full"),
            ],
        ),
        Esme::rust("`rusmppc` 0.4.0", "rusmppc", &[]),
        Esme::rust(
            "`smpp34` 1.5.1, client",
            "smpp34-client",
            &[
                (
                    F::Throttling,
                    "its refusal of a deliver_sm says 16 octets and has 17, so that the stream cannot be cut any more",
                ),
                (F::Receipts, NO_ID),
                (F::Enquiry, "it asks by a timer of its own and tells nobody of the answer"),
            ],
        ),
    ]
}

/// The peers to which we bind, and what they cannot.
fn smscs() -> Vec<Smsc> {
    vec![
        Smsc::program("node `smpp` 0.5.1, SMSC", "smsc.mjs", &[]),
        Smsc::rust(
            "`smpp34` 1.5.1, SMSC",
            "smpp34-server",
            &[
                (F::Enquiry, "it asks by a timer of its own and tells nobody of the answer"),
                (F::OneWay, "its server does not know deliver_sm_resp on the bind of a receiver"),
                (F::TheyUnbind, "its server takes the answer to its own unbind for an unknown command"),
                (F::Tls, "its server has no TLS"),
            ],
        ),
    ]
}

/// The versions that the table names are those that ran.
fn versions_are_as_named() {
    let pinned = [
        (
            include_str!("../../../../../tests/peers/package-lock.json"),
            "\"node_modules/smpp\": {\n      \"version\": \"0.5.1\"",
        ),
        (include_str!("../../../../../tests/peers/requirements.txt"), "\nsmpplib==2.2.4 "),
        (include_str!("../../../../../tests/peers/requirements.txt"), "\naiosmpplib==0.7.4 "),
        (include_str!("../../../../../Cargo.lock"), "name = \"rusmppc\"\nversion = \"0.4.0\""),
        (include_str!("../../../../../Cargo.lock"), "name = \"smpp34\"\nversion = \"1.5.1\""),
    ];
    for (file, version) in pinned {
        assert!(file.contains(version), "another version than {version} is pinned: look at the table again");
    }
}

#[test]
fn what_passes_with_which_peer_is_what_docs_interop_says() {
    if !foreign_peers_are_here() {
        return;
    }
    assert!(
        kannel::is_here(),
        "Kannel is not installed: ./test installs it as root (apt-get install kannel)"
    );
    versions_are_as_named();
    let columns = thread::scope(|scope| {
        let esmes: Vec<_> =
            esmes().into_iter().map(|peer| scope.spawn(move || how_it_submits(peer))).collect();
        let smscs: Vec<_> =
            smscs().into_iter().map(|peer| scope.spawn(move || how_it_delivers(peer))).collect();
        let all = esmes.into_iter().chain(smscs);
        // Each says itself what failed; all are heard before the test ends.
        all.map(|one| one.join()).collect::<Vec<_>>()
    });
    let columns: Vec<Column> =
        columns.into_iter().map(|column| column.expect("a peer failed; it said above what")).collect();
    table::keep(&columns);
}

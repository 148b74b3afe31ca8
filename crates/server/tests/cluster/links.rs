//! A link on which we are the client is bound by one gateway at a time, and by the other when that one dies.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::processes::{Cluster, Process, client_link};
use crate::support::{CODE, Peer, Postgres, foreign_peers_are_here, postgres_is_here};

/// The lease runs out, the other looks and binds.
const TAKE_OVER_WITHIN: Duration = Duration::from_secs(20);

#[test]
fn a_client_link_is_bound_by_one_gateway_and_taken_over_when_it_dies() {
    if !postgres_is_here() || !foreign_peers_are_here() {
        return;
    }
    let postgres = Postgres::start();
    let cluster = Cluster::new(&postgres.url());
    let mut smsc = Peer::start("smsc.mjs", &["--system-id", "link", "--password", "pw"]);
    let port = smsc.hear("listening").as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port");
    let link = client_link(port);
    let worker = cluster.start("worker", "worker", &link);
    let gateways = ["gateway1", "gateway2"].map(|name| cluster.start(name, "gateway", &link));
    smsc.hear("bound");
    let end = Instant::now() + TAKE_OVER_WITHIN;
    while !gateways.iter().any(Process::is_bound) {
        assert!(Instant::now() < end, "nobody shows the link as bound");
    }
    let (holder, other): (Vec<Process>, Vec<Process>) = gateways.into_iter().partition(Process::is_bound);
    assert_eq!((holder.len(), other.len()), (1, 1), "one of them holds the link");
    answers(&mut smsc, "84901000001");

    let struck = Instant::now();
    holder.into_iter().for_each(Process::kill);
    smsc.hear("bound");
    let taken_over = struck.elapsed();
    println!("the other gateway bound the link {taken_over:?} after the first was killed");
    assert!(taken_over < TAKE_OVER_WITHIN, "{taken_over:?}");
    answers(&mut smsc, "84901000002");
    other.into_iter().for_each(Process::stop);
    worker.stop();
}

/// A text from this number is answered OK and gets its reply.
fn answers(smsc: &mut Peer, from: &str) {
    let text = format!("LD 0912345678 tin cua {from}");
    smsc.say(&json!({ "deliver": { "from": from, "to": CODE, "text": text, "ref": from } }));
    let answer = smsc.hear("deliver_resp");
    assert_eq!(answer["status"], 0, "{answer}");
    let reply = smsc.hear("submit");
    assert_eq!(reply["from"], json!(CODE), "{reply}");
}

//! Two gateways, two workers and a web process under load, on a PostgreSQL that restarts and goes away.

use std::thread;
use std::time::{Duration, Instant};

use crate::ledger_check::{
    every_reply_went_once_or_is_uncertain, nothing_is_lost_or_doubled, text, wait_until_settled,
};
use crate::processes::{Cluster, free_port, server_link};
use crate::proxy::Proxy;
use crate::support::{Ending, Ledger, Load, Postgres, postgres_is_here};

/// Binds at each gateway.
const BINDS: usize = 2;
/// Texts let through between two blows.
const BETWEEN: u32 = 300;
/// The database is away for this long: longer than a process waits before it fences itself.
const AWAY: Duration = Duration::from_secs(10);
/// A dead process is replaced within this time: its lease and the next look.
const TAKE_OVER_WITHIN: Duration = Duration::from_secs(20);

/// Lets further texts be sent and waits for so many further answers.
fn wait_for_answers(ledger: &Ledger, what: &str, more: usize) {
    let awaited = ledger.look(|state| state.answered.len()) + more;
    ledger.allow(BETWEEN);
    ledger.wait(what, |state| state.answered.len() >= awaited);
}

#[test]
fn nothing_is_lost_or_doubled_when_processes_and_the_database_are_struck_under_load() {
    if !postgres_is_here() {
        return;
    }
    let mut postgres = Postgres::start();
    let cluster = Cluster::new(&postgres.url());
    let ports = [free_port(), free_port()];
    let links = ports.map(server_link);
    let mut gateway = cluster.start("gateway1", "gateway", &links[0]);
    let other_gateway = cluster.start("gateway2", "gateway", &links[1]);
    let mut worker = cluster.start("worker1", "worker", &links[0]);
    let other_worker = cluster.start("worker2", "worker", &links[0]);
    let web = cluster.start("web", "web", &links[0]);
    assert_eq!(gateway.get("/").map(|(status, _)| status), Some(404), "a gateway has no pages");
    assert_eq!(web.get("/").map(|(status, _)| status), Some(200));

    let ledger = Ledger::making(text);
    let line = Proxy::to(ports[1]);
    let loads = [ports[0], line.port()].map(|port| Load::start(port, BINDS, &ledger));
    wait_for_answers(&ledger, "texts are answered by both gateways", 200);

    gateway.kill();
    wait_for_answers(&ledger, "the other gateway goes on", 200);
    gateway = cluster.start("gateway1", "gateway", &links[0]);

    wait_for_answers(&ledger, "texts before the line is cut", 50);
    line.cut();
    wait_for_answers(&ledger, "texts after the line was cut", 100);

    // Whichever of the two projects: its work is taken over.
    worker.kill();
    let struck = Instant::now();
    ledger.allow(BETWEEN);
    ledger.wait("what was sent is answered", |state| state.answered.len() == state.taken as usize);
    let (replies, sent) = ledger.look(|state| (state.replies.len(), state.taken));
    ledger.wait("the other worker understands and answers", |state| state.replies.len() > replies);
    let taken_over = struck.elapsed();
    assert!(taken_over < TAKE_OVER_WITHIN, "{taken_over:?}");
    println!("a worker of two died: {replies} of {sent} replies then, the next after {taken_over:?}");
    worker = cluster.start("worker1", "worker", &links[0]);

    wait_for_answers(&ledger, "texts before the restart", 100);
    postgres.stop(Ending::Immediate);
    postgres.start_again();
    let struck = Instant::now();
    wait_for_answers(&ledger, "texts after the restart", 100);
    println!("the database restarted: texts are answered {:?} after it was back", struck.elapsed());

    wait_for_answers(&ledger, "texts before the database stops", 50);
    postgres.stop(Ending::Fast);
    let struck = Instant::now();
    ledger.allow(BETWEEN);
    gateway.wait_for_health("unready, and why", |status, body| {
        status == 503 && body.contains("store") && body.contains("instance fenced")
    });
    other_worker.wait_for_health("unready", |status, _| status == 503);
    let page = web.get("/canh-bao").expect("it answers");
    assert_eq!(page.0, 503, "{}", page.1);
    assert!(page.1.contains("Kho dữ liệu đang tạm ngừng"), "{}", page.1);
    thread::sleep(AWAY.saturating_sub(struck.elapsed()));
    postgres.start_again();
    let back = Instant::now();
    wait_for_answers(&ledger, "texts after the database was away", 100);
    println!("the database was away for {AWAY:?}: texts are answered {:?} after it was back", back.elapsed());

    ledger.wait("all that was sent is answered", |state| state.answered.len() == state.taken as usize);
    for process in [&gateway, &other_gateway, &worker, &other_worker, &web] {
        process.wait_for_health("ready again", |status, _| status == 200);
    }
    wait_until_settled(&cluster);
    ledger.look(|state| println!("{}", state.summary()));
    nothing_is_lost_or_doubled(&cluster, "web", &ledger);
    let uncertain = every_reply_went_once_or_is_uncertain(&cluster, &ledger);
    println!("{uncertain} replies are uncertain");
    loads.into_iter().for_each(Load::stop);
    for process in [gateway, other_gateway, worker, other_worker, web] {
        process.stop();
    }
}

#[test]
fn processes_that_do_not_fit_together_are_refused_with_what_to_do() {
    if !postgres_is_here() {
        return;
    }
    let postgres = Postgres::start();
    let cluster = Cluster::new(&postgres.url());
    let web = cluster.start("web", "web", "");
    let other_key = "f".repeat(64);
    let refusal =
        cluster.try_start("alien", &["--role", "worker"], "", &[("CANHGIAC_MASTER_KEY", other_key.as_str())]);
    let refusal = refusal.err().expect("another key is refused");
    assert!(refusal.contains("another master key") && refusal.contains("CANHGIAC_MASTER_KEY"), "{refusal}");
    let elsewhere = tempfile::tempdir().expect("a temporary directory");
    let elsewhere = elsewhere.path().to_str().expect("a plain name");
    let refusal = cluster.try_start("apart", &["--role", "web"], "", &[("CANHGIAC_EVIDENCE_DIR", elsewhere)]);
    let refusal = refusal.err().expect("other files are refused");
    assert!(refusal.contains("evidence_dir"), "{refusal}");
    web.stop();
}

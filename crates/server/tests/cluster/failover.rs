//! Three PostgreSQL nodes under Patroni, strictly synchronous: the primary dies under load, then a gateway, a worker
//! and the operator's connection. Only in `./test long`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::ledger_check::{
    every_reply_went_once_or_is_uncertain, nothing_is_lost_or_doubled, text, wait_until_settled,
};
use crate::processes::{Cluster, free_port, server_link};
use crate::proxy::Proxy;
use crate::support::{Ledger, Load};

const BINDS: usize = 2;
/// Texts let through between two blows.
const BETWEEN: u32 = 2_000;
/// Times the primary dies, unless CANHGIAC_FAILOVERS says another number.
const FAILOVERS: u32 = 2;

/// The nodes; dropping them stops them and removes their data.
struct Nodes {
    directory: TempDir,
}

impl Nodes {
    fn up() -> Nodes {
        let directory =
            tempfile::Builder::new().prefix("canhgiac-nodes-").tempdir().expect("a temporary directory");
        // The nodes' user must be able to enter it.
        std::fs::set_permissions(directory.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .expect("it is ours");
        let nodes = Nodes { directory };
        nodes.run(&["up"]);
        nodes.run(&["wait"]);
        nodes
    }

    /// What a command of the script printed.
    fn run(&self, command: &[&str]) -> String {
        let output = self.command(command).stderr(Stdio::inherit()).output().expect("the script runs");
        assert!(output.status.success(), "{command:?}: {}", output.status);
        String::from_utf8(output.stdout).expect("plain words").trim().to_owned()
    }

    fn command(&self, command: &[&str]) -> Command {
        let script: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/cluster/cluster.sh");
        let mut run = Command::new(script);
        run.args(command).arg(self.directory.path().join("nodes"));
        run
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        // The test has ended; what cannot be stopped is said by the script.
        let _ = self.command(&["down"]).status();
    }
}

/// How long until a further text is answered OK.
fn time_until_service(ledger: &Ledger) -> Duration {
    let begun = Instant::now();
    let answered = ledger.look(|state| state.answered.len());
    ledger.allow(BETWEEN);
    // What was under way at the blow may still be answered by what has not noticed it: the second hundred counts.
    ledger.wait("texts are answered again", |state| state.answered.len() > answered + 100);
    begun.elapsed()
}

#[test]
fn nothing_is_lost_or_doubled_when_the_primary_a_gateway_a_worker_and_the_line_die() {
    if std::env::var_os("CANHGIAC_LONG").is_none() {
        eprintln!("left out: run ./test long");
        return;
    }
    let failovers =
        std::env::var("CANHGIAC_FAILOVERS").ok().and_then(|text| text.parse().ok()).unwrap_or(FAILOVERS);
    let nodes = Nodes::up();
    let cluster = Cluster::new(&nodes.run(&["url"]));
    let ports = [free_port(), free_port()];
    let links = ports.map(server_link);
    let gateway = cluster.start("gateway1", "gateway", &links[0]);
    let other_gateway = cluster.start("gateway2", "gateway", &links[1]);
    let worker = cluster.start("worker1", "worker", &links[0]);
    let other_worker = cluster.start("worker2", "worker", &links[0]);
    let line = Proxy::to(ports[1]);
    let ledger = Ledger::making(text);
    let loads = [ports[0], line.port()].map(|port| Load::start(port, BINDS, &ledger));

    for number in 1..=failovers {
        ledger.allow(BETWEEN);
        let awaited = ledger.look(|state| state.answered.len()) + 200;
        ledger.wait("texts before the primary dies", |state| state.answered.len() >= awaited);
        let dead = nodes.run(&["kill-primary"]);
        let without = time_until_service(&ledger);
        println!("failover {number}: {dead} died; without service for {without:?}");
        let returned = other_worker.wait_for_health("ready again", |status, _| status == 200);
        println!("failover {number}: a worker was ready again {returned:?} later");
        nodes.run(&["start", &dead]);
        nodes.run(&["wait"]);
    }

    gateway.kill();
    println!("a gateway died; the other answered the next hundred within {:?}", time_until_service(&ledger));
    let gateway = cluster.start("gateway1", "gateway", &links[0]);

    worker.kill();
    let replies = ledger.look(|state| state.replies.len());
    let struck = Instant::now();
    ledger.allow(BETWEEN);
    ledger.wait("the other worker goes on", |state| state.replies.len() > replies + 100);
    println!("a worker died; the other made the next hundred replies within {:?}", struck.elapsed());
    let worker = cluster.start("worker1", "worker", &links[0]);

    ledger.allow(BETWEEN);
    line.cut();
    println!("the line was cut; the next hundred answers came within {:?}", time_until_service(&ledger));

    ledger.wait("all that was sent is answered", |state| state.answered.len() == state.taken as usize);
    wait_until_settled(&cluster);
    ledger.look(|state| println!("{}", state.summary()));
    nothing_is_lost_or_doubled(&cluster, "worker1", &ledger);
    let uncertain = every_reply_went_once_or_is_uncertain(&cluster, &ledger);
    println!("{uncertain} replies are uncertain");
    loads.into_iter().for_each(Load::stop);
    for process in [gateway, other_gateway, worker, other_worker] {
        process.stop();
    }
}

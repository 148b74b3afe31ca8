//! Peers in Rust as programs of their own: this test binary, started again, is one of them. They speak as the
//! programs of `tests/peers` do, and what they take from the environment is theirs alone.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, Write};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::support::Peer;

const PROGRAM: &str = "CANHGIAC_RUST_PEER";
const TEST: &str = "interop::programs::a_peer_in_rust_when_started_as_one";

/// Starts the peer with this name; arguments as those of `tests/peers`.
pub(super) fn start(program: &str, arguments: &[&str]) -> Peer {
    let mut command = Command::new(std::env::current_exe().expect("this binary has a path"));
    let wanted = [&[program], arguments].concat();
    command.args([TEST, "--exact", "--nocapture"]).env(PROGRAM, wanted.join("\n"));
    // smpp34 believes whom the system believes, and this is how the system is told.
    if let Some(at) = arguments.iter().position(|argument| *argument == "--ca") {
        command.env("SSL_CERT_FILE", arguments[at + 1]);
    }
    Peer::start_command(program, command)
}

/// What a peer was started with.
#[derive(Debug, Clone)]
pub(super) struct Options(HashMap<String, String>);

impl Options {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_else(|| panic!("--{name} is missing")).to_owned()
    }

    pub(super) fn port(&self) -> u16 {
        self.get("port").and_then(|port| port.parse().ok()).unwrap_or(0)
    }
}

/// Says an event.
pub(super) fn emit(event: &Value) {
    let mut out = std::io::stdout().lock();
    // Who started us may be gone; then nobody is left to tell.
    let _ = writeln!(out, "\n{event}");
    let _ = out.flush();
}

/// How the next messages are answered.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan(Arc<Mutex<VecDeque<u32>>>);

impl Plan {
    /// Notes `{"status","count"}`.
    pub(super) fn add(&self, plan: &Value) {
        let status = u32::try_from(plan["status"].as_u64().unwrap_or(0)).expect("a status has 32 bits");
        let mut next = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        next.extend((0..plan["count"].as_u64().unwrap_or(1)).map(|_| status));
        drop(next);
        emit(&json!({ "planned": plan }));
    }

    pub(super) fn take(&self) -> u32 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front().unwrap_or(0)
    }
}

/// No test: the door to the programs.
#[test]
fn a_peer_in_rust_when_started_as_one() {
    let Ok(wanted) = std::env::var(PROGRAM) else { return };
    let mut words = wanted.lines();
    let program = words.next().expect("a program is named");
    let words: Vec<&str> = words.collect();
    let options =
        words.chunks(2).map(|pair| (pair[0].trim_start_matches("--").to_owned(), pair[1].to_owned()));
    let options = Options(options.collect());
    let (sender, commands) = unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let command = serde_json::from_str(&line).expect("a command is JSON");
            if sender.send(command).is_err() {
                return;
            }
        }
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(run(program, options, commands));
}

async fn run(program: &str, options: Options, commands: UnboundedReceiver<Value>) {
    match program {
        "rusmppc" => super::rusmppc::run(options, commands).await,
        "smpp34-client" => super::smpp34_client::run(options, commands).await,
        "smpp34-server" => super::smpp34_server::run(options, commands).await,
        "kannel" => super::kannel::run(options, commands).await,
        other => panic!("no such peer: {other}"),
    }
}

//! Foreign peers as child processes: a command in, an event out, never a sleep.
//!
//! The programs and their commands and events: `tests/peers/README.md`.
//! Blocking on purpose (tests are its only users): in an async test call it from a blocking task
//! or on a runtime with more than one thread.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long an event may take on a busy machine before the test fails.
const EVENT_WITHIN: Duration = Duration::from_secs(30);

/// Whether foreign peers are installed. Where they must be (`CI=true`) and are not, the test fails.
pub(crate) fn foreign_peers_are_here() -> bool {
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|set| set == value);
    if is("CANHGIAC_PEERS", "1") {
        return true;
    }
    assert!(!is("CI", "true"), "foreign peers are not installed: run ./test (it sets CANHGIAC_PEERS)");
    eprintln!("skipped: run ./test");
    false
}

/// A running peer. Dropping it ends it.
pub(crate) struct Peer {
    name: String,
    child: Child,
    commands: Option<ChildStdin>,
    lines: Receiver<Value>,
    /// Events that came while another was awaited.
    early: VecDeque<Value>,
}

impl Peer {
    /// Starts a program of `tests/peers`: `smsc.mjs`, `esme.mjs` with node, `*.py` with the environment's Python.
    pub(crate) fn start(program: &str, arguments: &[&str]) -> Peer {
        let mut command = command(program);
        command.args(arguments);
        Peer::start_command(program, command)
    }

    /// Starts any program that speaks as those of `tests/peers` do.
    pub(crate) fn start_command(program: &str, mut command: Command) -> Peer {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("{program} does not start: {e}"));
        let output = child.stdout.take().expect("stdout is piped");
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if sender.send(event).is_err() {
                    return;
                }
            }
        });
        let commands = child.stdin.take();
        Peer { name: program.to_owned(), child, commands, lines, early: VecDeque::new() }
    }

    /// Gives a command.
    pub(crate) fn say(&mut self, command: &Value) {
        let commands = self.commands.as_mut().expect("open until drop");
        writeln!(commands, "{command}").unwrap_or_else(|e| panic!("{} is gone: {e}", self.name));
    }

    /// The oldest event of this name not yet heard; waits for it, and fails with all others when it does not come.
    pub(crate) fn hear(&mut self, event: &str) -> Value {
        self.hear_where(event, |_| true)
    }

    /// The oldest event of this name for which `fits` holds.
    pub(crate) fn hear_where(&mut self, event: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let wanted = |one: &Value| one.get(event).is_some_and(&fits);
        let end = Instant::now() + EVENT_WITHIN;
        loop {
            if let Some(at) = self.early.iter().position(wanted) {
                let mut found = self.early.remove(at).expect("just found");
                return found[event].take();
            }
            let left = end.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(one) => self.early.push_back(one),
                Err(reason) => panic!("{}: no '{event}' ({reason}); heard {:#?}", self.name, self.early),
            }
        }
    }

    /// What was heard and not asked for, so far.
    pub(crate) fn unasked(&mut self) -> Vec<Value> {
        self.early.extend(self.lines.try_iter());
        self.early.drain(..).collect()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // The end of its commands ends it; killing is for one that hangs. Its status says nothing to the test.
        drop(self.commands.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What `feedparser` makes of a feed.
pub(crate) fn read_feed(url: &str) -> Value {
    let output = command("feed_check.py").arg(url).output().expect("feed_check.py runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("feed_check.py prints JSON")
}

fn command(program: &str) -> Command {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers");
    let interpreter = if program.ends_with(".py") {
        std::env::var("CANHGIAC_PYTHON").expect("./test sets CANHGIAC_PYTHON")
    } else {
        "node".to_owned()
    };
    let mut command = Command::new(interpreter);
    command.arg(folder.join(program));
    command
}

#[test]
fn foreign_peers_hear_each_other() {
    if !foreign_peers_are_here() {
        return;
    }
    let credentials = ["--system-id", "op", "--password", "pw"];
    let mut smsc = Peer::start("smsc.mjs", &credentials);
    let port = smsc.hear("listening").to_string();
    let mut client = Peer::start("smpplib_client.py", &[&credentials[..], &["--port", &port]].concat());
    assert_eq!(client.hear("bound")["status"], 0);
    client.say(&serde_json::json!({"submit": {"from": "84900000001", "to": "156", "text": "LD 0912345678"}}));
    assert_eq!(smsc.hear_where("submit", |one| one["to"] == "156")["text"], "LD 0912345678");
    assert_eq!(client.hear("submit_resp")["status"], 0);
    assert_eq!(smsc.unasked().len(), 1, "the bind");
}

//! The product as several processes on one database.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use canhgiac_store::Store;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::get;

/// How long a start, a stop or a take-over may take on a busy machine.
pub(crate) const WITHIN: Duration = Duration::from_secs(90);
/// How often something that tells of itself only when asked is asked.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(20);
/// All processes of one installation have it.
const MASTER_KEY: &str = "5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e";

/// What the processes have in common.
pub(crate) struct Cluster {
    directory: TempDir,
    /// Where the database is; SQLite in each process's own folder when empty.
    pub(crate) url: String,
}

/// One process. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
    /// `host:port` of its pages.
    pub(crate) http: String,
}

/// The `[[link]]` of these tests on which an operator binds to us.
pub(crate) fn server_link(port: u16) -> String {
    link("server", port)
}

/// The `[[link]]` on which we bind to an operator.
pub(crate) fn client_link(port: u16) -> String {
    link("client", port)
}

fn link(role: &str, port: u16) -> String {
    format!(
        "[[link]]\nname = \"link\"\nrole = \"{role}\"\naddress = \"127.0.0.1:{port}\"\nsystem_id = \"link\"\n\
         password = \"pw\"\nbind = \"transceiver\"\ndefault_alphabet = \"gsm7\"\nwindow = 50\noperator = \"viettel\"\n"
    )
}

impl Cluster {
    /// Nothing runs yet.
    pub(crate) fn new(url: &str) -> Cluster {
        let directory = tempfile::Builder::new()
            .prefix("cluster-")
            .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
            .expect("a temporary directory");
        // A build meanwhile replaces the file, not what this name stands for.
        let (binary, own) = (binary(), directory.path().join("canhgiac"));
        std::fs::hard_link(&binary, &own)
            .or_else(|_| std::fs::copy(&binary, &own).map(|_| ()))
            .expect("the binary can be linked or copied");
        Cluster { directory, url: url.to_owned() }
    }

    /// Starts a process in a role, with these links, and waits until it is ready.
    pub(crate) fn start(&self, name: &str, role: &str, links: &str) -> Process {
        let process = self.try_start(name, &["--role", role], links, &[]).unwrap_or_else(|why| {
            panic!("{name} does not start: {why}");
        });
        process.wait_for_health("ready", |status, _| status == 200);
        process
    }

    /// Starts a process and waits until it says where its pages are.
    ///
    /// Errors: what it wrote before it ended.
    pub(crate) fn try_start(
        &self,
        name: &str,
        flags: &[&str],
        links: &str,
        environment: &[(&str, &str)],
    ) -> Result<Process, String> {
        let own = self.directory.path().join(name);
        std::fs::create_dir_all(&own).expect("a folder of its own");
        let config = own.join("canhgiac.toml");
        let general = format!(
            "http = \"127.0.0.1:0\"\ndata_dir = \"{}\"\nevidence_dir = \"{}\"\n",
            own.join("data").display(),
            self.directory.path().join("evidence").display()
        );
        std::fs::write(&config, general + links).expect("the configuration is written");
        let log = own.join("log");
        let before = read(&log).len();
        let file = OpenOptions::new().create(true).append(true).open(&log).expect("the log opens");
        let mut child = self
            .command(&config)
            .arg("serve")
            .args(flags)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(file))
            .spawn()
            .expect("the binary starts");
        let output = child.stdout.take().expect("stdout is piped");
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        match lines.recv_timeout(WITHIN) {
            Ok(line) => {
                let http = line
                    .strip_prefix("canhgiac is running: http://")
                    .unwrap_or_else(|| panic!("{name} began with {line:?}"))
                    .to_owned();
                Ok(Process { child, log, http })
            }
            Err(_) => {
                // It ended, or hangs: in both cases it is over.
                let _ = child.kill();
                let _ = child.wait();
                Err(read(&log)[before..].to_owned())
            }
        }
    }

    fn command(&self, config: &Path) -> Command {
        let mut command = Command::new(self.directory.path().join("canhgiac"));
        if !self.url.is_empty() {
            command.env("CANHGIAC_DATABASE", &self.url);
        }
        command
            .current_dir(self.directory.path())
            .env("CANHGIAC_MASTER_KEY", MASTER_KEY)
            .arg("--config")
            .arg(config)
            .stdin(Stdio::null());
        command
    }

    /// Runs a command with the configuration of this process; gives what it printed, or why it failed.
    pub(crate) fn run(&self, of: &str, arguments: &[&str]) -> Result<String, String> {
        let config = self.directory.path().join(of).join("canhgiac.toml");
        let output = self.command(&config).args(arguments).output().expect("the binary runs");
        match output.status.success() {
            true => Ok(String::from_utf8(output.stdout).expect("output is UTF-8")),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }

    /// `export reports`, parsed, one object a report, asked with the configuration of this process.
    pub(crate) fn export(&self, of: &str) -> Vec<Value> {
        self.run(of, &["export", "reports"])
            .expect("an export works")
            .lines()
            .map(|line| serde_json::from_str(line).expect("a line is a JSON object"))
            .collect()
    }

    /// Asks the database behind the processes.
    pub(crate) fn ask<T, F: Future<Output = T>>(&self, ask: impl FnOnce(Store) -> F) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let options = self.url.parse().expect("an address");
            let store = Store::connect(&options).await.expect("the database is there");
            let answer = ask(store.clone()).await;
            store.close().await;
            answer
        })
    }
}

impl Process {
    /// Waits until `/readyz` is as wanted; gives how long that took.
    pub(crate) fn wait_for_health(&self, what: &str, fits: impl Fn(u16, &str) -> bool) -> Duration {
        let begun = Instant::now();
        let mut last = None;
        while begun.elapsed() < WITHIN {
            last = get(&self.http, "/readyz");
            if let Some((status, body)) = &last
                && fits(*status, body)
            {
                return begun.elapsed();
            }
            thread::sleep(LOOK_EVERY);
        }
        panic!("not '{what}' in {WITHIN:?}; /readyz last said {last:?}\n{}", self.log());
    }

    /// Status and body of one of its pages.
    pub(crate) fn get(&self, path: &str) -> Option<(u16, String)> {
        get(&self.http, path)
    }

    /// Whether its link is bound.
    pub(crate) fn is_bound(&self) -> bool {
        self.get("/readyz").is_some_and(|(_, body)| body.lines().any(|line| line == "link link bound"))
    }

    /// What it wrote on standard error.
    pub(crate) fn log(&self) -> String {
        read(&self.log)
    }

    /// Ends it as a power cut would, and waits until it is gone.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it was alive");
        self.child.wait().expect("it is ours");
    }

    /// Asks it to stop and waits for its end, which must be a good one.
    pub(crate) fn stop(mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(asked.expect("kill runs").success());
        let end = Instant::now() + WITHIN;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().expect("its status can be read") {
                assert!(status.success(), "a graceful stop ended with {status}\n{}", self.log());
                return;
            }
            thread::sleep(LOOK_EVERY);
        }
        panic!("it did not end in {WITHIN:?}\n{}", self.log());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nothing to do when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary of this build, or the one that CANHGIAC_BIN names (a release build, say).
fn binary() -> String {
    std::env::var("CANHGIAC_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_canhgiac").to_owned())
}

fn read(log: &Path) -> String {
    std::fs::read_to_string(log).unwrap_or_default()
}

/// A port nobody listens on now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("some port is free");
    listener.local_addr().expect("it is bound").port()
}

//! The product as a process: an installation with its data directory and configuration, started and stopped.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rand::RngExt as _;
use serde_json::Value;
use tempfile::TempDir;

use super::http;

/// How long a start, a stop or a bind may take on a busy machine.
const WITHIN: Duration = Duration::from_secs(60);
/// How often something that tells of itself only when asked is asked.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How often a start is tried anew because someone else took the port in between.
const PORT_TRIES: usize = 5;

/// An SMPP link of the configuration, named `link`, of the operator `viettel`.
#[derive(Debug, Clone)]
pub(crate) enum Link {
    /// We bind to the SMSC on this port.
    Client(u16),
    /// They bind to us, on a free port that is chosen at the start; with lines added to its table.
    Server(&'static str),
}

/// A data directory, a configuration and the binary as it was when the test began.
pub(crate) struct Installation {
    directory: TempDir,
    links: Vec<Link>,
    smpp_port: u16,
}

/// A running product. Dropping it kills it.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    /// `host:port` of its pages.
    pub(crate) http: String,
}

impl Installation {
    /// A fresh installation. Server links share one free port.
    pub(crate) fn new(links: &[Link]) -> Installation {
        let directory = tempfile::Builder::new()
            .prefix("process-")
            .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
            .expect("a temporary directory");
        // A build meanwhile replaces the file, not what this name stands for.
        let (binary, own) = (binary(), directory.path().join("canhgiac"));
        std::fs::hard_link(&binary, &own)
            .or_else(|_| std::fs::copy(&binary, &own).map(|_| ()))
            .expect("the binary can be linked or copied");
        let made = Installation { directory, links: links.to_vec(), smpp_port: free_port() };
        made.write_config();
        made
    }

    /// The data directory.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Where everything of the installation lies.
    pub(crate) fn directory(&self) -> PathBuf {
        self.directory.path().to_owned()
    }

    /// What the product wrote on standard error, over all starts.
    pub(crate) fn log_path(&self) -> PathBuf {
        self.directory.path().join("log")
    }

    /// The log as text.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// The port that server links listen on.
    pub(crate) fn smpp_port(&self) -> u16 {
        self.smpp_port
    }

    /// A command of the binary in this installation; the configuration is named by the caller or by [`Self::run`].
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(self.directory.path().join("canhgiac"));
        command.current_dir(self.directory.path()).env_remove("CANHGIAC_MASTER_KEY").stdin(Stdio::null());
        command
    }

    /// Runs a command with the configuration and waits for its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command()
            .args(arguments)
            .arg("--config")
            .arg(self.config_path())
            .output()
            .expect("the binary runs")
    }

    /// Runs a command that must succeed and gives its standard output.
    pub(crate) fn run_well(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {}\n{said}", output.status);
        String::from_utf8(output.stdout).expect("output is UTF-8")
    }

    /// `export reports`, parsed, one object a report; `more` are further flags.
    pub(crate) fn export(&self, more: &[&str]) -> Vec<Value> {
        let arguments = [&["export", "reports", "--format", "ndjson"], more].concat();
        let written = self.run_well(&arguments);
        written.lines().map(|line| serde_json::from_str(line).expect("a line is a JSON object")).collect()
    }

    /// Starts the product and waits until it is ready, choosing other ports when they were taken meanwhile.
    pub(crate) fn start(&mut self) -> Running {
        self.start_with(&[])
    }

    /// [`Self::start`] with `environment` added.
    pub(crate) fn start_with(&mut self, environment: &[(&str, &str)]) -> Running {
        for _ in 0..PORT_TRIES {
            match self.try_start(environment) {
                Ok(running) => {
                    running.wait_ready();
                    return running;
                }
                Err(reason) if reason.contains("in use") => {
                    self.smpp_port = free_port();
                    self.write_config();
                }
                Err(reason) => panic!("the product does not start: {reason}"),
            }
        }
        panic!("no free port in {PORT_TRIES} tries");
    }

    /// Starts the product with `environment` added and waits until it says where its pages are.
    ///
    /// Errors: what it wrote before it ended.
    pub(crate) fn try_start(&self, environment: &[(&str, &str)]) -> Result<Running, String> {
        let before = self.log().len();
        let log = OpenOptions::new().create(true).append(true).open(self.log_path()).expect("the log opens");
        let mut child = self
            .command()
            .args(["serve", "--config"])
            .arg(self.config_path())
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(log))
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
                    .unwrap_or_else(|| panic!("the product began with {line:?}"))
                    .to_owned();
                Ok(Running { child, lines, http })
            }
            Err(_) => {
                // It ended, or hangs: in both cases it is over.
                let _ = child.kill();
                let _ = child.wait();
                Err(self.log()[before..].to_owned())
            }
        }
    }

    /// The configuration file.
    pub(crate) fn config_path(&self) -> PathBuf {
        self.directory.path().join("canhgiac.toml")
    }

    /// Adds lines before the links of the configuration.
    pub(crate) fn write_config_with(&self, general: &str) {
        let mut text = format!("http = \"127.0.0.1:0\"\ndata_dir = \"data\"\n{general}\n");
        for (number, link) in self.links.iter().enumerate() {
            let (role, port, more) = match link {
                Link::Client(port) => ("client", *port, ""),
                Link::Server(more) => ("server", self.smpp_port, *more),
            };
            let name = if number == 0 { "link".to_owned() } else { format!("link{}", number + 1) };
            writeln!(
                text,
                "[[link]]\nname = \"{name}\"\nrole = \"{role}\"\naddress = \"127.0.0.1:{port}\"\nsystem_id = \"{name}\"\n\
                 password = \"pw\"\nbind = \"transceiver\"\ndefault_alphabet = \"gsm7\"\nwindow = 50\n\
                 operator = \"viettel\"\n{more}"
            )
            .expect("a string takes everything");
        }
        std::fs::write(self.config_path(), text).expect("the configuration is written");
    }

    fn write_config(&self) {
        self.write_config_with("");
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        if thread::panicking() {
            self.directory.disable_cleanup(true);
            // Where it lies can be told to nobody when standard error is closed.
            let _ = writeln!(
                std::io::stderr(),
                "the installation is left in {}",
                self.directory.path().display()
            );
        }
    }
}

impl Running {
    fn wait_ready(&self) {
        self.wait_for_health("ready", |status, _| status == 200);
    }

    /// Waits until the link of this name is bound.
    pub(crate) fn wait_bound(&self, link: &str) {
        let line = format!("link {link} bound");
        self.wait_for_health(&line, |_, body| body.lines().any(|one| one == line));
    }

    /// Waits until `/readyz` answers what is awaited.
    pub(crate) fn wait_for_health(&self, what: &str, fits: impl Fn(u16, &str) -> bool) {
        let end = Instant::now() + WITHIN;
        let mut last = None;
        while Instant::now() < end {
            last = http::get(&self.http, "/readyz");
            if let Some((status, body)) = &last
                && fits(*status, body)
            {
                return;
            }
            thread::sleep(LOOK_EVERY);
        }
        panic!("not '{what}' in {WITHIN:?}; /readyz last said {last:?}");
    }

    /// What it holds of memory now, in KiB.
    pub(crate) fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("Linux says it");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Asks it to stop and waits for its end, which must be a good one; gives what it said last.
    pub(crate) fn stop(mut self) -> Vec<String> {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(asked.expect("kill runs").success());
        let status = self.wait_for_end();
        assert!(status.success(), "a graceful stop ended with {status}");
        self.lines.iter().collect()
    }

    /// Ends it as a power cut would, and waits until it is gone.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it was alive");
        self.wait_for_end();
    }

    fn wait_for_end(&mut self) -> ExitStatus {
        let end = Instant::now() + WITHIN;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().expect("its status can be read") {
                return status;
            }
            thread::sleep(LOOK_EVERY);
        }
        panic!("it did not end in {WITHIN:?}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing to do when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary of this build, or the one that CANHGIAC_BIN names (a release build, say).
pub(crate) fn binary() -> String {
    std::env::var("CANHGIAC_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_canhgiac").to_owned())
}

/// A port nobody listens on now, for this test alone: one that the system gives to nobody who asks for any (those
/// begin at 32768), so that it stays free while a killed product is started again; and no other test's here.
pub(crate) fn free_port() -> u16 {
    static TAKEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut taken = TAKEN.lock().expect("nobody panics while choosing a port");
    loop {
        let port = rand::rng().random_range(12_000..32_000);
        if !taken.contains(&port) && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            taken.insert(port);
            return port;
        }
    }
}

/// Places of `needle` in the files below `directory` and in `more`: path and count.
pub(crate) fn copies(needle: &[u8], directory: &Path, more: &[PathBuf]) -> Vec<(PathBuf, usize)> {
    let mut files = more.to_vec();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder can be listed") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    let count = |path: &PathBuf| {
        // A file that went away since the listing holds nothing any more.
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes.windows(needle.len()).filter(|window| *window == needle).count()
    };
    files
        .into_iter()
        .map(|path| (count(&path), path))
        .filter(|(n, _)| *n > 0)
        .map(|(n, path)| (path, n))
        .collect()
}

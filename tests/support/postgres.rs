//! A PostgreSQL server of a test's own: in a temporary folder, on a free port, stopped and thrown away at the end.
//!
//! Included by path where it is needed. The server's programs come from Debian's postgresql; `CANHGIAC_PG_BIN` names
//! another folder. PostgreSQL refuses to run as root, so root runs it as the user `postgres`.

use std::fs::OpenOptions;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a start or a stop may take on a busy machine.
const WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Name of the superuser and owner of everything.
const USER: &str = "canhgiac";
/// Settings of every server of a test; durability stays as it is in earnest.
const SETTINGS: [&str; 6] = [
    "listen_addresses=127.0.0.1",
    "max_connections=200",
    "shared_buffers=64MB",
    "log_min_messages=warning",
    "autovacuum_naptime=5s",
    "unix_socket_directories=",
];

/// How a server is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Connections are cut off and everything is written.
    Fast,
    /// As a power cut would: it recovers from its log at the next start.
    Immediate,
}

/// A server. Dropping it stops it and removes its folder.
#[derive(Debug)]
pub(crate) struct Postgres {
    directory: TempDir,
    port: u16,
    server: Option<Child>,
}

impl Postgres {
    /// Why no server can be started here; `None` when one can.
    pub(crate) fn missing() -> Option<String> {
        let programs = ["initdb", "postgres", "psql", "pg_isready"];
        let absent = programs.iter().find(|program| !program_path(program).exists())?;
        Some(format!("{} is not there (Debian package postgresql)", program_path(absent).display()))
    }

    /// A fresh server with one empty database, also called `canhgiac`.
    pub(crate) fn start() -> Postgres {
        let directory =
            tempfile::Builder::new().prefix("canhgiac-pg-").tempdir().expect("a temporary directory");
        std::fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o700)).expect("it is ours");
        if let Some((uid, gid)) = other_user() {
            chown(directory.path(), Some(uid), Some(gid)).expect("root gives it away");
        }
        let data = directory.path().join("data");
        let made = program("initdb")
            .args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--no-locale", "--username", USER, "-D"])
            .arg(&data)
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        let mut made = Postgres { directory, port, server: None };
        made.start_again();
        made.create_database(USER);
        made
    }

    /// Where it can be reached, with one of its databases.
    pub(crate) fn url_of(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port)
    }

    /// Where its first database can be reached.
    pub(crate) fn url(&self) -> String {
        self.url_of(USER)
    }

    /// A further empty database of this name.
    pub(crate) fn create_database(&self, name: &str) {
        self.run_sql("postgres", &format!("CREATE DATABASE {name}"));
    }

    /// Runs SQL on one of its databases and gives what it printed, unaligned and without heads.
    pub(crate) fn run_sql(&self, database: &str, sql: &str) -> String {
        let output = program("psql")
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &self.url_of(database), "-c", sql])
            .output()
            .expect("psql runs");
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Starts it where it was stopped, and waits until it takes connections.
    pub(crate) fn start_again(&mut self) {
        assert!(self.server.is_none(), "it runs");
        let log = self.directory.path().join("log");
        let log = OpenOptions::new().create(true).append(true).open(log).expect("the log opens");
        let mut command = program("postgres");
        command.arg("-D").arg(self.directory.path().join("data")).args(["-p", &self.port.to_string()]);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        let server = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file has a second handle"))
            .stderr(log)
            .spawn()
            .expect("postgres starts");
        self.server = Some(server);
        let end = Instant::now() + WITHIN;
        loop {
            let ready = program("pg_isready")
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status()
                .expect("pg_isready runs");
            if ready.success() {
                return;
            }
            let ended = self.server.as_mut().and_then(|server| server.try_wait().expect("it is ours"));
            assert!(ended.is_none(), "the server ended: {}", self.log());
            assert!(Instant::now() < end, "not ready in {WITHIN:?}: {}", self.log());
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Stops it and waits for its end.
    pub(crate) fn stop(&mut self, how: Ending) {
        let Some(mut server) = self.server.take() else { return };
        let signal = match how {
            Ending::Fast => "-INT",
            Ending::Immediate => "-QUIT",
        };
        // One that has ended by itself needs no signal.
        let _ = Command::new("kill").args([signal, &server.id().to_string()]).status();
        let end = Instant::now() + WITHIN;
        while server.try_wait().expect("it is ours").is_none() {
            if Instant::now() >= end {
                let _ = server.kill();
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// What it wrote about itself.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop(Ending::Immediate);
    }
}

fn program_path(name: &str) -> PathBuf {
    let folder = std::env::var_os("CANHGIAC_PG_BIN").map(PathBuf::from);
    folder.or_else(newest_folder).unwrap_or_else(|| Path::new("/usr/bin").to_owned()).join(name)
}

/// Debian keeps each version in a folder of its own.
fn newest_folder() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let newest = versions.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok()).max()?;
    Some(Path::new("/usr/lib/postgresql").join(newest.to_string()).join("bin"))
}

fn program(name: &str) -> Command {
    let mut command = Command::new(program_path(name));
    command.current_dir("/");
    if let Some((uid, gid)) = other_user() {
        command.uid(uid).gid(gid);
    }
    command
}

/// Whom root runs it as.
fn other_user() -> Option<(u32, u32)> {
    let is_root =
        std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if !is_root {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("users are listed");
    let line = users.lines().find(|line| line.starts_with("postgres:")).expect("there is a user postgres");
    let mut numbers = line.split(':').skip(2).map(|number| number.parse().expect("a user's number"));
    Some((numbers.next()?, numbers.next()?))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("some port is free");
    listener.local_addr().expect("it is bound").port()
}

//! The real binary as a child process, with its own data directory and links to the bench.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

/// How long the product may take to be ready.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long it may take to answer a request for a page.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// What the product is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The binary.
    pub binary: PathBuf,
    /// Its data directory; made when it is not there.
    pub data_dir: PathBuf,
    /// A PostgreSQL database; SQLite in the data directory when there is none.
    pub database: Option<String>,
    /// The operator it binds to.
    pub operator: Option<SocketAddr>,
    /// Links to that operator, one bind each.
    pub links: usize,
}

/// The product, running. It is killed when this is dropped.
#[derive(Debug)]
pub struct Product {
    child: Child,
    /// Where its pages are.
    pub http: SocketAddr,
}

/// Builds the product's binary as this program was built, and says where it is.
///
/// # Errors
/// When cargo cannot build it.
pub fn build() -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe()?;
    let folder = here.parent().context("this program lies in no folder")?;
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "-p", "canhgiac", "--bin", "canhgiac"]);
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    build.current_dir(env!("CARGO_MANIFEST_DIR"));
    anyhow::ensure!(build.status()?.success(), "the product could not be built");
    Ok(folder.join("canhgiac"))
}

/// Writes the product's configuration into `directory` and gives its path.
fn configure(settings: &Settings, directory: &Path, http: SocketAddr) -> anyhow::Result<PathBuf> {
    let mut text = format!("http = \"{http}\"\ndata_dir = {:?}\n", settings.data_dir);
    if let Some(database) = &settings.database {
        text += &format!("database = {database:?}\n");
    }
    if let Some(operator) = settings.operator {
        for number in 0..settings.links {
            text += &format!(
                "\n[[link]]\nname = \"bench-{number}\"\nrole = \"client\"\naddress = \"{operator}\"\nsystem_id = \"bench\"\n\
                 password = \"bench\"\nbind = \"receiver\"\ndefault_alphabet = \"gsm7\"\nwindow = 100\nreplies = false\n"
            );
        }
    }
    let path = directory.join("canhgiac.toml");
    fs::write(&path, text)?;
    Ok(path)
}

impl Product {
    /// Starts the product; what it says goes to `product.log` beside its data directory. It may not be ready yet.
    ///
    /// # Errors
    /// When the binary cannot be run.
    pub fn start(settings: &Settings) -> anyhow::Result<Product> {
        let beside = settings.data_dir.parent().context("the data directory lies in no folder")?;
        let http = free_address()?;
        let config = configure(settings, beside, http)?;
        let said = File::options().create(true).append(true).open(beside.join("product.log"))?;
        let child = Command::new(&settings.binary)
            .args(["serve", "--config"])
            .arg(config)
            .stdin(Stdio::null())
            .stdout(said.try_clone()?)
            .stderr(said)
            .spawn()
            .with_context(|| format!("cannot run {}", settings.binary.display()))?;
        Ok(Product { child, http })
    }

    /// Waits until it says that it is ready, and how long that took from `since`.
    ///
    /// # Errors
    /// When it ends or is not ready in time.
    pub fn wait_ready(&mut self, since: Instant) -> anyhow::Result<Duration> {
        loop {
            if let Some(status) = self.child.try_wait()? {
                anyhow::bail!("the product ended: {status}");
            }
            if self.get("/readyz", None).is_ok_and(|answer| answer.status == 200) {
                return Ok(since.elapsed());
            }
            anyhow::ensure!(
                since.elapsed() < READY_WITHIN,
                "the product is not ready within {READY_WITHIN:?}"
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Memory it holds now, in octets.
    ///
    /// # Errors
    /// When it has ended.
    pub fn memory(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse()?;
        Ok(kib * 1024)
    }

    /// Asks for a page.
    ///
    /// # Errors
    /// When nothing answers.
    pub fn get(&self, path: &str, cookie: Option<&str>) -> anyhow::Result<Answer> {
        self.ask(&format!("GET {path} HTTP/1.1\r\n{}", header("Cookie", cookie)), "")
    }

    /// Sends a form.
    ///
    /// # Errors
    /// When nothing answers.
    pub fn post(&self, path: &str, form: &str, cookie: Option<&str>) -> anyhow::Result<Answer> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
             Sec-Fetch-Site: same-origin\r\n{}",
            form.len(),
            header("Cookie", cookie)
        );
        self.ask(&head, form)
    }

    fn ask(&self, head: &str, body: &str) -> anyhow::Result<Answer> {
        let started = Instant::now();
        let mut stream = TcpStream::connect_timeout(&self.http, ANSWER_WITHIN)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        write!(stream, "{head}Host: {}\r\nConnection: close\r\n\r\n{body}", self.http)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let took = started.elapsed();
        let text = String::from_utf8_lossy(&answer).into_owned();
        let status = text.split(' ').nth(1).and_then(|word| word.parse().ok()).context("no HTTP answer")?;
        Ok(Answer { status, text, took })
    }

    /// Asks it to stop, and waits until it has.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn stop(mut self) -> anyhow::Result<()> {
        let asked = Command::new("kill").arg(self.id().to_string()).status()?;
        anyhow::ensure!(asked.success(), "the product could not be asked to stop");
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer to an HTTP request.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Head and body.
    pub text: String,
    /// From the connection to the last octet.
    pub took: Duration,
}

impl Answer {
    /// Name and value of the first cookie that is set.
    #[must_use]
    pub fn cookie(&self) -> Option<String> {
        let line = self.text.lines().find(|line| line.to_ascii_lowercase().starts_with("set-cookie:"))?;
        let value = line.split_once(':')?.1.trim();
        Some(value.split(';').next()?.to_owned())
    }
}

fn header(name: &str, value: Option<&str>) -> String {
    value.map(|value| format!("{name}: {value}\r\n")).unwrap_or_default()
}

/// An address on this machine on which nothing listens now.
///
/// # Errors
/// When the system has none.
pub fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

//! What is measured: each receiver as a process of its own with a fresh store, started for one cell and stopped
//! after it, so that what one has left to do never slows the next.

use std::fs::{self, File};
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use canhgiac_store::{PostgresOptions, Store};

use crate::histogram::Histogram;
use crate::product::{Product, Settings, free_address};

/// A receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub(crate) enum Peer {
    /// Answers at once.
    Nothing,
    /// Appends, calls fdatasync once for all that came, answers.
    Append,
    /// Kannel's bearerbox with `store-type=file`.
    Kannel,
    /// The product on SQLite.
    Sqlite,
    /// The product on PostgreSQL.
    Postgres,
}

impl Peer {
    /// All of them, in the order of the tables.
    pub(crate) const ALL: [Peer; 5] =
        [Peer::Nothing, Peer::Append, Peer::Kannel, Peer::Sqlite, Peer::Postgres];

    /// Its name in tables.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Peer::Nothing => "stores nothing",
            Peer::Append => "append, fdatasync, answer",
            Peer::Kannel => "Kannel, file store (never syncs)",
            Peer::Sqlite => "Cảnh Giác on SQLite",
            Peer::Postgres => "Cảnh Giác on PostgreSQL",
        }
    }
}

/// What all receivers of a run are started with.
#[derive(Debug)]
pub(crate) struct Ground {
    /// Where each gets its folder: a real disk.
    pub(crate) directory: PathBuf,
    /// The product.
    pub(crate) binary: PathBuf,
    /// `bearerbox`.
    pub(crate) kannel: PathBuf,
}

/// A receiver at work.
#[derive(Debug)]
pub(crate) enum Running {
    Small(Kept),
    Kannel(Kept),
    Product(Box<Product>, PathBuf),
}

/// A process that does not outlive its place in the bench.
#[derive(Debug)]
pub(crate) struct Kept(Child);

impl Drop for Kept {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a receiver tells after its work.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Durations of its fdatasync.
    pub(crate) syncs: Option<Histogram>,
    /// Texts in its store.
    pub(crate) stored: Option<u64>,
    /// Texts that have become reports by then.
    pub(crate) projected: Option<u64>,
}

impl Ground {
    /// Starts a receiver in `folder`, which binds `binds` times to `operator`.
    pub(crate) fn start(
        &self,
        peer: Peer,
        folder: &Path,
        operator: SocketAddr,
        binds: usize,
        database: Option<String>,
    ) -> anyhow::Result<Running> {
        match peer {
            Peer::Nothing => small(operator, binds, None),
            Peer::Append => small(operator, binds, Some(&folder.join("texts.log"))),
            Peer::Kannel => self.kannel(folder, operator, binds),
            Peer::Sqlite | Peer::Postgres => {
                let settings = Settings {
                    binary: self.binary.clone(),
                    data_dir: folder.join("data"),
                    database,
                    operator: Some(operator),
                    links: binds,
                };
                Ok(Running::Product(Box::new(Product::start(&settings)?), settings.data_dir))
            }
        }
    }

    fn kannel(&self, folder: &Path, operator: SocketAddr, binds: usize) -> anyhow::Result<Running> {
        let mut text = format!(
            "group = core\nadmin-port = {}\nadmin-password = bench\nsmsbox-port = {}\nlog-file = \"{}\"\nlog-level = 3\n\
             store-type = file\nstore-location = \"{}\"\nsms-incoming-queue-limit = 100000000\n\n",
            free_address()?.port(),
            free_address()?.port(),
            folder.join("kannel.log").display(),
            folder.join("kannel.store").display(),
        );
        for number in 0..binds {
            text += &format!(
                "group = smsc\nsmsc = smpp\nsmsc-id = bench{number}\nhost = {}\nport = {}\ntransceiver-mode = true\n\
                 smsc-username = bench\nsmsc-password = bench\nsystem-type = \"\"\n\n",
                operator.ip(),
                operator.port(),
            );
        }
        // Without a box to fetch them bearerbox would only keep them; the group must be there all the same.
        text += "group = smsbox\nbearerbox-host = 127.0.0.1\n";
        let path = folder.join("kannel.conf");
        fs::write(&path, text)?;
        let said = File::create(folder.join("kannel.out"))?;
        let child = Command::new(&self.kannel)
            .args(["-v", "4"])
            .arg(&path)
            .stdin(Stdio::null())
            .stdout(said.try_clone()?)
            .stderr(said)
            .spawn()
            .with_context(|| format!("cannot run {} (Debian package kannel)", self.kannel.display()))?;
        Ok(Running::Kannel(Kept(child)))
    }
}

fn small(operator: SocketAddr, binds: usize, file: Option<&Path>) -> anyhow::Result<Running> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["receiver", "--connect", &operator.to_string(), "--binds", &binds.to_string()]);
    if let Some(file) = file {
        command.arg("--file").arg(file);
    }
    Ok(Running::Small(Kept(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?)))
}

impl Running {
    /// Ends the receiver. The product is killed as by `kill -9`; what it answered must be in its log all the same.
    pub(crate) fn finish(self, database: Option<&str>) -> anyhow::Result<Told> {
        match self {
            Running::Small(mut child) => {
                let mut said = String::new();
                child.0.stdout.take().context("no output")?.read_to_string(&mut said)?;
                let status = child.0.wait()?;
                anyhow::ensure!(status.success(), "a receiver failed: {status}");
                Ok(Told { syncs: Some(serde_json::from_str(&said)?), ..Told::default() })
            }
            Running::Kannel(child) => {
                drop(child);
                Ok(Told::default())
            }
            Running::Product(product, data_dir) => {
                drop(product);
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                runtime.block_on(count(&data_dir, database))
            }
        }
    }
}

async fn count(data_dir: &Path, database: Option<&str>) -> anyhow::Result<Told> {
    let store = match database {
        Some(url) => Store::connect(&url.parse::<PostgresOptions>()?).await?,
        None => Store::open(data_dir).await?,
    };
    let (stored, projected) = (store.intake_end().await?, store.cursor().await?);
    store.close().await;
    Ok(Told { stored: u64::try_from(stored).ok(), projected: u64::try_from(projected).ok(), syncs: None })
}

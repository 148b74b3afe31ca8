//! The commands of `canhgiac`.

mod admin;
mod backup;
mod check_config;
mod check_store;
mod export;
mod import;
mod keys;
mod move_data;
mod parse;
mod purge;

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::clock::Clock;
use crate::config::Config;
use crate::roles::{Role, Roles};

/// Takes reports of scam calls and spam, acts on them, and tells people.
#[derive(Debug, Parser)]
#[command(name = "canhgiac", version, about, long_about = None)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the product, or a part of it.
    Serve(ServeArgs),
    /// Run the product with two simulated operators, citizens and staff; nothing to configure.
    Demo(DemoArgs),
    /// Read citizens' texts on standard input, one a line, and write what was understood, one JSON object a line.
    Parse(parse::ParseArgs),
    /// Write out what is stored.
    Export(export::ExportArgs),
    /// Bring in reports from a file: CSV, one JSON object a line, or a spreadsheet (XLSX).
    Import(import::ImportArgs),
    /// Manage people and operators' keys.
    Admin(admin::AdminArgs),
    /// Check the configuration and every data file, and say what is wrong.
    CheckConfig,
    /// Remove what is kept no longer (data/retention.toml); a running product does so every day.
    Purge(purge::PurgeArgs),
    /// Copy databases and evidence of an installation on SQLite while it runs, and read the copy again.
    Backup(backup::BackupArgs),
    /// Restore a backup into an empty data directory.
    Restore(backup::RestoreArgs),
    /// Manage the master keys.
    Keys(keys::KeysArgs),
    /// Bring the database up to date and stop.
    Migrate,
    /// Copy everything from the SQLite of the data directory into an empty PostgreSQL database, and verify it.
    Move(move_data::MoveArgs),
    /// Look through the databases and the evidence for damage and say what to do; works beside a running product.
    CheckStore,
}

/// What `serve` takes.
#[derive(Debug, Clone, Args)]
struct ServeArgs {
    /// Do only this part of the work; may be given several times. Left out: all of it.
    #[arg(long, value_enum, value_name = "ROLE")]
    role: Vec<Role>,
}

pub(crate) use admin::set_operator_key;

/// What every command that uses the data directory takes, before its name or after it.
#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// Configuration file (see canhgiac.example.toml).
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where databases, evidence and keys lie.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Where pages and the API are served, such as 127.0.0.1:8080.
    #[arg(long, global = true, value_name = "ADDRESS")]
    http: Option<SocketAddr>,
}

/// What the demo takes; without --data-dir it works in a temporary directory that is removed at the end.
#[derive(Debug, Clone, Args)]
pub(crate) struct DemoArgs {
    /// The stream of texts is the same for the same seed.
    #[arg(long, default_value_t = 2026)]
    pub(crate) seed: u64,
    /// Leave all decisions to you: no simulated officer, approver or police.
    #[arg(long)]
    pub(crate) no_staff: bool,
}

impl Common {
    pub(crate) fn load(&self) -> anyhow::Result<Config> {
        let mut config = Config::load(self.config.as_deref())?;
        if let Some(directory) = &self.data_dir {
            config.data_dir = directory.clone();
        }
        if let Some(http) = self.http {
            config.http = http;
        }
        Ok(config)
    }
}

/// Reads the arguments, runs the command.
///
/// # Errors
/// What went wrong, for a person at a terminal.
pub async fn run() -> anyhow::Result<()> {
    let cli = Cli::parse();
    start_logging(matches!(cli.command, Command::Serve(_)));
    let common = &cli.common;
    match cli.command {
        Command::Serve(args) => serve(common, &args).await,
        Command::Demo(args) => crate::demo::run(common, args).await,
        Command::Parse(args) => parse::run(args),
        Command::Export(args) => export::run(common, args).await,
        Command::Import(args) => import::run(common, args).await,
        Command::Admin(args) => admin::run(common, args).await,
        Command::CheckConfig => check_config::run(common),
        Command::Purge(args) => purge::run(common, args).await,
        Command::Backup(args) => backup::make(common, args).await,
        Command::Restore(args) => backup::restore(common, args).await,
        Command::Keys(args) => keys::run(common, args),
        Command::Migrate => migrate(common).await,
        Command::Move(args) => move_data::run(common, args).await,
        Command::CheckStore => check_store::run(common).await,
    }
}

async fn serve(common: &Common, args: &ServeArgs) -> anyhow::Result<()> {
    let mut interrupted = Box::pin(interrupted());
    let roles = Roles::of(&args.role);
    let starting = crate::serve::start_in(common.load()?, roles, Clock::system()?);
    let running = tokio::select! {
        running = starting => running?,
        () = &mut interrupted => return Ok(()),
    };
    tracing::info!(http = %running.http, data_dir = %running.app.config.data_dir.display(), "canhgiac is running");
    say(&format!("canhgiac is running: http://{}", running.http))?;
    running.run_until(interrupted).await?;
    say("canhgiac has stopped; everything it acknowledged is stored.")
}

async fn migrate(common: &Common) -> anyhow::Result<()> {
    let config = common.load()?;
    if config.is_shared() {
        crate::app::open_store(&config).await?.close().await;
        return say("the database is up to date");
    }
    let _lock = crate::lock::DirectoryLock::take(&config.data_dir)?;
    let store = canhgiac_store::Store::open(&config.data_dir).await?;
    store.close().await;
    say(&format!("the databases in {} are up to date", config.data_dir.display()))
}

/// Ends when the process is asked to stop (Ctrl-C, SIGTERM). Listens from the call on, so that a request during
/// the start is not missed.
pub(crate) fn interrupted() -> impl Future<Output = ()> {
    let interrupt = heard(SignalKind::interrupt(), "Ctrl-C");
    let terminate = heard(SignalKind::terminate(), "SIGTERM");
    async move {
        tokio::select! {
            () = interrupt => {}
            () = terminate => {}
        }
    }
}

fn heard(kind: SignalKind, name: &'static str) -> impl Future<Output = ()> {
    let listening = signal(kind);
    async move {
        match listening {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "{name} cannot be listened for");
                std::future::pending::<()>().await;
            }
        }
    }
}

/// Writes a line for the person at the terminal.
pub(crate) fn say(line: &str) -> anyhow::Result<()> {
    use std::io::Write;
    writeln!(std::io::stdout(), "{line}").context("standard output is closed")
}

fn start_logging(is_service: bool) {
    let default = if is_service { "info" } else { "warn" };
    let filter = EnvFilter::try_from_env("CANHGIAC_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    if std::env::var("CANHGIAC_LOG_FORMAT").is_ok_and(|format| format == "json") {
        builder.json().init();
    } else {
        builder.init();
    }
}

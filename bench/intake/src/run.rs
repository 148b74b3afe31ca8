//! The run: rounds over all cells, then tables, chart and aims.

use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cells::{Cell, Disk, Rounds, Sample};
use crate::load::{self, Plan};
use crate::peer::{Ground, Peer};
use crate::postgres::Postgres;
use crate::projector::{self, ProjectorArgs};
use crate::receiver::{self, ReceiverArgs};
use crate::texts::Texts;
use crate::{machine, product, tables};

/// Measures the way in beside Kannel and two small programs, in one run.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// One of the small programs (started by the bench itself).
    #[command(hide = true)]
    Receiver(ReceiverArgs),
    /// The projector under a growing store, an officer's pages meanwhile, start, memory and parsing.
    Projector(ProjectorArgs),
}

#[derive(Debug, Args)]
struct RunArgs {
    /// Two short rounds: a look in one or two minutes.
    #[arg(long)]
    quick: bool,
    /// Rounds; the table shows medians.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Measured seconds of each cell, after a short warm-up.
    #[arg(long, default_value_t = 2.5)]
    seconds: f64,
    /// Texts unanswered on each bind.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 10, 100])]
    windows: Vec<u32>,
    /// Binds at once.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 4])]
    binds: Vec<usize>,
    /// Receivers; all when left out.
    #[arg(long, value_delimiter = ',', value_enum)]
    peers: Vec<Peer>,
    /// Where the stores are made, on the disk to be measured; the system's folder for temporary files when left out.
    #[arg(long)]
    directory: Option<PathBuf>,
    /// The product's binary; built when left out.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Kannel's bearerbox.
    #[arg(long, default_value = "/usr/sbin/bearerbox")]
    kannel: PathBuf,
    /// Write tables and chart into docs/performance.md.
    #[arg(long)]
    write: bool,
}

/// Runs what the command line asks for.
///
/// # Errors
/// When a receiver cannot be started or breaks, or a text that was answered OK is not in the product's log.
pub fn main(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Some(Command::Receiver(args)) => {
            let syncs = receiver::run(&args)?;
            print(&serde_json::to_string(&syncs)?)
        }
        Some(Command::Projector(args)) => projector::run(&args),
        None => measure(cli.run),
    }
}

fn measure(mut args: RunArgs) -> anyhow::Result<()> {
    if args.quick {
        (args.rounds, args.seconds) = (args.rounds.min(2), args.seconds.min(1.0));
    }
    if args.peers.is_empty() {
        args.peers = Peer::ALL.to_vec();
    }
    if args.peers.contains(&Peer::Kannel) && !args.kannel.exists() {
        print(&format!(
            "{} is not there (Debian package kannel): measuring without it",
            args.kannel.display()
        ))?;
        args.peers.retain(|peer| *peer != Peer::Kannel);
    }
    let postgres = match args.peers.contains(&Peer::Postgres).then(Postgres::missing) {
        Some(None) => Some(Postgres::start()),
        Some(Some(missing)) => {
            print(&format!("{missing}: measuring without it"))?;
            args.peers.retain(|peer| *peer != Peer::Postgres);
            None
        }
        None => None,
    };
    let binary = match args.binary.take() {
        Some(binary) => binary,
        None => product::build()?,
    };
    let directory = match &args.directory {
        Some(directory) => tempfile::Builder::new().prefix("canhgiac-bench-").tempdir_in(directory)?,
        None => tempfile::Builder::new().prefix("canhgiac-bench-").tempdir()?,
    };
    let machine = machine::describe(directory.path());
    print(&machine)?;
    let ground = Ground { directory: directory.path().to_owned(), binary, kannel: args.kannel.clone() };
    let rounds = all_rounds(&args, &ground, postgres.as_ref())?;
    let report = tables::report(&rounds, &args.peers, &args.binds, &args.windows);
    print(&report)?;
    if args.write {
        tables::write(&rounds, &args.peers, &args.binds, &args.windows, &machine, &report)?;
        print("written into docs/performance.md and docs/images/intake.svg")?;
    }
    Ok(())
}

fn all_rounds(args: &RunArgs, ground: &Ground, postgres: Option<&Postgres>) -> anyhow::Result<Rounds> {
    let texts = Arc::new(Texts::new()?);
    let cells = args.peers.len() * args.binds.len() * args.windows.len();
    let bar = ProgressBar::new((args.rounds * cells) as u64)
        .with_style(ProgressStyle::with_template("{wide_bar} {pos}/{len} {elapsed_precise} {msg}")?);
    let mut rounds = Rounds::default();
    let mut databases = 0;
    let mut failed: Vec<Peer> = Vec::new();
    for round in 0..args.rounds {
        rounds.begin(disk_alone(ground)?);
        for binds in &args.binds {
            for window in &args.windows {
                for place in 0..args.peers.len() {
                    // Each round begins with another receiver, so that none always follows the same one.
                    let peer = args.peers[(place + round) % args.peers.len()];
                    let cell = Cell { peer, binds: *binds, window: *window };
                    // What failed twice in one cell would only hold up the rest.
                    if failed.contains(&peer) {
                        bar.inc(1);
                        continue;
                    }
                    let Some(sample) = with_another_try(&bar, cell, || {
                        // Each cell a fresh database, as each has a fresh folder.
                        let database = postgres.filter(|_| peer == Peer::Postgres).map(|server| {
                            databases += 1;
                            let name = format!("cell{databases}");
                            server.create_database(&name);
                            server.url_of(&name)
                        });
                        one_cell(cell, args, ground, &texts, database)
                    })?
                    else {
                        failed.push(peer);
                        bar.inc(1);
                        continue;
                    };
                    say(
                        &bar,
                        &format!(
                            "round {} {:32} {binds} × {window:3}: {:>6}/s  p50 {:>8}  p99 {:>8}{}",
                            round + 1,
                            peer.name(),
                            crate::report::rate(sample.rate),
                            shown(sample.p50),
                            shown(sample.p99),
                            sample.projected.map_or_else(String::new, |share| format!(
                                "  {:.0} % projected",
                                share * 100.0
                            )),
                        ),
                    )?;
                    rounds.add(cell, sample);
                    bar.inc(1);
                }
            }
        }
    }
    bar.finish_and_clear();
    Ok(rounds)
}

fn disk_alone(ground: &Ground) -> anyhow::Result<Disk> {
    let (rate, syncs) = receiver::serial_syncs(&ground.directory, Duration::from_millis(700))?;
    Ok(Disk { rate, p50: syncs.quantile(0.5), p99: syncs.quantile(0.99) })
}

/// A receiver that does not start or breaks gets a second try; then its cell stays empty and is said. A lost text
/// ends the run.
fn with_another_try(
    bar: &ProgressBar,
    cell: Cell,
    mut measure: impl FnMut() -> anyhow::Result<Sample>,
) -> anyhow::Result<Option<Sample>> {
    for _ in 0..2 {
        match measure() {
            Ok(sample) => return Ok(Some(sample)),
            Err(error) if error.is::<Lost>() => return Err(error),
            Err(error) => {
                let Cell { peer, binds, window } = cell;
                say(bar, &format!("FAILED: {}, {binds} × {window}: {error:#}", peer.name()))?;
            }
        }
    }
    Ok(None)
}

/// Texts were answered OK and are not in the log.
#[derive(Debug)]
struct Lost {
    answered: u64,
    stored: u64,
}

impl std::error::Error for Lost {}

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} texts were answered OK and {} are in the log", self.answered, self.stored)
    }
}

fn one_cell(
    cell: Cell,
    args: &RunArgs,
    ground: &Ground,
    texts: &Arc<Texts>,
    database: Option<String>,
) -> anyhow::Result<Sample> {
    let folder = tempfile::tempdir_in(&ground.directory)?;
    let folder = folder.path();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let running = ground.start(cell.peer, folder, listener.local_addr()?, cell.binds, database.clone())?;
    let measured = Duration::from_secs_f64(args.seconds);
    let plan = Plan { binds: cell.binds, window: cell.window, first: 0, warm_up: measured / 5, measured };
    let load = load::run(&listener, texts, plan)?;
    let told = running.finish(database.as_deref())?;
    anyhow::ensure!(load.refused == 0, "{} texts were refused", load.refused);
    if let Some(stored) = told.stored {
        let answered = load.answered_ever;
        anyhow::ensure!(stored >= answered, Lost { answered, stored });
    }
    settle();
    Ok(Sample {
        rate: load.answered as f64 / args.seconds,
        p50: load.latency.quantile(0.5),
        p99: load.latency.quantile(0.99),
        sync_p99: told.syncs.and_then(|syncs| syncs.quantile(0.99)),
        projected: told
            .projected
            .zip(told.stored)
            .map(|(projected, stored)| projected as f64 / stored.max(1) as f64),
    })
}

/// Lets the disk finish what the last receiver left in memory, so that the next does not pay for it.
fn settle() {
    let started = Instant::now();
    // A failure to run it costs precision, not truth.
    let _ = std::process::Command::new("sync").status();
    if let Some(rest) = Duration::from_millis(100).checked_sub(started.elapsed()) {
        std::thread::sleep(rest);
    }
}

/// A line above the bar, or alone where there is no terminal for one.
fn say(bar: &ProgressBar, line: &str) -> anyhow::Result<()> {
    if bar.is_hidden() {
        return print(line);
    }
    bar.println(line);
    Ok(())
}

fn shown(duration: Option<Duration>) -> String {
    duration.map_or_else(|| "–".to_owned(), |duration| crate::report::time(duration.as_secs_f64()))
}

pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}

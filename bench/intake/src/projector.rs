//! The projector under a growing store: millions of texts come in through the links, and while they become reports
//! an officer opens pages. Beside it what a start takes, the memory of an idle product, and how fast texts are parsed.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use canhgiac_domain::intake::{Grammar, understand};
use canhgiac_domain::number::NumberingPlan;
use canhgiac_simulator::citizens::{Citizens, CitizensPlan};
use clap::Args;

use crate::histogram::Histogram;
use crate::load::{self, Plan};
use crate::machine;
use crate::postgres::Postgres;
use crate::product::{self, Product, Settings};
use crate::report::{self, Aim, Table, rate, time};
use crate::run::print;
use crate::texts::Texts;

/// Binds that feed the product.
const BINDS: usize = 4;
/// Texts unanswered on each.
const WINDOW: u32 = 100;
/// One feeding; the projector is waited for after each.
const FEEDING: Duration = Duration::from_secs(4);
/// How long the projector may take for one.
const WORKED_OFF_WITHIN: Duration = Duration::from_secs(300);
/// How often an officer opens pages.
const PAGES_EVERY: Duration = Duration::from_millis(200);
/// Pages that an officer has open most.
const PAGES: [&str; 3] = ["/can-bo", "/can-bo/phan-anh", "/can-bo/vu-viec"];
/// How long a product is left alone before its memory is read.
const IDLE: Duration = Duration::from_secs(4);
/// The officer's password, of a store that is thrown away.
const PASSWORD: &str = "mat-khau-cua-bai-do";

/// What the projector's bench takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct ProjectorArgs {
    /// A tenth of the reports: a look in a minute.
    #[arg(long)]
    quick: bool,
    /// Reports that are there at the end.
    #[arg(long, default_value_t = 3_000_000)]
    reports: u64,
    /// On PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: bool,
    /// Where the store is made; the system's folder for temporary files when left out.
    #[arg(long)]
    directory: Option<PathBuf>,
    /// The product's binary; built when left out.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Write the tables into docs/performance.md.
    #[arg(long)]
    write: bool,
}

/// One feeding and what became of it.
#[derive(Debug, Clone)]
struct Leg {
    /// Reports before it.
    before: u64,
    /// Texts of it.
    fed: u64,
    /// Reports a second while only the projector worked.
    rate: f64,
    /// Pages meanwhile.
    pages: Histogram,
    /// Memory of the product at its end, in octets.
    memory: u64,
}

pub(crate) fn run(args: &ProjectorArgs) -> anyhow::Result<()> {
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => product::build()?,
    };
    let base = args.directory.clone().unwrap_or_else(std::env::temp_dir);
    let directory = tempfile::Builder::new().prefix("canhgiac-bench-").tempdir_in(base)?;
    let machine = machine::describe(directory.path());
    print(&machine)?;
    let parsed = parse_rate()?;
    print(&format!("parsed on one core: {} texts/s", rate(parsed)))?;
    let server = args.postgres.then(Postgres::start);
    let settings = Settings {
        binary,
        data_dir: directory.path().join("data"),
        database: server.as_ref().map(Postgres::url),
        operator: None,
        links: BINDS,
    };
    let wanted = if args.quick { args.reports / 10 } else { args.reports };

    let (_, idle, product) = start_idle(&settings)?;
    let cookie = sign_in(&settings, &product)?;
    product.stop()?;
    let texts = Arc::new(Texts::of_many_sources()?);
    let mut legs: Vec<Leg> = Vec::new();
    let mut there = 0;
    // The last feeding begins when everything wanted is there.
    while legs.last().is_none_or(|leg| leg.before < wanted) {
        let leg = feed(&settings, &texts, there, legs.len() as u64, &cookie)?;
        print(&format!(
            "with {:>9} reports there: {:>6}/s, officer's pages p50 {}, p99 {}, longest {}",
            leg.before,
            rate(leg.rate),
            shown(&leg.pages, 0.5),
            shown(&leg.pages, 0.99),
            shown(&leg.pages, 1.0),
        ))?;
        there += leg.fed;
        legs.push(leg);
    }
    let (ready, idle_full, product) = start_idle(&settings)?;
    product.stop()?;
    let memory = legs.last().map_or(0, |leg| leg.memory);
    let text = tables(args, &legs, parsed, ready, [idle, idle_full, memory])?;
    print(&text)?;
    if args.write {
        let part = if args.postgres { "projector-postgres" } else { "projector" };
        report::write_part(part, &format!("Measured {} on {machine}.\n\n{text}", machine::today()))?;
    }
    Ok(())
}

/// Starts the product and leaves it alone: how long it took to be ready, its memory, and itself.
fn start_idle(settings: &Settings) -> anyhow::Result<(Duration, u64, Product)> {
    let since = Instant::now();
    let mut product = Product::start(settings)?;
    let ready = product.wait_ready(since)?;
    thread::sleep(IDLE);
    Ok((ready, product.memory()?, product))
}

/// Feeds for a while, then times how the projector works off what came, and an officer's pages meanwhile.
fn feed(
    settings: &Settings,
    texts: &Arc<Texts>,
    before: u64,
    feeding: u64,
    cookie: &str,
) -> anyhow::Result<Leg> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let settings = Settings { operator: Some(listener.local_addr()?), ..settings.clone() };
    let mut product = Product::start(&settings)?;
    product.wait_ready(Instant::now())?;
    let plan = Plan {
        binds: BINDS,
        window: WINDOW,
        first: feeding * 1_000_000,
        warm_up: Duration::ZERO,
        measured: FEEDING,
    };
    let load = load::run(&listener, texts, plan)?;
    drop(listener);
    anyhow::ensure!(load.refused == 0, "{} texts were refused", load.refused);
    let fed = load.answered_ever;
    let mut pages = Histogram::default();
    let began_at = projected(&product)?;
    let (mut done, started) = (began_at, Instant::now());
    while done < fed {
        anyhow::ensure!(started.elapsed() < WORKED_OFF_WITHIN, "{done} of {fed} texts are reports");
        for path in PAGES {
            let answer = product.get(path, Some(cookie))?;
            anyhow::ensure!(answer.status == 200, "{path} answers {}", answer.status);
            pages.add(answer.took);
        }
        thread::sleep(PAGES_EVERY);
        done = projected(&product)?;
    }
    let rate = (done - began_at) as f64 / started.elapsed().as_secs_f64();
    let memory = product.memory()?;
    product.stop()?;
    Ok(Leg { before, fed, rate, pages, memory })
}

fn projected(product: &Product) -> anyhow::Result<u64> {
    let answer = product.get("/metrics", None)?;
    let name = "canhgiac_reports_projected_total ";
    let line = answer.text.lines().find_map(|line| line.strip_prefix(name));
    line.map_or(Ok(0), |figure| figure.trim().parse().context("a metric that is no number"))
}

fn sign_in(settings: &Settings, product: &Product) -> anyhow::Result<String> {
    let config = settings.data_dir.with_file_name("canhgiac.toml");
    let added = Command::new(&settings.binary)
        .args(["admin", "add-user", "--login", "bench", "--name", "Bench", "--role", "officer", "--config"])
        .arg(config)
        .env("CANHGIAC_PASSWORD", PASSWORD)
        .output()?;
    anyhow::ensure!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let form = format!("tai_khoan=bench&mat_khau={PASSWORD}&tiep=");
    let answer = product.post("/can-bo/dang-nhap", &form, None)?;
    answer.cookie().with_context(|| format!("the officer could not sign in: {}", answer.status))
}

/// Texts of made-up citizens parsed a second by one thread.
fn parse_rate() -> anyhow::Result<f64> {
    const TEXTS: usize = 5_000;
    const ROUNDS: usize = 100;
    let plan = NumberingPlan::shipped(false).map_err(|error| anyhow::anyhow!("{error}"))?;
    let grammar = Grammar::shipped(plan).map_err(|error| anyhow::anyhow!("{error}"))?;
    let mut citizens = Citizens::new(CitizensPlan::demo(7));
    let texts: Vec<String> =
        std::iter::from_fn(|| citizens.next()).map(|(_, text)| text.text).take(TEXTS).collect();
    let on = jiff::civil::date(2026, 11, 23);
    let mut sources = 0;
    let started = Instant::now();
    for _ in 0..ROUNDS {
        for text in &texts {
            sources += understand(std::hint::black_box(text), &grammar, on).sources.len();
        }
    }
    let rate = (ROUNDS * texts.len()) as f64 / started.elapsed().as_secs_f64();
    anyhow::ensure!(sources > 0, "nothing was understood");
    Ok(rate)
}

fn shown(pages: &Histogram, share: f64) -> String {
    pages.quantile(share).map_or_else(|| "–".to_owned(), |took| time(took.as_secs_f64()))
}

fn tables(
    args: &ProjectorArgs,
    legs: &[Leg],
    parsed: f64,
    ready: Duration,
    [idle, idle_full, busy]: [u64; 3],
) -> anyhow::Result<String> {
    let mib = |octets: u64| octets as f64 / (1024.0 * 1024.0);
    let (first, last) = legs.first().zip(legs.last()).context("nothing was measured")?;
    let mut table = Table::new(["reports there", "reports/s", "officer's page p50", "p99"]);
    // A dozen lines say as much as all of them.
    let step = legs.len().div_ceil(12);
    for leg in legs.iter().step_by(step).chain([last]) {
        table.row([leg.before.to_string(), rate(leg.rate), shown(&leg.pages, 0.5), shown(&leg.pages, 0.99)]);
    }
    let page = last.pages.quantile(0.99).map(|took| took.as_secs_f64());
    let wanted = if args.postgres { 20_000.0 } else { 10_000.0 };
    let aim = |what: String, got: f64, shown: String, holds: bool| Aim { what, got: Some(got), shown, holds };
    let aims = [
        aim(
            format!("≥ {} reports/s with {} there", rate(wanted), last.before),
            last.rate,
            format!("{}/s", rate(last.rate)),
            last.rate >= wanted,
        ),
        aim(
            "… and ≥ 0.9 × the empty store".to_owned(),
            last.rate,
            format!("{:.2} ×", last.rate / first.rate),
            last.rate >= 0.9 * first.rate,
        ),
        aim(
            "an officer's page meanwhile within 200 ms (p99)".to_owned(),
            last.rate,
            page.map_or_else(String::new, time),
            page.is_some_and(|page| page <= 0.2),
        ),
        aim(
            "parsing ≥ 1 million texts/s on one core".to_owned(),
            parsed,
            format!("{}/s", rate(parsed)),
            parsed >= 1e6,
        ),
        aim(
            "idle memory ≤ 60 MiB".to_owned(),
            mib(idle),
            format!(
                "{:.0} MiB empty, {:.0} MiB with all reports, {:.0} MiB at work",
                mib(idle),
                mib(idle_full),
                mib(busy)
            ),
            mib(idle.max(idle_full)) <= 60.0,
        ),
        aim(
            "from start to ready with all reports there < 1 s".to_owned(),
            ready.as_secs_f64(),
            time(ready.as_secs_f64()),
            ready < Duration::from_secs(1),
        ),
    ];
    Ok(format!("{}\n{}", table.markdown(), report::aims(&aims)))
}

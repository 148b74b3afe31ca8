//! `canhgiac export`: writes out what is stored, also while the product is stopped.

use std::io::{BufWriter, Write};
use std::time::Duration;

use anyhow::{Context, bail};
use canhgiac_store::{ReportEntry, SourceRow};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use super::Common;
use crate::app::App;
use crate::clock::Clock;
use crate::lock::DirectoryLock;
use crate::projector;

/// Reports read at once.
const PAGE: i64 = 1000;
/// How long an export waits for the running product to work through what has come in.
const WAIT_LIMIT: Duration = Duration::from_secs(60);
/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What `export` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct ExportArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Clone, Subcommand)]
enum What {
    /// Reports, oldest first: id, kind, sources, content, received_at, channel, link and more. Never the
    /// reporter's number.
    Reports {
        /// How they are written.
        #[arg(long, value_enum, default_value_t = Format::Ndjson)]
        format: Format,
        /// Also texts that ask for results, checks, help or warnings.
        #[arg(long)]
        with_service: bool,
        /// Also texts that may be the same message sent again after a broken connection.
        #[arg(long)]
        with_redeliveries: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JSON object a line.
    Ndjson,
}

#[derive(Serialize)]
struct Line<'a> {
    id: String,
    received_at: String,
    channel: &'a str,
    link: &'a str,
    operator: Option<&'a str>,
    to: Option<&'a str>,
    intent: &'a str,
    kind: Option<&'a str>,
    problem: Option<&'a str>,
    sources: Vec<&'a str>,
    content: &'a str,
    text: &'a str,
    code: String,
    case: Option<i64>,
    state: &'a str,
    leniencies: serde_json::Value,
    findings: serde_json::Value,
    flags: serde_json::Value,
    commune: Option<&'a str>,
    is_suspected_redelivery: bool,
}

pub(super) async fn run(common: &Common, args: ExportArgs) -> anyhow::Result<()> {
    let What::Reports { format: Format::Ndjson, with_service, with_redeliveries } = args.what;
    let config = common.load()?;
    if !config.is_shared() && !config.data_dir.is_dir() {
        bail!("there is no data directory {}; give the right one with --data-dir", config.data_dir.display());
    }
    // On a database that others may use the workers project, wherever they run.
    let lock = match config.is_shared() {
        true => None,
        false => DirectoryLock::try_take(&config.data_dir)?,
    };
    let (app, _committer) = App::open(config, Clock::system()?).await?;
    match lock {
        // Nobody else works here: what is still in the intake log is projected by us.
        Some(_) => projector::catch_up(&app).await?,
        None => wait_for_projector(&app).await?,
    }
    let outcome = write_reports(&app, with_service, with_redeliveries).await;
    app.store.close().await;
    outcome
}

/// The running product projects; we wait until it has come to where the log ended when we began.
async fn wait_for_projector(app: &App) -> anyhow::Result<()> {
    let end = app.store.intake_end().await?;
    let waited = tokio::time::timeout(WAIT_LIMIT, async {
        while app.store.cursor().await? < end {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        anyhow::Ok(())
    });
    waited.await.context("the running product is far behind its intake log; try again later")?
}

async fn write_reports(app: &App, with_service: bool, with_redeliveries: bool) -> anyhow::Result<()> {
    let mut output = BufWriter::new(std::io::stdout().lock());
    let mut after = 0;
    let mut left_out = 0u64;
    loop {
        let page = app.store.reports_after(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.report.seq;
        for entry in &page {
            if entry.report.state == "service" && !with_service {
                continue;
            }
            if entry.report.duplicate_of.is_some() && !with_redeliveries {
                left_out += 1;
                continue;
            }
            serde_json::to_writer(&mut output, &line_of(entry)?)?;
            output.write_all(b"\n")?;
        }
    }
    output.flush()?;
    if left_out > 0 {
        tracing::warn!(
            count = left_out,
            "suspected redeliveries were left out; --with-redeliveries writes them too"
        );
    }
    Ok(())
}

/// Numbers in canonical form, sender names as typed.
fn written(source: &SourceRow) -> &str {
    let typed = source.as_received.trim();
    if source.kind == "sender_name" && typed.eq_ignore_ascii_case(&source.canonical) {
        typed
    } else {
        &source.canonical
    }
}

fn line_of(entry: &ReportEntry) -> anyhow::Result<Line<'_>> {
    let report = &entry.report;
    Ok(Line {
        id: report.id.to_string(),
        received_at: jiff::Timestamp::from_microsecond(report.received_us)?.to_string(),
        channel: &report.channel,
        link: &report.link,
        operator: report.operator.as_deref(),
        to: report.to_code.as_deref(),
        intent: &report.intent,
        kind: report.kind.as_deref(),
        problem: report.problem.as_deref(),
        sources: entry.sources.iter().map(written).collect(),
        content: &report.content,
        text: &report.text,
        code: report.code.to_string(),
        case: entry.case_number,
        state: &report.state,
        leniencies: serde_json::from_str(&report.leniencies)?,
        findings: serde_json::from_str(&report.findings)?,
        flags: serde_json::from_str(&report.flags)?,
        commune: report.commune.as_deref(),
        is_suspected_redelivery: report.duplicate_of.is_some(),
    })
}

//! `canhgiac import`: reports from a file, each row once however often the file is given.
//!
//! A row is named by its own reference, or by its content; the name is committed with the report. So an import that
//! was cut off, by `kill -9` too, is resumed by giving the same file again. Rows that are not taken go to a file
//! of their own with the reason beside them, to be mended and given again.

mod columns;
mod read;
mod refused;
mod sheet;
mod target;
mod text;

use std::fs::File;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use self::columns::Columns;
use self::read::{Record, Row};
use self::refused::RefusedFile;
use self::target::{Outcome, Target};
use super::{Common, say};
use crate::intake::{canonical, hex};

/// Largest file, in bytes.
const FILE_LIMIT: u64 = 2 * 1024 * 1024 * 1024;
/// Rows of one file; Excel has no more.
const ROWS_LIMIT: u64 = 1_048_576;
/// Batches read ahead of the store.
const AHEAD: usize = 4;

/// What `import` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct ImportArgs {
    /// CSV (UTF-8 or UTF-16), NDJSON or XLSX; which of them is seen from its content.
    file: PathBuf,
    /// TOML file that says which column is what: [columns] "Tên cột" = "content".
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Kind of rows that name none: LD, V, S, or an id such as scam_call.
    #[arg(long)]
    kind: Option<String>,
    /// Sheet of a spreadsheet; the first when left out.
    #[arg(long)]
    sheet: Option<String>,
    /// Where rows that are not taken are written; beside the file when left out.
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
}

#[derive(Debug, Default)]
struct Counts {
    stored: u64,
    known: u64,
    refused: u64,
}

/// One row on its way to the store.
struct Item {
    record: Record,
    name: String,
    map: serde_json::Map<String, serde_json::Value>,
}

pub(super) async fn run(common: &Common, args: ImportArgs) -> anyhow::Result<()> {
    let size =
        std::fs::metadata(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?.len();
    if size > FILE_LIMIT {
        bail!("{} has {size} bytes; at most {FILE_LIMIT} are taken, split it", args.file.display());
    }
    if let Some(kind) = &args.kind
        && crate::intake::kind_of(kind).is_none()
    {
        bail!("'{kind}' is no kind; take LD, V, S, or scam_call, spam_call, spam_sms, unlawful_advert");
    }
    let mapping = args.map.as_deref().map(columns::read_mapping).transpose()?;
    let target = Target::open(common.load()?).await?;
    let done = import(&target, &args, mapping, size).await;
    let closed = target.close().await;
    let counts = done?;
    closed?;
    say(&format!(
        "{}: {} stored, {} known already, {} refused",
        args.file.display(),
        counts.stored,
        counts.known,
        counts.refused
    ))?;
    if counts.refused > 0 {
        let path = refused_path(&args);
        bail!("{} rows were refused: mend {} and import it", counts.refused, path.display());
    }
    Ok(())
}

fn refused_path(args: &ImportArgs) -> PathBuf {
    args.refused.clone().unwrap_or_else(|| {
        let mut name = args.file.file_stem().unwrap_or_default().to_owned();
        name.push(".refused.csv");
        args.file.with_file_name(name)
    })
}

async fn import(
    target: &Target,
    args: &ImportArgs,
    mapping: Option<columns::Mapping>,
    size: u64,
) -> anyhow::Result<Counts> {
    let refused_path = refused_path(args);
    if refused_path == args.file {
        bail!("the refused rows would overwrite the file itself; give --refused another name");
    }
    let position = Arc::new(AtomicU64::new(0));
    let (sender, mut batches) = mpsc::channel::<Vec<Record>>(AHEAD);
    let (path, sheet, read_position) = (args.file.clone(), args.sheet.clone(), Arc::clone(&position));
    let reader = tokio::task::spawn_blocking(move || {
        let file = File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
        read::all(file, sheet.as_deref(), &read_position, &sender)
    });
    let bar = progress(size);
    let mut columns: Option<Columns> = None;
    let mut refused = RefusedFile::new(refused_path);
    let mut counts = Counts::default();
    let mut rows = 0;
    while let Some(mut batch) = batches.recv().await {
        if columns.is_none() {
            let header = match batch.first().map(|record| &record.row) {
                Some(Ok(Row::Cells(_))) => Some(batch.remove(0)),
                _ => None,
            };
            columns = Some(Columns::of(header, mapping.as_ref(), args.kind.as_deref())?);
        }
        let Some(columns) = &columns else { continue };
        rows += batch.len() as u64;
        if rows > ROWS_LIMIT {
            bail!(
                "more than {ROWS_LIMIT} rows: split the file; what was stored stays, and is not stored again"
            );
        }
        take(target, columns, batch, &mut refused, &mut counts).await?;
        bar.set_position(position.load(Ordering::Relaxed).min(size));
        bar.set_message(format!(
            "{} stored, {} known, {} refused",
            counts.stored, counts.known, counts.refused
        ));
    }
    let read = reader.await.context("reading the file ended early")?;
    bar.finish_and_clear();
    refused.finish()?;
    read?;
    if columns.is_none() {
        bail!("{} holds no rows", args.file.display());
    }
    Ok(counts)
}

async fn take(
    target: &Target,
    columns: &Columns,
    batch: Vec<Record>,
    refused: &mut RefusedFile,
    counts: &mut Counts,
) -> anyhow::Result<()> {
    let mut items = Vec::with_capacity(batch.len());
    for record in batch {
        match columns.report_of(&record) {
            Ok(map) if map.is_empty() => {}
            Ok(map) => items.push(Item { name: name_of(&map), map, record }),
            Err(reason) => {
                counts.refused += 1;
                refused.add(columns, &record, &reason)?;
            }
        }
    }
    let outcomes = target.take(&items).await?;
    for (item, outcome) in items.iter().zip(outcomes) {
        let reason = match outcome {
            Outcome::Stored => {
                counts.stored += 1;
                continue;
            }
            Outcome::Known => {
                counts.known += 1;
                continue;
            }
            Outcome::Differs => {
                "mã (reference) này đã nhập với nội dung khác / this reference was imported with other content".to_owned()
            }
            Outcome::Refused(reason) => reason,
        };
        counts.refused += 1;
        refused.add(columns, &item.record, &reason)?;
    }
    Ok(())
}

/// What a row is recognised by: its reference, or everything in it.
fn name_of(map: &serde_json::Map<String, serde_json::Value>) -> String {
    let digest = match map.get("reference").and_then(|reference| reference.as_str()) {
        Some(reference) => Sha256::digest(format!("reference:{}", reference.trim())),
        None => Sha256::digest(canonical(map)),
    };
    format!("row-{}", hex(&digest))
}

fn progress(size: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {percent}% {msg} ({elapsed}, {eta} left)");
    let bar = ProgressBar::with_draw_target(Some(size), ProgressDrawTarget::stderr());
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

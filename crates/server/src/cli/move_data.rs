//! `canhgiac move`: everything from SQLite into PostgreSQL, in one transaction, verified by counts and hashes.

use std::io::IsTerminal;

use anyhow::{Context, bail};
use canhgiac_store::{MovedTable, PostgresOptions, move_to};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Common, say};
use crate::intake::hex;
use crate::lock::DirectoryLock;

/// What `move` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct MoveArgs {
    /// The empty database to fill, such as postgres://canhgiac@db/canhgiac; `database` of the configuration
    /// (CANHGIAC_DATABASE) when left out, so that a password need not stand on the command line.
    #[arg(long, value_name = "URL")]
    to: Option<String>,
}

pub(super) async fn run(common: &Common, args: MoveArgs) -> anyhow::Result<()> {
    let config = common.load()?;
    let Some(url) = args.to.or_else(|| config.database.clone()) else {
        bail!("say where to: --to postgres://user@host/database, or CANHGIAC_DATABASE with the password");
    };
    let target: PostgresOptions = url.parse()?;
    if !config.data_dir.join("state.db").is_file() {
        bail!("there are no databases in {}; give the right --data-dir", config.data_dir.display());
    }
    let _lock = DirectoryLock::take(&config.data_dir)?;
    let bar = progress();
    let moved = move_to(&config.data_dir, &target, |table, done, all| {
        bar.set_length(all);
        bar.set_position(done);
        bar.set_message(table.to_owned());
    })
    .await
    .context("nothing was moved");
    bar.finish_and_clear();
    tell(&moved?)?;
    say(&format!(
        "Moved and read back the same. From now on use the database: set CANHGIAC_DATABASE, give every process the \
         master key of {0} (master_key, or a copy of {0}/master.key), and evidence_dir = \"{1}\" (or a copy of it where \
         all reach it). The SQLite files stay as they are; keep them until you are sure, and start nothing on them.",
        config.data_dir.display(),
        config.evidence_dir().display()
    ))
}

/// One line a table, and the sum.
fn tell(tables: &[MovedTable]) -> anyhow::Result<()> {
    for table in tables.iter().filter(|table| table.rows > 0) {
        let print: String = hex(&table.sha256).chars().take(16).collect();
        say(&format!("{:>12} {:<24} sha256 {print}…", table.rows, table.name))?;
    }
    let rows: u64 = tables.iter().map(|table| table.rows).sum();
    say(&format!("{rows:>12} rows in {} tables", tables.len()))
}

/// For a person at a terminal; hidden elsewhere.
fn progress() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} {msg} ({elapsed})") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

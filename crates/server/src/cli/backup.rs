//! `canhgiac backup` and `canhgiac restore`: for installations on SQLite.

use std::path::PathBuf;

use anyhow::ensure;
use clap::Args;

use super::{Common, say};
use crate::backup::{self, Key, Manifest};
use crate::clock::Clock;
use crate::config::Config;
use crate::keys::Keys;

/// What `backup` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct BackupArgs {
    /// Where backups lie; each becomes a folder below it, named after the time.
    #[arg(value_name = "DIR")]
    place: PathBuf,
    /// Remove all but the newest so many.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    keep: Option<u16>,
    /// Only read the backup in DIR through and through, and say what it holds.
    #[arg(long, conflicts_with = "keep")]
    check: bool,
}

/// What `restore` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct RestoreArgs {
    /// The folder of one backup.
    #[arg(value_name = "BACKUP")]
    folder: PathBuf,
    /// A copy of master.key, when the key is neither configured nor in the data directory.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Send the messages that waited when the backup was made. Only when the product was stopped before it and has
    /// not run since, as when moving to another machine: otherwise citizens get them twice.
    #[arg(long)]
    send_waiting: bool,
}

pub(super) async fn make(common: &Common, args: BackupArgs) -> anyhow::Result<()> {
    if args.check {
        let manifest = backup::check(&args.place).await?;
        say(&format!("the backup of {} is sound", manifest.made_at))?;
        return tell(&manifest);
    }
    let config = common.load()?;
    on_sqlite(&config)?;
    ensure!(
        config.data_dir.join("state.db").is_file(),
        "there are no databases in {}; give the right one with --data-dir",
        config.data_dir.display()
    );
    let keys = Keys::open(config.master_key.as_deref(), &config.data_dir)?;
    let keep = args.keep.map(usize::from);
    let made = backup::make(&config, &keys, &args.place, keep, &Clock::system()?).await?;
    say(&format!("backup made and read again: {}", made.folder.display()))?;
    tell(&made.manifest)?;
    for path in &made.removed {
        say(&format!("  removed         {}", path.display()))?;
    }
    if config.master_key.is_none() {
        say(&format!(
            "The key is not in it. Keep a copy of {} in another place.",
            config.data_dir.join("master.key").display()
        ))?;
    }
    Ok(())
}

pub(super) async fn restore(common: &Common, args: RestoreArgs) -> anyhow::Result<()> {
    let config = common.load()?;
    on_sqlite(&config)?;
    let key = match (&args.key_file, &config.master_key) {
        (Some(file), _) => Key::File(file),
        (None, Some(key)) => Key::Configured(key),
        (None, None) => Key::InPlace,
    };
    let clock = Clock::system()?;
    let (manifest, held) = backup::restore(&args.folder, &config, key, args.send_waiting, &clock).await?;
    say(&format!("restored into {}: the backup of {}", config.data_dir.display(), manifest.made_at))?;
    tell(&manifest)?;
    if held > 0 {
        say(&format!(
            "  {held} messages waited then and may have left since: they are uncertain and are not sent again"
        ))?;
    }
    Ok(())
}

fn on_sqlite(config: &Config) -> anyhow::Result<()> {
    ensure!(
        !config.is_shared(),
        "the database is PostgreSQL: use deploy/backup/pg-backup.sh and pg-restore.sh (docs/operations.md)"
    );
    Ok(())
}

fn tell(manifest: &Manifest) -> anyhow::Result<()> {
    say(&format!("  intake log      {} items", manifest.count("intake.db:intake")))?;
    say(&format!("  reports         {}", manifest.count("state.db:report")))?;
    say(&format!("  cases           {}", manifest.count("state.db:casefile")))?;
    say(&format!("  evidence        {} files", manifest.count("state.db:evidence")))?;
    say(&format!("  size            {} bytes in {} files", manifest.size(), manifest.files.len()))
}

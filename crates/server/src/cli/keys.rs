//! `canhgiac keys`: the ring of master keys.

use anyhow::ensure;
use clap::{Args, Subcommand};

use super::{Common, say};
use crate::keys::{Keys, rotate};
use crate::lock::DirectoryLock;

/// What `keys` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeysArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Clone, Subcommand)]
enum What {
    /// Say which keys are in use, by a fingerprint that tells nothing about them.
    Show,
    /// Add a fresh key, which seals what comes from the next start on; the product must be stopped.
    Rotate,
}

pub(super) fn run(common: &Common, args: KeysArgs) -> anyhow::Result<()> {
    let config = common.load()?;
    let file = config.data_dir.join("master.key");
    match args.what {
        What::Show => {
            let keys = match &config.master_key {
                Some(configured) => Keys::open(Some(configured), &config.data_dir)?,
                None => Keys::read(&file)?,
            };
            say(&format!("{} keys, fingerprint {}", keys.generations(), keys.fingerprint()))
        }
        What::Rotate => {
            ensure!(
                config.master_key.is_none(),
                "the key is configured, so only you can change it: write a second one behind it, after a comma \
                 (openssl rand -hex 32), and start every process again"
            );
            let _lock = DirectoryLock::take(&config.data_dir)?;
            let generations = rotate(&config.data_dir)?;
            say(&format!("{} has {generations} keys now; the newest seals what comes", file.display()))?;
            say(
                "Copy the file to where you keep its copy: the old copy cannot read what is sealed from now on.",
            )
        }
    }
}

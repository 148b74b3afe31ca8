//! What all processes on one database must have in common: the keys and the files of evidence. The database keeps a
//! mark of each; a process that has others is refused before it writes anything.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, bail};
use canhgiac_store::Store;
use uuid::Uuid;

use crate::config::Config;
use crate::keys::Keys;

/// Names of the marks in the database.
const KEYS: &str = "keys";
const FILES: &str = "evidence";
/// The file in the evidence directory that holds its mark.
const MARK_FILE: &str = ".installation";

/// Refuses keys other than those with which the numbers in this database are sealed.
pub(crate) async fn check_keys(store: &Store, keys: &Keys) -> anyhow::Result<()> {
    let ours = keys.fingerprint();
    if store.settle_mark(KEYS, &ours).await? != ours {
        bail!(
            "this database was made with another master key: numbers in it could not be read, and what is written \
             now could not be read by others. Give every process the same key (master_key, CANHGIAC_MASTER_KEY, or \
             the file master.key of the data directory it was made in)"
        );
    }
    Ok(())
}

/// Refuses a directory of evidence other than the one that goes with this database, where processes share it.
pub(crate) async fn check_files(store: &Store, config: &Config) -> anyhow::Result<()> {
    if !config.is_shared() {
        return Ok(());
    }
    let directory = config.evidence_dir();
    let path = directory.join(MARK_FILE);
    let here = match fs::read_to_string(&path) {
        Ok(text) => Some(text.trim().to_owned()),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let ours = here.clone().unwrap_or_else(|| Uuid::now_v7().to_string());
    let theirs = store.settle_mark(FILES, &ours).await?;
    if theirs != ours {
        bail!(
            "{} is not the evidence directory of this database: every web and worker process needs the same one \
             (evidence_dir, CANHGIAC_EVIDENCE_DIR), such as a directory on a shared file system. If it was moved, \
             move the file {MARK_FILE} with it",
            directory.display()
        );
    }
    if here.is_none() {
        write_durably(&path, &theirs).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn write_durably(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = fs::File::create(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    path.parent().map_or(Ok(()), |directory| fs::File::open(directory)?.sync_all())
}

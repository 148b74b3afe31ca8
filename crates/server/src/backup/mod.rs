//! Backups of an installation on SQLite: made while it runs, verified, restored into an empty data directory.
//!
//! A backup is one folder: `state.db`, `intake.db`, `evidence/`, and `manifest.json` with the hash of every file and
//! the rows of every table. The master key is never in it: whoever steals the folder cannot read a reporter's number,
//! and whoever restores it needs the key from another place.
//! PostgreSQL has its own way: see deploy/backup.

mod files;
mod manifest;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use canhgiac_store::{SQLITE_FILES, check_sqlite, copy_sqlite, evidence_of_copy, hold_waiting_messages};

use crate::clock::Clock;
use crate::config::Config;
use crate::intake::{hex, unhex};
use crate::keys::Keys;
use crate::lock::{DirectoryLock, make_private};
use files::{copy_file, hash_file, new_private_directory, sync_directory};
pub use manifest::Manifest;
use manifest::{FileEntry, MANIFEST};

/// Touched in the data directory when a backup has ended well; the metrics show its age.
pub(crate) const STAMP: &str = "last-backup";
const KEY_FILE: &str = "master.key";
const EVIDENCE: &str = "evidence";
/// A folder with this ending is a backup that was not finished.
const UNFINISHED: &str = "unfinished";

/// What a backup became.
#[derive(Debug)]
pub struct Made {
    /// Its folder.
    pub folder: PathBuf,
    /// What it holds.
    pub manifest: Manifest,
    /// Older backups that were removed.
    pub removed: Vec<PathBuf>,
}

/// Makes a backup of the configured data directory below `place`, in a folder named after the time, and reads it again. Keeps the newest
/// `keep` of them when that is given.
///
/// # Errors
/// When something cannot be read or written, or the copy is not what it must be; what was written is left unfinished.
pub async fn make(
    config: &Config,
    keys: &Keys,
    place: &Path,
    keep: Option<usize>,
    clock: &Clock,
) -> anyhow::Result<Made> {
    make_private(place)?;
    let name = clock.now().strftime("%Y-%m-%dT%H%M%SZ").to_string();
    let unfinished = place.join(format!("{name}.{UNFINISHED}"));
    new_private_directory(&unfinished)?;
    copy_sqlite(&config.data_dir, &unfinished).await.context("the databases could not be copied")?;
    copy_evidence(&config.evidence_dir(), &unfinished.join(EVIDENCE))?;
    let manifest = describe(&unfinished, keys, clock).await?;
    manifest.write(&unfinished)?;
    // Signed off by reading what now lies there, not what was meant to be written.
    let manifest = check(&unfinished).await.context("the backup does not read back")?;
    let folder = place.join(name);
    fs::rename(&unfinished, &folder)?;
    sync_directory(place)?;
    fs::write(config.data_dir.join(STAMP), b"")?;
    let removed = match keep {
        Some(keep) => remove_older(place, keep)?,
        None => Vec::new(),
    };
    Ok(Made { folder, manifest, removed })
}

/// Reads a backup through and through: every file against its hash, the databases page by page, every table's rows,
/// every file of evidence the state names.
///
/// # Errors
/// What is wrong with it.
pub async fn check(folder: &Path) -> anyhow::Result<Manifest> {
    let manifest = Manifest::read(folder)?;
    for file in &manifest.files {
        let (size, sha256) = hash_file(&folder.join(&file.path))?;
        ensure!(
            size == file.size && sha256 == file.sha256,
            "{} is not what the manifest says: it was damaged or changed",
            file.path
        );
    }
    let counts = check_sqlite(folder).await?;
    ensure!(counts == manifest.counts, "the tables do not have the rows that the manifest says");
    let missing = missing_evidence(folder).await?;
    ensure!(
        missing.is_empty(),
        "{} files of evidence are named in state.db and not there; the first: {}",
        missing.len(),
        missing[0]
    );
    Ok(manifest)
}

/// Restores a backup into the configured data directory, which must hold no databases, with the key it was made with. Messages that
/// waited when it was made become uncertain, unless `sends_waiting` says that they certainly never left. Gives what
/// was restored, and how many messages are uncertain now.
///
/// # Errors
/// When the backup is damaged, the key is another, or the directory is not empty; nothing is changed then.
pub async fn restore(
    folder: &Path,
    config: &Config,
    key: Key<'_>,
    sends_waiting: bool,
    clock: &Clock,
) -> anyhow::Result<(Manifest, u64)> {
    let data_dir = &config.data_dir;
    let evidence_dir = config.evidence_dir();
    let manifest = check(folder).await?;
    let keys = key.open(data_dir)?;
    ensure!(
        keys.fingerprint() == manifest.key_fingerprint,
        "this is not the master key that the backup was made with: reporters' numbers could not be read"
    );
    ensure!(
        keys.generations() >= manifest.key_generations,
        "the master key was rotated since this copy of it was made: give one with {} keys",
        manifest.key_generations
    );
    let _lock = DirectoryLock::take(data_dir)?;
    let targets = SQLITE_FILES.map(|name| data_dir.join(name));
    for path in targets.iter().chain([&evidence_dir]) {
        ensure!(!path.exists(), "{} is there already; restore into an empty data directory", path.display());
    }
    if let Key::File(file) = key {
        let target = data_dir.join(KEY_FILE);
        if !target.exists() {
            copy_file(file, &target)?;
        }
    }
    for file in &manifest.files {
        let target = match file.path.strip_prefix("evidence/") {
            Some(below) => evidence_dir.join(below),
            None => data_dir.join(&file.path),
        };
        if let Some(parent) = target.parent() {
            make_private(parent)?;
        }
        let sha256 = copy_file(&folder.join(&file.path), &target)?;
        ensure!(sha256 == file.sha256, "{} changed while it was restored", file.path);
    }
    sync_directory(data_dir)?;
    let held = if sends_waiting { 0 } else { hold_waiting_messages(data_dir, clock.now_us()).await? };
    // The start then looks out for texts that operators send again.
    crate::gateway::mark_unclean(data_dir)?;
    // Brings the tables up to date and checks the log against the cursor.
    let store = canhgiac_store::Store::open(data_dir).await.context("the restored databases do not open")?;
    store.close().await;
    Ok((manifest, held))
}

/// Where the master key comes from when a backup is restored.
#[derive(Debug, Clone, Copy)]
pub enum Key<'a> {
    /// From the configuration or the environment.
    Configured(&'a str),
    /// A copy of `master.key`.
    File(&'a Path),
    /// Already in the data directory.
    InPlace,
}

impl Key<'_> {
    fn open(self, data_dir: &Path) -> anyhow::Result<Keys> {
        match self {
            Key::Configured(key) => Keys::open(Some(key), data_dir),
            Key::File(file) => Keys::read(file),
            Key::InPlace => {
                let file = data_dir.join(KEY_FILE);
                ensure!(
                    file.exists(),
                    "the master key is missing: give its copy with --key-file, or set CANHGIAC_MASTER_KEY"
                );
                Keys::read(&file)
            }
        }
    }
}

async fn describe(folder: &Path, keys: &Keys, clock: &Clock) -> anyhow::Result<Manifest> {
    let mut paths: Vec<String> = SQLITE_FILES.iter().map(|name| (*name).to_owned()).collect();
    paths.extend(shelved(&folder.join(EVIDENCE))?.into_iter().map(|hash| evidence_path(&hash)));
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        let (size, sha256) = hash_file(&folder.join(&path))?;
        files.push(FileEntry { path, size, sha256 });
    }
    let counts = check_sqlite(folder).await.context("the copy of the databases is not sound")?;
    Ok(Manifest::new(clock.now().to_string(), keys, files, counts))
}

/// Evidence is copied after the state, and a file lies there before the state names it: none can be missing.
fn copy_evidence(from: &Path, to: &Path) -> anyhow::Result<()> {
    new_private_directory(to)?;
    for hash in shelved(from)? {
        let shelf = to.join(hash.get(..2).unwrap_or("xx"));
        if !shelf.is_dir() {
            new_private_directory(&shelf)?;
        }
        let source = from.join(hash.get(..2).unwrap_or("xx")).join(&hash);
        let copied = match copy_file(&source, &shelf.join(&hash)) {
            // Thrown away since it was listed: it belonged to no report.
            Err(_) if !source.exists() => continue,
            copied => copied?,
        };
        ensure!(copied == hash, "{} is not what was kept: its hash differs", source.display());
    }
    sync_directory(to)
}

/// Names (hashes) of the files in a directory of evidence.
fn shelved(directory: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    if !directory.is_dir() {
        return Ok(names);
    }
    for shelf in fs::read_dir(directory).with_context(|| directory.display().to_string())? {
        let shelf = shelf?;
        if !shelf.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(shelf.path())? {
            let name = file?.file_name().to_string_lossy().into_owned();
            // Files that are still being written have other names.
            if unhex(&name).is_some_and(|hash| hash.len() == 32) {
                names.push(name);
            }
        }
    }
    names.sort_unstable();
    Ok(names)
}

fn evidence_path(hash: &str) -> String {
    format!("{EVIDENCE}/{}/{hash}", hash.get(..2).unwrap_or("xx"))
}

async fn missing_evidence(folder: &Path) -> anyhow::Result<Vec<String>> {
    let named = evidence_of_copy(folder).await?;
    let mut missing = Vec::new();
    for one in named {
        let hash = hex(&one.sha256);
        let there = fs::metadata(folder.join(evidence_path(&hash)));
        if !there.is_ok_and(|file| i64::try_from(file.len()) == Ok(one.size)) {
            missing.push(hash);
        }
    }
    Ok(missing)
}

/// Removes all but the newest `keep` finished backups of `place`. Their names sort by time.
fn remove_older(place: &Path, keep: usize) -> anyhow::Result<Vec<PathBuf>> {
    if keep == 0 {
        bail!("at least one backup is kept");
    }
    let mut finished = Vec::new();
    for entry in fs::read_dir(place)? {
        let path = entry?.path();
        if path.join(MANIFEST).is_file() && path.extension().is_none_or(|ending| ending != UNFINISHED) {
            finished.push(path);
        }
    }
    finished.sort_unstable();
    let older = finished.len().saturating_sub(keep);
    finished.truncate(older);
    for path in &finished {
        fs::remove_dir_all(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(finished)
}

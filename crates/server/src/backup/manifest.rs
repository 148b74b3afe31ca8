//! `manifest.json`: what a backup holds.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Component, Path};

use anyhow::{Context, ensure};
use canhgiac_store::Counts;
use serde::{Deserialize, Serialize};

use crate::keys::Keys;

pub(super) const MANIFEST: &str = "manifest.json";
/// Raised when an older program could not restore what this one writes.
const FORMAT: u32 = 1;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: u32,
    /// Version of the program that made it.
    pub product: String,
    /// When it was made, RFC 3339.
    pub made_at: String,
    /// Tells whether a master key is the one it was made with, and nothing about the key.
    pub key_fingerprint: String,
    /// How many keys the ring had.
    pub key_generations: usize,
    /// Every file but this one.
    pub files: Vec<FileEntry>,
    /// Rows by table.
    pub counts: Counts,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Below the backup's folder.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// Of its bytes, hexadecimal.
    pub sha256: String,
}

impl Manifest {
    pub(super) fn new(made_at: String, keys: &Keys, files: Vec<FileEntry>, counts: Counts) -> Manifest {
        Manifest {
            format: FORMAT,
            product: env!("CARGO_PKG_VERSION").to_owned(),
            made_at,
            key_fingerprint: keys.fingerprint(),
            key_generations: keys.generations(),
            files,
            counts,
        }
    }

    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let mut file = File::create_new(folder.join(MANIFEST))?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.sync_all()?;
        Ok(File::open(folder)?.sync_all()?)
    }

    pub(super) fn read(folder: &Path) -> anyhow::Result<Manifest> {
        let path = folder.join(MANIFEST);
        let text = fs::read(&path)
            .with_context(|| format!("{} is no finished backup: it has no {MANIFEST}", folder.display()))?;
        let manifest: Manifest =
            serde_json::from_slice(&text).with_context(|| format!("{} does not read", path.display()))?;
        ensure!(manifest.format == FORMAT, "{} was written by a newer canhgiac", path.display());
        // It comes from outside: it may name files below the folder only.
        for file in &manifest.files {
            let is_below =
                Path::new(&file.path).components().all(|part| matches!(part, Component::Normal(_)));
            ensure!(is_below && !file.path.is_empty(), "the manifest names a file outside: {:?}", file.path);
        }
        Ok(manifest)
    }

    /// Bytes of all files.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// Rows of a table, `intake.db:intake`.
    pub fn count(&self, table: &str) -> i64 {
        self.counts.get(table).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_that_names_a_file_outside_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["../state.db", "/etc/passwd", ""] {
            let file = FileEntry { path: path.to_owned(), size: 0, sha256: String::new() };
            let manifest =
                Manifest::new("now".to_owned(), &Keys::from_master(&[7; 32]), vec![file], Counts::new());
            fs::write(folder.path().join(MANIFEST), serde_json::to_vec(&manifest).unwrap()).unwrap();
            assert!(Manifest::read(folder.path()).is_err(), "{path:?}");
        }
    }
}

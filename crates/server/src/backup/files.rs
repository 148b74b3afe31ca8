//! Files of a backup: copied and hashed in one pass, durable when it returns.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use anyhow::Context;
use sha2::{Digest, Sha256};

const CHUNK: usize = 256 * 1024;

/// A directory that was not there, for its owner alone.
pub(super) fn new_private_directory(path: &Path) -> anyhow::Result<()> {
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(path)
        .with_context(|| format!("cannot make {}", path.display()))
}

/// Copies a file to where none is, durably; gives the SHA-256 of what was copied.
pub(super) fn copy_file(from: &Path, to: &Path) -> anyhow::Result<String> {
    let mut target = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)
        .with_context(|| format!("cannot make {}", to.display()))?;
    let (_, sha256) = read_through(from, |chunk| target.write_all(chunk))
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    target.sync_all()?;
    if let Some(parent) = to.parent() {
        sync_directory(parent)?;
    }
    Ok(sha256)
}

/// Size and SHA-256 of a file.
pub(super) fn hash_file(path: &Path) -> anyhow::Result<(u64, String)> {
    read_through(path, |_| Ok(())).with_context(|| format!("cannot read {}", path.display()))
}

/// What was made or renamed in a directory stays so after a power cut.
pub(super) fn sync_directory(path: &Path) -> anyhow::Result<()> {
    File::open(path)?.sync_all().with_context(|| format!("cannot sync {}", path.display()))
}

fn read_through(
    path: &Path,
    mut take: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> std::io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            return Ok((size, crate::intake::hex(&hash.finalize())));
        }
        hash.update(&chunk[..read]);
        take(&chunk[..read])?;
        size += read as u64;
    }
}

//! One process at a time works on a data directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use anyhow::{Context, bail};

/// Held while the product, or a command that writes, works on the directory.
#[derive(Debug)]
pub(crate) struct DirectoryLock {
    _file: File,
}

impl DirectoryLock {
    /// Takes the directory, made when it is not there.
    ///
    /// # Errors
    /// When another process holds it, or it cannot be made.
    pub(crate) fn take(directory: &Path) -> anyhow::Result<DirectoryLock> {
        match DirectoryLock::try_take(directory)? {
            Some(lock) => Ok(lock),
            None => bail!(
                "another canhgiac works on {}; stop it first or give another --data-dir",
                directory.display()
            ),
        }
    }

    /// Takes the directory unless another process holds it.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn try_take(directory: &Path) -> anyhow::Result<Option<DirectoryLock>> {
        make_private(directory)?;
        let path = directory.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(DirectoryLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| path.display().to_string()),
        }
    }
}

/// Makes the data directory, for its owner alone: the words of reports lie in it. One that is there
/// keeps the mode its owner gave it.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn make_private(directory: &Path) -> anyhow::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .with_context(|| format!("cannot make the data directory {}", directory.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_held_by_one_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let held = DirectoryLock::take(directory.path()).unwrap();
        assert!(DirectoryLock::try_take(directory.path()).unwrap().is_none());
        drop(held);
        assert!(DirectoryLock::try_take(directory.path()).unwrap().is_some());
    }
}

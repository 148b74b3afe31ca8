//! A file that stands while the gateway runs: found at a start, it says that the last stop was not clean.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context;

const NAME: &str = "gateway.running";

/// The file, set.
#[derive(Debug)]
pub(super) struct Marker {
    path: PathBuf,
}

impl Marker {
    /// Sets the marker, durably; says whether it stood already.
    pub(super) fn set(directory: &Path) -> anyhow::Result<(Marker, bool)> {
        let path = directory.join(NAME);
        let was_there = match File::options().write(true).create_new(true).open(&path) {
            Ok(file) => {
                file.sync_all().with_context(|| format!("cannot write {}", path.display()))?;
                sync(directory)?;
                false
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => true,
            Err(error) => return Err(error).with_context(|| format!("cannot make {}", path.display())),
        };
        Ok((Marker { path }, was_there))
    }

    /// Takes it away: what comes next is a start after a clean stop.
    pub(super) fn clear(self) -> anyhow::Result<()> {
        fs::remove_file(&self.path).with_context(|| format!("cannot remove {}", self.path.display()))?;
        self.path.parent().map_or(Ok(()), sync)
    }
}

/// Makes the next start look as if the last stop had not been clean: for a data directory that comes from a backup.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn mark_unclean(directory: &Path) -> anyhow::Result<()> {
    Marker::set(directory).map(|_| ())
}

fn sync(directory: &Path) -> anyhow::Result<()> {
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .with_context(|| format!("cannot write {}", directory.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_marker_left_behind_speaks_of_an_unclean_stop() {
        let directory = tempfile::tempdir().unwrap();
        let (marker, was_there) = Marker::set(directory.path()).unwrap();
        assert!(!was_there);
        drop(marker);
        let (marker, was_there) = Marker::set(directory.path()).unwrap();
        assert!(was_there, "the first was never cleared");
        marker.clear().unwrap();
        assert!(!Marker::set(directory.path()).unwrap().1);
    }
}

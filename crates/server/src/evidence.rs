//! Files of evidence: kept unaltered under their SHA-256, their type sniffed and never believed.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use sha2::{Digest, Sha256};

use crate::intake::EvidenceForm;

/// Largest file, in bytes.
pub const FILE_LIMIT: usize = 15 * 1024 * 1024;
/// Files of one upload.
pub const FILES_LIMIT: usize = 6;
/// Longest name that is kept.
const NAME_LIMIT: usize = 120;

/// Types that are kept: picture, sound, film, PDF.
const TYPES: [&str; 18] = [
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "image/heif",
    "image/avif",
    "audio/mpeg",
    "audio/m4a",
    "audio/mp4",
    "audio/aac",
    "audio/ogg",
    "audio/opus",
    "audio/x-wav",
    "audio/amr",
    "audio/x-flac",
    "video/mp4",
    "video/3gpp",
    "application/pdf",
];

/// Why a file is not kept. The texts are shown to citizens.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceRefusal {
    /// Too large.
    #[error("Tệp quá lớn: mỗi tệp tối đa 15 MB.")]
    TooLarge,
    /// Nothing in it.
    #[error("Tệp trống.")]
    Empty,
    /// Not a picture, sound, film or PDF, whatever its name says.
    #[error("Chỉ nhận ảnh, ghi âm, video hoặc PDF. Tệp này không phải loại đó.")]
    WrongType,
    /// It could not be written.
    #[error("Chưa lưu được tệp. Bạn vui lòng thử lại.")]
    NotStored(#[source] anyhow::Error),
}

/// The directory in which files lie.
#[derive(Debug, Clone)]
pub struct EvidenceFiles {
    directory: PathBuf,
}

impl EvidenceFiles {
    /// Uses `directory`, made when it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(directory: PathBuf) -> anyhow::Result<EvidenceFiles> {
        if !directory.is_dir() {
            fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
            if let Some(parent) = directory.parent() {
                fs::File::open(parent).and_then(|parent| parent.sync_all())?;
            }
        }
        Ok(EvidenceFiles { directory })
    }

    /// Keeps a file, durably, once: the same bytes again are the same file.
    ///
    /// # Errors
    /// [`EvidenceRefusal`] says why not.
    pub fn keep(&self, name: &str, bytes: &[u8]) -> Result<EvidenceForm, EvidenceRefusal> {
        if bytes.is_empty() {
            return Err(EvidenceRefusal::Empty);
        }
        if bytes.len() > FILE_LIMIT {
            return Err(EvidenceRefusal::TooLarge);
        }
        let mime = infer::get(bytes)
            .map(|kind| kind.mime_type())
            .filter(|mime| TYPES.contains(mime))
            .ok_or(EvidenceRefusal::WrongType)?;
        let hash = Sha256::digest(bytes).to_vec();
        self.write(&hash, bytes).map_err(EvidenceRefusal::NotStored)?;
        Ok(EvidenceForm {
            sha256: crate::intake::hex(&hash),
            size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            mime: mime.to_owned(),
            name: plain_name(name),
        })
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// When it is not there, or no longer is what its hash says.
    pub fn read(&self, sha256: &[u8]) -> anyhow::Result<Vec<u8>> {
        let path = self.path(sha256);
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        if Sha256::digest(&bytes)[..] != *sha256 {
            anyhow::bail!("{} is not what was kept: its hash differs", path.display());
        }
        Ok(bytes)
    }

    /// Reads every file: how many are what their hash says, and the names of those that are not.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn check(&self) -> anyhow::Result<(u64, Vec<String>)> {
        let (mut whole, mut damaged) = (0, Vec::new());
        for hash in self.older_than(Duration::ZERO)? {
            match self.read(&hash) {
                Ok(_) => whole += 1,
                Err(_) => damaged.push(crate::intake::hex(&hash)),
            }
        }
        Ok((whole, damaged))
    }

    /// Hashes of files that were kept longer than `age` ago.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn older_than(&self, age: Duration) -> anyhow::Result<Vec<Vec<u8>>> {
        let mut hashes = Vec::new();
        for shelf in fs::read_dir(&self.directory)? {
            let shelf = shelf?;
            if !shelf.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(shelf.path())? {
                let file = file?;
                let is_old = file.metadata()?.modified()?.elapsed().is_ok_and(|since| since > age);
                if is_old && let Some(hash) = file.file_name().to_str().and_then(crate::intake::unhex) {
                    hashes.push(hash);
                }
            }
        }
        Ok(hashes)
    }

    /// Throws a file away that belongs to no report.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn throw_away(&self, sha256: &[u8]) -> anyhow::Result<()> {
        let path = self.path(sha256);
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))
    }

    fn path(&self, sha256: &[u8]) -> PathBuf {
        let hex = crate::intake::hex(sha256);
        self.directory.join(hex.get(..2).unwrap_or("xx")).join(&hex)
    }

    fn write(&self, hash: &[u8], bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.path(hash);
        if path.exists() {
            return Ok(());
        }
        let parent = path.parent().context("a file has a directory")?;
        if !parent.is_dir() {
            fs::create_dir_all(parent)?;
            // The shelf's own name must survive too.
            fs::File::open(&self.directory)?.sync_all()?;
        }
        let mut file = tempfile::NamedTempFile::new_in(parent)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(&path)?;
        fs::File::open(parent)?.sync_all()?;
        Ok(())
    }
}

/// The name without paths, control characters and excess length.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|ch| !ch.is_control() && *ch != '"').take(NAME_LIMIT).collect();
    if clean.trim().is_empty() { "tep".to_owned() } else { clean }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    fn files() -> (tempfile::TempDir, EvidenceFiles) {
        let directory = tempfile::tempdir().unwrap();
        let files = EvidenceFiles::open(directory.path().join("e")).unwrap();
        (directory, files)
    }

    #[test]
    fn a_file_is_kept_once_and_reads_back() {
        let (_directory, files) = files();
        let first = files.keep("ảnh chụp.png", PNG).unwrap();
        let second = files.keep("../../other.jpg", PNG).unwrap();
        assert_eq!(first.sha256, second.sha256);
        assert_eq!(second.name, "other.jpg");
        assert_eq!(first.mime, "image/png");
        assert_eq!(files.read(&crate::intake::unhex(&first.sha256).unwrap()).unwrap(), PNG);
    }

    #[test]
    fn a_program_or_page_is_refused_whatever_it_is_called() {
        let (_directory, files) = files();
        for bytes in [&b"\x7fELF\x02\x01\x01"[..], b"<html><script>", b"plain words"] {
            assert!(matches!(files.keep("a.png", bytes), Err(EvidenceRefusal::WrongType)));
        }
        assert!(matches!(files.keep("a.png", b""), Err(EvidenceRefusal::Empty)));
        let mut large = PNG.to_vec();
        large.resize(FILE_LIMIT + 1, 0);
        assert!(matches!(files.keep("a.png", &large), Err(EvidenceRefusal::TooLarge)));
    }

    #[test]
    fn a_file_is_found_by_its_age_and_thrown_away() {
        let (_directory, files) = files();
        let kept = files.keep("a.png", PNG).unwrap();
        assert!(files.older_than(Duration::from_secs(3600)).unwrap().is_empty());
        let hash = crate::intake::unhex(&kept.sha256).unwrap();
        assert!(files.older_than(Duration::ZERO).unwrap().contains(&hash));
        files.throw_away(&hash).unwrap();
        assert!(files.read(&hash).is_err());
    }

    #[test]
    fn a_changed_file_is_noticed() {
        let (_directory, files) = files();
        let kept = files.keep("a.png", PNG).unwrap();
        let hash = crate::intake::unhex(&kept.sha256).unwrap();
        fs::write(files.path(&hash), b"changed").unwrap();
        assert!(files.read(&hash).is_err());
    }
}

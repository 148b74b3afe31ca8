//! Keys: numbers of reporters are encrypted before anything is stored, and matched by a keyed hash.
//!
//! One master key of 32 bytes; all others are derived from it (HMAC-SHA-256 with a label). It comes
//! from the configuration or is made in the data directory, readable by its owner alone. Whoever
//! loses it can no longer answer reporters; whoever steals it with the database can read them.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::{Context, bail};
use canhgiac_store::SealedNumber;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, KeyInit as _, Mac};
use sha2::{Digest, Sha256};

/// First byte of everything sealed: which generation of keys sealed it.
const GENERATION: u8 = 1;
const NONCE_LEN: usize = 24;
/// Bytes of a keyed hash that are kept: enough that no two of a hundred million numbers meet.
const HASH_LEN: usize = 16;

/// The derived keys. `Debug` shows nothing of them.
#[derive(Clone)]
pub struct Keys {
    seal: XChaCha20Poly1305,
    hash: [u8; 32],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(..)")
    }
}

/// Why something sealed does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open with this key: was the key replaced?")]
pub struct DoesNotOpen;

impl Keys {
    /// Derives the keys from a master key.
    pub fn from_master(master: &[u8; 32]) -> Keys {
        let seal = derive(master, b"seal-1");
        Keys { seal: XChaCha20Poly1305::new(&seal.into()), hash: derive(master, b"hash-1") }
    }

    /// Reads the master key from `configured` (64 hexadecimal digits), or from `directory/master.key`,
    /// which is made when it is not there.
    ///
    /// # Errors
    /// When the key is malformed, others can read its file, or it cannot be made.
    pub fn open(configured: Option<&str>, directory: &Path) -> anyhow::Result<Keys> {
        if let Some(text) = configured {
            return Ok(Keys::from_master(&read_hex(text).context("master_key in the configuration")?));
        }
        let path = directory.join("master.key");
        match fs::read_to_string(&path) {
            Ok(text) => {
                let mode = fs::metadata(&path)?.permissions().mode() & 0o777;
                if mode & 0o077 != 0 {
                    bail!("{} can be read by others (mode {mode:o}): run chmod 600 on it", path.display());
                }
                Ok(Keys::from_master(&read_hex(text.trim()).with_context(|| path.display().to_string())?))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => make(&path),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Seals bytes; each time differently.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn seal(&self, clear: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut nonce = [0u8; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
        let sealed = self
            .seal
            .encrypt(&XNonce::from(nonce), Payload { msg: clear, aad: &[GENERATION] })
            .map_err(|_| anyhow::anyhow!("sealing failed"))?;
        let mut out = Vec::with_capacity(1 + NONCE_LEN + sealed.len());
        out.push(GENERATION);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Opens what [`Keys::seal`] sealed.
    ///
    /// # Errors
    /// [`DoesNotOpen`] when it was sealed with another key or changed since.
    pub fn open_sealed(&self, sealed: &[u8]) -> Result<Vec<u8>, DoesNotOpen> {
        let (generation, rest) = sealed.split_first().ok_or(DoesNotOpen)?;
        if *generation != GENERATION || rest.len() < NONCE_LEN {
            return Err(DoesNotOpen);
        }
        let (nonce, body) = rest.split_at(NONCE_LEN);
        let nonce: [u8; NONCE_LEN] = nonce.try_into().map_err(|_| DoesNotOpen)?;
        self.seal
            .decrypt(&XNonce::from(nonce), Payload { msg: body, aad: &[GENERATION] })
            .map_err(|_| DoesNotOpen)
    }

    /// Opens a sealed number as text.
    ///
    /// # Errors
    /// [`DoesNotOpen`] when it was sealed with another key or changed since.
    pub fn open_text(&self, sealed: &[u8]) -> Result<String, DoesNotOpen> {
        String::from_utf8(self.open_sealed(sealed)?).map_err(|_| DoesNotOpen)
    }

    /// Seals a number and adds the hash that matches it. `canonical` is the number in E.164, or the
    /// address as received when it is no number.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn seal_number(&self, canonical: &str) -> anyhow::Result<SealedNumber> {
        Ok(SealedNumber { hash: self.hash_number(canonical), sealed: self.seal(canonical.as_bytes())? })
    }

    /// The keyed hash that matches a number.
    pub fn hash_number(&self, canonical: &str) -> Vec<u8> {
        let mut hash = mac(&self.hash, b"number:", canonical.as_bytes());
        hash.truncate(HASH_LEN);
        hash
    }

    /// The keyed hash of a one-time code for one report.
    pub fn hash_code(&self, report_seq: i64, code: &str) -> Vec<u8> {
        mac(&self.hash, format!("code:{report_seq}:").as_bytes(), code.as_bytes())
    }
}

/// A fresh secret for a link or a key: 128 bits, readable, without letters that look alike.
///
/// # Errors
/// When the system has no randomness to give.
pub fn new_token() -> anyhow::Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0u8; 26];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
}

/// A fresh six-digit code.
///
/// # Errors
/// When the system has no randomness to give.
pub fn new_code() -> anyhow::Result<String> {
    let mut bytes = [0u8; 8];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(format!("{:06}", u64::from_le_bytes(bytes) % 1_000_000))
}

/// The hash under which a token is stored: tokens have 128 bits, so no key is needed.
pub fn hash_token(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

fn derive(master: &[u8; 32], label: &[u8]) -> [u8; 32] {
    let bytes = mac(master, b"canhgiac:", label);
    let mut key = [0u8; 32];
    key.copy_from_slice(&bytes);
    key
}

fn mac(key: &[u8; 32], prefix: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(prefix);
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

fn make(path: &Path) -> anyhow::Result<Keys> {
    let mut master = [0u8; 32];
    getrandom::fill(&mut master).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot make {}", path.display()))?;
    let hex: String = master.iter().map(|byte| format!("{byte:02x}")).collect();
    writeln!(file, "{hex}")?;
    // Without its key a stored number is lost, so the key is on the disk before the first one.
    file.sync_all()?;
    if let Some(directory) = path.parent() {
        fs::File::open(directory)?.sync_all()?;
    }
    Ok(Keys::from_master(&master))
}

fn read_hex(text: &str) -> anyhow::Result<[u8; 32]> {
    let mut key = [0u8; 32];
    if text.len() != 64 || !text.is_ascii() {
        bail!("a master key is 64 hexadecimal digits (openssl rand -hex 32)");
    }
    for (byte, pair) in key.iter_mut().zip(text.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair)?;
        *byte = u8::from_str_radix(pair, 16)
            .map_err(|_| anyhow::anyhow!("a master key is 64 hexadecimal digits (openssl rand -hex 32)"))?;
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_and_matches_by_its_hash() {
        let keys = Keys::from_master(&[7; 32]);
        let one = keys.seal_number("+84912345678").unwrap();
        let two = keys.seal_number("+84912345678").unwrap();
        assert_ne!(one.sealed, two.sealed, "sealing is randomised");
        assert_eq!(one.hash, two.hash);
        assert_eq!(keys.open_text(&one.sealed).unwrap(), "+84912345678");
    }

    #[test]
    fn another_key_or_a_changed_byte_does_not_open() {
        let keys = Keys::from_master(&[7; 32]);
        let mut sealed = keys.seal(b"x").unwrap();
        assert_eq!(Keys::from_master(&[8; 32]).open_sealed(&sealed), Err(DoesNotOpen));
        let last = sealed.len() - 1;
        sealed[last] ^= 1;
        assert_eq!(keys.open_sealed(&sealed), Err(DoesNotOpen));
        assert_eq!(keys.open_sealed(&[]), Err(DoesNotOpen));
    }

    #[test]
    fn the_key_file_is_made_once_and_for_its_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        let first = Keys::open(None, directory.path()).unwrap();
        let mode = fs::metadata(directory.path().join("master.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let again = Keys::open(None, directory.path()).unwrap();
        assert_eq!(first.hash_number("+84912345678"), again.hash_number("+84912345678"));
        fs::set_permissions(directory.path().join("master.key"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Keys::open(None, directory.path()).unwrap_err().to_string().contains("chmod 600"));
    }

    #[test]
    fn a_malformed_key_says_what_to_do() {
        let error = Keys::open(Some("abc"), Path::new("/nowhere")).unwrap_err();
        assert!(format!("{error:#}").contains("openssl rand -hex 32"));
    }
}

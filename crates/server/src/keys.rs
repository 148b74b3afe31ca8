//! Keys: numbers of reporters are encrypted before anything is stored, and matched by a keyed hash.
//!
//! A ring of master keys of 32 bytes; all others are derived from them (HMAC-SHA-256 with a label). It
//! comes from the configuration or is made in the data directory, readable by its owner alone. Whoever
//! loses it can no longer answer reporters; whoever steals it with the database can read them.
//!
//! The newest key seals; every key of the ring opens what it sealed. The hash that matches a number
//! is always made with the first: with another, a reporter's number would no longer be found.

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

/// Keys of a ring at most. The first byte of everything sealed says which of them sealed it, from 1.
const RING_LIMIT: usize = 200;
const NONCE_LEN: usize = 24;
/// Bytes of a keyed hash that are kept: enough that no two of a hundred million numbers meet.
const HASH_LEN: usize = 16;

/// The derived keys. `Debug` shows nothing of them.
#[derive(Clone)]
pub struct Keys {
    /// Oldest first, never empty.
    ring: Vec<XChaCha20Poly1305>,
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
        Keys { ring: vec![sealer(master)], hash: derive(master, b"hash-1") }
    }

    /// Reads a ring: keys of 64 hexadecimal digits, oldest first, with white space or commas between them.
    fn from_ring(text: &str) -> anyhow::Result<Keys> {
        let mut texts = text.split(|ch: char| ch.is_whitespace() || ch == ',').filter(|one| !one.is_empty());
        let mut keys = Keys::from_master(&read_hex(texts.next().unwrap_or_default())?);
        for one in texts {
            if keys.ring.len() == RING_LIMIT {
                bail!("a ring has at most {RING_LIMIT} keys");
            }
            keys.ring.push(sealer(&read_hex(one)?));
        }
        Ok(keys)
    }

    /// How many keys the ring has; the last seals.
    pub fn generations(&self) -> usize {
        self.ring.len()
    }

    /// Reads the master key, or several, from `configured` (64 hexadecimal digits each, oldest first), or from `directory/master.key`,
    /// which is made when it is not there.
    ///
    /// # Errors
    /// When the key is malformed, others can read its file, or it cannot be made.
    pub fn open(configured: Option<&str>, directory: &Path) -> anyhow::Result<Keys> {
        if let Some(text) = configured {
            return Keys::from_ring(text).context("master_key in the configuration");
        }
        let path = directory.join("master.key");
        if path.exists() { Keys::read(&path) } else { make(&path) }
    }

    /// Reads the master key from a file that only its owner can read.
    ///
    /// # Errors
    /// When it is not there, malformed, or others can read it.
    pub fn read(path: &Path) -> anyhow::Result<Keys> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mode = fs::metadata(path)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            bail!("{} can be read by others (mode {mode:o}): run chmod 600 on it", path.display());
        }
        Keys::from_ring(&text).with_context(|| path.display().to_string())
    }

    /// Seals bytes; each time differently.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn seal(&self, clear: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut nonce = [0u8; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
        let newest = self.ring.last().context("a ring has a key")?;
        let generation = u8::try_from(self.ring.len()).context("a ring has at most 255 keys")?;
        let sealed = newest
            .encrypt(&XNonce::from(nonce), Payload { msg: clear, aad: &[generation] })
            .map_err(|_| anyhow::anyhow!("sealing failed"))?;
        let mut out = Vec::with_capacity(1 + NONCE_LEN + sealed.len());
        out.push(generation);
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
        let key = usize::from(*generation).checked_sub(1).and_then(|place| self.ring.get(place));
        let key = key.ok_or(DoesNotOpen)?;
        if rest.len() < NONCE_LEN {
            return Err(DoesNotOpen);
        }
        let (nonce, body) = rest.split_at(NONCE_LEN);
        let nonce: [u8; NONCE_LEN] = nonce.try_into().map_err(|_| DoesNotOpen)?;
        key.decrypt(&XNonce::from(nonce), Payload { msg: body, aad: &[*generation] }).map_err(|_| DoesNotOpen)
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

    /// Tells whether two processes have the same keys, and nothing about them.
    pub fn fingerprint(&self) -> String {
        let mut print = mac(&self.hash, b"fingerprint", b"");
        print.truncate(HASH_LEN);
        crate::intake::hex(&print)
    }

    /// A keyed digest of anything: what was sent may hold a reporter's number, which a plain hash would give away
    /// to whoever tries all numbers.
    pub fn digest(&self, label: &str, data: &[u8]) -> Vec<u8> {
        mac(&self.hash, format!("digest:{label}:").as_bytes(), data)
    }

    /// The keyed hash of a one-time code for one report.
    pub fn hash_code(&self, report_seq: i64, code: &str) -> Vec<u8> {
        mac(&self.hash, format!("code:{report_seq}:").as_bytes(), code.as_bytes())
    }
}

impl Keys {
    /// The keyed hash of a one-time code for one form.
    pub fn hash_form_code(&self, form: &[u8], code: &str) -> Vec<u8> {
        let mut label = b"form-code:".to_vec();
        label.extend_from_slice(form);
        label.push(b':');
        mac(&self.hash, &label, code.as_bytes())
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

/// Adds a fresh key to the ring in `directory/master.key`; from the next start on it seals what comes. Gives how many
/// keys the ring has then. The file is replaced as a whole, so that a crash leaves the old ring or the new one.
///
/// # Errors
/// When there is no such file, it is malformed or full, or it cannot be written.
pub fn rotate(directory: &Path) -> anyhow::Result<usize> {
    let path = directory.join("master.key");
    let keys = Keys::read(&path)?;
    if keys.generations() >= RING_LIMIT {
        bail!("{} holds {RING_LIMIT} keys already", path.display());
    }
    let ring = fs::read_to_string(&path)?;
    let mut file = tempfile::Builder::new().prefix(".master.key.").tempfile_in(directory)?;
    writeln!(file, "{}\n{}", ring.trim_end(), hex(&fresh()?))?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    fs::File::open(directory)?.sync_all()?;
    Ok(Keys::read(&path)?.generations())
}

fn sealer(master: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&derive(master, b"seal-1").into())
}

fn fresh() -> anyhow::Result<[u8; 32]> {
    let mut master = [0u8; 32];
    getrandom::fill(&mut master).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(master)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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
    let master = fresh()?;
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot make {}", path.display()))?;
    writeln!(file, "{}", hex(&master))?;
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
    fn a_rotated_ring_opens_what_was_sealed_before_and_still_matches() {
        let directory = tempfile::tempdir().unwrap();
        let old = Keys::open(None, directory.path()).unwrap();
        let before = old.seal_number("+84912345678").unwrap();
        assert_eq!(rotate(directory.path()).unwrap(), 2);
        let new = Keys::open(None, directory.path()).unwrap();
        let after = new.seal_number("+84912345678").unwrap();
        assert_eq!(new.open_text(&before.sealed).unwrap(), "+84912345678");
        assert_eq!(new.open_text(&after.sealed).unwrap(), "+84912345678");
        assert_eq!(before.hash, after.hash);
        assert_eq!(new.fingerprint(), old.fingerprint());
        assert_eq!(old.open_sealed(&after.sealed), Err(DoesNotOpen), "the old key alone does not open it");
        let mut relabelled = after.sealed.clone();
        relabelled[0] = 1;
        assert_eq!(new.open_sealed(&relabelled), Err(DoesNotOpen), "the generation is sealed with it");
        relabelled[0] = 0;
        assert_eq!(new.open_sealed(&relabelled), Err(DoesNotOpen));
        let mode = fs::metadata(directory.path().join("master.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let text = fs::read_to_string(directory.path().join("master.key")).unwrap();
        let configured = Keys::open(Some(&text.trim().replace('\n', ",")), Path::new("/nowhere")).unwrap();
        assert_eq!(configured.open_text(&after.sealed).unwrap(), "+84912345678");
    }

    #[test]
    fn a_ring_has_its_limit() {
        let ring = vec!["ab".repeat(32); RING_LIMIT + 1].join(",");
        assert!(Keys::open(Some(&ring), Path::new("/nowhere")).is_err());
    }

    #[test]
    fn a_fingerprint_tells_keys_apart() {
        let print = Keys::from_master(&[7; 32]).fingerprint();
        assert_eq!(print, Keys::from_master(&[7; 32]).fingerprint());
        assert_ne!(print, Keys::from_master(&[8; 32]).fingerprint());
    }

    #[test]
    fn a_malformed_key_says_what_to_do() {
        let error = Keys::open(Some("abc"), Path::new("/nowhere")).unwrap_err();
        assert!(format!("{error:#}").contains("openssl rand -hex 32"));
    }
}

//! A sealed note in every form: when it was opened, and a number that makes one sending of it.
//!
//! It keeps machines that post at once out without asking people riddles and without third parties.

use crate::intake::{hex, unhex};
use crate::keys::{Keys, new_token};

/// Nobody fills a form in faster than this.
const AT_LEAST_US: i64 = 3_000_000;
/// A form left open longer than this must be sent once more.
const AT_MOST_US: i64 = 24 * 3_600 * 1_000_000;
const MARK: &str = "form:";

/// What a guard says about a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It may be taken; the text is the same each time this very form is sent.
    Good(String),
    /// Sent too soon after it was opened.
    TooFast,
    /// Opened too long ago, or not by us.
    Stale,
}

/// A note for a form that is opened now.
///
/// # Errors
/// When the system has no randomness to give.
pub(crate) fn issue(keys: &Keys, now_us: i64) -> anyhow::Result<String> {
    let clear = format!("{MARK}{now_us}:{}", new_token()?);
    Ok(hex(&keys.seal(clear.as_bytes())?))
}

/// Whether we wrote this note, at any time.
pub(crate) fn is_ours(keys: &Keys, note: &str) -> bool {
    open(keys, note).is_some()
}

/// The form a note makes one sending of, however long it was open.
pub(crate) fn form_of(keys: &Keys, note: &str) -> Option<String> {
    open(keys, note).map(|(_, form)| form)
}

/// Reads a note that came back.
pub(crate) fn read(keys: &Keys, note: &str, now_us: i64) -> Seen {
    match open(keys, note) {
        Some((opened_us, _)) if now_us - opened_us < AT_LEAST_US => Seen::TooFast,
        Some((opened_us, _)) if now_us - opened_us > AT_MOST_US => Seen::Stale,
        Some((_, form)) => Seen::Good(form),
        None => Seen::Stale,
    }
}

fn open(keys: &Keys, note: &str) -> Option<(i64, String)> {
    let clear = keys.open_text(&unhex(note)?).ok()?;
    let (at, form) = clear.strip_prefix(MARK)?.split_once(':')?;
    Some((at.parse().ok()?, form.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_good_between_three_seconds_and_a_day() {
        let keys = Keys::from_master(&[5; 32]);
        let opened = 1_000_000_000_000;
        let note = issue(&keys, opened).unwrap();
        assert_eq!(read(&keys, &note, opened + 1_000_000), Seen::TooFast);
        assert_eq!(read(&keys, &note, opened + AT_MOST_US + 1), Seen::Stale);
        let first = read(&keys, &note, opened + 10_000_000);
        assert!(matches!(first, Seen::Good(_)));
        assert_eq!(read(&keys, &note, opened + 20_000_000), first, "one form is one sending");
        assert_ne!(read(&keys, &issue(&keys, opened).unwrap(), opened + 10_000_000), first);
    }

    #[test]
    fn a_note_we_did_not_write_is_stale() {
        let keys = Keys::from_master(&[5; 32]);
        for note in ["", "00", "zz", &hex(b"form:1:x")] {
            assert_eq!(read(&keys, note, 1), Seen::Stale);
        }
    }
}

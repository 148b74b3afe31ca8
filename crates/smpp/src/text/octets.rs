//! One-octet alphabets and UTF-8, and the choice between them when the declared one does not fit.

use super::{Alphabet, Decoded, gsm7, utf16};

/// Signs of Windows-1252 at 0x80–0x9F; U+FFFD where it has none.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{FFFD}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{FFFD}', 'Ž',
    '\u{FFFD}', //
    '\u{FFFD}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{FFFD}', 'ž', 'Ÿ',
];

/// Whether every octet is one that ASCII text uses: no other control than tab, line feed, carriage return.
pub(super) fn is_plain_ascii(octets: &[u8]) -> bool {
    octets.is_ascii() && !octets.iter().any(|octet| is_odd_control(*octet))
}

/// Latin-1, unless the octets are evidently UTF-8 or use the places of controls.
///
/// Latin-1 text beyond ASCII is practically never valid UTF-8 by chance, so such octets are mislabelled.
pub(super) fn decode_latin1(octets: &[u8]) -> Decoded {
    if octets.is_ascii() {
        if octets.iter().any(|octet| is_odd_control(*octet)) {
            return fallback(octets);
        }
    } else if core::str::from_utf8(octets).is_ok() || octets.iter().any(|octet| matches!(octet, 0x80..=0x9F))
    {
        return fallback(octets);
    }
    Decoded::new(octets.iter().map(|octet| char::from(*octet)).collect(), Alphabet::Latin1)
}

/// UTF-8, unless it is not valid or holds controls no text has.
pub(super) fn decode_utf8(octets: &[u8]) -> Decoded {
    match fitting_utf8(octets) {
        Some(text) => Decoded::new(text.to_owned(), Alphabet::Utf8),
        None => fallback(octets),
    }
}

/// The best fit for octets whose label does not fit: UTF-8, then GSM 7 when the eighth bit is free (controls
/// are letters there), then Windows-1252. Always flagged.
pub(super) fn fallback(octets: &[u8]) -> Decoded {
    if let Some(text) = fitting_utf8(octets) {
        let alphabet = if octets.is_ascii() { Alphabet::Ascii } else { Alphabet::Utf8 };
        return Decoded::new(text.to_owned(), alphabet).fallen_back();
    }
    if octets.is_ascii() {
        return gsm7::decode(octets).fallen_back();
    }
    windows1252(octets).fallen_back()
}

/// The best fit for octets without a usable label; UTF-16 is considered too. Flagged by the caller.
pub(super) fn best_fit(octets: &[u8]) -> Decoded {
    let mut decoded = utf16::misdeclared(octets).unwrap_or_else(|| fallback(octets));
    decoded.flags.fell_back = false;
    decoded
}

/// The octets as UTF-8, if they are valid and hold no control a text would not have.
pub(super) fn fitting_utf8(octets: &[u8]) -> Option<&str> {
    if octets.iter().any(|octet| is_odd_control(*octet)) {
        return None;
    }
    core::str::from_utf8(octets).ok()
}

fn windows1252(octets: &[u8]) -> Decoded {
    let uses_controls = octets.iter().any(|octet| matches!(octet, 0x80..=0x9F));
    let alphabet = if uses_controls { Alphabet::Windows1252 } else { Alphabet::Latin1 };
    let mut decoded = Decoded::new(String::with_capacity(octets.len()), alphabet);
    for octet in octets {
        let sign = match octet {
            0x80..=0x9F => WINDOWS_1252[usize::from(octet - 0x80)],
            other => char::from(*other),
        };
        decoded.flags.replaced |= sign == char::REPLACEMENT_CHARACTER;
        decoded.text.push(sign);
    }
    decoded
}

fn is_odd_control(octet: u8) -> bool {
    octet < 0x20 && !matches!(octet, b'\t' | b'\n' | b'\r')
}

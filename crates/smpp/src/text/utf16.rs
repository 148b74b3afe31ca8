//! UCS-2 as SMPP declares it, read as UTF-16 with surrogates: big-endian by the specification, and what
//! peers make of it (little-endian, byte order marks, odd lengths, one-octet text under this label).

use super::{Alphabet, Decoded, octets};

/// Decodes octets declared as UCS-2.
pub(super) fn decode(octets: &[u8]) -> Decoded {
    if is_one_octet_text(octets) {
        return octets::fallback(octets);
    }
    let (units, odd) = octets.as_chunks::<2>();
    let (first_is_mark, little_endian) = match units.first() {
        Some([0xFE, 0xFF]) => (true, false),
        Some([0xFF, 0xFE]) => (true, true),
        _ => (false, looks_little_endian(units)),
    };
    let units = if first_is_mark { &units[1..] } else { units };
    let mut decoded = words(units, little_endian);
    decoded.flags.byte_order_mark = first_is_mark;
    if !odd.is_empty() {
        decoded.flags.odd_length = true;
        decoded.flags.replaced = true;
        decoded.text.push(char::REPLACEMENT_CHARACTER);
    }
    decoded
}

/// UTF-16 under another label: only when nearly every sign would be from the blocks Vietnamese uses and at
/// least one high octet is zero. No text in a one-octet alphabet has such an octet in every second place.
pub(super) fn misdeclared(octets: &[u8]) -> Option<Decoded> {
    let (units, []) = octets.as_chunks::<2>() else {
        return None;
    };
    if let Some([0xFE, 0xFF] | [0xFF, 0xFE]) = units.first() {
        return (units.len() > 1).then(|| decode(octets).fallen_back());
    }
    let fits = |high: usize| {
        units.len() >= 2
            && units.iter().all(|unit| is_expected_block(unit[high]))
            && units.iter().filter(|unit| unit[high] == 0).count() * 2 >= units.len()
            && units.iter().all(|unit| unit[1 - high] != 0)
    };
    if fits(0) {
        Some(words(units, false).fallen_back())
    } else if fits(1) {
        Some(words(units, true).fallen_back())
    } else {
        None
    }
}

fn words(units: &[[u8; 2]], little_endian: bool) -> Decoded {
    let mut decoded = Decoded::new(String::with_capacity(units.len()), Alphabet::Ucs2);
    decoded.flags.little_endian = little_endian;
    let numbers = units
        .iter()
        .map(|unit| if little_endian { u16::from_le_bytes(*unit) } else { u16::from_be_bytes(*unit) });
    for sign in char::decode_utf16(numbers) {
        decoded.flags.replaced |= sign.is_err();
        decoded.text.push(sign.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    decoded
}

/// Without a mark, little-endian is believed when it explains at least three quarters of two or more units
/// and big-endian explains fewer.
fn looks_little_endian(units: &[[u8; 2]]) -> bool {
    let count = |place: usize| units.iter().filter(|unit| is_expected_block(unit[place])).count();
    let (big, little) = (count(0), count(1));
    little >= 2 && little > big && little * 4 >= units.len() * 3
}

/// High octets of the blocks Vietnamese text uses: Latin, Latin Extended-A and B, combining marks, Latin
/// Extended Additional, general punctuation.
fn is_expected_block(high: u8) -> bool {
    matches!(high, 0x00 | 0x01 | 0x03 | 0x1E | 0x20)
}

/// Text in ASCII or UTF-8 labelled UCS-2: as UTF-16 it would be ideographs only, without a single zero octet,
/// and UTF-16 of any length is hardly ever valid UTF-8.
fn is_one_octet_text(octets: &[u8]) -> bool {
    let is_long = octets.len() >= 8;
    if octets.is_ascii() {
        let printable = octets.iter().all(|octet| matches!(octet, b' '..=b'~' | b'\r' | b'\n'));
        return printable && (is_long || octets.len() % 2 == 1);
    }
    is_long && octets::fitting_utf8(octets).is_some()
}

//! The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038 §6.2.1), one septet an octet as
//! SMPP carries it. Packing seven bits is the SMSC's business, not ours.

use super::{Alphabet, Decoded};

const ESCAPE: u8 = 0x1B;

/// The default alphabet; the escape's place holds a space, as a handset without the table shows.
const BASIC: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', //
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', ' ', 'Æ', 'æ', 'ß', 'É', //
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/', //
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?', //
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', //
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§', //
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', //
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à', //
];

const EXTENSION: [(u8, char); 10] = [
    (0x0A, '\u{0C}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2F, '\\'),
    (0x3C, '['),
    (0x3D, '~'),
    (0x3E, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// Decodes septets, one an octet. The eighth bit is ignored, so callers check it first.
pub(super) fn decode(octets: &[u8]) -> Decoded {
    let mut decoded = Decoded::new(String::with_capacity(octets.len()), Alphabet::Gsm7);
    let mut rest = octets.iter().map(|octet| octet & 0x7F);
    while let Some(septet) = rest.next() {
        if septet != ESCAPE {
            decoded.text.push(BASIC[usize::from(septet)]);
            continue;
        }
        match rest.next() {
            Some(code) => match EXTENSION.iter().find(|(known, _)| *known == code) {
                Some((_, sign)) => decoded.text.push(*sign),
                // TS 23.038 §6.2.1.1: an unknown extension shows the sign of the default alphabet.
                None => {
                    decoded.flags.replaced = true;
                    decoded.text.push(BASIC[usize::from(code)]);
                }
            },
            None => decoded.flags.replaced = true,
        }
    }
    decoded
}

/// The septets of one sign: one, or escape and code. `None` when the alphabet lacks it.
pub(super) fn septets(sign: char) -> Option<([u8; 2], usize)> {
    if sign.is_ascii_alphanumeric() {
        return Some(([sign as u8, 0], 1));
    }
    if let Some((code, _)) = EXTENSION.iter().find(|(_, known)| *known == sign) {
        return Some(([ESCAPE, *code], 2));
    }
    let code =
        BASIC.iter().enumerate().position(|(code, known)| *known == sign && code != usize::from(ESCAPE))?;
    Some(([code as u8, 0], 1))
}

/// Encodes a text one septet an octet, `None` when a sign is not in the alphabet.
#[must_use]
pub fn gsm7_encode(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len());
    for sign in text.chars() {
        let (code, count) = septets(sign)?;
        octets.extend_from_slice(&code[..count]);
    }
    Some(octets)
}

/// How many septets a text takes, extension signs counting two; `None` when a sign is not in the alphabet.
#[must_use]
pub fn gsm7_len(text: &str) -> Option<usize> {
    text.chars().map(|sign| septets(sign).map(|(_, count)| count)).sum()
}

//! Writing a text as one message or several (3GPP TS 23.040 §9.2.3.24.1): GSM 7 in 160 or 153 septets a
//! part, UCS-2 in 70 or 67 units; no escape pair and no surrogate pair is ever cut in two.

use bytes::Bytes;

use super::gsm7;
use super::{Alphabet, DefaultAlphabet};

/// The most parts an 8-bit total can count.
pub const MAX_PARTS: usize = 255;

const UCS2: u8 = 0x08;

/// A text ready for `short_message`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segments {
    /// GSM 7 (whatever octets the link wants for it) or UCS-2.
    pub alphabet: Alphabet,
    /// `data_coding` of every part.
    pub data_coding: u8,
    /// One part without header, or several that each begin with a user data header: then `esm_class` needs
    /// [`crate::pdu::esm::UDHI`].
    pub parts: Vec<Bytes>,
}

impl Segments {
    /// Whether the parts begin with a user data header.
    #[must_use]
    pub fn has_udh(&self) -> bool {
        self.parts.len() > 1
    }
}

/// The text needs more parts than a total can count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text needs {parts} parts, at most {MAX_PARTS} can be sent")]
pub struct SegmentError {
    /// How many parts it would take.
    pub parts: usize,
}

/// Encodes a text for a link: in its default alphabet when every sign is in GSM 7 too (then the handset
/// counts septets, whatever octets the SMSC takes), otherwise in UCS-2. `reference` ties several parts
/// together and should differ from message to message.
///
/// # Errors
/// The text needs more than [`MAX_PARTS`] parts.
pub fn segments(text: &str, default: DefaultAlphabet, reference: u8) -> Result<Segments, SegmentError> {
    if text.chars().all(|sign| default_sign(sign, default).is_some()) {
        let signs = text.chars().filter_map(|sign| default_sign(sign, default));
        return build(signs, 160, 153, reference, Alphabet::Gsm7, 0);
    }
    build(text.chars().map(ucs2_sign), 70, 67, reference, Alphabet::Ucs2, UCS2)
}

/// One sign: its octets, how many of them, and what it counts against the limit of a part.
struct Sign {
    octets: [u8; 4],
    count: usize,
    cost: usize,
}

fn default_sign(sign: char, default: DefaultAlphabet) -> Option<Sign> {
    let (code, cost) = gsm7::septets(sign)?;
    let mut octets = [0; 4];
    let count = match default {
        DefaultAlphabet::Gsm7 => {
            octets[..2].copy_from_slice(&code);
            cost
        }
        DefaultAlphabet::Latin1 => {
            octets[0] = u8::try_from(u32::from(sign)).ok()?;
            1
        }
        DefaultAlphabet::Utf8 => sign.encode_utf8(&mut octets).len(),
    };
    Some(Sign { octets, count, cost })
}

fn ucs2_sign(sign: char) -> Sign {
    let mut octets = [0; 4];
    let mut units = [0; 2];
    let units = sign.encode_utf16(&mut units);
    for (place, unit) in octets.chunks_exact_mut(2).zip(units.iter()) {
        place.copy_from_slice(&unit.to_be_bytes());
    }
    Sign { octets, count: units.len() * 2, cost: units.len() }
}

fn build(
    signs: impl Iterator<Item = Sign>,
    single: usize,
    part: usize,
    reference: u8,
    alphabet: Alphabet,
    data_coding: u8,
) -> Result<Segments, SegmentError> {
    let signs: Vec<Sign> = signs.collect();
    let total_cost: usize = signs.iter().map(|sign| sign.cost).sum();
    let limit = if total_cost <= single { single } else { part };
    let mut bodies: Vec<Vec<u8>> = vec![Vec::new()];
    let mut used = 0;
    for sign in &signs {
        if used + sign.cost > limit {
            bodies.push(Vec::new());
            used = 0;
        }
        used += sign.cost;
        if let Some(body) = bodies.last_mut() {
            body.extend_from_slice(&sign.octets[..sign.count]);
        }
    }
    let total = u8::try_from(bodies.len()).map_err(|_| SegmentError { parts: bodies.len() })?;
    let parts = if total == 1 {
        bodies.into_iter().map(Bytes::from).collect()
    } else {
        (1..=total).zip(bodies).map(|(number, body)| with_header(reference, total, number, &body)).collect()
    };
    Ok(Segments { alphabet, data_coding, parts })
}

/// Header of six octets: information element 0x00 with an 8-bit reference.
fn with_header(reference: u8, total: u8, number: u8, body: &[u8]) -> Bytes {
    let mut octets = vec![0x05, 0x00, 0x03, reference, total, number];
    octets.extend_from_slice(body);
    octets.into()
}

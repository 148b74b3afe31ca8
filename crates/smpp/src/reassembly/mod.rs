//! Long messages: which part of what a message is, and the words of all parts together
//! (3GPP TS 23.040 §9.2.3.24, SMPP 3.4 §5.3.2.22–24).
//!
//! Pure: the caller keeps the parts, under [`PartKey`] together with its link group, source and
//! destination, decides how long to wait, and then assembles what there is. Nothing is ever discarded
//! here: a nonsense header makes a whole message with a flag.

mod assemble;
mod udh;

pub use assemble::{Assembled, GAP, Part, assemble};
pub use udh::{InformationElement, UdhError, split_udh};

use bytes::Bytes;

use crate::pdu::{ShortMessage, tag};

/// How a reference travelled; parts only belong together when it travelled the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReferenceWidth {
    /// User data header, 8-bit reference.
    Udh8,
    /// User data header, 16-bit reference.
    Udh16,
    /// `sar_msg_ref_num`.
    Sar,
}

impl ReferenceWidth {
    /// A stable number to store: 8, 16, or 1 for SAR.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Udh8 => 8,
            Self::Udh16 => 16,
            Self::Sar => 1,
        }
    }

    /// The width with this [`code`](Self::code).
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            8 => Some(Self::Udh8),
            16 => Some(Self::Udh16),
            1 => Some(Self::Sar),
            _ => None,
        }
    }
}

/// What the parts of one message share, besides link group, source and destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartKey {
    /// The sender's reference; 0 is legal.
    pub reference: u16,
    /// How it travelled.
    pub width: ReferenceWidth,
    /// How many parts there are, at least 2.
    pub total: u8,
}

/// That a message is a part, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartHeader {
    /// Of which message.
    pub key: PartKey,
    /// Which part, from 1 to `key.total`.
    pub number: u8,
}

/// Oddities of a user data header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeaderFlags {
    /// The header cannot be read: it is left in the text.
    pub broken_header: bool,
    /// The concatenation in it is impossible (total 0, number 0 or beyond the total): a whole message.
    pub nonsense_parts: bool,
    /// A concatenation header without the UDHI bit in `esm_class`.
    pub missing_udhi: bool,
    /// Both a header and SAR parameters told of parts; the header was believed.
    pub sar_besides_udh: bool,
}

/// The user data of a message taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartInfo {
    /// Which part this is; `None` for a whole message.
    pub part: Option<PartHeader>,
    /// The octets of the text, without the header.
    pub octets: Bytes,
    /// What was odd.
    pub flags: HeaderFlags,
}

/// Takes the user data of a message apart, from `short_message` or `message_payload`.
#[must_use]
pub fn part_info(message: &ShortMessage) -> PartInfo {
    let data = message.user_data();
    let mut flags = HeaderFlags::default();
    let (header, octets) = if message.has_udhi() {
        match split_udh(data) {
            Ok((elements, octets)) => (concatenation(&elements), octets),
            Err(_) => {
                flags.broken_header = true;
                (Found::Nothing, data.clone())
            }
        }
    } else if let Some((found, octets)) = unannounced(data) {
        flags.missing_udhi = true;
        (found, octets)
    } else {
        (Found::Nothing, data.clone())
    };
    let sar = sar(message);
    flags.sar_besides_udh = header != Found::Nothing && sar != Found::Nothing;
    let (found, other) =
        if matches!(header, Found::Part(_) | Found::Whole) { (header, sar) } else { (sar, header) };
    flags.nonsense_parts = found == Found::Nonsense || other == Found::Nonsense;
    let part = match found {
        Found::Part(part) => Some(part),
        Found::Whole | Found::Nonsense | Found::Nothing => None,
    };
    PartInfo { part, octets, flags }
}

/// Which part a message is; `None` for a whole message, however it is coded.
#[must_use]
pub fn part_of(message: &ShortMessage) -> Option<PartHeader> {
    part_info(message).part
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    Nonsense,
    /// "Part 1 of 1".
    Whole,
    Part(PartHeader),
}

impl Found {
    fn from_numbers(reference: u16, width: ReferenceWidth, total: u8, number: u8) -> Self {
        if number == 0 || number > total {
            return Self::Nonsense;
        }
        if total == 1 {
            return Self::Whole;
        }
        Self::Part(PartHeader { key: PartKey { reference, width, total }, number })
    }
}

/// The first usable concatenation among the elements of a header.
fn concatenation(elements: &[InformationElement]) -> Found {
    let mut best = Found::Nothing;
    for element in elements {
        let found = match (element.id, element.value.as_ref()) {
            (0x00, &[reference, total, number]) => {
                Found::from_numbers(u16::from(reference), ReferenceWidth::Udh8, total, number)
            }
            (0x08, &[high, low, total, number]) => {
                Found::from_numbers(u16::from_be_bytes([high, low]), ReferenceWidth::Udh16, total, number)
            }
            (0x00 | 0x08, _) => Found::Nonsense,
            _ => continue,
        };
        if matches!(found, Found::Part(_) | Found::Whole) {
            return found;
        }
        best = found;
    }
    best
}

/// A header of exactly one valid concatenation whose UDHI bit got lost on the way. As text its octets would
/// be control characters, so nothing a person writes is mistaken for it.
fn unannounced(data: &Bytes) -> Option<(Found, Bytes)> {
    if !matches!(data.as_ref(), [0x05, 0x00, 0x03, ..] | [0x06, 0x08, 0x04, ..]) {
        return None;
    }
    let (elements, octets) = split_udh(data).ok()?;
    match concatenation(&elements) {
        Found::Part(part) => Some((Found::Part(part), octets)),
        Found::Whole | Found::Nonsense | Found::Nothing => None,
    }
}

fn sar(message: &ShortMessage) -> Found {
    let reference = message.tlvs.number(tag::SAR_MSG_REF_NUM);
    let total = message.tlvs.number(tag::SAR_TOTAL_SEGMENTS);
    let number = message.tlvs.number(tag::SAR_SEGMENT_SEQNUM);
    match (reference, total, number) {
        (None, None, None) => Found::Nothing,
        (Some(reference), Some(total), Some(number)) => match (u8::try_from(total), u8::try_from(number)) {
            (Ok(total), Ok(number)) => Found::from_numbers(reference, ReferenceWidth::Sar, total, number),
            _ => Found::Nonsense,
        },
        _ => Found::Nonsense,
    }
}

#[cfg(test)]
mod tests;

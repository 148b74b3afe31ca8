//! From a citizen's text to the messages that carry it (3GPP TS 23.040 §9.2.3.24, SMPP 3.4 §5.3.2.22–24, §5.3.2.32).
//!
//! The parts are cut here and not by the product's own code, so that the product meets cuts it did not make:
//! 16-bit references, SAR and payloads.

use bytes::{BufMut, Bytes, BytesMut};
use canhgiac_smpp::pdu::{Address, ShortMessage, Tlvs, esm, npi, tag, ton};
use canhgiac_smpp::text::{DefaultAlphabet, gsm7_encode};

use crate::citizens::{AddressForm, CitizenText, Coding, Mobile, Parts};

/// Septets of a whole message, and of a part with an 8-bit or a 16-bit reference.
const GSM7_LIMITS: [usize; 3] = [160, 153, 152];
/// Units of a whole message, and of a part.
const UCS2_LIMITS: [usize; 3] = [70, 67, 66];
/// `data_coding` of UCS-2.
const UCS2: u8 = 0x08;

/// The messages of a text in the order they travel. `reference` ties parts together and should differ from text to
/// text. More than 255 parts cannot be counted: such a text travels as payload.
pub(crate) fn messages(text: &CitizenText, alphabet: DefaultAlphabet, reference: u16) -> Vec<ShortMessage> {
    let signs: Vec<Sign> = text.text.chars().map(|sign| Sign::new(sign, text.coding, alphabet)).collect();
    let [whole, udh8, udh16] = match text.coding {
        Coding::Gsm7 => GSM7_LIMITS,
        Coding::Ucs2 => UCS2_LIMITS,
    };
    let plain = ShortMessage {
        source: sender(&text.from, text.address),
        destination: Address::new(ton::NETWORK_SPECIFIC, npi::UNKNOWN, text.to.as_bytes().to_vec()),
        data_coding: if text.coding == Coding::Ucs2 { UCS2 } else { 0 },
        ..ShortMessage::default()
    };
    let limit = if text.parts == Parts::Udh16 { udh16 } else { udh8 };
    let fits_one = signs.iter().map(|sign| sign.cost).sum::<usize>() <= whole;
    let pieces = if fits_one { vec![join(&signs)] } else { cut(&signs, limit) };
    let Ok(total) = u8::try_from(pieces.len()) else {
        return vec![with_payload(plain, join(&signs))];
    };
    let mut messages: Vec<ShortMessage> = match (text.parts, total) {
        (Parts::Payload, _) => vec![with_payload(plain, join(&signs))],
        (_, 1) => {
            pieces.into_iter().map(|short_message| ShortMessage { short_message, ..plain.clone() }).collect()
        }
        (parts, _) => (1..=total)
            .zip(pieces)
            .map(|(number, piece)| part(&plain, parts, reference, (total, number), &piece))
            .collect(),
    };
    if text.is_shuffled {
        let turn = usize::from(reference) % messages.len();
        messages.rotate_left(turn);
    }
    messages
}

/// The address of a citizen as an operator writes it.
fn sender(mobile: &Mobile, form: AddressForm) -> Address {
    match form {
        AddressForm::International => Address::international(&mobile.international()),
        AddressForm::Plus => Address::international(&mobile.canonical()),
        AddressForm::National => Address::new(ton::NATIONAL, npi::ISDN, mobile.dialled().as_bytes().to_vec()),
    }
}

/// One sign: its octets, and what it counts against the limit of a part.
struct Sign {
    octets: Vec<u8>,
    cost: usize,
}

impl Sign {
    fn new(sign: char, coding: Coding, alphabet: DefaultAlphabet) -> Self {
        let mut buffer = [0; 4];
        let text: &str = sign.encode_utf8(&mut buffer);
        match (coding, gsm7_encode(text)) {
            (Coding::Gsm7, Some(septets)) => {
                let cost = septets.len();
                let octets = match alphabet {
                    DefaultAlphabet::Gsm7 => septets,
                    DefaultAlphabet::Latin1 => vec![u8::try_from(u32::from(sign)).unwrap_or(b'?')],
                    DefaultAlphabet::Utf8 => text.as_bytes().to_vec(),
                };
                Self { octets, cost }
            }
            _ => {
                let mut units = [0; 2];
                let units = sign.encode_utf16(&mut units);
                Self { octets: units.iter().flat_map(|unit| unit.to_be_bytes()).collect(), cost: units.len() }
            }
        }
    }
}

fn cut(signs: &[Sign], limit: usize) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    let (mut from, mut used) = (0, 0);
    for (at, sign) in signs.iter().enumerate() {
        if used + sign.cost > limit {
            pieces.push(join(&signs[from..at]));
            (from, used) = (at, 0);
        }
        used += sign.cost;
    }
    pieces.push(join(&signs[from..]));
    pieces
}

fn join(signs: &[Sign]) -> Bytes {
    signs.iter().flat_map(|sign| sign.octets.iter().copied()).collect()
}

fn with_payload(plain: ShortMessage, payload: Bytes) -> ShortMessage {
    let mut tlvs = Tlvs::new();
    tlvs.push(tag::MESSAGE_PAYLOAD, payload);
    ShortMessage { tlvs, ..plain }
}

fn part(
    plain: &ShortMessage,
    parts: Parts,
    reference: u16,
    (total, number): (u8, u8),
    piece: &[u8],
) -> ShortMessage {
    let [high, low] = reference.to_be_bytes();
    let with_header = |header: &[u8]| {
        let mut octets = BytesMut::with_capacity(header.len() + piece.len());
        octets.put_slice(header);
        octets.put_slice(piece);
        ShortMessage { esm_class: esm::UDHI, short_message: octets.freeze(), ..plain.clone() }
    };
    match parts {
        Parts::Udh16 => with_header(&[0x06, 0x08, 0x04, high, low, total, number]),
        Parts::Sar => {
            let mut tlvs = Tlvs::new();
            tlvs.push(tag::SAR_MSG_REF_NUM, vec![high, low]);
            tlvs.push(tag::SAR_TOTAL_SEGMENTS, vec![total]);
            tlvs.push(tag::SAR_SEGMENT_SEQNUM, vec![number]);
            ShortMessage { short_message: Bytes::copy_from_slice(piece), tlvs, ..plain.clone() }
        }
        Parts::Udh8 | Parts::Payload => with_header(&[0x05, 0x00, 0x03, low, total, number]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::citizens::{Citizens, CitizensPlan};
    use canhgiac_smpp::reassembly::part_info;
    use canhgiac_smpp::text::decode;
    use std::collections::BTreeSet;

    #[test]
    fn every_text_arrives_as_it_was_written_in_every_alphabet() {
        let mut citizens = Citizens::new(CitizensPlan::demo(11));
        let mut seen = BTreeSet::new();
        for reference in 0..6_000 {
            let (_, text) = citizens.next().unwrap();
            let alphabet = [DefaultAlphabet::Gsm7, DefaultAlphabet::Utf8][usize::from(reference % 2)];
            let messages = messages(&text, alphabet, reference);
            assert!(messages.iter().all(|message| message.short_message.len() <= 254));
            let mut parts: Vec<_> = messages.iter().map(part_info).collect();
            seen.insert((text.parts as u8, parts.len() > 1));
            parts.sort_by_key(|one| one.part.map(|part| part.number));
            let total = parts.len();
            assert!(parts.iter().all(|one| one.part.is_none_or(|part| usize::from(part.key.total) == total)));
            let octets: Vec<u8> = parts.iter().flat_map(|one| one.octets.to_vec()).collect();
            assert_eq!(decode(&octets, messages[0].data_coding, alphabet).text, text.text);
        }
        for parts in [Parts::Udh8, Parts::Udh16, Parts::Sar] {
            assert!(seen.contains(&(parts as u8, true)), "{parts:?} in several parts");
        }
        assert!(seen.contains(&(Parts::Payload as u8, false)));
    }
}

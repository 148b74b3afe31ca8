//! The texts that are sent: encoded once, numbered when they leave.

use bytes::BytesMut;
use canhgiac_simulator::load::{sender, words};
use canhgiac_smpp::pdu::{Address, Body, Pdu, ShortMessage, npi, ton};

/// Different senders and reported numbers.
const POOL: u64 = 9_000;
/// How far before its number a text has the last seven digits of the number it reports:
/// `LD 096` + 7 digits + ` tai trong so `.
const SOURCE_BEFORE: usize = SUBSCRIBER + " tai trong so ".len();
const SUBSCRIBER: usize = 7;
/// Digits of a text's own number.
const DIGITS: usize = 8;

/// Encoded `deliver_sm` of citizens who report a number each.
#[derive(Debug)]
pub(crate) struct Texts {
    frames: Vec<Vec<u8>>,
    /// Where a text's own number stands in its frame.
    number_at: Vec<usize>,
    /// Each text reports a number of its own, by a citizen of its own, but for one in fourteen.
    has_many_sources: bool,
}

impl Texts {
    pub(crate) fn new() -> anyhow::Result<Texts> {
        let mut texts = Texts { frames: Vec::new(), number_at: Vec::new(), has_many_sources: false };
        for number in 0..POOL {
            let message = ShortMessage {
                source: Address::international(&sender(number)),
                destination: Address::new(ton::NETWORK_SPECIFIC, npi::UNKNOWN, b"156".to_vec()),
                short_message: words(number).into_bytes().into(),
                ..ShortMessage::default()
            };
            let mut frame = BytesMut::new();
            Pdu::request(1, Body::DeliverSm(message)).encode(&mut frame)?;
            let digits = format!("{number:0width$}", width = DIGITS);
            let at = frame.windows(DIGITS).position(|octets| octets == digits.as_bytes());
            texts.number_at.push(at.ok_or_else(|| anyhow::anyhow!("a text without its number"))?);
            texts.frames.push(frame.to_vec());
        }
        Ok(texts)
    }

    /// As numbers are reported in earnest: 93 % of them once.
    pub(crate) fn of_many_sources() -> anyhow::Result<Texts> {
        Ok(Texts { has_many_sources: true, ..Texts::new()? })
    }

    /// Appends the text with this number, under this sequence number.
    pub(crate) fn append(&self, number: u64, sequence: u32, out: &mut Vec<u8>) {
        let which = usize::try_from(number % POOL).unwrap_or_default();
        let start = out.len();
        out.extend_from_slice(&self.frames[which]);
        out[start + 12..start + 16].copy_from_slice(&sequence.to_be_bytes());
        let at = start + self.number_at[which];
        write_digits(&mut out[at..at + DIGITS], number);
        if self.has_many_sources && !number.is_multiple_of(14) {
            // Scattered as numbers are, not one after the other.
            let scattered = number.wrapping_mul(7_654_321) % 10_000_000;
            write_digits(&mut out[at - SOURCE_BEFORE..at - SOURCE_BEFORE + SUBSCRIBER], scattered);
        }
    }
}

fn write_digits(digits: &mut [u8], number: u64) {
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use canhgiac_smpp::pdu::{Frame, decode};

    #[test]
    fn a_text_carries_its_numbers_and_decodes() {
        let texts = Texts::new().unwrap();
        let mut out = Vec::new();
        texts.append(12_345_678, 77, &mut out);
        let pdu = decode(&Frame::from_bytes(out.into()).unwrap()).unwrap();
        assert_eq!(pdu.sequence, 77);
        let Body::DeliverSm(message) = pdu.body else { panic!("a deliver_sm") };
        let words = String::from_utf8(message.short_message.to_vec()).unwrap();
        assert!(words.contains("so 12345678 mao danh"), "{words}");
    }

    #[test]
    fn numbers_are_reported_once_each_but_for_some() {
        let texts = Texts::of_many_sources().unwrap();
        let source = |number| {
            let mut out = Vec::new();
            texts.append(number, 1, &mut out);
            let Body::DeliverSm(message) = decode(&Frame::from_bytes(out.into()).unwrap()).unwrap().body
            else {
                panic!("a deliver_sm")
            };
            String::from_utf8(message.short_message[..13].to_vec()).unwrap()
        };
        let sources: std::collections::BTreeSet<String> = (1..1_000).map(source).collect();
        assert!(sources.len() > 900, "{}", sources.len());
        assert!(sources.iter().all(|source| source.starts_with("LD 096")), "{sources:?}");
    }
}

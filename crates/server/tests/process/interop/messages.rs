//! Texts as octets and parts, for libraries that have no idea of either.

use canhgiac_smpp::text::{DefaultAlphabet, decode, gsm7_encode};
use serde_json::{Value, json};

/// Octets of a part: an even number that leaves room for any header.
const PART: usize = 132;
/// Octets that need no parts.
const WHOLE: usize = 140;

/// One message of those that a text needs.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    pub(super) octets: Vec<u8>,
    pub(super) data_coding: u8,
    pub(super) esm_class: u8,
    /// Reference, total, number.
    pub(super) sar: Option<(u16, u8, u8)>,
    pub(super) is_payload: bool,
}

/// The octets and the coding of `{"text","coding"}`.
fn encoded(message: &Value) -> (Vec<u8>, u8) {
    let text = message["text"].as_str().expect("a text");
    match message["coding"].as_str().unwrap_or("gsm7") {
        "gsm7" => (gsm7_encode(text).expect("GSM 7 has these signs"), 0),
        "latin1" => (text.chars().map(|sign| u8::try_from(u32::from(sign)).expect("Latin-1")).collect(), 3),
        "ucs2" => (text.encode_utf16().flat_map(u16::to_be_bytes).collect(), 8),
        other => panic!("no such coding: {other}"),
    }
}

/// The messages of `{"text","coding","udh","sar","payload","esm_class"}`.
pub(super) fn parts(message: &Value, reference: u16) -> Vec<Part> {
    let (octets, data_coding) = encoded(message);
    let esm_class = u8::try_from(message["esm_class"].as_u64().unwrap_or(0)).expect("an octet");
    let whole = Part { octets, data_coding, esm_class, ..Part::default() };
    if message["payload"] == true {
        return vec![Part { is_payload: true, ..whole }];
    }
    if whole.octets.len() <= WHOLE {
        return vec![whole];
    }
    let pieces: Vec<&[u8]> = whole.octets.chunks(PART).collect();
    let total = u8::try_from(pieces.len()).expect("few parts");
    (1..=total)
        .zip(pieces)
        .map(|(number, piece)| {
            let part = Part { octets: piece.to_vec(), data_coding, esm_class, ..Part::default() };
            let [high, low] = reference.to_be_bytes();
            let header: &[u8] = match message["udh"].as_u64() {
                _ if message["sar"] == true => return Part { sar: Some((reference, total, number)), ..part },
                Some(16) => &[6, 8, 4, high, low, total, number],
                _ => &[5, 0, 3, low, total, number],
            };
            Part { octets: [header, piece].concat(), esm_class: esm_class | 0x40, ..part }
        })
        .collect()
}

/// The words of a receipt for a message.
pub(super) fn receipt(facts: &Value) -> Value {
    let id = facts["message_id"].as_str().expect("a message is named");
    let text = format!(
        "id:{id} sub:001 dlvrd:001 submit date:2611232105 done date:2611232106 stat:DELIVRD err:000 text:"
    );
    json!({ "from": facts["from"], "to": facts["to"], "text": text, "esm_class": 4, "ref": id })
}

/// What an event says of a message that came.
pub(super) fn said(from: &str, to: &str, octets: &[u8], data_coding: u8, esm_class: u8) -> Value {
    let text = decode(octets, data_coding, DefaultAlphabet::Gsm7).text;
    json!({ "from": from, "to": to, "text": text, "data_coding": data_coding, "esm_class": esm_class })
}

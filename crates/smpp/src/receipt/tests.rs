//! Receipts as SMSCs write them.

use bytes::Bytes;

use super::*;
use crate::pdu::{Tlvs, esm};

fn of(text: &[u8], tlvs: Tlvs) -> Option<Receipt> {
    let message = ShortMessage {
        esm_class: esm::RECEIPT,
        short_message: Bytes::copy_from_slice(text),
        tlvs,
        ..ShortMessage::default()
    };
    receipt(&message, DefaultAlphabet::Latin1)
}

fn read(text: &str) -> Receipt {
    of(text.as_bytes(), Tlvs::new()).unwrap()
}

const DATE: ReceiptDate = ReceiptDate { year: 2026, month: 11, day: 23, hour: 21, minute: 5, second: 0 };

#[test]
fn the_form_of_appendix_b_is_read() {
    let receipt = read(
        "id:0123456789 sub:001 dlvrd:001 submit date:2611232105 done date:2611232106 stat:DELIVRD err:000 text:LD 09",
    );
    assert_eq!(receipt.message_id.as_deref(), Some("0123456789"));
    assert_eq!(receipt.state, Some(MessageState::Delivered));
    assert_eq!(receipt.error.as_deref(), Some("000"));
    assert_eq!((receipt.submitted, receipt.done), (Some(DATE), Some(ReceiptDate { minute: 6, ..DATE })));
}

#[test]
fn dates_may_have_seconds_or_a_century() {
    let with_seconds = Some(ReceiptDate { second: 59, ..DATE });
    for (text, date) in [
        ("done date:2611232105", Some(DATE)),
        ("done date:261123210559", with_seconds),
        ("done date:20261123210559", with_seconds),
        ("done date:2611232", None),
        ("done date:2613232105", None),
        ("done date: stat:DELIVRD", None),
    ] {
        assert_eq!(read(text).done, date, "{text}");
    }
}

#[test]
fn odd_case_order_spacing_and_missing_fields_are_read() {
    let receipt = read("Id: ABC123, STAT : UNDELIV;Err:27 Done_Date:2611232105");
    assert_eq!(receipt.message_id.as_deref(), Some("ABC123"));
    assert_eq!(receipt.state, Some(MessageState::Undeliverable));
    assert_eq!((receipt.error.as_deref(), receipt.done), (Some("27"), Some(DATE)));
    assert_eq!(read("stat:EXPIRED").message_id, None);
    assert_eq!(read("no such thing"), Receipt::default());
    assert_eq!(read("void:7 uid:8").message_id, None, "only whole words are keys");
}

#[test]
fn quoted_text_is_never_a_field() {
    let receipt = read("stat:REJECTD text:id:999 stat:DELIVRD");
    assert_eq!((receipt.message_id, receipt.state), (None, Some(MessageState::Rejected)));
}

#[test]
fn parameters_come_before_the_text() {
    let mut tlvs = Tlvs::new();
    tlvs.push(tag::RECEIPTED_MESSAGE_ID, &b"4e3b8534\0"[..]);
    tlvs.push(tag::MESSAGE_STATE, vec![5]);
    tlvs.push(tag::NETWORK_ERROR_CODE, vec![3, 0, 27]);
    let receipt = of(b"id:1312523572 stat:DELIVRD err:000", tlvs).unwrap();
    assert_eq!(receipt.message_id.as_deref(), Some("4e3b8534"));
    assert_eq!(receipt.state, Some(MessageState::Undeliverable));
    assert_eq!(receipt.network_error, Some(NetworkError { network: 3, code: 27 }));
}

#[test]
fn a_receipt_in_ucs2_is_read() {
    let text: Vec<u8> = "id:77 stat:DELIVRD text:đã gửi".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let message = ShortMessage {
        esm_class: esm::INTERMEDIATE,
        data_coding: 8,
        short_message: text.into(),
        ..ShortMessage::default()
    };
    let receipt = receipt(&message, DefaultAlphabet::Gsm7).unwrap();
    assert_eq!((receipt.message_id.as_deref(), receipt.is_intermediate), (Some("77"), true));
}

#[test]
fn only_the_smsc_makes_receipts() {
    let forged =
        ShortMessage { short_message: Bytes::from_static(b"id:1 stat:DELIVRD"), ..ShortMessage::default() };
    assert_eq!(receipt(&forged, DefaultAlphabet::Gsm7), None);
    let mut without_class = forged;
    without_class.tlvs.push(tag::RECEIPTED_MESSAGE_ID, &b"9\0"[..]);
    assert_eq!(receipt(&without_class, DefaultAlphabet::Gsm7), None);
    without_class.tlvs.push(tag::MESSAGE_STATE, vec![2]);
    let receipt = receipt(&without_class, DefaultAlphabet::Gsm7).unwrap();
    assert_eq!((receipt.message_id.as_deref(), receipt.state), (Some("9"), Some(MessageState::Delivered)));
}

#[test]
fn final_states_are_told_from_passing_ones() {
    let finals: Vec<bool> =
        ["DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "REJECTD", "ACCEPTD", "ENROUTE", "UNKNOWN", "weird"]
            .iter()
            .map(|word| MessageState::from_word(word).is_final())
            .collect();
    assert_eq!(finals, [true, true, true, true, true, false, false, false, false]);
}

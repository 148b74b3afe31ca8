//! Parts as real handsets and SMSCs make them, and as broken ones do.

use bytes::Bytes;

use super::*;
use crate::pdu::{Tlvs, esm};
use crate::text::{Alphabet, DefaultAlphabet, segments};

fn message(esm_class: u8, octets: &[u8], tlvs: Tlvs) -> ShortMessage {
    ShortMessage { esm_class, short_message: Bytes::copy_from_slice(octets), tlvs, ..ShortMessage::default() }
}

fn sar_tlvs(reference: u16, total: u8, number: u8) -> Tlvs {
    let mut tlvs = Tlvs::new();
    tlvs.push(tag::SAR_MSG_REF_NUM, reference.to_be_bytes().to_vec());
    tlvs.push(tag::SAR_TOTAL_SEGMENTS, vec![total]);
    tlvs.push(tag::SAR_SEGMENT_SEQNUM, vec![number]);
    tlvs
}

fn header(reference: u16, width: ReferenceWidth, total: u8, number: u8) -> Option<PartHeader> {
    Some(PartHeader { key: PartKey { reference, width, total }, number })
}

#[test]
fn references_of_both_widths_and_zero_are_read() {
    let info = part_info(&message(esm::UDHI, &[5, 0, 3, 0, 2, 1, b'a'], Tlvs::new()));
    assert_eq!((info.part, info.octets.as_ref()), (header(0, ReferenceWidth::Udh8, 2, 1), &b"a"[..]));
    let info = part_info(&message(esm::UDHI, &[6, 8, 4, 1, 2, 3, 3, b'b'], Tlvs::new()));
    assert_eq!((info.part, info.octets.as_ref()), (header(0x0102, ReferenceWidth::Udh16, 3, 3), &b"b"[..]));
    assert_eq!(info.flags, HeaderFlags::default());
}

#[test]
fn sar_parameters_are_read_and_yield_to_a_header() {
    let info = part_info(&message(0, b"a", sar_tlvs(7, 2, 2)));
    assert_eq!(info.part, header(7, ReferenceWidth::Sar, 2, 2));
    let info = part_info(&message(esm::UDHI, &[5, 0, 3, 9, 2, 1, b'a'], sar_tlvs(7, 2, 2)));
    assert_eq!((info.part, info.flags.sar_besides_udh), (header(9, ReferenceWidth::Udh8, 2, 1), true));
    let info = part_info(&message(esm::UDHI, &[5, 0, 3, 9, 0, 1, b'a'], sar_tlvs(7, 2, 2)));
    assert_eq!((info.part, info.flags.nonsense_parts), (header(7, ReferenceWidth::Sar, 2, 2), true));
}

#[test]
fn a_header_within_the_payload_is_read() {
    let mut tlvs = Tlvs::new();
    tlvs.push(tag::MESSAGE_PAYLOAD, vec![5, 0, 3, 9, 2, 2, b'x', b'y']);
    let info = part_info(&message(esm::UDHI, b"", tlvs));
    assert_eq!((info.part, info.octets.as_ref()), (header(9, ReferenceWidth::Udh8, 2, 2), &b"xy"[..]));
}

#[test]
fn other_elements_are_skipped_and_removed_from_the_text() {
    let data = [11, 5, 4, 0x0B, 0x84, 0x23, 0xF0, 0, 3, 9, 2, 1, b'z'];
    let info = part_info(&message(esm::UDHI, &data, Tlvs::new()));
    assert_eq!((info.part, info.octets.as_ref()), (header(9, ReferenceWidth::Udh8, 2, 1), &b"z"[..]));
    let info = part_info(&message(esm::UDHI, &[3, 0x24, 1, 1, b'z'], Tlvs::new()));
    assert_eq!((info.part, info.octets.as_ref()), (None, &b"z"[..]));
}

#[test]
fn nonsense_makes_a_flagged_whole_message() {
    for data in [
        &[5, 0, 3, 9, 0, 0, b'a'][..],
        &[5, 0, 3, 9, 2, 3, b'a'],
        &[5, 0, 3, 9, 2, 0, b'a'],
        &[4, 0, 2, 9, 2, b'a'],
    ] {
        let info = part_info(&message(esm::UDHI, data, Tlvs::new()));
        assert_eq!(
            (info.part, info.octets.as_ref(), info.flags.nonsense_parts),
            (None, &b"a"[..], true),
            "{data:?}"
        );
    }
    for data in [&[200, 0, 3, 9, 2, 1, b'a'][..], &[5, 0, 200, 9, 2, 1, b'a'], &[1, 0, b'a'], b""] {
        let info = part_info(&message(esm::UDHI, data, Tlvs::new()));
        assert_eq!(
            (info.part, info.octets.as_ref(), info.flags.broken_header),
            (None, data, true),
            "{data:?}"
        );
    }
    let mut half = Tlvs::new();
    half.push(tag::SAR_MSG_REF_NUM, vec![0, 1]);
    let info = part_info(&message(0, b"a", half));
    assert_eq!((info.part, info.flags.nonsense_parts), (None, true));
}

#[test]
fn part_one_of_one_is_a_whole_message() {
    let info = part_info(&message(esm::UDHI, &[5, 0, 3, 9, 1, 1, b'a'], Tlvs::new()));
    assert_eq!((info.part, info.octets.as_ref(), info.flags), (None, &b"a"[..], HeaderFlags::default()));
    assert_eq!(part_of(&message(0, b"a", sar_tlvs(7, 1, 1))), None);
}

#[test]
fn a_header_that_lost_its_announcement_is_recognised() {
    let info = part_info(&message(0, &[5, 0, 3, 9, 2, 1, b'a'], Tlvs::new()));
    assert_eq!((info.part, info.flags.missing_udhi), (header(9, ReferenceWidth::Udh8, 2, 1), true));
    let info = part_info(&message(0, &[5, 0, 3, 9, 1, 2, b'a'], Tlvs::new()));
    assert_eq!((info.part, info.octets.len()), (None, 7));
}

fn join(text: &str, order: &[usize]) -> Assembled {
    let cut = segments(text, DefaultAlphabet::Gsm7, 0).unwrap();
    let parts: Vec<Part<'_>> = order
        .iter()
        .map(|index| Part {
            number: *index as u8 + 1,
            octets: &cut.parts[*index][6..],
            data_coding: cut.data_coding,
        })
        .collect();
    assemble(&parts, cut.parts.len() as u8, DefaultAlphabet::Gsm7)
}

#[test]
fn parts_out_of_order_and_twice_give_the_text() {
    let text = "Cảnh giác: có người gọi xưng công an. ".repeat(5);
    let assembled = join(&text, &[2, 0, 1, 0]);
    assert_eq!(assembled.text, text);
    assert!(assembled.is_complete() && !assembled.is_doubtful);
    assert_eq!(assembled.conflicting, [] as [u8; 0]);
}

#[test]
fn missing_parts_are_marked_and_listed() {
    let text = "abc ".repeat(160);
    let cut = segments(&text, DefaultAlphabet::Gsm7, 0).unwrap();
    assert_eq!(cut.parts.len(), 5);
    let assembled = join(&text, &[0, 3]);
    assert_eq!(assembled.missing, [2, 3, 5]);
    let expected = format!("{}{GAP}{}{GAP}", &text[..153], &text[459..612]);
    assert_eq!(assembled.text, expected);
    assert!(!assembled.is_complete());
    assert_eq!(assemble(&[], 2, DefaultAlphabet::Gsm7).text, GAP);
}

#[test]
fn conflicting_and_stray_parts_are_reported() {
    let part = |number, octets| Part { number, octets, data_coding: 0 };
    let parts = [part(1, b"a"), part(1, b"x"), part(2, b"b"), part(3, b"c"), part(0, b"d")];
    let assembled = assemble(&parts, 2, DefaultAlphabet::Gsm7);
    assert_eq!(
        (assembled.text.as_str(), assembled.conflicting, assembled.stray),
        ("ab", vec![1], vec![3, 0])
    );
}

#[test]
fn pairs_cut_between_parts_are_whole_again() {
    let smile: Vec<u8> = "a😀b".encode_utf16().flat_map(u16::to_be_bytes).collect();
    for cut in 1..smile.len() {
        let parts = [
            Part { number: 1, octets: &smile[..cut], data_coding: 8 },
            Part { number: 2, octets: &smile[cut..], data_coding: 8 },
        ];
        assert_eq!(assemble(&parts, 2, DefaultAlphabet::Gsm7).text, "a😀b", "cut at {cut}");
    }
    let parts = [
        Part { number: 2, octets: b"\x65!", data_coding: 0 },
        Part { number: 1, octets: b"a\x1b", data_coding: 0 },
    ];
    assert_eq!(assemble(&parts, 2, DefaultAlphabet::Gsm7).text, "a€!");
    let utf8 = "đảo".as_bytes();
    let parts = [
        Part { number: 1, octets: &utf8[..1], data_coding: 0 },
        Part { number: 2, octets: &utf8[1..], data_coding: 0 },
    ];
    assert_eq!(assemble(&parts, 2, DefaultAlphabet::Utf8).text, "đảo");
}

#[test]
fn codings_may_differ_from_part_to_part() {
    let parts = [
        Part { number: 1, octets: b"LD ", data_coding: 0 },
        Part { number: 2, octets: &[0x1E, 0xA1], data_coding: 8 },
    ];
    let assembled = assemble(&parts, 2, DefaultAlphabet::Gsm7);
    assert_eq!(assembled.text, "LD ạ");
    assert_eq!(assembled.alphabets, [Alphabet::Gsm7, Alphabet::Ucs2]);
}

#[test]
fn ucs2_parts_that_each_lost_an_octet_stay_readable() {
    let units = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_be_bytes).collect() };
    let (first, second) = (units("lừa đảo"), units("mạo danh"));
    let parts = [
        Part { number: 1, octets: &first[..first.len() - 1], data_coding: 8 },
        Part { number: 2, octets: &second, data_coding: 8 },
    ];
    let assembled = assemble(&parts, 2, DefaultAlphabet::Gsm7);
    assert_eq!(assembled.text, "lừa đả\u{FFFD}mạo danh");
    assert!(assembled.is_doubtful);
}

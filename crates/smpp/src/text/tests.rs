//! Vectors from 3GPP TS 23.038, and texts as Vietnamese operators mangle them.

use super::*;

fn text(octets: &[u8], data_coding: u8, default: DefaultAlphabet) -> (String, Alphabet, Flags) {
    let decoded = decode(octets, data_coding, default);
    (decoded.text, decoded.alphabet, decoded.flags)
}

fn ucs2(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

const FELL_BACK: Flags = Flags {
    fell_back: true,
    replaced: false,
    odd_length: false,
    byte_order_mark: false,
    little_endian: false,
    binary: false,
    compressed: false,
    unknown_coding: false,
    auto_delete: false,
};

#[test]
fn every_septet_of_the_default_alphabet_goes_both_ways() {
    for septet in (0..0x80).filter(|septet| *septet != 0x1B) {
        let (sign, _, flags) = text(&[septet], 0, DefaultAlphabet::Gsm7);
        assert_eq!(gsm7_encode(&sign).unwrap(), [septet]);
        assert_eq!(flags, Flags::default());
    }
    assert_eq!(text(&[0x00, 0x11, 0x02, 0x10, 0x7F], 0, DefaultAlphabet::Gsm7).0, "@_$Δà");
}

#[test]
fn the_extension_table_goes_both_ways() {
    let octets = [
        0x1B, 0x3C, 0x1B, 0x3E, 0x1B, 0x28, 0x1B, 0x29, 0x1B, 0x65, 0x1B, 0x14, 0x1B, 0x2F, 0x1B, 0x3D, 0x1B,
        0x40,
    ];
    assert_eq!(text(&octets, 0, DefaultAlphabet::Gsm7).0, "[]{}€^\\~|");
    assert_eq!(gsm7_encode("[]{}€^\\~|").unwrap(), octets);
    assert_eq!(gsm7_len("[]{}€^\\~|"), Some(18));
    assert_eq!(gsm7_encode("ạ"), None);
}

#[test]
fn unknown_and_cut_escapes_are_flagged_and_lose_nothing_else() {
    let (words, _, flags) = text(b"a\x1bAb\x1b", 0, DefaultAlphabet::Gsm7);
    assert_eq!((words.as_str(), flags.replaced), ("aAb", true));
}

#[test]
fn default_alphabet_is_the_links_own() {
    assert_eq!(text(b"a@b_c", 0, DefaultAlphabet::Latin1).0, "a@b_c");
    assert_eq!(text(b"a@b_c", 0, DefaultAlphabet::Gsm7).0, "a¡b§c");
    assert_eq!(
        text("lừa đảo".as_bytes(), 0, DefaultAlphabet::Utf8),
        ("lừa đảo".into(), Alphabet::Utf8, Flags::default())
    );
    assert_eq!(
        text(b"caf\xe9", 0, DefaultAlphabet::Latin1),
        ("café".into(), Alphabet::Latin1, Flags::default())
    );
}

#[test]
fn octets_that_do_not_fit_the_default_alphabet_fall_back_flagged() {
    assert_eq!(text("đảo".as_bytes(), 0, DefaultAlphabet::Gsm7), ("đảo".into(), Alphabet::Utf8, FELL_BACK));
    assert_eq!(text("và".as_bytes(), 0, DefaultAlphabet::Latin1), ("và".into(), Alphabet::Utf8, FELL_BACK));
    assert_eq!(text(b"caf\xe9", 0, DefaultAlphabet::Gsm7), ("café".into(), Alphabet::Latin1, FELL_BACK));
    assert_eq!(text(b"caf\xe9", 0, DefaultAlphabet::Utf8), ("café".into(), Alphabet::Latin1, FELL_BACK));
    assert_eq!(
        text(b"\x93a\x94", 0, DefaultAlphabet::Latin1),
        ("“a”".into(), Alphabet::Windows1252, FELL_BACK)
    );
    assert_eq!(text(b"a\x00b", 0, DefaultAlphabet::Utf8), ("a@b".into(), Alphabet::Gsm7, FELL_BACK));
    assert_eq!(text(b"a\x00b", 1, DefaultAlphabet::Gsm7), ("a@b".into(), Alphabet::Gsm7, FELL_BACK));
}

#[test]
fn ucs2_under_the_default_label_is_recognised() {
    for default in [DefaultAlphabet::Gsm7, DefaultAlphabet::Latin1, DefaultAlphabet::Utf8] {
        let (words, alphabet, flags) = text(&ucs2("LD 0900000001 lừa đảo"), 0, default);
        assert_eq!((words.as_str(), alphabet, flags), ("LD 0900000001 lừa đảo", Alphabet::Ucs2, FELL_BACK));
    }
    assert_eq!(text(b"@@", 1, DefaultAlphabet::Gsm7).0, "@@");
    assert_eq!(text(&[0, 0, 0, 0], 0, DefaultAlphabet::Gsm7).0, "@@@@", "GSM 7 commercial at signs stay");
}

#[test]
fn ucs2_with_surrogates_marks_and_odd_lengths() {
    assert_eq!(
        text(&ucs2("đọc 😀"), 8, DefaultAlphabet::Gsm7),
        ("đọc 😀".into(), Alphabet::Ucs2, Flags::default())
    );
    let mut marked = vec![0xFE, 0xFF];
    marked.extend(ucs2("đọc"));
    let (words, _, flags) = text(&marked, 8, DefaultAlphabet::Gsm7);
    assert_eq!((words.as_str(), flags.byte_order_mark, flags.little_endian), ("đọc", true, false));
    let mut odd = ucs2("đọc");
    odd.push(0x1E);
    let (words, _, flags) = text(&odd, 8, DefaultAlphabet::Gsm7);
    assert_eq!((words.as_str(), flags.odd_length), ("đọc\u{FFFD}", true));
    let (words, _, flags) = text(&[0xD8, 0x3D, 0x00, 0x61], 8, DefaultAlphabet::Gsm7);
    assert_eq!((words.as_str(), flags.replaced), ("\u{FFFD}a", true));
    assert_eq!(text(&[], 8, DefaultAlphabet::Gsm7).0, "");
    assert_eq!(text(&[0x41], 8, DefaultAlphabet::Gsm7).0, "A", "one octet cannot be UCS-2");
}

#[test]
fn little_endian_is_detected_with_and_without_a_mark() {
    let little: Vec<u8> = "lừa đảo 0900".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (words, _, flags) = text(&little, 8, DefaultAlphabet::Gsm7);
    assert_eq!((words.as_str(), flags.little_endian), ("lừa đảo 0900", true));
    let marked = [&[0xFF, 0xFE][..], &little].concat();
    let (words, _, flags) = text(&marked, 8, DefaultAlphabet::Gsm7);
    assert_eq!((words.as_str(), flags.little_endian, flags.byte_order_mark), ("lừa đảo 0900", true, true));
    assert_eq!(text(&ucs2("中華人民共和國"), 8, DefaultAlphabet::Gsm7).0, "中華人民共和國");
}

#[test]
fn one_octet_text_under_the_ucs2_label_is_recognised() {
    let (words, _, flags) = text(b"LD 0900000001 abc", 8, DefaultAlphabet::Gsm7);
    assert_eq!((words.as_str(), flags), ("LD 0900000001 abc", FELL_BACK));
    assert_eq!(text(b"V 0900000001", 0x18, DefaultAlphabet::Gsm7).0, "V 0900000001");
}

#[test]
fn utf8_under_the_ucs2_label_is_recognised() {
    let utf8 = text("LD 0900000001 lừa đảo".as_bytes(), 8, DefaultAlphabet::Gsm7);
    assert_eq!(utf8, ("LD 0900000001 lừa đảo".into(), Alphabet::Utf8, FELL_BACK));
}

#[test]
fn labels_without_text_get_the_best_fit() {
    let (words, alphabet, flags) = text("mã độc".as_bytes(), 4, DefaultAlphabet::Gsm7);
    assert_eq!(
        (words.as_str(), alphabet, flags.binary, flags.fell_back),
        ("mã độc", Alphabet::Utf8, true, false)
    );
    let (words, _, flags) = text(b"abc", 0x0D, DefaultAlphabet::Gsm7);
    assert_eq!((words.as_str(), flags.unknown_coding), ("abc", true));
    assert_eq!(text(&ucs2("đảo lộn"), 0x85, DefaultAlphabet::Gsm7).0, "đảo lộn");
}

#[test]
fn class_and_deletion_codings_decode_like_their_alphabet() {
    for data_coding in [0x10, 0x13, 0x40, 0x50, 0xC0, 0xD0, 0xF0, 0xF3] {
        assert_eq!(text(b"\x00", data_coding, DefaultAlphabet::Gsm7).0, "@", "{data_coding:#x}");
    }
    for data_coding in [0x18, 0x48, 0x58, 0xE0] {
        assert_eq!(text(&ucs2("ạ"), data_coding, DefaultAlphabet::Gsm7).0, "ạ", "{data_coding:#x}");
    }
    assert!(text(b"a", 0x40, DefaultAlphabet::Gsm7).2.auto_delete);
    assert!(text(b"a", 0x20, DefaultAlphabet::Gsm7).2.compressed);
}

#[test]
fn one_message_holds_160_septets_or_70_units() {
    for (words, parts, coding) in [
        ("a".repeat(160), 1, 0),
        ("a".repeat(161), 2, 0),
        ("€".repeat(80), 1, 0),
        ("€".repeat(81), 2, 0),
        ("a".repeat(306), 2, 0),
        ("a".repeat(307), 3, 0),
        ("ạ".repeat(70), 1, 8),
        ("ạ".repeat(71), 2, 8),
        ("ạ".repeat(134), 2, 8),
        ("ạ".repeat(135), 3, 8),
        ("😀".repeat(35), 1, 8),
        ("😀".repeat(36), 2, 8),
        (String::new(), 1, 0),
    ] {
        let cut = segments(&words, DefaultAlphabet::Gsm7, 9).unwrap();
        assert_eq!((cut.parts.len(), cut.data_coding), (parts, coding), "{words}");
        assert!(cut.parts.iter().all(|part| part.len() <= 160));
    }
}

#[test]
fn parts_carry_their_header_and_cut_no_pair() {
    let words = format!("{}{}", "a".repeat(152), "€".repeat(10));
    let cut = segments(&words, DefaultAlphabet::Gsm7, 0xAB).unwrap();
    assert_eq!(cut.parts[0].len(), 6 + 152, "the escape pair moved on");
    assert_eq!(&cut.parts[0][..6], [5, 0, 3, 0xAB, 2, 1]);
    assert_eq!(&cut.parts[1][..8], [5, 0, 3, 0xAB, 2, 2, 0x1B, 0x65]);
    let cut = segments(&"😀".repeat(36), DefaultAlphabet::Gsm7, 1).unwrap();
    assert_eq!(cut.parts[0].len(), 6 + 33 * 4);
}

#[test]
fn links_with_other_alphabets_get_their_own_octets() {
    let latin = segments("à [x]", DefaultAlphabet::Latin1, 0).unwrap();
    assert_eq!((latin.data_coding, latin.parts[0].as_ref()), (0, &b"\xe0 [x]"[..]));
    let greek = segments("Δ", DefaultAlphabet::Latin1, 0).unwrap();
    assert_eq!(greek.data_coding, 8, "GSM 7 has it, Latin-1 has not");
    let utf8 = segments("Δ", DefaultAlphabet::Utf8, 0).unwrap();
    assert_eq!((utf8.data_coding, utf8.parts[0].as_ref()), (0, "Δ".as_bytes()));
}

#[test]
fn too_many_parts_are_refused() {
    assert_eq!(segments(&"a".repeat(153 * 255), DefaultAlphabet::Gsm7, 0).unwrap().parts.len(), MAX_PARTS);
    assert_eq!(
        segments(&"a".repeat(153 * 255 + 1), DefaultAlphabet::Gsm7, 0),
        Err(SegmentError { parts: 256 })
    );
}

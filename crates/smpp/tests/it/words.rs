//! Texts in and out of octets: round trips, and `gsm7` as a foreign implementation.

use canhgiac_smpp::reassembly::{Part, assemble, split_udh};
use canhgiac_smpp::text::{Alphabet, DefaultAlphabet, decode, gsm7_encode, segments};
use gsm7::{Gsm7Reader, Gsm7Writer};
use proptest::prelude::*;

const GSM_SIGNS: &str =
    "[@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\\\\\[~\\]|€\n\r-]{0,400}";

/// Septets packed as TS 23.038 §6.1.2.1 says, taken apart again.
fn unpacked(packed: &[u8], septets: usize) -> Vec<u8> {
    let bit = |at: usize| packed.get(at / 8).map_or(0, |octet| octet >> (at % 8) & 1);
    (0..septets).map(|index| (0..7).map(|place| bit(index * 7 + place) << place).sum()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn gsm7_agrees_with_a_foreign_implementation(text in GSM_SIGNS) {
        let ours = gsm7_encode(&text).unwrap();
        let mut writer = Gsm7Writer::new(Vec::new());
        writer.write_str(&text).unwrap();
        let packed = writer.into_writer().unwrap();
        prop_assert_eq!(&unpacked(&packed, ours.len()), &ours);
        let theirs: String = Gsm7Reader::new(&packed[..]).map(Result::unwrap).collect();
        prop_assert!(theirs.starts_with(&text), "it may read fill bits as a last sign");
    }

    #[test]
    fn any_text_comes_back_from_its_parts(text in "\\PC{0,400}", reference in any::<u8>()) {
        let cut = segments(&text, DefaultAlphabet::Gsm7, reference).unwrap();
        let total = cut.parts.len() as u8;
        let bodies: Vec<_> = cut
            .parts
            .iter()
            .map(|part| if cut.has_udh() { split_udh(part).unwrap().1 } else { part.clone() })
            .collect();
        let parts: Vec<Part<'_>> = (1..=total)
            .zip(&bodies)
            .map(|(number, octets)| Part { number, octets, data_coding: cut.data_coding })
            .rev()
            .collect();
        let whole = assemble(&parts, total, DefaultAlphabet::Gsm7);
        prop_assert!(whole.is_complete());
        if !whole.is_doubtful && whole.alphabets.iter().all(|alphabet| *alphabet == cut.alphabet) {
            prop_assert_eq!(whole.text, text);
        } else {
            // Only a text that reads better under another label may do this, and it is flagged.
            prop_assert!(whole.is_doubtful);
        }
    }

    #[test]
    fn vietnamese_in_ucs2_is_never_mistaken(text in "[a-zA-ZàáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĐƯƠ0-9 .,:;()\\n-]{1,300}") {
        let octets: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let decoded = decode(&octets, 8, DefaultAlphabet::Gsm7);
        prop_assert_eq!((decoded.text, decoded.alphabet), (text.clone(), Alphabet::Ucs2));
        let utf8 = decode(text.as_bytes(), 0, DefaultAlphabet::Utf8);
        prop_assert_eq!(utf8.text, text);
        prop_assert!(!utf8.flags.fell_back && !decoded.flags.fell_back);
    }

    #[test]
    fn gsm7_texts_are_never_mistaken_for_another_alphabet(text in "[@£$¥èéùìò_A-Za-z0-9 .,:;()/+-]{1,160}") {
        let octets = gsm7_encode(&text).unwrap();
        let decoded = decode(&octets, 0, DefaultAlphabet::Gsm7);
        // A text that has @ in every second place is the price of recognising UCS-2 under a wrong label.
        if !decoded.flags.fell_back {
            prop_assert_eq!(decoded.text, text);
        } else {
            let (even, odd): (Vec<_>, Vec<_>) = octets.iter().enumerate().partition(|(at, _)| at % 2 == 0);
            let zeros = |half: &[(usize, &u8)]| half.iter().filter(|(_, octet)| **octet == 0).count() * 2 >= half.len();
            prop_assert!(zeros(&even) || zeros(&odd));
        }
    }

    #[test]
    fn no_octets_make_decoding_fail(octets in proptest::collection::vec(any::<u8>(), 0..300), data_coding in any::<u8>()) {
        for default in [DefaultAlphabet::Gsm7, DefaultAlphabet::Latin1, DefaultAlphabet::Utf8] {
            let decoded = decode(&octets, data_coding, default);
            prop_assert!(decoded.text.len() <= octets.len() * 3 + 3);
        }
    }
}

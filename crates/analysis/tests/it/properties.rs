//! Any text at all: no panic, ranges at character boundaries, linear time.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use canhgiac_analysis::fold::{Folded, MAX_TEXT_BYTES};
use canhgiac_analysis::near::{Sketch, wording_key};
use canhgiac_analysis::{Signs, assess, classify};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

static SIGNS: LazyLock<Signs> = LazyLock::new(|| Signs::embedded(jiff::civil::date(2026, 11, 24)));

/// Pieces that meet the rules more often than random letters do.
fn pieces() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "công an",
        "cong an",
        "chuyển tiền",
        "c.h.u.y.ể.n",
        "ma  t ú y",
        "0912.345.678",
        "+84",
        "stk",
        "không",
        "đừng",
        "nếu",
        "sẽ bị",
        "http://",
        "hxxp",
        "[.]",
        "com",
        " . ",
        "vn/",
        "5tr5",
        "5.000.000",
        "đ",
        "tỷ",
        "O9I2345678",
        "\u{200B}",
        "\u{0301}",
        "e\u{0302}\u{0323}",
        "А",
        "𝐯",
        "😀",
        "@",
        "$",
        "\n",
        ",",
        "1900",
        "k",
        "ﬁ",
        "½",
        "Ⅷ",
        "ǆ",
        "cảnh báo",
        "người dân",
        "đối tượng",
        "otp",
        "đọc",
        "mã",
        "zalo",
        "w w w",
        "(",
        ")",
        "１２",
        "。",
    ]);
    prop::collection::vec(
        prop_oneof![known.prop_map(str::to_owned), any::<String>(), "[a-z0-9 .,]{0,12}"],
        0..24,
    )
    .prop_map(|parts| parts.join(" "))
}

fn assert_quotes(text: &str) {
    let found = assess(&SIGNS, text);
    for finding in &found.reading.findings {
        assert!(!finding.quotes.is_empty());
        for quote in &finding.quotes {
            assert!(text.get(quote.clone()).is_some_and(|words| !words.is_empty()), "{quote:?}");
        }
    }
    let entities = &found.reading.entities;
    let ranges = entities
        .numbers
        .iter()
        .map(|one| &one.range)
        .chain(entities.urls.iter().map(|one| &one.range))
        .chain(entities.accounts.iter().map(|one| &one.range))
        .chain(entities.amounts.iter().map(|one| &one.range))
        .chain(entities.otp_mentions.iter())
        .chain(entities.names.iter().map(|one| &one.range));
    for range in ranges {
        assert!(text.get(range.clone()).is_some_and(|words| !words.is_empty()), "{range:?} in {text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_text_is_read_and_quoted_at_character_boundaries(text in pieces()) {
        assert_quotes(&text);
        let joined: String = text.split(' ').collect();
        assert_quotes(&joined);
    }

    #[test]
    fn every_stretch_of_the_twin_leads_back(text in pieces()) {
        let folded = Folded::of(&text);
        let twin = folded.text();
        prop_assert!(twin.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b' '));
        prop_assert!(!twin.contains("  ") && twin.trim() == twin);
        for start in 0..twin.len() {
            let range = folded.original(start..twin.len());
            prop_assert!(text.get(range).is_some());
        }
    }

    #[test]
    fn composed_and_decomposed_letters_fold_alike(text in "[ A-Za-zà-ỹÀ-Ỹ.,0-9]{0,60}") {
        let composed: String = text.nfc().collect();
        let decomposed: String = text.nfd().collect();
        let (composed, decomposed) = (Folded::of(&composed), Folded::of(&decomposed));
        prop_assert_eq!(composed.text(), decomposed.text());
    }

    #[test]
    fn wording_keys_do_not_fail(text in pieces()) {
        prop_assert_eq!(wording_key(&text).is_some(), Sketch::of(&text).is_some());
    }
}

/// Time grows linearly: a text eight times as long may take eight times as long, and
/// generous slack for a busy machine, but not sixty-four times.
#[test]
fn long_texts_take_linear_time() {
    for unit in [
        "không chuyển tiền công an vay ",
        "a.",
        "v a y ",
        "0912345678 ",
        "9 ",
        "http://a.b.c.d.e.",
        "cảnh báo đối tượng không đọc mã otp ",
        "chuyentienchuyentien",
        "stk vcb ",
        "e\u{0323}",
        "@a",
    ] {
        let short = unit.repeat(MAX_TEXT_BYTES / 8 / unit.len());
        let long = unit.repeat(MAX_TEXT_BYTES / unit.len());
        let one = fastest(&short);
        let eight = fastest(&long);
        assert!(
            eight < one * 32 + Duration::from_millis(50),
            "{unit:?}: {one:?} for an eighth, {eight:?} for the whole"
        );
    }
}

fn fastest(text: &str) -> Duration {
    (0..3)
        .map(|_| {
            let start = Instant::now();
            let reading = classify(&SIGNS, text);
            assert!(!reading.is_cut);
            start.elapsed()
        })
        .min()
        .unwrap()
}

use std::sync::LazyLock;

use jiff::civil::date;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;
use crate::number::{self, NumberingPlan};

const TODAY: Date = date(2026, 11, 23);

static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| {
    let plan = NumberingPlan::shipped(false).unwrap();
    Grammar::shipped(plan).unwrap()
});

fn read(text: &str) -> Understanding {
    understand(text, &GRAMMAR, TODAY)
}

fn sources(text: &str) -> Vec<String> {
    read(text).canonical_sources().map(str::to_owned).collect()
}

#[test]
fn what_was_received_stays_beside_the_canonical_form() {
    let understanding = read("LD (0912.345.678) mao danh");
    let [mention] = understanding.sources.as_slice() else { panic!("{understanding:?}") };
    assert_eq!(mention.as_received, "0912.345.678");
    assert_eq!(mention.leniencies, [number::Leniency::Separators]);
    let name = read("S [ Vietcombank ] khoa the");
    assert_eq!(name.sources[0].as_received, "Vietcombank");
}

#[test]
fn the_leniencies_used_are_said() {
    for (text, expected) in [
        ("LD (0912345678) (nd)", vec![]),
        ("lua dao 0912345678 nd", vec![Leniency::SpelledKind]),
        ("LD so 0912345678 nd", vec![Leniency::WordsBeforeNumber]),
        ("LD (0912345678 nd", vec![Leniency::HalfBracket]),
        ("LD 0912345678) nd", vec![Leniency::HalfBracket]),
        ("Soan LD 0912345678 nd", vec![Leniency::LeadWords]),
        ("S Vietcombank nd", vec![Leniency::BareSenderName]),
        ("LD 0912345678, 0987654321 nd", vec![Leniency::SeveralSources]),
        ("LD co nguoi goi tu 0912345678", vec![Leniency::SourceInsideContent]),
        ("SÄ0912345678ÑÄndÑ", vec![Leniency::MisreadBrackets]),
    ] {
        assert_eq!(read(text).leniencies, expected, "{text}");
    }
}

#[test]
fn a_links_prefix_is_taken_off_and_not_required() {
    let on_link = |text: &str| understand_on_link(text, &GRAMMAR, TODAY, Some("CG"));
    for text in ["CG LD 0912345678 nd", "cg ld 0912345678 nd", "CG: LD 0912345678 nd", "CGLD 0912345678 nd"] {
        let understanding = on_link(text);
        assert_eq!(understanding.kind, Some(ReportKind::ScamCall), "{text}");
        assert_eq!(understanding.content, "nd", "{text}");
        assert_eq!(understanding.leniencies, [], "{text}");
    }
    let without = on_link("LD 0912345678 nd");
    assert_eq!(without.kind, Some(ReportKind::ScamCall));
    assert_eq!(without.leniencies, [Leniency::MissingPrefix]);
    assert_eq!(on_link("CG KQ").intent, Intent::Result { code: None });
    assert_eq!(on_link("CG toi hoi").content, "toi hoi");
    assert_eq!(on_link("CGV khuyen mai").problem, Some(Problem::NotAReport));
}

#[test]
fn a_keyword_holds_only_in_its_days() {
    let before = understand("LD 0912345678 nd", &GRAMMAR, date(2022, 10, 31));
    assert_eq!(before.kind, None);
    assert_eq!(read("LD 0912345678 nd").kind, Some(ReportKind::ScamCall));
}

#[test]
fn limits_are_kept() {
    let long = format!("LD 0912345678 {}", "a".repeat(TEXT_MAX));
    let understanding = read(&long);
    assert_eq!(understanding.problem, Some(Problem::TooLong));
    assert_eq!(understanding.content, long);
    let many: Vec<String> = (0..20).map(|n| format!("09123456{n:02}")).collect();
    let understanding = read(&format!("LD {}", many.join(", ")));
    assert_eq!(understanding.sources.len(), SOURCES_MAX);
    assert!(understanding.content.starts_with("0912345608"));
}

#[test]
fn long_texts_of_any_make_are_read() {
    let inputs = [
        "Ä".repeat(32 * 1024) + "Ñ",
        "(".repeat(64 * 1024),
        "0912 ".repeat(13 * 1024),
        "+1".repeat(32 * 1024),
        "a0".repeat(32 * 1024),
        "so ".repeat(21 * 1024),
        "LD 0912345678,".repeat(4 * 1024),
        "e\u{301}".repeat(21 * 1024),
        "lua dao goi ".repeat(5 * 1024),
    ];
    for input in inputs {
        for text in [input.clone(), format!("LD {input}"), format!("KT {input}"), format!("KQ {input}")] {
            // A quadratic reading of 64 KB would take minutes in a debug build: it shows without a clock.
            assert!(read(&text).content.len() <= text.len());
        }
    }
}

#[test]
fn ids_are_read_back() {
    for kind in ReportKind::ALL {
        assert_eq!(ReportKind::from_id(kind.id()), Some(kind));
    }
    assert_eq!(Problem::from_id("missing_source"), Some(Problem::MissingSource));
    assert_eq!(Problem::from_id("unheard_of"), None);
}

/// Texts near the grammar: its words, numbers, brackets and separators in any order.
fn near_texts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "S",
        "V",
        "LD",
        "lđ",
        "Lừa đảo",
        "tin rac",
        "KQ",
        "KT",
        "HD",
        "DK",
        "CB",
        "DNC",
        "FW",
        "so",
        "sdt:",
        "va",
        "0912345678",
        "+84",
        "1900 1234",
        "0",
        "156",
        "(",
        ")",
        "[",
        "]",
        "Ä",
        "Ñ",
        "{",
        "\"",
        ",",
        "/",
        "+",
        "-",
        ":",
        "\n",
        " ",
        "\u{200b}",
        "\u{a0}",
        "VIETTELKM",
        "Vietcombank",
        "Công an",
        "đòi tiền",
        "?",
        "O912345678",
        "4827 1935",
        "stk",
        "５６",
        "e\u{302}\u{301}",
        "😀",
    ]);
    prop::collection::vec((pieces, prop::bool::ANY), 0..12).prop_map(|pieces| {
        pieces
            .into_iter()
            .map(|(piece, spaced)| if spaced { format!("{piece} ") } else { piece.to_owned() })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nothing_makes_it_panic_and_its_promises_hold(text in prop_oneof![near_texts(), "[\\s\\S]{0,80}"]) {
        let understanding = read(&text);
        prop_assert!(text.contains(understanding.content.as_str()), "content is not the citizen's: {:?}", understanding);
        prop_assert!(understanding.sources.len() <= SOURCES_MAX);
        for mention in &understanding.sources {
            prop_assert!(text.contains(mention.as_received.as_str()));
        }
        match understanding.intent {
            Intent::Report => match understanding.problem {
                None => prop_assert!(understanding.kind.is_some() && !understanding.sources.is_empty()),
                Some(Problem::MissingKind) => prop_assert!(understanding.kind.is_none() && !understanding.sources.is_empty()),
                Some(Problem::MissingSource | Problem::JunkNumber) => {
                    prop_assert!(understanding.kind.is_some() && understanding.sources.is_empty());
                }
                other => prop_assert!(false, "a report with {:?}", other),
            },
            Intent::Check { .. } => prop_assert!(understanding.kind.is_none()),
            _ => prop_assert!(understanding.kind.is_none() && understanding.sources.is_empty()),
        }
    }

    #[test]
    fn composition_does_not_matter(text in near_texts()) {
        let composed = read(&text.nfc().collect::<String>());
        let decomposed = read(&text.nfd().collect::<String>());
        prop_assert_eq!(composed.intent.id(), decomposed.intent.id());
        prop_assert_eq!(composed.kind, decomposed.kind);
        prop_assert_eq!(composed.problem, decomposed.problem);
        prop_assert_eq!(composed.canonical_sources().collect::<Vec<_>>(), decomposed.canonical_sources().collect::<Vec<_>>());
        prop_assert_eq!(composed.content.nfc().collect::<String>(), decomposed.content.nfc().collect::<String>());
    }

    #[test]
    fn invisible_characters_and_case_of_the_keyword_do_not_matter(
        kind in "(S|V|LD|s|v|ld)", at in 0usize..16, mark in prop::sample::select(vec!['\u{200b}', '\u{feff}', '\u{200d}', '\u{ad}']),
    ) {
        let mut text = format!("{kind} 0912345678 mao danh");
        let expected = read(&text);
        if text.is_char_boundary(at) && at < kind.len() + 11 {
            text.insert(at, mark);
        }
        prop_assert_eq!(sources(&text), ["+84912345678"]);
        prop_assert_eq!(read(&text).kind, expected.kind);
        prop_assert_eq!(read(&text).content, expected.content);
    }
}

//! The texts citizens send, as a table: every published spelling crossed with every way to write a number, and the odd
//! ones written by hand in `corpus.toml`.

use std::sync::LazyLock;

use canhgiac_domain::intake::{Grammar, Intent, Understanding, understand};
use canhgiac_domain::number::NumberingPlan;
use jiff::civil::{Date, date};
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

const TODAY: Date = date(2026, 11, 23);

static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| {
    let plan = NumberingPlan::shipped(false).expect("the shipped numbering is sound");
    Grammar::shipped(plan).expect("the shipped grammar is sound")
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Corpus {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    text: String,
    #[serde(default = "report")]
    intent: String,
    kind: Option<String>,
    #[serde(default)]
    sources: Vec<String>,
    content: Option<String>,
    problem: Option<String>,
    code: Option<String>,
}

fn report() -> String {
    "report".to_owned()
}

fn read(text: &str) -> Understanding {
    understand(text, &GRAMMAR, TODAY)
}

fn difference(case: &Case) -> Option<String> {
    let understanding = read(&case.text);
    let sources: Vec<&str> = understanding.canonical_sources().collect();
    let code = match &understanding.intent {
        Intent::Result { code } => code.clone(),
        _ => None,
    };
    let is_same = understanding.intent.id() == case.intent
        && understanding.kind_id() == case.kind.as_deref()
        && sources == case.sources
        && case.content.as_ref().is_none_or(|content| *content == understanding.content)
        && understanding.problem_id() == case.problem.as_deref()
        && code == case.code;
    (!is_same).then(|| {
        format!(
            "{:?}\n    → {} {:?} {:?} {:?} {:?} {:?}",
            case.text,
            understanding.intent.id(),
            understanding.kind_id(),
            sources,
            understanding.content,
            understanding.problem_id(),
            code,
        )
    })
}

#[test]
fn every_text_written_by_hand_is_understood() {
    let corpus: Corpus = toml::from_str(include_str!("corpus.toml")).unwrap();
    let wrong: Vec<String> = corpus.case.iter().filter_map(difference).collect();
    assert!(corpus.case.len() >= 200, "only {} texts", corpus.case.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), corpus.case.len(), wrong.join("\n"));
}

const KINDS: [(&str, &str); 15] = [
    ("S", "spam_sms"),
    ("s", "spam_sms"),
    ("Tin rác", "spam_sms"),
    ("tinrac", "spam_sms"),
    ("V", "spam_call"),
    ("v", "spam_call"),
    ("Cuộc gọi rác", "spam_call"),
    ("cuoc goi rac", "spam_call"),
    ("LD", "scam_call"),
    ("Ld", "scam_call"),
    ("LĐ", "scam_call"),
    ("lđ", "scam_call"),
    ("luadao", "scam_call"),
    ("Lừa đảo", "scam_call"),
    ("ＬＤ", "scam_call"),
];

const NUMBERS: [(&str, &str); 27] = [
    ("0912345678", "+84912345678"),
    ("0912.345.678", "+84912345678"),
    ("0912 345 678", "+84912345678"),
    ("0912-345-678", "+84912345678"),
    ("+84912345678", "+84912345678"),
    ("+84 912 345 678", "+84912345678"),
    ("(+84)912345678", "+84912345678"),
    ("84912345678", "+84912345678"),
    ("0084912345678", "+84912345678"),
    ("912345678", "+84912345678"),
    ("O912345678", "+84912345678"),
    ("09l2345678", "+84912345678"),
    ("０９１２３４５６７８", "+84912345678"),
    ("0912\u{a0}345\u{a0}678", "+84912345678"),
    ("0912\u{200b}345678", "+84912345678"),
    ("01688123456", "+84388123456"),
    ("0168.812.3456", "+84388123456"),
    ("01234567890", "+84834567890"),
    ("0262 3812 345", "+842623812345"),
    ("02623812345", "+842623812345"),
    ("024 3812 3456", "+842438123456"),
    ("069 234 5678", "+84692345678"),
    ("19001234", "19001234"),
    ("1900 1234", "19001234"),
    ("1800.1234", "18001234"),
    ("+44 20 7946 0958", "+442079460958"),
    ("8088", "8088"),
];

/// `{k}` kind, `{n}` number, `{c}` content.
const SHAPES: [&str; 38] = [
    "{k} {n} {c}",
    "{k}  {n}  {c}",
    "{k} ({n}) ({c})",
    "{k}({n})({c})",
    "{k} ({n})({c})",
    "{k} [{n}][{c}]",
    "{k}[{n}] [{c}]",
    "{k} {{n}} {{c}}",
    "{k} ({n}) {c}",
    "{k}({n}) {c}",
    "{k} {n} ({c})",
    "{k} ({n} {c}",
    "{k} {n}) {c}",
    "{k} ({n}) ({c}",
    "{k} {n} {c})",
    "{k} ({n} {c})",
    "{k} Ä{n}Ñ Ä{c}Ñ",
    "{k}Ä{n}ÑÄ{c}Ñ",
    "{k} ä{n}ñ ä{c}ñ",
    "{k}ä{n}ñ {c}",
    "{k} （{n}）（{c}）",
    "{k} <{n}> <{c}>",
    "{k}+{n}+{c}",
    "{k} + {n} + {c}",
    "{k}, {n}, {c}",
    "{k} - {n} - {c}",
    "{k}: {n}: {c}",
    "{k}/{n}/{c}",
    "{k}\n{n}\n{c}",
    "{k}\u{a0}{n}\u{a0}{c}",
    "\u{feff}{k} {n} {c}\u{200b}",
    " {k} {n} {c} ",
    "{k} số {n} {c}",
    "{k} sdt: {n} {c}",
    "{k} SĐT {n}: {c}",
    "{k} tu so {n} {c}",
    "{k} thuê bao {n} {c}",
    "Soạn {k} {n} {c}",
];

const CONTENTS: [&str; 4] = [
    "gia danh Cong an, yeu cau chuyen tien",
    "Giả danh Công an yêu cầu chuyển tiền",
    "ban dat nen lien he 0987654321 gap Lan",
    "[QC] V@y v0n 0t0, Däi H0c (lai 0%) goi 0900000001, 0900000002 nhe",
];

fn filled(shape: &str, kind: &str, number: &str, content: &str) -> String {
    shape.replace("{k}", kind).replace("{n}", number).replace("{c}", content)
}

#[test]
fn every_spelling_of_kind_number_and_brackets_is_understood() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for shape in SHAPES {
        for (kind, kind_id) in KINDS {
            for (number, canonical) in NUMBERS {
                for content in CONTENTS {
                    let text = filled(shape, kind, number, content);
                    for text in [text.nfc().collect::<String>(), text.nfd().collect::<String>()] {
                        count += 1;
                        let understanding = read(&text);
                        let is_same = understanding.intent == Intent::Report
                            && understanding.kind_id() == Some(kind_id)
                            && understanding.canonical_sources().eq([canonical])
                            && understanding.content.nfc().eq(content.nfc())
                            && understanding.problem.is_none();
                        if !is_same {
                            wrong.push(format!("{text:?}\n    → {understanding:?}"));
                        }
                    }
                }
            }
        }
    }
    let few = wrong.iter().take(12).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {count}:\n{few}", wrong.len());
}

#[test]
fn a_number_glued_to_its_letter_is_understood() {
    for (kind, kind_id) in KINDS {
        for (number, canonical) in NUMBERS {
            let text = format!("{kind}{number} {}", CONTENTS[0]);
            let understanding = read(&text);
            assert_eq!(understanding.kind_id(), Some(kind_id), "{text:?}");
            assert!(understanding.canonical_sources().eq([canonical]), "{text:?} → {understanding:?}");
            assert_eq!(understanding.content, CONTENTS[0], "{text:?}");
        }
    }
}

#[test]
fn several_numbers_are_several_sources() {
    for joint in [",", ", ", " , ", "/", " / ", ";", "; ", " va ", " và ", ", va "] {
        for (kind, kind_id) in KINDS {
            let text = format!("{kind} 0912345678{joint}0987.654.321 {}", CONTENTS[0]);
            let understanding = read(&text);
            assert_eq!(understanding.kind_id(), Some(kind_id), "{text:?}");
            assert!(
                understanding.canonical_sources().eq(["+84912345678", "+84987654321"]),
                "{text:?} → {understanding:?}"
            );
            assert_eq!(understanding.content, CONTENTS[0], "{text:?}");
        }
    }
}

#[test]
fn a_missing_letter_keeps_the_sources() {
    for (number, canonical) in NUMBERS.iter().filter(|(_, canonical)| canonical.len() >= 8) {
        for shape in ["{n} {c}", "({n}) ({c})", "so {n} {c}", "SĐT: {n} - {c}", "{n}, {c}"] {
            let text = filled(shape, "", number, CONTENTS[0]);
            let understanding = read(&text);
            assert_eq!(understanding.intent, Intent::Report, "{text:?}");
            assert_eq!(understanding.kind, None, "{text:?}");
            assert_eq!(understanding.problem_id(), Some("missing_kind"), "{text:?}");
            assert!(understanding.canonical_sources().eq([*canonical]), "{text:?} → {understanding:?}");
            assert_eq!(understanding.content, CONTENTS[0], "{text:?}");
        }
    }
}

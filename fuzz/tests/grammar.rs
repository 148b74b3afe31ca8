//! Any bytes at all, read as a citizen's text: no panic, and nothing said that the text does not hold.

use std::sync::LazyLock;

use bolero::check;
use canhgiac_domain::intake::{Grammar, Intent, SOURCES_MAX, understand, understand_on_link};
use canhgiac_domain::number::{NumberingPlan, Source, parse_number};
use canhgiac_domain::text::{clean, fold};
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 23);

static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| {
    let plan = NumberingPlan::shipped(true).expect("the shipped numbering is tested");
    Grammar::shipped(plan).expect("the shipped grammar is tested")
});

#[test]
fn any_bytes_are_understood() {
    check!().with_iterations(20_000).for_each(|bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let understanding = understand(&text, &GRAMMAR, TODAY);
        assert!(text.contains(understanding.content.as_str()));
        assert!(understanding.sources.len() <= SOURCES_MAX);
        for mention in &understanding.sources {
            let source = &mention.source;
            let stored = Source::from_stored(source.kind(), source.canonical());
            assert_eq!(stored.as_ref(), Ok(source));
            assert!(source.dialled().len() <= 16);
        }
        if understanding.intent != Intent::Report {
            assert_eq!(understanding.kind, None);
        }
        let _ = understand_on_link(&text, &GRAMMAR, TODAY, Some("CG"));
    });
}

#[test]
fn any_keyword_before_any_bytes_is_understood() {
    check!().with_iterations(20_000).for_each(|bytes: &[u8]| {
        let Some((&first, rest)) = bytes.split_first() else {
            return;
        };
        let keywords =
            ["S", "V ", "LD(", "LD 0912345678", "KQ ", "KT", "S Ä", "lừa đảo ", "S VIETTELKM", "LD +"];
        let keyword = keywords[usize::from(first) % keywords.len()];
        let text = format!("{keyword}{}", String::from_utf8_lossy(rest));
        let understanding = understand(&text, &GRAMMAR, TODAY);
        assert!(text.contains(understanding.content.as_str()));
    });
}

#[test]
fn any_bytes_fold_and_parse() {
    check!().with_iterations(20_000).for_each(|bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let folded = fold(&text);
        assert_eq!(fold(&folded), folded);
        let _ = clean(&text);
        if let Ok(number) = parse_number(&text, GRAMMAR.plan(), TODAY) {
            let again = parse_number(number.source.canonical(), GRAMMAR.plan(), TODAY);
            assert_eq!(again.map(|again| again.source), Ok(number.source));
        }
    });
}

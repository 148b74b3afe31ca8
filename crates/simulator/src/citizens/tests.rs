use std::collections::BTreeSet;
use std::sync::LazyLock;

use canhgiac_domain::intake::{Grammar, Intent, Understanding, understand};
use canhgiac_domain::number::NumberingPlan;
use jiff::civil::date;

use super::topics::TOPICS;
use super::*;

static GRAMMAR: LazyLock<Grammar> =
    LazyLock::new(|| Grammar::shipped(NumberingPlan::shipped(true).unwrap()).unwrap());

fn stream(seed: u64, count: usize) -> Vec<(Duration, CitizenText)> {
    let mut citizens = Citizens::new(CitizensPlan::demo(seed));
    std::iter::from_fn(|| citizens.next()).take(count).collect()
}

fn read(text: &CitizenText) -> Understanding {
    understand(&text.text, &GRAMMAR, date(2026, 11, 23))
}

#[test]
fn the_same_seed_gives_the_same_stream() {
    assert_eq!(stream(7, 500), stream(7, 500));
    assert_ne!(stream(7, 500), stream(8, 500));
}

#[test]
fn every_text_is_understood_as_it_was_meant() {
    let mut wrong = Vec::new();
    for seed in 1..=4 {
        for (_, text) in stream(seed, 5_000) {
            let read = read(&text);
            let is_same = read.intent.id() == text.expected.intent
                && read.kind == text.expected.kind
                && read.canonical_sources().eq(text.expected.sources.iter())
                && read.problem == text.expected.problem;
            if !is_same {
                wrong.push(format!("{:?} {:?}\n    → {read:?}", text.text, text.expected));
            }
        }
    }
    let few = wrong.iter().take(12).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} wrong:\n{few}", wrong.len());
}

#[test]
fn every_subject_spelling_and_errand_occurs() {
    let texts = stream(3, 10_000);
    let all = |f: &dyn Fn(&CitizenText) -> String| -> BTreeSet<String> {
        texts.iter().map(|(_, t)| f(t)).collect()
    };
    let abouts = all(&|text| format!("{:?}", text.about));
    for topic in TOPICS {
        assert!(abouts.contains(&format!("{:?}", About::Topic(topic.id))), "{}", topic.id);
    }
    for about in [
        About::Wave,
        About::Burst,
        About::Check,
        About::Help,
        About::Warnings,
        About::Elsewhere,
        About::Question,
    ] {
        assert!(abouts.contains(&format!("{about:?}")), "{about:?}");
    }
    let has = |listed: &BTreeSet<String>, wanted: String| assert!(listed.contains(&wanted), "{wanted}");
    let shapes = all(&|text| format!("{:?}", text.spelling.shape));
    Shape::ALL.iter().for_each(|shape| has(&shapes, format!("{shape:?}")));
    let digits = all(&|text| format!("{:?}", text.spelling.digits));
    Digits::ALL.iter().for_each(|one| has(&digits, format!("{one:?}")));
    let letters = all(&|text| format!("{:?}", text.spelling.letter));
    Letter::ALL.iter().for_each(|one| has(&letters, format!("{one:?}")));
    let dictions = all(&|text| format!("{:?}", text.spelling.diction));
    Diction::ALL.iter().for_each(|one| has(&dictions, format!("{one:?}")));
    let parts = all(&|text| format!("{:?} {:?} {:?}", text.parts, text.coding, text.address));
    assert_eq!(parts.len(), 4 * 2 * 3, "{parts:?}");
    let is_in_parts = |text: &CitizenText| text.text.chars().count() > 160;
    assert!(texts.iter().any(|(_, text)| is_in_parts(text) && text.is_shuffled));
}

#[test]
fn the_wave_has_many_voices_on_one_number_within_seconds() {
    let mut at = Duration::ZERO;
    let mut voices = BTreeSet::new();
    let mut last = Duration::ZERO;
    for (pause, text) in stream(1, 2_000) {
        at += pause;
        if text.about == About::Wave && text.expected.sources == [star().canonical()] {
            voices.insert(text.from.clone());
            last = at;
        }
    }
    assert!(voices.len() >= 20, "{} voices", voices.len());
    assert!(last < Duration::from_secs(20), "the wave takes {last:?}");
}

#[test]
fn the_stream_is_bounded() {
    let plan = CitizensPlan { texts_max: 100, ..CitizensPlan::demo(1) };
    let mut citizens = Citizens::new(plan);
    assert_eq!(std::iter::from_fn(|| citizens.next()).count(), 100);
}

#[test]
fn citizens_ask_with_the_code_they_were_given_and_correct_what_was_wrong() {
    let mut citizens = Citizens::new(CitizensPlan::demo(5));
    let (mut asked, mut corrected) = (0, 0);
    for _ in 0..3_000 {
        let (_, text) = citizens.next().unwrap();
        if text.about == About::Topic("corrected") {
            corrected += 1;
        }
        if let Intent::Result { code: Some(code) } = read(&text).intent
            && code == "48271935"
        {
            asked += 1;
            assert_eq!(text.expected, Expected::intent("result"));
        }
        let reply = match text.expected.problem {
            None => "Da nhan phan anh ve so 0912345678, ma 4827 1935. Xem ket qua: soan KQ 48271935 gui 156.",
            Some(_) => "Tin nhan chua co so bi phan anh. Soan lai: LD (so dien thoai) (noi dung) gui 156.",
        };
        citizens.heard(&text.from, reply);
    }
    assert!(asked > 50 && corrected > 5, "{asked} asked, {corrected} corrected");
}

#[test]
fn follow_ups_are_bounded() {
    let mut citizens = Citizens::new(CitizensPlan::demo(5));
    let reply = "soan KQ 48271935 gui 156";
    let known: Vec<Mobile> = (0..200).filter_map(|_| citizens.next()).map(|(_, text)| text.from).collect();
    for _ in 0..100 {
        known.iter().for_each(|citizen| citizens.heard(citizen, reply));
    }
    assert_eq!(citizens.follow_ups, FOLLOW_UPS_MAX);
}

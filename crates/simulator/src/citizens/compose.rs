//! Putting a report together: a subject, a spelling and a number become a text with its expectation.

use canhgiac_domain::intake::{Problem, ReportKind};

use super::network::{Mobile, Network};
use super::sample::{About, Expected};
use super::spelling::{Diction, Digits, Letter, Shape, Spelling};
use super::topics::{TOPICS, Topic};
use crate::dice::Dice;

/// Sender names of the product's list, and one in capitals as fake base stations use them.
const SENDER_NAMES: &[&str] = &["VIETTELKM", "Vietcombank", "EVNCPC", "SHOPEE"];
/// Service numbers, fixed lines and foreign numbers that are visibly examples, with their canonical forms.
const SERVICES: &[(&str, &str)] =
    &[("19001234", "19001234"), ("1900 1234", "19001234"), ("1800.1234", "18001234")];
const FIXED: &[(&str, &str)] = &[("0262 3812 345", "+842623812345"), ("02573812345", "+842573812345")];
const FOREIGN: &[(&str, &str)] = &[("+44 20 7946 0958", "+442079460958"), ("+442079460999", "+442079460999")];
/// Adverts as they look on the phone: brackets, numbers and letters swapped to slip through filters.
const ADVERTS: &[&str] = &[
    "[QC] V@y v0n nhanh, LS 0%, goi 0900000001 gap Lan",
    "(QC) Mua 0t0, Laj Xe giao ngay, lien he 0900.000.002 hoac 0900000003",
    "Ban dat nen [gia re] Buon Ho 500tr/lo, LH 0900 000 004",
    "Tuyen sinh Däi H0c tu xa (bang that), goi 0900000005, 0900000006",
];
/// What people write that is no report (domain notes §2).
const QUESTIONS: &[&str] = &[
    "toi bi lua dao phai lam sao",
    "Tôi bị lừa đảo phải làm sao?",
    "Sim cua toi bi khoa",
    "Van de cua toi",
    "Cho hoi so 0912345678 co phai cua cong an khong",
    "xin chao",
    "Cam on",
    "lua dao qua mang phai lam sao?",
];

/// A report as it is sent.
pub(crate) struct Composed {
    pub(crate) text: String,
    pub(crate) about: About,
    pub(crate) spelling: Spelling,
    pub(crate) expected: Expected,
}

/// A subject by its weight.
pub(crate) fn topic(dice: &mut Dice) -> &'static Topic {
    let total: usize = TOPICS.iter().map(|topic| topic.weight).sum();
    let mut at = dice.below(total);
    for topic in TOPICS {
        match at.checked_sub(topic.weight) {
            Some(rest) => at = rest,
            None => return topic,
        }
    }
    &TOPICS[0]
}

/// A report of `source` on `topic`. Some spellings need another number or subject and take one.
pub(crate) fn report(
    topic: &'static Topic,
    spelling: Spelling,
    source: &Mobile,
    dice: &mut Dice,
) -> Composed {
    let is_long = !topic.stories.is_empty() && spelling.shape.is_arrangement() && dice.chance(25);
    let words = dice.pick(if is_long { topic.stories } else { topic.tellings });
    let mut composed = Composed {
        text: String::new(),
        about: About::Topic(topic.id),
        spelling,
        expected: Expected::report(topic.kind, vec![source.canonical()]),
    };
    if spelling.shape.is_arrangement() {
        // Among words only a number with its own zero or country code is one for certain.
        if spelling.shape == Shape::Inside && matches!(spelling.digits, Digits::NoZero | Digits::LetterO) {
            composed.spelling.digits = Digits::Plain;
        }
        let spelling = composed.spelling;
        let source = of_age(source, spelling.digits, dice);
        composed.expected.sources = vec![source.canonical()];
        let number = spelling.digits.write(&source);
        let letter = spelling.letter.of(topic.kind);
        composed.text = spelling.shape.arrange(letter, &number, &spelling.diction.say(words));
    } else {
        odd(&mut composed, topic.kind, words, source, dice);
    }
    composed
}

/// A number that had eleven digits, when one is to be written so.
fn of_age(source: &Mobile, digits: Digits, dice: &mut Dice) -> Mobile {
    const TRIES: usize = 32;
    if digits != Digits::Before2018 || source.before_2018().is_some() {
        return source.clone();
    }
    let mut others = (0..TRIES).map(|_| Mobile::scammer(Network::Viettel, dice));
    others.find(|other| other.before_2018().is_some()).unwrap_or_else(|| source.clone())
}

/// The shapes that are more than an arrangement.
fn odd(composed: &mut Composed, kind: ReportKind, words: &str, source: &Mobile, dice: &mut Dice) {
    let Spelling { shape, digits, .. } = composed.spelling;
    // In capitals a word would pass for a sender name, and a kind in words needs its number to be one.
    if composed.spelling.diction == Diction::Shouted {
        composed.spelling.diction = Diction::Unaccented;
    }
    if composed.spelling.letter != Letter::Lower {
        composed.spelling.letter = Letter::Published;
    }
    let letter = composed.spelling.letter.of(kind);
    let words = composed.spelling.diction.say(words);
    let number = digits.write(source);
    let expected = &mut composed.expected;
    composed.text = match shape {
        Shape::Several => {
            let other = another(source, dice);
            expected.sources.push(other.canonical());
            let joint = dice.pick(&[", ", "/", "; ", " va "]);
            format!("{letter} {}{joint}{} {words}", source.dialled(), other.dialled())
        }
        Shape::SenderName => {
            let name = dice.pick(SENDER_NAMES);
            expected.sources = vec![name.to_owned()];
            format!("{letter} ({name}) ({words})")
        }
        Shape::Service => from_table(SERVICES, letter, &words, expected, dice),
        Shape::Fixed => from_table(FIXED, letter, &words, expected, dice),
        Shape::Foreign => from_table(FOREIGN, letter, &words, expected, dice),
        Shape::Copied => {
            expected.kind = Some(ReportKind::SpamSms);
            composed.about = About::Topic("ad_loan");
            format!("S ({}) ({})", source.dialled(), dice.pick(ADVERTS))
        }
        Shape::NoLetter => {
            expected.kind = None;
            expected.problem = Some(Problem::MissingKind);
            format!("{number} {words}")
        }
        Shape::NoNumber => {
            expected.sources.clear();
            expected.problem = Some(Problem::MissingSource);
            let words = composed.spelling.diction.say("có người gọi đến xưng Công an đòi chuyển tiền");
            format!("{letter} {words}")
        }
        Shape::Junk => {
            expected.sources.clear();
            expected.problem = Some(Problem::JunkNumber);
            format!("{letter} {} {words}", &source.dialled()[..9])
        }
        _ => {
            *expected = Expected::intent("unknown").but(Problem::NotAReport);
            composed.about = About::Question;
            dice.pick(QUESTIONS).to_owned()
        }
    };
}

fn another(source: &Mobile, dice: &mut Dice) -> Mobile {
    loop {
        let other = Mobile::scammer(Network::Vinaphone, dice);
        if other != *source {
            return other;
        }
    }
}

fn from_table(
    table: &[(&str, &str)],
    letter: &str,
    words: &str,
    expected: &mut Expected,
    dice: &mut Dice,
) -> String {
    let (written, canonical) = table[dice.below(table.len())];
    expected.sources = vec![canonical.to_owned()];
    format!("{letter} {written} {words}")
}

/// Something that is no report.
pub(crate) fn question(dice: &mut Dice) -> (String, Expected) {
    (dice.pick(QUESTIONS).to_owned(), Expected::intent("unknown").but(Problem::NotAReport))
}

use jiff::civil::date;
use proptest::prelude::*;

use super::super::{Glue, Scan, SourceKind, scan};
use super::*;

const TODAY: Date = date(2026, 11, 23);

fn plan() -> &'static NumberingPlan {
    static PLAN: std::sync::LazyLock<NumberingPlan> =
        std::sync::LazyLock::new(|| NumberingPlan::shipped(true).unwrap());
    &PLAN
}

fn read(text: &str) -> Result<String, NumberProblem> {
    parse_number(text, plan(), TODAY).map(|number| number.source.canonical().to_owned())
}

fn found_at(text: &str, glue: Glue) -> Option<(String, String)> {
    let folded = Folded::new(text);
    match scan(&folded, 0, glue, plan(), TODAY) {
        Scan::Found(found) => Some((
            found.source.canonical().to_owned(),
            folded.original(found.end..folded.cells().len()).to_owned(),
        )),
        _ => None,
    }
}

#[test]
fn one_mobile_number_in_every_spelling() {
    for text in [
        "0912345678",
        "0912 345 678",
        "0912.345.678",
        "0912-345-678",
        "09 1234 5678",
        "+84912345678",
        "+84 912 345 678",
        "+84-912-345-678",
        "(+84) 912345678",
        "+(84)912345678",
        "+84 (0) 912 345 678",
        "+840912345678",
        "84912345678",
        "84 912 345 678",
        "840912345678",
        "0084912345678",
        "00 84 912 345 678",
        "912345678",
        "912 345 678",
        "o912345678",
        "09l2345678",
        "09I2345678",
        "０９１２３４５６７８",
        "0912\u{a0}345\u{200b}678",
        " 0912345678\u{feff}",
        "+0912345678",
    ] {
        assert_eq!(read(text).as_deref(), Ok("+84912345678"), "{text:?}");
    }
}

#[test]
fn the_leniency_used_is_said() {
    let leniencies = |text: &str| parse_number(text, plan(), TODAY).unwrap().leniencies;
    assert_eq!(leniencies("0912345678"), []);
    assert_eq!(leniencies("0912 345 678"), [Leniency::Separators]);
    assert_eq!(leniencies("84912345678"), [Leniency::CountryCode]);
    assert_eq!(leniencies("912345678"), [Leniency::MissingLeadingZero]);
    assert_eq!(leniencies("O912345678"), [Leniency::LetterForDigit]);
    assert_eq!(leniencies("01234567890"), [Leniency::Migrated]);
    assert_eq!(leniencies("00442079460958"), [Leniency::InternationalPrefix]);
    assert_eq!(leniencies("442079460958"), [Leniency::MissingPlus]);
    assert_eq!(leniencies("+840912345678"), [Leniency::CountryCode, Leniency::ZeroAfterCountryCode]);
    let ids: std::collections::BTreeSet<&str> =
        leniencies("+84 01688 123 456").into_iter().map(Leniency::id).collect();
    assert!(ids.contains("migrated") && ids.contains("separators"));
}

#[test]
fn the_renumbering_of_2018_keeps_the_last_seven_digits() {
    for pair in
        "0120-070 0121-079 0122-077 0126-076 0128-078 0123-083 0124-084 0125-085 0127-081 0129-082 0162-032 \
                 0163-033 0164-034 0165-035 0166-036 0167-037 0168-038 0169-039 0186-056 0188-058 0199-059"
            .split_whitespace()
    {
        let (old, new) = pair.split_once('-').unwrap();
        let expected = format!("+84{}7654321", &new[1..]);
        for text in
            [format!("{old}7654321"), format!("84{}7654321", &old[1..]), format!("{}7654321", &old[1..])]
        {
            assert_eq!(read(&text).as_deref(), Ok(expected.as_str()), "{text}");
        }
    }
    let before = parse_number("01234567890", plan(), date(2018, 9, 14));
    assert_eq!(before, Err(NumberProblem::NoSuchNumber));
}

#[test]
fn fixed_lines_services_and_codes() {
    for (text, canonical) in [
        ("02623812345", "+842623812345"),
        ("0262 3812 345", "+842623812345"),
        ("(0262) 3812345", "+842623812345"),
        ("+84 262 3812345", "+842623812345"),
        ("024.3812.3456", "+842438123456"),
        ("02573812345", "+842573812345"),
        ("069 234 5678", "+84692345678"),
        ("19001234", "19001234"),
        ("1900 1234", "19001234"),
        ("1900 545 415", "1900545415"),
        ("+84 1900 1234", "19001234"),
        ("18001234", "18001234"),
        ("1800.1234", "18001234"),
        ("6789", "6789"),
        ("7039", "7039"),
        ("8888", "8888"),
        ("156", "156"),
        ("113", "113"),
        ("111", "111"),
        ("5656", "5656"),
        ("1022", "1022"),
    ] {
        assert_eq!(read(text).as_deref(), Ok(canonical), "{text}");
    }
    let kind = |text: &str| parse_number(text, plan(), TODAY).unwrap().source.kind();
    assert_eq!(kind("19001234"), SourceKind::Service);
    assert_eq!(kind("6789"), SourceKind::Service);
    assert_eq!(kind("5656"), SourceKind::ShortCode);
    assert_eq!(kind("02623812345"), SourceKind::Subscriber);
}

#[test]
fn foreign_numbers_and_odd_vietnamese_ranges_are_kept() {
    for (text, canonical) in [
        ("+44 20 7946 0958", "+442079460958"),
        ("+442079460958", "+442079460958"),
        ("0044 20 7946 0958", "+442079460958"),
        ("+1 (202) 555-0173", "+12025550173"),
        ("+855 12 345 678", "+85512345678"),
        ("0300000001", "+84300000001"),
        ("0551234567", "+84551234567"),
    ] {
        assert_eq!(read(text).as_deref(), Ok(canonical), "{text}");
    }
    let unassigned = parse_number("0301234567", plan(), TODAY).unwrap().source;
    assert!(!plan().is_in_known_range(&unassigned, TODAY) && plan().is_spoofed_looking(&unassigned, TODAY));
}

#[test]
fn junk_is_refused() {
    for text in [
        "0",
        "00",
        "000",
        "0000000000",
        "1111111111",
        "9999999999",
        "123456789",
        "1234567890",
        "0123456789",
        "123456789012345678",
        "12345",
        "091234567",
        "09123456789",
        "+84",
        "+84000000000",
        "+999123456789",
        "2026",
    ] {
        assert!(read(text).is_err(), "{text} → {:?}", read(text));
    }
    assert_eq!(read(""), Err(NumberProblem::Empty));
    assert_eq!(read(" \u{200b}"), Err(NumberProblem::Empty));
    assert_eq!(read("0912345678 lua dao"), Err(NumberProblem::NotANumber));
    assert_eq!(read("oil"), Err(NumberProblem::NotANumber));
    assert_eq!(read("0912345678 0987654321"), Err(NumberProblem::TooLong));
}

#[test]
fn a_number_ends_where_the_words_begin() {
    for (text, canonical, rest) in [
        ("0912345678lua dao", "+84912345678", "lua dao"),
        ("0912345678 20 trieu", "+84912345678", " 20 trieu"),
        ("0912 345 678 50 trieu", "+84912345678", " 50 trieu"),
        ("0912345678 0987654321", "+84912345678", " 0987654321"),
        ("0912345678,0987654321", "+84912345678", ",0987654321"),
        ("0912.345.678.", "+84912345678", "."),
        ("1900 1234 50 trieu", "19001234", " 50 trieu"),
        ("1900 1234 0912345678", "19001234", " 0912345678"),
        ("8088 0912345678", "8088", " 0912345678"),
        ("0262) 3812345) x", "+842623812345", ") x"),
        ("+84 912 345 678\n2 lan", "+84912345678", "\n2 lan"),
        ("O912345678lua", "+84912345678", "lua"),
    ] {
        let found = found_at(text, Glue::Expected);
        assert_eq!(found, Some((canonical.to_owned(), rest.to_owned())), "{text}");
    }
}

#[test]
fn amounts_and_words_are_no_numbers() {
    for text in
        ["50 trieu", "113 trieu", "8000k", "18000000 dong", "6000 %", "oi", "lo", "3 nguoi goi", "2026 nam"]
    {
        assert_eq!(found_at(text, Glue::Expected), None, "{text}");
    }
    for text in ["912345678", "113", "8088", "442079460958"] {
        assert_eq!(found_at(text, Glue::Running), None, "{text}");
    }
    assert!(found_at("0912.345.678", Glue::Running).is_some());
}

proptest! {
    #[test]
    fn nothing_typed_makes_it_panic(text in "[\\s\\S]{0,40}|[0-9oOlI+(). \\-/,]{0,40}") {
        let _ = read(&text);
        let _ = found_at(&text, Glue::Expected);
        let _ = found_at(&text, Glue::Running);
    }

    #[test]
    fn whatever_is_understood_is_stored_and_read_back(text in "(\\+|00|0|84|\\+84)?[0-9 .\\-]{2,14}") {
        if let Ok(number) = parse_number(&text, plan(), TODAY) {
            let source = number.source;
            let back = Source::from_stored(source.kind(), source.canonical()).unwrap();
            prop_assert_eq!(&back, &source);
            prop_assert!(source.dialled().len() <= 16);
            let expected = Ok(source.canonical().to_owned());
            prop_assert_eq!(read(&source.dialled()), expected.clone());
            prop_assert_eq!(read(&source.display()), expected);
        }
    }

    #[test]
    fn separators_do_not_change_a_number(digits in "(09|03|08|07)[0-9]{8}", cuts in proptest::collection::vec((1usize..10, 0usize..4), 0..4)) {
        let mut spelled: Vec<String> = digits.chars().map(String::from).collect();
        for (at, separator) in cuts {
            let mark = [" ", ".", "-", "\u{a0}"][separator];
            if spelled[at].len() == 1 {
                spelled[at].insert_str(0, mark);
            }
        }
        prop_assert_eq!(read(&spelled.concat()), read(&digits));
    }
}

//! How values are written for Vietnamese readers: dates, numbers, phones, money, receipt codes.
//!
//! Pages show Asia/Ho_Chi_Minh time whatever the machine's zone. Nothing here parses.

use std::sync::LazyLock;

use canhgiac_domain::number::{Source, SourceKind};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

static VIETNAM: LazyLock<TimeZone> = LazyLock::new(|| {
    TimeZone::get("Asia/Ho_Chi_Minh").unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(7)))
});

/// `23/11/2026 14:05` of microseconds since the epoch.
pub(crate) fn date_time(at_us: i64) -> String {
    strftime(at_us, "%d/%m/%Y %H:%M")
}

/// `23/11/2026`.
pub(crate) fn date(at_us: i64) -> String {
    strftime(at_us, "%d/%m/%Y")
}

/// `14:05`.
pub(crate) fn time(at_us: i64) -> String {
    strftime(at_us, "%H:%M")
}

/// `2026-11-23T14:05:00+07:00`, for `<time datetime>` and feeds.
pub(crate) fn machine(at_us: i64) -> String {
    strftime(at_us, "%Y-%m-%dT%H:%M:%S%:z")
}

fn strftime(at_us: i64, pattern: &str) -> String {
    match Timestamp::from_microsecond(at_us) {
        Ok(at) => at.to_zoned_datetime(VIETNAM.clone()).strftime(pattern).to_string(),
        // Beyond the year 9999: no such instant is written by us.
        Err(_) => "–".to_owned(),
    }
}

/// The day it is in Vietnam now.
pub(crate) fn today() -> Date {
    Timestamp::now().to_zoned_datetime(VIETNAM.clone()).date()
}

/// How long ago, in the coarsest words that are still useful: `vừa xong`, `5 phút trước`,
/// `3 giờ trước`, `2 ngày trước`, and from a week on the date.
pub(crate) fn ago(at_us: i64, now_us: i64) -> String {
    const MINUTE_US: i64 = 60_000_000;
    let minutes = now_us.saturating_sub(at_us) / MINUTE_US;
    match minutes {
        ..1 => "vừa xong".to_owned(),
        1..60 => format!("{minutes} phút trước"),
        60..1440 => format!("{} giờ trước", minutes / 60),
        1440..10_080 => format!("{} ngày trước", minutes / 1440),
        _ => date(at_us),
    }
}

/// `1.234.567`.
pub(crate) fn number(value: i64) -> String {
    let digits = grouped(&value.unsigned_abs().to_string());
    if value < 0 { format!("-{digits}") } else { digits }
}

/// `5.000.000 đ`, with a no-break space.
pub(crate) fn money(dong: i64) -> String {
    format!("{}\u{a0}đ", number(dong))
}

fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

/// A subscriber's number as people write it: `+84912345678` is `0912 345 678`.
/// What is no number in E.164 (service numbers, sender names) stays as it is.
pub(crate) fn phone(canonical: &str) -> String {
    match Source::from_stored(SourceKind::Subscriber, canonical) {
        Ok(source) => source.display(),
        Err(_) => canonical.to_owned(),
    }
}

/// `4827 1935` of the eight digits of a receipt code.
pub(crate) fn receipt_code(code: &str) -> String {
    match code.split_at_checked(4) {
        Some((head, tail)) if code.len() == 8 && code.is_ascii() => format!("{head} {tail}"),
        _ => code.to_owned(),
    }
}

/// `840 KB`, `2,3 MB`: a file's size as a phone shows it.
pub(crate) fn file_size(bytes: u64) -> String {
    match bytes {
        ..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{},{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_795_417_500_000_000; // 2026-11-23T07:05:00Z

    #[test]
    fn instants_are_shown_in_vietnam_time() {
        assert_eq!(date_time(AT), "23/11/2026 14:05");
        assert_eq!(date(AT), "23/11/2026");
        assert_eq!(time(AT), "14:05");
        assert_eq!(machine(AT), "2026-11-23T14:05:00+07:00");
        assert_eq!(date(i64::MAX), "–");
    }

    #[test]
    fn ages_use_the_coarsest_useful_word() {
        let minute = 60_000_000;
        assert_eq!(ago(AT, AT + 59_000_000), "vừa xong");
        assert_eq!(ago(AT, AT - minute), "vừa xong", "a clock that went back");
        assert_eq!(ago(AT, AT + 5 * minute), "5 phút trước");
        assert_eq!(ago(AT, AT + 180 * minute), "3 giờ trước");
        assert_eq!(ago(AT, AT + 2 * 1440 * minute), "2 ngày trước");
        assert_eq!(ago(AT, AT + 8 * 1440 * minute), "23/11/2026");
    }

    #[test]
    fn numbers_and_money_use_dots() {
        assert_eq!(number(1_234_567), "1.234.567");
        assert_eq!(number(-1_000), "-1.000");
        assert_eq!(number(i64::MIN), "-9.223.372.036.854.775.808");
        assert_eq!(number(0), "0");
        assert_eq!(money(5_000_000), "5.000.000\u{a0}đ");
    }

    #[test]
    fn phones_are_spaced_as_people_write_them() {
        assert_eq!(phone("+84912345678"), "0912 345 678");
        assert_eq!(phone("+842623812345"), "0262 3812 345");
        assert_eq!(phone("19001234"), "19001234");
        assert_eq!(phone("VIETTELKM"), "VIETTELKM");
        assert_eq!(phone("+442079460958"), "+44 20 7946 0958");
        assert_eq!(phone("+84ăăă"), "+84ăăă");
    }

    #[test]
    fn receipt_codes_are_two_groups_of_four() {
        assert_eq!(receipt_code("48271935"), "4827 1935");
        assert_eq!(receipt_code("4827"), "4827");
        assert_eq!(receipt_code("đđđđ"), "đđđđ");
    }

    #[test]
    fn file_sizes_are_short() {
        assert_eq!(file_size(999), "999 B");
        assert_eq!(file_size(840_000), "840 KB");
        assert_eq!(file_size(2_345_678), "2,3 MB");
    }
}

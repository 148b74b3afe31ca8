//! Stretches of digits in a text, and whether they read as money or a telephone
//! number.
//!
//! The shapes accepted are those citizens write (`0912.345.678`, `+84 912 345 678`,
//! `O912345678`, `5tr5`, `5.000.000đ`). It does not know number plans.

use std::ops::Range;

use crate::fold::{Folded, MAX_TEXT_BYTES};

/// Most digits in one stretch; longer ones are cut into several.
const MAX_DIGITS: usize = 19;
/// Longest separator within one number, in bytes.
const MAX_SEPARATOR_BYTES: usize = 4;
/// How far behind a number its unit is looked for, in characters.
const UNIT_REACH_CHARS: usize = 12;

/// Digits that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// Where they stand in the original, with separators and plus sign.
    pub(crate) range: Range<usize>,
    /// Only the digits.
    pub(crate) digits: String,
    /// A plus sign stood before them.
    pub(crate) has_plus: bool,
    /// Lengths of the groups and the separators between them.
    groups: Vec<usize>,
    separators: Vec<String>,
}

/// All stretches of digits, in order.
pub(crate) fn chunks(text: &str, folded: &Folded) -> Vec<Chunk> {
    let text = &text[..text.floor_char_boundary(MAX_TEXT_BYTES)];
    let mut chunks: Vec<Chunk> = Vec::new();
    for (range, digits) in runs(folded) {
        let last = chunks.last_mut();
        if let Some(chunk) = last
            && let Some(separator) = text.get(chunk.range.end..range.start)
            && chunk.takes(separator, &digits)
        {
            chunk.separators.push(separator.to_owned());
            chunk.groups.push(digits.len());
            chunk.digits.push_str(&digits);
            chunk.range.end = range.end;
            continue;
        }
        let before = text[..range.start].trim_end_matches(['(', ' ']);
        let plus = before
            .char_indices()
            .next_back()
            .filter(|(at, sign)| matches!(sign, '+' | '＋') && range.start - at <= MAX_SEPARATOR_BYTES);
        chunks.push(Chunk {
            range: plus.map_or(range.start, |(at, _)| at)..range.end,
            groups: vec![digits.len()],
            separators: Vec::new(),
            has_plus: plus.is_some(),
            digits,
        });
    }
    chunks
}

/// Runs of digits inside words, with O, I and l read as digits in long ones.
fn runs(folded: &Folded) -> Vec<(Range<usize>, String)> {
    let mut runs = Vec::new();
    for word in folded.words() {
        let (start, end) = (word.start as usize, word.end as usize);
        let letters = &folded.text()[start..end];
        let digit_count = letters.bytes().filter(u8::is_ascii_digit).count();
        if digit_count == 0 {
            continue;
        }
        // Seven digits and a few O, I, l are a number with letters for digits.
        let is_mended = digit_count >= 7
            && letters.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'o' | b'i' | b'l'));
        if is_mended {
            let digits = letters.replace('o', "0").replace(['i', 'l'], "1");
            runs.push((folded.original(start..end), digits));
            continue;
        }
        let mut at = 0;
        while at < letters.len() {
            let length = letters[at..].bytes().take_while(u8::is_ascii_digit).count();
            if length == 0 {
                at += 1;
                continue;
            }
            let place = start + at..start + at + length;
            runs.push((folded.original(place), letters[at..at + length].to_owned()));
            at += length;
        }
    }
    runs
}

impl Chunk {
    /// Whether the next run of digits continues this number.
    fn takes(&self, separator: &str, next: &str) -> bool {
        let signs = separator.trim_matches([' ', '\u{a0}', '\u{202f}']);
        let is_separator = !separator.is_empty()
            && separator.len() <= MAX_SEPARATOR_BYTES
            && matches!(signs, "" | "." | "-" | "–" | ")" | "(" | ",");
        // `0912345678, 0987654321` and `0912345678 0987654321` are two numbers, but an
        // account in groups of four goes on.
        let is_in_fours = next.len() == 4
            && !next.starts_with("19")
            && !next.starts_with("18")
            && self.groups.iter().all(|length| *length == 4);
        let is_next_number = !is_in_fours
            && (self.digits.len() >= 8 && next.len() >= 4
                || self.digits.len() >= 10 && (next.starts_with('0') || signs == ","));
        // A comma joins only the groups of an amount, or its decimals (1,5 tỷ).
        let is_first = self.separators.is_empty() && self.digits.len() <= 3;
        let is_group = signs != "," || next.len() == 3 || (is_first && next.len() <= 2);
        is_separator && is_group && !is_next_number && self.digits.len() + next.len() <= MAX_DIGITS
    }

    /// Whether the shape is that of a telephone number someone might dial.
    pub(crate) fn looks_like_a_phone(&self) -> bool {
        let length = self.digits.len();
        if self.separators.iter().any(|separator| separator.contains(',')) {
            return false;
        }
        if self.has_plus || self.digits.starts_with("00") {
            return (8..=15).contains(&length);
        }
        match self.digits.as_bytes() {
            [b'1', b'8' | b'9', b'0', b'0', ..] => (8..=10).contains(&length),
            [b'0', ..] => (9..=11).contains(&length),
            [b'8', b'4', ..] => (9..=12).contains(&length),
            [b'3' | b'5' | b'7' | b'8' | b'9', ..] => length == 9,
            _ => false,
        }
    }

    /// The amount in đồng (`None` inside when the currency is another), if this is money.
    pub(crate) fn money(&self, text: &str) -> Option<Option<u64>> {
        let unit = unit_behind(text, self.range.end);
        let is_grouped = !self.separators.is_empty()
            && self.groups.len() == self.separators.len() + 1
            && self.groups[1..].iter().all(|length| *length == 3)
            && self.separators.iter().all(|separator| matches!(separator.as_str(), "." | ","))
            && self.groups[0] <= 3
            && !self.digits.starts_with('0');
        let whole =
            if is_grouped || self.separators.is_empty() { self.digits.parse::<u64>().ok() } else { None };
        match unit {
            Some(unit) if self.digits.len() <= 12 && !self.has_plus => {
                let dong = match (unit.dong, whole) {
                    (Some(factor), Some(whole)) => {
                        whole.checked_mul(factor).and_then(|dong| dong.checked_add(unit.tail_dong))
                    }
                    (Some(factor), None) => self.decimal(factor),
                    (None, _) => None,
                };
                Some(dong)
            }
            // 5.000.000 without a unit: only when grouped as money is.
            None if is_grouped && self.groups.len() >= 3 => Some(whole),
            _ => None,
        }
    }

    /// `1,5 triệu`, `2.5tr`
    fn decimal(&self, factor: u64) -> Option<u64> {
        let [separator] = self.separators.as_slice() else {
            return None;
        };
        let [whole, tail] = *self.groups.as_slice() else {
            return None;
        };
        if !matches!(separator.as_str(), "." | ",") || tail > 2 {
            return None;
        }
        let whole_part: u64 = self.digits[..whole].parse().ok()?;
        let tail_part: u64 = self.digits[whole..].parse().ok()?;
        let scale = 10_u64.pow(u32::try_from(tail).ok()?);
        whole_part.checked_mul(factor)?.checked_add(tail_part.checked_mul(factor)? / scale)
    }

    /// Where the amount ends, with its unit.
    pub(crate) fn money_end(&self, text: &str) -> usize {
        unit_behind(text, self.range.end).map_or(self.range.end, |unit| unit.end)
    }
}

/// A unit of money and what follows it (`5tr5` is five and a half million).
struct Unit {
    /// One of it in đồng; `None` for foreign money.
    dong: Option<u64>,
    tail_dong: u64,
    end: usize,
}

fn unit_behind(text: &str, from: usize) -> Option<Unit> {
    let rest = text.get(from..)?;
    let skipped = rest.len() - rest.trim_start_matches([' ', '\u{a0}']).len();
    let rest = &rest[skipped..];
    let mut word = String::new();
    let mut length = 0;
    for character in rest.chars().take(UNIT_REACH_CHARS) {
        let is_part = character.is_alphabetic()
            || ('\u{0300}'..='\u{036f}').contains(&character)
            || (length == 0 && matches!(character, '$' | '₫'));
        if !is_part {
            break;
        }
        word.push(character);
        length += character.len_utf8();
    }
    let dong = dong_of(&word, skipped == 0)?;
    let end = from + skipped + length;
    // `5tr5`, `1tr2`: the digit behind is a tenth.
    let tail: String = text[end..].chars().take_while(char::is_ascii_digit).take(4).collect();
    let tail_dong = match (dong, tail.parse::<u64>()) {
        (Some(factor), Ok(digits)) if tail.len() <= 3 && factor >= 1_000_000 => {
            factor / 10_u64.pow(u32::try_from(tail.len()).ok()?) * digits
        }
        _ => 0,
    };
    let end = if tail_dong > 0 { end + tail.len() } else { end };
    Some(Unit { dong, tail_dong, end })
}

/// What one unit is in đồng. Short units (`k`, `m`, `d`) must touch the number.
fn dong_of(word: &str, touches: bool) -> Option<Option<u64>> {
    if matches!(word, "$" | "₫" | "đ" | "Đ") {
        return Some((word != "$").then_some(1));
    }
    let folded = Folded::of(word);
    match folded.text() {
        "k" if touches => Some(Some(1_000)),
        "d" | "vnd" | "dong" => Some(Some(1)),
        "nghin" | "ngan" | "ng" => Some(Some(1_000)),
        "xi" => Some(Some(100_000)),
        "tr" | "trieu" | "cu" | "chai" => Some(Some(1_000_000)),
        "ty" | "ti" => Some(Some(1_000_000_000)),
        "usd" | "usdt" | "dola" => Some(None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<Chunk> {
        chunks(text, &Folded::of(text))
    }

    fn phones(text: &str) -> Vec<String> {
        all(text)
            .into_iter()
            .filter(|chunk| chunk.money(text).is_none() && chunk.looks_like_a_phone())
            .map(|chunk| format!("{}{}", if chunk.has_plus { "+" } else { "" }, chunk.digits))
            .collect()
    }

    #[test]
    fn numbers_are_found_as_citizens_write_them() {
        for text in [
            "LD 0912345678 gia danh",
            "LD0912345678",
            "S(0912.345.678)",
            "so 0912 345 678 goi",
            "O9I2345678",
            "０９１２３４５６７８",
            "0912-345-678.",
            "(0912) 345 678",
        ] {
            assert_eq!(phones(text), ["0912345678"], "{text}");
        }
        assert_eq!(phones("+84 912 345 678 va 1900 1234"), ["+84912345678", "19001234"]);
        assert_eq!(phones("0912345678/0987654321"), ["0912345678", "0987654321"]);
        assert_eq!(phones("0912345678, 0987654321"), ["0912345678", "0987654321"]);
        assert_eq!(phones("0912345678 0987654321"), ["0912345678", "0987654321"]);
    }

    #[test]
    fn dates_codes_and_amounts_are_no_phones() {
        for text in ["23.11.2026", "ma 482719", "5.000.000 dong", "066123456789 cccd", "912 trieu"] {
            assert_eq!(phones(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn amounts_are_read_in_dong() {
        for (text, dong) in [
            ("5 triệu", Some(5_000_000)),
            ("5tr5", Some(5_500_000)),
            ("1,5 tỷ", Some(1_500_000_000)),
            ("500k", Some(500_000)),
            ("5.000.000đ", Some(5_000_000)),
            ("2.500.000", Some(2_500_000)),
            ("300 nghìn", Some(300_000)),
            ("10 củ", Some(10_000_000)),
            ("100 USD", None),
            ("99999999999 tỷ", None),
        ] {
            let chunk = &all(text)[0];
            assert_eq!(chunk.money(text), Some(dong), "{text}");
        }
        assert_eq!(all("24 tuoi")[0].money("24 tuoi"), None);
    }
}

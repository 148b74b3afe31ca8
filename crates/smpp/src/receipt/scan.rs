//! The text of a receipt: `id:… sub:… dlvrd:… submit date:… done date:… stat:… err:… text:…` (SMPP 3.4
//! appendix B), with fields missing, in other orders, in other cases, with other separators.

use super::{MessageState, Receipt, ReceiptDate};

/// Keys in the order they are tried; a longer key stands before one it ends with.
const KEYS: [&str; 8] = ["submit date", "done date", "dlvrd", "stat", "text", "sub", "err", "id"];

pub(super) fn scan(text: &str) -> Receipt {
    let mut receipt = Receipt::default();
    let fields = fields(text);
    for (index, (key, _, from)) in fields.iter().enumerate() {
        let to = fields.get(index + 1).map_or(text.len(), |(_, at, _)| *at);
        let value =
            text[*from..to].trim_matches(|sign: char| sign.is_whitespace() || matches!(sign, ',' | ';'));
        if value.is_empty() {
            continue;
        }
        match *key {
            "id" => receipt.message_id = receipt.message_id.or_else(|| Some(value.to_owned())),
            "stat" => receipt.state = receipt.state.or_else(|| Some(MessageState::from_word(value))),
            "err" => receipt.error = receipt.error.or_else(|| Some(value.to_owned())),
            "submit date" => receipt.submitted = receipt.submitted.or_else(|| date(value)),
            "done date" => receipt.done = receipt.done.or_else(|| date(value)),
            _ => {}
        }
    }
    receipt
}

/// Each field's key, where the key begins, and where its value begins. Nothing after `text:` is a field: it
/// quotes the message, which may hold anything.
fn fields(text: &str) -> Vec<(&'static str, usize, usize)> {
    let lower = text.to_ascii_lowercase();
    let mut fields = Vec::new();
    let mut at = 0;
    while at < lower.len() {
        if let Some((key, value)) = key_at(&lower, at) {
            fields.push((key, at, value));
            if key == "text" {
                break;
            }
            at = value;
        } else {
            at += lower[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    fields
}

/// The key that begins here, at the start of a word and followed by a colon, and where its value begins.
fn key_at(lower: &str, at: usize) -> Option<(&'static str, usize)> {
    let before = lower[..at].chars().next_back();
    if before.is_some_and(|sign| !(sign.is_whitespace() || matches!(sign, ',' | ';' | '\0'))) {
        return None;
    }
    KEYS.iter().find_map(|key| {
        let rest = match key.split_once(' ') {
            // "submit date", "submitdate", "submit_date".
            Some((first, second)) => {
                lower[at..].strip_prefix(first)?.trim_start_matches([' ', '_']).strip_prefix(second)?
            }
            None => lower[at..].strip_prefix(key)?,
        };
        let value = rest.trim_start().strip_prefix(':')?;
        Some((*key, lower.len() - value.len()))
    })
}

/// `YYMMDDhhmm`, `YYMMDDhhmmss` or `YYYYMMDDhhmmss`, with or without separators.
fn date(value: &str) -> Option<ReceiptDate> {
    let digits: Vec<u8> = value.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    let two = |at: usize| digits[at] * 10 + digits[at + 1];
    let (year, rest) = match digits.len() {
        10 | 12 => (2000 + u16::from(two(0)), 2),
        14 => (u16::from(two(0)) * 100 + u16::from(two(2)), 4),
        _ => return None,
    };
    let second = if digits.len() == 10 { 0 } else { two(rest + 8) };
    let date = ReceiptDate {
        year,
        month: two(rest),
        day: two(rest + 2),
        hour: two(rest + 4),
        minute: two(rest + 6),
        second,
    };
    let is_possible = (1..=12).contains(&date.month)
        && (1..=31).contains(&date.day)
        && date.hour < 24
        && date.minute < 60
        && date.second < 60;
    is_possible.then_some(date)
}

//! The keywords beside the three kinds: result, check, help, warnings, and what others take care of.

use super::content::Before;
use super::grammar::Does;
use super::{Intent, Problem, Reader, SOURCES_MAX, Understanding};

/// Seven digits and a check digit.
const CODE_DIGITS: usize = 8;

impl Reader<'_> {
    /// The text after a command; `None` when the words turn out to be prose.
    pub(super) fn command(
        self,
        does: Does,
        is_spelled: bool,
        after: usize,
        start: usize,
    ) -> Option<Understanding> {
        let mut leniencies = Vec::new();
        let content = self.content(after, Before::default(), &mut leniencies);
        let mut understanding = match does {
            Does::Result => return self.result(is_spelled, after, content),
            Does::Check => self.check(after, content),
            Does::Help => Understanding::new(Intent::Help, content),
            Does::Subscribe => Understanding::new(Intent::Subscribe, content),
            Does::Unsubscribe => Understanding::new(Intent::Unsubscribe, content),
            Does::Dnc => Understanding::new(Intent::Dnc, content),
            Does::Forward => Understanding::new(Intent::Forward, content),
            Does::Report(kind) => return self.report(kind, is_spelled, after),
        };
        if is_spelled && does == Does::Help && self.is_question(start) {
            return None;
        }
        leniencies.into_iter().for_each(|leniency| understanding.note(leniency));
        Some(understanding)
    }

    /// `KQ`, `KQ 48271935`, `KQ 4827 1935`, `KQ48271935`, `KQ ma 4827.1935`.
    fn result(self, is_spelled: bool, after: usize, content: String) -> Option<Understanding> {
        if says_nothing(&content) {
            return Some(Understanding::new(Intent::Result { code: None }, content));
        }
        match self.code(after) {
            Some((code, end)) => {
                let rest = self.content(end, Before::default(), &mut Vec::new());
                Some(Understanding::new(Intent::Result { code: Some(code) }, rest))
            }
            // "ket qua xo so", "tra cuu phat nguoi": words, not our keyword.
            None if is_spelled => None,
            None => Some(
                Understanding::new(Intent::Result { code: None }, content).with_problem(Problem::BadCode),
            ),
        }
    }

    /// The first digits that make a code, and the cell after them (and after a closing bracket).
    fn code(self, from: usize) -> Option<(String, usize)> {
        let mut at = from;
        while at < self.len() {
            if !self.is_code_digit(at) || self.is_letter(at.wrapping_sub(1)) && at > from {
                at += 1;
                continue;
            }
            let (digits, end, past) = self.code_digits(at);
            if digits.len() == CODE_DIGITS {
                let close = self.skip_spaces(end);
                let end = if self.closes_group(close, true) { close + 1 } else { end };
                return Some((digits, end));
            }
            at = past.max(at + 1);
        }
        None
    }

    /// Groups of digits from `at`: those that reach exactly a code's length, else all of them.
    fn code_digits(self, at: usize) -> (String, usize, usize) {
        let mut digits = String::new();
        let mut next = at;
        loop {
            while let Some(digit) = self.code_digit(next) {
                digits.push(digit);
                next += 1;
                if digits.len() > CODE_DIGITS * 2 {
                    break;
                }
            }
            let end = next;
            if digits.len() >= CODE_DIGITS || self.is_letter(next) {
                if self.is_letter(next) && !self.is_digit(next.wrapping_sub(1)) {
                    digits.clear();
                }
                return (digits, end, next);
            }
            let mut gap = 0;
            while gap < 3 && matches!(self.folded(next), Some(' ' | '.' | '-' | '–' | '_')) {
                next += 1;
                gap += 1;
            }
            if gap == 0 || !self.is_digit(next) {
                return (digits, end, next);
            }
        }
    }

    fn is_code_digit(self, at: usize) -> bool {
        self.code_digit(at).is_some() && (self.is_digit(at) || self.is_digit(at + 1))
    }

    fn code_digit(self, at: usize) -> Option<char> {
        match self.raw(at)? {
            'o' | 'O' => Some('0'),
            'l' | 'I' | 'i' => Some('1'),
            _ => self.folded(at).filter(char::is_ascii_digit),
        }
    }

    /// `KT 0912345678`, `KT Vietcombank`, `KT` and a pasted text.
    fn check(self, after: usize, to_check: String) -> Understanding {
        if says_nothing(&to_check) {
            return Understanding::new(Intent::Check { text: to_check }, "")
                .with_problem(Problem::NothingToCheck);
        }
        let intent = Intent::Check { text: to_check.clone() };
        if let Some(group) = self.source_group(after, None, true) {
            let mut understanding = Understanding::new(intent, "");
            let mut leniencies = group.leniencies;
            understanding.content = self.content(group.end, group.before, &mut leniencies);
            understanding.sources = group.sources;
            leniencies.into_iter().for_each(|leniency| understanding.note(leniency));
            return understanding;
        }
        let mut understanding = Understanding::new(intent, to_check);
        understanding.sources = self.mentions(after, SOURCES_MAX);
        understanding
    }
}

/// Empty, or marks only: "KQ?".
fn says_nothing(content: &str) -> bool {
    !content.contains(char::is_alphanumeric)
}

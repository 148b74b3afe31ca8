//! Brackets as they arrive: halves, full-width ones, quotation marks, and letters that were brackets once.
//!
//! GSM 7 read as ASCII or the reverse turns `[ ] { }` into `Ä Ñ ä ñ` and `\ ^ | ~` into `Ö Ü ö ü`; Vietnamese has none
//! of these letters.

use super::Reader;

/// Letters that a misconfigured link makes of brackets and bars.
pub(super) fn is_misread(raw: char) -> bool {
    matches!(raw, 'Ä' | 'Ñ' | 'ä' | 'ñ' | 'Ö' | 'Ü' | 'ö' | 'ü')
}

/// The closing bracket that belongs to an opening one.
pub(super) fn partner(open: char) -> Option<char> {
    Some(match open {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        '<' => '>',
        '【' => '】',
        '「' => '」',
        '『' => '』',
        '《' => '》',
        '〈' => '〉',
        '〔' => '〕',
        '«' => '»',
        'Ä' => 'Ñ',
        'ä' => 'ñ',
        _ => return None,
    })
}

/// The opening bracket that belongs to a closing one.
pub(super) fn opener(close: char) -> Option<char> {
    ['(', '[', '{', '<', '【', '「', '『', '《', '〈', '〔', '«', 'Ä', 'ä']
        .into_iter()
        .find(|&open| partner(open) == Some(close))
}

impl Reader<'_> {
    /// The bracket at `at`: full-width ones count as plain, misread ones keep their letter.
    pub(super) fn bracket(self, at: usize) -> Option<char> {
        let raw = self.raw(at)?;
        if is_misread(raw) { Some(raw) } else { self.folded(at) }
    }

    /// Whether a group opens at `at`, where brackets stand.
    pub(super) fn opens_group(self, at: usize) -> bool {
        match self.bracket(at) {
            Some('"' | '“' | '”' | '\'') => true,
            Some(misread @ ('Ä' | 'ä')) => {
                let next = self.skip_spaces(at + 1);
                self.is_digit(next) || self.folded(next) == Some('+') || self.closes_later(misread, at)
            }
            Some(bracket) => partner(bracket).is_some(),
            None => false,
        }
    }

    /// Whether a group closes at `at`. A misread one counts directly behind its group or when one was opened.
    pub(super) fn closes_group(self, at: usize, is_open: bool) -> bool {
        match self.bracket(at) {
            Some('"' | '“' | '”' | '\'') => is_open,
            Some('Ñ' | 'ñ') => is_open || self.is_digit(at.wrapping_sub(1)),
            Some(bracket) => opener(bracket).is_some(),
            None => false,
        }
    }

    pub(super) fn skip_spaces(self, at: usize) -> usize {
        let mut at = at;
        while self.folded(at) == Some(' ') {
            at += 1;
        }
        at
    }

    /// Skips what people put between kind, number and words.
    pub(super) fn skip_separators(self, at: usize) -> usize {
        let mut at = at;
        while self.is_separator(at) {
            at += 1;
        }
        at
    }

    pub(super) fn is_separator(self, at: usize) -> bool {
        match self.folded(at) {
            Some('+') => !self.is_number_after_plus(at),
            Some(
                ' ' | ',' | '.' | '-' | ':' | ';' | '/' | '|' | '=' | '*' | '#' | '_' | '~' | '–' | '—' | '…'
                | '•' | '·' | '\\' | '^' | '!',
            ) => true,
            Some('>') => matches!(self.folded(at.wrapping_sub(1)), Some('-' | '=' | '>')),
            // Emoji, bullets, arrows.
            Some(c) if !c.is_ascii() && !c.is_alphanumeric() => {
                partner(c).is_none() && opener(c).is_none() && !matches!(c, '“' | '”')
            }
            _ => matches!(self.raw(at), Some('ö' | 'ü' | 'Ö' | 'Ü')),
        }
    }

    /// `+84…` but neither `+0912…` nor `+ 84…`, where the plus stands between words.
    fn is_number_after_plus(self, at: usize) -> bool {
        let next = match self.folded(at + 1) {
            Some('(') => at + 2,
            _ => at + 1,
        };
        self.is_digit(next) && self.folded(next) != Some('0')
    }

    fn closes_later(self, misread: char, at: usize) -> bool {
        let [capital, small] = self.last_misread_closings;
        let last = if misread == 'Ä' { capital } else { small };
        last.is_some_and(|last| last > at)
    }
}

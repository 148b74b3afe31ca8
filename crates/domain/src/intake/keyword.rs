//! Where a keyword ends: S and V only before a separator, a bracket or a digit; longer ones not inside a word.

use super::grammar::Does;
use super::reader::Reader;
use crate::number::{Glue, Scan, scan};

/// A service number of eight digits is the shortest that is taken for a telephone number by itself.
pub(super) const TELEPHONE_MIN: usize = 8;

impl Reader<'_> {
    /// The keyword at `at`: what it does, whether it is spelled out, and the cell after it.
    pub(super) fn keyword_at(self, at: usize) -> Option<(Does, bool, usize)> {
        self.grammar
            .keywords(self.on)
            .filter_map(|keyword| {
                let end = self.matches(&keyword.pattern, at)?;
                let is_letter = keyword.pattern.len() == 1;
                let ends = match is_letter {
                    true => self.ends_single_letter(end),
                    false => self.ends_keyword(end),
                };
                ends.then_some((keyword.does, keyword.is_spelled, end))
            })
            .max_by_key(|&(_, _, end)| end)
    }

    /// S and V count only when a separator, a bracket or a digit follows: "Sim cua toi" is no report.
    fn ends_single_letter(self, at: usize) -> bool {
        match self.folded(at) {
            None => true,
            Some('.' | '/' | '-' | '&')
                if self.is_letter(at + 1) && !self.is_letter(at + 2) && !self.is_digit(at + 2) =>
            {
                // "V/v", "S.O.S": an abbreviation.
                false
            }
            _ => {
                self.is_digit(at)
                    || self.is_separator(at)
                    || self.folded(at) == Some('+')
                    || self.opens_group(at)
                    || self.closes_group(at, false)
                    || self.has_number_with_letter_o(at)
            }
        }
    }

    /// Longer keywords must not go on as another word.
    fn ends_keyword(self, at: usize) -> bool {
        !self.is_letter(at)
            || self.is_separator(at)
            || self.opens_group(at)
            || self.has_number_with_letter_o(at)
            || self.has_number_behind_words(at)
    }

    /// `SO912345678`: the letter belongs to the number. `So0912345678` is the word "so".
    fn has_number_with_letter_o(self, at: usize) -> bool {
        let is_letter_o = self.raw(at).is_some_and(|c| matches!(c, 'o' | 'O' | 'ｏ' | 'Ｏ'));
        is_letter_o && self.folded(at + 1) != Some('0') && self.has_telephone(at)
    }

    /// `LDso0912345678`. Not asked behind a single letter: "sdt" is a word.
    fn has_number_behind_words(self, at: usize) -> bool {
        self.longest_glued(at).is_some_and(|number| self.has_telephone(number))
    }

    fn has_telephone(self, at: usize) -> bool {
        matches!(self.scan(at), Scan::Found(found) if found.source.canonical().len() >= TELEPHONE_MIN)
    }

    /// Behind words such as "so" that are glued to the kind, when a number follows.
    fn longest_glued(self, at: usize) -> Option<usize> {
        let end = self
            .grammar
            .words_before_number(self.on)
            .filter_map(|pattern| self.matches(pattern, at))
            .filter(|&end| !self.is_letter(end))
            .max()?;
        Some(self.skip_separators(end))
    }

    /// The number that begins exactly at `at`.
    pub(super) fn scan(self, at: usize) -> Scan {
        scan(self.text, at, Glue::Expected, self.grammar.plan(), self.on)
    }
}

//! Numbers inside running text.

use super::{Reader, SourceMention};
use crate::number::{Glue, Scan, scan};

/// How far back the words before a number are looked at, in characters and words.
const LOOK_BACK: usize = 48;
const LOOK_BACK_WORDS: usize = 5;

impl Reader<'_> {
    /// The different telephone numbers in the text from `from` on, at most `limit`; bank accounts and document
    /// numbers are left out.
    pub(super) fn mentions(self, from: usize, limit: usize) -> Vec<SourceMention> {
        let mut mentions: Vec<SourceMention> = Vec::new();
        let mut at = from;
        while at < self.len() && mentions.len() < limit {
            let is_first = !self.is_digit(at.wrapping_sub(1));
            // "O919…": the letter for the trunk 0.
            let is_letter_zero =
                self.folded(at) == Some('o') && self.is_digit(at + 1) && !self.is_letter(at.wrapping_sub(1));
            if !(is_first && (self.is_digit(at) || self.folded(at) == Some('+') || is_letter_zero)) {
                at += 1;
                continue;
            }
            match scan(self.text, at, Glue::Running, self.grammar.plan(), self.on) {
                Scan::Found(found) => {
                    let is_known = mentions.iter().any(|mention| mention.source == found.source);
                    let is_vietnamese_guess = found.source.is_vietnamese()
                        && !self.grammar.plan().is_in_known_range(&found.source, self.on)
                        && found.source.kind() == crate::number::SourceKind::Subscriber;
                    if !is_known
                        && !is_vietnamese_guess
                        && !self.is_after_account_word(at)
                        && !self.is_inside_word(at)
                    {
                        mentions.push(SourceMention {
                            as_received: self.text.original(at..found.end).to_owned(),
                            source: found.source,
                            leniencies: found.leniencies,
                        });
                    }
                    at = found.end;
                }
                // Only past the first run of digits: a number may follow directly.
                Scan::NoNumber { .. } | Scan::Nothing => {
                    at += 1;
                    while self.is_digit(at) {
                        at += 1;
                    }
                }
            }
        }
        mentions
    }

    /// Whether one of `patterns` stands in the text as words.
    pub(super) fn contains_any<'p>(self, patterns: impl Iterator<Item = &'p [char]>, from: usize) -> bool {
        let patterns: Vec<&[char]> = patterns.collect();
        (from..self.len())
            .filter(|&at| self.is_letter(at) && (at == 0 || !self.is_letter(at - 1)))
            .any(|at| self.longest(patterns.iter().copied(), at).is_some())
    }

    /// "abc0912345678" is no number, "sdt0912345678" is.
    fn is_inside_word(self, at: usize) -> bool {
        self.is_letter(at.wrapping_sub(1)) && !self.is_after_telephone_word(at)
    }

    fn is_after_account_word(self, at: usize) -> bool {
        let account = self.last_before(self.grammar.account_words(self.on), at);
        let telephone = self.last_before(self.grammar.telephone_words(self.on), at);
        account.is_some() && account > telephone
    }

    fn is_after_telephone_word(self, at: usize) -> bool {
        let words = self.grammar.words_before_number(self.on);
        self.ends_before(words.chain(self.grammar.telephone_words(self.on)), at)
    }

    /// Whether one of `patterns` ends exactly at `at` and begins a word.
    fn ends_before<'p>(self, patterns: impl Iterator<Item = &'p [char]>, at: usize) -> bool {
        let patterns: Vec<&[char]> = patterns.collect();
        (at.saturating_sub(LOOK_BACK)..at)
            .filter(|&start| self.is_letter(start) && (start == 0 || !self.is_letter(start - 1)))
            .any(|start| patterns.iter().any(|pattern| self.matches(pattern, start) == Some(at)))
    }

    /// Where the last of `patterns` among the few words before `at` begins.
    fn last_before<'p>(self, patterns: impl Iterator<Item = &'p [char]>, at: usize) -> Option<usize> {
        let patterns: Vec<&[char]> = patterns.collect();
        let mut words = 0;
        for start in (at.saturating_sub(LOOK_BACK)..at).rev() {
            let is_word_start = self.is_letter(start) && (start == 0 || !self.is_letter(start - 1));
            if !is_word_start {
                continue;
            }
            let fits = patterns
                .iter()
                .filter_map(|pattern| self.matches(pattern, start))
                .any(|end| end <= at && !self.is_letter(end));
            if fits {
                return Some(start);
            }
            words += 1;
            if words == LOOK_BACK_WORDS {
                return None;
            }
        }
        None
    }
}

//! One text being read: which keyword it begins with, and the small steps all other parts are made of.

use jiff::civil::Date;

use super::brackets;
use super::grammar::{Does, Grammar};
use super::vocabulary::{Intent, Leniency, Understanding};
use crate::text::Folded;

/// "Toi xin phan anh: soan tin LD …" has two.
const LEAD_WORDS_MAX: usize = 3;

/// One text being read.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) text: &'a Folded<'a>,
    pub(super) grammar: &'a Grammar,
    pub(super) on: Date,
    /// Where the last `Ñ` and `ñ` stand: looked up once, so that reading stays linear.
    pub(super) last_misread_closings: [Option<usize>; 2],
}

impl<'a> Reader<'a> {
    pub(super) fn understand(self, start: usize) -> Understanding {
        let content_start = self.skip_clutter(start);
        if let Some((does, is_spelled, after)) = self.keyword_at(content_start) {
            if let Some(understanding) = self.keyword_text(does, is_spelled, after, start) {
                return understanding;
            }
        } else if let Some(mut understanding) = self.after_lead_words(content_start, start) {
            understanding.note(Leniency::LeadWords);
            return understanding;
        }
        self.without_keyword(start)
    }

    fn keyword_text(self, does: Does, is_spelled: bool, after: usize, start: usize) -> Option<Understanding> {
        match does {
            Does::Report(kind) => self.report(kind, is_spelled, after),
            _ => self.command(does, is_spelled, after, start),
        }
    }

    /// "Soan LD 0912345678 …": the keyword counts only when its number or code follows, so that prose is not cut.
    fn after_lead_words(self, content_start: usize, start: usize) -> Option<Understanding> {
        let mut ends = self.ends_of(self.grammar.lead_words(self.on), content_start);
        for _ in 0..LEAD_WORDS_MAX {
            let mut next_ends = Vec::new();
            for end in ends {
                let at = self.skip_clutter(end);
                if let Some(understanding) = self.certain_keyword_text(at, start) {
                    return Some(understanding);
                }
                next_ends.extend(self.ends_of(self.grammar.lead_words(self.on), at));
            }
            next_ends.dedup();
            ends = next_ends;
        }
        None
    }

    fn certain_keyword_text(self, at: usize, start: usize) -> Option<Understanding> {
        let (does, is_spelled, after) = self.keyword_at(at)?;
        let understanding = self.keyword_text(does, is_spelled, after, start)?;
        let is_certain = match understanding.intent {
            Intent::Report => {
                !understanding.sources.is_empty()
                    && !understanding.leniencies.contains(&Leniency::SourceInsideContent)
            }
            Intent::Result { ref code } => code.is_some(),
            Intent::Check { .. } => !understanding.sources.is_empty(),
            Intent::Subscribe | Intent::Unsubscribe | Intent::Dnc => true,
            Intent::Help | Intent::Forward | Intent::Unknown => false,
        };
        is_certain.then_some(understanding)
    }

    pub(super) fn after_prefix(self, prefix: &str, start: usize) -> Option<usize> {
        let pattern: Vec<char> = prefix.chars().collect();
        let after = self.matches(&pattern, start)?;
        let is_whole_word = !self.is_letter(after);
        let is_glued_to_keyword = || {
            self.keyword_at(after)
                .is_some_and(|(_, _, end)| end - after > 1 || self.source_group(end, None, false).is_some())
        };
        (is_whole_word || is_glued_to_keyword()).then(|| self.skip_clutter(after))
    }

    pub(super) fn len(self) -> usize {
        self.text.cells().len()
    }

    pub(super) fn folded(self, at: usize) -> Option<char> {
        self.text.at(at)
    }

    pub(super) fn raw(self, at: usize) -> Option<char> {
        self.text.cells().get(at).map(|cell| cell.raw)
    }

    pub(super) fn is_letter(self, at: usize) -> bool {
        self.folded(at).is_some_and(char::is_alphabetic)
    }

    pub(super) fn is_digit(self, at: usize) -> bool {
        self.folded(at).is_some_and(|c| c.is_ascii_digit())
    }

    /// Skips everything before the first letter, digit or plus sign of a number.
    pub(super) fn skip_clutter(self, at: usize) -> usize {
        let mut at = at;
        while self.folded(at).is_some_and(|c| !c.is_alphanumeric() && (c != '+' || !self.is_digit(at + 1))) {
            at += 1;
        }
        at
    }

    /// The end of `pattern` when it stands at `at`; a space in it matches nothing or a few separators.
    pub(super) fn matches(self, pattern: &[char], at: usize) -> Option<usize> {
        let mut at = at;
        for &expected in pattern {
            if expected == ' ' {
                let mut skipped = 0;
                while skipped < 3 && matches!(self.folded(at), Some(' ' | '.' | '-' | '_')) {
                    at += 1;
                    skipped += 1;
                }
            } else if self.folded(at) == Some(expected) && self.is_plain(expected, at) {
                at += 1;
            } else {
                return None;
            }
        }
        Some(at)
    }

    /// A misread bracket folds to a letter but is none.
    fn is_plain(self, expected: char, at: usize) -> bool {
        !(matches!(expected, 'a' | 'n' | 'o' | 'u') && self.raw(at).is_some_and(brackets::is_misread))
    }

    /// The end of the longest of `patterns` at `at` that ends with its word.
    pub(super) fn longest<'p>(self, patterns: impl Iterator<Item = &'p [char]>, at: usize) -> Option<usize> {
        self.ends_of(patterns, at).into_iter().max()
    }

    /// The ends of all `patterns` at `at` that end with their word.
    fn ends_of<'p>(self, patterns: impl Iterator<Item = &'p [char]>, at: usize) -> Vec<usize> {
        let mut ends: Vec<usize> = patterns
            .filter_map(|pattern| self.matches(pattern, at))
            .filter(|&end| !self.is_letter(end) || self.is_misread(end))
            .collect();
        ends.sort_unstable_by(|a, b| b.cmp(a));
        ends.dedup();
        ends
    }

    pub(super) fn is_misread(self, at: usize) -> bool {
        self.raw(at).is_some_and(brackets::is_misread)
    }
}

//! The group right behind the kind: brackets, words such as "so", numbers or a sender name, and digits that are junk.

use super::SOURCES_MAX;
use super::content::Before;
use super::keyword::TELEPHONE_MIN;
use super::reader::Reader;
use super::sender::Name;
use super::vocabulary::{Leniency, ReportKind, SourceMention};
use crate::number::{Found, Scan, Source, is_quantity_at};
use crate::text::trim_unseen;

/// The sources at the head of a text and where they end.
pub(super) struct SourceGroup {
    pub(super) sources: Vec<SourceMention>,
    pub(super) end: usize,
    pub(super) before: Before,
    pub(super) leniencies: Vec<Leniency>,
}

/// Where a number is expected: behind separators, an opening bracket and words such as "so".
pub(super) struct Spot {
    /// Behind separators and brackets, before any word.
    pub(super) words: usize,
    /// Behind those words too.
    pub(super) number: usize,
    pub(super) is_open: bool,
    pub(super) has_misread: bool,
    pub(super) has_words: bool,
}

/// The most words such as "so dien thoai la" before a number.
const WORDS_MAX: usize = 6;
/// Digits that were clearly meant to be a telephone number.
const JUNK_DIGITS_MIN: usize = 7;
/// Fewer, but still no year, no count and no amount.
const SHORT_JUNK_DIGITS: usize = 5;

impl Reader<'_> {
    /// The numbers or the name right at `from`, if there are any. With `is_whole`, a name must be all there is.
    pub(super) fn source_group(
        self,
        from: usize,
        kind: Option<ReportKind>,
        is_whole: bool,
    ) -> Option<SourceGroup> {
        let spot = self.spot(from);
        if let Scan::Found(found) = self.scan(spot.number) {
            return Some(self.numbers(spot, found));
        }
        if kind.is_none() && !is_whole {
            return None;
        }
        self.name(&spot, kind, is_whole)
    }

    fn name(self, spot: &Spot, kind: Option<ReportKind>, is_whole: bool) -> Option<SourceGroup> {
        let name = [spot.words, spot.number].into_iter().find_map(|at| match is_whole {
            false => self.sender_name(at, spot.is_open, kind),
            true => self.whole_name(at, spot.is_open),
        })?;
        let mut leniencies = spot.leniencies();
        if !name.is_bracketed {
            leniencies.push(Leniency::BareSenderName);
        }
        if name.is_half {
            leniencies.push(Leniency::HalfBracket);
        }
        let mention = SourceMention {
            as_received: trim_unseen(self.text.original(name.start..name.typed_end)).to_owned(),
            source: name.source,
            leniencies: Vec::new(),
        };
        Some(SourceGroup {
            sources: vec![mention],
            end: name.end,
            before: Before { is_half_open: name.is_half && spot.is_open, has_misread: spot.has_misread },
            leniencies,
        })
    }

    /// `KT VIETTELKM`: nothing but a name that is known or in capitals.
    fn whole_name(self, at: usize, is_open: bool) -> Option<Name> {
        let mut end = self.len();
        while end > at && (self.folded(end - 1) == Some(' ') || self.closes_group(end - 1, is_open)) {
            end -= 1;
        }
        let typed = self.text.original(at..end);
        let is_name =
            self.is_known(typed) || !typed.contains(|c: char| c == ' ' || c == '.' || c.is_lowercase());
        let source = Source::sender_name(typed).ok().filter(|_| is_name)?;
        Some(Name {
            source,
            start: at,
            typed_end: end,
            end: self.len(),
            is_bracketed: is_open,
            is_half: false,
        })
    }

    /// The first number and those joined to it.
    fn numbers(self, spot: Spot, first: Found) -> SourceGroup {
        let mut leniencies = spot.leniencies();
        let mut group = SourceGroup {
            sources: vec![self.mention(spot.number, &first)],
            end: first.end,
            before: Before { is_half_open: spot.is_open, has_misread: spot.has_misread },
            leniencies: Vec::new(),
        };
        let is_closed_inside = (spot.number..first.end).any(|at| self.closes_group(at, spot.is_open));
        let mut is_open = spot.is_open && !is_closed_inside;
        group.end = self.close(group.end, &mut is_open, &mut leniencies, is_closed_inside);
        while let Some((at, found, opens)) = self.joined(group.end) {
            let is_new = group.sources.iter().all(|known| known.source != found.source);
            if is_new && group.sources.len() == SOURCES_MAX {
                break;
            }
            if is_new {
                group.sources.push(self.mention(at, &found));
                leniencies.push(Leniency::SeveralSources);
            }
            is_open |= opens;
            group.end = self.close(found.end, &mut is_open, &mut leniencies, false);
        }
        group.before.is_half_open = is_open;
        if is_open {
            leniencies.push(Leniency::HalfBracket);
        }
        group.leniencies = leniencies;
        group
    }

    fn mention(self, at: usize, found: &Found) -> SourceMention {
        SourceMention {
            source: found.source.clone(),
            as_received: self.text.original(at..found.end).to_owned(),
            leniencies: found.leniencies.clone(),
        }
    }

    /// Steps over the bracket that closes the source's group, if one stands here.
    fn close(
        self,
        end: usize,
        is_open: &mut bool,
        leniencies: &mut Vec<Leniency>,
        is_closed_inside: bool,
    ) -> usize {
        let at = self.skip_spaces(end);
        if !self.closes_group(at, *is_open) || (at > end && !*is_open) {
            return end;
        }
        if self.is_misread(at) {
            leniencies.push(Leniency::MisreadBrackets);
        }
        if !*is_open && !is_closed_inside {
            leniencies.push(Leniency::HalfBracket);
        }
        *is_open = false;
        at + 1
    }

    /// A further number joined by `,` `/` `;` `&` or "va": where it begins, what it is, whether a bracket opened.
    fn joined(self, end: usize) -> Option<(usize, Found, bool)> {
        const AND: [char; 2] = ['v', 'a'];
        let at = self.skip_spaces(end);
        let after = match self.folded(at)? {
            ',' | '/' | ';' | '&' => at + 1,
            'v' => self.matches(&AND, at).filter(|&after| !self.is_letter(after))?,
            _ => return None,
        };
        let after = match self.matches(&AND, self.skip_spaces(after)) {
            Some(and) if !self.is_letter(and) => and,
            _ => after,
        };
        let spot = self.spot(after);
        match self.scan(spot.number) {
            Scan::Found(found) if found.source.canonical().len() >= TELEPHONE_MIN => {
                Some((spot.number, found, spot.is_open))
            }
            _ => None,
        }
    }

    pub(super) fn spot(self, from: usize) -> Spot {
        let mut spot =
            Spot { words: from, number: from, is_open: false, has_misread: false, has_words: false };
        spot.words = self.skip_to_group(from, &mut spot);
        let mut at = spot.words;
        for _ in 0..WORDS_MAX {
            let Some(end) = self.longest(self.grammar.words_before_number(self.on), at) else {
                break;
            };
            spot.has_words = true;
            // "(sdt) 0912345678": the word's own bracket.
            let end = match spot.is_open && self.closes_group(end, true) {
                true => {
                    spot.is_open = false;
                    end + 1
                }
                false => end,
            };
            at = self.skip_to_group(end, &mut spot);
        }
        spot.number = at;
        spot
    }

    fn skip_to_group(self, from: usize, spot: &mut Spot) -> usize {
        let mut at = self.skip_separators(from);
        while self.opens_group(at) {
            spot.is_open = true;
            spot.has_misread |= self.is_misread(at);
            at = self.skip_separators(at + 1);
        }
        at
    }

    /// Digits where the number belongs that can be none.
    pub(super) fn junk(self, spot: &Spot) -> Option<Junk> {
        let Scan::NoNumber { end, digits, .. } = self.scan(spot.number) else {
            return None;
        };
        let mut run = spot.number;
        while self.is_digit(run) || (run == spot.number && self.folded(run) == Some('+')) {
            run += 1;
        }
        let first_run = (spot.number..run).filter(|&at| self.is_digit(at)).count();
        if is_quantity_at(self.text, end) || is_quantity_at(self.text, run) {
            return None;
        }
        let is_zeros = (spot.number..run).all(|at| self.folded(at) == Some('0'));
        let stands_alone = {
            let next = self.skip_spaces(run);
            next >= self.len() || (spot.is_open && self.closes_group(next, true))
        };
        if first_run >= JUNK_DIGITS_MIN {
            Some(Junk::Certain(run))
        } else if digits >= JUNK_DIGITS_MIN || (first_run >= SHORT_JUNK_DIGITS && !self.is_letter(run)) {
            Some(Junk::Likely(if digits >= JUNK_DIGITS_MIN { end } else { run }))
        } else if (is_zeros && run > spot.number && !self.is_letter(run))
            || (stands_alone && run > spot.number)
        {
            Some(Junk::Likely(run))
        } else {
            None
        }
    }
}

/// Digits that are no number, and where they end.
#[derive(Clone, Copy)]
pub(super) enum Junk {
    /// One long run: nothing else was meant.
    Certain(usize),
    /// A real number elsewhere in the text comes first.
    Likely(usize),
}

impl Spot {
    fn leniencies(&self) -> Vec<Leniency> {
        let mut leniencies = Vec::new();
        if self.has_words {
            leniencies.push(Leniency::WordsBeforeNumber);
        }
        if self.has_misread {
            leniencies.push(Leniency::MisreadBrackets);
        }
        leniencies
    }
}

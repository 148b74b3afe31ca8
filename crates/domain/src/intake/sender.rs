//! Sender names where a source is expected.
//!
//! The first group that is no number is a sender name when it is bracketed, or in capitals and digits while the text
//! goes on otherwise, or known; after V and LD a bracketed one only when it is known or looks like a name by itself.

use super::Reader;
use super::ReportKind;
use crate::number::Source;
use crate::text::fold;

/// A sender name and the cell after it (and after its closing bracket).
pub(super) struct Name {
    pub(super) source: Source,
    pub(super) start: usize,
    /// The cell after its last character.
    pub(super) typed_end: usize,
    pub(super) end: usize,
    pub(super) is_bracketed: bool,
    pub(super) is_half: bool,
}

/// A bracketed name may have spaces around it.
const GROUP_MAX: usize = 24;
/// Shorter capitals are abbreviations.
const BARE_MIN: usize = 3;

impl Reader<'_> {
    /// The name at `at`; `is_open` says that a bracket was opened right before it.
    pub(super) fn sender_name(self, at: usize, is_open: bool, kind: Option<ReportKind>) -> Option<Name> {
        match is_open.then(|| self.closing(at)).flatten() {
            Some(close) => self.bracketed_name(at, close, kind),
            None => self.known_name(at, is_open).or_else(|| self.bare_name(at, is_open)),
        }
    }

    fn bracketed_name(self, at: usize, close: usize, kind: Option<ReportKind>) -> Option<Name> {
        let inside = self.text.original(at..close);
        let source = Source::sender_name(inside).ok()?;
        let name = |source| Name {
            source,
            start: at,
            typed_end: close,
            end: close + 1,
            is_bracketed: true,
            is_half: false,
        };
        if self.is_known(source.canonical()) {
            return Some(name(source));
        }
        if self.is_no_name(source.canonical()) {
            return None;
        }
        let is_free = !matches!(kind, Some(ReportKind::SpamCall | ReportKind::ScamCall));
        let looks_like_one = !source.canonical().contains(' ')
            && is_in_capitals(source.canonical())
            && !is_vietnamese_syllable(source.canonical())
            && self.goes_on_otherwise(close + 1);
        (is_free || looks_like_one).then(|| name(source))
    }

    /// A known name, with or without capitals: "Vietcombank bao no".
    fn known_name(self, at: usize, is_open: bool) -> Option<Name> {
        let end = self
            .grammar
            .names(self.on)
            .filter_map(|pattern| self.matches(pattern, at))
            .filter(|&end| {
                !self.folded(end).is_some_and(|c| c.is_alphanumeric() || c == '_') || self.is_misread(end)
            })
            .max()?;
        self.unbracketed(at, end, is_open)
    }

    /// A word in capitals and digits while the text goes on otherwise: "VIETTELKM Chuc mung ban".
    fn bare_name(self, at: usize, is_open: bool) -> Option<Name> {
        let mut end = at;
        while self.raw(end).is_some_and(|c| is_name_letter(c) || matches!(c, '-' | '_' | '.')) {
            end += 1;
        }
        while end > at && matches!(self.raw(end - 1), Some('-' | '.' | '_')) {
            end -= 1;
        }
        if self.is_letter(end) && !self.is_misread(end) {
            return None;
        }
        let name = self.unbracketed(at, end, is_open)?;
        let typed = name.source.canonical();
        let is_name = typed.len() >= BARE_MIN
            && is_in_capitals(typed)
            && !self.is_no_name(typed)
            && !is_vietnamese_syllable(typed)
            && !is_misspelt_number(typed)
            && !self.next_word_is_in_capitals(end)
            && self.goes_on_otherwise(end);
        is_name.then_some(name)
    }

    fn unbracketed(self, at: usize, end: usize, is_open: bool) -> Option<Name> {
        let source = Source::sender_name(self.text.original(at..end)).ok()?;
        let closes = self.closes_group(end, is_open);
        Some(Name {
            source,
            start: at,
            typed_end: end,
            end: end + usize::from(closes),
            is_bracketed: is_open || closes,
            is_half: is_open != closes,
        })
    }

    fn closing(self, at: usize) -> Option<usize> {
        (at..at + GROUP_MAX).find(|&close| self.closes_group(close, true))
    }

    /// Whether the whole of `typed` is one of the known names.
    pub(super) fn is_known(self, typed: &str) -> bool {
        same_word(self.grammar.names(self.on), typed)
    }

    fn is_no_name(self, typed: &str) -> bool {
        same_word(self.grammar.words_that_are_no_names(self.on), typed)
    }

    /// Whether what follows is mostly written in small letters.
    fn goes_on_otherwise(self, from: usize) -> bool {
        let rest = self.text.cells().get(from..).unwrap_or(&[]);
        let letters = || rest.iter().filter(|cell| cell.folded.is_alphabetic());
        let small = letters().filter(|cell| !cell.raw.is_uppercase()).count();
        small > 0 && small * 2 > letters().count()
    }

    fn next_word_is_in_capitals(self, from: usize) -> bool {
        let rest = self.text.cells().get(from..).unwrap_or(&[]);
        let word: Vec<char> = rest
            .iter()
            .skip_while(|cell| cell.folded == ' ')
            .take_while(|cell| cell.folded.is_alphabetic())
            .map(|cell| cell.raw)
            .collect();
        word.len() >= 2 && word.iter().all(|c| c.is_uppercase())
    }
}

/// Plain or full-width Latin letters and digits: no accents, no misread brackets.
fn is_name_letter(raw: char) -> bool {
    raw.is_ascii_alphanumeric() || matches!(raw, '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ')
}

fn is_in_capitals(typed: &str) -> bool {
    typed.contains(|c: char| c.is_ascii_uppercase()) && !typed.contains(|c: char| c.is_ascii_lowercase())
}

/// "0O12345678": a number that is none, with the letter O for 0.
fn is_misspelt_number(typed: &str) -> bool {
    let letters = typed.chars().filter(char::is_ascii_alphabetic);
    letters.clone().all(|c| matches!(c, 'O' | 'I')) && letters.count() * 2 < typed.len()
}

/// Whether the letters are one syllable of Vietnamese without its accents: "BON no goi", "CHIEU nay" stress a word and
/// name nobody.
fn is_vietnamese_syllable(typed: &str) -> bool {
    const ONSETS: [&str; 27] = [
        "", "b", "c", "ch", "d", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p",
        "ph", "qu", "r", "s", "t", "th", "tr", "v", "x",
    ];
    const NUCLEI: [&str; 41] = [
        "a", "e", "i", "o", "u", "y", "ai", "ao", "au", "ay", "eo", "eu", "ia", "ie", "ieu", "iu", "oa",
        "oai", "oay", "oao", "oe", "oeo", "oi", "oo", "ua", "uai", "uau", "uay", "ue", "ueu", "ui", "uo",
        "uoi", "uou", "uu", "uy", "uya", "uye", "uyu", "ye", "yeu",
    ];
    const CODAS: [&str; 9] = ["", "c", "ch", "m", "n", "ng", "nh", "p", "t"];
    let syllable = fold(typed);
    ONSETS.iter().filter_map(|onset| syllable.strip_prefix(onset)).any(|rhyme| {
        CODAS.iter().filter_map(|coda| rhyme.strip_suffix(coda)).any(|nucleus| NUCLEI.contains(&nucleus))
    })
}

/// Equality of folded words in which spaces do not matter.
fn same_word<'p>(mut patterns: impl Iterator<Item = &'p [char]>, typed: &str) -> bool {
    let folded = fold(typed);
    let typed: Vec<char> = folded.chars().filter(|&c| c != ' ').collect();
    patterns.any(|pattern| pattern.iter().copied().filter(|&c| c != ' ').eq(typed.iter().copied()))
}

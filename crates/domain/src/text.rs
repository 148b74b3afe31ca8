//! Text as people type it, made comparable.
//!
//! [`fold`] gives the form in which texts are matched and searched: lower case, without diacritics, invisible
//! characters or doubled spaces. [`Folded`] is the same with the way back: every folded character knows which bytes
//! of the original it came from, so that what is shown and stored is always the words the citizen sent.
//!
//! Deliberately not here: undoing obfuscation (`0t0`, `Laj Xe`), which guesses and belongs to `analysis`.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Folds `text` for matching and accent-free search.
///
/// Lower case, no diacritics (composed or decomposed alike), `đ` and its look-alike `ð` → `d`, `ƀ` → `b`, full-width
/// and other compatibility forms → plain ones, invisible characters removed, every run of white space (also NBSP and
/// line breaks) → one space, trimmed. Folding twice changes nothing.
///
/// ```
/// use canhgiac_domain::text::fold;
/// assert_eq!(fold("  Lừa\u{a0}ĐẢO "), "lua dao");
/// assert_eq!(fold("Hoà"), fold("Hòa"));
/// ```
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        fold_char(character, |c| {
            if c != ' ' {
                folded.push(c);
            } else if !folded.is_empty() && !folded.ends_with(' ') {
                folded.push(' ');
            }
        });
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// Removes invisible characters and outer white space, brings the text to NFC, and keeps everything else.
///
/// For showing and for comparing displayed text. The original is evidence: keep it beside the result.
pub fn clean(text: &str) -> String {
    let visible: String = text.chars().filter(|&c| !is_invisible(c)).nfc().collect();
    visible.trim().to_owned()
}

/// Cuts white space and invisible characters off both ends, and nothing else: the rest stays byte for byte.
pub fn trim_unseen(text: &str) -> &str {
    text.trim_matches(is_unseen)
}

/// Whether a reader sees nothing at all where `c` stands: zero-width, joiners, variation selectors, direction marks,
/// fillers and control characters other than white space.
pub fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    ) || (c.is_control() && !c.is_whitespace())
}

/// Whether `c` is white space or invisible.
pub fn is_unseen(c: char) -> bool {
    c.is_whitespace() || is_invisible(c)
}

/// One character of a [`Folded`] text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    /// The folded character; white space of any kind is `' '`.
    pub(crate) folded: char,
    /// The character as sent, composed when the sender decomposed one of [`composed`]'s letters.
    pub(crate) raw: char,
    start: usize,
    end: usize,
}

/// A folded text that remembers where each character came from.
///
/// Spaces are not merged here: positions matter more than shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folded<'t> {
    original: &'t str,
    cells: Vec<Cell>,
}

impl<'t> Folded<'t> {
    /// Folds `original`, in time linear in its length.
    pub(crate) fn new(original: &'t str) -> Folded<'t> {
        let mut cells: Vec<Cell> = Vec::with_capacity(original.len());
        for (start, character) in original.char_indices() {
            let end = start + character.len_utf8();
            if is_combining_mark(character) {
                if let Some(last) = cells.last_mut() {
                    last.raw = composed(last.raw, character);
                    last.end = end;
                }
                continue;
            }
            fold_char(character, |folded| {
                cells.push(Cell { folded, raw: character, start, end });
            });
        }
        Folded { original, cells }
    }

    /// The folded characters.
    pub(crate) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The folded character at `at`, if the text goes that far.
    pub(crate) fn at(&self, at: usize) -> Option<char> {
        self.cells.get(at).map(|cell| cell.folded)
    }

    /// The words as sent between two cell positions, with whatever invisible characters stand between.
    pub(crate) fn original(&self, range: Range<usize>) -> &'t str {
        let start = self.byte_at(range.start);
        let end = match range.end.checked_sub(1).and_then(|last| self.cells.get(last)) {
            Some(cell) => cell.end,
            None => start,
        };
        self.original.get(start..end.max(start)).unwrap_or("")
    }

    fn byte_at(&self, at: usize) -> usize {
        match self.cells.get(at) {
            Some(cell) => cell.start,
            None => self.cells.last().map_or(0, |cell| cell.end),
        }
    }
}

/// Puts back together the letters that a GSM 7 misreading makes of brackets, so that they are seen in NFD too.
fn composed(base: char, mark: char) -> char {
    match (base, mark) {
        ('A', '\u{308}') => 'Ä',
        ('a', '\u{308}') => 'ä',
        ('N', '\u{303}') => 'Ñ',
        ('n', '\u{303}') => 'ñ',
        ('O', '\u{308}') => 'Ö',
        ('o', '\u{308}') => 'ö',
        ('U', '\u{308}') => 'Ü',
        ('u', '\u{308}') => 'ü',
        // Any other mark makes it a letter that is none of these, nor the plain letter.
        _ if base.is_ascii_alphabetic() => '\u{fffd}',
        _ => base,
    }
}

fn fold_char(character: char, mut emit: impl FnMut(char)) {
    if character.is_ascii_graphic() {
        return emit(character.to_ascii_lowercase());
    }
    decompose_compatible(character, |part| {
        if is_invisible(part) || is_combining_mark(part) {
            return;
        }
        if part.is_whitespace() {
            return emit(' ');
        }
        for lower in part.to_lowercase() {
            match lower {
                'đ' | 'ð' | 'ɖ' => emit('d'),
                'ƀ' => emit('b'),
                'ı' => emit('i'),
                mark if is_combining_mark(mark) => {}
                other => emit(other),
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_way_to_write_the_same_words_folds_alike() {
        let decomposed: String = "Lừa đảo Đắk Lắk".nfd().collect();
        for written in [
            "lua dao dak lak",
            "LỪA ĐẢO ĐẮK LẮK",
            decomposed.as_str(),
            "Lừa\u{a0}đảo\n Đắk\tLắk ",
            "\u{feff}L\u{200b}ừa đ\u{200d}ảo Đắk Lắk",
            "Ｌừａ　đảｏ Đắk Lắk",
            "Lừa Ðảo Ðắk Lắk",
        ] {
            assert_eq!(fold(written), "lua dao dak lak", "{written:?}");
        }
    }

    #[test]
    fn the_letters_of_ede_and_mnong_fold_too() {
        assert_eq!(fold("Ƀuôn ƀuôn Čư Ñ ĭ ŏ ŭ ĕ H'Hen Niê"), "buon buon cu n i o u e h'hen nie");
        assert_eq!(fold("Hoà Xuân"), fold("Hòa Xuân"));
    }

    #[test]
    fn cleaning_keeps_the_words_and_their_accents() {
        assert_eq!(clean("\u{200b} Lu\u{31b}\u{300}a đảo\u{200d} \u{feff}"), "Lừa đảo");
        assert_eq!(trim_unseen(" \u{200b}a \u{200b} b\u{feff}\n"), "a \u{200b} b");
    }

    #[test]
    fn a_folded_text_gives_back_the_bytes_it_came_from() {
        let text = "L\u{200b}D  (tie\u{302}\u{301}ng)";
        let folded = Folded::new(text);
        let shown: String = folded.cells().iter().map(|cell| cell.folded).collect();
        assert_eq!(shown, "ld  (tieng)");
        assert_eq!(folded.original(0..2), "L\u{200b}D");
        assert_eq!(folded.original(5..10), "tie\u{302}\u{301}ng");
        assert_eq!(folded.original(5..99), "");
        assert_eq!(folded.original(11..11), "");
    }

    #[test]
    fn misread_brackets_are_seen_composed_and_decomposed() {
        for text in ["Ä1Ñ", "A\u{308}1N\u{303}"] {
            let raw: Vec<char> = Folded::new(text).cells().iter().map(|cell| cell.raw).collect();
            assert_eq!(raw, ['Ä', '1', 'Ñ']);
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC*|[\\s\\S]{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn composition_does_not_matter(text in "[\\s\\S]{0,40}|[a-zA-ZăâđêôơưàáạảãằắặẳẵừứựửữƀñĐ ]{0,40}") {
            let composed: String = text.nfc().collect();
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(fold(&composed), fold(&decomposed));
        }

        #[test]
        fn the_twin_agrees_with_the_fold(text in "[\\s\\S]{0,60}") {
            let twin: String = Folded::new(&text).cells().iter().map(|cell| cell.folded).collect();
            prop_assert_eq!(fold(&twin), fold(&text));
        }
    }
}

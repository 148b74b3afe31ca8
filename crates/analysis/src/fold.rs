//! The folded twin of a text: what it says once writing tricks are undone.
//!
//! Lower case, no diacritics, đ→d, full-width and look-alike letters made plain,
//! invisible characters dropped, digits read as letters inside words (`0t0`→`oto`),
//! repeated letters collapsed, spaced or dotted letters joined (`v a y`→`vay`).
//! Every byte of the twin knows its bytes in the original, so that a finding quotes
//! the citizen's own words. The twin is for matching only and is never shown.
//!
//! It does not know which words mean anything (see `signs`), and it is stronger and
//! lossier than the fold used for search.

use std::ops::Range;

use crate::letters::{Hat, Letter, Piece, Tone, is_invisible, take_apart};
use crate::tricks;

/// Longest text that is read; what stands behind it is ignored (and said so by
/// [`Folded::is_cut`]).
pub const MAX_TEXT_BYTES: usize = 64 * 1024;

/// A text and its folded twin.
#[derive(Clone, Debug)]
pub struct Folded {
    text: String,
    /// For each byte of `text`, its bytes in the original.
    spans: Vec<(u32, u32)>,
    words: Vec<Word>,
    is_cut: bool,
}

/// One word of the twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// First byte in the twin.
    pub(crate) start: u32,
    /// Behind its last byte in the twin.
    pub(crate) end: u32,
    /// Its marks and tone, packed; 0 when it carries none.
    pub(crate) shape: u64,
    /// Some trick was undone, so its marks say nothing.
    pub(crate) is_disguised: bool,
    /// What stood before it.
    pub(crate) pause: Pause,
}

/// What separates a word from the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pause {
    /// Space or a sign within a clause.
    None,
    /// A comma.
    Clause,
    /// End of a sentence or line.
    Sentence,
}

/// A word while it is being built: a range of letters and the gap before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draft {
    /// First letter.
    pub(crate) first: usize,
    /// Behind the last letter.
    pub(crate) last: usize,
    /// Characters between this word and the one before, spaces counting twice.
    pub(crate) gap: u32,
    /// What stood before it.
    pub(crate) pause: Pause,
    /// Some trick was undone.
    pub(crate) is_disguised: bool,
}

impl Folded {
    /// Folds a text; time and memory grow linearly with its length.
    #[must_use]
    pub fn of(original: &str) -> Folded {
        let (readable, is_cut) = cut(original);
        let (mut letters, mut drafts) = scan(readable);
        for draft in &mut drafts {
            tricks::undo(&mut letters, draft);
        }
        tricks::join_spaced_letters(&letters, &mut drafts);
        write_twin(&letters, &drafts, is_cut)
    }

    /// The folded twin: `a`–`z`, `0`–`9` and single spaces.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the original that gave these bytes of the twin; they begin and
    /// end at character boundaries. Ranges outside the twin give an empty range.
    #[must_use]
    pub fn original(&self, twin: Range<usize>) -> Range<usize> {
        let Some(spans) = self.spans.get(twin) else {
            return 0..0;
        };
        let start = spans.iter().map(|span| span.0).min();
        let end = spans.iter().map(|span| span.1).max();
        match (start, end) {
            (Some(start), Some(end)) => start as usize..end as usize,
            _ => 0..0,
        }
    }

    /// Whether the text was longer than [`MAX_TEXT_BYTES`].
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The words, in order.
    pub(crate) fn words(&self) -> &[Word] {
        &self.words
    }
}

fn cut(original: &str) -> (&str, bool) {
    if original.len() <= MAX_TEXT_BYTES {
        return (original, false);
    }
    (&original[..original.floor_char_boundary(MAX_TEXT_BYTES)], true)
}

/// Splits a text into letters and words.
fn scan(text: &str) -> (Vec<Letter>, Vec<Draft>) {
    let mut scanner = Scanner::default();
    for (at, character) in text.char_indices() {
        if is_invisible(character) {
            continue;
        }
        let start = u32::try_from(at).unwrap_or(u32::MAX);
        let end = u32::try_from(at + character.len_utf8()).unwrap_or(u32::MAX);
        let rest = &text[at + character.len_utf8()..];
        if let Some(base) = sign_used_as_letter(character, rest, scanner.is_in_word) {
            scanner.letter(base, Hat::None, true, false, start, end);
            continue;
        }
        take_apart(character, |piece| match piece {
            Piece::Letter { base, hat, is_foreign, is_capital } => {
                scanner.letter(base, hat, is_foreign, is_capital, start, end);
            }
            Piece::Hat(hat) => scanner.mark(end, |letter| letter.hat = hat),
            Piece::Tone(tone) => scanner.mark(end, |letter| {
                letter.is_foreign |= letter.tone != Tone::None;
                letter.tone = tone;
            }),
            Piece::ForeignMark => scanner.mark(end, |letter| letter.is_foreign = true),
            Piece::Other(sign) => scanner.separator(sign, rest),
        });
    }
    scanner.close();
    (scanner.letters, scanner.drafts)
}

/// `@` and `$` stand for letters inside a word, but not in an e-mail address.
fn sign_used_as_letter(sign: char, rest: &str, is_in_word: bool) -> Option<u8> {
    /// How far an address is looked for.
    const LOOK_AHEAD_CHARS: usize = 40;
    if !is_in_word || !rest.starts_with(char::is_alphabetic) {
        return None;
    }
    match sign {
        '$' => Some(b's'),
        '@' => {
            let is_address = rest
                .chars()
                .take(LOOK_AHEAD_CHARS)
                .take_while(|next| !next.is_whitespace())
                .any(|next| next == '.');
            (!is_address).then_some(b'a')
        }
        _ => None,
    }
}

#[derive(Default)]
struct Scanner {
    letters: Vec<Letter>,
    drafts: Vec<Draft>,
    first: usize,
    is_in_word: bool,
    gap: u32,
    pause: Option<Pause>,
}

impl Scanner {
    fn letter(&mut self, base: u8, hat: Hat, is_foreign: bool, is_capital: bool, start: u32, end: u32) {
        if !self.is_in_word {
            self.first = self.letters.len();
            self.is_in_word = true;
        }
        let tone = Tone::None;
        self.letters.push(Letter { base, hat, tone, is_foreign, start, end, is_capital });
    }

    fn mark(&mut self, end: u32, change: impl FnOnce(&mut Letter)) {
        if self.is_in_word
            && let Some(letter) = self.letters.last_mut()
        {
            change(letter);
            letter.end = end;
        }
    }

    fn separator(&mut self, sign: char, rest: &str) {
        self.close();
        self.gap = self.gap.saturating_add(if sign.is_whitespace() { 2 } else { 1 });
        let pause = match sign {
            '\n' | '\r' | '!' | '?' | ';' | '。' => Pause::Sentence,
            '.' if rest.is_empty() || rest.starts_with(char::is_whitespace) => Pause::Sentence,
            ',' => Pause::Clause,
            _ => Pause::None,
        };
        self.pause = Some(self.pause.map_or(pause, |known| known.max(pause)));
    }

    fn close(&mut self) {
        if !self.is_in_word {
            return;
        }
        self.is_in_word = false;
        self.drafts.push(Draft {
            first: self.first,
            last: self.letters.len(),
            gap: std::mem::take(&mut self.gap),
            pause: self.pause.take().unwrap_or(Pause::None),
            is_disguised: false,
        });
    }
}

fn write_twin(letters: &[Letter], drafts: &[Draft], is_cut: bool) -> Folded {
    let mut text = String::with_capacity(letters.len() + drafts.len());
    let mut spans = Vec::with_capacity(letters.len() + drafts.len());
    let mut words = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let own = &letters[draft.first..draft.last];
        let Some(head) = own.first() else { continue };
        if !text.is_empty() {
            text.push(' ');
            spans.push((head.start, head.start));
        }
        let start = text.len();
        let (shape, is_odd) = shape_of(own);
        let mut before = 0;
        // An abbreviation (cccd, pccc) has no vowel and keeps its letters.
        let has_vowel = own.iter().any(|letter| b"aeiouy".contains(&letter.base));
        for letter in own {
            let is_repeated = has_vowel && letter.base == before && letter.base.is_ascii_alphabetic();
            if is_repeated && let Some(span) = spans.last_mut() {
                span.1 = letter.end;
            } else {
                text.push(char::from(letter.base));
                spans.push((letter.start, letter.end));
            }
            before = letter.base;
        }
        words.push(Word {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            end: u32::try_from(text.len()).unwrap_or(u32::MAX),
            shape,
            is_disguised: draft.is_disguised || is_odd,
            pause: draft.pause,
        });
    }
    Folded { text, spans, words, is_cut }
}

/// Packs the marks of a word: three bits a letter and the tone on top, so that
/// `hòa` and `hoà` are equal. The flag says that no Vietnamese word is written so.
fn shape_of(letters: &[Letter]) -> (u64, bool) {
    /// Letters whose marks fit; Vietnamese syllables have at most seven.
    const MAX_SHAPED_LETTERS: usize = 20;
    let mut shape = 0_u64;
    let mut tone = Tone::None;
    let mut is_odd = letters.len() > MAX_SHAPED_LETTERS;
    let mut before = 0;
    let mut place = 0;
    for letter in letters.iter().take(MAX_SHAPED_LETTERS) {
        is_odd |= letter.is_foreign;
        if letter.tone != Tone::None {
            is_odd |= tone != Tone::None;
            // A tone stands on a vowel, and never on the closing y of ay, ây.
            is_odd |= !b"aeiouy".contains(&letter.base) || (letter.base == b'y' && before == b'a');
            tone = letter.tone;
        }
        if letter.base != before {
            place += 1;
        }
        shape |= (letter.hat as u64) << (3 * (place - 1));
        before = letter.base;
    }
    (shape | ((tone as u64) << 60), is_odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twin(text: &str) -> String {
        Folded::of(text).text().to_owned()
    }

    #[test]
    fn accents_case_and_width_are_folded() {
        assert_eq!(twin("Chuyển TIỀN vào tài khoản Đắk Lắk"), "chuyen tien vao tai khoan dak lak");
        assert_eq!(twin("Chuye\u{0302}\u{0309}n tie\u{0302}\u{0300}n"), "chuyen tien");
        assert_eq!(twin("ＯＴＰ ０９１２"), "otp 0912");
        assert_eq!(twin("ƀuôn H'Hen Niê"), "buon h hen nie");
        assert_eq!(twin("𝐯𝐚𝐲 𝐭𝐢𝐞̂̀𝐧"), "vay tien");
    }

    #[test]
    fn tricks_of_spam_are_undone() {
        for (written, read) in [
            ("0t0 Laj Xe", "oto lai xe"),
            ("Däi H0c", "dai hoc"),
            ("vaỵ tiềñ", "vay tien"),
            ("v a y  t i e n", "vay tien"),
            ("v.a.y t.i.e.n", "vay tien"),
            ("V-A-Y", "vay"),
            ("vayyyy tieeeen", "vay tien"),
            ("vа\u{200B}y tiеn", "vay tien"),
            ("v\u{00AD}ay t1en", "vay tien"),
            ("v@y ti$n", "vay tisn"),
            ("zal0", "zalo"),
            ("Iừa đảo", "lua dao"),
            ("mã 0tp", "ma otp"),
        ] {
            assert_eq!(twin(written), read, "{written}");
        }
    }

    #[test]
    fn numbers_codes_and_amounts_keep_their_digits() {
        for text in ["0912345678", "cccd", "a05", "500k", "5tr5", "f88", "24h", "fb88", "156", "c06"] {
            assert_eq!(twin(text), text);
        }
        assert_eq!(twin("5.000.000đ"), "5 000 000d");
    }

    #[test]
    fn an_address_is_not_read_as_a_word() {
        assert_eq!(twin("ai@example.com"), "ai example com");
    }

    #[test]
    fn a_range_of_the_twin_leads_to_the_citizens_words() {
        let original = "Nó bảo: C.h.u.y.ể.n  t.i.ề.n đi!";
        let folded = Folded::of(original);
        let at = folded.text().find("chuyen tien").unwrap();
        let range = folded.original(at..at + "chuyen tien".len());
        assert_eq!(&original[range], "C.h.u.y.ể.n  t.i.ề.n");
    }

    #[test]
    fn a_mark_written_apart_belongs_to_its_letter() {
        let original = "no\u{031B}\u{0323} nần";
        let folded = Folded::of(original);
        assert_eq!(folded.text(), "no nan");
        assert_eq!(&original[folded.original(0..2)], "no\u{031B}\u{0323}");
    }

    #[test]
    fn both_places_of_the_tone_are_one_shape() {
        let one = Folded::of("hòa");
        let other = Folded::of("hoà");
        assert_eq!(one.words()[0].shape, other.words()[0].shape);
        assert_ne!(one.words()[0].shape, Folded::of("hóa").words()[0].shape);
        assert_eq!(Folded::of("mở").words()[0].shape, Folded::of("mỡ").words()[0].shape);
    }

    #[test]
    fn a_text_beyond_the_limit_is_cut_at_a_character() {
        let long = "ề".repeat(MAX_TEXT_BYTES);
        let folded = Folded::of(&long);
        assert!(folded.is_cut());
        assert!(!Folded::of("ngắn").is_cut());
    }
}

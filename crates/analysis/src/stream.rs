//! A folded text as a stream of words without spaces, ready for matching, with
//! SMS short forms written out (`ck` → `chuyen khoan`).
//!
//! Matching runs over the letters without spaces, so that `vaytien`, `vay tien` and
//! `va.y ti.en` meet the same phrase; the words tell whether a match is honest.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::fold::{Folded, Pause, Word};

/// Short forms and what they stand for, both folded.
pub(crate) type ShortForms = BTreeMap<String, String>;

/// The words of a text.
#[derive(Debug)]
pub(crate) struct Stream {
    /// All letters and digits, without spaces.
    pub(crate) letters: String,
    /// The words, in order.
    pub(crate) words: Vec<StreamWord>,
    /// For each byte of `letters`, the index of its word.
    pub(crate) word_at: Vec<u32>,
    /// The text is written with accents, so a word without them has none.
    pub(crate) is_accented: bool,
}

/// One word of the stream.
#[derive(Clone, Debug)]
pub(crate) struct StreamWord {
    /// Bytes in `letters`.
    pub(crate) start: u32,
    /// End of these bytes.
    pub(crate) end: u32,
    /// Bytes of the original text.
    pub(crate) original: Range<usize>,
    /// Marks and tone; 0 when plain.
    pub(crate) shape: u64,
    /// Its marks say nothing.
    pub(crate) is_disguised: bool,
    /// What stood before it.
    pub(crate) pause: Pause,
}

impl Stream {
    /// Makes the stream of a folded text.
    pub(crate) fn of(folded: &Folded, short_forms: &ShortForms) -> Stream {
        let mut stream = Stream {
            letters: String::with_capacity(folded.text().len()),
            words: Vec::with_capacity(folded.words().len()),
            word_at: Vec::with_capacity(folded.text().len()),
            is_accented: false,
        };
        let mut is_after_number = false;
        for word in folded.words() {
            let mut pause = word.pause;
            for part in parts(folded.text(), word) {
                let text = &folded.text()[part.clone()];
                let original = folded.original(part.clone());
                // Marks belong to a whole word; a part of one says nothing of them.
                let is_whole = part == (word.start as usize..word.end as usize);
                let shape = if is_whole { word.shape } else { 0 };
                // `500 k` is money, `k` elsewhere is `không`.
                let is_unit = text.len() == 1 && is_after_number;
                match short_forms.get(text) {
                    Some(long) if word.shape == 0 && !is_unit => {
                        for (index, piece) in long.split(' ').enumerate() {
                            let pause = if index == 0 { pause } else { Pause::None };
                            stream.push(piece, original.clone(), 0, true, pause);
                        }
                    }
                    _ => stream.push(text, original, shape, word.is_disguised || !is_whole, pause),
                }
                is_after_number = text.bytes().all(|byte| byte.is_ascii_digit());
                pause = Pause::None;
            }
        }
        let marked = stream.words.iter().filter(|word| word.shape != 0).count();
        stream.is_accented = marked * 4 >= stream.words.len().max(1);
        stream
    }

    fn push(&mut self, text: &str, original: Range<usize>, shape: u64, is_disguised: bool, pause: Pause) {
        let index = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        let start = u32::try_from(self.letters.len()).unwrap_or(u32::MAX);
        self.letters.push_str(text);
        self.word_at.resize(self.letters.len(), index);
        let end = u32::try_from(self.letters.len()).unwrap_or(u32::MAX);
        self.words.push(StreamWord { start, end, original, shape, is_disguised, pause });
    }

    /// The bytes of the original that these words cover.
    pub(crate) fn original(&self, words: &Range<u32>) -> Range<usize> {
        let own = self.words.get(words.start as usize..words.end as usize).unwrap_or_default();
        match (own.first(), own.last()) {
            (Some(first), Some(last)) => first.original.start..last.original.end,
            _ => 0..0,
        }
    }

    /// The strongest pause before the words `from + 1 ..= to`.
    pub(crate) fn pause_between(&self, from: u32, to: u32) -> Pause {
        self.words
            .get(from as usize + 1..=to as usize)
            .unwrap_or_default()
            .iter()
            .map(|word| word.pause)
            .max()
            .unwrap_or(Pause::None)
    }
}

/// Splits a word where letters and digits meet: `20tr` is `20` and `tr`.
fn parts(text: &str, word: &Word) -> Vec<Range<usize>> {
    let (start, end) = (word.start as usize, word.end as usize);
    let bytes = text.as_bytes();
    let mut parts = Vec::with_capacity(1);
    let mut from = start;
    for at in start + 1..end {
        if bytes[at].is_ascii_digit() != bytes[at - 1].is_ascii_digit() {
            parts.push(from..at);
            from = at;
        }
    }
    parts.push(from..end);
    parts
}

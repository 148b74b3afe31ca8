//! Finding many phrases in a stream of words in one pass.
//!
//! A phrase is written as people write it, with accents: `chuyển (tiền|khoản)` stands
//! for two phrases, `đọc .. mã otp` lets up to [`GAP_WORDS`] words stand at `..`.
//! A match must begin and end with a word and, where the text carries accents, agree
//! with the phrase's accents: `báo công an` is not `bảo công an`, and `vậy` is not
//! `vay`. What a match means is not known here.

use std::collections::HashMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::fold::{Folded, Pause};
use crate::stream::{ShortForms, Stream, StreamWord};

/// Most words that may stand at `..` in a phrase.
pub(crate) const GAP_WORDS: u32 = 4;
/// Most hits that are taken from one text; what follows is not looked at.
pub(crate) const MAX_HITS: usize = 20_000;
/// Most wordings that one part of a phrase may stand for.
pub(crate) const MAX_ALTERNATIVES: usize = 256;
/// Fewest letters of a phrase that may be found with its words run together or torn.
const MIN_TORN_LETTERS: u32 = 8;
/// Fewest letters of a phrase that may be found as a single word (`vaytien`).
const MIN_GLUED_LETTERS: u32 = 6;
/// Longest Vietnamese syllable (`nghieng`): a longer word is several, run together.
const MAX_SYLLABLE: u32 = 7;
/// Phrases of at least this many words may disagree with the text's accents once.
const MIN_FORGIVING_WORDS: usize = 3;

/// Shape of a phrase's word that agrees with any accents.
const ANY_SHAPE: u64 = u64::MAX;

/// Index of a phrase as it was added.
pub(crate) type PhraseId = u32;

/// Where a phrase was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Which phrase.
    pub(crate) phrase: PhraseId,
    /// The words it covers.
    pub(crate) words: Range<u32>,
}

/// Phrases being collected.
#[derive(Default)]
pub(crate) struct PhraseBook {
    parts: HashMap<String, Vec<Part>>,
    progress_len: u32,
    len: PhraseId,
}

/// One stretch of a phrase without a gap.
#[derive(Clone, Debug)]
struct Part {
    phrase: PhraseId,
    /// Where the progress of this part is kept; parts of one phrase follow each other.
    slot: u32,
    is_first: bool,
    is_last: bool,
    /// Ends of the words, in letters.
    ends: Vec<u32>,
    shapes: Vec<u64>,
}

/// Phrases ready to be found.
pub(crate) struct PhraseFinder {
    automaton: AhoCorasick,
    parts: Vec<Vec<Part>>,
    progress_len: u32,
}

impl PhraseBook {
    /// Adds a written phrase and returns its id.
    ///
    /// # Errors
    /// A sentence saying what is wrong with the phrase.
    pub(crate) fn add(&mut self, written: &str, short_forms: &ShortForms) -> Result<PhraseId, String> {
        let phrase = self.len;
        let parts: Vec<&str> = written.split("..").collect();
        for (index, part) in parts.iter().enumerate() {
            for alternative in alternatives(part)? {
                let stream = Stream::of(&Folded::of(&alternative), short_forms);
                if stream.letters.len() < 2 {
                    return Err(format!("the phrase `{written}` has a part of fewer than two letters"));
                }
                let part = Part {
                    phrase,
                    slot: self.progress_len,
                    is_first: index == 0,
                    is_last: index + 1 == parts.len(),
                    ends: stream.words.iter().map(|word| word.end).collect(),
                    shapes: stream
                        .words
                        .iter()
                        .map(|word| if word.is_disguised { ANY_SHAPE } else { word.shape })
                        .collect(),
                };
                // Run together, `vay tien nhanh` has a double letter, which folding
                // takes away; in this form its words can no longer be told apart.
                let run_together = without_doubles(&stream.letters);
                if run_together != stream.letters {
                    let ends = vec![u32::MAX; part.ends.len()];
                    let torn = Part { ends, ..part.clone() };
                    self.parts.entry(run_together).or_default().push(torn);
                }
                self.parts.entry(stream.letters).or_default().push(part);
            }
            self.progress_len += 1;
        }
        self.len += 1;
        Ok(phrase)
    }

    /// Builds the finder.
    ///
    /// # Errors
    /// When there are more phrases than an automaton can hold.
    pub(crate) fn finish(self) -> Result<PhraseFinder, String> {
        let mut entries: Vec<(String, Vec<Part>)> = self.parts.into_iter().collect();
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(entries.iter().map(|entry| &entry.0))
            .map_err(|error| format!("the phrases cannot be compiled: {error}"))?;
        // A later part looks at the progress of the one before it, so it goes first
        // where both are written alike.
        let parts = entries
            .into_iter()
            .map(|(_, mut parts)| {
                parts.sort_by_key(|part| std::cmp::Reverse(part.slot));
                parts
            })
            .collect();
        Ok(PhraseFinder { automaton, parts, progress_len: self.progress_len })
    }
}

fn without_doubles(letters: &str) -> String {
    let mut single = String::with_capacity(letters.len());
    for letter in letters.chars() {
        if !single.ends_with(letter) || letter.is_ascii_digit() {
            single.push(letter);
        }
    }
    single
}

/// Writes out `a (b|c) d`; an empty alternative is allowed.
fn alternatives(written: &str) -> Result<Vec<String>, String> {
    let mut done = vec![String::new()];
    let mut rest = written;
    while let Some(open) = rest.find('(') {
        let close = rest[open..]
            .find(')')
            .map(|at| open + at)
            .ok_or_else(|| format!("the phrase `{written}` opens a bracket and does not close it"))?;
        let choices: Vec<&str> = rest[open + 1..close].split('|').collect();
        done = done
            .iter()
            .flat_map(|begun| choices.iter().map(move |choice| format!("{begun}{}{choice}", &rest[..open])))
            .collect();
        if done.len() > MAX_ALTERNATIVES {
            return Err(format!("the phrase `{written}` stands for more than {MAX_ALTERNATIVES} wordings"));
        }
        rest = &rest[close + 1..];
    }
    for begun in &mut done {
        begun.push_str(rest);
    }
    Ok(done)
}

impl PhraseFinder {
    /// All phrases in the text, in the order in which they end.
    pub(crate) fn hits(&self, stream: &Stream) -> Vec<Hit> {
        let mut hits = Vec::new();
        // For each part, the words of the phrase up to and with it, where last seen.
        let mut progress: Vec<Option<(u32, u32)>> = vec![None; self.progress_len as usize];
        for found in self.automaton.find_overlapping_iter(&stream.letters) {
            let Some(place) = Place::of(stream, found.start(), found.end()) else {
                continue;
            };
            for part in &self.parts[found.pattern().as_usize()] {
                if !part.fits(stream, &place) {
                    continue;
                }
                let Some(begin) = part.begin(stream, &place, &progress) else {
                    continue;
                };
                if part.is_last {
                    hits.push(Hit { phrase: part.phrase, words: begin..place.last + 1 });
                    if hits.len() >= MAX_HITS {
                        return hits;
                    }
                } else {
                    // Of two wordings that end together the longer one stands.
                    let known = &mut progress[part.slot as usize];
                    let begin = known
                        .filter(|(_, last)| *last == place.last)
                        .map_or(begin, |(longer, _)| longer.min(begin));
                    *known = Some((begin, place.last));
                }
            }
        }
        hits
    }
}

/// A stretch of letters and the words it lies in.
struct Place {
    start: u32,
    end: u32,
    first: u32,
    last: u32,
    begins_a_word: bool,
    ends_a_word: bool,
}

impl Place {
    fn of(stream: &Stream, start: usize, end: usize) -> Option<Place> {
        let first = *stream.word_at.get(start)?;
        let last = *stream.word_at.get(end.checked_sub(1)?)?;
        let (start, end) = (u32::try_from(start).ok()?, u32::try_from(end).ok()?);
        let (head, tail) = (&stream.words[first as usize], &stream.words[last as usize]);
        let begins_a_word = head.start == start;
        let ends_a_word = tail.end == end;
        let is_long = |word: &StreamWord| word.end - word.start > MAX_SYLLABLE;
        ((begins_a_word || is_long(head)) && (ends_a_word || is_long(tail))).then_some(Place {
            start,
            end,
            first,
            last,
            begins_a_word,
            ends_a_word,
        })
    }
}

impl Part {
    /// Whether the phrase truly stands there: same words and accents, or, for a long
    /// phrase of several words, run together or torn apart.
    fn fits(&self, stream: &Stream, place: &Place) -> bool {
        let words = &stream.words[place.first as usize..=place.last as usize];
        let is_whole = place.begins_a_word && place.ends_a_word;
        let is_aligned = is_whole
            && words.len() == self.ends.len()
            && words.iter().zip(&self.ends).all(|(word, end)| word.end - place.start == *end);
        if is_aligned {
            return self.accents_agree(words, stream.is_accented);
        }
        let letters = place.end - place.start;
        let is_glued = is_whole && words.len() == 1 && letters >= MIN_GLUED_LETTERS;
        self.ends.len() > 1
            && (is_glued || letters >= MIN_TORN_LETTERS)
            && stream.pause_between(place.first, place.last) == Pause::None
    }

    fn accents_agree(&self, words: &[StreamWord], is_accented: bool) -> bool {
        let allowed = usize::from(self.ends.len() >= MIN_FORGIVING_WORDS);
        // A word without accents agrees with all, but alone in an accented text it
        // is what it seems: `cho` is not `chớ`.
        let plain_differs = is_accented && self.ends.len() == 1;
        let differing = words
            .iter()
            .zip(&self.shapes)
            .filter(|(word, shape)| {
                let is_readable = !word.is_disguised && (word.shape != 0 || plain_differs);
                is_readable && **shape != ANY_SHAPE && word.shape != **shape
            })
            .count();
        differing <= allowed
    }

    /// The first word of the phrase, when this part continues what was seen before.
    fn begin(&self, stream: &Stream, place: &Place, progress: &[Option<(u32, u32)>]) -> Option<u32> {
        if self.is_first {
            return Some(place.first);
        }
        let (begin, before) = progress[self.slot as usize - 1]?;
        let is_near = before < place.first && place.first - before <= GAP_WORDS + 1;
        (is_near && stream.pause_between(before, place.first) < Pause::Sentence).then_some(begin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrases: &[&str], text: &str) -> Vec<(u32, String)> {
        let forms = ShortForms::from([("ck".to_owned(), "chuyen khoan".to_owned())]);
        let mut book = PhraseBook::default();
        for phrase in phrases {
            book.add(phrase, &forms).unwrap();
        }
        let stream = Stream::of(&Folded::of(text), &forms);
        let hits = book.finish().unwrap().hits(&stream);
        hits.into_iter().map(|hit| (hit.phrase, text[stream.original(&hit.words)].to_owned())).collect()
    }

    #[test]
    fn accents_decide_where_the_text_has_them() {
        let phrases = ["công an", "vay tiền", "vay"];
        assert_eq!(found(&phrases, "công ăn việc làm, vậy thôi"), []);
        assert_eq!(found(&phrases, "CONG AN"), [(0, "CONG AN".to_owned())]);
        assert_eq!(found(&phrases, "Công an"), [(0, "Công an".to_owned())]);
    }

    #[test]
    fn long_phrases_are_found_torn_and_run_together() {
        let phrases = ["chuyển (tiền|khoản)"];
        for text in ["chuyentien", "chuy.en ti-en", "c h u y e n t i e n", "ck", "nochuyenkhoannhanh"] {
            assert_eq!(found(&phrases, text).len(), 1, "{text}");
        }
        assert_eq!(found(&["vay tiền nhanh"], "VAYTIENNHANH").len(), 1);
        assert_eq!(found(&["báo án"], "bao an toan"), [(0, "bao an".to_owned())]);
        assert_eq!(found(&["vay nợ"], "va yno"), [], "too short to be torn");
    }

    #[test]
    fn a_gap_is_bridged_within_a_sentence_only() {
        let phrases = ["đọc .. mã otp"];
        assert_eq!(found(&phrases, "đọc cho em cái mã OTP").len(), 1);
        assert_eq!(found(&phrases, "đọc đi. Gửi mã OTP"), []);
        assert_eq!(found(&phrases, "đọc một hai ba bốn năm mã OTP"), []);
    }

    #[test]
    fn a_word_may_begin_and_end_the_same_phrase() {
        let phrases = ["(hỗ trợ|an sinh) .. (an sinh|hộ nghèo)"];
        assert_eq!(found(&phrases, "tiền hỗ trợ an sinh").len(), 1);
        assert_eq!(found(&phrases, "an sinh"), []);
    }

    #[test]
    fn a_badly_written_phrase_is_refused_with_a_reason() {
        let mut book = PhraseBook::default();
        assert!(book.add("a", &ShortForms::new()).is_err());
        assert!(book.add("chuyển (tiền", &ShortForms::new()).is_err());
        let wide = "(a|b|c|d|e|g|h)".repeat(3);
        assert!(book.add(&wide, &ShortForms::new()).is_err());
    }
}

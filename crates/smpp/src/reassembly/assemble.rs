//! The words of a message from its parts: out of order, twice, or not all there.

use crate::text::{Alphabet, DataCoding, Decoded, DefaultAlphabet, decode};

/// What stands in the text where one or more parts are missing.
pub const GAP: &str = " […] ";

/// One part as stored: its number from 1, its octets without header, its `data_coding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// Which part.
    pub number: u8,
    /// Text octets without the user data header.
    pub octets: &'a [u8],
    /// As received with this part.
    pub data_coding: u8,
}

/// The words of a message and what was wrong with its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assembled {
    /// The text, [`GAP`] where parts are missing.
    pub text: String,
    /// Numbers of the missing parts; empty when the message is complete.
    pub missing: Vec<u8>,
    /// Numbers that came more than once with different octets; the first is used.
    pub conflicting: Vec<u8>,
    /// Numbers beyond the total; their text is not in `text`.
    pub stray: Vec<u8>,
    /// The alphabets of the joined runs, in order.
    pub alphabets: Vec<Alphabet>,
    /// Whether any run was decoded otherwise than declared, or with replacements.
    pub is_doubtful: bool,
}

impl Assembled {
    /// Whether every part was there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }
}

/// Joins the parts of one message. Neighbours of the same coding are decoded together, so that a surrogate
/// pair or a GSM escape cut between them is whole again.
#[must_use]
pub fn assemble(parts: &[Part<'_>], total: u8, default: DefaultAlphabet) -> Assembled {
    let mut assembled = Assembled {
        text: String::new(),
        missing: Vec::new(),
        conflicting: Vec::new(),
        stray: Vec::new(),
        alphabets: Vec::new(),
        is_doubtful: false,
    };
    let places = place(parts, total, &mut assembled);
    let mut run: Vec<Part<'_>> = Vec::new();
    for (number, part) in (1..=total).zip(&places) {
        match part {
            Some(part) => {
                if run.last().is_some_and(|last| last.data_coding != part.data_coding) {
                    flush(&mut run, default, &mut assembled);
                }
                run.push(*part);
            }
            None => {
                flush(&mut run, default, &mut assembled);
                if assembled.missing.last().is_none_or(|last| last + 1 != number) {
                    assembled.text.push_str(GAP);
                }
                assembled.missing.push(number);
            }
        }
    }
    flush(&mut run, default, &mut assembled);
    assembled
}

fn place<'a>(parts: &[Part<'a>], total: u8, assembled: &mut Assembled) -> Vec<Option<Part<'a>>> {
    let mut places: Vec<Option<Part<'a>>> = vec![None; usize::from(total)];
    for part in parts {
        let place = usize::from(part.number).checked_sub(1).and_then(|index| places.get_mut(index));
        match place {
            None => assembled.stray.push(part.number),
            Some(place @ None) => *place = Some(*part),
            Some(Some(first)) if first.octets == part.octets && first.data_coding == part.data_coding => {}
            Some(Some(_)) => assembled.conflicting.push(part.number),
        }
    }
    places
}

fn flush(run: &mut Vec<Part<'_>>, default: DefaultAlphabet, assembled: &mut Assembled) {
    let Some(first) = run.first() else {
        return;
    };
    let coding = first.data_coding;
    let joined: Vec<u8> = run.iter().flat_map(|part| part.octets.iter().copied()).collect();
    if DataCoding::from_octet(coding).is_ucs2() && needs_separate_decoding(run, joined.len()) {
        for part in run.iter() {
            assembled.add(&decode(part.octets, coding, default));
        }
    } else {
        assembled.add(&decode(&joined, coding, default));
    }
    run.clear();
}

/// UCS-2 parts that each lost or gained an octet, or each have a byte order mark, make sense only alone.
fn needs_separate_decoding(run: &[Part<'_>], joined: usize) -> bool {
    let marked = run
        .iter()
        .skip(1)
        .any(|part| part.octets.starts_with(&[0xFE, 0xFF]) || part.octets.starts_with(&[0xFF, 0xFE]));
    joined % 2 == 1 || marked
}

impl Assembled {
    fn add(&mut self, decoded: &Decoded) {
        self.text.push_str(&decoded.text);
        self.alphabets.push(decoded.alphabet);
        self.is_doubtful |= decoded.flags.fell_back || decoded.flags.replaced;
    }
}

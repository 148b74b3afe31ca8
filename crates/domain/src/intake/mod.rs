//! The grammar of the texts that citizens send: `S`, `V`, `LD`, their many spellings, and the other keywords.
//!
//! [`understand`] turns one text into an [`Understanding`]: what was meant, what was wrong, which leniency was used. It
//! never fails and never drops anything: what cannot be understood keeps its words and says which help fits.
//!
//! Deliberately not here: judging the words (that is `analysis`), reply texts ([`crate::reply`]), reassembly and
//! decoding of messages, and whether a source can be blocked.

mod brackets;
mod commands;
mod content;
mod grammar;
mod group;
mod keyword;
mod mentions;
mod reader;
mod report;
mod sender;
mod vocabulary;

use jiff::civil::Date;

pub use grammar::Grammar;
pub use vocabulary::{Intent, Leniency, Problem, ReportKind, SourceMention, Understanding};

use crate::text::Folded;
use reader::Reader;

/// The longest text that is read, in bytes: more than the largest `message_payload`.
pub const TEXT_MAX: usize = 256 * 1024;

/// The most sources one text may name; further ones stay in the content.
pub const SOURCES_MAX: usize = 8;

/// Understands one text as sent on `on`.
pub fn understand(text: &str, grammar: &Grammar, on: Date) -> Understanding {
    understand_on_link(text, grammar, on, None)
}

/// Understands one text from a link whose texts begin with `keyword_prefix` ("CG LD 0912…").
///
/// A text without the prefix is read all the same: some operators strip it.
pub fn understand_on_link(
    text: &str,
    grammar: &Grammar,
    on: Date,
    keyword_prefix: Option<&str>,
) -> Understanding {
    if text.len() > TEXT_MAX {
        return Understanding::new(Intent::Unknown, text).with_problem(Problem::TooLong);
    }
    let folded = Folded::new(text);
    let reader = Reader {
        text: &folded,
        grammar,
        on,
        last_misread_closings: ['Ñ', 'ñ']
            .map(|closing| folded.cells().iter().rposition(|cell| cell.raw == closing)),
    };
    if reader.skip_clutter(0) >= reader.len() {
        return without_words(text);
    }
    let mut start = 0;
    let mut has_lost_prefix = false;
    if let Some(prefix) = keyword_prefix.map(crate::text::fold).filter(|prefix| !prefix.is_empty()) {
        match reader.after_prefix(&prefix, reader.skip_clutter(0)) {
            Some(after) => start = after,
            None => has_lost_prefix = true,
        }
    }
    let mut understanding = reader.understand(start);
    if has_lost_prefix {
        understanding.leniencies.insert(0, Leniency::MissingPrefix);
    }
    understanding
}

/// "???" asks for help; dots and spaces say nothing.
fn without_words(text: &str) -> Understanding {
    let content = crate::text::trim_unseen(text);
    match content.contains('?') {
        true => Understanding::new(Intent::Help, content),
        false => Understanding::new(Intent::Unknown, content).with_problem(Problem::Empty),
    }
}

#[cfg(test)]
mod tests;

//! What a text says in the three facets, each term with the words that gave it.
//!
//! A term is *asserted* when enough phrases speak for it; a demand that the text
//! forbids ("không chuyển tiền") does not count, and in a public warning what the
//! criminals do is *described*, not asserted. Nothing here says that a text is
//! harmless, and nothing decides what is done about it.

use std::collections::BTreeMap;
use std::ops::Range;

use canhgiac_domain::taxonomy::{Facet, TermId};

use crate::context::Context;
use crate::entities::{self, Entities};
use crate::fold::Folded;
use crate::phrases::Hit;
use crate::signs::{Meaning, NameKind, PRESENT, Signs};
use crate::stream::Stream;

/// Most quotes kept for one term.
pub const MAX_QUOTES: usize = 4;

/// What a text says.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Terms found, in the order of the taxonomy.
    pub findings: Vec<Finding>,
    /// Numbers, links, accounts and names found.
    pub entities: Entities,
    /// The text warns the public rather than asks for something. This is no proof of
    /// its origin: impostors copy warnings.
    pub is_warning: bool,
    /// The text was longer than [`crate::fold::MAX_TEXT_BYTES`].
    pub is_cut: bool,
}

/// One term found in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The facet of the term.
    pub facet: Facet,
    /// The term.
    pub term: TermId,
    /// Whether the text asserts it or tells of it.
    pub stance: Stance,
    /// Sum of the weights of the phrases found; at least [`PRESENT`].
    pub weight: f32,
    /// The words that gave it: byte ranges of the original, at character boundaries,
    /// in order, at most [`MAX_QUOTES`].
    pub quotes: Vec<Range<usize>>,
}

/// How a text speaks of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stance {
    /// Claimed, told or demanded.
    Asserted,
    /// Told of in a public warning as what criminals do.
    Described,
}

impl Reading {
    /// The terms asserted in one facet.
    pub fn terms(&self, facet: Facet) -> impl Iterator<Item = &TermId> {
        self.findings
            .iter()
            .filter(move |finding| finding.facet == facet && finding.stance == Stance::Asserted)
            .map(|finding| &finding.term)
    }

    /// Whether a term is asserted.
    #[must_use]
    pub fn asserts(&self, term: &str) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.term.as_str() == term && finding.stance == Stance::Asserted)
    }
}

/// A phrase of a term that counts.
#[derive(Clone, Debug)]
struct Evidence {
    phrase: u32,
    words: Range<u32>,
    weight: f32,
    stance: Stance,
}

/// Reads a text: its terms and entities. Time grows linearly with its length.
#[must_use]
pub fn classify(signs: &Signs, text: &str) -> Reading {
    let folded = Folded::of(text);
    let stream = signs.stream(&folded);
    let hits = signs.finder.hits(&stream);
    let entities = entities::find(signs, text, &folded, &stream, &hits);
    let context = Context::of(signs, &stream, &hits);
    let mut evidence = gather(signs, &stream, &hits, &context);
    let mut findings = Vec::new();
    for (index, (term, facet, _)) in signs.terms.iter().enumerate() {
        if let Some(own) = evidence.remove(&index)
            && let Some(finding) = weigh(&stream, *facet, term, own)
        {
            findings.push(finding);
        }
    }
    if !context.is_warning {
        add_links(signs, &entities, &mut findings);
        add_chats(signs, &stream, &hits, &mut findings);
    }
    findings.sort_by_key(|finding| taxonomy_place(signs, &finding.term));
    Reading { findings, entities, is_warning: context.is_warning, is_cut: folded.is_cut() }
}

fn gather(signs: &Signs, stream: &Stream, hits: &[Hit], context: &Context) -> BTreeMap<usize, Vec<Evidence>> {
    let mut evidence: BTreeMap<usize, Vec<Evidence>> = BTreeMap::new();
    for hit in hits {
        let Meaning::Sign { term, mut weight } = signs.meanings[hit.phrase as usize] else {
            continue;
        };
        let words = &hit.words;
        if context.is_excepted(term, words) {
            continue;
        }
        let mut stance = Stance::Asserted;
        match signs.terms[term].1 {
            Facet::Demand => {
                if context.is_negated(stream, words, context.is_warning) {
                    continue;
                }
                if context.is_warning && context.is_about_criminals(stream, words) {
                    stance = Stance::Described;
                }
            }
            Facet::Who => {
                if context.is_claimed(stream, words) {
                    weight = PRESENT;
                }
                if context.is_warning {
                    stance = Stance::Described;
                }
            }
            Facet::Why => {
                if context.is_warning {
                    stance = Stance::Described;
                }
            }
        }
        evidence.entry(term).or_default().push(Evidence {
            phrase: hit.phrase,
            words: words.clone(),
            weight,
            stance,
        });
    }
    evidence
}

/// Adds up different phrases in different places; an asserted term needs enough
/// asserted evidence of its own.
fn weigh(stream: &Stream, facet: Facet, term: &TermId, evidence: Vec<Evidence>) -> Option<Finding> {
    for stance in [Stance::Asserted, Stance::Described] {
        let mut own: Vec<&Evidence> = evidence.iter().filter(|one| one.stance <= stance).collect();
        own.sort_by(|one, other| {
            one.words.start.cmp(&other.words.start).then(other.words.end.cmp(&one.words.end))
        });
        let (weight, quotes) = add_up(stream, &own);
        if weight >= PRESENT {
            return Some(Finding { facet, term: term.clone(), stance, weight, quotes });
        }
    }
    None
}

fn add_up(stream: &Stream, evidence: &[&Evidence]) -> (f32, Vec<Range<usize>>) {
    let mut best_of_phrase: BTreeMap<u32, f32> = BTreeMap::new();
    let mut quotes: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < evidence.len() {
        // Phrases that overlap are one place; the heaviest speaks for it.
        let mut words = evidence[at].words.clone();
        let mut heaviest = evidence[at];
        at += 1;
        while at < evidence.len() && evidence[at].words.start < words.end {
            words.end = words.end.max(evidence[at].words.end);
            if evidence[at].weight > heaviest.weight {
                heaviest = evidence[at];
            }
            at += 1;
        }
        let known = best_of_phrase.entry(heaviest.phrase).or_insert(0.0);
        *known = known.max(heaviest.weight);
        if quotes.len() < MAX_QUOTES {
            quotes.push(stream.original(&words));
        }
    }
    (best_of_phrase.values().sum(), quotes)
}

/// A link to anywhere but an official host asks to be opened.
fn add_links(signs: &Signs, entities: &Entities, findings: &mut Vec<Finding>) {
    let links = entities
        .urls
        .iter()
        .filter(|url| !url.is_official)
        .map(|url| url.range.clone())
        .take(MAX_QUOTES)
        .collect();
    add_asserted(signs, "link", links, findings);
}

/// `Zalo 0912…`: a chat app with a number beside it asks to be contacted there.
fn add_chats(signs: &Signs, stream: &Stream, hits: &[Hit], findings: &mut Vec<Finding>) {
    /// Words between the app and the number.
    const REACH_WORDS: usize = 2;
    let mut quotes = Vec::new();
    for hit in hits {
        let Meaning::Name(name) = signs.meanings[hit.phrase as usize] else {
            continue;
        };
        if signs.names[name].kind != NameKind::Chat || quotes.len() >= MAX_QUOTES {
            continue;
        }
        let behind = hit.words.end as usize;
        let number = stream.words.iter().enumerate().skip(behind).take(REACH_WORDS + 1).find(|(_, word)| {
            let text = &stream.letters[word.start as usize..word.end as usize];
            text.len() >= 4 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
        });
        if let Some((_, word)) = number {
            quotes.push(stream.original(&hit.words).start..word.original.end);
        }
    }
    add_asserted(signs, "contact", quotes, findings);
}

/// Adds a term that no phrase gave, unless it is asserted already.
fn add_asserted(signs: &Signs, term: &str, quotes: Vec<Range<usize>>, findings: &mut Vec<Finding>) {
    let is_known =
        findings.iter().any(|finding| finding.term.as_str() == term && finding.stance == Stance::Asserted);
    if quotes.is_empty() || is_known {
        return;
    }
    let Some((id, facet, _)) = signs.terms.iter().find(|(id, ..)| id.as_str() == term) else {
        return;
    };
    findings.retain(|finding| finding.term != *id);
    findings.push(Finding {
        facet: *facet,
        term: id.clone(),
        stance: Stance::Asserted,
        weight: PRESENT,
        quotes,
    });
}

fn taxonomy_place(signs: &Signs, term: &TermId) -> usize {
    signs.terms.iter().position(|(id, ..)| id == term).unwrap_or(usize::MAX)
}

//! Words that change what other words mean: denials, conditions and threats, claims
//! ("tự xưng"), talk of criminals in the third person, and the marks of a warning.
//!
//! It knows where they stand and how far they reach; `classify` draws the conclusions.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use canhgiac_domain::taxonomy::Facet;

use crate::fold::Pause;
use crate::phrases::Hit;
use crate::signs::{Meaning, Signs};
use crate::stream::Stream;

/// Words before a demand in which a negation reaches it. Kept short, because whoever
/// asks for money may put a negation somewhere before it.
const NEGATION_REACH_WORDS: u32 = 4;
/// The same in a warning to the public, whose lists are long.
const WARNING_NEGATION_REACH_WORDS: u32 = 7;
/// Words between a condition and the negation it governs (`nếu trước 5 giờ không`).
const CONDITION_REACH_WORDS: u32 = 3;
/// Words behind a demand in which a threat turns the negation into a condition.
const THREAT_REACH_WORDS: u32 = 7;
/// Words between "tự xưng" and the name claimed.
const CUE_REACH_WORDS: u32 = 5;
/// Words behind "đối tượng" that are still about the criminals.
const THIRD_PERSON_REACH_WORDS: u32 = 25;
/// Different marks of a public warning that make a text one.
const MIN_WARNING_MARKS: usize = 2;

/// Where the words stand that change what other words mean; each list in order.
pub(crate) struct Context {
    negations: Vec<Range<u32>>,
    negation_ends: Vec<Range<u32>>,
    conditions: Vec<Range<u32>>,
    threats: Vec<Range<u32>>,
    cues: Vec<Range<u32>>,
    third_persons: Vec<Range<u32>>,
    appeals: Vec<Range<u32>>,
    excepts: BTreeMap<usize, Vec<Range<u32>>>,
    /// The text warns the public.
    pub(crate) is_warning: bool,
}

impl Context {
    /// Sorts the hits of a text by what they do to others.
    pub(crate) fn of(signs: &Signs, stream: &Stream, hits: &[Hit]) -> Context {
        let mut context = Context {
            negations: Vec::new(),
            negation_ends: Vec::new(),
            conditions: Vec::new(),
            threats: Vec::new(),
            cues: Vec::new(),
            third_persons: Vec::new(),
            appeals: Vec::new(),
            excepts: BTreeMap::new(),
            is_warning: false,
        };
        let mut warning_marks = BTreeSet::new();
        for hit in hits {
            let words = hit.words.clone();
            match signs.meanings[hit.phrase as usize] {
                Meaning::Negation => context.negations.push(words),
                Meaning::NegationEnd => context.negation_ends.push(words),
                Meaning::Condition => context.conditions.push(words),
                Meaning::Threat => context.threats.push(words),
                Meaning::Cue => context.cues.push(words),
                Meaning::ThirdPerson => context.third_persons.push(words),
                Meaning::Appeal => context.appeals.push(words),
                Meaning::Except { term } => context.excepts.entry(term).or_default().push(words),
                Meaning::Warning => {
                    warning_marks.insert(hit.phrase);
                }
                Meaning::Sign { .. } | Meaning::AccountWord | Meaning::OtpWord | Meaning::Name(_) => {}
            }
        }
        for list in [
            &mut context.negations,
            &mut context.negation_ends,
            &mut context.conditions,
            &mut context.threats,
            &mut context.cues,
            &mut context.third_persons,
            &mut context.appeals,
        ] {
            list.sort_by_key(|words| (words.start, words.end));
        }
        for list in context.excepts.values_mut() {
            list.sort_by_key(|words| words.start);
        }
        // A warning also tells people what not to do.
        context.is_warning = warning_marks.len() >= MIN_WARNING_MARKS
            && hits.iter().any(|hit| {
                matches!(signs.meanings[hit.phrase as usize], Meaning::Sign { term, .. }
                    if signs.terms[term].1 == Facet::Demand)
                    && context.is_negated(stream, &hit.words, true)
            });
        context
    }

    /// Whether an exception of this term touches these words.
    pub(crate) fn is_excepted(&self, term: usize, words: &Range<u32>) -> bool {
        self.excepts.get(&term).is_some_and(|list| {
            near(list, words.start).iter().any(|except| except.start < words.end && words.start < except.end)
        })
    }

    /// Whether a demand is forbidden or denied where it stands.
    pub(crate) fn is_negated(&self, stream: &Stream, words: &Range<u32>, is_warning: bool) -> bool {
        let (strongest, reach) = if is_warning {
            (Pause::Clause, WARNING_NEGATION_REACH_WORDS)
        } else {
            (Pause::None, NEGATION_REACH_WORDS)
        };
        let negation = near(&self.negations, words.start).iter().rev().find(|negation| {
            negation.end <= words.start
                && words.start - negation.end <= reach
                && stream.pause_between(negation.end - 1, words.start) <= strongest
        });
        let Some(negation) = negation else {
            return false;
        };
        let is_ended = self.is_ended(negation.end, words.start);
        let is_condition = near(&self.conditions, negation.start).iter().any(|condition| {
            condition.end <= negation.start
                && negation.start - condition.end <= CONDITION_REACH_WORDS
                && stream.pause_between(condition.end - 1, negation.start) == Pause::None
                && !self.is_ended(condition.end, negation.start)
        });
        let is_threat = near(&self.threats, words.end).iter().any(|threat| {
            threat.start >= words.end
                && threat.start - words.end <= THREAT_REACH_WORDS
                && stream.pause_between(words.end - 1, threat.start) < Pause::Sentence
        });
        !is_ended && !is_condition && !is_threat
    }

    /// Whether a word between these two ends what was begun before it.
    fn is_ended(&self, from: u32, to: u32) -> bool {
        near(&self.negation_ends, to).iter().any(|end| from <= end.start && end.end <= to)
    }

    /// Whether "tự xưng" or its like stands before these words.
    pub(crate) fn is_claimed(&self, stream: &Stream, words: &Range<u32>) -> bool {
        near(&self.cues, words.start).iter().any(|cue| {
            cue.end <= words.start
                && words.start - cue.end <= CUE_REACH_WORDS
                && stream.pause_between(cue.end - 1, words.start) < Pause::Sentence
        })
    }

    /// Whether these words tell what criminals do, and do not turn to the reader.
    pub(crate) fn is_about_criminals(&self, stream: &Stream, words: &Range<u32>) -> bool {
        near(&self.third_persons, words.start).iter().any(|third| {
            third.start <= words.start
                && words.start.saturating_sub(third.end) <= THIRD_PERSON_REACH_WORDS
                && stream.pause_between(third.start, words.start) < Pause::Sentence
                && !near(&self.appeals, words.start)
                    .iter()
                    .any(|appeal| third.end <= appeal.start && appeal.start <= words.start)
        })
    }
}

/// The stretches of a sorted list that begin near a word: enough for every reach
/// above, and never the whole list, so that time stays linear.
fn near(list: &[Range<u32>], word: u32) -> &[Range<u32>] {
    /// More than any reach plus the longest phrase with its gaps.
    const REACH_WORDS: u32 = 48;
    let first = list.partition_point(|words| words.start < word.saturating_sub(REACH_WORDS));
    let last = list.partition_point(|words| words.start <= word.saturating_add(REACH_WORDS));
    &list[first..last]
}

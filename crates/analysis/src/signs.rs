//! The rules of recognition, read from `data/signs.toml`: phrases for each term of
//! the taxonomy, contexts in which they do not count, short forms of SMS writing,
//! names, and the combinations that alarm.
//!
//! This module reads and checks the file for one day; `classify`, `entities` and
//! `assess` apply it.

use std::collections::BTreeMap;
use std::fmt;

use canhgiac_domain::taxonomy::{Facet, Taxonomy, TermId};
use jiff::civil::Date;

use crate::fold::Folded;
use crate::phrases::{PhraseBook, PhraseFinder};
use crate::signs_file::{RawFile, RawSign};
use crate::stream::{ShortForms, Stream};

/// The rules that are built into the program.
const EMBEDDED: &str = include_str!("../../../data/signs.toml");

/// The weight at which a term is taken to be present.
pub const PRESENT: f32 = 1.0;

/// The rules in force on one day, compiled.
pub struct Signs {
    pub(crate) finder: PhraseFinder,
    pub(crate) meanings: Vec<Meaning>,
    pub(crate) short_forms: ShortForms,
    pub(crate) names: Vec<Name>,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) official_hosts: Vec<String>,
    pub(crate) terms: Vec<(TermId, Facet, String)>,
}

/// What a phrase tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Meaning {
    /// A term is there, with this weight.
    Sign { term: usize, weight: f32 },
    /// A term is not meant, though its phrase stands here.
    Except { term: usize },
    /// What follows is forbidden or denied.
    Negation,
    /// A negation reaches no further than this.
    NegationEnd,
    /// Before a negation: it is a condition (`nếu không nộp`).
    Condition,
    /// A threat: a negation before it was a condition (`không nộp sẽ bị bắt`).
    Threat,
    /// Someone claims to be what is named next.
    Cue,
    /// The text warns or instructs the public.
    Warning,
    /// The text speaks of the criminals in the third person.
    ThirdPerson,
    /// The text turns to its reader: what follows is asked, not told.
    Appeal,
    /// A bank account number follows.
    AccountWord,
    /// A one-time password is mentioned.
    OtpWord,
    /// A name from the list.
    Name(usize),
}

/// A name worth showing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) kind: NameKind,
    pub(crate) label: String,
}

/// What kind of thing a name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NameKind {
    /// A bank or wallet.
    Bank,
    /// A program for talking.
    Chat,
    /// A program or site for buying, official matters or remote control.
    App,
    /// An agency or company that is often impersonated.
    Agency,
}

/// How loud an alarm is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Loudness {
    /// Clear signs of fraud.
    Signs,
    /// Something to be careful about.
    Weak,
}

/// A combination of terms that alarms; an empty facet matches anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alarm {
    pub(crate) loudness: Loudness,
    pub(crate) label_vi: String,
    pub(crate) wants: BTreeMap<Facet, Vec<TermId>>,
}

impl fmt::Debug for Signs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signs")
            .field("phrases", &self.meanings.len())
            .field("names", &self.names.len())
            .field("alarms", &self.alarms.len())
            .finish_non_exhaustive()
    }
}

impl Signs {
    /// The rules built into the program, as in force on this day. Compiling takes
    /// some milliseconds: keep the result.
    ///
    /// # Panics
    /// Never in a program whose tests pass: the embedded file is checked by them.
    #[must_use]
    pub fn embedded(day: Date) -> Signs {
        Signs::from_toml(EMBEDDED, Taxonomy::embedded(), day)
            .expect("the embedded signs are checked by the tests")
    }

    /// Reads a file of rules, keeping those in force on this day.
    ///
    /// # Errors
    /// Every problem found, each a readable sentence.
    pub fn from_toml(text: &str, taxonomy: &Taxonomy, day: Date) -> Result<Signs, Vec<String>> {
        let file: RawFile = toml::from_str(text).map_err(|error| vec![format!("signs: {error}")])?;
        let mut compiler = Compiler::new(taxonomy, day, &file.short_forms);
        compiler.check_head(&file);
        for raw in &file.sign {
            let weight = raw.weight.unwrap_or(PRESENT);
            compiler.signs(raw, |term| Meaning::Sign { term, weight });
        }
        for raw in &file.except {
            compiler.signs(raw, |term| Meaning::Except { term });
        }
        let context = &file.context;
        for (phrases, meaning) in [
            (&context.negation, Meaning::Negation),
            (&context.negation_end, Meaning::NegationEnd),
            (&context.condition, Meaning::Condition),
            (&context.threat, Meaning::Threat),
            (&context.cue, Meaning::Cue),
            (&context.warning, Meaning::Warning),
            (&context.third_person, Meaning::ThirdPerson),
            (&context.appeal, Meaning::Appeal),
            (&context.account, Meaning::AccountWord),
            (&context.otp, Meaning::OtpWord),
        ] {
            compiler.phrases("context", phrases, meaning);
        }
        let mut names = Vec::new();
        for raw in &file.name {
            match raw.kind() {
                Some(kind) => {
                    compiler.phrases(&raw.label, &raw.written, Meaning::Name(names.len()));
                    names.push(Name { kind, label: raw.label.clone() });
                }
                None => compiler.problem(format!(
                    "the name `{}` has the kind `{}`; use bank, chat, app or agency",
                    raw.label, raw.kind
                )),
            }
        }
        let alarms = compiler.alarms(&file);
        compiler.finish(names, alarms, file.context.official_hosts)
    }

    /// How many written phrases are in force.
    #[must_use]
    pub fn phrase_count(&self) -> usize {
        self.meanings.len()
    }
}

/// What is wrong with a file of rules; empty when it is good. Rules of all days are
/// checked, whatever day it is.
#[must_use]
pub fn problems(text: &str, taxonomy: &Taxonomy) -> Vec<String> {
    Signs::from_toml(text, taxonomy, Date::ZERO).err().unwrap_or_default()
}

struct Compiler<'a> {
    taxonomy: &'a Taxonomy,
    day: Date,
    short_forms: ShortForms,
    book: PhraseBook,
    meanings: Vec<Meaning>,
    problems: Vec<String>,
}

impl<'a> Compiler<'a> {
    fn new(taxonomy: &'a Taxonomy, day: Date, short: &BTreeMap<String, String>) -> Compiler<'a> {
        let short_forms =
            short.iter().map(|(form, long)| (form.clone(), Folded::of(long).text().to_owned())).collect();
        Compiler {
            taxonomy,
            day,
            short_forms,
            book: PhraseBook::default(),
            meanings: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn problem(&mut self, what: String) {
        self.problems.push(format!("signs: {what}"));
    }

    fn check_head(&mut self, file: &RawFile) {
        if file.source.trim().is_empty() {
            self.problem("`source` is empty".to_owned());
        }
        if !["text", "press", "guess"].contains(&file.confidence.as_str()) {
            self.problem(format!("confidence `{}` must be text, press or guess", file.confidence));
        }
        if file.valid_from.parse::<Date>().is_err() {
            self.problem(format!("the day `{}` must be written like 2026-11-23", file.valid_from));
        }
        for (form, long) in &file.short_forms {
            let is_folded = Folded::of(form).text() == form && !form.contains(' ');
            if !is_folded || long.trim().is_empty() {
                self.problem(format!(
                    "the short form `{form}` must be one folded word and stand for something"
                ));
            }
        }
        for host in &file.context.official_hosts {
            if host.starts_with('.') || !host.contains('.') {
                self.problem(format!("the official host `{host}` must be written like gov.vn"));
            }
        }
    }

    fn signs(&mut self, raw: &RawSign, meaning: impl Fn(usize) -> Meaning) {
        let Some(term) = self.taxonomy.terms().iter().position(|term| term.id.as_str() == raw.term) else {
            self.problem(format!("the term `{}` is not in the taxonomy", raw.term));
            return;
        };
        if raw.weight.is_some_and(|weight| !(weight > 0.0 && weight <= PRESENT)) {
            self.problem(format!("a weight of `{}` is not above 0 and at most {PRESENT}", raw.term));
        }
        if raw.phrases.is_empty() {
            self.problem(format!("an entry of `{}` has no phrases", raw.term));
        }
        let from = self.optional_day(&raw.term, raw.valid_from.as_deref());
        let to = self.optional_day(&raw.term, raw.valid_to.as_deref());
        let is_checked_only = self.day == Date::ZERO;
        let is_in_force = from.is_none_or(|from| from <= self.day) && to.is_none_or(|to| self.day <= to);
        if is_in_force || is_checked_only {
            self.phrases(&raw.term, &raw.phrases, meaning(term));
        }
    }

    fn optional_day(&mut self, owner: &str, text: Option<&str>) -> Option<Date> {
        let text = text?;
        let day = text.parse().ok();
        if day.is_none() {
            self.problem(format!("the day `{text}` of `{owner}` must be written like 2026-11-23"));
        }
        day
    }

    fn phrases(&mut self, owner: &str, phrases: &[String], meaning: Meaning) {
        for phrase in phrases {
            match self.book.add(phrase, &self.short_forms) {
                Ok(_) => self.meanings.push(meaning),
                Err(problem) => self.problem(format!("{owner}: {problem}")),
            }
        }
    }

    fn alarms(&mut self, file: &RawFile) -> Vec<Alarm> {
        let mut alarms = Vec::new();
        for raw in &file.alarm {
            let loudness = match raw.level.as_str() {
                "signs" => Loudness::Signs,
                "weak" => Loudness::Weak,
                other => {
                    self.problem(format!("an alarm has the level `{other}`; use signs or weak"));
                    continue;
                }
            };
            if raw.label_vi.trim().is_empty() {
                self.problem("an alarm has no label_vi".to_owned());
            }
            let mut wants = BTreeMap::new();
            for (facet, ids) in [(Facet::Who, &raw.who), (Facet::Why, &raw.why), (Facet::Demand, &raw.demand)]
            {
                let terms = self.alarm_terms(file, facet, ids);
                if !terms.is_empty() {
                    wants.insert(facet, terms);
                }
            }
            if wants.is_empty() {
                self.problem(format!("the alarm `{}` wants nothing", raw.label_vi));
            }
            alarms.push(Alarm { loudness, label_vi: raw.label_vi.clone(), wants });
        }
        // Loud ones first; the order of the file otherwise.
        alarms.sort_by_key(|alarm| alarm.loudness);
        alarms
    }

    /// Resolves ids and groups (`@authority`) of one facet.
    fn alarm_terms(&mut self, file: &RawFile, facet: Facet, ids: &[String]) -> Vec<TermId> {
        let mut terms = Vec::new();
        for id in ids {
            let members = match id.strip_prefix('@') {
                Some(group) => file.groups.get(group).map_or(&[][..], Vec::as_slice),
                None => std::slice::from_ref(id),
            };
            if members.is_empty() {
                self.problem(format!("the group `{id}` is empty or unknown"));
            }
            for member in members {
                match self.taxonomy.term(member).filter(|term| term.facet == facet) {
                    Some(term) => terms.push(term.id.clone()),
                    None => self.problem(format!("an alarm names `{member}`, which is no term of {facet}")),
                }
            }
        }
        terms
    }

    fn finish(
        mut self,
        names: Vec<Name>,
        alarms: Vec<Alarm>,
        official_hosts: Vec<String>,
    ) -> Result<Signs, Vec<String>> {
        for (index, term) in self.taxonomy.terms().iter().enumerate() {
            let is_known = self
                .meanings
                .iter()
                .any(|meaning| matches!(meaning, Meaning::Sign { term, .. } if *term == index));
            if !is_known {
                self.problems.push(format!("signs: the term `{}` has no phrase", term.id));
            }
        }
        let finder = match std::mem::take(&mut self.book).finish() {
            Ok(finder) if self.problems.is_empty() => finder,
            Ok(_) => return Err(self.problems),
            Err(problem) => {
                self.problem(problem);
                return Err(self.problems);
            }
        };
        let terms = self
            .taxonomy
            .terms()
            .iter()
            .map(|term| (term.id.clone(), term.facet, term.label_vi.clone()))
            .collect();
        Ok(Signs {
            finder,
            meanings: self.meanings,
            short_forms: self.short_forms,
            names,
            alarms,
            official_hosts,
            terms,
        })
    }
}

impl Signs {
    /// The stream of a folded text with this file's short forms.
    pub(crate) fn stream(&self, folded: &Folded) -> Stream {
        Stream::of(folded, &self.short_forms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_rules_are_valid() {
        assert_eq!(problems(EMBEDDED, Taxonomy::embedded()), Vec::<String>::new());
    }

    #[test]
    fn a_broken_file_names_every_problem() {
        let text = r#"
            valid_from = "soon"
            source = ""
            confidence = "sure"
            [groups]
            authority = ["police"]
            [short_forms]
            "C K" = "chuyển khoản"
            [context]
            official_hosts = [".gov.vn"]
            [[sign]]
            term = "nonsense"
            phrases = ["công an"]
            [[sign]]
            term = "police"
            weight = 3.0
            phrases = ["công (an"]
            valid_from = "never"
            [[name]]
            kind = "shop"
            label = "Zalo"
            written = ["zalo"]
            [[alarm]]
            level = "loud"
            label_vi = "x"
            [[alarm]]
            level = "weak"
            label_vi = ""
            who = ["drug_ring", "@nobody"]
        "#;
        let found = problems(text, Taxonomy::embedded()).join("\n");
        for needle in [
            "`soon`",
            "`source`",
            "`sure`",
            "`C K`",
            "`.gov.vn`",
            "`nonsense`",
            "weight",
            "bracket",
            "`never`",
            "`shop`",
            "`loud`",
            "no label_vi",
            "`drug_ring`",
            "`@nobody`",
            "has no phrase",
        ] {
            assert!(found.contains(needle), "{needle} in {found}");
        }
    }
}

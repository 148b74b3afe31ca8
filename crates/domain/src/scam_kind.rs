//! The common scams, told to people: how one goes, its signs, what to do.
//!
//! The words are data (`data/scam_kinds.toml`) and feed the public page
//! "Nhận biết lừa đảo". This module reads and checks them against the taxonomy;
//! it does not decide whether a text is such a scam.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::civil::Date;
use serde::Deserialize;

use crate::taxonomy::{Facet, Taxonomy, TermId};

/// The file that is built into the program.
const EMBEDDED: &str = include_str!("../../../data/scam_kinds.toml");

/// Longest sentence shown in a list, in characters: the page is read on a phone.
pub const MAX_LINE_CHARS: usize = 220;

/// One kind of scam as shown to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScamKind {
    /// Stable identifier, usable as the anchor of a page.
    pub id: String,
    /// The title, in everyday Vietnamese.
    pub title_vi: String,
    /// What the caller says: invented, but true to life.
    pub story_vi: Vec<String>,
    /// How one can tell.
    pub signs_vi: Vec<String>,
    /// What to do, most urgent first.
    pub advice_vi: Vec<String>,
    /// Terms of the taxonomy that this scam shows.
    pub terms: Vec<TermId>,
    /// First day on which it is shown.
    pub valid_from: Date,
    /// Last day on which it is shown; `None` while no end is known.
    pub valid_to: Option<Date>,
}

impl ScamKind {
    /// Whether it is shown on this day.
    #[must_use]
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }

    /// How many of the given terms this scam shows: used to offer the best
    /// matching explanation beside a report or a check.
    #[must_use]
    pub fn shared_terms<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> usize {
        let given: BTreeSet<&str> = ids.into_iter().collect();
        self.terms.iter().filter(|term| given.contains(term.as_str())).count()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    valid_from: String,
    source: String,
    confidence: String,
    kind: Vec<RawKind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKind {
    id: String,
    title_vi: String,
    story_vi: Vec<String>,
    signs_vi: Vec<String>,
    advice_vi: Vec<String>,
    terms: Vec<String>,
    valid_from: Option<String>,
    valid_to: Option<String>,
}

/// The kinds built into the program, in the order in which they are shown.
///
/// # Panics
/// Never in a program whose tests pass: the embedded file is checked by them.
#[must_use]
pub fn embedded() -> &'static [ScamKind] {
    static KINDS: LazyLock<Vec<ScamKind>> = LazyLock::new(|| {
        from_toml(EMBEDDED, Taxonomy::embedded()).expect("the embedded scam kinds are checked by the tests")
    });
    &KINDS
}

/// Reads a file of scam kinds.
///
/// # Errors
/// Every problem found, each a readable sentence.
pub fn from_toml(text: &str, taxonomy: &Taxonomy) -> Result<Vec<ScamKind>, Vec<String>> {
    let file: RawFile = toml::from_str(text).map_err(|error| vec![format!("scam_kinds: {error}")])?;
    let mut problems = Vec::new();
    if file.source.trim().is_empty() {
        problems.push("scam_kinds: `source` is empty".to_owned());
    }
    if !["text", "press", "guess"].contains(&file.confidence.as_str()) {
        problems.push(format!("scam_kinds: confidence `{}` must be text, press or guess", file.confidence));
    }
    let file_from = parsed_day("the file", &file.valid_from, &mut problems).unwrap_or(Date::MAX);
    let mut seen = BTreeSet::new();
    let mut kinds = Vec::new();
    for raw in file.kind {
        if !seen.insert(raw.id.clone()) {
            problems.push(format!("scam_kinds: the id `{}` stands twice", raw.id));
        }
        let before = problems.len();
        check_words(&raw, &mut problems);
        let mut day =
            |text: &Option<String>| text.as_ref().and_then(|text| parsed_day(&raw.id, text, &mut problems));
        let valid_from = day(&raw.valid_from).unwrap_or(file_from);
        let valid_to = day(&raw.valid_to);
        if valid_to.is_some_and(|last| last < valid_from) {
            problems.push(format!("scam_kinds: `{}` ends before it begins", raw.id));
        }
        let terms = resolved_terms(&raw, taxonomy, &mut problems);
        if problems.len() == before {
            kinds.push(ScamKind {
                id: raw.id,
                title_vi: raw.title_vi,
                story_vi: raw.story_vi,
                signs_vi: raw.signs_vi,
                advice_vi: raw.advice_vi,
                terms,
                valid_from,
                valid_to,
            });
        }
    }
    if problems.is_empty() { Ok(kinds) } else { Err(problems) }
}

/// What is wrong with a file of scam kinds; empty when it is good.
#[must_use]
pub fn problems(text: &str, taxonomy: &Taxonomy) -> Vec<String> {
    from_toml(text, taxonomy).err().unwrap_or_default()
}

fn parsed_day(owner: &str, text: &str, problems: &mut Vec<String>) -> Option<Date> {
    let day = text.parse().ok();
    if day.is_none() {
        problems.push(format!("scam_kinds: the day `{text}` of `{owner}` must be written like 2026-11-23"));
    }
    day
}

fn check_words(raw: &RawKind, problems: &mut Vec<String>) {
    let id_is_plain = !raw.id.is_empty()
        && raw.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !id_is_plain {
        problems.push(format!("scam_kinds: the id `{}` must be a-z, 0-9 and -", raw.id));
    }
    if raw.title_vi.trim().is_empty() {
        problems.push(format!("scam_kinds: `{}` has no title_vi", raw.id));
    }
    for (name, lines, least, most) in [
        ("story_vi", &raw.story_vi, 2, 4),
        ("signs_vi", &raw.signs_vi, 2, 6),
        ("advice_vi", &raw.advice_vi, 2, 6),
    ] {
        if !(least..=most).contains(&lines.len()) {
            problems.push(format!(
                "scam_kinds: `{}` needs {least} to {most} lines of {name}, it has {}",
                raw.id,
                lines.len()
            ));
        }
        for line in lines {
            let chars = line.trim().chars().count();
            if chars == 0 || chars > MAX_LINE_CHARS {
                problems.push(format!(
                    "scam_kinds: `{}` has a line of {name} with {chars} characters, allowed are 1 to {MAX_LINE_CHARS}",
                    raw.id
                ));
            }
        }
    }
}

fn resolved_terms(raw: &RawKind, taxonomy: &Taxonomy, problems: &mut Vec<String>) -> Vec<TermId> {
    let mut terms = Vec::new();
    let mut has_pretext = false;
    for id in &raw.terms {
        match taxonomy.term(id) {
            Some(term) => {
                has_pretext |= term.facet == Facet::Why;
                terms.push(term.id.clone());
            }
            None => problems.push(format!(
                "scam_kinds: `{}` names the term `{id}`, which is not in the taxonomy",
                raw.id
            )),
        }
    }
    if !has_pretext {
        problems.push(format!("scam_kinds: `{}` names no term of the facet why", raw.id));
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_kinds_are_valid_and_hold_the_pretexts_of_the_dispatch() {
        assert_eq!(problems(EMBEDDED, Taxonomy::embedded()), Vec::<String>::new());
        let kinds = embedded();
        assert!(kinds.len() >= 14, "{} kinds", kinds.len());
        for pretext in ["subscriber_invalid", "antistate_account", "drug_ring"] {
            assert!(kinds.iter().any(|kind| kind.shared_terms([pretext]) == 1), "no kind for {pretext}");
        }
    }

    #[test]
    fn a_broken_file_names_every_problem() {
        let text = r#"
            valid_from = "2026-11-01"
            source = ""
            confidence = "sure"
            [[kind]]
            id = "Bad Id"
            title_vi = ""
            story_vi = ["một câu"]
            signs_vi = ["a", ""]
            advice_vi = ["a", "b"]
            terms = ["police", "nonsense"]
            valid_from = "2026-11-02"
            valid_to = "2026-11-01"
        "#;
        let found = problems(text, Taxonomy::embedded()).join("\n");
        for needle in [
            "`source`",
            "`sure`",
            "`Bad Id`",
            "title_vi",
            "story_vi",
            "signs_vi",
            "`nonsense`",
            "facet why",
            "ends before",
        ] {
            assert!(found.contains(needle), "{needle} in {found}");
        }
    }

    #[test]
    fn a_kind_is_shown_only_in_its_time() {
        let mut kind = embedded()[0].clone();
        kind.valid_from = jiff::civil::date(2026, 11, 1);
        kind.valid_to = Some(jiff::civil::date(2026, 11, 30));
        assert!(kind.is_valid_on(jiff::civil::date(2026, 11, 30)));
        assert!(!kind.is_valid_on(jiff::civil::date(2026, 12, 1)));
        assert!(!kind.is_valid_on(jiff::civil::date(2026, 10, 31)));
    }
}

//! The three-facet taxonomy of what a caller pretends and wants.
//!
//! Each report is described by *who* is impersonated, *why* (the pretext) and what is
//! *demanded*; every facet may hold several terms. The terms are data
//! (`data/taxonomy.csv`), because new tricks appear every month.
//! This module names and checks terms; it does not recognise them in a text
//! (that is `canhgiac_analysis::classify`).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use serde::Deserialize;

/// The taxonomy that is built into the program.
const EMBEDDED: &str = include_str!("../../../data/taxonomy.csv");

/// Longest identifier of a term, in bytes.
pub const MAX_TERM_ID_BYTES: usize = 40;

/// One of the three questions a report answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Facet {
    /// Who the caller or sender claims to be.
    Who,
    /// The story that is told.
    Why,
    /// What the person is told to do.
    Demand,
}

impl Facet {
    /// All facets, in the order in which they are shown.
    pub const ALL: [Facet; 3] = [Facet::Who, Facet::Why, Facet::Demand];

    /// The word used in files, tables and queries: `who`, `why` or `demand`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Facet::Who => "who",
            Facet::Why => "why",
            Facet::Demand => "demand",
        }
    }

    /// The heading shown to people.
    #[must_use]
    pub fn label_vi(self) -> &'static str {
        match self {
            Facet::Who => "Tự xưng là",
            Facet::Why => "Lý do đưa ra",
            Facet::Demand => "Đòi hỏi",
        }
    }

    /// Reads the word written by [`Facet::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Facet> {
        Facet::ALL.into_iter().find(|facet| facet.as_str() == word)
    }
}

impl fmt::Display for Facet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The identifier of a term, for example `drug_ring`; unique over all facets.
///
/// Only a [`Taxonomy`] makes one, so an id in hand names a term that exists.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TermId(Arc<str>);

impl TermId {
    /// The identifier as written in the taxonomy file.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TermId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One term of the taxonomy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The question it answers.
    pub facet: Facet,
    /// Its identifier.
    pub id: TermId,
    /// What people read, in Vietnamese.
    pub label_vi: String,
    /// What people read, in English.
    pub label_en: String,
}

/// All terms, in the order of the file.
#[derive(Clone, Debug)]
pub struct Taxonomy {
    terms: Vec<Term>,
    by_id: BTreeMap<TermId, usize>,
}

impl std::borrow::Borrow<str> for TermId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// A row of the file, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTerm {
    facet: String,
    id: String,
    label_vi: String,
    label_en: String,
}

impl Taxonomy {
    /// The taxonomy built into the program, parsed once.
    ///
    /// # Panics
    /// Never in a program whose tests pass: the embedded file is checked by them.
    #[must_use]
    pub fn embedded() -> &'static Taxonomy {
        static TAXONOMY: LazyLock<Taxonomy> = LazyLock::new(|| {
            Taxonomy::from_csv(EMBEDDED).expect("the embedded taxonomy is checked by the tests")
        });
        &TAXONOMY
    }

    /// Reads a taxonomy file (`facet,id,label_vi,label_en` with a heading line).
    ///
    /// # Errors
    /// Every problem found, each a sentence with its line number.
    pub fn from_csv(text: &str) -> Result<Taxonomy, Vec<String>> {
        let mut terms = Vec::new();
        let mut by_id = BTreeMap::new();
        let mut problems = Vec::new();
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        for row in reader.deserialize::<RawTerm>() {
            let raw = match row {
                Ok(raw) => raw,
                Err(error) => {
                    problems.push(format!("taxonomy: {error}"));
                    continue;
                }
            };
            match checked_term(&raw) {
                Ok(term) if by_id.contains_key(raw.id.as_str()) => {
                    problems.push(format!("taxonomy: the id `{}` stands twice", term.id));
                }
                Ok(term) => {
                    by_id.insert(term.id.clone(), terms.len());
                    terms.push(term);
                }
                Err(problem) => problems.push(problem),
            }
        }
        for facet in Facet::ALL {
            if !terms.iter().any(|term: &Term| term.facet == facet) {
                problems.push(format!("taxonomy: the facet `{facet}` has no term"));
            }
        }
        if problems.is_empty() { Ok(Taxonomy { terms, by_id }) } else { Err(problems) }
    }

    /// The term with this identifier.
    #[must_use]
    pub fn term(&self, id: &str) -> Option<&Term> {
        self.by_id.get(id).map(|&index| &self.terms[index])
    }

    /// All terms, in the order of the file.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The terms of one facet, in the order of the file.
    pub fn of(&self, facet: Facet) -> impl Iterator<Item = &Term> {
        self.terms.iter().filter(move |term| term.facet == facet)
    }

    /// What people read for this identifier; the identifier itself when a newer
    /// or older taxonomy had it and this one does not.
    #[must_use]
    pub fn label_vi<'a>(&'a self, id: &'a str) -> &'a str {
        self.term(id).map_or(id, |term| &term.label_vi)
    }
}

/// What is wrong with a taxonomy file; empty when it is good.
#[must_use]
pub fn problems(text: &str) -> Vec<String> {
    Taxonomy::from_csv(text).err().unwrap_or_default()
}

fn checked_term(raw: &RawTerm) -> Result<Term, String> {
    let facet = Facet::parse(&raw.facet).ok_or_else(|| {
        format!("taxonomy: `{}` has the facet `{}`; use who, why or demand", raw.id, raw.facet)
    })?;
    let id_is_plain = !raw.id.is_empty()
        && raw.id.len() <= MAX_TERM_ID_BYTES
        && raw.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !id_is_plain {
        return Err(format!(
            "taxonomy: the id `{}` must be 1 to {MAX_TERM_ID_BYTES} of a-z, 0-9 and _",
            raw.id
        ));
    }
    if raw.label_vi.is_empty() || raw.label_en.is_empty() {
        return Err(format!("taxonomy: `{}` needs both label_vi and label_en", raw.id));
    }
    Ok(Term {
        facet,
        id: TermId(Arc::from(raw.id.as_str())),
        label_vi: raw.label_vi.clone(),
        label_en: raw.label_en.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_taxonomy_is_valid_and_answers_by_id() {
        assert_eq!(problems(EMBEDDED), Vec::<String>::new());
        let taxonomy = Taxonomy::embedded();
        assert_eq!(taxonomy.term("drug_ring").unwrap().facet, Facet::Why);
        assert_eq!(taxonomy.label_vi("police"), "Công an");
        assert!(taxonomy.term("no_such_term").is_none());
        assert_eq!(taxonomy.label_vi("gone"), "gone");
        assert_eq!(taxonomy.of(Facet::Demand).count(), 11);
    }

    #[test]
    fn a_broken_file_names_every_problem() {
        let text = "facet,id,label_vi,label_en\n\
                    who,police,Công an,Police\n\
                    who,police,Công an,Police\n\
                    whom,bank,Ngân hàng,Bank\n\
                    why,Bad Id,Chữ,Word\n\
                    why,fine,,Fine\n";
        let found = problems(text).join("\n");
        for needle in ["stands twice", "`whom`", "`Bad Id`", "needs both", "`demand` has no term"] {
            assert!(found.contains(needle), "{needle} in {found}");
        }
    }

    #[test]
    fn a_row_with_too_few_fields_is_a_problem_not_a_panic() {
        assert!(!problems("facet,id,label_vi,label_en\nwho,police\n").is_empty());
        assert!(!problems("").is_empty());
    }

    #[test]
    fn facets_read_what_they_write() {
        for facet in Facet::ALL {
            assert_eq!(Facet::parse(facet.as_str()), Some(facet));
        }
        assert_eq!(Facet::parse("where"), None);
    }
}

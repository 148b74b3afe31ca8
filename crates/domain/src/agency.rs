//! The bodies that take part: police units, the department, operators. Dated data, since their names change.

use jiff::civil::Date;
use serde::Deserialize;

use crate::datafile::DataProblem;

const FILE: &str = "data/agencies.toml";
const SHIPPED: &str = include_str!("../../../data/agencies.toml");

/// What a body does here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgencyKind {
    /// Receives referrals.
    Police,
    /// Runs the system.
    Department,
    /// Answers requests about numbers.
    Operator,
}

/// One body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency {
    /// Stable id, as in accounts, requests and referrals.
    pub id: String,
    /// What it does here.
    pub kind: AgencyKind,
    /// Its name, as people read it.
    pub name: String,
    valid_from: Option<Date>,
    valid_to: Option<Date>,
}

/// All bodies.
#[derive(Debug, Clone)]
pub struct Agencies {
    all: Vec<Agency>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    agency: Vec<Raw>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: String,
    kind: AgencyKind,
    name: String,
    valid_from: Option<String>,
    valid_to: Option<String>,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "confidence")]
    _confidence: crate::datafile::Confidence,
}

impl Agencies {
    /// The bodies shipped with the product.
    ///
    /// # Errors
    /// What is wrong with the file; a test keeps the shipped one right.
    pub fn shipped() -> Result<Agencies, DataProblem> {
        Agencies::parse(SHIPPED)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// Which entry is wrong and what to do.
    pub fn parse(text: &str) -> Result<Agencies, DataProblem> {
        let file: File =
            toml::from_str(text).map_err(|error| DataProblem::new(FILE, None, error.to_string()))?;
        let mut all: Vec<Agency> = Vec::with_capacity(file.agency.len());
        for raw in file.agency {
            let problem = |what: String| DataProblem::new(FILE, None, format!("agency '{}': {what}", raw.id));
            let date = |text: &Option<String>| {
                text.as_deref()
                    .map(|text| {
                        text.parse::<Date>()
                            .map_err(|_| problem(format!("'{text}' is no date; write 2026-01-31")))
                    })
                    .transpose()
            };
            let (valid_from, valid_to) = (date(&raw.valid_from)?, date(&raw.valid_to)?);
            if raw.name.trim().is_empty() {
                return Err(problem("give it a name".to_owned()));
            }
            if all.iter().any(|known| known.id == raw.id && known.valid_from == valid_from) {
                return Err(problem("is there twice with the same valid_from".to_owned()));
            }
            all.push(Agency { id: raw.id, kind: raw.kind, name: raw.name, valid_from, valid_to });
        }
        Ok(Agencies { all })
    }

    /// Bodies of one kind on a day.
    pub fn of_kind(&self, kind: AgencyKind, on: Date) -> impl Iterator<Item = &Agency> {
        self.all.iter().filter(move |agency| {
            agency.kind == kind
                && agency.valid_from.is_none_or(|from| from <= on)
                && agency.valid_to.is_none_or(|to| on <= to)
        })
    }

    /// The newest entry with this id; names of bodies that are gone still stand in old cases.
    pub fn find(&self, id: &str) -> Option<&Agency> {
        self.all.iter().filter(|agency| agency.id == id).max_by_key(|agency| agency.valid_from)
    }

    /// The name to show for an id; the id itself when it is unknown.
    pub fn name_of<'a>(&'a self, id: &'a str) -> &'a str {
        self.find(id).map_or(id, |agency| agency.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_shipped_bodies_include_police_and_every_range_holder() {
        let agencies = Agencies::shipped().unwrap();
        let today = date(2026, 11, 23);
        assert!(agencies.of_kind(AgencyKind::Police, today).count() >= 1);
        for holder in ["viettel", "vinaphone", "mobifone", "vietnamobile", "gmobile", "itel", "wintel"] {
            assert_eq!(
                agencies.find(holder).map(|agency| agency.kind),
                Some(AgencyKind::Operator),
                "{holder}"
            );
        }
        assert_eq!(agencies.name_of("nobody"), "nobody");
    }

    #[test]
    fn a_wrong_date_or_a_twin_is_told_by_name() {
        let entry = "[[agency]]\nid = \"a\"\nkind = \"police\"\nname = \"A\"\nsource = \"s\"\nconfidence = \"guess\"\n";
        let wrong = format!("{entry}valid_from = \"yesterday\"\n");
        assert!(Agencies::parse(&wrong).unwrap_err().to_string().contains("'a'"));
        assert!(Agencies::parse(&format!("{entry}{entry}")).unwrap_err().to_string().contains("twice"));
    }
}

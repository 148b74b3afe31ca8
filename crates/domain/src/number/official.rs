//! Numbers that belong to the State: `data/official_numbers.toml`.

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use super::parse::parse_number;
use super::{NumberingPlan, Source};
use crate::datafile::{Confidence, DataProblem, Reading, Validity};

const FILE: &str = "data/official_numbers.toml";

/// A number registered as the State's, with whose it is and where that was read.
///
/// It never vouches for a call: caller IDs are forged. The answer is always "hang up and dial it yourself".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficialNumber {
    source: Source,
    owner: String,
    evidence: String,
    is_demo: bool,
    pub(super) validity: Validity,
}

impl OfficialNumber {
    /// The number.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Whose it is, as people read it, in Vietnamese.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Where it was read that the number is theirs.
    pub fn evidence(&self) -> &str {
        &self.evidence
    }

    /// Whether the entry is made up for the demonstration.
    pub fn is_demo(&self) -> bool {
        self.is_demo
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    official: Vec<Spanned<RawOfficial>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOfficial {
    number: String,
    owner: String,
    evidence: String,
    #[serde(default)]
    demo: bool,
    valid_from: Option<toml::value::Datetime>,
    valid_to: Option<toml::value::Datetime>,
    #[serde(rename = "confidence")]
    _confidence: Confidence,
}

/// Reads the file. Numbers are parsed with `plan` on `reading_date`, the day the oldest entry could be written.
pub(super) fn parse(
    text: &str,
    plan: &NumberingPlan,
    reading_date: Date,
    with_demo: bool,
) -> Result<Vec<OfficialNumber>, DataProblem> {
    let reading = Reading::new(FILE, text);
    let raw: RawFile = reading.toml()?;
    let mut officials: Vec<OfficialNumber> = Vec::new();
    for entry in &raw.official {
        let official = entry.get_ref();
        let parsed = parse_number(&official.number, plan, reading_date).map_err(|problem| {
            reading.problem(
                entry,
                format!("number = {:?}: {problem}. Write it as it is dialled in Vietnam", official.number),
            )
        })?;
        if official.owner.trim().is_empty() || official.evidence.trim().is_empty() {
            return Err(reading.problem(
                entry,
                "owner and evidence may not be empty. Say whose number it is and where that stands",
            ));
        }
        let validity = reading.validity(entry, official.valid_from.as_ref(), official.valid_to.as_ref())?;
        if let Some(twin) =
            officials.iter().find(|known| known.source == parsed.source && known.validity.overlaps(validity))
        {
            return Err(reading.problem(
                entry,
                format!(
                    "{} is already registered to {:?} for these days. Remove one or date them apart",
                    parsed.source, twin.owner
                ),
            ));
        }
        if official.demo && !with_demo {
            continue;
        }
        officials.push(OfficialNumber {
            source: parsed.source,
            owner: official.owner.clone(),
            evidence: official.evidence.clone(),
            is_demo: official.demo,
            validity,
        });
    }
    Ok(officials)
}

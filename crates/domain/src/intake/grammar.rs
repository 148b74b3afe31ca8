//! The dated words of the grammar: `data/keywords.toml` and `data/sender_names.toml`.

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use super::ReportKind;
use crate::datafile::{Confidence, DataProblem, Reading, Validity};
use crate::number::{NumberingPlan, Source};
use crate::text::fold;

const KEYWORDS_FILE: &str = "data/keywords.toml";
const NAMES_FILE: &str = "data/sender_names.toml";
const SHIPPED_KEYWORDS: &str = include_str!("../../../../data/keywords.toml");
const SHIPPED_NAMES: &str = include_str!("../../../../data/sender_names.toml");

/// Everything [`super::understand`] knows beside its code: keywords, words, known sender names, numbering.
#[derive(Debug, Clone)]
pub struct Grammar {
    keywords: Vec<Keyword>,
    words: Vec<Words>,
    names: Vec<Dated>,
    plan: NumberingPlan,
}

/// What a keyword does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    Report(ReportKind),
    Result,
    Check,
    Help,
    Subscribe,
    Unsubscribe,
    Dnc,
    Forward,
}

#[derive(Debug, Clone)]
pub(super) struct Keyword {
    pub(super) pattern: Vec<char>,
    pub(super) does: Does,
    pub(super) is_spelled: bool,
    validity: Validity,
}

#[derive(Debug, Clone)]
struct Dated {
    pattern: Vec<char>,
    validity: Validity,
}

#[derive(Debug, Clone)]
struct Words {
    purpose: Purpose,
    words: Vec<Dated>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Purpose {
    Lead,
    BeforeNumber,
    Account,
    Telephone,
    Complaint,
    Question,
    NotAName,
}

const PURPOSES: [(Purpose, &str); 7] = [
    (Purpose::Lead, "lead"),
    (Purpose::BeforeNumber, "before_number"),
    (Purpose::Account, "account"),
    (Purpose::Telephone, "telephone"),
    (Purpose::Complaint, "complaint"),
    (Purpose::Question, "question"),
    (Purpose::NotAName, "not_a_name"),
];

impl Grammar {
    /// Reads both files; numbers are read with `plan`.
    pub fn parse(keywords: &str, sender_names: &str, plan: NumberingPlan) -> Result<Grammar, DataProblem> {
        let (keywords, words) = read_keywords(Reading::new(KEYWORDS_FILE, keywords))?;
        Ok(Grammar { keywords, words, names: read_names(Reading::new(NAMES_FILE, sender_names))?, plan })
    }

    /// The grammar shipped with the product.
    pub fn shipped(plan: NumberingPlan) -> Result<Grammar, DataProblem> {
        Grammar::parse(SHIPPED_KEYWORDS, SHIPPED_NAMES, plan)
    }

    /// The numbering it reads numbers with.
    pub fn plan(&self) -> &NumberingPlan {
        &self.plan
    }

    pub(super) fn keywords(&self, on: Date) -> impl Iterator<Item = &Keyword> {
        self.keywords.iter().filter(move |keyword| keyword.validity.holds_on(on))
    }

    pub(super) fn names(&self, on: Date) -> impl Iterator<Item = &[char]> {
        in_force(&self.names, on)
    }

    pub(super) fn lead_words(&self, on: Date) -> impl Iterator<Item = &[char]> {
        self.words(Purpose::Lead, on)
    }

    pub(super) fn words_before_number(&self, on: Date) -> impl Iterator<Item = &[char]> {
        self.words(Purpose::BeforeNumber, on)
    }

    pub(super) fn account_words(&self, on: Date) -> impl Iterator<Item = &[char]> {
        self.words(Purpose::Account, on)
    }

    pub(super) fn telephone_words(&self, on: Date) -> impl Iterator<Item = &[char]> {
        self.words(Purpose::Telephone, on)
    }

    pub(super) fn complaint_words(&self, on: Date) -> impl Iterator<Item = &[char]> {
        self.words(Purpose::Complaint, on)
    }

    pub(super) fn question_words(&self, on: Date) -> impl Iterator<Item = &[char]> {
        self.words(Purpose::Question, on)
    }

    pub(super) fn words_that_are_no_names(&self, on: Date) -> impl Iterator<Item = &[char]> {
        self.words(Purpose::NotAName, on)
    }

    fn words(&self, purpose: Purpose, on: Date) -> impl Iterator<Item = &[char]> {
        self.words
            .iter()
            .filter(move |words| words.purpose == purpose)
            .flat_map(move |words| in_force(&words.words, on))
    }
}

fn in_force(words: &[Dated], on: Date) -> impl Iterator<Item = &[char]> {
    words.iter().filter(move |word| word.validity.holds_on(on)).map(|word| word.pattern.as_slice())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKeywords {
    keyword: Vec<Spanned<RawKeyword>>,
    words: Vec<Spanned<RawWords>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKeyword {
    does: String,
    letters: Vec<String>,
    #[serde(default)]
    spelled: Vec<String>,
    valid_from: Option<toml::value::Datetime>,
    valid_to: Option<toml::value::Datetime>,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "confidence")]
    _confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWords {
    #[serde(rename = "use")]
    purpose: Purpose,
    words: Vec<String>,
    valid_from: Option<toml::value::Datetime>,
    valid_to: Option<toml::value::Datetime>,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "confidence")]
    _confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNames {
    names: Vec<Spanned<RawSector>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSector {
    #[serde(rename = "sector")]
    _sector: String,
    names: Vec<String>,
    valid_from: Option<toml::value::Datetime>,
    valid_to: Option<toml::value::Datetime>,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "confidence")]
    _confidence: Confidence,
}

fn read_keywords(reading: Reading<'_>) -> Result<(Vec<Keyword>, Vec<Words>), DataProblem> {
    let raw: RawKeywords = reading.toml()?;
    let mut keywords: Vec<Keyword> = Vec::new();
    for entry in &raw.keyword {
        let keyword = entry.get_ref();
        let validity = reading.validity(entry, keyword.valid_from.as_ref(), keyword.valid_to.as_ref())?;
        let does = does(&keyword.does).ok_or_else(|| {
            reading.problem(
                entry,
                format!(
                    "does = {:?} is nothing a keyword can do. Choose one from the file's head",
                    keyword.does
                ),
            )
        })?;
        let spellings = keyword.letters.iter().map(|word| (word, false));
        for (word, is_spelled) in spellings.chain(keyword.spelled.iter().map(|word| (word, true))) {
            let pattern = pattern(reading, entry, word)?;
            if keywords.iter().any(|known| known.pattern == pattern && known.validity.overlaps(validity)) {
                return Err(
                    reading.problem(entry, format!("{word:?} is given twice for the same days. Remove one"))
                );
            }
            keywords.push(Keyword { pattern, does, is_spelled, validity });
        }
    }
    for kind in [ReportKind::SpamSms, ReportKind::SpamCall, ReportKind::ScamCall] {
        if !keywords.iter().any(|keyword| keyword.does == Does::Report(kind)) {
            return Err(reading.whole(format!(
                "no [[keyword]] does {:?}. Add it: reports of it could not be sent",
                kind.id()
            )));
        }
    }
    let mut words = Vec::new();
    for entry in &raw.words {
        words.push(read_words(reading, entry)?);
    }
    for (purpose, id) in PURPOSES {
        if !words.iter().any(|known| known.purpose == purpose) {
            return Err(
                reading.whole(format!("no [[words]] with use = {id:?}. Add it, if need be with words = []"))
            );
        }
    }
    Ok((keywords, words))
}

fn read_words(reading: Reading<'_>, entry: &Spanned<RawWords>) -> Result<Words, DataProblem> {
    let raw = entry.get_ref();
    let validity = reading.validity(entry, raw.valid_from.as_ref(), raw.valid_to.as_ref())?;
    let words = raw
        .words
        .iter()
        .map(|word| Ok(Dated { pattern: pattern(reading, entry, word)?, validity }))
        .collect::<Result<_, DataProblem>>()?;
    Ok(Words { purpose: raw.purpose, words })
}

fn read_names(reading: Reading<'_>) -> Result<Vec<Dated>, DataProblem> {
    let raw: RawNames = reading.toml()?;
    let mut names = Vec::new();
    for entry in &raw.names {
        let sector = entry.get_ref();
        let validity = reading.validity(entry, sector.valid_from.as_ref(), sector.valid_to.as_ref())?;
        for name in &sector.names {
            let source = Source::sender_name(name).map_err(|problem| {
                reading.problem(entry, format!("names: {name:?}: {problem}. Correct or remove it"))
            })?;
            names.push(Dated { pattern: fold(source.canonical()).chars().collect(), validity });
        }
    }
    Ok(names)
}

fn does(id: &str) -> Option<Does> {
    Some(match id {
        "result" => Does::Result,
        "check" => Does::Check,
        "help" => Does::Help,
        "subscribe" => Does::Subscribe,
        "unsubscribe" => Does::Unsubscribe,
        "dnc" => Does::Dnc,
        "forward" => Does::Forward,
        _ => match ReportKind::from_id(id)? {
            ReportKind::UnlawfulAdvert => return None,
            kind => Does::Report(kind),
        },
    })
}

fn pattern<T>(reading: Reading<'_>, entry: &Spanned<T>, word: &str) -> Result<Vec<char>, DataProblem> {
    let folded = fold(word);
    if folded.is_empty() || folded != word {
        return Err(reading.problem(
            entry,
            format!("{word:?} is not folded. Write it as {folded:?}: lower case, no accents, single spaces"),
        ));
    }
    Ok(folded.chars().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(keywords: &str, names: &str) -> String {
        let plan = NumberingPlan::shipped(false).unwrap();
        Grammar::parse(keywords, names, plan).unwrap_err().to_string()
    }

    #[test]
    fn mistakes_in_the_files_are_named_with_line_and_remedy() {
        for (from, to, expected) in [
            ("does = \"result\"", "does = \"rezult\"", "Choose one"),
            ("\"tin rac\"", "\"Tin rác\"", "Write it as \"tin rac\""),
            ("\"xac minh\"", "\"kiem tra\"", "given twice"),
            ("use = \"account\"", "use = \"lead\"", "use = \"account\""),
            ("does = \"spam_call\"\n", "does = \"spam_sms\"\n", "spam_call"),
            ("confidence = \"press\"", "confidence = \"sure\"", "sure"),
        ] {
            let broken = SHIPPED_KEYWORDS.replacen(from, to, 1);
            assert_ne!(broken, SHIPPED_KEYWORDS, "{from} not found");
            let told = problem(&broken, SHIPPED_NAMES);
            assert!(told.starts_with(KEYWORDS_FILE) && told.contains(expected), "{told}");
        }
        let broken = SHIPPED_NAMES.replacen("\"EVN\"", "\"Điện lực Đắk Lắk\"", 1);
        let told = problem(SHIPPED_KEYWORDS, &broken);
        assert!(told.starts_with(NAMES_FILE) && told.contains("Correct"), "{told}");
    }
}

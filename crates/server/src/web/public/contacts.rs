//! Codes and emergency numbers the public site prints, from the dated file `data/public_contacts.toml`.

use std::sync::LazyLock;

use jiff::civil::Date;
use serde::Deserialize;

const EMBEDDED: &str = include_str!("../../../../../data/public_contacts.toml");

/// What is printed on a given day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contacts {
    /// Codes that take reports, in the order of the file.
    pub(crate) report_codes: Vec<String>,
    /// The emergency number of the police.
    pub(crate) police: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    contact: Vec<RawContact>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawContact {
    kind: RawKind,
    value: String,
    valid_from: String,
    valid_to: Option<String>,
    source: String,
    confidence: RawConfidence,
}

#[derive(Deserialize, PartialEq, Eq, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum RawKind {
    ReportCode,
    PoliceEmergency,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawConfidence {
    Text,
    Press,
    Guess,
}

impl Contacts {
    /// Reads a contacts file as it holds on `day`.
    ///
    /// # Errors
    /// Every problem found, each a readable sentence.
    pub(crate) fn parse(toml_text: &str, day: Date) -> Result<Contacts, Vec<String>> {
        let file: RawFile =
            toml::from_str(toml_text).map_err(|error| vec![format!("public_contacts: {error}")])?;
        let mut problems = Vec::new();
        let mut contacts = Contacts { report_codes: Vec::new(), police: String::new() };
        for raw in file.contact {
            if raw.source.trim().is_empty() {
                problems.push(format!("public_contacts: `{}` names no source", raw.value));
            }
            let is_guess = matches!(raw.confidence, RawConfidence::Guess);
            match is_valid_on(&raw, day) {
                Err(problem) => problems.push(problem),
                Ok(true) if is_guess => {
                    problems.push(format!("public_contacts: `{}` is a guess: not to be printed", raw.value));
                }
                Ok(true) => match raw.kind {
                    RawKind::ReportCode => contacts.report_codes.push(raw.value),
                    RawKind::PoliceEmergency => contacts.police = raw.value,
                },
                Ok(false) => {}
            }
        }
        if contacts.report_codes.is_empty() {
            problems.push(format!("public_contacts: no report_code is valid on {day}"));
        }
        if contacts.police.is_empty() {
            problems.push(format!("public_contacts: no police_emergency is valid on {day}"));
        }
        if problems.is_empty() { Ok(contacts) } else { Err(problems) }
    }

    /// `156 hoặc 5656`.
    pub(crate) fn codes_or(&self) -> String {
        self.report_codes.join(" hoặc ")
    }
}

fn is_valid_on(raw: &RawContact, day: Date) -> Result<bool, String> {
    let read = |text: &str| {
        text.parse::<Date>().map_err(|_| {
            format!("public_contacts: the day `{text}` of `{}` must be written like 2026-11-23", raw.value)
        })
    };
    let from = read(&raw.valid_from)?;
    let to = raw.valid_to.as_deref().map(read).transpose()?;
    Ok(from <= day && to.is_none_or(|last| day <= last))
}

/// The embedded contacts as of the day the program started.
pub(crate) fn today() -> &'static Contacts {
    static TODAY: LazyLock<Contacts> = LazyLock::new(|| {
        Contacts::parse(EMBEDDED, crate::web::format::today())
            .expect("the embedded contacts are checked by a test and have no end")
    });
    &TODAY
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_embedded_file_names_both_codes_and_113() {
        let contacts = Contacts::parse(EMBEDDED, date(2026, 11, 23)).unwrap();
        assert_eq!(contacts.codes_or(), "156 hoặc 5656");
        assert_eq!(contacts.police, "113");
        assert!(!EMBEDDED.contains("valid_to"), "today() relies on there being no end");
    }

    #[test]
    fn a_code_is_printed_only_while_it_is_valid() {
        let contacts = Contacts::parse(EMBEDDED, date(2021, 1, 1)).unwrap();
        assert_eq!(contacts.codes_or(), "5656");
    }

    #[test]
    fn a_broken_file_says_what_to_mend() {
        let text = r#"
            [[contact]]
            kind = "report_code"
            value = "156"
            valid_from = "soon"
            source = " "
            confidence = "guess"
        "#;
        let problems = Contacts::parse(text, date(2026, 11, 23)).unwrap_err();
        assert_eq!(problems.len(), 4, "{problems:?}");
    }
}

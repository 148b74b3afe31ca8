//! What the dated data files under `data/` have in common: validity, origin and problems that say what to do.
//!
//! No file is read here: the text is an argument (the shipped text is embedded by whoever owns the file).

use std::fmt;

use jiff::civil::Date;

/// Something wrong in a data file, told so that a person can mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataProblem {
    file: &'static str,
    line: Option<usize>,
    what: String,
}

impl DataProblem {
    pub(crate) fn new(file: &'static str, line: Option<usize>, what: impl Into<String>) -> DataProblem {
        DataProblem { file, line, what: what.into() }
    }

    /// The file's path below the repository or configuration directory, such as `data/numbering.toml`.
    pub fn file(&self) -> &'static str {
        self.file
    }

    /// The line, counted from 1, when it is known.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// What is wrong and what to do.
    pub fn what(&self) -> &str {
        &self.what
    }
}

impl fmt::Display for DataProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.what),
            None => write!(f, "{}: {}", self.file, self.what),
        }
    }
}

impl std::error::Error for DataProblem {}

/// How sure the project is of a fact, as `domain.md` marks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Read in the legal or official text.
    Text,
    /// Read in the press or on an agency's page.
    Press,
    /// Believed, not confirmed.
    Guess,
}

/// The days on which an entry holds, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Validity {
    from: Option<Date>,
    to: Option<Date>,
}

impl Validity {
    #[cfg(test)]
    pub(crate) const ALWAYS: Validity = Validity { from: None, to: None };

    pub(crate) fn holds_on(self, date: Date) -> bool {
        self.from.is_none_or(|from| from <= date) && self.to.is_none_or(|to| date <= to)
    }

    pub(crate) fn overlaps(self, other: Validity) -> bool {
        let starts_before_end = |start: Option<Date>, end: Option<Date>| match (start, end) {
            (Some(start), Some(end)) => start <= end,
            _ => true,
        };
        starts_before_end(self.from, other.to) && starts_before_end(other.from, self.to)
    }
}

/// One data file while it is being read: its name and text, to point at lines.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'t> {
    file: &'static str,
    text: &'t str,
}

impl<'t> Reading<'t> {
    pub(crate) fn new(file: &'static str, text: &'t str) -> Reading<'t> {
        Reading { file, text }
    }

    /// Parses the whole file into its private raw form.
    pub(crate) fn toml<Raw: serde::de::DeserializeOwned>(self) -> Result<Raw, DataProblem> {
        toml::from_str(self.text).map_err(|error| {
            let line = error.span().map(|span| self.line_at(span.start));
            DataProblem::new(
                self.file,
                line,
                format!(
                    "{}. Correct this entry; the file's head names the keys it may have",
                    error.message()
                ),
            )
        })
    }

    pub(crate) fn line_at(self, byte: usize) -> usize {
        1 + self.text.bytes().take(byte).filter(|&b| b == b'\n').count()
    }

    pub(crate) fn problem<T>(self, entry: &toml::Spanned<T>, what: impl Into<String>) -> DataProblem {
        DataProblem::new(self.file, Some(self.line_at(entry.span().start)), what)
    }

    pub(crate) fn whole(self, what: impl Into<String>) -> DataProblem {
        DataProblem::new(self.file, None, what)
    }

    pub(crate) fn validity<T>(
        self,
        entry: &toml::Spanned<T>,
        from: Option<&toml::value::Datetime>,
        to: Option<&toml::value::Datetime>,
    ) -> Result<Validity, DataProblem> {
        let day = |key: &str, written: Option<&toml::value::Datetime>| match written {
            None => Ok(None),
            Some(written) => written.to_string().parse::<Date>().map(Some).map_err(|_| {
                self.problem(entry, format!("{key} = {written} is not a day. Write it as {key} = 2026-01-31"))
            }),
        };
        let validity = Validity { from: day("valid_from", from)?, to: day("valid_to", to)? };
        match (validity.from, validity.to) {
            (Some(from), Some(to)) if from > to => Err(self.problem(
                entry,
                format!("valid_from {from} is after valid_to {to}. Exchange or correct them"),
            )),
            _ => Ok(validity),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn both_ends_of_a_validity_belong_to_it() {
        let validity = Validity { from: Some(date(2026, 1, 1)), to: Some(date(2026, 1, 31)) };
        assert!(validity.holds_on(date(2026, 1, 1)) && validity.holds_on(date(2026, 1, 31)));
        assert!(!validity.holds_on(date(2025, 12, 31)) && !validity.holds_on(date(2026, 2, 1)));
        assert!(validity.overlaps(Validity::ALWAYS));
        assert!(!validity.overlaps(Validity { from: Some(date(2026, 2, 1)), to: None }));
    }

    #[test]
    fn a_syntax_error_names_its_line() {
        let problem = Reading::new("data/x.toml", "a = 1\nb = = 2\n").toml::<toml::Table>().unwrap_err();
        assert_eq!(problem.line(), Some(2), "{problem}");
        assert_eq!(problem.file(), "data/x.toml");
        assert!(problem.what().contains("Correct"));
    }
}

//! Reading numbers as people type them.
//!
//! What the digits are is said in `resolve`; numbers inside longer texts are found by `scan`.

use jiff::civil::Date;

use super::resolve::{Digits, as_digit, resolve};
use super::{NumberingPlan, Source};
use crate::text::{Folded, is_unseen};

/// A way in which a number was written other than plainly, and was understood all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Leniency {
    /// Dots, spaces, dashes or brackets between the digits.
    Separators,
    /// `+84`, `84` or `0084` instead of the leading 0.
    CountryCode,
    /// The leading 0 kept behind the country code.
    ZeroAfterCountryCode,
    /// Neither leading 0 nor country code.
    MissingLeadingZero,
    /// The letter O for 0, or l or I for 1.
    LetterForDigit,
    /// A number from before the renumbering of 2018.
    Migrated,
    /// `00` instead of `+` before a foreign number.
    InternationalPrefix,
    /// A foreign number without its `+`.
    MissingPlus,
}

impl Leniency {
    /// The stable word for it in store and exports.
    pub fn id(self) -> &'static str {
        match self {
            Leniency::Separators => "separators",
            Leniency::CountryCode => "country_code",
            Leniency::ZeroAfterCountryCode => "zero_after_country_code",
            Leniency::MissingLeadingZero => "missing_leading_zero",
            Leniency::LetterForDigit => "letter_for_digit",
            Leniency::Migrated => "migrated",
            Leniency::InternationalPrefix => "international_prefix",
            Leniency::MissingPlus => "missing_plus",
        }
    }
}

/// A number that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedNumber {
    /// What it is.
    pub source: Source,
    /// The very characters it was read from.
    pub as_received: String,
    /// How it deviated from the plain form.
    pub leniencies: Vec<Leniency>,
}

/// Why something is no number that can be reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberProblem {
    /// Nothing was typed.
    #[error("nothing was typed")]
    Empty,
    /// Other characters than those of a number.
    #[error("it holds other characters than digits")]
    NotANumber,
    /// Fewer digits than any number of its sort.
    #[error("it is too short")]
    TooShort,
    /// More digits than any number of its sort.
    #[error("it is too long")]
    TooLong,
    /// One digit again and again, or digits in counting order.
    #[error("its digits are made up")]
    MadeUp,
    /// No country, range or service has such numbers.
    #[error("there are no such numbers")]
    NoSuchNumber,
}

impl NumberProblem {
    /// The stable word for it.
    pub fn id(self) -> &'static str {
        match self {
            NumberProblem::Empty => "empty",
            NumberProblem::NotANumber => "not_a_number",
            NumberProblem::TooShort => "too_short",
            NumberProblem::TooLong => "too_long",
            NumberProblem::MadeUp => "made_up",
            NumberProblem::NoSuchNumber => "no_such_number",
        }
    }
}

/// Reads `text` as exactly one number, leniently: separators, `+84`/`84`/`0084`, no leading 0, O for 0, l for 1, numbers
/// from before 2018, fixed lines, 069, 1800/1900, 6xxx–8xxx, short codes, foreign numbers.
///
/// A Vietnamese number is never refused for its range alone: ask [`NumberingPlan::is_in_known_range`].
pub fn parse_number(text: &str, plan: &NumberingPlan, on: Date) -> Result<ParsedNumber, NumberProblem> {
    let as_received = text.trim_matches(is_unseen);
    if as_received.is_empty() {
        return Err(NumberProblem::Empty);
    }
    if as_received.len() > 64 * 4 {
        return Err(NumberProblem::TooLong);
    }
    let folded = Folded::new(as_received);
    let cells = folded.cells();
    let mut digits = Digits::default();
    let mut at = 0;
    while let Some(cell) = cells.get(at) {
        match cell.folded {
            '+' if digits.text.is_empty() && !digits.has_plus => digits.has_plus = true,
            _ if as_digit(cell).is_some() => digits.push(cell),
            ' ' | '.' | '-' | '‐' | '–' | '—' | '−' | '_' | '·' | '•' | '\'' | '(' | ')' | '/' | ',' =>
            {
                digits.has_separators = true;
            }
            _ => return Err(NumberProblem::NotANumber),
        }
        at += 1;
    }
    if digits.text.is_empty() || digits.letters * 2 > digits.text.len() {
        return Err(NumberProblem::NotANumber);
    }
    let (source, leniencies) = resolve(&digits, plan, on)?;
    Ok(ParsedNumber { source, as_received: as_received.to_owned(), leniencies })
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;

//! What the digits of a number are: a code, a service, a subscriber here or abroad, or nothing there is.

use jiff::civil::Date;

use super::{Leniency, NumberProblem, NumberingPlan, Source, foreign};
use crate::text::Cell;

/// E.164 allows 15 digits; `00` and a kept trunk 0 may precede them.
pub(super) const DIGITS_MAX: usize = 18;

/// A digit, or a plain letter meant as one; accented and misread letters are not.
pub(super) fn as_digit(cell: &Cell) -> Option<char> {
    match cell.raw {
        'o' | 'O' | 'ｏ' | 'Ｏ' => Some('0'),
        'l' | 'I' | 'i' | 'ｌ' | 'Ｉ' => Some('1'),
        _ => Some(cell.folded).filter(char::is_ascii_digit),
    }
}

/// The digits of a number as collected from a text.
#[derive(Debug, Clone, Default)]
pub(super) struct Digits {
    pub(super) text: String,
    pub(super) has_plus: bool,
    pub(super) has_separators: bool,
    pub(super) letters: usize,
}

impl Digits {
    /// Takes one character of a group: a digit, or a letter meant as one.
    pub(super) fn push(&mut self, cell: &Cell) {
        if let Some(digit) = as_digit(cell) {
            self.letters += usize::from(!cell.folded.is_ascii_digit());
            self.text.push(digit);
        }
    }
}

/// Says what a number's digits are.
pub(super) fn resolve(
    digits: &Digits,
    plan: &NumberingPlan,
    on: Date,
) -> Result<(Source, Vec<Leniency>), NumberProblem> {
    let mut leniencies = Vec::new();
    if digits.has_separators {
        leniencies.push(Leniency::Separators);
    }
    if digits.letters > 0 {
        leniencies.push(Leniency::LetterForDigit);
    }
    let text = digits.text.as_str();
    if text.len() > DIGITS_MAX - 1 {
        return Err(NumberProblem::TooLong);
    }
    let has_plus = digits.has_plus && !text.starts_with('0');
    let is_dialled_as_is = plan.is_code(text, on) || plan.is_service(text, on);
    if is_made_up(text) && !is_dialled_as_is {
        return Err(NumberProblem::MadeUp);
    }
    let source = if has_plus {
        match text.strip_prefix(foreign::VIETNAM) {
            Some(rest) => after_country_code(rest, plan, on, &mut leniencies)?,
            None => match foreign::possible(text) {
                Some(number) if foreign::valid(text).is_some() || !is_known_without_plus(text, plan, on) => {
                    Source::subscriber(number)
                }
                // "S+19001234+…": the plus stood between words.
                _ => without_plus(text, true, plan, on, &mut leniencies)?,
            },
        }
    } else {
        without_plus(text, digits.has_separators, plan, on, &mut leniencies)?
    };
    Ok((source, leniencies))
}

fn is_known_without_plus(text: &str, plan: &NumberingPlan, on: Date) -> bool {
    plan.is_code(text, on) || plan.is_service(text, on) || plan.line_kind(text, on).is_some()
}

fn without_plus(
    text: &str,
    has_separators: bool,
    plan: &NumberingPlan,
    on: Date,
    leniencies: &mut Vec<Leniency>,
) -> Result<Source, NumberProblem> {
    if plan.is_code(text, on) {
        return Ok(Source::short_code(text.to_owned()));
    }
    if plan.is_service(text, on) {
        return Ok(Source::service(text.to_owned()));
    }
    if let Some(rest) = text.strip_prefix("0084") {
        return after_country_code(rest, plan, on, leniencies);
    }
    if let Some(rest) = text.strip_prefix("00") {
        leniencies.push(Leniency::InternationalPrefix);
        let number = foreign::valid(rest).ok_or(problem_of_length(text))?;
        return Ok(Source::subscriber(number));
    }
    if let Some(significant) = text.strip_prefix('0') {
        return vietnamese(significant, plan, on, leniencies).ok_or(problem_of_length(text));
    }
    if let Some(rest) = text.strip_prefix(foreign::VIETNAM) {
        let mut tried = leniencies.clone();
        if let Ok(source) = after_country_code(rest, plan, on, &mut tried) {
            *leniencies = tried;
            return Ok(source);
        }
    }
    let mut tried = leniencies.clone();
    if let Some(source) = vietnamese(text, plan, on, &mut tried) {
        *leniencies = tried;
        leniencies.push(Leniency::MissingLeadingZero);
        return Ok(source);
    }
    if !has_separators
        && text.len() >= 11
        && let Some(number) = foreign::valid(text)
    {
        leniencies.push(Leniency::MissingPlus);
        return Ok(Source::subscriber(number));
    }
    Err(problem_of_length(text))
}

fn after_country_code(
    rest: &str,
    plan: &NumberingPlan,
    on: Date,
    leniencies: &mut Vec<Leniency>,
) -> Result<Source, NumberProblem> {
    leniencies.push(Leniency::CountryCode);
    if plan.is_service(rest, on) && rest.len() >= 8 {
        return Ok(Source::service(rest.to_owned()));
    }
    let significant = match rest.strip_prefix('0') {
        Some(significant) => {
            leniencies.push(Leniency::ZeroAfterCountryCode);
            significant
        }
        None => rest,
    };
    if is_made_up(significant) && plan.line_kind(significant, on).is_none() {
        return Err(NumberProblem::MadeUp);
    }
    vietnamese(significant, plan, on, leniencies).ok_or(problem_of_length(significant))
}

/// A Vietnamese subscriber from the digits after 0 or 84.
fn vietnamese(
    significant: &str,
    plan: &NumberingPlan,
    on: Date,
    leniencies: &mut Vec<Leniency>,
) -> Option<Source> {
    if plan.line_kind(significant, on).is_some() {
        return Some(Source::subscriber(format!("+{}{significant}", foreign::VIETNAM)));
    }
    let today = plan.migrated(significant, on)?;
    leniencies.push(Leniency::Migrated);
    Some(Source::subscriber(format!("+{}{today}", foreign::VIETNAM)))
}

/// "1111111111", "0000", "1234567890": nobody has them, people type them.
fn is_made_up(text: &str) -> bool {
    let bytes = text.as_bytes();
    let repeats = bytes.windows(2).all(|pair| pair[0] == pair[1]);
    let counts = bytes.len() >= 8
        && !text.starts_with('0')
        && bytes
            .windows(2)
            .all(|pair| pair[0].is_ascii_digit() && pair[1] == b'0' + (pair[0] - b'0' + 1) % 10);
    repeats || counts
}

fn problem_of_length(text: &str) -> NumberProblem {
    match text.len() {
        0..=8 => NumberProblem::TooShort,
        9..=12 => NumberProblem::NoSuchNumber,
        _ => NumberProblem::TooLong,
    }
}

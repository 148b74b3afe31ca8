//! Finding a number at a place in a text: which groups of digits belong together, and where the words begin.

use jiff::civil::Date;

use super::resolve::{DIGITS_MAX, Digits, as_digit, resolve};
use super::{Leniency, NumberProblem, NumberingPlan, Source, foreign};
use crate::text::{Cell, Folded};

/// "0 9 1 2 …": people read numbers digit by digit.
const GROUPS_MAX: usize = 14;
const GAP_MAX: usize = 3;

/// What stands at a place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scan {
    /// No digits.
    Nothing,
    /// Digits that are no number; `digits` of them before `end`.
    NoNumber { end: usize, digits: usize, problem: NumberProblem },
    /// A number.
    Found(Found),
}

/// A number found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// The cell after its last one.
    pub(crate) end: usize,
    pub(crate) source: Source,
    pub(crate) leniencies: Vec<Leniency>,
}

/// How freely digits may be put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glue {
    /// Where a number is expected: letters for digits, missing zero and plus, short codes.
    Expected,
    /// In running text: only what looks like a telephone number by itself.
    Running,
}

/// Looks for a number that begins exactly at cell `at`, and takes the longest that makes sense.
pub(crate) fn scan(text: &Folded<'_>, at: usize, glue: Glue, plan: &NumberingPlan, on: Date) -> Scan {
    let cells = text.cells();
    let mut digits = Digits::default();
    let mut next = at;
    if let Some(after) = plus_at(cells, at) {
        digits.has_plus = true;
        next = after;
    }
    let mut best: Option<Found> = None;
    // A foreign number that may go on: "+44 20 7946" before "0958".
    let mut doubtful: Option<Found> = None;
    let mut failed: Option<(usize, NumberProblem)> = None;
    for _ in 0..GROUPS_MAX {
        let Some(group) = group_at(cells, next, glue) else {
            break;
        };
        if best.is_some() && (group.is_glued || is_quantity(cells, group.end)) {
            break;
        }
        let before = digits.clone();
        for end in [Some(group.end), group.end_without_letters].into_iter().flatten() {
            let mut tried = before.clone();
            cells[next..end].iter().for_each(|cell| tried.push(cell));
            let verdict = accept(&tried, end, cells, glue, plan, on);
            match verdict {
                Ok((source, leniencies)) => {
                    let is_half_read = source.is_foreign() && !foreign::is_valid(source.canonical());
                    let found = Found { end, source, leniencies };
                    if is_half_read {
                        doubtful = Some(found);
                    } else {
                        best = Some(found);
                    }
                    failed = None;
                }
                Err(problem) if failed.is_none() || end == group.end => failed = Some((end, problem)),
                Err(_) => {}
            }
            digits = tried;
            if best.as_ref().is_some_and(|found| found.end == end) {
                break;
            }
        }
        if group.is_glued || digits.text.len() > DIGITS_MAX {
            break;
        }
        match gap_after(cells, group.end, best.is_some()) {
            Some(start) => next = start,
            None => break,
        }
        digits.has_separators = true;
    }
    match (best.or(doubtful), failed) {
        (Some(found), _) => Scan::Found(found),
        (None, Some((end, problem))) => Scan::NoNumber { end, digits: digits.text.len(), problem },
        (None, None) => Scan::Nothing,
    }
}

fn accept(
    digits: &Digits,
    end: usize,
    cells: &[Cell],
    glue: Glue,
    plan: &NumberingPlan,
    on: Date,
) -> Result<(Source, Vec<Leniency>), NumberProblem> {
    let (source, leniencies) = resolve(digits, plan, on)?;
    let is_guess = leniencies
        .iter()
        .any(|leniency| matches!(leniency, Leniency::MissingLeadingZero | Leniency::MissingPlus));
    if (is_guess || source.canonical().len() <= 10) && is_quantity(cells, end) {
        return Err(NumberProblem::NoSuchNumber);
    }
    if glue == Glue::Running && (is_guess || source.canonical().len() < 8) {
        return Err(NumberProblem::NoSuchNumber);
    }
    Ok((source, leniencies))
}

/// A run of digits (and letters meant as digits).
struct Group {
    end: usize,
    /// Where it ends when the letters at its end belong to a word.
    end_without_letters: Option<usize>,
    /// Whether other letters follow directly.
    is_glued: bool,
}

fn group_at(cells: &[Cell], start: usize, glue: Glue) -> Option<Group> {
    let rest = cells.get(start..)?;
    // Where a number is expected letters stand for digits anywhere; among words only an O for the trunk 0.
    let is_part = |(place, cell): &(usize, &Cell)| {
        let is_letter_digit =
            as_digit(cell).is_some() && (glue == Glue::Expected || (*place == 0 && cell.folded == 'o'));
        cell.folded.is_ascii_digit() || is_letter_digit
    };
    let length = rest.iter().enumerate().take_while(is_part).take(DIGITS_MAX * 2).count();
    let last_digit = rest.get(..length)?.iter().rposition(|cell| cell.folded.is_ascii_digit())?;
    // A bracket misread as a letter ("0958Ñ") is no part of a word.
    let is_glued = rest
        .get(length)
        .is_some_and(|cell| cell.folded.is_alphanumeric() && !matches!(cell.raw, 'Ñ' | 'ñ' | 'ö' | 'ü'));
    let trimmed = last_digit + 1;
    let digits = rest[..length].iter().filter(|cell| cell.folded.is_ascii_digit()).count();
    if is_glued || (length - digits) * 2 > length {
        // "0912345678lua dao": the l belongs to the word.
        let pure = rest.iter().take_while(|cell| cell.folded.is_ascii_digit()).count();
        let end = if (length - digits) * 2 > length { pure } else { trimmed };
        return (end > 0).then_some(Group { end: start + end, end_without_letters: None, is_glued: true });
    }
    Some(Group {
        end: start + length,
        end_without_letters: (trimmed < length).then_some(start + trimmed),
        is_glued: false,
    })
}

/// Where the next group may begin, when what stands between belongs inside a number.
///
/// Once the digits make a number, only one single separator may continue it: "0912345678 - 50" does not.
fn gap_after(cells: &[Cell], end: usize, is_complete: bool) -> Option<usize> {
    let gap_max = if is_complete { 1 } else { GAP_MAX };
    let mut at = end;
    while let Some(cell) = cells.get(at) {
        let is_gap = match cell.folded {
            _ if matches!(cell.raw, '\n' | '\r') => false,
            ' ' | '.' | '-' | '‐' | '–' | '—' | '−' | '_' | '·' | '•' | '\'' => true,
            '(' | ')' | '[' | ']' | ',' | '/' => !is_complete,
            _ => false,
        };
        if !is_gap {
            break;
        }
        at += 1;
        if at - end > gap_max {
            return None;
        }
    }
    (at > end).then_some(at)
}

/// Words that make the digits before them an amount.
const UNITS: [&str; 14] =
    ["trieu", "tr", "k", "nghin", "dong", "vnd", "usd", "ty", "cay", "do la", "thang", "tuoi", "gio", "phut"];

/// Whether the word at cell `end` makes the digits before it an amount: "50 trieu", "20%".
pub(crate) fn is_quantity_at(text: &Folded<'_>, end: usize) -> bool {
    is_quantity(text.cells(), end)
}

fn is_quantity(cells: &[Cell], end: usize) -> bool {
    let rest = cells.get(end..).unwrap_or(&[]);
    let rest = match rest.first() {
        Some(cell) if cell.folded == ' ' => &rest[1..],
        _ => rest,
    };
    if rest.first().is_some_and(|cell| cell.folded == '%') {
        return true;
    }
    UNITS.iter().any(|unit| {
        let mut after = rest.iter();
        unit.chars().all(|c| after.next().is_some_and(|cell| cell.folded == c))
            && !after.next().is_some_and(|cell| cell.folded.is_alphanumeric())
    })
}

/// A `+` that belongs to the digits behind it, possibly with a bracket between: `+84`, `+(84)`.
fn plus_at(cells: &[Cell], at: usize) -> Option<usize> {
    if cells.get(at)?.folded != '+' {
        return None;
    }
    let mut next = at + 1;
    if cells.get(next)?.folded == '(' {
        next += 1;
    }
    cells.get(next)?.folded.is_ascii_digit().then_some(next)
}

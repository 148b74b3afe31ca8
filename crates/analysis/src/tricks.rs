//! Undoing the tricks of writing that defeat filters, one word at a time, and
//! joining letters that were spaced apart.
//!
//! Every rule here has a counter-example it must spare: amounts (`500k`), codes
//! (`a05`, `f88`) and names of gambling sites (`789bet`) keep their digits.

use crate::fold::Draft;
use crate::letters::{Hat, Letter, Tone};

/// Fewest single letters in a row that are taken for one spaced word.
const MIN_SPACED_LETTERS: usize = 3;

/// Widest gap between spaced letters, in the units of [`Draft::gap`].
const MAX_SPACED_GAP: u32 = 10;

/// Undoes the tricks inside one word.
pub(crate) fn undo(letters: &mut [Letter], draft: &mut Draft) {
    let word = &mut letters[draft.first..draft.last];
    let capital = capital_i_for_l(word);
    let digits = digits_for_letters(word);
    let closing = closing_j_for_i(word);
    draft.is_disguised |= capital || digits || closing;
}

/// `Iừa đảo` with a capital i for l: no Vietnamese word begins so.
fn capital_i_for_l(word: &mut [Letter]) -> bool {
    let [first, second, ..] = &*word else {
        return false;
    };
    let is_trick = first.base == b'i'
        && first.is_capital
        && !second.is_capital
        && (b"aeo".contains(&second.base)
            || (second.base == b'u'
                && (second.hat == Hat::Horn
                    || word.get(2).is_some_and(|third| b"aoy".contains(&third.base)))));
    if is_trick {
        word[0].base = b'l';
    }
    is_trick
}

/// Single digits between or beside letters are read as the letters they resemble.
fn digits_for_letters(word: &mut [Letter]) -> bool {
    let digits = word.iter().filter(|letter| letter.base.is_ascii_digit()).count();
    let letters = word.len() - digits;
    if digits == 0 || letters == 0 || digits > letters + 1 {
        return false;
    }
    // 500k, 5tr5, 24h, 789bet: a number with a unit or a name that begins with one.
    if word[0].base.is_ascii_digit() && word[0].base != b'0' {
        return false;
    }
    let is_digit = |at: usize| word.get(at).is_some_and(|letter| letter.base.is_ascii_digit());
    let mut changes = Vec::new();
    for at in 0..word.len() {
        let stands_alone = is_digit(at) && !is_digit(at + 1) && (at == 0 || !is_digit(at - 1));
        if !stands_alone {
            continue;
        }
        let is_inside = at > 0 && at + 1 < word.len();
        let read = match word[at].base {
            b'0' if is_inside || at == 0 || word.len() > 1 => b'o',
            b'1' if is_inside => b'i',
            b'3' if is_inside => b'e',
            b'4' if is_inside => b'a',
            b'5' if is_inside => b's',
            b'9' if is_inside => b'g',
            _ => continue,
        };
        changes.push((at, read));
    }
    for &(at, read) in &changes {
        word[at].base = read;
    }
    !changes.is_empty()
}

/// `Laj` for `Lái`: Vietnamese knows no closing j.
fn closing_j_for_i(word: &mut [Letter]) -> bool {
    let [.., before, last] = word else {
        return false;
    };
    let is_trick = last.base == b'j' && b"aeouy".contains(&before.base);
    if is_trick {
        last.base = b'i';
        last.tone = Tone::None;
    }
    is_trick
}

/// Joins runs of single letters (`v a y  t i e n`, `v.a.y t.i.e.n`) into words,
/// split where the gap is wider than the narrowest in the run.
pub(crate) fn join_spaced_letters(letters: &[Letter], drafts: &mut Vec<Draft>) {
    let is_single =
        |draft: &Draft| draft.last - draft.first == 1 && letters[draft.first].base.is_ascii_alphabetic();
    let mut joined: Vec<Draft> = Vec::with_capacity(drafts.len());
    let mut at = 0;
    while at < drafts.len() {
        let mut end = at + 1;
        if is_single(&drafts[at]) {
            while end < drafts.len() && is_single(&drafts[end]) && drafts[end].gap <= MAX_SPACED_GAP {
                end += 1;
            }
        }
        let run = &drafts[at..end];
        if run.len() < MIN_SPACED_LETTERS {
            joined.extend_from_slice(run);
        } else {
            join_run(run, &mut joined);
        }
        at = end;
    }
    *drafts = joined;
}

fn join_run(run: &[Draft], joined: &mut Vec<Draft>) {
    let narrowest = run[1..].iter().map(|draft| draft.gap).min().unwrap_or(0);
    for (index, draft) in run.iter().enumerate() {
        match joined.last_mut() {
            // The letters of a run follow each other, so their ranges touch.
            Some(word) if index > 0 && draft.gap == narrowest => {
                word.last = draft.last;
                word.is_disguised = true;
            }
            _ => joined.push(*draft),
        }
    }
}

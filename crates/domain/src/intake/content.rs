//! The words beside keyword and source, as sent.

use super::brackets::{opener, partner};
use super::{Leniency, Reader};

/// What is known of the brackets before the content.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Before {
    /// The source's group was opened and not closed.
    pub(super) is_half_open: bool,
    /// The source stood in misread brackets.
    pub(super) has_misread: bool,
}

impl Reader<'_> {
    /// The content from `from` to the end: separators before it go, and the brackets of a group that encloses all of
    /// it; anything else stays as sent.
    pub(super) fn content(self, from: usize, before: Before, leniencies: &mut Vec<Leniency>) -> String {
        let mut start = self.skip_content_separators(from);
        let mut end = self.len();
        while end > start && self.folded(end - 1) == Some(' ') {
            end -= 1;
        }
        let enclosed = self.enclosed(start, end);
        if let Some((inner_start, inner_end)) = enclosed {
            if matches!(self.bracket(start), Some('Ä' | 'ä')) {
                leniencies.push(Leniency::MisreadBrackets);
            }
            (start, end) = (inner_start, inner_end);
        } else {
            if self.has_lone_opening(start, end, before) {
                leniencies.push(Leniency::HalfBracket);
                start += 1;
            }
            if end > start && self.has_lone_closing(start, end - 1, before) {
                leniencies.push(Leniency::HalfBracket);
                end -= 1;
            }
        }
        crate::text::trim_unseen(self.text.original(start..end)).to_owned()
    }

    fn skip_content_separators(self, from: usize) -> usize {
        let mut at = from;
        while let Some(c) = self.folded(at) {
            let is_separator = match c {
                ' ' | ',' | ':' | ';' | '/' | '|' | '=' | '‐' | '–' | '—' | '−' => true,
                // "LD_0912345678_lua dao"; later ones belong to the words.
                '_' => at == from,
                '.' => !self.is_letter(at + 1) || at == from || self.folded(at - 1) == Some(' '),
                '+' => !self.is_digit(at + 1),
                // "-50%" is content, "- giam gia" is not.
                '-' => !self.is_digit(at + 1) || self.folded(at.wrapping_sub(1)) != Some(' '),
                '>' => matches!(self.folded(at.wrapping_sub(1)), Some('-' | '=' | '>')),
                _ => matches!(self.raw(at), Some('ö' | 'ü' | 'Ö' | 'Ü')),
            };
            if !is_separator {
                break;
            }
            at += 1;
        }
        at
    }

    /// The inside of the one group that is the whole of `start..end`; a full stop after it does not matter.
    fn enclosed(self, start: usize, end: usize) -> Option<(usize, usize)> {
        let open = self.bracket(start)?;
        let close = partner(open)?;
        // "Däi H0c": a misread opening bracket inside is a letter of the words.
        let nests = !matches!(open, 'Ä' | 'ä');
        let mut depth = 0usize;
        for at in start..end {
            let bracket = self.bracket(at);
            if bracket == Some(open) && (nests || depth == 0) {
                depth += 1;
            } else if bracket == Some(close) {
                depth -= 1;
                if depth == 0 {
                    let is_rest_empty =
                        (at + 1..end).all(|rest| matches!(self.folded(rest), Some(' ' | '.' | ',' | ';')));
                    return is_rest_empty.then_some((start + 1, at));
                }
            }
        }
        None
    }

    /// An opening bracket at the start that nothing closes.
    fn has_lone_opening(self, start: usize, end: usize, before: Before) -> bool {
        let Some(open) = self.bracket(start) else {
            return false;
        };
        let Some(close) = partner(open) else {
            return false;
        };
        match open {
            // "<3", and words that truly begin with such a letter.
            '<' => return false,
            'Ä' | 'ä' if !before.has_misread => return false,
            _ => {}
        }
        let mut depth = 0usize;
        for at in start..end {
            let bracket = self.bracket(at);
            if bracket == Some(open) {
                depth += 1;
            } else if bracket == Some(close) {
                depth -= 1;
                if depth == 0 {
                    return false;
                }
            }
        }
        true
    }

    /// A closing bracket at the end that nothing opened: the half of the source's group, or of the content's own.
    fn has_lone_closing(self, start: usize, last: usize, before: Before) -> bool {
        let Some(close) = self.bracket(last) else {
            return false;
        };
        let Some(open) = opener(close) else {
            return false;
        };
        match close {
            '>' if !before.is_half_open => return false,
            'Ñ' | 'ñ' if !before.has_misread => return false,
            _ => {}
        }
        let mut depth = 0usize;
        for at in start..last {
            let bracket = self.bracket(at);
            if bracket == Some(open) {
                depth += 1;
            } else if bracket == Some(close) {
                depth = depth.saturating_sub(1);
            }
        }
        let is_emoticon = last > start && matches!(self.folded(last - 1), Some(':' | ';' | '=' | '-' | ')'));
        depth == 0 && (before.is_half_open || !is_emoticon)
    }
}

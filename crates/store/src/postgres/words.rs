//! Words from outside may hold U+0000, which PostgreSQL's TEXT cannot: it is written as two characters there,
//! and reads back as it was.

use std::borrow::Cow;

use crate::{
    AuditRow, BulletinRow, CaseEventRow, EvidenceRow, ReconsiderationRow, ReferralRow, Report, RequestRow,
    SourceRow, StaffRow,
};

/// Never a character of a text, by Unicode's own word.
const MARK: char = '\u{10FFFF}';

/// As written.
pub(crate) fn words(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', MARK]) {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len() + 8);
    for ch in text.chars() {
        match ch {
            '\0' => written.extend([MARK, '0']),
            MARK => written.extend([MARK, '1']),
            ch => written.push(ch),
        }
    }
    Cow::Owned(written)
}

/// The same of what may be absent.
pub(crate) fn some_words(text: &Option<String>) -> Option<Cow<'_, str>> {
    text.as_deref().map(words)
}

/// As it was.
pub(crate) fn spoken(text: &mut String) {
    if !text.contains(MARK) {
        return;
    }
    let mut read = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(ch) = chars.next() {
        match ch {
            MARK => read.push(if chars.next() == Some('0') { '\0' } else { MARK }),
            ch => read.push(ch),
        }
    }
    *text = read;
}

/// Rows that hold such words.
pub(crate) trait Spoken: Sized {
    /// The row with its words as they were.
    fn spoken(self) -> Self;
}

impl<T: Spoken> Spoken for Vec<T> {
    fn spoken(self) -> Vec<T> {
        self.into_iter().map(T::spoken).collect()
    }
}

macro_rules! spoken_rows {
    ($($row:ident { $($column:ident),* ; $($optional:ident),* })+) => {
        $(impl Spoken for $row {
            fn spoken(mut self) -> $row {
                $(spoken(&mut self.$column);)*
                $(if let Some(text) = &mut self.$optional { spoken(text); })*
                self
            }
        })+
    };
}

spoken_rows! {
    Report { text, content ; argument, place }
    SourceRow { canonical, as_received ; }
    CaseEventRow { note, detail ; }
    AuditRow { actor, object, detail ; }
    RequestRow { issuing_body, source ; answer_note }
    ReferralRow { note, source ; answer_note }
    ReconsiderationRow { holder_name, statement, source ; reason }
    BulletinRow { title, body, sms ; }
    StaffRow { login, name ; unit }
    EvidenceRow { name, mime ; }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_reads_back_as_it_was() {
        for text in ["", "ở đâu", "a\0b", "\0\0", "\u{10FFFF}", "\u{10FFFF}0", "\0\u{10FFFF}1\0", "0\u{0}1"]
        {
            let mut written = words(text).into_owned();
            assert!(!written.contains('\0'));
            spoken(&mut written);
            assert_eq!(written, text);
        }
    }
}

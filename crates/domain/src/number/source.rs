//! The source of a call or message: one type for whatever can be reported.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::foreign;
use crate::text;

/// Which sort of thing a [`Source`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SourceKind {
    /// A telephone subscriber, Vietnamese or foreign, in E.164.
    Subscriber,
    /// A national service number as dialled: 1800…, 1900…, 6xxx–8xxx.
    Service,
    /// A short or emergency code: 113, 156, 1022.
    ShortCode,
    /// A sender name (brandname) as typed.
    SenderName,
}

impl SourceKind {
    /// The stable word for it in store and exports.
    pub fn id(self) -> &'static str {
        match self {
            SourceKind::Subscriber => "subscriber",
            SourceKind::Service => "service",
            SourceKind::ShortCode => "short_code",
            SourceKind::SenderName => "sender_name",
        }
    }

    /// Reads [`SourceKind::id`] back.
    pub fn from_id(id: &str) -> Option<SourceKind> {
        [SourceKind::Subscriber, SourceKind::Service, SourceKind::ShortCode, SourceKind::SenderName]
            .into_iter()
            .find(|kind| kind.id() == id)
    }
}

/// A number or name that can be reported, asked about or blocked, in its one canonical form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source {
    kind: SourceKind,
    canonical: String,
}

impl Source {
    pub(super) fn subscriber(e164: String) -> Source {
        Source { kind: SourceKind::Subscriber, canonical: e164 }
    }

    pub(super) fn service(dialled: String) -> Source {
        Source { kind: SourceKind::Service, canonical: dialled }
    }

    pub(super) fn short_code(dialled: String) -> Source {
        Source { kind: SourceKind::ShortCode, canonical: dialled }
    }

    /// A sender name under the rules of Decree 91/2020 Art. 23: at most 11 characters, Latin letters, digits, `-`,
    /// `_`, `.` and space, not digits only. Outer and doubled spaces and invisible characters go, the rest stays.
    pub fn sender_name(typed: &str) -> Result<Source, SenderNameProblem> {
        // Compatibility forms are no other letters: a full-width name is the name.
        let visible: String = text::clean(typed).nfkc().collect();
        let name = visible.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return Err(SenderNameProblem::Empty);
        }
        if name.chars().count() > SENDER_NAME_MAX {
            return Err(SenderNameProblem::TooLong);
        }
        if let Some(odd) =
            name.chars().find(|&c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ')))
        {
            return Err(SenderNameProblem::ForbiddenCharacter(odd));
        }
        if !name.contains(|c: char| c.is_ascii_alphabetic()) {
            return Err(SenderNameProblem::NoLetter);
        }
        Ok(Source { kind: SourceKind::SenderName, canonical: name })
    }

    /// Reads a source back from where it was stored; refuses what [`Source::canonical`] never gives.
    pub fn from_stored(kind: SourceKind, canonical: &str) -> Result<Source, StoredSourceProblem> {
        let all_digits = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
        let is_sound = match kind {
            SourceKind::Subscriber => canonical
                .strip_prefix('+')
                .is_some_and(|digits| (7..=15).contains(&digits.len()) && all_digits(digits)),
            SourceKind::Service => (4..=10).contains(&canonical.len()) && all_digits(canonical),
            SourceKind::ShortCode => (3..=6).contains(&canonical.len()) && all_digits(canonical),
            SourceKind::SenderName => {
                return match Source::sender_name(canonical) {
                    Ok(source) if source.canonical == canonical => Ok(source),
                    _ => Err(StoredSourceProblem { kind }),
                };
            }
        };
        if !is_sound {
            return Err(StoredSourceProblem { kind });
        }
        Ok(Source { kind, canonical: canonical.to_owned() })
    }

    /// Which sort of source this is.
    pub fn kind(&self) -> SourceKind {
        self.kind
    }

    /// The canonical form: `+84912345678`, `19001234`, `156`, or the name as typed.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The key under which sources are the same: names regardless of case and accents, numbers as [`Self::canonical`].
    pub fn match_key(&self) -> String {
        match self.kind {
            SourceKind::SenderName => text::fold(&self.canonical),
            _ => self.canonical.clone(),
        }
    }

    /// What a person in Vietnam dials or reads, without spaces: `0912345678`, `+442079460958`, `19001234`, the name.
    ///
    /// At most 16 characters: what reply texts reckon with.
    pub fn dialled(&self) -> String {
        match self.vietnamese_significant() {
            Some(significant) => format!("0{significant}"),
            None => self.canonical.clone(),
        }
    }

    /// For people, grouped: `0912 345 678`, `0262 3812 345`, `024 3812 3456`, `1900 1234`, `+44 20 7946 0958`.
    pub fn display(&self) -> String {
        match self.kind {
            SourceKind::SenderName | SourceKind::ShortCode => self.canonical.clone(),
            SourceKind::Service => group_service(&self.canonical),
            SourceKind::Subscriber => match self.vietnamese_significant() {
                Some(significant) => group_vietnamese(significant),
                None => foreign::grouped(&self.canonical).unwrap_or_else(|| self.canonical.clone()),
            },
        }
    }

    /// Whether it is a number of Vietnam's numbering (subscriber, service or short code). Names belong to no country.
    pub fn is_vietnamese(&self) -> bool {
        match self.kind {
            SourceKind::Subscriber => self.vietnamese_significant().is_some(),
            SourceKind::Service | SourceKind::ShortCode => true,
            SourceKind::SenderName => false,
        }
    }

    /// Whether it is a subscriber of another country.
    pub fn is_foreign(&self) -> bool {
        self.kind == SourceKind::Subscriber && self.vietnamese_significant().is_none()
    }

    /// The country of a subscriber as an ISO 3166 code (`VN`, `GB`), when the number belongs to one.
    pub fn country(&self) -> Option<String> {
        match self.kind {
            SourceKind::SenderName => None,
            _ if self.is_vietnamese() => Some("VN".to_owned()),
            _ => foreign::country(&self.canonical),
        }
    }

    /// The digits after `+84` of a Vietnamese subscriber.
    pub(super) fn vietnamese_significant(&self) -> Option<&str> {
        match self.kind {
            SourceKind::Subscriber => self.canonical.strip_prefix('+')?.strip_prefix(foreign::VIETNAM),
            _ => None,
        }
    }
}

/// Shows [`Source::display`].
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.display())
    }
}

/// Decree 91/2020 Art. 23: a sender name has at most 11 characters.
pub(crate) const SENDER_NAME_MAX: usize = 11;

/// Why a text is no sender name (Decree 91/2020 Art. 23).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SenderNameProblem {
    /// Nothing was typed.
    #[error("the sender name is empty")]
    Empty,
    /// More than 11 characters.
    #[error("a sender name has at most 11 characters")]
    TooLong,
    /// A character other than Latin letters, digits, `- _ .` and space.
    #[error("a sender name has no {0:?}: only Latin letters, digits, - _ . and space")]
    ForbiddenCharacter(char),
    /// Digits and marks only.
    #[error("a sender name has at least one letter")]
    NoLetter,
}

/// A stored source that this version would never have stored. The value itself is not repeated: it goes to logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored source is not a canonical {}", kind.id())]
pub struct StoredSourceProblem {
    kind: SourceKind,
}

fn group_vietnamese(significant: &str) -> String {
    let national = format!("0{significant}");
    let lengths: &[usize] = match (significant.as_bytes().first(), national.len()) {
        _ if significant.starts_with("69") => match national.len() {
            9 => &[3, 3, 3],
            10 => &[3, 3, 4],
            _ => &[3, 4, 4],
        },
        (Some(b'2'), 11) if significant.starts_with("24") || significant.starts_with("28") => &[3, 4, 4],
        (Some(b'2'), 11) => &[4, 4, 3],
        _ => &[4, 3, 3],
    };
    group(&national, lengths)
}

fn group_service(dialled: &str) -> String {
    match dialled.len() {
        8 => group(dialled, &[4, 4]),
        10 => group(dialled, &[4, 3, 3]),
        _ => dialled.to_owned(),
    }
}

/// Puts spaces after `lengths` digits each; digits beyond them stay in the last group.
fn group(digits: &str, lengths: &[usize]) -> String {
    let mut grouped = String::with_capacity(digits.len() + lengths.len());
    let mut rest = digits;
    for &length in lengths {
        match rest.split_at_checked(length) {
            Some((head, tail)) if !tail.is_empty() => {
                grouped.push_str(head);
                grouped.push(' ');
                rest = tail;
            }
            _ => break,
        }
    }
    grouped.push_str(rest);
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(kind: SourceKind, canonical: &str) -> Source {
        Source::from_stored(kind, canonical).unwrap()
    }

    #[test]
    fn people_read_numbers_in_groups() {
        for (kind, canonical, shown, dialled) in [
            (SourceKind::Subscriber, "+84912345678", "0912 345 678", "0912345678"),
            (SourceKind::Subscriber, "+842623812345", "0262 3812 345", "02623812345"),
            (SourceKind::Subscriber, "+842438123456", "024 3812 3456", "02438123456"),
            (SourceKind::Subscriber, "+84692345678", "069 234 5678", "0692345678"),
            (SourceKind::Subscriber, "+442079460958", "+44 20 7946 0958", "+442079460958"),
            (SourceKind::Service, "19001234", "1900 1234", "19001234"),
            (SourceKind::Service, "1900545415", "1900 545 415", "1900545415"),
            (SourceKind::Service, "8088", "8088", "8088"),
            (SourceKind::ShortCode, "156", "156", "156"),
            (SourceKind::SenderName, "FE CREDIT", "FE CREDIT", "FE CREDIT"),
        ] {
            let source = stored(kind, canonical);
            assert_eq!(source.display(), shown);
            assert_eq!(source.dialled(), dialled);
            assert!(dialled.len() <= 16);
        }
    }

    #[test]
    fn sender_names_follow_article_23() {
        assert_eq!(Source::sender_name(" VIETTELKM ").unwrap().canonical(), "VIETTELKM");
        assert_eq!(Source::sender_name("A-b_c.1 2").unwrap().canonical(), "A-b_c.1 2");
        assert_eq!(Source::sender_name("  "), Err(SenderNameProblem::Empty));
        assert_eq!(Source::sender_name("ABCDEFGHIJKL"), Err(SenderNameProblem::TooLong));
        assert_eq!(Source::sender_name("1234"), Err(SenderNameProblem::NoLetter));
        assert_eq!(Source::sender_name("Điện lực"), Err(SenderNameProblem::ForbiddenCharacter('Đ')));
    }

    #[test]
    fn names_match_regardless_of_case_and_stay_as_typed() {
        let upper = Source::sender_name("VIETCOMBANK").unwrap();
        let mixed = Source::sender_name("Vietcombank").unwrap();
        assert_ne!(upper, mixed);
        assert_eq!(upper.match_key(), mixed.match_key());
    }

    #[test]
    fn only_canonical_forms_come_back_from_the_store() {
        for (kind, canonical) in [
            (SourceKind::Subscriber, "0912345678"),
            (SourceKind::Subscriber, "+84 912"),
            (SourceKind::Service, "+8419001234"),
            (SourceKind::ShortCode, "15"),
            (SourceKind::SenderName, " VIETTEL"),
            (SourceKind::SenderName, "156"),
        ] {
            assert_eq!(Source::from_stored(kind, canonical), Err(StoredSourceProblem { kind }));
        }
        assert_eq!(SourceKind::from_id("short_code"), Some(SourceKind::ShortCode));
        assert_eq!(SourceKind::from_id("brandname"), None);
    }

    #[test]
    fn countries_are_told_apart() {
        let british = stored(SourceKind::Subscriber, "+442079460958");
        assert!(british.is_foreign() && !british.is_vietnamese());
        assert_eq!(british.country().as_deref(), Some("GB"));
        let vietnamese = stored(SourceKind::Subscriber, "+84912345678");
        assert!(vietnamese.is_vietnamese() && !vietnamese.is_foreign());
        assert!(!stored(SourceKind::SenderName, "Vietcombank").is_vietnamese());
    }
}

//! What the public pages show, as plain values ready to be read by people.
//!
//! Handlers fill these from the store; templates only lay them out. No count of reporters and no
//! name of a person appears in any of them.

/// A problem with one field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldError {
    /// The id of the field, to jump to it.
    pub(crate) field: &'static str,
    /// What is wrong and how to mend it, in words.
    pub(crate) message: String,
}

/// All problems of a form, in the order of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Errors(Vec<FieldError>);

impl Errors {
    /// Adds a problem; a field shows its first one.
    pub(crate) fn add(&mut self, field: &'static str, message: String) {
        self.0.push(FieldError { field, message });
    }

    /// Whether the form is good.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All problems.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &FieldError> {
        self.0.iter()
    }

    /// The problem of a field.
    pub(crate) fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }

    /// Whether a field has a problem.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.of(field).is_some()
    }

    /// The value of `aria-describedby`: the hint's id and, when there is one, the error's.
    pub(crate) fn describe(&self, field: &str, hint: &str) -> String {
        match (self.has(field), hint.is_empty()) {
            (true, true) => format!("{field}-loi"),
            (true, false) => format!("{hint} {field}-loi"),
            (false, _) => hint.to_owned(),
        }
    }
}

/// A published warning in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WarningCard {
    /// Its id, as in `/canh-bao/{id}`.
    pub(crate) id: String,
    /// Its title.
    pub(crate) title: String,
    /// `23/11/2026 14:05`.
    pub(crate) published_at: String,
    /// It was withdrawn.
    pub(crate) is_cancelled: bool,
}

/// A published warning in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WarningPage {
    /// Its title.
    pub(crate) title: String,
    /// Its text, one entry a paragraph.
    pub(crate) paragraphs: Vec<String>,
    /// The short text people may pass on; may be empty.
    pub(crate) short_text: String,
    /// `23/11/2026 14:05`.
    pub(crate) published_at: String,
    /// It was withdrawn.
    pub(crate) is_cancelled: bool,
    /// When; empty when it stands.
    pub(crate) cancelled_at: String,
}

/// What may be said in public about a thing that was checked, worst first.
///
/// "Verified" needs a finding; reports alone never say more than "reported" (presumption of innocence).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Verdict {
    /// A finding says it is a scam.
    Verified,
    /// Signs of a scam.
    Scam,
    /// Someone reported it.
    Reported,
    /// A registered number of a public body, which callers can forge.
    OfficialNumber,
    /// Nothing is known.
    Unknown,
}

impl Verdict {
    /// The colour family of banner, card and chip.
    pub(crate) const fn tone(self) -> &'static str {
        match self {
            Self::Verified | Self::Scam => "danger",
            Self::Reported => "warn",
            Self::Unknown => "mute",
            Self::OfficialNumber => "info",
        }
    }

    /// The name of its icon.
    pub(crate) const fn icon(self) -> &'static str {
        match self {
            Self::Verified | Self::Scam => "stop",
            Self::Reported => "people",
            Self::Unknown => "question",
            Self::OfficialNumber => "building",
        }
    }

    /// The key of its word.
    pub(crate) const fn word_key(self) -> &'static str {
        match self {
            Self::Verified => "verdict-verified",
            Self::Scam => "verdict-scam",
            Self::Reported => "verdict-reported",
            Self::Unknown => "verdict-unknown",
            Self::OfficialNumber => "verdict-official-number",
        }
    }

    /// The key of the sentence under the word.
    pub(crate) const fn meaning_key(self) -> &'static str {
        match self {
            Self::Verified => "verdict-verified-meaning",
            Self::Scam => "verdict-scam-meaning",
            Self::Reported => "verdict-reported-meaning",
            Self::Unknown => "verdict-unknown-meaning",
            Self::OfficialNumber => "verdict-official-number-meaning",
        }
    }

    /// The keys of what to do, most urgent first.
    pub(crate) const fn advice_keys(self) -> &'static [&'static str] {
        match self {
            Self::Verified | Self::Scam => {
                &["advice-hang-up", "advice-no-money", "advice-tell-family", "advice-keep", "advice-report"]
            }
            Self::Reported => &["advice-no-money", "advice-wait", "advice-tell-family", "advice-report"],
            Self::Unknown => &["advice-wait", "advice-no-money", "advice-ask-official"],
            Self::OfficialNumber => &["advice-dial-yourself", "advice-no-money", "advice-ask-official"],
        }
    }
}

/// Why a verdict was given, with its date where it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    /// `23/11/2026`.
    pub(crate) date: Option<String>,
    /// One sentence.
    pub(crate) text: String,
}

/// A sign of fraud found in pasted words, with the words that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sign {
    /// What it is: `Đòi đọc mã OTP`.
    pub(crate) label: String,
    /// The citizen's own words.
    pub(crate) words: String,
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CheckedItem {
    /// `Số điện thoại`, `Đường link`…
    pub(crate) label: String,
    /// As people read it: `0912 345 678`.
    pub(crate) shown: String,
    /// What may be said.
    pub(crate) verdict: Verdict,
    /// Why.
    pub(crate) reasons: Vec<Reason>,
}

/// One entry of a timeline a citizen reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// `23/11/2026 14:05`.
    pub(crate) at: String,
    /// What was done.
    pub(crate) what: String,
    /// More about it; may be empty.
    pub(crate) more: String,
}

/// A file in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileLine {
    /// Its name.
    pub(crate) name: String,
    /// `840 KB`.
    pub(crate) size: String,
    /// `23/11/2026 14:05`.
    pub(crate) at: String,
}

/// Where a report or a reconsideration stands, told to whoever filed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatusView {
    /// `4827 1935`.
    pub(crate) code: String,
    /// What it is about: `Cuộc gọi lừa đảo từ 0912 345 678`.
    pub(crate) subject: String,
    /// The state in a few words.
    pub(crate) state: String,
    /// What that means.
    pub(crate) meaning: String,
    /// Colour family of the banner.
    pub(crate) tone: &'static str,
    /// Icon of the banner.
    pub(crate) icon: &'static str,
    /// Who holds it.
    pub(crate) holder: String,
    /// Since when.
    pub(crate) since: String,
    /// How it ended.
    pub(crate) outcome: Option<String>,
    /// What was done, newest first.
    pub(crate) timeline: Vec<Entry>,
    /// Files that belong to it.
    pub(crate) files: Vec<FileLine>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_verdict_comes_first() {
        assert!(Verdict::Scam < Verdict::Reported);
        assert!(Verdict::Reported < Verdict::OfficialNumber);
        assert!(Verdict::OfficialNumber < Verdict::Unknown);
    }

    #[test]
    fn a_field_is_described_by_its_hint_and_its_error() {
        let mut errors = Errors::default();
        assert_eq!(errors.describe("so", "so-goi-y"), "so-goi-y");
        errors.add("so", "Hãy nhập số.".to_owned());
        assert_eq!(errors.describe("so", "so-goi-y"), "so-goi-y so-loi");
        assert_eq!(errors.describe("so", ""), "so-loi");
        assert_eq!(errors.of("so"), Some("Hãy nhập số."));
    }
}

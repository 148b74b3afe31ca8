//! Texts sent by SMS: dated templates that fit one GSM 7 segment whatever stands in their fields.
//!
//! Pure: says the words; who gets them and when is decided elsewhere.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use crate::datafile::DataProblem;

const FILE: &str = "data/replies.toml";
const SHIPPED: &str = include_str!("../../../data/replies.toml");

/// Septets of one SMS in the GSM 7 alphabet (3GPP TS 23.038 §6.1.2).
pub const SEGMENT_LIMIT: usize = 160;

/// The fields a text may name and the most characters each may have.
const FIELDS: [(&str, usize); 8] =
    [("so", 16), ("ma", 9), ("ma_lien", 8), ("dau_so", 6), ("ngay", 10), ("ai", 20), ("otp", 6), ("gio", 11)];

macro_rules! replies {
    ($($(#[$doc:meta])* $name:ident = $id:literal),+ $(,)?) => {
        /// Which text.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ReplyId {
            $($(#[$doc])* $name),+
        }

        impl ReplyId {
            /// Every text there must be.
            pub const ALL: &'static [ReplyId] = &[$(ReplyId::$name),+];

            /// Its id in the data file.
            pub fn id(self) -> &'static str {
                match self {
                    $(ReplyId::$name => $id),+
                }
            }

            /// The text with this id.
            pub fn from_id(id: &str) -> Option<ReplyId> {
                ReplyId::ALL.iter().copied().find(|reply| reply.id() == id)
            }
        }
    };
}

replies! {
    /// Receipt of a reported scam call.
    ReceiptScamCall = "receipt_scam_call",
    /// Receipt of reported spam.
    ReceiptSpam = "receipt_spam",
    /// Receipt through a link that does not carry KQ.
    ReceiptNoResult = "receipt_no_result",
    /// The report names no source.
    MissingSource = "missing_source",
    /// The report has no S, V or LD.
    MissingKind = "missing_kind",
    /// The number cannot exist.
    JunkNumber = "junk_number",
    /// No report and no keyword.
    NotAReport = "not_a_report",
    /// How it works.
    Help = "help",
    /// Do-Not-Call is kept elsewhere.
    Dnc = "dnc",
    /// Forwarded advertisements are collected elsewhere.
    Forward = "forward",
    /// Subscribed to warnings.
    Subscribed = "subscribed",
    /// No longer subscribed.
    Unsubscribed = "unsubscribed",
    /// No report with that code from that number.
    UnknownCode = "unknown_code",
    /// That number has reported nothing.
    NoReportYet = "no_report_yet",
    /// The last reply of the day.
    LimitReached = "limit_reached",
    /// Received, not looked at.
    StatusNew = "status_new",
    /// Not understood, an officer looks.
    StatusNeedsOfficer = "status_needs_officer",
    /// In a case that is open.
    StatusOpen = "status_open",
    /// Signs of a scam confirmed.
    StatusConfirmed = "status_confirmed",
    /// Operator asked.
    StatusAsked = "status_asked",
    /// Blocked for verification.
    OutcomeBlocked = "outcome_blocked",
    /// Block kept.
    OutcomeKept = "outcome_kept",
    /// The operator does not know the number.
    OutcomeNotFound = "outcome_not_found",
    /// Not enough ground.
    OutcomeNotEnoughGround = "outcome_not_enough_ground",
    /// Sent to the police.
    OutcomeReferred = "outcome_referred",
    /// The number was forged.
    OutcomeForged = "outcome_forged",
    /// The number works again.
    OutcomeRestored = "outcome_restored",
    /// No operator here can block it.
    OutcomeNoOperator = "outcome_no_operator",
    /// Check: signs of a scam, impersonating someone.
    CheckSigns = "check_signs",
    /// Check: signs of a scam.
    CheckSignsPlain = "check_signs_plain",
    /// Check: verified.
    CheckVerified = "check_verified",
    /// Check: reported as impersonating someone.
    CheckReported = "check_reported",
    /// Check: reported.
    CheckReportedPlain = "check_reported_plain",
    /// Check: nothing known, which is not safety.
    CheckUnknown = "check_unknown",
    /// Check: official, and can be forged.
    CheckOfficial = "check_official",
    /// Check of words: signs of a scam.
    CheckTextSigns = "check_text_signs",
    /// Check of words: nothing known.
    CheckTextUnknown = "check_text_unknown",
    /// Check of nothing.
    NothingToCheck = "nothing_to_check",
    /// Code that opens the status page.
    StatusCode = "status_code",
    /// Code that proves a number.
    ProveNumber = "prove_number",
    /// What to do when money is lost.
    MoneyLost = "money_lost",
}

/// Values for the fields of a text; unknown names are refused by [`Replies::render`].
#[derive(Debug, Clone, Default)]
pub struct Fields {
    values: Vec<(&'static str, String)>,
}

impl Fields {
    /// No values.
    pub fn new() -> Fields {
        Fields::default()
    }

    /// With this value, stripped of accents; longer ones are cut to what the field may have, and numbers
    /// that do not fit are said without digits.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Fields {
        let limit = FIELDS.iter().find(|(known, _)| *known == name).map_or(0, |(_, limit)| *limit);
        let mut plain = unaccented(value);
        if plain.chars().count() > limit {
            // A number that is cut is a wrong number: say it without digits.
            plain = match name {
                "dau_so" => "so nay".to_owned(),
                "so" => "nay".to_owned(),
                _ => plain.chars().take(limit).collect(),
            };
        }
        self.values.push((name, plain));
        self
    }
}

/// All texts.
#[derive(Debug, Clone)]
pub struct Replies {
    all: Vec<Template>,
    who: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
struct Template {
    id: ReplyId,
    text: String,
    valid_from: Option<Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    who: BTreeMap<String, String>,
    reply: Vec<Raw>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: String,
    text: String,
    valid_from: Option<String>,
    #[serde(rename = "source")]
    _source: String,
}

/// Why a text cannot be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// No text of that id holds on that day.
    #[error("no text '{0}' holds on that day")]
    NoText(&'static str),
    /// A field of the text was not given.
    #[error("the text '{id}' needs the field '{field}'")]
    MissingField {
        /// Which text.
        id: &'static str,
        /// Which field.
        field: String,
    },
}

impl Replies {
    /// The texts shipped with the product.
    ///
    /// # Errors
    /// What is wrong with the file; a test keeps the shipped one right.
    pub fn shipped() -> Result<Replies, DataProblem> {
        Replies::parse(SHIPPED)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// Which text is wrong and what to do: unknown id or field, letters outside GSM 7, too long.
    pub fn parse(text: &str) -> Result<Replies, DataProblem> {
        let file: File =
            toml::from_str(text).map_err(|error| DataProblem::new(FILE, None, error.to_string()))?;
        let mut all = Vec::with_capacity(file.reply.len());
        for raw in file.reply {
            let problem = |what: String| DataProblem::new(FILE, None, format!("reply '{}': {what}", raw.id));
            let id = ReplyId::from_id(&raw.id).ok_or_else(|| problem("there is no such reply".to_owned()))?;
            let valid_from = raw
                .valid_from
                .as_deref()
                .map(|text| {
                    text.parse::<Date>()
                        .map_err(|_| problem(format!("'{text}' is no date; write 2026-01-31")))
                })
                .transpose()?;
            if ["http", "www.", "://", ".vn", ".com"].iter().any(|sign| raw.text.contains(sign)) {
                return Err(problem(
                    "holds a link: links in SMS are what impostors send, take it out".to_owned(),
                ));
            }
            let longest = longest(&raw.text).map_err(problem)?;
            if longest > SEGMENT_LIMIT {
                return Err(problem(format!(
                    "may become {longest} characters; one SMS holds {SEGMENT_LIMIT}: shorten it by {}",
                    longest - SEGMENT_LIMIT
                )));
            }
            all.push(Template { id, text: raw.text, valid_from });
        }
        for id in ReplyId::ALL {
            if !all.iter().any(|template| template.id == *id && template.valid_from.is_none()) {
                return Err(DataProblem::new(
                    FILE,
                    None,
                    format!("reply '{}' is missing (without valid_from)", id.id()),
                ));
            }
        }
        for (id, name) in &file.who {
            if name.chars().count() > FIELDS[5].1 || !name.chars().all(is_plain) {
                let what =
                    format!("[who] {id}: '{name}' must be unaccented and at most {} characters", FIELDS[5].1);
                return Err(DataProblem::new(FILE, None, what));
            }
        }
        Ok(Replies { all, who: file.who })
    }

    /// What a body of the taxonomy's facet `who` is called in an SMS.
    pub fn who(&self, id: &str) -> Option<&str> {
        self.who.get(id).map(String::as_str)
    }

    /// The text that holds on a day, with its fields filled in: one GSM 7 segment.
    ///
    /// # Errors
    /// [`RenderError`] when there is none, or a field was not given.
    pub fn render(&self, id: ReplyId, fields: &Fields, on: Date) -> Result<String, RenderError> {
        let template = self
            .all
            .iter()
            .filter(|template| template.id == id && template.valid_from.is_none_or(|from| from <= on))
            .max_by_key(|template| template.valid_from)
            .ok_or(RenderError::NoText(id.id()))?;
        let mut out = String::with_capacity(SEGMENT_LIMIT);
        for piece in pieces(&template.text) {
            match piece {
                Piece::Words(words) => out.push_str(words),
                Piece::Field(name) => match fields.values.iter().find(|(known, _)| *known == name) {
                    Some((_, value)) => out.push_str(value),
                    None => return Err(RenderError::MissingField { id: id.id(), field: name.to_owned() }),
                },
            }
        }
        Ok(out)
    }
}

enum Piece<'a> {
    Words(&'a str),
    Field(&'a str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let Some(length) = rest[start..].find('}') else { break };
        pieces.push(Piece::Words(&rest[..start]));
        pieces.push(Piece::Field(&rest[start + 1..start + length]));
        rest = &rest[start + length + 1..];
    }
    pieces.push(Piece::Words(rest));
    pieces
}

/// Characters of a text when every field is as long as it may be.
fn longest(text: &str) -> Result<usize, String> {
    let mut total = 0;
    for piece in pieces(text) {
        match piece {
            Piece::Words(words) => {
                if let Some(ch) = words.chars().find(|ch| !is_plain(*ch)) {
                    return Err(format!("'{ch}' costs more than one character in an SMS or is not in GSM 7"));
                }
                total += words.chars().count();
            }
            Piece::Field(name) => {
                let known = FIELDS.iter().find(|(known, _)| *known == name);
                total += known.ok_or_else(|| format!("there is no field '{{{name}}}'"))?.1;
            }
        }
    }
    Ok(total)
}

/// Characters of the GSM 7 basic set that are also ASCII: one septet each.
fn is_plain(ch: char) -> bool {
    ch.is_ascii_alphanumeric() || " @$!\"#%&'()*+,-./:;<=>?_".contains(ch)
}

/// The text without accents, and with `?` for what GSM 7 cannot carry in one septet.
pub fn unaccented(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfd()
        .filter(|ch| !unicode_normalization::char::is_combining_mark(*ch))
        .map(|ch| match ch {
            'đ' | 'ð' => 'd',
            'Đ' => 'D',
            'ƀ' => 'b',
            'Ƀ' => 'B',
            '–' | '—' => '-',
            '“' | '”' => '"',
            '‘' | '’' => '\'',
            '\n' | '\t' | '\u{a0}' => ' ',
            '[' | '{' => '(',
            ']' | '}' => ')',
            other if is_plain(other) => other,
            _ => '?',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn every_shipped_text_fits_one_segment_in_the_worst_case() {
        let replies = Replies::shipped().unwrap();
        let mut fields = Fields::new();
        for (name, limit) in FIELDS {
            fields = fields.with(name, &"9".repeat(limit + 5));
        }
        for id in ReplyId::ALL {
            let text = replies.render(*id, &fields, date(2026, 11, 23)).unwrap();
            assert!(text.chars().count() <= SEGMENT_LIMIT && text.chars().all(is_plain), "{text}");
            assert!(!text.contains("http") && !text.contains("www"), "no links in SMS: {text}");
        }
    }

    #[test]
    fn a_text_reads_as_it_should() {
        let fields = Fields::new()
            .with("so", "0912345678")
            .with("ma", "4827 1935")
            .with("ma_lien", "48271935")
            .with("dau_so", "156");
        let text = Replies::shipped()
            .unwrap()
            .render(ReplyId::ReceiptScamCall, &fields, date(2026, 11, 23))
            .unwrap();
        assert_eq!(
            text,
            "Da nhan phan anh ve so 0912345678, ma 4827 1935. Xem ket qua: soan KQ 48271935 gui 156. \
             Khong chuyen tien, khong cung cap ma OTP cho bat ky ai."
        );
    }

    #[test]
    fn a_number_that_does_not_fit_is_not_cut_to_a_wrong_one() {
        let fields =
            Fields::new().with("dau_so", "0912345678").with("ma", "1").with("so", "1").with("ma_lien", "1");
        let text =
            Replies::shipped().unwrap().render(ReplyId::ReceiptSpam, &fields, date(2026, 1, 1)).unwrap();
        assert!(text.contains("gui so nay"), "{text}");
    }

    #[test]
    fn a_field_that_was_not_given_is_an_error_and_not_a_hole() {
        let error =
            Replies::shipped().unwrap().render(ReplyId::ReceiptSpam, &Fields::new(), date(2026, 1, 1));
        assert!(matches!(error, Err(RenderError::MissingField { .. })));
    }

    #[test]
    fn a_text_that_is_too_long_accented_or_unknown_is_refused() {
        let with = |text: &str| SHIPPED.replacen("Cam on ban.\"", &format!("{text}\""), 1);
        assert!(Replies::parse(&with(&"x".repeat(120))).unwrap_err().to_string().contains("shorten"));
        assert!(Replies::parse(&with("Cảm ơn")).unwrap_err().to_string().contains("GSM 7"));
        assert!(Replies::parse(&with("xem www.a")).unwrap_err().to_string().contains("link"));
        assert!(Replies::parse(&with("{ten}")).unwrap_err().to_string().contains("no field"));
        let twice = SHIPPED.replace("id = \"help\"", "id = \"halp\"");
        assert!(Replies::parse(&twice).unwrap_err().to_string().contains("no such reply"));
    }

    #[test]
    fn names_of_the_highlands_lose_their_accents_and_nothing_else() {
        assert_eq!(
            unaccented("H'Hen Niê, Čư M'gar, Krông Ƀuk, Đắk Lắk"),
            "H'Hen Nie, Cu M'gar, Krong Buk, Dak Lak"
        );
    }
}

//! The answers of a report under way, as they travel in the form from page to page.
//!
//! Pure: reads fields, gives them back. It keeps whatever was typed, right or wrong, so that nothing
//! is lost on an error; [`super::rules`] says what is wrong.

/// Most fields of one form; more are not looked at.
const MAX_FIELDS: usize = 200;
/// Longest value of one field in bytes; the words may be longest.
const MAX_VALUE_BYTES: usize = 16_000;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A scam call.
    ScamCall,
    /// An unwanted call.
    SpamCall,
    /// An unwanted or fraudulent text message.
    SpamSms,
    /// An advert painted or pasted in a public place.
    Advert,
}

impl Kind {
    /// All, in the order they are offered.
    pub(crate) const ALL: [Self; 4] = [Self::ScamCall, Self::SpamCall, Self::SpamSms, Self::Advert];

    /// The id in forms and in the intake log: the domain's name of the kind.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::ScamCall => "scam_call",
            Self::SpamCall => "spam_call",
            Self::SpamSms => "spam_sms",
            Self::Advert => "unlawful_advert",
        }
    }

    /// The kind with this id.
    pub(crate) fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }

    /// The key of its name.
    pub(crate) const fn title_key(self) -> &'static str {
        match self {
            Self::ScamCall => "kind-scam-call",
            Self::SpamCall => "kind-spam-call",
            Self::SpamSms => "kind-spam-sms",
            Self::Advert => "kind-advert",
        }
    }

    /// The key of what it covers.
    pub(crate) const fn hint_key(self) -> &'static str {
        match self {
            Self::ScamCall => "kind-scam-call-hint",
            Self::SpamCall => "kind-spam-call-hint",
            Self::SpamSms => "kind-spam-sms-hint",
            Self::Advert => "kind-advert-hint",
        }
    }
}

/// Whether the citizen lost something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Loss {
    /// Nothing.
    No,
    /// Money.
    Money,
    /// A code, a password, or an app was installed.
    Secrets,
}

impl Loss {
    /// All, in the order they are offered.
    pub(crate) const ALL: [Self; 3] = [Self::No, Self::Money, Self::Secrets];

    /// The id in forms and in the intake log: the domain's name of the kind.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::No => "khong",
            Self::Money => "co",
            Self::Secrets => "lo_ma",
        }
    }

    /// The loss with this id.
    pub(crate) fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|loss| loss.id() == id)
    }

    /// The key of its words.
    pub(crate) const fn title_key(self) -> &'static str {
        match self {
            Self::No => "loss-no",
            Self::Money => "loss-yes",
            Self::Secrets => "loss-data",
        }
    }
}

/// A file that is kept already and named by the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DraftFile {
    /// The name it came with.
    pub(crate) name: String,
    /// Bytes.
    pub(crate) size: u64,
    /// The sealed note that names it in the form (see `uploads`).
    pub(crate) ticket: String,
}

/// All answers so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Draft {
    /// What happened.
    pub(crate) kind: Option<Kind>,
    /// Number or sender, as typed.
    pub(crate) source: String,
    /// The phone showed no number.
    pub(crate) has_no_source: bool,
    /// Ticked terms as (facet field, term id).
    pub(crate) terms: Vec<(&'static str, String)>,
    /// Own words.
    pub(crate) words: String,
    /// Where the advert is.
    pub(crate) place: String,
    /// Commune, as typed.
    pub(crate) commune: String,
    /// Whether something was lost.
    pub(crate) loss: Option<Loss>,
    /// Amount, as typed.
    pub(crate) amount: String,
    /// Files.
    pub(crate) files: Vec<DraftFile>,
    /// The citizen's phone, as typed.
    pub(crate) phone: String,
    /// The sealed note of when the form was opened.
    pub(crate) guard: String,
    /// The sealed note that the phone is proven.
    pub(crate) proof: String,
    /// The citizen sends without proving the phone.
    pub(crate) skips_proof: bool,
    /// A code can be texted at all; not part of the form.
    pub(crate) can_prove: bool,
    /// A field people do not see was filled.
    pub(crate) is_trapped: bool,
    /// The citizen came from the check page to change an answer.
    pub(crate) is_amending: bool,
}

/// The fields of the three facets, in order.
pub(crate) const FACET_FIELDS: [&str; 3] = ["ai", "co", "doi"];

impl Draft {
    /// Reads the fields of a form. Unknown fields and overlong values are left out.
    pub(crate) fn from_fields(fields: &[(String, String)]) -> Self {
        let mut draft = Self::default();
        for (name, value) in fields.iter().take(MAX_FIELDS) {
            if value.len() <= MAX_VALUE_BYTES {
                draft.take(name, value);
            }
        }
        draft
    }

    fn take(&mut self, name: &str, value: &str) {
        let text = value.replace("\r\n", "\n");
        match name {
            "loai" => self.kind = Kind::from_id(value),
            "nguon" => self.source = text,
            "khong_so" => self.has_no_source = true,
            "ke_lai" => self.words = text,
            "noi_dan" => self.place = text,
            "xa" => self.commune = text,
            "mat_tien" => self.loss = Loss::from_id(value),
            "so_tien" => self.amount = text,
            "dien_thoai" => self.phone = text,
            "khoa" => self.guard = text,
            "so_da_xn" => self.proof = text,
            "bo_qua_xn" => self.skips_proof = true,
            "website" => self.is_trapped |= !value.is_empty(),
            "dang_sua" => self.is_amending = true,
            _ => {
                if let Some(facet) = FACET_FIELDS.into_iter().find(|facet| *facet == name) {
                    self.terms.push((facet, text));
                }
            }
        }
    }

    /// Whether a term is ticked.
    pub(crate) fn has_term(&self, facet: &str, id: &str) -> bool {
        self.terms.iter().any(|(field, term)| *field == facet && term == id)
    }

    /// Everything as fields of a form, without those named in `asked`, which the page itself asks for.
    pub(crate) fn to_fields(&self, asked: &[&str]) -> Vec<(&'static str, String)> {
        let mut fields: Vec<(&'static str, String)> = vec![
            ("loai", self.kind.map_or(String::new(), |kind| kind.id().to_owned())),
            ("nguon", self.source.clone()),
            ("khong_so", if self.has_no_source { "co".to_owned() } else { String::new() }),
            ("ke_lai", self.words.clone()),
            ("noi_dan", self.place.clone()),
            ("xa", self.commune.clone()),
            ("mat_tien", self.loss.map_or(String::new(), |loss| loss.id().to_owned())),
            ("so_tien", self.amount.clone()),
            ("dien_thoai", self.phone.clone()),
            ("khoa", self.guard.clone()),
            ("so_da_xn", self.proof.clone()),
            ("bo_qua_xn", if self.skips_proof { "co".to_owned() } else { String::new() }),
            ("dang_sua", if self.is_amending { "co".to_owned() } else { String::new() }),
        ];
        fields.extend(self.terms.iter().cloned());
        fields.extend(self.files.iter().map(|file| ("da_tai", file.ticket.clone())));
        fields.retain(|(name, value)| !value.is_empty() && !asked.contains(name));
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn every_kind_is_called_what_the_domain_calls_it() {
        for kind in Kind::ALL {
            assert!(canhgiac_domain::intake::ReportKind::from_id(kind.id()).is_some(), "{}", kind.id());
        }
    }

    #[test]
    fn what_was_typed_comes_back_word_for_word() {
        let given = fields(&[
            ("loai", "scam_call"),
            ("nguon", " 0912.345.678 "),
            ("ai", "police"),
            ("doi", "otp"),
            ("ke_lai", "dòng một\ndòng hai <b>"),
            ("mat_tien", "co"),
            ("so_tien", "năm triệu"),
            ("khoa", "x"),
        ]);
        let draft = Draft::from_fields(&given);
        let mut again: Vec<(String, String)> =
            draft.to_fields(&[]).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let mut expected = given.clone();
        again.sort();
        expected.sort();
        assert_eq!(again, expected);
        assert_eq!(Draft::from_fields(&again), draft);
    }

    #[test]
    fn a_page_does_not_carry_what_it_asks_for() {
        let draft = Draft::from_fields(&fields(&[("nguon", "0912345678"), ("loai", "spam_call")]));
        assert_eq!(draft.to_fields(&["nguon"]), vec![("loai", "spam_call".to_owned())]);
    }

    #[test]
    fn junk_is_left_out() {
        let long = "a".repeat(MAX_VALUE_BYTES + 1);
        let draft = Draft::from_fields(&fields(&[("ke_lai", &long), ("la", "x"), ("loai", "khac")]));
        assert_eq!(draft, Draft::default());
        let many = vec![("ai".to_owned(), "police".to_owned()); 1000];
        assert_eq!(Draft::from_fields(&many).terms.len(), MAX_FIELDS);
    }

    #[test]
    fn a_filled_trap_is_noticed() {
        assert!(Draft::from_fields(&fields(&[("website", "http://x")])).is_trapped);
        assert!(!Draft::from_fields(&fields(&[("website", "")])).is_trapped);
    }
}

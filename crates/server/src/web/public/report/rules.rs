//! What is wrong with the answers of a page, and what a finished report says.
//!
//! Pure but for the embedded lists it reads. Being a lenient reader is its duty: any spelling of a
//! number that the SMS grammar takes is taken here too. Official and emergency numbers may be
//! reported as well: a forged one is what the citizen saw.

use canhgiac_domain::area::Commune;
use canhgiac_domain::number::{NumberingPlan, Source, SourceKind, parse_number};
use canhgiac_domain::taxonomy::Taxonomy;
use canhgiac_domain::text::fold;
use jiff::civil::Date;

use super::draft::{Draft, FACET_FIELDS, Kind, Loss};
use super::steps::Step;
use crate::evidence::FILES_LIMIT;
use crate::web::public::communes::{self, Found};
use crate::web::public::uploads;
use crate::web::public::view::Errors;
use crate::web::texts::Lang;

/// Most sources of one report.
const MAX_SOURCES: usize = 5;
/// Longest own words, in characters.
pub(crate) const WORDS_LIMIT: usize = 4_000;
/// Larger losses than this, in đồng, are typing errors.
const MAX_LOSS: i64 = 1_000_000_000_000;

/// What the rules need to know.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    /// The numbering plan.
    pub(crate) plan: &'a NumberingPlan,
    /// The day of the report.
    pub(crate) on: Date,
    /// The language of messages.
    pub(crate) lang: Lang,
}

/// A source with the words it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedSource {
    /// As typed.
    pub(crate) typed: String,
    /// What it is.
    pub(crate) source: Source,
}

/// A report whose every page is in order.
#[derive(Debug, Clone)]
pub(crate) struct Finished {
    /// What happened.
    pub(crate) kind: Kind,
    /// What is reported; empty only when the phone showed no number.
    pub(crate) sources: Vec<NamedSource>,
    /// Ticked terms that exist: (facet word, term id).
    pub(crate) terms: Vec<(&'static str, String)>,
    /// Own words, as typed.
    pub(crate) words: String,
    /// Where the advert is.
    pub(crate) place: Option<String>,
    /// Commune.
    pub(crate) commune: Option<&'static Commune>,
    /// What was lost.
    pub(crate) loss: Option<Loss>,
    /// Money lost, in đồng.
    pub(crate) money_lost: Option<i64>,
    /// The citizen's own phone.
    pub(crate) phone: Option<Source>,
}

impl Rules<'_> {
    /// What is wrong with the answers of one page.
    pub(crate) fn check(self, step: Step, draft: &Draft) -> Errors {
        let mut errors = Errors::default();
        match step {
            Step::Kind => {
                if draft.kind.is_none() {
                    errors.add("loai", self.lang.t("report-kind-missing"));
                }
            }
            Step::Source => {
                if let Err(message) = self.sources(draft) {
                    errors.add("nguon", message);
                }
            }
            Step::Said => self.check_words(draft, &mut errors),
            Step::Place => {
                if draft.place.trim().is_empty() {
                    errors.add("noi_dan", self.lang.t("report-place-missing"));
                }
                self.check_commune(draft, &mut errors);
            }
            Step::Loss => {
                if draft.loss.is_none() {
                    errors.add("mat_tien", self.lang.t("report-loss-missing"));
                }
            }
            Step::Urgent => {
                if amount(&draft.amount).is_err() {
                    errors.add("so_tien", self.lang.t("report-amount-wrong"));
                }
            }
            Step::Evidence => {
                if draft.files.len() > FILES_LIMIT {
                    errors.add("tep", uploads::too_many());
                }
            }
            Step::Contact => {
                if draft.kind != Some(Kind::Advert) {
                    self.check_commune(draft, &mut errors);
                }
                if let Err(message) = self.phone(draft) {
                    errors.add("dien_thoai", message);
                }
            }
            Step::Proof | Step::Review => {}
        }
        errors
    }

    /// The finished report, or the first page that is not in order.
    pub(crate) fn finish(self, draft: &Draft) -> Result<Finished, (Step, Errors)> {
        for step in Step::path(draft) {
            let errors = self.check(step, draft);
            if !errors.is_empty() {
                return Err((step, errors));
            }
        }
        let missing = |step| (step, Errors::default());
        Ok(Finished {
            kind: draft.kind.ok_or(missing(Step::Kind))?,
            sources: self.sources(draft).map_err(|_| missing(Step::Source))?,
            terms: known_terms(draft),
            words: draft.words.clone(),
            place: Some(draft.place.trim().to_owned())
                .filter(|place| draft.kind == Some(Kind::Advert) && !place.is_empty()),
            commune: match communes::find(&draft.commune) {
                Found::One(commune) => Some(commune),
                Found::Several(_) | Found::None => None,
            },
            loss: draft.loss.filter(|_| draft.kind != Some(Kind::Advert)),
            money_lost: amount(&draft.amount)
                .ok()
                .flatten()
                .filter(|_| draft.kind != Some(Kind::Advert) && draft.loss == Some(Loss::Money)),
            phone: self.phone(draft).map_err(|_| missing(Step::Contact))?,
        })
    }

    /// What is reported, or what is wrong with it in words.
    pub(crate) fn sources(self, draft: &Draft) -> Result<Vec<NamedSource>, String> {
        let takes_no_number = matches!(draft.kind, Some(Kind::ScamCall | Kind::SpamCall));
        let typed: Vec<&str> =
            draft.source.split([',', ';', '\n', '/']).map(str::trim).filter(|one| !one.is_empty()).collect();
        if typed.is_empty() {
            return match (takes_no_number, draft.has_no_source) {
                (true, true) => Ok(Vec::new()),
                (true, false) => Err(self.lang.t("report-source-missing-call")),
                (false, _) => Err(self.lang.t("report-source-missing")),
            };
        }
        if typed.len() > MAX_SOURCES {
            return Err(self.lang.with("report-source-too-many", &[("so", &MAX_SOURCES.to_string())]));
        }
        let mut sources: Vec<NamedSource> = Vec::new();
        for one in typed {
            let source = self.source(one, draft.kind)?;
            if !sources.iter().any(|known| known.source == source) {
                sources.push(NamedSource { typed: one.to_owned(), source });
            }
        }
        Ok(sources)
    }

    fn source(self, typed: &str, kind: Option<Kind>) -> Result<Source, String> {
        if let Ok(number) = parse_number(typed, self.plan, self.on) {
            return Ok(number.source);
        }
        match (Source::sender_name(typed), kind) {
            (Ok(name), Some(Kind::SpamSms)) => Ok(name),
            (Ok(_), _) => Err(self.lang.t("report-source-not-number")),
            (Err(_), _) => Err(self.lang.with("report-source-wrong", &[("viet", typed)])),
        }
    }

    fn check_words(self, draft: &Draft, errors: &mut Errors) {
        if draft.words.chars().count() > WORDS_LIMIT {
            errors.add("ke_lai", self.lang.t("report-words-too-long"));
        } else if draft.words.trim().is_empty() && known_terms(draft).is_empty() {
            errors.add("ke_lai", self.lang.t("report-words-missing"));
        }
    }

    fn check_commune(self, draft: &Draft, errors: &mut Errors) {
        let typed = draft.commune.trim();
        let is_advert = draft.kind == Some(Kind::Advert);
        match (typed.is_empty(), is_advert) {
            (true, false) => return,
            (true, true) => return errors.add("xa", self.lang.t("report-commune-missing")),
            (false, _) => {}
        }
        match communes::find(typed) {
            Found::One(_) => {}
            Found::Several(several) => {
                let names: Vec<&str> = several.iter().map(|one| one.full_name.as_str()).collect();
                let values = [("viet", typed), ("cac", &names.join(", "))];
                errors.add("xa", self.lang.with("report-commune-several", &values));
            }
            Found::None => {
                let key = if is_advert { "report-commune-unknown-advert" } else { "report-commune-unknown" };
                errors.add("xa", self.lang.with(key, &[("viet", typed)]));
            }
        }
    }

    pub(super) fn phone(self, draft: &Draft) -> Result<Option<Source>, String> {
        let typed = draft.phone.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        match parse_number(typed, self.plan, self.on) {
            Ok(number) if self.plan.is_mobile_subscriber(&number.source, self.on) => {
                let is_reported = self
                    .sources(draft)
                    .is_ok_and(|sources| sources.iter().any(|one| one.source == number.source));
                if is_reported {
                    return Err(self.lang.t("report-phone-same"));
                }
                Ok(Some(number.source))
            }
            _ => Err(self.lang.with("report-phone-wrong", &[("viet", typed)])),
        }
    }
}

/// The ticked terms that the taxonomy knows, each once, as (facet word, term id).
pub(crate) fn known_terms(draft: &Draft) -> Vec<(&'static str, String)> {
    let mut terms = Vec::new();
    for (field, id) in &draft.terms {
        let Some(term) = Taxonomy::embedded().term(id) else { continue };
        let facet = term.facet.as_str();
        let is_in_place = facet_of(field) == Some(facet);
        if is_in_place && !terms.iter().any(|(_, known)| known == id) {
            terms.push((facet, id.clone()));
        }
    }
    terms
}

/// The taxonomy's word for a form's facet field.
pub(crate) fn facet_of(field: &str) -> Option<&'static str> {
    let at = FACET_FIELDS.iter().position(|known| *known == field)?;
    ["who", "why", "demand"].get(at).copied()
}

/// An amount of money as people write it: `5.000.000`, `5000000 đ`, `5 triệu`, `1,5 tỷ`, `500k`.
/// Empty is no amount.
///
/// # Errors
/// When it cannot be read as one.
pub(crate) fn amount(typed: &str) -> Result<Option<i64>, ()> {
    let folded = fold(typed);
    let digits_end = folded
        .char_indices()
        .find(|(_, c)| !(c.is_ascii_digit() || matches!(c, '.' | ',' | ' ')))
        .map_or(folded.len(), |(at, _)| at);
    let (figures, unit) = folded.split_at(digits_end);
    let figures = figures.trim();
    if figures.is_empty() {
        return if unit.is_empty() { Ok(None) } else { Err(()) };
    }
    let scale: i64 = match unit.trim().trim_end_matches('.') {
        "" | "d" | "vnd" | "dong" => 1,
        "k" | "nghin" | "ngan" | "nghin dong" | "ngan dong" => 1_000,
        "tr" | "trieu" | "trieu dong" => 1_000_000,
        "ty" | "ti" | "ty dong" | "ti dong" => 1_000_000_000,
        _ => return Err(()),
    };
    let dong = if scale == 1 { whole(figures)? } else { scaled(figures, scale)? };
    if (0..=MAX_LOSS).contains(&dong) { Ok(Some(dong).filter(|dong| *dong > 0)) } else { Err(()) }
}

/// `5.000.000`: dots, commas and spaces only group.
fn whole(figures: &str) -> Result<i64, ()> {
    let digits: String = figures.chars().filter(char::is_ascii_digit).collect();
    if digits.len() > 15 {
        return Err(());
    }
    digits.parse().map_err(|_| ())
}

/// `1,5` times a unit: one comma or dot is a decimal mark here.
fn scaled(figures: &str, scale: i64) -> Result<i64, ()> {
    let (head, tail) = figures.split_once([',', '.']).unwrap_or((figures, ""));
    let (head, tail) = (head.trim(), tail.trim());
    if head.len() > 6 || tail.len() > 3 || !tail.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(());
    }
    let head: i64 = head.parse().map_err(|_| ())?;
    let fraction = tail.bytes().zip([scale / 10, scale / 100, scale / 1_000]);
    let part: i64 = fraction.map(|(digit, worth)| i64::from(digit - b'0') * worth).sum();
    Ok(head * scale + part)
}

/// A source with its name as people read it.
pub(crate) fn shown(source: &Source) -> String {
    match source.kind() {
        SourceKind::SenderName => format!("“{}”", source.display()),
        _ => source.display(),
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;

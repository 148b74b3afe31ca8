//! The templates of the report form, and which one shows a page.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use canhgiac_domain::taxonomy::{Facet, Taxonomy};

use super::draft::{Draft, FACET_FIELDS, Kind};
use super::flow::Flow;
use super::rules::{Rules, amount, known_terms, shown};
use super::steps::Step;
use crate::web::format;
use crate::web::page::{Page, render};
use crate::web::public::communes;
use crate::web::public::view::Errors;

/// A facet with its terms to tick.
pub(crate) struct FacetView {
    /// The key of its question.
    pub(crate) title_key: &'static str,
    /// The form's field.
    pub(crate) field: &'static str,
    /// Terms shown at once.
    pub(crate) common: Vec<TermView>,
    /// Terms shown on asking.
    pub(crate) others: Vec<TermView>,
    /// One of the others is ticked.
    pub(crate) is_open: bool,
}

/// A term to tick.
pub(crate) struct TermView {
    /// Its id.
    pub(crate) id: &'static str,
    /// Its words.
    pub(crate) label: &'static str,
}

/// A row of the check page.
pub(crate) struct Row {
    label_key: &'static str,
    lines: Vec<String>,
    step: &'static str,
}

macro_rules! step_page {
    ($name:ident, $path:literal $(, $field:ident : $kind:ty)*) => {
        #[derive(Template)]
        #[template(path = $path)]
        struct $name {
            page: Page,
            flow: Flow,
            errors: Errors,
            $($field: $kind,)*
        }
    };
}

step_page!(KindPage, "public/report/kind.html");
step_page!(SourcePage, "public/report/source.html");
step_page!(SaidPage, "public/report/said.html", facets: Vec<FacetView>);
step_page!(PlacePage, "public/report/place.html", communes: Vec<&'static str>);
step_page!(LossPage, "public/report/loss.html");
step_page!(UrgentPage, "public/report/urgent.html");
step_page!(EvidencePage, "public/report/evidence.html");
step_page!(ContactPage, "public/report/contact.html", communes: Vec<&'static str>);
step_page!(ProofPage, "public/report/proof.html");
step_page!(ReviewPage, "public/report/review.html", rows: Vec<Row>, question: Option<(String, String)>);

/// What the citizen sees after sending.
#[derive(Template)]
#[template(path = "public/report/done.html")]
pub(crate) struct DonePage {
    /// The frame.
    pub(crate) page: Page,
    /// `4827 1935`.
    pub(crate) code: String,
    /// `48271935`.
    pub(crate) digits: String,
    /// `/tra-cuu/…`.
    pub(crate) status_path: String,
    /// The same with scheme and host.
    pub(crate) status_url: String,
    /// A phone was given.
    pub(crate) gave_phone: bool,
    /// Money or secrets were lost.
    pub(crate) lost_money: bool,
}

/// The page of the form where `flow` stands; `question` is asked before it is sent.
pub(crate) fn show(
    flow: Flow,
    errors: Errors,
    rules: Rules<'_>,
    question: Option<(String, String)>,
) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Page::titled(title_key(&flow), "/phan-anh").with_errors(!errors.is_empty());
    let page = if flow.step == Step::Kind { page.described("report-description") } else { page.private() };
    match flow.step {
        Step::Kind => render(status, &KindPage { page, flow, errors }),
        Step::Source => render(status, &SourcePage { page, flow, errors }),
        Step::Said => {
            let facets = facets(&flow.draft);
            render(status, &SaidPage { page, flow, errors, facets })
        }
        Step::Place => render(status, &PlacePage { page, flow, errors, communes: commune_names() }),
        Step::Loss => render(status, &LossPage { page, flow, errors }),
        Step::Urgent => render(status, &UrgentPage { page, flow, errors }),
        Step::Evidence => render(status, &EvidencePage { page, flow, errors }),
        Step::Contact => render(status, &ContactPage { page, flow, errors, communes: commune_names() }),
        Step::Proof => render(status, &ProofPage { page, flow, errors }),
        Step::Review => {
            let rows = rows(&page, &flow, rules);
            render(status, &ReviewPage { page, flow, errors, rows, question })
        }
    }
}

fn title_key(flow: &Flow) -> &'static str {
    match flow.step {
        Step::Kind => "report-title",
        Step::Source => flow.source_question_key(),
        Step::Said => flow.said_question_key(),
        Step::Place => "report-place",
        Step::Loss => "report-loss",
        Step::Urgent => "report-urgent",
        Step::Evidence => flow.evidence_question_key(),
        Step::Contact => "report-contact",
        Step::Proof => "proof-title",
        Step::Review => "report-review",
    }
}

fn commune_names() -> Vec<&'static str> {
    communes::all().iter().map(|commune| commune.full_name.as_str()).collect()
}

/// What an advert on a wall is about: nobody is impersonated there.
const ADVERT_TERMS: [&str; 8] =
    ["loan", "black_credit", "debt", "job", "gambling", "real_estate", "fake_documents", "advertising"];

/// Terms of a facet shown at once; the taxonomy lists the most frequent first.
const COMMON_TERMS: usize = 6;

/// The facets with their terms to tick, as the kind of report asks for them.
pub(crate) fn facets(draft: &Draft) -> Vec<FacetView> {
    let titles = ["report-facet-who", "report-facet-why", "report-facet-demand"];
    let is_advert = draft.kind == Some(Kind::Advert);
    Facet::ALL
        .into_iter()
        .zip(titles)
        .zip(FACET_FIELDS)
        .filter(|((facet, _), _)| !is_advert || *facet == Facet::Why)
        .map(|((facet, title_key), field)| {
            let mut common: Vec<TermView> = Taxonomy::embedded()
                .of(facet)
                .filter(|term| !is_advert || ADVERT_TERMS.contains(&term.id.as_str()))
                .map(|term| TermView { id: term.id.as_str(), label: &term.label_vi })
                .collect();
            let shown = if is_advert { common.len() } else { COMMON_TERMS.min(common.len()) };
            let others = common.split_off(shown);
            let is_open = others.iter().any(|term| draft.has_term(field, term.id));
            let title_key = if is_advert { "report-facet-advert" } else { title_key };
            FacetView { title_key, field, common, others, is_open }
        })
        .collect()
}

/// The answers so far, as the citizen reads them again.
fn rows(page: &Page, flow: &Flow, rules: Rules<'_>) -> Vec<Row> {
    Step::path(&flow.draft)
        .into_iter()
        .filter_map(|step| {
            let (label_key, mut lines) = answers(step, page, flow, rules)?;
            lines.retain(|line| !line.trim().is_empty());
            if lines.is_empty() {
                lines.push(page.t("report-row-empty"));
            }
            Some(Row { label_key, lines, step: step.id() })
        })
        .collect()
}

fn answers(step: Step, page: &Page, flow: &Flow, rules: Rules<'_>) -> Option<(&'static str, Vec<String>)> {
    let draft = &flow.draft;
    match step {
        Step::Kind => {
            let kind = draft.kind.map(|kind| page.t(kind.title_key()));
            Some(("report-row-kind", kind.into_iter().collect()))
        }
        Step::Source => {
            let sources = rules.sources(draft).unwrap_or_default();
            let mut lines: Vec<String> = sources.iter().map(|one| shown(&one.source)).collect();
            if lines.is_empty() && draft.has_no_source {
                lines.push(page.t("report-source-none"));
            }
            Some(("report-row-source", lines))
        }
        Step::Said => {
            let mut lines: Vec<String> = known_terms(draft)
                .iter()
                .map(|(_, id)| Taxonomy::embedded().label_vi(id).to_owned())
                .collect();
            lines.push(draft.words.clone());
            Some(("report-row-said", lines))
        }
        Step::Place => Some(("report-row-place", vec![draft.place.clone(), commune(draft.commune.as_str())])),
        Step::Loss => {
            let loss = draft.loss.map(|loss| page.t(loss.title_key()));
            let money = amount(&draft.amount).ok().flatten().map(format::money);
            Some(("report-row-loss", loss.into_iter().chain(money).collect()))
        }
        Step::Evidence => {
            Some(("report-row-evidence", draft.files.iter().map(|file| file.name.clone()).collect()))
        }
        Step::Contact => {
            let own = rules.phone(draft).ok().flatten();
            let mut lines = vec![own.map_or_else(|| draft.phone.clone(), |phone| shown(&phone))];
            if draft.can_prove && !draft.phone.trim().is_empty() {
                lines.push(page.t(if draft.proof.is_empty() { "proof-no" } else { "proof-yes" }));
            }
            if flow.asks_commune_with_contact() {
                lines.insert(0, commune(&draft.commune));
            }
            Some(("report-row-contact", lines))
        }
        Step::Urgent | Step::Proof | Step::Review => None,
    }
}

/// The commune's proper name where the typed words name one.
fn commune(typed: &str) -> String {
    match communes::find(typed) {
        communes::Found::One(commune) => commune.full_name.clone(),
        communes::Found::Several(_) | communes::Found::None => typed.to_owned(),
    }
}

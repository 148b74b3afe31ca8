//! The first screen and the check: "Thật hay lừa đảo?".
//!
//! What is checked comes by POST, stands in no address and is not kept.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use canhgiac_analysis::assess::Assessment;
use canhgiac_domain::number::SourceKind;
use canhgiac_domain::taxonomy::Taxonomy;

use super::pages::{CheckPage, HomePage};
use super::view::{CheckedItem, Errors, Reason, Sign, Verdict};
use super::{Public, Trouble, report, uploads, warnings};
use crate::check::{self, Checked, CheckedSource};
use crate::web::format;
use crate::web::page::{Page, render};

/// Warnings on the first screen.
const WARNINGS_SHOWN: i64 = 3;
/// Characters of a pasted text that are shown again.
const SHOWN_CHARS: usize = 80;
/// Labels of who is impersonated that are shown.
const IMPERSONATED_SHOWN: usize = 2;

/// `GET /`
pub(crate) async fn home(State(public): State<Public>) -> Result<Response, Trouble> {
    home_page(&public, Errors::default()).await
}

async fn home_page(public: &Public, errors: Errors) -> Result<Response, Trouble> {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = HomePage {
        page: Page::titled("home-title", "/").described("home-description").with_errors(!errors.is_empty()),
        errors,
        typed: String::new(),
        warnings: warnings::live(public, WARNINGS_SHOWN).await?,
    };
    Ok(render(status, &page))
}

/// `POST /kiem-tra`
pub(crate) async fn check(State(public): State<Public>, request: Request) -> Result<Response, Trouble> {
    let read = uploads::read_fields(request).await?;
    let text = read.value("noi_dung").trim();
    if text.is_empty() {
        let mut errors = Errors::default();
        errors.add("noi-dung-kiem-tra", Page::titled("home-title", "/").t("home-empty"));
        return home_page(&public, errors).await;
    }
    let checked = public.app.check(text).await.map_err(Trouble::from_error)?;
    Ok(render(StatusCode::OK, &check_page(&checked, text)))
}

fn check_page(checked: &Checked, text: &str) -> CheckPage {
    let page = Page::titled("check-title", "/kiem-tra").private();
    let mut items: Vec<CheckedItem> =
        checked.sources.iter().map(|source| item_of_source(&page, source)).collect();
    if let Some(words) = &checked.words {
        items.push(item_of_words(&page, checked, words, text));
    }
    if items.is_empty() {
        items.push(CheckedItem {
            label: page.t("check-label-text"),
            shown: shortened(text),
            verdict: Verdict::Unknown,
            reasons: Vec::new(),
        });
    }
    items.sort_by_key(|item| item.verdict);
    // Longer ones would not fit the form's box.
    let is_short = text.chars().count() <= report::WORDS_LIMIT;
    let words = if checked.words.is_some() && is_short { text.to_owned() } else { String::new() };
    let signs = checked.words.as_ref().map(signs_of).unwrap_or_default();
    let reportable = checked
        .sources
        .iter()
        .find(|source| source.verdict != check::Verdict::Official)
        .map(|source| source.source.dialled());
    CheckPage {
        page,
        overall: checked.verdict.into(),
        items,
        signs,
        is_cut: checked.is_cut,
        reportable,
        words,
        warnings: checked.warning.iter().filter_map(warnings::card).collect(),
    }
}

impl From<check::Verdict> for Verdict {
    fn from(verdict: check::Verdict) -> Self {
        match verdict {
            check::Verdict::Verified => Self::Verified,
            check::Verdict::Signs => Self::Scam,
            check::Verdict::Reported => Self::Reported,
            check::Verdict::Official => Self::OfficialNumber,
            check::Verdict::Unknown => Self::Unknown,
        }
    }
}

fn item_of_source(page: &Page, checked: &CheckedSource) -> CheckedItem {
    let label = match checked.source.kind() {
        SourceKind::SenderName => "check-label-sender",
        SourceKind::Subscriber | SourceKind::Service | SourceKind::ShortCode => "check-label-number",
    };
    CheckedItem {
        label: page.t(label),
        shown: checked.source.display(),
        verdict: checked.verdict.into(),
        reasons: reasons_of(page, checked),
    }
}

fn reasons_of(page: &Page, checked: &CheckedSource) -> Vec<Reason> {
    let plain = |text: String| Reason { date: None, text };
    let mut reasons = Vec::new();
    if let Some(owner) = &checked.official_owner {
        reasons.push(plain(page.t1("check-reason-official", "ten", owner)));
    } else if matches!(checked.source.kind(), SourceKind::ShortCode | SourceKind::Service) {
        reasons.push(plain(page.t("check-reason-service")));
    }
    match checked.case_state.as_deref() {
        Some("kept") => reasons.push(plain(page.t("check-reason-verified"))),
        Some("blocked") => reasons.push(plain(page.t("check-reason-blocked"))),
        Some("confirmed" | "block_requested") => reasons.push(plain(page.t("check-reason-signs-found"))),
        Some("restored") => reasons.push(plain(page.t("check-reason-restored"))),
        _ => {}
    }
    if checked.verdict <= check::Verdict::Reported {
        if let Some(at_us) = checked.last_reported_us {
            let text = page.t("check-reason-reported");
            reasons.push(Reason { date: Some(format::date(at_us)), text });
        }
        let labels = checked.impersonated_ids.iter().map(|id| Taxonomy::embedded().label_vi(id));
        let who: Vec<&str> = labels.take(IMPERSONATED_SHOWN).collect();
        if !who.is_empty() {
            reasons.push(plain(page.t1("check-reason-impersonated", "ai", who.join("; "))));
        }
    }
    reasons
}

fn item_of_words(page: &Page, checked: &Checked, words: &Assessment, text: &str) -> CheckedItem {
    use canhgiac_analysis::assess::Level;
    let verdict = match words.level {
        Level::Signs => Verdict::Scam,
        Level::Weak | Level::None => Verdict::Unknown,
    };
    // Beside sources the words stand on their own; alone they are the verdict.
    let verdict = if checked.sources.is_empty() { checked.verdict.into() } else { verdict };
    CheckedItem { label: page.t("check-label-text"), shown: shortened(text), verdict, reasons: Vec::new() }
}

fn signs_of(words: &Assessment) -> Vec<Sign> {
    words
        .reasons
        .iter()
        .map(|reason| Sign { label: reason.label_vi.clone(), words: reason.quoted.join(" … ") })
        .collect()
}

/// The beginning of a text on one line.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_shown_shortened_and_whole_letters_stay_whole() {
        assert_eq!(shortened(" một\n hai "), "một hai");
        let long = "ế".repeat(200);
        assert_eq!(shortened(&long).chars().count(), SHOWN_CHARS + 1);
    }
}

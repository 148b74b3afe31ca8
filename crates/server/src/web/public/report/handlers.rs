//! The report form's two addresses, `/phan-anh` and `/phan-anh/da-nhan/{token}`.

use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::draft::{Draft, Kind, Loss};
use super::flow::Flow;
use super::pages::{DonePage, show};
use super::rules::{Finished, Rules};
use super::steps::Step;
use crate::evidence::FILES_LIMIT;
use crate::intake::ReportForm;
use crate::web::format;
use crate::web::page::{Page, render};
use crate::web::public::guard::{self, Seen};
use crate::web::public::memory::Receipt;
use crate::web::public::view::Errors;
use crate::web::public::{Public, Trouble, status, uploads};
use crate::web::texts::Lang;

/// `GET /phan-anh`
pub(crate) async fn start(State(public): State<Public>) -> Result<Response, Trouble> {
    Ok(at(&public, Step::Kind, fresh(&public, Draft::default())?, Errors::default()))
}

/// `POST /phan-anh`
pub(crate) async fn turn(State(public): State<Public>, request: Request) -> Result<Response, Trouble> {
    let read = uploads::read(&public.app, request).await?;
    let mut draft = draft_of(&public, &read)?;
    let from = match read.value("buoc") {
        "tu-kiem-tra" => return Ok(at(&public, Step::Kind, draft, Errors::default())),
        "tu-mat-tien" => {
            draft.kind = Some(Kind::ScamCall);
            draft.loss = Some(Loss::Money);
            return Ok(at(&public, Step::Kind, draft, Errors::default()));
        }
        id => Step::from_id(id).unwrap_or(Step::Kind),
    };
    match read.value("di") {
        "lui" => {
            let back = from.previous(&draft).unwrap_or(Step::Kind);
            Ok(at(&public, back, draft, Errors::default()))
        }
        "them" => {
            let errors = upload_errors(&read, true);
            Ok(at(&public, Step::Evidence, draft, errors))
        }
        "gui" => send(&public, draft).await,
        other => {
            if let Some(step) = other.strip_prefix("sua:").and_then(Step::from_id) {
                draft.is_amending = true;
                return Ok(at(&public, step, draft, Errors::default()));
            }
            if let Some(index) = other.strip_prefix("bo:").and_then(|index| index.parse::<usize>().ok()) {
                if index < draft.files.len() {
                    draft.files.remove(index);
                }
                return Ok(at(&public, Step::Evidence, draft, upload_errors(&read, false)));
            }
            Ok(forward(&public, from, draft, &read))
        }
    }
}

fn forward(public: &Public, from: Step, draft: Draft, read: &uploads::Read) -> Response {
    let mut errors = public.rules().check(from, &draft);
    for refused in &read.refused {
        errors.add("tep", refused.clone());
    }
    if !errors.is_empty() {
        return at(public, from, draft, errors);
    }
    let next = from.next(&draft);
    if draft.is_amending && next != Step::Urgent {
        // Back to the check page, or to what the change has left open.
        let next = public.rules().finish(&draft).map_or_else(|(step, _)| step, |_| Step::Review);
        return at(public, next, draft, Errors::default());
    }
    at(public, next, draft, Errors::default())
}

/// The page, kept by the browser for its own Back button and by nobody else.
fn at(public: &Public, step: Step, mut draft: Draft, errors: Errors) -> Response {
    if step == Step::Review {
        draft.is_amending = false;
    }
    let mut response = show(Flow { step, draft }, errors, public.rules());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=600"));
    response
}

fn fresh(public: &Public, draft: Draft) -> Result<Draft, Trouble> {
    let app = &public.app;
    let guard = guard::issue(&app.keys, app.clock.now_us()).map_err(Trouble::from_error)?;
    Ok(Draft { guard, ..draft })
}

/// The draft in a form: its fields, the files it names, the files that came with it.
fn draft_of(public: &Public, read: &uploads::Read) -> Result<Draft, Trouble> {
    let keys = &public.app.keys;
    let mut draft = Draft::from_fields(&read.fields);
    let carried = read.fields.iter().filter(|(name, _)| name == "da_tai");
    let known = carried.filter_map(|(_, ticket)| uploads::file_of(keys, ticket)).take(FILES_LIMIT);
    let mut files: Vec<_> = known.collect();
    for kept in &read.kept {
        if !files.iter().any(|file| file.sha256 == kept.sha256) {
            files.push(kept.clone());
        }
    }
    for file in &files {
        draft.files.push(uploads::draft_file(keys, file).map_err(Trouble::from_error)?);
    }
    if guard::is_ours(keys, &draft.guard) { Ok(draft) } else { fresh(public, draft) }
}

fn upload_errors(read: &uploads::Read, is_wanted: bool) -> Errors {
    let mut errors = Errors::default();
    for refused in &read.refused {
        errors.add("tep", refused.clone());
    }
    if is_wanted && read.kept.is_empty() && read.refused.is_empty() {
        errors.add("tep", Lang::default().t("evidence-none"));
    }
    errors
}

async fn send(public: &Public, draft: Draft) -> Result<Response, Trouble> {
    let rules = public.rules();
    let finished = match rules.finish(&draft) {
        Ok(finished) => finished,
        Err((step, errors)) => return Ok(at(public, step, draft, errors)),
    };
    let again = |key: &str, draft: Draft| {
        let mut errors = Errors::default();
        errors.add("gui", Lang::default().t(key));
        at(public, Step::Review, draft, errors)
    };
    if draft.is_trapped {
        return Ok(again("report-too-fast", draft));
    }
    let form = match guard::read(&public.app.keys, &draft.guard, public.app.clock.now_us()) {
        Seen::Good(form) => form,
        Seen::TooFast => return Ok(again("report-too-fast", draft)),
        Seen::Stale => return Ok(again("report-expired", fresh(public, draft)?)),
    };
    let mut sent = public.memory.sent(&form).await;
    let token = match sent.receipt(&form) {
        Some(receipt) => receipt.token.clone(),
        None => match take(public, &draft, &finished).await {
            Ok(receipt) => {
                let token = receipt.token.clone();
                sent.remember(form, receipt);
                token
            }
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "a report from the site could not be stored");
                drop(sent);
                return Ok(again("report-not-stored", draft));
            }
        },
    };
    Ok(Redirect::to(&format!("/phan-anh/da-nhan/{token}")).into_response())
}

async fn take(public: &Public, draft: &Draft, finished: &Finished) -> anyhow::Result<Receipt> {
    let evidence =
        draft.files.iter().filter_map(|file| uploads::file_of(&public.app.keys, &file.ticket)).collect();
    let form = ReportForm {
        kind: finished.kind.id().to_owned(),
        sources: finished.sources.iter().map(|one| one.typed.clone()).collect(),
        content: finished.words.clone(),
        terms: finished.terms.iter().map(|(facet, id)| ((*facet).to_owned(), id.clone())).collect(),
        money_lost: finished.money_lost,
        evidence,
        commune: finished.commune.map(|commune| commune.code.clone()),
        place: finished.place.clone(),
        token_hash: String::new(),
    };
    let phone = finished.phone.as_ref().map(|phone| phone.canonical());
    let receipt = public.app.take_form(&form, phone).await?;
    Ok(Receipt {
        digits: receipt.code.digits(),
        token: receipt.token,
        gave_phone: phone.is_some(),
        lost_money: matches!(finished.loss, Some(Loss::Money | Loss::Secrets)),
    })
}

/// `GET /phan-anh/da-nhan/{token}`
pub(crate) async fn done(
    State(public): State<Public>,
    Path(token): Path<String>,
) -> Result<Response, Trouble> {
    let receipt = match public.memory.receipt_of(&token).await {
        Some(receipt) => receipt,
        None => {
            let entry = status::by_token(&public, &token).await?;
            Receipt {
                digits: status::code_digits(entry.report.code),
                gave_phone: entry.report.reporter_hash.is_some(),
                lost_money: entry.report.money_lost.is_some(),
                token,
            }
        }
    };
    let status_path = format!("/tra-cuu/{}", receipt.token);
    let page = DonePage {
        page: Page::titled("done-page-title", "/phan-anh").private(),
        code: format::receipt_code(&receipt.digits),
        status_url: format!("{}{status_path}", public.app.config.base_url()),
        status_path,
        digits: receipt.digits,
        gave_phone: receipt.gave_phone,
        lost_money: receipt.lost_money,
    };
    Ok(render(StatusCode::OK, &page))
}

impl Public {
    /// The rules as of today.
    pub(crate) fn rules(&self) -> Rules<'_> {
        Rules { plan: &self.app.rules.numbering, on: self.app.clock.today(), lang: Lang::default() }
    }
}

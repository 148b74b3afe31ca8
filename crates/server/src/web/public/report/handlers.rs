//! The report form's two addresses, `/phan-anh` and `/phan-anh/da-nhan/{token}`.

use std::net::IpAddr;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use canhgiac_domain::number::Source;

use super::doubt;
use super::draft::{Draft, Kind, Loss};
use super::flow::Flow;
use super::pages::{DonePage, show};
use super::rules::{Finished, Rules};
use super::steps::Step;
use crate::evidence::FILES_LIMIT;
use crate::intake::{FormWay, ReportForm};
use crate::keys::hash_token;
use crate::web::page::{Page, render};
use crate::web::public::guard::{self, Seen};
use crate::web::public::memory::Receipt;
use crate::web::public::view::Errors;
use crate::web::public::{Public, Trouble, prove, status, uploads};
use crate::web::texts::Lang;
use crate::web::{format, limit};

/// `GET /phan-anh`
pub(crate) async fn start(State(public): State<Public>) -> Result<Response, Trouble> {
    Ok(at(&public, Step::Kind, fresh(&public, Draft::default())?, Errors::default()))
}

/// `POST /phan-anh`
pub(crate) async fn turn(State(public): State<Public>, request: Request) -> Result<Response, Trouble> {
    let address = limit::address(&request);
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
        "gui" => send(&public, draft, &read, address).await,
        "gui_ma" => {
            text_proof(&public, &draft, address).await?;
            Ok(at(&public, Step::Proof, draft, Errors::default()))
        }
        "bo_qua" => {
            draft.skips_proof = true;
            draft.proof.clear();
            Ok(at(&public, Step::Review, draft, Errors::default()))
        }
        "tiep" if from == Step::Proof => prove_phone(&public, draft, &read).await,
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
            forward(&public, from, draft, &read, address).await
        }
    }
}

async fn forward(
    public: &Public,
    from: Step,
    draft: Draft,
    read: &uploads::Read,
    address: Option<IpAddr>,
) -> Result<Response, Trouble> {
    let mut errors = public.rules().check(from, &draft);
    for refused in &read.refused {
        errors.add("tep", refused.clone());
    }
    if !errors.is_empty() {
        return Ok(at(public, from, draft, errors));
    }
    let mut next = from.next(&draft);
    if next == Step::Proof && (draft.skips_proof || is_proven(public, &draft)) {
        next = Step::Review;
    }
    if next == Step::Proof {
        text_proof(public, &draft, address).await?;
        return Ok(at(public, next, draft, Errors::default()));
    }
    if draft.is_amending && next != Step::Urgent {
        // Back to the check page, or to what the change has left open.
        next = public.rules().finish(&draft).map_or_else(|(step, _)| step, |_| Step::Review);
    }
    Ok(at(public, next, draft, Errors::default()))
}

/// The phone typed, and the form it is typed in.
fn phone_of(public: &Public, draft: &Draft) -> Option<(Source, String)> {
    let phone = public.rules().phone(draft).ok().flatten()?;
    Some((phone, guard::form_of(&public.app.keys, &draft.guard)?))
}

/// Whether the phone that is typed now was proven in this form.
fn is_proven(public: &Public, draft: &Draft) -> bool {
    phone_of(public, draft).is_some_and(|(phone, form)| {
        let hash = public.app.keys.hash_number(phone.canonical());
        prove::is_proven(&public.app, &draft.proof, &hash, &form)
    })
}

async fn text_proof(public: &Public, draft: &Draft, address: Option<IpAddr>) -> Result<(), Trouble> {
    let Some((phone, form)) = phone_of(public, draft) else { return Ok(()) };
    let to = public.app.keys.seal_number(phone.canonical()).map_err(Trouble::from_error)?;
    prove::text_code(&public.app, &to, &hash_token(&form), address).await.map_err(Trouble::from_error)
}

/// The code that was typed: right, and the number is proven; wrong, and it is asked again.
async fn prove_phone(public: &Public, mut draft: Draft, read: &uploads::Read) -> Result<Response, Trouble> {
    let Some((phone, form)) = phone_of(public, &draft) else {
        return Ok(at(public, Step::Contact, draft, Errors::default()));
    };
    let hash = public.app.keys.hash_number(phone.canonical());
    if prove::use_code(&public.app, &hash, &hash_token(&form), read.value("ma_xn")).await? {
        draft.proof = prove::note(&public.app, &hash, &form).map_err(Trouble::from_error)?;
        return Ok(at(public, Step::Review, draft, Errors::default()));
    }
    let mut errors = Errors::default();
    errors.add("ma_xn", Lang::default().t("proof-wrong"));
    Ok(at(public, Step::Proof, draft, errors))
}

/// The page, kept by the browser for its own Back button and by nobody else.
fn at(public: &Public, step: Step, draft: Draft, errors: Errors) -> Response {
    at_asking(public, step, draft, errors, None)
}

fn at_asking(
    public: &Public,
    step: Step,
    mut draft: Draft,
    errors: Errors,
    question: Option<(String, String)>,
) -> Response {
    if step == Step::Review {
        draft.is_amending = false;
        if !is_proven(public, &draft) {
            draft.proof.clear();
        }
    }
    let mut response = show(Flow { step, draft }, errors, public.rules(), question);
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
    draft.can_prove = public.app.way_out("", None).is_some();
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

async fn send(
    public: &Public,
    draft: Draft,
    read: &uploads::Read,
    address: Option<IpAddr>,
) -> Result<Response, Trouble> {
    let rules = public.rules();
    let app = &public.app;
    let finished = match rules.finish(&draft) {
        Ok(finished) => finished,
        Err((step, errors)) => return Ok(at(public, step, draft, errors)),
    };
    let again = |key: &str, draft: Draft| {
        let mut errors = Errors::default();
        errors.add("gui", Lang::default().t(key));
        at(public, Step::Review, draft, errors)
    };
    let form = match guard::read(&app.keys, &draft.guard, app.clock.now_us()) {
        Seen::Good(form) => form,
        Seen::TooFast => guard::form_of(&app.keys, &draft.guard).ok_or(Trouble::BadRequest)?,
        Seen::Stale => return Ok(again("report-expired", fresh(public, draft)?)),
    };
    let mut sent = public.memory.sent(&form).await;
    if let Some(receipt) = sent.receipt(&form) {
        return Ok(Redirect::to(&format!("/phan-anh/da-nhan/{}", receipt.token)).into_response());
    }
    let look = doubt::look(app, &draft, &form, address).await?;
    let typed = read.value("tra_loi");
    if look.asks && !doubt::is_answered(app, read.value("cau_hoi"), typed, &form) {
        let question = doubt::question(app, &form).map_err(Trouble::from_error)?;
        let mut errors = Errors::default();
        let key = if typed.is_empty() { "ask-missing" } else { "ask-wrong" };
        errors.add("tra_loi", Lang::default().t(key));
        return Ok(at_asking(public, Step::Review, draft, errors, Some(question)));
    }
    match take(public, &draft, &finished, look.doubts).await {
        Ok(receipt) => {
            let token = receipt.token.clone();
            sent.remember(form.clone(), receipt);
            if let Err(error) = doubt::spend(app, &form, address).await {
                tracing::warn!(%error, "a report was taken but not counted for its address");
            }
            Ok(Redirect::to(&format!("/phan-anh/da-nhan/{token}")).into_response())
        }
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "a report from the site could not be stored");
            Ok(again("report-not-stored", draft))
        }
    }
}

async fn take(
    public: &Public,
    draft: &Draft,
    finished: &Finished,
    doubts: Vec<String>,
) -> anyhow::Result<Receipt> {
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
        proof: is_proven(public, draft).then(|| "code".to_owned()),
        doubts,
        ..ReportForm::default()
    };
    let phone = finished.phone.as_ref().map(|phone| phone.canonical());
    let receipt = public.app.take_form(&form, phone, FormWay::Web).await?;
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

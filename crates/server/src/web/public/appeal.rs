//! The holder of a blocked number asks for reconsideration (đề nghị xem xét lại), and follows it.
//!
//! It is not the statutory complaint (khiếu nại); every page of it says which remedy remains.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use canhgiac_domain::number::{Source, parse_number};
use canhgiac_domain::procedure::Refusal;
use canhgiac_domain::receipt::ReceiptCode;
use canhgiac_store::{NewReconsideration, ReconsiderationRow, StoreError};
use uuid::Uuid;

use super::guard::{self, Seen};
use super::memory::Receipt;
use super::pages::{AppealDone, AppealForm, AppealPage, AppealStatus};
use super::status::{code_digits, shown};
use super::view::{Entry, Errors, StatusView};
use super::{Public, Trouble, uploads};
use crate::act::ActError;
use crate::app::App;
use crate::keys::{hash_token, new_token};
use crate::web::format;
use crate::web::page::{Page, render};
use crate::web::texts::Lang;

/// Longest statement, in characters.
const STATEMENT_LIMIT: usize = 4_000;
/// Longest name and contact, in characters.
const LINE_LIMIT: usize = 120;

/// `GET /xem-xet-lai`
pub(crate) async fn start(State(public): State<Public>) -> Result<Response, Trouble> {
    let form = AppealForm { guard: note(&public.app)?, ..AppealForm::default() };
    Ok(form_page(form, Errors::default()))
}

fn note(app: &App) -> Result<String, Trouble> {
    guard::issue(&app.keys, app.clock.now_us()).map_err(Trouble::from_error)
}

fn form_page(form: AppealForm, errors: Errors) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Page::titled("appeal-page-title", "/xem-xet-lai").with_errors(!errors.is_empty());
    render(status, &AppealPage { page, errors, form })
}

/// `POST /xem-xet-lai`
pub(crate) async fn file(State(public): State<Public>, request: Request) -> Result<Response, Trouble> {
    let app = &public.app;
    let read = uploads::read_fields(request).await?;
    let line = |name: &str| read.value(name).trim().chars().take(LINE_LIMIT).collect::<String>();
    let mut form = AppealForm {
        guard: read.value("khoa").to_owned(),
        number: line("so"),
        name: line("ten"),
        contact: line("lien_he"),
        statement: read.value("trinh_bay").trim().to_owned(),
    };
    let (source, mut errors) = check(app, &form);
    let (Some(source), true) = (source, errors.is_empty()) else { return Ok(form_page(form, errors)) };
    let seen = match guard::read(&app.keys, &form.guard, app.clock.now_us()) {
        Seen::Good(_) if !read.value("website").is_empty() => Seen::TooFast,
        seen => seen,
    };
    let key = match seen {
        Seen::Good(key) => key,
        Seen::TooFast => {
            errors.add("gui", Lang::default().t("report-too-fast"));
            return Ok(form_page(form, errors));
        }
        Seen::Stale => {
            form.guard = note(app)?;
            errors.add("gui", Lang::default().t("report-expired"));
            return Ok(form_page(form, errors));
        }
    };
    let mut sent = public.memory.sent(&key).await;
    let token = match sent.receipt(&key) {
        Some(receipt) => receipt.token.clone(),
        None => match store(app, &form, &source).await {
            Ok(receipt) => {
                let token = receipt.token.clone();
                sent.remember(key, receipt);
                token
            }
            Err(ActError::Refused(Refusal::AlreadyDone)) => {
                errors.add("so", Lang::default().t("appeal-already"));
                return Ok(form_page(form, errors));
            }
            Err(error) => {
                tracing::error!(%error, "a request for reconsideration could not be stored");
                errors.add("gui", Lang::default().t("report-not-stored"));
                return Ok(form_page(form, errors));
            }
        },
    };
    Ok(Redirect::to(&format!("/xem-xet-lai/{token}/da-nhan")).into_response())
}

/// The number, and what is wrong with the form.
fn check(app: &App, form: &AppealForm) -> (Option<Source>, Errors) {
    let lang = Lang::default();
    let today = app.clock.today();
    let mut errors = Errors::default();
    let source = parse_number(&form.number, &app.rules.numbering, today).ok().map(|number| number.source);
    if form.number.is_empty() {
        errors.add("so", lang.t("appeal-number-missing"));
    } else if source.is_none() {
        errors.add("so", lang.with("appeal-number-wrong", &[("viet", &form.number)]));
    }
    let is_phone = parse_number(&form.contact, &app.rules.numbering, today).is_ok();
    if form.contact.is_empty() {
        errors.add("lien_he", lang.t("appeal-contact-missing"));
    } else if !is_phone && !looks_like_email(&form.contact) {
        errors.add("lien_he", lang.t("appeal-contact-wrong"));
    }
    if form.statement.is_empty() {
        errors.add("trinh_bay", lang.t("appeal-statement-missing"));
    } else if form.statement.chars().count() > STATEMENT_LIMIT {
        errors.add("trinh_bay", lang.t("report-words-too-long"));
    }
    (source, errors)
}

fn looks_like_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
    }) && !text.contains(char::is_whitespace)
}

async fn store(app: &App, form: &AppealForm, source: &Source) -> Result<Receipt, ActError> {
    let internal = |error: anyhow::Error| ActError::Internal(error);
    let token = new_token().map_err(internal)?;
    let id = Uuid::now_v7();
    // The last bytes of a version 7 UUID are random.
    let seed = id.as_bytes()[12..].iter().fold(0_u32, |seed, byte| (seed << 8) | u32::from(*byte));
    let code = ReceiptCode::from_seed(seed);
    let filed = NewReconsideration {
        id,
        source_kind: source.kind().id().to_owned(),
        source: source.canonical().to_owned(),
        token_hash: hash_token(&token),
        code: code.digits().parse().map_err(|error| internal(anyhow::Error::new(error)))?,
        holder_name: form.name.clone(),
        contact_sealed: app.keys.seal(form.contact.as_bytes()).map_err(internal)?,
        statement: form.statement.clone(),
        filed_us: app.clock.now_us(),
    };
    app.file_reconsideration(filed).await?;
    Ok(Receipt { digits: code.digits(), token, gave_phone: false, lost_money: false })
}

async fn by_token(public: &Public, token: &str) -> Result<ReconsiderationRow, Trouble> {
    match public.app.store.reconsideration_by_token(&hash_token(token)).await {
        Ok(row) => Ok(row),
        Err(StoreError::NotFound) => Err(Trouble::DeadLink),
        Err(error) => Err(error.into()),
    }
}

/// `GET /xem-xet-lai/{token}/da-nhan`
pub(crate) async fn done(
    State(public): State<Public>,
    Path(token): Path<String>,
) -> Result<Response, Trouble> {
    let row = by_token(&public, &token).await?;
    let status_path = format!("/xem-xet-lai/{token}");
    let page = AppealDone {
        page: Page::titled("appeal-done-page-title", "/xem-xet-lai").private(),
        code: format::receipt_code(&code_digits(row.code)),
        status_url: format!("{}{status_path}", public.app.config.base_url()),
        status_path,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /xem-xet-lai/{token}`
pub(crate) async fn view(
    State(public): State<Public>,
    Path(token): Path<String>,
) -> Result<Response, Trouble> {
    let row = by_token(&public, &token).await?;
    let page = Page::titled("appeal-page-title", "/xem-xet-lai").private();
    Ok(render(StatusCode::OK, &AppealStatus { page, appeal: status_of(&public.app, &row) }))
}

fn status_of(app: &App, row: &ReconsiderationRow) -> StatusView {
    let lang = Lang::default();
    let (state, meaning, tone, icon) = match row.state.as_str() {
        "granted" => ("appeal-granted", "appeal-granted-meaning", "ok", "check"),
        "refused" => ("appeal-refused", "appeal-refused-meaning", "mute", "cross"),
        _ => ("appeal-filed", "appeal-filed-meaning", "info", "clock"),
    };
    let mut timeline = vec![Entry {
        at: format::date_time(row.filed_us),
        what: lang.t("appeal-event-filed"),
        more: String::new(),
    }];
    if let Some(at_us) = row.decided_us {
        // The reason is the answer the holder is owed.
        let more = row.reason.clone().unwrap_or_default();
        timeline.insert(0, Entry { at: format::date_time(at_us), what: lang.t(state), more });
    }
    StatusView {
        code: format::receipt_code(&code_digits(row.code)),
        subject: lang.with("appeal-subject", &[("so", &shown(app, &row.source_kind, &row.source))]),
        state: lang.t(state),
        meaning: lang.t(meaning),
        tone,
        icon,
        holder: lang.t("holder-officer"),
        since: format::date_time(row.decided_us.unwrap_or(row.filed_us)),
        outcome: None,
        timeline,
        files: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_an_address_is_taken() {
        for good in ["a@b.vn", "nguoi.dung+1@thu.example"] {
            assert!(looks_like_email(good), "{good}");
        }
        for bad in ["a@b", "@b.vn", "a b@c.vn", "a@.vn", "a@b.", "abc"] {
            assert!(!looks_like_email(bad), "{bad}");
        }
    }
}

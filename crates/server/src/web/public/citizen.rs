//! A citizen's data by their own hand: downloaded or erased from the page of a report.
//!
//! The secret link gives a claim to its report alone. Everything of a number is handed out or erased only to
//! whoever reads a code texted to it.

use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use canhgiac_store::ReportEntry;

use super::view::Errors;
use super::{Public, Trouble, prove, status, uploads};
use crate::citizen_data::{Claim, Held};
use crate::intake::unhex;
use crate::keys::hash_token;
use crate::web::page::{Page, render};
use crate::web::texts::Lang;

/// How long a proven number holds on this page.
const PASS_LIFE_US: i64 = 15 * 60 * 1_000_000;
const PASS_MARK: &str = "pass:";

#[derive(Template)]
#[template(path = "public/status/data.html")]
struct DataPage {
    page: Page,
    errors: Errors,
    action: String,
    status_path: String,
    files: Vec<(String, String)>,
    /// A code can be texted to the number of this report.
    may_prove: bool,
    /// A code was texted.
    is_sent: bool,
    /// The sealed note that the number is proven.
    pass: Option<String>,
    is_waiting: bool,
    code: String,
}

#[derive(Template)]
#[template(path = "public/status/erased.html")]
struct ErasedPage {
    page: Page,
    erased: usize,
    waiting: usize,
    status_path: String,
}

#[derive(Template)]
#[template(path = "public/status/held.html")]
struct HeldPage {
    page: Page,
    held: Held,
}

/// A file for the citizen to keep.
pub(crate) fn json_file(held: &Held) -> Response {
    let body = serde_json::to_vec_pretty(held).unwrap_or_default();
    attachment(body, "application/json", "canh-giac-du-lieu.json")
}

fn attachment(body: Vec<u8>, mime: &'static str, name: &'static str) -> Response {
    (
        [
            (header::CONTENT_TYPE, mime.to_owned()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
            (header::CACHE_CONTROL, "private, no-store".to_owned()),
        ],
        body,
    )
        .into_response()
}

/// `GET /tra-cuu/{token}/du-lieu`
pub(crate) async fn view(
    State(public): State<Public>,
    Path(token): Path<String>,
) -> Result<Response, Trouble> {
    let entry = status::by_token(&public, &token).await?;
    page(&public, &token, &entry, Errors::default(), false, None).await
}

async fn page(
    public: &Public,
    token: &str,
    entry: &ReportEntry,
    errors: Errors,
    is_sent: bool,
    pass: Option<String>,
) -> Result<Response, Trouble> {
    let report = &entry.report;
    let app = &public.app;
    let files = app.store.evidence_of(report.seq).await?;
    let has_way = app.way_out(&report.link, report.to_code.as_deref()).is_some();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = DataPage {
        page: Page::titled("data-title", "/tra-cuu").private().with_errors(!errors.is_empty()),
        errors,
        action: format!("/tra-cuu/{token}/du-lieu"),
        status_path: format!("/tra-cuu/{token}"),
        files: files
            .into_iter()
            .map(|file| (file.name, format!("/tra-cuu/{token}/tep/{}", crate::intake::hex(&file.sha256))))
            .collect(),
        may_prove: report.reporter_sealed.is_some() && has_way,
        is_sent,
        pass,
        is_waiting: app.store.erasure_of(report.seq).await?.is_some_and(|row| row.done_us.is_none()),
        code: crate::web::format::receipt_code(&status::code_digits(report.code)),
    };
    Ok(render(status, &page))
}

/// `POST /tra-cuu/{token}/du-lieu`
pub(crate) async fn act(
    State(public): State<Public>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Trouble> {
    let entry = status::by_token(&public, &token).await?;
    let address = crate::web::limit::address(&request);
    let read = uploads::read_fields(request).await?;
    let app = &public.app;
    let report = &entry.report;
    let form = hash_token(&token);
    let pass = read_pass(&public, read.value("da_xac_nhan"), &entry);
    let claim = match (&report.reporter_hash, pass) {
        (Some(hash), true) => Claim::Number(hash.clone()),
        _ => Claim::Report(report.seq),
    };
    match read.value("viec") {
        "ma" => {
            if let (Some(hash), Some(sealed)) = (&report.reporter_hash, &report.reporter_sealed) {
                let to = canhgiac_store::SealedNumber { hash: hash.clone(), sealed: sealed.clone() };
                prove::text_code(app, &to, &form, address).await.map_err(Trouble::from_error)?;
            }
            page(&public, &token, &entry, Errors::default(), true, None).await
        }
        "nhap_ma" => {
            let is_right = match &report.reporter_hash {
                Some(hash) => prove::use_code(app, hash, &form, read.value("ma_xn")).await?,
                None => false,
            };
            if is_right {
                let pass = issue_pass(&public, &entry).map_err(Trouble::from_error)?;
                return page(&public, &token, &entry, Errors::default(), false, Some(pass)).await;
            }
            let mut errors = Errors::default();
            errors.add("ma_xn", Lang::default().t("otp-wrong"));
            page(&public, &token, &entry, errors, true, None).await
        }
        "json" => {
            let held = app.held_on(&claim).await.map_err(Trouble::from_error)?;
            app.note_export(&claim, "reporter", "").await.map_err(Trouble::from_error)?;
            Ok(json_file(&held))
        }
        "html" => {
            let held = app.held_on(&claim).await.map_err(Trouble::from_error)?;
            app.note_export(&claim, "reporter", "").await.map_err(Trouble::from_error)?;
            let page = HeldPage { page: Page::titled("held-title", "/tra-cuu").private(), held };
            let body = page.render().map_err(Trouble::from_error)?;
            Ok(attachment(body.into_bytes(), "text/html; charset=utf-8", "canh-giac-du-lieu.html"))
        }
        "xoa" if read.value("chac_chan") != "co" => {
            let mut errors = Errors::default();
            errors.add("chac_chan", Lang::default().t("data-erase-sure-missing"));
            let kept = Some(read.value("da_xac_nhan").to_owned()).filter(|_| pass);
            page(&public, &token, &entry, errors, false, kept).await
        }
        "xoa" => {
            let outcome = app.erase(&claim, "reporter", "").await.map_err(Trouble::from_error)?;
            let page = ErasedPage {
                page: Page::titled("erased-title", "/tra-cuu").private(),
                erased: outcome.erased,
                waiting: outcome.waiting,
                status_path: format!("/tra-cuu/{token}"),
            };
            Ok(render(StatusCode::OK, &page))
        }
        _ => Err(Trouble::BadRequest),
    }
}

/// A note that the number of this report was proven a moment ago.
fn issue_pass(public: &Public, entry: &ReportEntry) -> anyhow::Result<String> {
    let clear = format!("{PASS_MARK}{}:{}", entry.report.seq, public.app.clock.now_us());
    Ok(crate::intake::hex(&public.app.keys.seal(clear.as_bytes())?))
}

fn read_pass(public: &Public, note: &str, entry: &ReportEntry) -> bool {
    let opened = unhex(note).and_then(|sealed| public.app.keys.open_text(&sealed).ok());
    let Some((seq, at)) = opened
        .as_deref()
        .and_then(|clear| clear.strip_prefix(PASS_MARK))
        .and_then(|clear| clear.split_once(':'))
    else {
        return false;
    };
    let is_fresh = at.parse::<i64>().is_ok_and(|at| public.app.clock.now_us() - at < PASS_LIFE_US);
    is_fresh && seq.parse() == Ok(entry.report.seq)
}

/// `GET /tra-cuu/{token}/tep/{hash}`: a file the citizen gave, back.
pub(crate) async fn file(
    State(public): State<Public>,
    Path((token, hash)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let entry = status::by_token(&public, &token).await?;
    let hash = unhex(&hash).ok_or(Trouble::NotFound)?;
    let rows = public.app.store.evidence_of(entry.report.seq).await?;
    let row = rows.into_iter().find(|row| row.sha256 == hash).ok_or(Trouble::NotFound)?;
    let files = public.app.evidence.clone();
    let bytes = tokio::task::spawn_blocking(move || files.read(&hash))
        .await
        .map_err(Trouble::from_error)?
        .map_err(Trouble::from_error)?;
    let name: String =
        row.name.chars().filter(|ch| ch.is_ascii_alphanumeric() || ".-_".contains(*ch)).collect();
    Ok((
        [
            (header::CONTENT_TYPE, row.mime),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
            (header::CACHE_CONTROL, "private, no-store".to_owned()),
        ],
        bytes,
    )
        .into_response())
}

//! What became of a report: by its secret link, or by its code and a code texted to the phone that
//! reported. Whoever asks learns nothing about reports that are not theirs: right or wrong, the
//! answer to "send me a code" is the same.

use axum::extract::{Path, Query, Request, State};
use axum::http;
use axum::response::{IntoResponse, Redirect, Response};
use canhgiac_domain::number::{Source, SourceKind, parse_number};
use canhgiac_domain::receipt::{ReceiptCode, ReceiptProblem};
use canhgiac_domain::reply::{Fields, ReplyId};
use canhgiac_store::{NewEvidence, NewMessage, ReportEntry, SealedNumber, StoreError};
use serde::Deserialize;

use super::pages::{StatusAsk, StatusCode, StatusPage};
use super::report::Kind;
use super::story::{self, Standing};
use super::view::{Errors, FileLine, StatusView};
use super::{Public, Trouble, uploads};
use crate::app::App;
use crate::intake::unhex;
use crate::keys::{hash_token, new_code, new_token};
use crate::web::format;
use crate::web::page::{Page, render};
use crate::web::texts::Lang;

/// A texted code opens the page for this long.
const CODE_LIFE_US: i64 = 15 * 60 * 1_000_000;
/// Wrong tries at one texted code.
const CODE_TRIES: i64 = 5;
/// Files one report may have in all.
const FILES_PER_REPORT: usize = 20;

fn page() -> Page {
    Page::titled("status-page-title", "/tra-cuu").private()
}

fn ask_page(errors: Errors, code: &str, phone: &str) -> Response {
    let status = status_of(&errors);
    let page = page().with_errors(!errors.is_empty());
    render(status, &StatusAsk { page, errors, code: code.to_owned(), phone: phone.to_owned() })
}

fn status_of(errors: &Errors) -> http::StatusCode {
    if errors.is_empty() { http::StatusCode::OK } else { http::StatusCode::UNPROCESSABLE_ENTITY }
}

/// `GET /tra-cuu`
pub(crate) async fn ask() -> Response {
    ask_page(Errors::default(), "", "")
}

/// Code and phone as typed, read.
struct Claim {
    code: ReceiptCode,
    phone: Source,
}

fn claim(app: &App, code: &str, phone: &str) -> Result<Claim, Errors> {
    let lang = Lang::default();
    let mut errors = Errors::default();
    let read_code = ReceiptCode::parse(code);
    match read_code {
        _ if code.trim().is_empty() => errors.add("ma", lang.t("status-code-missing")),
        Ok(_) => {}
        Err(ReceiptProblem::NotEightDigits) => errors.add("ma", lang.t("status-code-length")),
        Err(ReceiptProblem::WrongCheckDigit) => errors.add("ma", lang.t("status-code-mistyped")),
    }
    let today = app.clock.today();
    let read_phone = parse_number(phone, &app.rules.numbering, today)
        .ok()
        .map(|number| number.source)
        .filter(|source| app.rules.numbering.is_mobile_subscriber(source, today));
    match &read_phone {
        _ if phone.trim().is_empty() => errors.add("dien_thoai", lang.t("status-phone-missing")),
        Some(_) => {}
        None => errors.add("dien_thoai", lang.with("status-phone-wrong", &[("viet", phone.trim())])),
    }
    match (read_code, read_phone) {
        (Ok(code), Some(phone)) if errors.is_empty() => Ok(Claim { code, phone }),
        _ => Err(errors),
    }
}

async fn find(app: &App, claim: &Claim) -> Result<Option<ReportEntry>, Trouble> {
    let code: i64 = claim.code.digits().parse().map_err(|_| Trouble::Internal)?;
    match app.store.report_by_code(code, &app.keys.hash_number(claim.phone.canonical())).await {
        Ok(entry) => Ok(Some(entry)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// `POST /tra-cuu`: texts a code to the phone, if the report is this phone's.
pub(crate) async fn send_code(State(public): State<Public>, request: Request) -> Result<Response, Trouble> {
    let read = uploads::read_fields(request).await?;
    let (code, phone) = (read.value("ma"), read.value("dien_thoai"));
    let claim = match claim(&public.app, code, phone) {
        Ok(claim) => claim,
        Err(errors) => return Ok(ask_page(errors, code, phone)),
    };
    if let Some(entry) = find(&public.app, &claim).await?
        && public.memory.may_send_code(entry.report.seq, public.app.clock.now_us())
    {
        text_code(&public.app, &entry).await.map_err(Trouble::from_error)?;
    }
    Ok(code_page(Errors::default(), &claim))
}

fn code_page(errors: Errors, claim: &Claim) -> Response {
    let dialled = claim.phone.dialled();
    let tail = dialled.len().saturating_sub(3);
    let status = status_of(&errors);
    let page = StatusCode {
        page: Page::titled("otp-title", "/tra-cuu").private().with_errors(!errors.is_empty()),
        errors,
        code: claim.code.digits(),
        phone_tail: dialled.get(tail..).unwrap_or_default().to_owned(),
        phone: dialled,
    };
    render(status, &page)
}

async fn text_code(app: &App, entry: &ReportEntry) -> anyhow::Result<()> {
    let report = &entry.report;
    let (Some(hash), Some(sealed)) = (&report.reporter_hash, &report.reporter_sealed) else {
        return Ok(());
    };
    let Some((link, from_code)) = app.way_out(&report.link, report.to_code.as_deref()) else {
        tracing::warn!(report = report.seq, "a code could not be texted: no link sends replies");
        return Ok(());
    };
    let code = new_code()?;
    let now_us = app.clock.now_us();
    let text = app.rules.replies.render(
        ReplyId::StatusCode,
        &Fields::new().with("otp", &code),
        app.clock.today(),
    )?;
    let hashed = app.keys.hash_code(report.seq, &code);
    app.store.save_one_time_code(report.seq, &hashed, now_us + CODE_LIFE_US).await?;
    let message = NewMessage {
        unique_key: format!("code:{}:{now_us}", report.seq),
        purpose: "code".to_owned(),
        object: format!("report:{}", report.seq),
        to: SealedNumber { hash: hash.clone(), sealed: sealed.clone() },
        text,
        link,
        from_code,
        run_us: now_us,
    };
    app.store.add_messages(&[message], None, now_us).await?;
    app.outbox.notify_waiters();
    Ok(())
}

/// `POST /tra-cuu/ma`: the texted code opens the page.
pub(crate) async fn use_code(State(public): State<Public>, request: Request) -> Result<Response, Trouble> {
    let read = uploads::read_fields(request).await?;
    let (code, phone) = (read.value("ma"), read.value("dien_thoai"));
    let claim = match claim(&public.app, code, phone) {
        Ok(claim) => claim,
        Err(errors) => return Ok(ask_page(errors, code, phone)),
    };
    let typed: String = read.value("ma_xem").chars().filter(|ch| !ch.is_whitespace()).collect();
    let is_code = typed.len() == 6 && typed.bytes().all(|byte| byte.is_ascii_digit());
    if is_code && let Some(entry) = find(&public.app, &claim).await? {
        let app = &public.app;
        let token = new_token().map_err(Trouble::from_error)?;
        let hashed = app.keys.hash_code(entry.report.seq, &typed);
        let now_us = app.clock.now_us();
        let is_right = app
            .store
            .use_one_time_code(entry.report.seq, &hashed, CODE_TRIES, now_us, &hash_token(&token))
            .await?;
        if is_right {
            return Ok(Redirect::to(&format!("/tra-cuu/{token}")).into_response());
        }
    }
    let mut errors = Errors::default();
    errors.add("ma_xem", Lang::default().t("otp-wrong"));
    Ok(code_page(errors, &claim))
}

/// The report of a secret link.
///
/// # Errors
/// [`Trouble::DeadLink`] when there is none.
pub(crate) async fn by_token(public: &Public, token: &str) -> Result<ReportEntry, Trouble> {
    match public.app.store.report_by_token(&hash_token(token)).await {
        Ok(entry) => Ok(entry),
        Err(StoreError::NotFound) => Err(Trouble::DeadLink),
        Err(error) => Err(error.into()),
    }
}

/// A stored receipt code as eight digits.
pub(crate) fn code_digits(code: i64) -> String {
    format!("{code:08}")
}

/// Whether files were just added.
#[derive(Deserialize)]
pub(crate) struct Added {
    them: Option<String>,
}

/// `GET /tra-cuu/{token}`
pub(crate) async fn view(
    State(public): State<Public>,
    Path(token): Path<String>,
    added: Result<Query<Added>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Trouble> {
    let is_added = added.is_ok_and(|Query(added)| added.them.is_some());
    match by_token(&public, &token).await {
        // A moment after sending, the log has it and the list does not: its receipt is known all the same.
        Err(Trouble::DeadLink) if public.memory.receipt_of(&token).await.is_some() => {
            Ok(Redirect::to(&format!("/phan-anh/da-nhan/{token}")).into_response())
        }
        Err(trouble) => Err(trouble),
        Ok(entry) => status_page(&public, &token, &entry, is_added, Errors::default()).await,
    }
}

async fn status_page(
    public: &Public,
    token: &str,
    entry: &ReportEntry,
    added: bool,
    errors: Errors,
) -> Result<Response, Trouble> {
    let http_status = status_of(&errors);
    let page = StatusPage {
        page: page().with_errors(!errors.is_empty()),
        errors,
        status: status_view(&public.app, entry).await?,
        evidence_action: format!("/tra-cuu/{token}/bang-chung"),
        data_path: format!("/tra-cuu/{token}/du-lieu"),
        added,
    };
    Ok(render(http_status, &page))
}

async fn status_view(app: &App, entry: &ReportEntry) -> Result<StatusView, Trouble> {
    let lang = Lang::default();
    let report = &entry.report;
    let (standing, case, events) = match entry.case_number {
        None => (story::of_report(report), None, Vec::new()),
        Some(number) => {
            let case = app.store.case(number).await?.case;
            let state = case.to_case()?.state;
            (story::of_case(&state), Some(case), app.store.case_events(number).await?)
        }
    };
    let files = app.store.evidence_of(report.seq).await?;
    let Standing { state, meaning, holder, outcome, tone, icon } = standing;
    Ok(StatusView {
        code: format::receipt_code(&code_digits(report.code)),
        subject: subject(app, entry),
        state: lang.t(state),
        meaning: lang.t(meaning),
        tone,
        icon,
        holder: lang.t(holder),
        since: format::date_time(story::since_us(report, case.as_ref(), &events)),
        outcome: outcome.map(|key| lang.t(key)),
        timeline: story::timeline(lang, report, &events),
        files: files
            .into_iter()
            .map(|file| FileLine {
                name: file.name,
                size: format::file_size(u64::try_from(file.size).unwrap_or_default()),
                at: format::date_time(file.added_us),
            })
            .collect(),
    })
}

/// `Cuộc gọi lừa đảo: 0912 345 678`.
fn subject(app: &App, entry: &ReportEntry) -> String {
    let lang = Lang::default();
    let kind = match entry.report.kind.as_deref().and_then(Kind::from_id) {
        Some(kind) => lang.t(kind.title_key()),
        None => lang.t("status-no-kind"),
    };
    let sources: Vec<String> = entry
        .sources
        .iter()
        .map(|row| app.source_of(&row.kind, &row.canonical).map_or(row.canonical.clone(), |it| it.display()))
        .collect();
    if sources.is_empty() {
        return kind;
    }
    lang.with("status-subject", &[("loai", &kind), ("so", &sources.join(", "))])
}

/// `POST /tra-cuu/{token}/bang-chung`
pub(crate) async fn add_evidence(
    State(public): State<Public>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Trouble> {
    // Before the files are read, so that only the report's own reporter can leave any here.
    let entry = by_token(&public, &token).await?;
    let read = uploads::read(&public.app, request).await?;
    let app = &public.app;
    let mut errors = Errors::default();
    for refused in read.refused {
        errors.add("tep", refused);
    }
    let known = app.store.evidence_of(entry.report.seq).await?.len();
    if known + read.kept.len() > FILES_PER_REPORT {
        let most = FILES_PER_REPORT.to_string();
        errors.add("tep", Lang::default().with("evidence-too-many", &[("so", &most)]));
        return status_page(&public, &token, &entry, false, errors).await;
    }
    if read.kept.is_empty() && errors.is_empty() {
        errors.add("tep", Lang::default().t("evidence-none"));
    }
    let files: Vec<NewEvidence> = read
        .kept
        .into_iter()
        .filter_map(|file| {
            let sha256 = unhex(&file.sha256)?;
            Some(NewEvidence { sha256, size: file.size, mime: file.mime, name: file.name })
        })
        .collect();
    if !files.is_empty() {
        app.store.add_evidence(entry.report.seq, &files, "reporter", app.clock.now_us()).await?;
    }
    if errors.is_empty() {
        return Ok(Redirect::to(&format!("/tra-cuu/{token}?them=1")).into_response());
    }
    status_page(&public, &token, &entry, !files.is_empty(), errors).await
}

/// What a source of a case is called in a sentence.
pub(crate) fn shown(app: &App, kind: &str, canonical: &str) -> String {
    let Ok(source) = app.source_of(kind, canonical) else { return canonical.to_owned() };
    match source.kind() {
        SourceKind::SenderName => format!("“{}”", source.display()),
        SourceKind::Subscriber | SourceKind::Service | SourceKind::ShortCode => source.display(),
    }
}

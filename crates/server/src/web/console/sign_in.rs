//! Signing in and out, and one's own password.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Extension, Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use canhgiac_store::{NewAudit, StaffRow, StoreError};
use tower_sessions::Session;

use super::attempts::Attempts;
use super::desk::{self, Desk};
use super::ids::Peer;
use super::oops::Oops;
use super::password;
use super::view::common::Shell;
use super::view::home::{KeysPage, OwnAccountPage, SignInPage};
use super::view::people::password_fields;
use crate::app::AppState;
use crate::web::page::render;

/// Longest account name looked up.
const ACCOUNT_MAX: usize = 100;

/// The sign-in form.
pub(super) async fn form(
    State(app): State<AppState>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let next = safe_next(asked.get("tiep").map(String::as_str));
    page(&app, StatusCode::OK, "", "", &next)
}

/// Checks account and password, and begins a session.
pub(super) async fn submit(
    State(app): State<AppState>,
    Extension(attempts): Extension<Arc<Attempts>>,
    peer: Peer,
    Extension(session): Extension<Session>,
    Form(typed): Form<HashMap<String, String>>,
) -> Response {
    match try_sign_in(&app, &attempts, peer, &session, &typed).await {
        Ok(response) => response,
        Err(oops) => oops.alone(&app),
    }
}

async fn try_sign_in(
    app: &AppState,
    attempts: &Attempts,
    Peer(peer): Peer,
    session: &Session,
    typed: &HashMap<String, String>,
) -> Result<Response, Oops> {
    let said = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
    let account: String = said("tai_khoan").trim().to_lowercase().chars().take(ACCOUNT_MAX).collect();
    let given: String = said("mat_khau").chars().take(password::LENGTH_MAX).collect();
    let next = safe_next(typed.get("tiep").map(String::as_str));
    let address = peer.map(|ip| ip.to_string()).unwrap_or_default();
    let now_us = app.clock.now_us();
    if let Some(minutes) = attempts.pause_minutes(&account, &address, now_us) {
        let problem = format!(
            "Đã nhập sai nhiều lần. Vì an toàn, hãy đợi {minutes} phút rồi thử lại, hoặc nhờ người quản trị đặt lại mật khẩu."
        );
        return Ok(page(app, StatusCode::TOO_MANY_REQUESTS, &problem, &account, &next));
    }
    let staff = match app.store.staff_by_login(&account).await {
        Ok(staff) => Some(staff).filter(|staff| !staff.is_disabled),
        Err(StoreError::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    let hash = staff.as_ref().map(|staff| staff.password_hash.as_str());
    let is_right = password::is_right(&given, hash).await?;
    let Some(staff) = staff.filter(|_| is_right) else {
        attempts.failed(&account, &address, now_us);
        note_failure(app, &account, now_us).await?;
        let problem = "Tên tài khoản hoặc mật khẩu chưa đúng. Kiểm tra phím Caps Lock rồi nhập lại.";
        return Ok(page(app, StatusCode::UNPROCESSABLE_ENTITY, problem, &account, &next));
    };
    attempts.succeeded(&account, &address);
    desk::sign_in(session, &staff, now_us).await?;
    app.store.audit(&entry(&staff, "signed_in", now_us)).await?;
    app.store.delete_expired_sessions(now_us).await?;
    let next = if password::must_be_replaced(&staff.password_hash) { "/can-bo/tai-khoan" } else { &next };
    Ok(Redirect::to(next).into_response())
}

/// Failed tries stand in the audit trail when the account exists; names of none are not kept, since
/// people type passwords into the wrong box.
async fn note_failure(app: &AppState, account: &str, now_us: i64) -> Result<(), Oops> {
    match app.store.staff_by_login(account).await {
        Ok(staff) => {
            let entry = NewAudit { actor: "system".to_owned(), ..entry(&staff, "sign_in_failed", now_us) };
            Ok(app.store.audit(&entry).await?)
        }
        Err(StoreError::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn entry(staff: &StaffRow, action: &str, at_us: i64) -> NewAudit {
    NewAudit {
        at_us,
        actor: format!("staff:{}", staff.id),
        action: action.to_owned(),
        object: format!("staff:{}", staff.id),
        detail: String::new(),
    }
}

/// Ends the session.
pub(super) async fn sign_out(desk: Desk) -> Result<Response, Oops> {
    desk.session.flush().await.map_err(anyhow::Error::from)?;
    desk.app.store.audit(&entry(&desk.staff, "signed_out", desk.now_us)).await?;
    Ok(Redirect::to("/can-bo/dang-nhap").into_response())
}

/// The keys.
pub(super) async fn keys(desk: Desk) -> Result<Response, Oops> {
    Ok(render(StatusCode::OK, &KeysPage { page: desk.shell("Phím tắt", "").await? }))
}

/// One's own account.
pub(super) async fn own(desk: Desk) -> Result<Response, Oops> {
    own_page(&desk, StatusCode::OK, "", "").await
}

/// Changes one's own password; sessions made with the old one end.
pub(super) async fn change_own(
    desk: Desk,
    Extension(attempts): Extension<Arc<Attempts>>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, Oops> {
    let said = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
    let (current, new, again) = (said("hien_tai"), said("moi"), said("nhac_lai"));
    let problem = password::problem(new, again, current);
    if !problem.is_empty() {
        return own_page(&desk, StatusCode::UNPROCESSABLE_ENTITY, problem, "").await;
    }
    let account = &desk.staff.login;
    let is_paused = attempts.pause_minutes(account, "own", desk.now_us).is_some();
    if is_paused || !password::is_right(current, Some(&desk.staff.password_hash)).await? {
        attempts.failed(account, "own", desk.now_us);
        let problem = "Mật khẩu đang dùng chưa đúng.";
        return own_page(&desk, StatusCode::UNPROCESSABLE_ENTITY, "", problem).await;
    }
    let staff = StaffRow { password_hash: password::hash(new).await?, ..desk.staff.clone() };
    let audit = desk.audit("password_changed", format!("staff:{}", staff.id), "");
    desk.app.store.update_staff(&staff, &audit).await?;
    desk::sign_in(&desk.session, &staff, desk.now_us).await?;
    desk.tell("Đã đổi mật khẩu.").await?;
    Ok(Redirect::to("/can-bo").into_response())
}

async fn own_page(desk: &Desk, status: StatusCode, new: &str, current: &str) -> Result<Response, Oops> {
    let page = OwnAccountPage {
        page: desk.shell("Tài khoản của tôi", "").await?,
        fields: password_fields(new, current),
        is_forced: password::must_be_replaced(&desk.staff.password_hash),
    };
    Ok(render(status, &page))
}

fn page(app: &AppState, status: StatusCode, problem: &str, account: &str, next: &str) -> Response {
    let demo_accounts = if app.config.is_demo {
        super::DEMO_ACCOUNTS
            .iter()
            .map(|(login, password, role, _)| {
                ((*login).to_owned(), (*password).to_owned(), role.label_vi().to_owned())
            })
            .collect()
    } else {
        Vec::new()
    };
    let page = SignInPage {
        page: Shell { is_training: app.config.is_demo, ..Shell::titled("Đăng nhập") },
        problem: problem.to_owned(),
        account: account.to_owned(),
        next: next.to_owned(),
        demo_accounts,
    };
    render(status, &page)
}

/// Where to go after signing in: a path inside the console, and nothing else.
fn safe_next(asked: Option<&str>) -> String {
    asked
        .filter(|path| *path == "/can-bo" || path.starts_with("/can-bo/") || path.starts_with("/can-bo?"))
        .filter(|path| !path.starts_with("/can-bo/dang-") && !path.contains(['\\', '\r', '\n']))
        .unwrap_or("/can-bo")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::safe_next;

    #[test]
    fn signing_in_leads_nowhere_but_into_the_console() {
        for bad in [
            "//evil.example",
            "https://evil.example/",
            "/can-bo.evil",
            "/\\evil",
            "/can-bo/\\x",
            "/can-bo/dang-xuat",
            "",
        ] {
            assert_eq!(safe_next(Some(bad)), "/can-bo", "{bad}");
        }
        assert_eq!(safe_next(Some("/can-bo/vu-viec/12?x=1")), "/can-bo/vu-viec/12?x=1");
        assert_eq!(safe_next(None), "/can-bo");
    }
}

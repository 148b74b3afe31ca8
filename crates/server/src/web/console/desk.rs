//! The way into every console page: the gate that knows who is signed in and what the route demands,
//! and [`Desk`], what a handler is given to work with.

use axum::extract::{Extension, FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use canhgiac_domain::account::{Actor, Right, Role};
use canhgiac_domain::id::UserId;
use canhgiac_store::{NewAudit, StaffRow};
use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use super::access::{self, Rule};
use super::ids::Id;
use super::oops::{Oops, Told};
use super::session::{Badge, TOUCH_US, WHOLE_US};
use super::view::common::{NavItem, Notice, Shell, SignedIn, When};
use super::{password, words};
use crate::app::AppState;
use crate::web::format;

const BADGE: &str = "badge";
const NOTICE: &str = "notice";

/// What a handler works with: the product's parts and who is asking.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) app: AppState,
    pub(super) session: Session,
    pub(super) staff: StaffRow,
    pub(super) role: Role,
    /// One instant for the whole page.
    pub(super) now_us: i64,
}

#[derive(Serialize, Deserialize)]
struct KeptNotice {
    text: String,
}

impl Desk {
    /// Who acts, as the domain sees them.
    pub(super) fn actor(&self) -> Actor {
        Actor::Staff { id: UserId(self.staff.id), role: self.role }
    }

    /// Whether this person holds a right.
    pub(super) fn may(&self, right: Right) -> bool {
        self.role.may(right)
    }

    /// An instant as the page shows it.
    pub(super) fn when(&self, at_us: i64) -> When {
        When::at(at_us, self.now_us)
    }

    /// An audit entry by this person, now.
    pub(super) fn audit(&self, action: &str, object: String, detail: impl Into<String>) -> NewAudit {
        NewAudit {
            at_us: self.now_us,
            actor: crate::act::actor_id(&self.actor()),
            action: action.to_owned(),
            object,
            detail: detail.into(),
        }
    }

    /// Says something on the next page.
    pub(super) async fn tell(&self, text: impl Into<String>) -> Result<(), Oops> {
        let notice = KeptNotice { text: text.into() };
        Ok(self.session.insert(NOTICE, notice).await.map_err(anyhow::Error::from)?)
    }

    /// The frame of a page in this section.
    pub(super) async fn shell(&self, title: impl Into<String>, section: &str) -> Result<Shell, Oops> {
        let notice: Option<KeptNotice> = self.session.remove(NOTICE).await.map_err(anyhow::Error::from)?;
        // Counts from now on: only what waits, nothing of the past.
        let figures = self.app.store.figures(self.now_us).await?;
        let waiting =
            |count: i64, right: Right| if self.may(right) { count.max(0).unsigned_abs() } else { 0 };
        let entries = [
            ("Hôm nay", "/can-bo", 0),
            ("Tiếp nhận tại bàn", "/can-bo/tiep-nhan", 0),
            ("Phản ánh", "/can-bo/phan-anh", waiting(figures.needs_officer, Right::CorrectReports)),
            ("Vụ việc", "/can-bo/vu-viec", 0),
            ("Chuyển Công an", "/can-bo/chuyen-cong-an", self.referrals_waiting().await?),
            ("Yêu cầu nhà mạng", "/can-bo/nha-mang", 0),
            ("Cảnh báo", "/can-bo/canh-bao", waiting(figures.drafts, Right::ApproveBulletins)),
            (
                "Xem xét lại",
                "/can-bo/xem-xet-lai",
                waiting(figures.reconsiderations_open, Right::DecideReconsiderations),
            ),
            ("Liên kết", "/can-bo/lien-ket", 0),
            ("Tin gửi đi", "/can-bo/tin-gui", waiting(figures.jobs_dead, Right::MendOperations)),
            ("Người dùng", "/can-bo/nguoi-dung", 0),
            ("Nhật ký", "/can-bo/nhat-ky", 0),
            ("Lưu giữ dữ liệu", "/can-bo/luu-giu", 0),
            ("Dữ liệu của người dân", "/can-bo/du-lieu-ca-nhan", 0),
        ];
        let nav = entries
            .into_iter()
            .filter(|(_, href, _)| access::rule("GET", href).is_some_and(|rule| rule.lets(Some(self.role))))
            .map(|(label, href, waiting)| NavItem { label, href, is_current: href == section, waiting })
            .collect();
        Ok(Shell {
            person: Some(self.signed_in()),
            nav,
            notice: notice.map(|kept| Notice { text: kept.text }),
            troubles: self.app.health.troubles().iter().map(|trouble| trouble.in_words()).collect(),
            now: format::time(self.now_us),
            is_training: self.app.config.is_demo,
            ..Shell::titled(title)
        })
    }

    /// Referrals this person's unit has not acknowledged.
    pub(super) async fn referrals_waiting(&self) -> Result<u64, Oops> {
        let Some(unit) = self.unit() else { return Ok(0) };
        let page = canhgiac_store::Page { offset: 0, limit: 100 };
        let rows = self.app.store.referrals(Some(unit), None, page).await?;
        Ok(rows.iter().filter(|row| row.acknowledged_us.is_none()).count() as u64)
    }

    /// The police unit this person acts for.
    pub(super) fn unit(&self) -> Option<&str> {
        self.staff.unit.as_deref().filter(|_| self.role == Role::Police)
    }

    /// The commune whose desk this person sits at.
    pub(super) fn commune(&self) -> Option<&canhgiac_domain::area::Commune> {
        let code = self.staff.unit.as_deref().filter(|_| self.role == Role::Desk)?;
        self.app.rules.areas.commune(code)
    }

    fn signed_in(&self) -> SignedIn {
        SignedIn {
            name: self.staff.name.clone(),
            role: self.role.label_vi().to_owned(),
            unit: self.staff.unit.as_deref().map(|unit| words::unit(&self.app, unit)),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Desk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        // Only a route outside the gate could lack it.
        parts.extensions.get::<Desk>().cloned().ok_or_else(|| StatusCode::UNAUTHORIZED.into_response())
    }
}

/// Begins a session for somebody who has just proven who they are.
pub(super) async fn sign_in(session: &Session, staff: &StaffRow, now_us: i64) -> Result<(), Oops> {
    let badge = Badge {
        staff_id: Id(staff.id),
        signed_in_us: now_us,
        seen_us: now_us,
        password_mark: mark_of(&staff.password_hash),
    };
    // A new id: whoever knew the old one knows nothing.
    session.cycle_id().await.map_err(anyhow::Error::from)?;
    Ok(session.insert(BADGE, badge).await.map_err(anyhow::Error::from)?)
}

/// The last characters of a hash: enough to see that it changed, too few to be of use.
fn mark_of(hash: &str) -> String {
    hash.chars().rev().take(8).collect()
}

async fn who(app: &AppState, session: &Session, now_us: i64) -> Result<Option<(StaffRow, Role)>, Oops> {
    let badge: Option<Badge> = session.get(BADGE).await.map_err(anyhow::Error::from)?;
    let Some(mut badge) = badge else { return Ok(None) };
    let staff = match app.store.staff_by_id(badge.staff_id.0).await {
        Ok(staff) => Some(staff),
        Err(canhgiac_store::StoreError::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    let valid = staff.filter(|staff| {
        !staff.is_disabled
            && now_us - badge.signed_in_us < WHOLE_US
            && mark_of(&staff.password_hash) == badge.password_mark
    });
    let signed_in = valid.and_then(|staff| Role::from_id(&staff.role).map(|role| (staff, role)));
    if signed_in.is_none() {
        session.flush().await.map_err(anyhow::Error::from)?;
    } else if now_us - badge.seen_us > TOUCH_US {
        badge.seen_us = now_us;
        session.insert(BADGE, badge).await.map_err(anyhow::Error::from)?;
    }
    Ok(signed_in)
}

/// Lets a request pass to its page, or says why not.
pub(super) async fn gate(
    State(app): State<AppState>,
    Extension(session): Extension<Session>,
    mut request: Request,
    next: Next,
) -> Response {
    let now_us = app.clock.now_us();
    let signed_in = match who(&app, &session, now_us).await {
        Ok(signed_in) => signed_in,
        Err(oops) => return oops.alone(&app),
    };
    let role = signed_in.as_ref().map(|(_, role)| *role);
    let rule = request
        .extensions()
        .get::<MatchedPath>()
        .and_then(|path| access::rule(request.method().as_str(), path.as_str()));
    let desk = signed_in.map(|(staff, role)| Desk { app: app.clone(), session, staff, role, now_us });
    let Some(desk) = desk else {
        return match rule {
            Some(Rule::Anyone) => next.run(request).await,
            _ => ask_to_sign_in(&app, &request),
        };
    };
    let path = request.uri().path();
    let response = match rule {
        None => Oops::NotFound.into_response(),
        Some(_) if password::must_be_replaced(&desk.staff.password_hash) && !is_open_meanwhile(path) => {
            return Redirect::to("/can-bo/tai-khoan").into_response();
        }
        Some(rule) if !rule.lets(role) => Oops::Forbidden.into_response(),
        Some(_) => {
            request.extensions_mut().insert(desk.clone());
            next.run(request).await
        }
    };
    dress(&desk, response).await
}

/// What stays open while a one-time password waits to be replaced.
fn is_open_meanwhile(path: &str) -> bool {
    matches!(path, "/can-bo/tai-khoan" | "/can-bo/dang-xuat" | "/can-bo/dang-nhap")
}

fn ask_to_sign_in(app: &AppState, request: &Request) -> Response {
    let wanted = request.uri().path_and_query().map_or("/can-bo", |path| path.as_str());
    if wanted.starts_with("/can-bo/phan-anh/moi") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if request.method() == Method::GET {
        let query = query_pair("tiep", wanted);
        return Redirect::to(&format!("/can-bo/dang-nhap?{query}")).into_response();
    }
    Oops::SessionEnded.alone(app)
}

/// `name=value` with the value percent-encoded for a query.
pub(super) fn query_pair(name: &str, value: &str) -> String {
    let mut out = format!("{name}=");
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Turns an error a handler gave into a page with the frame around it; also what the framework
/// answers in plain text when a path or a form does not read.
async fn dress(desk: &Desk, mut response: Response) -> Response {
    let is_plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if is_plain && response.status().is_client_error() {
        response = match response.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Oops::Refused("Nội dung gửi lên quá dài. Rút gọn rồi gửi lại.".to_owned()).into_response()
            }
            _ => Oops::NotFound.into_response(),
        };
    }
    let Some(told) = response.extensions_mut().remove::<Told>() else {
        let kept = header::HeaderValue::from_static("no-store");
        response.headers_mut().entry(header::CACHE_CONTROL).or_insert(kept);
        return response;
    };
    let status = response.status();
    let shell = match desk.shell(told.title, "").await {
        Ok(shell) => shell,
        Err(_) => Shell::titled(told.title),
    };
    told.page(shell, status)
}

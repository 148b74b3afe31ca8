//! Pages that only explain: what to do after losing money, what scams look like, reporting by SMS,
//! blocked numbers, who we are.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use canhgiac_domain::scam_kind::{self, ScamKind};

use crate::web::format;
use crate::web::page::{Page, render};

#[derive(Template)]
#[template(path = "public/lost.html")]
struct LostPage {
    page: Page,
}

/// `/mat-tien`
pub(crate) async fn lost() -> Response {
    let page = Page::titled("lost-title", "/mat-tien").described("lost-description");
    render(StatusCode::OK, &LostPage { page })
}

#[derive(Template)]
#[template(path = "public/scams.html")]
struct ScamsPage {
    page: Page,
    kinds: Vec<&'static ScamKind>,
}

/// `/nhan-biet`
pub(crate) async fn scams() -> Response {
    let page = Page::titled("scams-title", "/nhan-biet").described("scams-description");
    let today = format::today();
    let kinds = scam_kind::embedded().iter().filter(|kind| kind.is_valid_on(today)).collect();
    render(StatusCode::OK, &ScamsPage { page, kinds })
}

/// How a report by SMS begins, and the key of what it is for.
const REPORT_FORMS: [(&str, &str); 3] =
    [("LD", "guide-scam-call"), ("V", "guide-spam-call"), ("S", "guide-spam-sms")];

/// What else can be sent, and the key of what it is for.
const OTHER_FORMS: [(&str, &str); 6] = [
    ("KQ 48271935", "guide-result"),
    ("KQ", "guide-result-last"),
    ("KT 0912345678", "guide-check"),
    ("HD", "guide-help"),
    ("DK CB", "guide-warnings-on"),
    ("HUY CB", "guide-warnings-off"),
];

#[derive(Template)]
#[template(path = "public/guide.html")]
struct GuidePage {
    page: Page,
}

/// `/huong-dan`
pub(crate) async fn guide() -> Response {
    let page = Page::titled("guide-title", "/huong-dan").described("guide-description");
    render(StatusCode::OK, &GuidePage { page })
}

#[derive(Template)]
#[template(path = "public/blocked.html")]
struct BlockedPage {
    page: Page,
}

/// `/so-bi-khoa`
pub(crate) async fn blocked() -> Response {
    let page = Page::titled("blocked-title", "/so-bi-khoa").described("blocked-description");
    render(StatusCode::OK, &BlockedPage { page })
}

#[derive(Template)]
#[template(path = "public/about.html")]
struct AboutPage {
    page: Page,
}

/// `/gioi-thieu`
pub(crate) async fn about() -> Response {
    let page = Page::titled("about-title", "/gioi-thieu").described("about-description");
    render(StatusCode::OK, &AboutPage { page })
}

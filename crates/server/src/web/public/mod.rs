//! The public site: everything a citizen sees, in Vietnamese, without JavaScript.
//!
//! Handlers read the store and fill the values of [`view`]; templates lay them out. Nothing here
//! decides about a case, and no page shows how many people reported a number.
//!
//! The limits on how often one address may send are the router's around this one.

mod appeal;
pub(crate) mod citizen;
pub(crate) mod communes;
mod contacts;
mod errors;
pub(crate) mod guard;
mod guide;
mod home;
mod memory;
mod pages;
mod prove;
pub(crate) mod report;
mod status;
mod story;
pub(crate) mod uploads;
pub(crate) mod view;
mod warnings;

#[cfg(test)]
mod data_tests;
#[cfg(test)]
mod gallery;
#[cfg(test)]
mod spam_tests;
#[cfg(test)]
mod story_tests;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::{Router, middleware};

use crate::app::AppState;
use crate::web::limit::{self, Limiter};
use memory::Memory;

pub(crate) use communes::{Found as CommuneFound, find as find_commune};
pub(crate) use contacts::{Contacts, today as contacts_today};
pub(crate) use errors::{Trouble, trouble};
pub(crate) use report::{WORDS_LIMIT, read_amount};

/// Largest form without files, in bytes.
const FORM_LIMIT: usize = 128 * 1024;

/// The entries of the menu on wide screens: (address, key of the text).
pub(crate) const MAIN_MENU: &[(&str, &str)] = &[
    ("/canh-bao", "nav-warnings"),
    ("/phan-anh", "nav-report"),
    ("/tra-cuu", "nav-status"),
    ("/nhan-biet", "nav-scams"),
    ("/mat-tien", "nav-lost"),
];

/// The entries at the foot of every page.
pub(crate) const FULL_MENU: &[(&str, &str)] = &[
    ("/canh-bao", "nav-warnings"),
    ("/phan-anh", "nav-report"),
    ("/tra-cuu", "nav-status"),
    ("/mat-tien", "nav-lost"),
    ("/nhan-biet", "nav-scams"),
    ("/huong-dan", "nav-guide"),
    ("/so-bi-khoa", "nav-blocked"),
    ("/gioi-thieu", "nav-about"),
];

/// What the public handlers hold.
#[derive(Debug, Clone)]
pub(crate) struct Public {
    app: AppState,
    memory: Arc<Memory>,
}

/// Every page a citizen can open.
pub(crate) fn router(app: &AppState) -> Router<AppState> {
    let with_files = Router::new()
        .route("/phan-anh", get(report::start).post(report::turn))
        .route("/tra-cuu/{token}/bang-chung", post(status::add_evidence))
        .layer(DefaultBodyLimit::max(uploads::UPLOAD_LIMIT));
    Router::new()
        .route("/", get(home::home))
        .route("/kiem-tra", post(home::check).get(home::home))
        .route("/canh-bao", get(warnings::list))
        .route("/canh-bao/{id}", get(warnings::detail))
        .route("/feed.atom", get(warnings::feed))
        .route("/phan-anh/da-nhan/{token}", get(report::done))
        .route("/tra-cuu", get(status::ask).post(status::send_code))
        .route("/tra-cuu/ma", get(status::ask).post(status::use_code))
        .route("/tra-cuu/{token}", get(status::view))
        .route("/tra-cuu/{token}/du-lieu", get(citizen::view).post(citizen::act))
        .route("/tra-cuu/{token}/tep/{hash}", get(citizen::file))
        .route("/xem-xet-lai", get(appeal::start).post(appeal::file))
        .route("/xem-xet-lai/{token}", get(appeal::view))
        .route("/xem-xet-lai/{token}/da-nhan", get(appeal::done))
        .route("/mat-tien", get(guide::lost))
        .route("/nhan-biet", get(guide::scams))
        .route("/huong-dan", get(guide::guide))
        .route("/so-bi-khoa", get(guide::blocked))
        .route("/gioi-thieu", get(guide::about))
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
        .merge(with_files)
        .route_layer(middleware::from_fn_with_state(Limiter::for_forms(app.config.behind_tls), limit::guard))
        .with_state(Public { app: Arc::clone(app), memory: Arc::default() })
}

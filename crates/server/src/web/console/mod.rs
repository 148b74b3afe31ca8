//! The staff console: sign-in, queue, cases, warnings, people and links.
//!
//! Handlers ask the store and fill view models; templates print them. No rule of the domain and
//! no SQL lives here. Every route stands in [`access::TABLE`] with what it takes to open it.

mod access;
mod attempts;
mod bulletins;
mod case;
mod case_actions;
mod cases;
mod citizen;
mod clocks;
mod desk;
#[cfg(test)]
mod examples;
mod follow_up;
mod home;
mod ids;
mod oops;
pub(crate) mod password;
mod people;
mod queue;
mod report;
mod session;
mod sign_in;
#[cfg(test)]
mod tests;
mod traffic;
pub(crate) mod view;
mod walk_in;
mod words;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Extension};
use axum::routing::{get, post};
use axum::{Router, middleware};
use canhgiac_domain::account::Role;
use canhgiac_store::{NewAudit, StaffRow, StoreError};
use uuid::Uuid;

use crate::app::{App, AppState};
use attempts::Attempts;
use oops::Oops;

use super::public::uploads::UPLOAD_LIMIT;

/// Largest form taken, in bytes: forms here are words, never files.
const FORM_LIMIT: usize = 256 * 1024;

/// Accounts of the demo: account, password, role, police unit.
pub(crate) const DEMO_ACCOUNTS: [(&str, &str, Role, Option<&str>); 6] = [
    ("canbo", "can-bo-thu-2026", Role::Officer, None),
    ("lanhdao", "lanh-dao-thu-2026", Role::Approver, None),
    ("lanhdao2", "lanh-dao-hai-2026", Role::Approver, None),
    ("congan", "cong-an-thu-2026", Role::Police, Some("pa05")),
    ("xaphuong", "xa-phuong-thu-2026", Role::Desk, Some("22015")),
    ("quantri", "quan-tri-thu-2026", Role::Administrator, None),
];

/// Adds the demo's accounts; those that are there stay as they are.
///
/// # Errors
/// What the database said.
pub(crate) async fn add_demo_accounts(app: &App) -> anyhow::Result<()> {
    for (login, password, role, unit) in DEMO_ACCOUNTS {
        let id = Uuid::now_v7();
        let staff = StaffRow {
            id,
            login: login.to_owned(),
            name: format!("{} (thử)", role.label_vi()) + if login.ends_with('2') { " 2" } else { "" },
            role: role.id().to_owned(),
            unit: unit.map(str::to_owned),
            password_hash: password::hash(password).await?,
            is_disabled: false,
            created_us: app.clock.now_us(),
        };
        let audit = NewAudit {
            at_us: staff.created_us,
            actor: "system".to_owned(),
            action: "staff_added".to_owned(),
            object: format!("staff:{id}"),
            detail: role.id().to_owned(),
        };
        match app.store.add_staff(&staff, &audit).await {
            Ok(()) | Err(StoreError::AlreadyExists) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Every route of the console. Forms from foreign pages are refused by the layer all pages share.
pub(crate) fn router(app: &AppState) -> Router<AppState> {
    let with_files = Router::new()
        .route("/can-bo/tiep-nhan/moi", get(walk_in::begin).post(walk_in::take))
        .route("/can-bo/tiep-nhan/{seq}/tep", post(walk_in::add_files))
        .layer(DefaultBodyLimit::max(UPLOAD_LIMIT));
    Router::new()
        .route("/can-bo/tiep-nhan", get(walk_in::list))
        .route("/can-bo/tiep-nhan/{seq}", get(walk_in::receipt))
        .route("/can-bo/dang-nhap", get(sign_in::form).post(sign_in::submit))
        .route("/can-bo/dang-xuat", post(sign_in::sign_out))
        .route("/can-bo", get(home::show))
        .route("/can-bo/phim-tat", get(sign_in::keys))
        .route("/can-bo/tai-khoan", get(sign_in::own).post(sign_in::change_own))
        .route("/can-bo/phan-anh", get(queue::show).post(queue::search))
        .route("/can-bo/phan-anh/moi", get(queue::news))
        .route("/can-bo/phan-anh/{seq}", get(report::show))
        .route("/can-bo/phan-anh/{seq}/sua", post(report::correct))
        .route("/can-bo/phan-anh/{seq}/xong", post(report::done))
        .route("/can-bo/phan-anh/{seq}/mo-so", post(report::open_reporter))
        .route("/can-bo/phan-anh/{seq}/chung-cu/{hash}", get(report::evidence_file))
        .route("/can-bo/vu-viec", get(cases::show).post(cases::search))
        .route("/can-bo/vu-viec/{number}", get(case::show))
        .route("/can-bo/vu-viec/{number}/{step}", post(case_actions::submit))
        .route("/can-bo/chuyen-cong-an", get(follow_up::referrals))
        .route("/can-bo/chuyen-cong-an/{id}", get(follow_up::referral))
        .route("/can-bo/chuyen-cong-an/{id}/tiep-nhan", post(follow_up::acknowledge))
        .route("/can-bo/nha-mang", get(follow_up::requests))
        .route("/can-bo/canh-bao", get(bulletins::list))
        .route("/can-bo/canh-bao/moi", get(bulletins::begin).post(bulletins::create))
        .route("/can-bo/canh-bao/{id}", get(bulletins::show))
        .route("/can-bo/canh-bao/{id}/sua", get(bulletins::edit).post(bulletins::save))
        .route("/can-bo/canh-bao/{id}/duyet", post(bulletins::approve))
        .route("/can-bo/canh-bao/{id}/rut", post(bulletins::cancel))
        .route("/can-bo/xem-xet-lai", get(follow_up::reconsiderations))
        .route("/can-bo/xem-xet-lai/{id}", get(follow_up::reconsideration))
        .route("/can-bo/xem-xet-lai/{id}/{step}", post(follow_up::decide))
        .route("/can-bo/nguoi-dung", get(people::list).post(people::add))
        .route("/can-bo/nguoi-dung/{id}", get(people::show))
        .route("/can-bo/nguoi-dung/{id}/{step}", post(people::change))
        .route("/can-bo/lien-ket", get(traffic::links))
        .route("/can-bo/tin-gui", get(traffic::outbox))
        .route("/can-bo/tin-gui/viec/{seq}/chay-lai", post(traffic::retry))
        .route("/can-bo/nhat-ky", get(people::audit))
        .route("/can-bo/luu-giu", get(citizen::retention))
        .route("/can-bo/du-lieu-ca-nhan", get(citizen::ask).post(citizen::serve))
        .route("/can-bo/{*rest}", get(nowhere))
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
        .merge(with_files)
        .layer(Extension(Arc::new(Attempts::default())))
        .layer(middleware::from_fn_with_state(app.clone(), desk::gate))
        .layer(session::layer(app))
}

/// A path of the console that leads nowhere; the gate has refused it already.
async fn nowhere() -> Oops {
    Oops::NotFound
}

//! Accounts of the staff, and the audit trail.

use std::collections::HashMap;

use axum::extract::{Form, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use canhgiac_domain::account::Role;
use canhgiac_domain::agency::AgencyKind;
use canhgiac_store::{NewAudit, Page, StaffRow, StoreError};
use uuid::Uuid;

use super::desk::{Desk, query_pair};
use super::ids::Id;
use super::oops::Oops;
use super::password;
use super::view::common::{Action, Choice, Field, FieldKind, Mark, Pager, Weight, When};
use super::view::people::{AuditPage, AuditRow, PasswordPage, PeoplePage, PersonPage, PersonRow};
use super::words::{self, Names};
use crate::app::App;
use crate::web::format;
use crate::web::page::render;

const PATH: &str = "/can-bo/nguoi-dung";
const AUDIT_ON_PAGE: i64 = 100;

/// All accounts and the form for a new one.
pub(super) async fn list(desk: Desk) -> Result<Response, Oops> {
    list_page(&desk, add_form(&desk.app, &HashMap::new(), &HashMap::new()), StatusCode::OK).await
}

async fn list_page(desk: &Desk, add: Action, status: StatusCode) -> Result<Response, Oops> {
    let staff = desk.app.store.staff().await?;
    let mut rows = Vec::with_capacity(staff.len());
    for one in &staff {
        rows.push(person_row(desk, one).await?);
    }
    let page = PeoplePage { page: desk.shell("Người dùng", PATH).await?, rows, add };
    Ok(render(status, &page))
}

async fn person_row(desk: &Desk, one: &StaffRow) -> Result<PersonRow, Oops> {
    let object = format!("staff:{}", one.id);
    let trail = desk.app.store.audit_trail(Some(&object), Page { offset: 0, limit: 20 }).await?;
    let last = trail.iter().find(|entry| entry.action == "signed_in");
    Ok(PersonRow {
        href: format!("{PATH}/{}", one.id),
        name: one.name.clone(),
        account: one.login.clone(),
        role: Role::from_id(&one.role).map_or(one.role.clone(), |role| role.label_vi().to_owned()),
        unit: one.unit.as_deref().map(|unit| words::unit(&desk.app, unit)).unwrap_or_default(),
        state: if one.is_disabled {
            Mark::calm("Đã khóa")
        } else if password::must_be_replaced(&one.password_hash) {
            Mark::soon("Chờ đổi mật khẩu")
        } else {
            Mark::calm("Đang dùng")
        },
        last_seen: last.map_or_else(When::default, |entry| desk.when(entry.at_us)),
    })
}

fn roles(chosen: &str) -> FieldKind {
    FieldKind::Choice(Choice::list(Role::ALL.map(|role| (role.id(), role.label_vi())), chosen))
}

fn units(app: &App, chosen: &str) -> FieldKind {
    let today = app.clock.today();
    let units = app.rules.agencies.of_kind(AgencyKind::Police, today);
    let communes = app.rules.areas.communes().iter();
    let pairs = std::iter::once(("", "Không thuộc đơn vị, xã phường nào"))
        .chain(units.map(|unit| (unit.id.as_str(), unit.name.as_str())))
        .chain(communes.map(|commune| (commune.code.as_str(), commune.full_name.as_str())));
    FieldKind::Choice(Choice::list(pairs, chosen))
}

fn plain(path: String, verb: &str, weight: Weight, consequences: &[&str]) -> Action {
    Action {
        path,
        verb: verb.to_owned(),
        consequences: consequences.iter().map(|one| (*one).to_owned()).collect(),
        facts: Vec::new(),
        fields: Vec::new(),
        weight,
        refusal: String::new(),
        version: 0,
        is_open: false,
    }
}

fn add_form(app: &App, typed: &HashMap<String, String>, wrong: &HashMap<&str, &str>) -> Action {
    let said = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
    let error = |name: &str| wrong.get(name).copied().unwrap_or_default();
    Action {
        fields: vec![
            Field::new("ten", "Tên hiển thị", FieldKind::Line)
                .required()
                .value(said("ten"))
                .error(error("ten")),
            Field::new("tai_khoan", "Tên tài khoản", FieldKind::Line)
                .required()
                .hint("Chữ thường không dấu, số, dấu chấm hoặc gạch; 3–40 ký tự.")
                .value(said("tai_khoan"))
                .error(error("tai_khoan")),
            Field::new("vai_tro", "Vai trò", roles(said("vai_tro"))).required().error(error("vai_tro")),
            Field::new("don_vi", "Đơn vị", units(app, said("don_vi")))
                .hint("Công an chỉ thấy hồ sơ chuyển cho đơn vị mình; cán bộ xã, phường chỉ thấy phản ánh do bàn mình nhận.")
                .error(error("don_vi")),
        ],
        ..plain(
            PATH.to_owned(),
            "Thêm người",
            Weight::Primary,
            &["Máy lập một mật khẩu dùng một lần và hiện cho bạn đúng một lần."],
        )
    }
}

/// What is wrong with a role and its unit, by field.
fn place_mistakes(app: &App, role: &str, unit: &str) -> HashMap<&'static str, &'static str> {
    let mut wrong = HashMap::new();
    let today = app.clock.today();
    let is_known = app.rules.agencies.of_kind(AgencyKind::Police, today).any(|one| one.id == unit);
    match Role::from_id(role) {
        None => {
            wrong.insert("vai_tro", "Chọn một vai trò.");
        }
        Some(Role::Police) if !is_known => {
            wrong.insert("don_vi", "Chọn đơn vị Công an của tài khoản này.");
        }
        Some(Role::Desk) if app.rules.areas.commune(unit).is_none() => {
            wrong.insert("don_vi", "Chọn xã, phường của tài khoản này.");
        }
        Some(role) if !matches!(role, Role::Police | Role::Desk) && !unit.is_empty() => {
            wrong.insert("don_vi", "Chỉ vai trò Công an và cán bộ xã, phường có đơn vị.");
        }
        Some(_) => {}
    }
    wrong
}

fn is_login(login: &str) -> bool {
    (3..=40).contains(&login.len())
        && login.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_'))
}

/// Adds somebody with a one-time password.
pub(super) async fn add(desk: Desk, Form(typed): Form<HashMap<String, String>>) -> Result<Response, Oops> {
    let said = |name: &str| typed.get(name).map(|value| value.trim()).unwrap_or_default();
    let (name, login, role, unit) = (said("ten"), said("tai_khoan"), said("vai_tro"), said("don_vi"));
    let mut wrong = place_mistakes(&desk.app, role, unit);
    if name.is_empty() || name.chars().count() > 80 {
        wrong.insert("ten", "Nhập tên, nhiều nhất 80 ký tự.");
    }
    if !is_login(login) {
        wrong.insert(
            "tai_khoan",
            "Tên tài khoản chỉ gồm chữ thường không dấu, số, dấu chấm, gạch; 3–40 ký tự.",
        );
    }
    if !wrong.is_empty() {
        return list_page(&desk, add_form(&desk.app, &typed, &wrong), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let secret = password::new_one_time()?;
    let staff = StaffRow {
        id: Uuid::now_v7(),
        login: login.to_owned(),
        name: name.to_owned(),
        role: role.to_owned(),
        unit: Some(unit.to_owned()).filter(|unit| !unit.is_empty()),
        password_hash: password::hash_once(&secret).await?,
        is_disabled: false,
        created_us: desk.now_us,
    };
    let audit = desk.audit("staff_added", format!("staff:{}", staff.id), role);
    match desk.app.store.add_staff(&staff, &audit).await {
        Ok(()) => show_secret(&desk, &staff, secret).await,
        Err(StoreError::AlreadyExists) => {
            let wrong = HashMap::from([("tai_khoan", "Tên tài khoản này đã có người dùng.")]);
            list_page(&desk, add_form(&desk.app, &typed, &wrong), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn show_secret(desk: &Desk, staff: &StaffRow, secret: String) -> Result<Response, Oops> {
    let page = PasswordPage {
        page: desk.shell("Mật khẩu dùng một lần", PATH).await?,
        name: staff.name.clone(),
        account: staff.login.clone(),
        password: secret,
    };
    Ok(render(StatusCode::OK, &page))
}

/// One account.
pub(super) async fn show(desk: Desk, Path(Id(id)): Path<Id>) -> Result<Response, Oops> {
    person_page(&desk, id, &HashMap::new(), StatusCode::OK).await
}

async fn person_page(
    desk: &Desk,
    id: Uuid,
    wrong: &HashMap<&'static str, &'static str>,
    status: StatusCode,
) -> Result<Response, Oops> {
    let staff = desk.app.store.staff_by_id(id).await?;
    let error = |name: &str| wrong.get(name).copied().unwrap_or_default();
    let path = |step: &str| format!("{PATH}/{id}/{step}");
    let is_self = id == desk.staff.id;
    let refusal = if is_self {
        "không tự đổi tài khoản của mình; nhờ người quản trị khác."
    } else {
        ""
    };
    let mut actions = vec![
        Action {
            fields: vec![
                Field::new("vai_tro", "Vai trò", roles(&staff.role)).required().error(error("vai_tro")),
                Field::new("don_vi", "Đơn vị", units(&desk.app, staff.unit.as_deref().unwrap_or_default()))
                    .error(error("don_vi")),
            ],
            refusal: refusal.to_owned(),
            is_open: !wrong.is_empty(),
            ..plain(
                path("vai-tro"),
                "Đổi vai trò, đơn vị",
                Weight::Plain,
                &["Có hiệu lực ở lần bấm tiếp theo của người đó."],
            )
        },
        Action {
            refusal: if is_self {
                "mật khẩu của mình đổi ở trang Tài khoản của tôi.".to_owned()
            } else {
                String::new()
            },
            ..plain(
                path("mat-khau"),
                "Đặt lại mật khẩu",
                Weight::Plain,
                &[
                    "Mật khẩu cũ và mọi phiên đang mở hết hiệu lực ngay.",
                    "Mật khẩu mới hiện cho bạn một lần.",
                ],
            )
        },
    ];
    actions.push(if staff.is_disabled {
        plain(path("mo"), "Mở lại tài khoản", Weight::Plain, &["Người này đăng nhập lại được."])
    } else {
        Action {
            refusal: refusal.to_owned(),
            ..plain(
                path("khoa"),
                "Khóa tài khoản",
                Weight::Grave,
                &[
                    "Người này bị đăng xuất ngay và không đăng nhập được nữa.",
                    "Tên vẫn còn trong diễn biến và nhật ký.",
                ],
            )
        }
    });
    let page = PersonPage {
        page: desk.shell(staff.name.clone(), PATH).await?,
        row: person_row(desk, &staff).await?,
        actions,
    };
    Ok(render(status, &page))
}

/// Changes an account.
pub(super) async fn change(
    desk: Desk,
    Path((Id(id), step)): Path<(Id, String)>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, Oops> {
    if id == desk.staff.id {
        return Err(Oops::Refused("Không tự đổi tài khoản của mình. Nhờ người quản trị khác.".to_owned()));
    }
    let said = |name: &str| typed.get(name).map(|value| value.trim()).unwrap_or_default();
    let mut staff = desk.app.store.staff_by_id(id).await?;
    let audit =
        |action: &str, detail: &str| -> NewAudit { desk.audit(action, format!("staff:{id}"), detail) };
    let (audit, told) = match step.as_str() {
        "vai-tro" => {
            let wrong = place_mistakes(&desk.app, said("vai_tro"), said("don_vi"));
            if !wrong.is_empty() {
                return person_page(&desk, id, &wrong, StatusCode::UNPROCESSABLE_ENTITY).await;
            }
            let detail = format!("{} → {}", staff.role, said("vai_tro"));
            staff.role = said("vai_tro").to_owned();
            staff.unit = Some(said("don_vi").to_owned()).filter(|unit| !unit.is_empty());
            (audit("staff_role", &detail), "Đã đổi vai trò.")
        }
        "khoa" => {
            staff.is_disabled = true;
            (audit("staff_disabled", ""), "Đã khóa tài khoản.")
        }
        "mo" => {
            staff.is_disabled = false;
            (audit("staff_enabled", ""), "Đã mở lại tài khoản.")
        }
        "mat-khau" => {
            let secret = password::new_one_time()?;
            staff.password_hash = password::hash_once(&secret).await?;
            desk.app.store.update_staff(&staff, &audit("password_reset", "")).await?;
            return show_secret(&desk, &staff, secret).await;
        }
        _ => return Err(Oops::NotFound),
    };
    desk.app.store.update_staff(&staff, &audit).await?;
    desk.tell(told).await?;
    Ok(Redirect::to(&format!("{PATH}/{id}")).into_response())
}

/// The audit trail, newest first.
pub(super) async fn audit(
    desk: Desk,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Oops> {
    let object: String = query.get("o").map(|text| text.chars().take(80).collect()).unwrap_or_default();
    let (number, page) = words::page_of(query.get("trang").map(String::as_str), AUDIT_ON_PAGE);
    let wanted = Some(object.as_str()).filter(|object| !object.is_empty());
    let mut trail = desk.app.store.audit_trail(wanted, page).await?;
    let has_more = trail.len() as i64 > AUDIT_ON_PAGE;
    trail.truncate(usize::try_from(AUDIT_ON_PAGE).unwrap_or(usize::MAX));
    let names = Names::load(&desk.app).await?;
    let link = |page: i64| {
        let flag = if object.is_empty() { String::new() } else { format!("{}&", query_pair("o", &object)) };
        format!("/can-bo/nhat-ky?{flag}trang={page}")
    };
    let page = AuditPage {
        page: desk.shell("Nhật ký", "/can-bo/nhat-ky").await?,
        narrowed: wanted.map(|object| thing(&names, &desk.app, object)),
        rows: trail
            .into_iter()
            .map(|row| AuditRow {
                at: desk.when(row.at_us),
                who: names.actor(&desk.app, &row.actor),
                what: words::action(&row.action).to_owned(),
                thing: thing(&names, &desk.app, &row.object),
                thing_href: format!("/can-bo/nhat-ky?{}", query_pair("o", &row.object)),
                why: why(&desk.app, &row.object, row.detail),
            })
            .collect(),
        pager: Pager {
            position: format!("trang {}", format::number(number)),
            newer: (number > 1).then(|| link(number - 1)),
            older: has_more.then(|| link(number + 1)),
        },
    };
    Ok(render(StatusCode::OK, &page))
}

/// The detail of an entry in words: effects of a case's step, ids of roles; else as it was written.
fn why(app: &App, object: &str, detail: String) -> String {
    if object.starts_with("case:") {
        return super::case::detail_words(app, &detail);
    }
    if object.starts_with("staff:") {
        return detail.split(' ').map(role_word).collect::<Vec<&str>>().join(" ");
    }
    detail
}

fn role_word(word: &str) -> &str {
    match Role::from_id(word) {
        Some(role) => role.label_vi(),
        None => word,
    }
}

/// `case:12` in words.
fn thing(names: &Names, app: &App, object: &str) -> String {
    match object.split_once(':') {
        Some(("case", number)) => number
            .parse()
            .map_or_else(|_| object.to_owned(), |number| format!("vụ việc {}", words::case_number(number))),
        Some(("report", seq)) => format!("phản ánh số {seq}"),
        Some(("staff", _)) => format!("tài khoản của {}", names.actor(app, object)),
        Some(("bulletin", id)) => format!("cảnh báo {}", id.chars().take(8).collect::<String>()),
        Some(("reconsideration", id)) => format!("đề nghị {}", id.chars().take(8).collect::<String>()),
        Some(("operator", id)) => format!("nhà mạng {}", words::agency(app, id)),
        Some(("job", seq)) => format!("việc số {seq}"),
        _ => object.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_login;

    #[test]
    fn logins_are_plain() {
        assert!(is_login("can-bo.1"));
        for bad in ["", "ab", "Canbo", "cán", "a b", &"a".repeat(41)] {
            assert!(!is_login(bad), "{bad}");
        }
    }
}

//! Referrals to the police, requests to operators, and reconsiderations asked by holders.

use std::collections::HashMap;

use axum::extract::{Form, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use canhgiac_domain::account::{Right, Role};
use canhgiac_domain::procedure::{Action as Step, Measure};
use canhgiac_store::{Page, ReconsiderationRow, ReferralRow, RequestRow};
use uuid::Uuid;

use super::case;
use super::clocks;
use super::desk::Desk;
use super::ids::Id;
use super::oops::Oops;
use super::view::common::{Action, Event, Fact, Field, FieldKind, Mark, Pager, Weight};
use super::view::follow_up as view;
use super::view::follow_up::{
    ReconsiderationPage, ReconsiderationsPage, ReferralPage, ReferralsPage, RequestsPage,
};
use super::view::reports::View;
use super::words::{self, Names};
use crate::act::ActError;
use crate::web::format;
use crate::web::page::render;

const ON_PAGE: i64 = 100;
/// A request without an answer presses after this, in microseconds.
const SLOW_US: i64 = 24 * 3_600 * 1_000_000;
/// Reports read with a referral.
const REPORTS: i64 = 200;
const REASON_MIN: usize = 6;

/// A measure in words.
pub(super) fn measure_label(id: &str) -> &str {
    match Measure::from_id(id) {
        Some(measure) => measure.label_vi(),
        None => id,
    }
}

/// State of a request.
pub(super) fn request_state(row: &RequestRow) -> Mark {
    match (row.state.as_str(), row.answer.as_deref()) {
        ("open", _) if row.fetched_us.is_none() => Mark::soon("nhà mạng chưa lấy về"),
        ("open", _) => Mark::soon("chờ trả lời"),
        ("withdrawn", _) => Mark::calm("đã rút"),
        (_, Some("blocked")) => Mark::calm("đã khóa"),
        (_, Some("restored")) => Mark::calm("đã khôi phục"),
        (_, Some("not_found")) => Mark::calm("không có số này"),
        (_, Some("refused")) => Mark::soon("không thực hiện"),
        (_, Some("ported")) => Mark::calm("đã chuyển mạng"),
        _ => Mark::calm("đã trả lời"),
    }
}

/// State of a referral.
pub(super) fn referral_state(row: &ReferralRow) -> Mark {
    if row.acknowledged_us.is_some() {
        Mark::calm("đã tiếp nhận")
    } else {
        Mark::soon("chờ tiếp nhận")
    }
}

/// State of a reconsideration.
pub(super) fn reconsideration_state(row: &ReconsiderationRow) -> Mark {
    match row.state.as_str() {
        "filed" => Mark::soon("chờ quyết định"),
        "granted" => Mark::calm("đã chấp nhận"),
        "refused" => Mark::calm("không chấp nhận"),
        other => Mark::calm(other),
    }
}

fn view(label: &str, href: &str, is_current: bool) -> View {
    View { label: label.to_owned(), href: href.to_owned(), is_current, count: String::new() }
}

fn pager(path: &str, flag: &str, number: i64, has_more: bool) -> Pager {
    let link = |page: i64| {
        let sign = if flag.is_empty() { "?".to_owned() } else { format!("?{flag}&") };
        format!("{path}{sign}trang={page}")
    };
    Pager {
        position: String::new(),
        newer: (number > 1).then(|| link(number - 1)),
        older: has_more.then(|| link(number + 1)),
    }
}

/// A page's rows without the one that only says there are more.
fn cut<T>(mut rows: Vec<T>) -> (Vec<T>, bool) {
    let limit = usize::try_from(ON_PAGE).unwrap_or(usize::MAX);
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    (rows, has_more)
}

/// Referrals: the police see their unit's, staff all.
pub(super) async fn referrals(
    desk: Desk,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Oops> {
    let (number, page) = words::page_of(query.get("trang").map(String::as_str), ON_PAGE);
    let rows = match (desk.role, desk.unit()) {
        // A police account without a unit belongs nowhere yet.
        (Role::Police, None) => Vec::new(),
        (_, unit) => desk.app.store.referrals(unit, None, page).await?,
    };
    let (rows, has_more) = cut(rows);
    let mut shown = Vec::with_capacity(rows.len());
    for row in &rows {
        let case = desk.app.store.case(row.case_number).await?;
        shown.push(view::ReferralRow {
            href: format!("/can-bo/chuyen-cong-an/{}", row.id),
            number: words::case_number(row.case_number),
            source: words::source(&desk.app, &row.source_kind, &row.source),
            unit: words::agency(&desk.app, &row.unit),
            reports: format!(
                "{} phản ánh, {} người",
                format::number(case.reports),
                format::number(case.voices)
            ),
            at: desk.when(row.created_us),
            state: referral_state(row),
        });
    }
    let page = ReferralsPage {
        page: desk.shell("Chuyển Công an", "/can-bo/chuyen-cong-an").await?,
        views: Vec::new(),
        rows: shown,
        pager: pager("/can-bo/chuyen-cong-an", "", number, has_more),
    };
    Ok(render(StatusCode::OK, &page))
}

/// The referral, when this person may see it.
async fn referral_for(desk: &Desk, id: Uuid) -> Result<ReferralRow, Oops> {
    let row = desk.app.store.referral(id).await?;
    if desk.role == Role::Police && desk.unit() != Some(row.unit.as_str()) {
        return Err(Oops::NotFound);
    }
    Ok(row)
}

/// One referral with its reports.
pub(super) async fn referral(desk: Desk, Path(Id(id)): Path<Id>) -> Result<Response, Oops> {
    let row = referral_for(&desk, id).await?;
    let store = &desk.app.store;
    let names = Names::load(&desk.app).await?;
    let case = store.case(row.case_number).await?;
    let reports = store.reports_of_case(row.case_number, Page { offset: 0, limit: REPORTS }).await?;
    let mut facts = vec![
        Fact::new("Đơn vị nhận", words::agency(&desk.app, &row.unit)),
        Fact::new("Người chuyển", names.actor(&desk.app, &row.created_by)),
        Fact::new("Chuyển lúc", format::date_time(row.created_us)),
        Fact::new("Người phản ánh khác nhau", format::number(case.voices)),
        Fact::new("Phản ánh", format::number(case.reports)),
    ];
    let lost: i64 = reports.iter().filter_map(|entry| entry.report.money_lost).sum();
    if lost > 0 {
        facts.push(Fact::new("Tiền đã mất (tự khai)", format::money(lost)));
    }
    let number = words::case_number(row.case_number);
    if desk.may(Right::ReadReports) {
        facts.push(Fact::linked("Vụ việc", number.clone(), format!("/can-bo/vu-viec/{}", row.case_number)));
    }
    let mut events = Vec::new();
    if let Some(at_us) = row.acknowledged_us {
        events.push(Event {
            at: desk.when(at_us),
            who: row.acknowledged_by.as_deref().map(|by| names.actor(&desk.app, by)).unwrap_or_default(),
            what: "Xác nhận đã tiếp nhận.".to_owned(),
            why: row.answer_note.clone().unwrap_or_default(),
        });
    }
    events.push(Event {
        at: desk.when(row.created_us),
        who: names.actor(&desk.app, &row.created_by),
        what: "Chuyển hồ sơ.".to_owned(),
        why: row.note.clone(),
    });
    let page = ReferralPage {
        page: desk.shell(format!("Hồ sơ {number}"), "/can-bo/chuyen-cong-an").await?,
        source: words::source(&desk.app, &row.source_kind, &row.source),
        state: referral_state(&row),
        facts,
        note: row.note.clone(),
        reports: case::words_of(&desk, &reports).await?,
        actions: if row.acknowledged_us.is_none() && desk.may(Right::ReceiveReferrals) {
            vec![acknowledge_form(id)]
        } else {
            Vec::new()
        },
        events,
        number,
    };
    Ok(render(StatusCode::OK, &page))
}

fn acknowledge_form(id: Uuid) -> Action {
    Action {
        path: format!("/can-bo/chuyen-cong-an/{id}/tiep-nhan"),
        verb: "Xác nhận đã tiếp nhận".to_owned(),
        consequences: vec![
            "Cơ quan chuyển thấy đơn vị đã nhận, ai nhận và lúc nào.".to_owned(),
            "Nội dung điều tra không được báo cho người phản ánh.".to_owned(),
        ],
        facts: Vec::new(),
        fields: vec![
            Field::new("ghi_chu", "Ghi chú cho cơ quan chuyển", FieldKind::Text)
                .hint("Ví dụ: số thụ lý, cán bộ phụ trách."),
        ],
        weight: Weight::Primary,
        refusal: String::new(),
        version: 0,
        is_open: true,
    }
}

/// A unit acknowledges.
pub(super) async fn acknowledge(
    desk: Desk,
    Path(Id(id)): Path<Id>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, Oops> {
    referral_for(&desk, id).await?;
    let note: String =
        typed.get("ghi_chu").map(|text| text.trim()).unwrap_or_default().chars().take(2_000).collect();
    // The case may move on between reading and writing; the acknowledgement holds all the same.
    const TRIES: u32 = 3;
    for attempt in 1..=TRIES {
        match desk.app.acknowledge_referral(id, &desk.actor(), &note).await {
            Err(ActError::Conflict) if attempt < TRIES => {}
            done => {
                done?;
                break;
            }
        }
    }
    desk.tell("Đã xác nhận tiếp nhận hồ sơ.").await?;
    Ok(Redirect::to(&format!("/can-bo/chuyen-cong-an/{id}")).into_response())
}

/// Requests to operators: unanswered ones, or all.
pub(super) async fn requests(
    desk: Desk,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Oops> {
    let is_all = query.contains_key("tat_ca");
    let (number, page) = words::page_of(query.get("trang").map(String::as_str), ON_PAGE);
    let state = (!is_all).then_some("open");
    let (rows, has_more) = cut(desk.app.store.requests(None, None, state, page).await?);
    let page = RequestsPage {
        page: desk.shell("Yêu cầu nhà mạng", "/can-bo/nha-mang").await?,
        views: vec![
            view("Chưa trả lời", "/can-bo/nha-mang", !is_all),
            view("Tất cả", "/can-bo/nha-mang?tat_ca=1", is_all),
        ],
        rows: rows.iter().map(|row| request_row(&desk, row)).collect(),
        pager: pager("/can-bo/nha-mang", if is_all { "tat_ca=1" } else { "" }, number, has_more),
    };
    Ok(render(StatusCode::OK, &page))
}

fn request_row(desk: &Desk, row: &RequestRow) -> view::RequestRow {
    let waited_us = row.answered_us.unwrap_or(desk.now_us) - row.created_us;
    let age = clocks::span(waited_us);
    let mut answer = row.answer_note.clone().unwrap_or_default();
    if let Some(at_us) = row.answered_us {
        let at = format::date_time(at_us);
        answer = if answer.is_empty() { at } else { format!("{answer} ({at})") };
    }
    view::RequestRow {
        number: words::case_number(row.case_number),
        case_href: if desk.may(Right::ReadReports) {
            format!("/can-bo/vu-viec/{}", row.case_number)
        } else {
            String::new()
        },
        source: words::source(&desk.app, &row.source_kind, &row.source),
        operator: words::agency(&desk.app, &row.operator),
        asks: match row.until_us {
            Some(until_us) => format!("{} đến {}", measure_label(&row.measure), format::date_time(until_us)),
            None => measure_label(&row.measure).to_owned(),
        },
        sent: desk.when(row.created_us),
        age: if row.state == "open" && waited_us > SLOW_US { Mark::now(age) } else { Mark::calm(age) },
        state: request_state(row),
        answer,
    }
}

/// Reconsiderations: undecided ones, or all.
pub(super) async fn reconsiderations(
    desk: Desk,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Oops> {
    let is_all = query.contains_key("tat_ca");
    let (number, page) = words::page_of(query.get("trang").map(String::as_str), ON_PAGE);
    let state = (!is_all).then_some("filed");
    let (rows, has_more) = cut(desk.app.store.reconsiderations(state, None, page).await?);
    let page = ReconsiderationsPage {
        page: desk.shell("Đề nghị xem xét lại", "/can-bo/xem-xet-lai").await?,
        views: vec![
            view("Chờ quyết định", "/can-bo/xem-xet-lai", !is_all),
            view("Tất cả", "/can-bo/xem-xet-lai?tat_ca=1", is_all),
        ],
        rows: rows
            .iter()
            .map(|row| view::ReconsiderationRow {
                href: format!("/can-bo/xem-xet-lai/{}", row.id),
                number: format::receipt_code(&row.code.to_string()),
                source: words::source(&desk.app, &row.source_kind, &row.source),
                first_words: words::first_words(&row.statement),
                at: desk.when(row.filed_us),
                clock: waits(row, desk.now_us),
                state: reconsideration_state(row),
            })
            .collect(),
        pager: pager("/can-bo/xem-xet-lai", if is_all { "tat_ca=1" } else { "" }, number, has_more),
    };
    Ok(render(StatusCode::OK, &page))
}

fn waits(row: &ReconsiderationRow, now_us: i64) -> Mark {
    if row.state == "filed" {
        Mark::calm(format!("đã chờ {}", clocks::span(now_us - row.filed_us)))
    } else {
        Mark::default()
    }
}

/// One reconsideration.
pub(super) async fn reconsideration(desk: Desk, Path(Id(id)): Path<Id>) -> Result<Response, Oops> {
    reconsideration_page(&desk, id, "", "", StatusCode::OK).await
}

async fn reconsideration_page(
    desk: &Desk,
    id: Uuid,
    typed: &str,
    error: &str,
    status: StatusCode,
) -> Result<Response, Oops> {
    let row = desk.app.store.reconsideration(id).await?;
    let names = Names::load(&desk.app).await?;
    let (mut case_facts, mut case_href, mut events, mut refusal) =
        (Vec::new(), String::new(), Vec::new(), String::new());
    if let Some(number) = row.case_number {
        let case = desk.app.store.case(number).await?;
        case_href = format!("/can-bo/vu-viec/{number}");
        case_facts = vec![
            Fact::new("Trạng thái", case::state_mark(&case.case).label),
            Fact::new("Người phản ánh khác nhau", format::number(case.voices)),
            Fact::new("Phản ánh", format::number(case.reports)),
        ];
        let asked_by = names.staff(case.case.requested_by);
        if !asked_by.is_empty() {
            case_facts.push(Fact::new("Người đề nghị khóa", asked_by));
        }
        events = case::events(desk, &names, &desk.app.store.case_events(number).await?);
        let step = Step::DecideReconsideration { is_granted: true };
        if let Err(ActError::Refused(reason)) = desk.app.rehearse(&case, &step, &desk.actor()) {
            refusal = reason.to_string();
        }
    } else {
        case_facts.push(Fact::new("Vụ việc", "không có vụ việc đang mở về số này"));
    }
    let contact = desk.app.keys.open_text(&row.contact_sealed).map_err(anyhow::Error::from)?;
    let code = format::receipt_code(&row.code.to_string());
    let mut asker = vec![Fact::new("Gửi lúc", format::date_time(row.filed_us))];
    if !row.holder_name.is_empty() {
        asker.push(Fact::new("Tên tự khai", row.holder_name.clone()));
    }
    asker.push(Fact::new("Liên lạc", words::masked(&contact)));
    if let Some(at_us) = row.decided_us {
        let by = row.decided_by.as_deref().map(|by| names.actor(&desk.app, by)).unwrap_or_default();
        asker.push(Fact::new("Quyết định", format!("{}, {by}", format::date_time(at_us))));
        asker.push(Fact::new("Lý do", row.reason.clone().unwrap_or_default()));
    }
    let page = ReconsiderationPage {
        page: desk.shell(format!("Đề nghị {code}"), "/can-bo/xem-xet-lai").await?,
        number: code,
        source: words::source(&desk.app, &row.source_kind, &row.source),
        state: reconsideration_state(&row),
        clock: waits(&row, desk.now_us),
        text: row.statement.clone(),
        asker,
        case_facts,
        case_href,
        actions: if row.state == "filed" { decisions(id, &refusal, typed, error) } else { Vec::new() },
        events,
    };
    Ok(render(status, &page))
}

fn decisions(id: Uuid, refusal: &str, typed: &str, error: &str) -> Vec<Action> {
    let form = |step: &str, verb: &str, weight, consequences: &[&str]| Action {
        path: format!("/can-bo/xem-xet-lai/{id}/{step}"),
        verb: verb.to_owned(),
        consequences: consequences.iter().map(|one| (*one).to_owned()).collect(),
        facts: Vec::new(),
        fields: vec![Field {
            id_prefix: format!("{step}-"),
            ..Field::new("ly_do", "Lý do, người đề nghị sẽ đọc", FieldKind::Text)
                .required()
                .value(typed)
                .error(error)
        }],
        weight,
        refusal: refusal.to_owned(),
        version: 0,
        is_open: !error.is_empty(),
    };
    vec![
        form(
            "khoi-phuc",
            "Chấp nhận, khôi phục số",
            Weight::Primary,
            &["Nhà mạng được yêu cầu khôi phục số.", "Người đề nghị đọc được quyết định và lý do."],
        ),
        form(
            "giu",
            "Không chấp nhận, giữ khóa",
            Weight::Grave,
            &["Khóa vẫn tự hết hạn nếu chưa có người thứ hai xác nhận giữ.", "Người đề nghị đọc được lý do."],
        ),
    ]
}

/// Decides a reconsideration.
pub(super) async fn decide(
    desk: Desk,
    Path((Id(id), step)): Path<(Id, String)>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, Oops> {
    let is_granted = match step.as_str() {
        "khoi-phuc" => true,
        "giu" => false,
        _ => return Err(Oops::NotFound),
    };
    let reason: String =
        typed.get("ly_do").map(|text| text.trim()).unwrap_or_default().chars().take(2_000).collect();
    if reason.chars().count() < REASON_MIN {
        let error = "Viết lý do: người giữ số có quyền biết vì sao.";
        return reconsideration_page(&desk, id, &reason, error, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    desk.app.decide_reconsideration(id, is_granted, &desk.actor(), &reason).await?;
    desk.tell(if is_granted {
        "Đã chấp nhận: nhà mạng được yêu cầu khôi phục số."
    } else {
        "Đã ghi: không chấp nhận."
    })
    .await?;
    Ok(Redirect::to(&format!("/can-bo/xem-xet-lai/{id}")).into_response())
}

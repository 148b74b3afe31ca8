//! Warnings: drafted (from a case or anew), approved by a second person, and how far they reached.

use std::collections::HashMap;

use axum::extract::{Form, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use canhgiac_domain::bulletin::{
    self, BODY_LIMIT, BulletinAction, BulletinRefusal, BulletinState, TITLE_LIMIT,
};
use canhgiac_domain::id::UserId;
use canhgiac_store::{BulletinRow, BulletinText, Page, StoreError};
use uuid::Uuid;

use super::desk::Desk;
use super::ids::Id;
use super::oops::Oops;
use super::view::bulletins as view;
use super::view::bulletins::{
    Broadcast, BulletinEditPage, BulletinPage, BulletinsPage, RecipientRow, SmsCount,
};
use super::view::common::{Action, Chip, Event, Fact, Field, FieldKind, Mark, Pager, Weight};
use super::view::reports::View;
use super::words::{self, Names};
use crate::gateway::gsm7_len;
use crate::web::chart::{Bar, Bars};
use crate::web::format;
use crate::web::page::render;

const ON_PAGE: i64 = 50;
/// Recipients on a page.
const RECIPIENTS: i64 = 50;
const PATH: &str = "/can-bo/canh-bao";
/// Septets of one GSM 7 message.
const ONE_SEGMENT: usize = 160;

/// State of a warning.
pub(super) fn state_mark(id: &str) -> Mark {
    match BulletinState::from_id(id) {
        Some(BulletinState::Draft) => Mark::soon("bản nháp, chờ duyệt"),
        Some(BulletinState::Published) => Mark::calm("đã đăng"),
        Some(BulletinState::Cancelled) => Mark::calm("đã rút"),
        None => Mark::calm(id),
    }
}

/// The list.
pub(super) async fn list(desk: Desk, Query(query): Query<HashMap<String, String>>) -> Result<Response, Oops> {
    let state = query.get("trang_thai").map(String::as_str).unwrap_or_default();
    let states: Vec<&str> = BulletinState::from_id(state).map(|state| state.id()).into_iter().collect();
    let (number, page) = words::page_of(query.get("trang").map(String::as_str), ON_PAGE);
    let mut rows = desk.app.store.bulletins(&states, page).await?;
    let has_more = rows.len() as i64 > ON_PAGE;
    rows.truncate(usize::try_from(ON_PAGE).unwrap_or(usize::MAX));
    let names = Names::load(&desk.app).await?;
    let mut shown = Vec::with_capacity(rows.len());
    for row in &rows {
        let authors = desk.app.store.bulletin_authors(row.id).await?;
        shown.push(view::BulletinRow {
            href: format!("{PATH}/{}", row.id),
            title: row.title.clone(),
            state: state_mark(&row.state),
            author: authors.iter().map(|id| names.staff(Some(*id))).collect::<Vec<_>>().join(", "),
            at: desk.when(row.published_us.unwrap_or(row.updated_us)),
            reached: if row.published_us.is_some() { reached(&desk, row.id).await? } else { String::new() },
        });
    }
    let link = |page: i64| {
        let flag = if state.is_empty() { String::new() } else { format!("trang_thai={state}&") };
        format!("{PATH}?{flag}trang={page}")
    };
    let view = |label: &str, id: &str| View {
        label: label.to_owned(),
        href: if id.is_empty() { PATH.to_owned() } else { format!("{PATH}?trang_thai={id}") },
        is_current: id == state,
        count: String::new(),
    };
    let page = BulletinsPage {
        page: desk.shell("Cảnh báo", PATH).await?,
        views: vec![
            view("Tất cả", ""),
            view("Chờ duyệt", "draft"),
            view("Đã đăng", "published"),
            view("Đã rút", "cancelled"),
        ],
        rows: shown,
        pager: Pager {
            position: String::new(),
            newer: (number > 1).then(|| link(number - 1)),
            older: has_more.then(|| link(number + 1)),
        },
        may_write: true,
    };
    Ok(render(StatusCode::OK, &page))
}

async fn reached(desk: &Desk, id: Uuid) -> Result<String, Oops> {
    let counts = desk.app.store.message_counts(&format!("bulletin:{id}")).await?;
    let total: i64 = counts.iter().map(|one| one.count).sum();
    let delivered: i64 = counts.iter().filter(|one| one.label == "delivered").map(|one| one.count).sum();
    Ok(if total == 0 {
        String::new()
    } else {
        format!("{} trong {} máy đã nhận", format::number(delivered), format::number(total))
    })
}

/// A new draft, filled from a case when one is named.
pub(super) async fn begin(
    desk: Desk,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Oops> {
    let case = query.get("vu_viec").and_then(|number| number.parse::<i64>().ok());
    let text = match case {
        Some(number) => draft_from(&desk, number).await?,
        None => BulletinText::default(),
    };
    edit_page(&desk, None, case, &text, &HashMap::new(), StatusCode::OK).await
}

/// Sample wording from what a case's reports tell: what is claimed, what is demanded, what to do.
async fn draft_from(desk: &Desk, number: i64) -> Result<BulletinText, Oops> {
    let case = desk.app.store.case(number).await?;
    let chips = words::chips(case.findings.iter().map(String::as_str));
    let first = |facet: &str| chips.iter().find(|chip| chip.facet == facet).map(|chip| chip.label.clone());
    let who = first("Tự xưng").unwrap_or_else(|| "người của cơ quan, doanh nghiệp".to_owned());
    let why = first("Cớ");
    let demand = first("Đòi").unwrap_or_else(|| "chuyển tiền".to_owned());
    let pretext =
        why.as_deref().map(|why| format!(", lấy cớ “{}”", words::lower_first(why))).unwrap_or_default();
    let title = match &why {
        Some(why) => format!("Giả danh {who}: {}", words::lower_first(why)),
        None => format!("Cuộc gọi giả danh {who}"),
    };
    let body = format!(
        "Có người gọi điện tự xưng là {who}{pretext} rồi đòi {}. Đây là cuộc gọi có dấu hiệu lừa đảo.\n\nNếu nhận cuộc gọi như vậy, bạn hãy cúp máy ngay. Không chuyển tiền, không đọc mã OTP, không cài ứng dụng theo lời người gọi.\n\nCơ quan nhà nước làm việc bằng văn bản hoặc gặp trực tiếp, không bao giờ yêu cầu chuyển tiền qua điện thoại. Số hiện trên máy có thể bị giả: muốn kiểm tra, hãy tự bấm số chính thức để gọi lại.\n\nNếu đã chuyển tiền: gọi ngay tổng đài ngân hàng yêu cầu tạm dừng giao dịch, rồi gọi 113 hoặc đến Công an xã, phường. Giữ lại ghi âm, tin nhắn, biên lai.",
        words::lower_first(&demand)
    );
    let who_plain = canhgiac_domain::text::fold(&who);
    let demand_plain = canhgiac_domain::text::fold(&demand);
    let mut sms = format!(
        "CANH BAO: co nguoi gia danh {who_plain} goi dien, doi {demand_plain}. Hay cup may, khong chuyen tien, khong doc ma OTP, bao Cong an noi gan nhat."
    );
    if gsm7_len(&sms).is_none_or(|length| length > ONE_SEGMENT) {
        sms = format!(
            "CANH BAO: co nguoi gia danh {who_plain} goi dien lua dao. Hay cup may, khong chuyen tien, bao Cong an noi gan nhat."
        );
    }
    Ok(BulletinText { title: title.chars().take(TITLE_LIMIT).collect(), body, sms })
}

/// What an SMS text costs, and what is wrong with it for a warning.
fn sms_count(text: &str) -> SmsCount {
    let signs = text.chars().count();
    match gsm7_len(text) {
        Some(length) => {
            let parts = if length <= ONE_SEGMENT { 1 } else { length.div_ceil(153) };
            SmsCount {
                summary: format!("{length} ký tự, {parts} bản tin (GSM 7)"), problem: String::new()
            }
        }
        None => {
            let units = text.encode_utf16().count();
            let parts = if units <= 70 { 1 } else { units.div_ceil(67) };
            SmsCount {
                summary: format!("{signs} ký tự, {parts} bản tin (UCS-2)"),
                problem: "Có chữ có dấu hoặc ký tự lạ nên tin dài gấp đôi. Hãy bỏ dấu.".to_owned(),
            }
        }
    }
}

/// Mistakes in a draft by field name; empty when there are none.
fn mistakes(text: &BulletinText) -> HashMap<&'static str, String> {
    let mut wrong = HashMap::new();
    if text.title.is_empty() {
        wrong.insert("tieu_de", "Viết tiêu đề: người dân đọc nó đầu tiên.".to_owned());
    } else if text.title.chars().count() > TITLE_LIMIT {
        wrong.insert("tieu_de", format!("Tiêu đề dài quá {TITLE_LIMIT} ký tự."));
    }
    if text.body.is_empty() {
        wrong.insert("noi_dung", "Viết bài đăng: chuyện gì, bạn phải làm gì.".to_owned());
    } else if text.body.chars().count() > BODY_LIMIT {
        wrong.insert("noi_dung", format!("Bài dài quá {} ký tự.", format::number(BODY_LIMIT as i64)));
    }
    let folded = text.sms.to_lowercase();
    if text.sms.is_empty() {
        wrong.insert("tin_nhan", "Viết tin nhắn cho người đăng ký nhận cảnh báo.".to_owned());
    } else if folded.contains("http")
        || folded.contains("www.")
        || folded.contains(".vn")
        || folded.contains(".com")
    {
        wrong.insert(
            "tin_nhan",
            "Bỏ đường dẫn: đường dẫn trong tin nhắn là cách kẻ gian hay dùng.".to_owned(),
        );
    } else if gsm7_len(&text.sms).is_none() {
        wrong.insert("tin_nhan", "Tin nhắn có chữ có dấu. Bỏ dấu để gọn trong một bản tin.".to_owned());
    } else if gsm7_len(&text.sms).is_some_and(|length| length > ONE_SEGMENT) {
        wrong.insert(
            "tin_nhan",
            format!("Tin nhắn dài quá {ONE_SEGMENT} ký tự, phải cắt thành nhiều bản tin."),
        );
    }
    wrong
}

async fn edit_page(
    desk: &Desk,
    existing: Option<&BulletinRow>,
    case: Option<i64>,
    text: &BulletinText,
    wrong: &HashMap<&'static str, String>,
    status: StatusCode,
) -> Result<Response, Oops> {
    let error = |name: &str| wrong.get(name).cloned().unwrap_or_default();
    let (case_facts, chips) = match case {
        Some(number) => case_figures(desk, number).await?,
        None => (Vec::new(), Vec::new()),
    };
    let title = if existing.is_some() { "Sửa cảnh báo" } else { "Soạn cảnh báo" };
    let page = BulletinEditPage {
        page: desk.shell(title, PATH).await?,
        path: existing.map_or_else(|| format!("{PATH}/moi"), |row| format!("{PATH}/{}/sua", row.id)),
        version: existing.map_or(0, |row| row.version),
        title_field: Field::new("tieu_de", "Tiêu đề", FieldKind::Line)
            .required()
            .value(&text.title)
            .error(error("tieu_de")),
        text_field: Field {
            rows: 12,
            ..Field::new("noi_dung", "Bài đăng trên trang", FieldKind::Text)
                .required()
                .hint("Cách một dòng trống là một đoạn.")
                .value(&text.body)
                .error(error("noi_dung"))
        },
        sms_field: Field::new("tin_nhan", "Tin nhắn gửi người đăng ký", FieldKind::Text)
            .required()
            .hint("Không dấu, không đường dẫn, gọn trong một bản tin 160 ký tự.")
            .value(&text.sms)
            .error(error("tin_nhan")),
        case_id: case.map(|number| number.to_string()).unwrap_or_default(),
        sms: sms_count(&text.sms),
        case_facts,
        chips,
    };
    Ok(render(status, &page))
}

async fn case_figures(desk: &Desk, number: i64) -> Result<(Vec<Fact>, Vec<Chip>), Oops> {
    let case = desk.app.store.case(number).await?;
    let mut chips = words::chips(case.findings.iter().map(String::as_str));
    chips.truncate(8);
    let facts = vec![
        Fact::linked("Vụ việc", words::case_number(number), format!("/can-bo/vu-viec/{number}")),
        Fact::new("Nguồn", words::source_row(&desk.app, &case.source)),
        Fact::new("Người phản ánh khác nhau", format::number(case.voices)),
        Fact::new("Phản ánh", format::number(case.reports)),
        Fact::new("Mở lúc", format::date_time(case.case.opened_us)),
    ];
    Ok((facts, chips))
}

fn typed_text(typed: &HashMap<String, String>) -> BulletinText {
    let said = |name: &str| {
        typed.get(name).map(|text| text.replace("\r\n", "\n").trim().to_owned()).unwrap_or_default()
    };
    let sms = said("tin_nhan").split_whitespace().collect::<Vec<_>>().join(" ");
    BulletinText { title: said("tieu_de"), body: said("noi_dung"), sms }
}

/// Saves a new draft, or only counts its SMS again.
pub(super) async fn create(desk: Desk, Form(typed): Form<HashMap<String, String>>) -> Result<Response, Oops> {
    let text = typed_text(&typed);
    let case = typed.get("vu_viec").and_then(|number| number.parse::<i64>().ok());
    if typed.get("viec").is_some_and(|step| step == "dem") {
        return edit_page(&desk, None, case, &text, &HashMap::new(), StatusCode::OK).await;
    }
    let wrong = mistakes(&text);
    if !wrong.is_empty() {
        return edit_page(&desk, None, case, &text, &wrong, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    if let Some(number) = case {
        desk.app.store.case(number).await?;
    }
    let id = Uuid::now_v7();
    let audit = desk.audit("bulletin_begun", format!("bulletin:{id}"), "");
    desk.app.store.add_bulletin(id, case, &text, desk.staff.id, &audit).await?;
    desk.tell("Đã lưu bản nháp. Người khác có quyền duyệt sẽ thấy nó ở việc đang chờ.").await?;
    Ok(Redirect::to(&format!("{PATH}/{id}")).into_response())
}

/// The draft, to change.
pub(super) async fn edit(desk: Desk, Path(Id(id)): Path<Id>) -> Result<Response, Oops> {
    let row = desk.app.store.bulletin(id).await?;
    if row.state != BulletinState::Draft.id() {
        return Err(Oops::Refused(BulletinRefusal::WrongState.to_string()));
    }
    let text = BulletinText { title: row.title.clone(), body: row.body.clone(), sms: row.sms.clone() };
    edit_page(&desk, Some(&row), row.case_number, &text, &HashMap::new(), StatusCode::OK).await
}

/// Saves a changed draft.
pub(super) async fn save(
    desk: Desk,
    Path(Id(id)): Path<Id>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, Oops> {
    let row = desk.app.store.bulletin(id).await?;
    let text = typed_text(&typed);
    if typed.get("viec").is_some_and(|step| step == "dem") {
        return edit_page(&desk, Some(&row), row.case_number, &text, &HashMap::new(), StatusCode::OK).await;
    }
    let mut wrong = mistakes(&text);
    let version = typed.get("phien_ban").and_then(|version| version.parse().ok()).unwrap_or(-1);
    if wrong.is_empty() {
        let audit = desk.audit("bulletin_edited", format!("bulletin:{id}"), "");
        match desk.app.store.edit_bulletin(id, version, &text, desk.staff.id, &audit).await {
            Ok(()) => {
                desk.tell("Đã lưu bản nháp.").await?;
                return Ok(Redirect::to(&format!("{PATH}/{id}")).into_response());
            }
            Err(StoreError::Conflict) if row.state == BulletinState::Draft.id() => {
                wrong.insert(
                    "tieu_de",
                    "Đồng nghiệp vừa sửa bản nháp này. Chữ của bạn vẫn còn ở đây; lưu lần nữa sẽ thay bản của đồng nghiệp.".to_owned(),
                );
            }
            Err(error) => return Err(error.into()),
        }
    }
    // The page carries the new version: saving again is then a decision, not an accident.
    edit_page(&desk, Some(&row), row.case_number, &text, &wrong, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// One warning.
pub(super) async fn show(
    desk: Desk,
    Path(Id(id)): Path<Id>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Oops> {
    let row = desk.app.store.bulletin(id).await?;
    let names = Names::load(&desk.app).await?;
    let authors = desk.app.store.bulletin_authors(id).await?;
    let is_draft = row.state == BulletinState::Draft.id();
    let mut facts = vec![Fact::new(
        "Người soạn",
        authors.iter().map(|id| names.staff(Some(*id))).collect::<Vec<_>>().join(", "),
    )];
    if row.approved_by.is_some() {
        facts.push(Fact::new("Người duyệt", names.staff(row.approved_by)));
    }
    if let Some(at_us) = row.published_us {
        facts.push(Fact::new("Đăng lúc", format::date_time(at_us)));
    }
    if let Some(at_us) = row.cancelled_us {
        facts.push(Fact::new("Rút lúc", format::date_time(at_us)));
    }
    if let Some(number) = row.case_number {
        let href = format!("/can-bo/vu-viec/{number}");
        facts.push(Fact::linked("Từ vụ việc", words::case_number(number), href));
    }
    if is_draft {
        let count = desk.app.store.count_subscribers().await?;
        facts.push(Fact::new("Sẽ nhắn cho", format!("{} người đăng ký", format::number(count))));
    }
    let object = format!("bulletin:{id}");
    let events = desk.app.store.audit_trail(Some(&object), Page { offset: 0, limit: 100 }).await?;
    let title = row.title.clone();
    let page = BulletinPage {
        page: desk.shell("Cảnh báo", PATH).await?,
        title,
        state: state_mark(&row.state),
        paragraphs: row
            .body
            .split("\n\n")
            .map(str::trim)
            .filter(|one| !one.is_empty())
            .map(str::to_owned)
            .collect(),
        sms: sms_count(&row.sms),
        facts,
        actions: actions(&desk, &row, &authors),
        edit_href: is_draft.then(|| format!("{PATH}/{id}/sua")),
        public_href: row.published_us.map(|_| format!("/canh-bao/{id}")),
        broadcast: if row.published_us.is_some() { broadcast(&desk, id, &query).await? } else { None },
        events: events
            .into_iter()
            .map(|event| Event {
                at: desk.when(event.at_us),
                who: names.actor(&desk.app, &event.actor),
                what: words::action(&event.action).to_owned(),
                why: event.detail,
            })
            .collect(),
        sms_text: row.sms,
    };
    Ok(render(StatusCode::OK, &page))
}

fn actions(desk: &Desk, row: &BulletinRow, authors: &[Uuid]) -> Vec<Action> {
    let Some(state) = BulletinState::from_id(&row.state) else { return Vec::new() };
    let authors: Vec<UserId> = authors.iter().map(|id| UserId(*id)).collect();
    let mut list = Vec::new();
    for (step, action) in [("duyet", BulletinAction::Approve), ("rut", BulletinAction::Cancel)] {
        let refusal = match bulletin::decide(state, &authors, action, &desk.actor()) {
            Ok(_) => String::new(),
            Err(BulletinRefusal::WrongState) => continue,
            Err(BulletinRefusal::NotAllowed) if action == BulletinAction::Cancel => continue,
            Err(BulletinRefusal::NotAllowed) => "cần một lãnh đạo duyệt, không phải người soạn.".to_owned(),
            Err(refusal) => refusal.to_string(),
        };
        list.push(form(row, step, refusal));
    }
    list
}

fn form(row: &BulletinRow, step: &str, refusal: String) -> Action {
    let is_approval = step == "duyet";
    let consequences: &[&str] = if is_approval {
        &[
            "Bài hiện ngay trên trang công khai và trong nguồn Atom.",
            "Tin nhắn được gửi ngay tới mọi người đăng ký, không thu lại được tin đã gửi.",
        ]
    } else {
        &["Trang công khai ghi cảnh báo đã rút.", "Tin nhắn chưa gửi sẽ không gửi nữa."]
    };
    Action {
        path: format!("{PATH}/{}/{step}", row.id),
        verb: if is_approval { "Duyệt, đăng và gửi tin" } else { "Rút cảnh báo" }.to_owned(),
        consequences: consequences.iter().map(|one| (*one).to_owned()).collect(),
        facts: Vec::new(),
        fields: vec![Field {
            id_prefix: format!("{step}-"),
            ..Field::new("ly_do", "Ghi chú", FieldKind::Text)
        }],
        weight: if is_approval { Weight::Primary } else { Weight::Grave },
        refusal,
        version: row.version,
        is_open: false,
    }
}

async fn broadcast(
    desk: &Desk,
    id: Uuid,
    query: &HashMap<String, String>,
) -> Result<Option<Broadcast>, Oops> {
    let object = format!("bulletin:{id}");
    let counts = desk.app.store.message_counts(&object).await?;
    let total: i64 = counts.iter().map(|one| one.count).sum();
    if total == 0 {
        return Ok(None);
    }
    let (number, page) = words::page_of(query.get("trang").map(String::as_str), RECIPIENTS);
    let mut messages = desk.app.store.messages_about(&object, page).await?;
    let has_more = messages.len() as i64 > RECIPIENTS;
    messages.truncate(usize::try_from(RECIPIENTS).unwrap_or(usize::MAX));
    let count =
        |state: &str| counts.iter().filter(|one| one.label == state).map(|one| one.count).sum::<i64>();
    let delivered = count("delivered");
    let order = ["delivered", "sent", "planned", "sending", "failed", "uncertain"];
    let bars = order
        .into_iter()
        .filter(|state| count(state) > 0)
        .map(|state| Bar {
            label: words::message_state_label(state).to_owned(),
            value: count(state).max(0).unsigned_abs(),
            href: None,
        })
        .collect();
    let mut recipients = Vec::with_capacity(messages.len());
    for message in messages {
        let clear = desk.app.keys.open_text(&message.to_sealed).map_err(anyhow::Error::from)?;
        recipients.push(RecipientRow {
            masked: words::masked(&clear),
            link: message.link,
            state: words::message_state(&message.state),
            at: desk.when(message.done_us.or(message.sent_us).unwrap_or(message.created_us)),
            detail: message.error.unwrap_or_default(),
        });
    }
    Ok(Some(Broadcast {
        summary: format!("{} trong {} máy đã nhận.", format::number(delivered), format::number(total)),
        drawing: Bars {
            title: format!("{} % đã tới máy", delivered * 100 / total),
            label_name: "Kết quả".to_owned(),
            value_name: "số người".to_owned(),
            bars,
        },
        recipients,
        pager: Pager {
            position: format!("{} người nhận", format::number(total)),
            newer: (number > 1).then(|| format!("{PATH}/{id}?trang={}", number - 1)),
            older: has_more.then(|| format!("{PATH}/{id}?trang={}", number + 1)),
        },
        is_running: count("planned") + count("sending") > 0,
    }))
}

/// A second person approves: the warning is published and its broadcast planned.
pub(super) async fn approve(
    desk: Desk,
    Path(Id(id)): Path<Id>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, Oops> {
    let version = checked(&desk, id, BulletinAction::Approve, &typed).await?;
    let audit = desk.audit("bulletin_published", format!("bulletin:{id}"), note(&typed));
    desk.app.store.publish_bulletin(id, version, desk.staff.id, &audit).await?;
    desk.app.jobs.notify_one();
    desk.tell("Đã đăng. Tin nhắn đang được gửi.").await?;
    Ok(Redirect::to(&format!("{PATH}/{id}")).into_response())
}

/// Withdraws a warning.
pub(super) async fn cancel(
    desk: Desk,
    Path(Id(id)): Path<Id>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, Oops> {
    let version = checked(&desk, id, BulletinAction::Cancel, &typed).await?;
    let audit = desk.audit("bulletin_cancelled", format!("bulletin:{id}"), note(&typed));
    desk.app.store.cancel_bulletin(id, version, &audit).await?;
    desk.tell("Đã rút cảnh báo.").await?;
    Ok(Redirect::to(&format!("{PATH}/{id}")).into_response())
}

fn note(typed: &HashMap<String, String>) -> String {
    typed.get("ly_do").map(|text| text.trim()).unwrap_or_default().chars().take(1_000).collect()
}

/// The version this person looked at, when the domain lets them.
async fn checked(
    desk: &Desk,
    id: Uuid,
    action: BulletinAction,
    typed: &HashMap<String, String>,
) -> Result<i64, Oops> {
    let row = desk.app.store.bulletin(id).await?;
    let authors: Vec<UserId> = desk.app.store.bulletin_authors(id).await?.into_iter().map(UserId).collect();
    let state =
        BulletinState::from_id(&row.state).ok_or_else(|| anyhow::anyhow!("unknown state of a bulletin"))?;
    bulletin::decide(state, &authors, action, &desk.actor())
        .map_err(|refusal| Oops::Refused(refusal.to_string()))?;
    Ok(typed.get("phien_ban").and_then(|version| version.parse().ok()).unwrap_or(-1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(sms: &str) -> BulletinText {
        BulletinText { title: "T".to_owned(), body: "B".to_owned(), sms: sms.to_owned() }
    }

    #[test]
    fn a_warning_by_sms_has_no_accents_no_link_and_one_segment() {
        assert!(mistakes(&text("CANH BAO: hay cup may.")).is_empty());
        for bad in ["Cảnh báo", "xem http://x", "xem canhbao.gov.vn", &"a".repeat(161), ""] {
            assert!(mistakes(&text(bad)).contains_key("tin_nhan"), "{bad}");
        }
    }

    #[test]
    fn segments_are_counted_as_networks_do() {
        assert!(sms_count(&"a".repeat(160)).summary.contains("1 bản tin"));
        assert!(sms_count(&"a".repeat(161)).summary.contains("2 bản tin"));
        assert!(sms_count("ệ").summary.contains("UCS-2"));
        assert!(sms_count(&"ệ".repeat(71)).summary.contains("2 bản tin"));
    }
}

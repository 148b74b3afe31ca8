//! A citizen at the desk who wants to see or erase what is held on them, and how long data is kept at all.

use std::collections::HashMap;

use axum::extract::Form;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use canhgiac_domain::datafile::Confidence;
use canhgiac_domain::number::parse_number;
use canhgiac_domain::receipt::ReceiptCode;
use canhgiac_domain::retention::DataKind;
use canhgiac_store::{Page, StoreError};

use super::desk::Desk;
use super::oops::Oops;
use super::view::common::{Action, Choice, Field, FieldKind, Weight};
use super::view::data::{CitizenDataPage, PeriodRow, RetentionPage, RunRow};
use crate::citizen_data::Claim;
use crate::web::format;
use crate::web::page::render;

const PATH: &str = "/can-bo/du-lieu-ca-nhan";
/// Purges shown.
const RUNS: i64 = 30;
/// Erasures counted as waiting at most.
const WAITING: i64 = 1_000;
/// Shortest reason taken, in characters.
const REASON_MIN: usize = 8;

const ERRANDS: [(&str, &str); 3] = [
    ("xem", "Cho biết đang giữ những gì"),
    ("tai", "Giao dữ liệu: tải về tệp JSON"),
    ("xoa", "Xóa số điện thoại, lời kể và tệp"),
];

fn form(typed: &HashMap<String, String>, wrong: &HashMap<&str, String>) -> Action {
    let said = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
    let error = |name: &str| wrong.get(name).cloned().unwrap_or_default();
    let line = |name: &str, label: &str| {
        Field::new(name, label, FieldKind::Line).required().value(said(name)).error(error(name))
    };
    Action {
        path: PATH.to_owned(),
        verb: "Thực hiện".to_owned(),
        consequences: vec![
            "Chỉ làm khi người dân có mặt và bạn đã gọi thử: máy của họ đổ chuông.".to_owned(),
            "Tên bạn, lý do và giờ làm được ghi vào nhật ký.".to_owned(),
            "Xóa rồi không lấy lại được. Phản ánh mà vụ việc đang mở cần đến được xóa khi vụ việc kết thúc."
                .to_owned(),
        ],
        facts: Vec::new(),
        fields: vec![
            line("ma", "Mã một phản ánh của người đó").hint("8 chữ số, in trên giấy tiếp nhận."),
            line("dien_thoai", "Số điện thoại của người đó"),
            Field::new("viec", "Việc cần làm", FieldKind::Choice(Choice::list(ERRANDS, said("viec"))))
                .required(),
            line("ly_do", "Lý do").hint("Ví dụ: người dân đến bàn tiếp nhận, mang căn cước, yêu cầu xóa."),
        ],
        weight: Weight::Grave,
        refusal: String::new(),
        version: 0,
        is_open: true,
    }
}

/// The form.
pub(super) async fn ask(desk: Desk) -> Result<Response, Oops> {
    page(&desk, form(&HashMap::new(), &HashMap::new()), Vec::new(), StatusCode::OK).await
}

async fn page(desk: &Desk, form: Action, told: Vec<String>, status: StatusCode) -> Result<Response, Oops> {
    let page =
        CitizenDataPage { page: desk.shell("Dữ liệu của người dân", PATH).await?, form, told };
    Ok(render(status, &page))
}

/// Does what was asked for the citizen whose code and number match.
pub(super) async fn serve(desk: Desk, Form(typed): Form<HashMap<String, String>>) -> Result<Response, Oops> {
    let said = |name: &str| typed.get(name).map(|value| value.trim()).unwrap_or_default();
    let mut wrong: HashMap<&str, String> = HashMap::new();
    if said("ly_do").chars().count() < REASON_MIN {
        wrong.insert("ly_do", "Viết lý do cụ thể, ít nhất vài từ.".to_owned());
    }
    if !ERRANDS.iter().any(|(id, _)| *id == said("viec")) {
        wrong.insert("viec", "Chọn một việc.".to_owned());
    }
    let hash = match claimed(&desk, said("ma"), said("dien_thoai")).await? {
        Some(hash) => hash,
        None => {
            wrong.insert("ma", "Không có phản ánh nào có mã này từ số này. Xem lại cả hai.".to_owned());
            Vec::new()
        }
    };
    if !wrong.is_empty() {
        return page(&desk, form(&typed, &wrong), Vec::new(), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let claim = Claim::Number(hash);
    let by = crate::act::actor_id(&desk.actor());
    let app = &desk.app;
    match said("viec") {
        "tai" => {
            let held = app.held_on(&claim).await?;
            app.note_export(&claim, &by, said("ly_do")).await?;
            Ok(crate::web::public::citizen::json_file(&held).into_response())
        }
        "xoa" => {
            let outcome = app.erase(&claim, &by, said("ly_do")).await?;
            let mut told = vec![format!("Đã xóa {} phản ánh.", format::number(outcome.erased as i64))];
            if outcome.waiting > 0 {
                told.push(format!(
                    "{} phản ánh đang cần cho vụ việc đang mở, sẽ được xóa khi vụ việc kết thúc.",
                    format::number(outcome.waiting as i64)
                ));
            }
            told.push("Bản sao lưu cũ hết hạn dần rồi mất.".to_owned());
            page(&desk, form(&HashMap::new(), &HashMap::new()), told, StatusCode::OK).await
        }
        _ => {
            let held = app.held_on(&claim).await?;
            app.note_export(&claim, &by, said("ly_do")).await?;
            let files: usize = held.texts.iter().map(|text| text.files.len()).sum();
            let told = vec![format!(
                "Đang giữ {} tin hoặc phản ánh và {} tệp từ số này.",
                format::number(held.texts.len() as i64),
                format::number(files as i64)
            )];
            page(&desk, form(&typed, &HashMap::new()), told, StatusCode::OK).await
        }
    }
}

/// The keyed hash of the number, when it sent the report with this code.
async fn claimed(desk: &Desk, code: &str, phone: &str) -> Result<Option<Vec<u8>>, Oops> {
    let app = &desk.app;
    let (Ok(code), Ok(number)) =
        (ReceiptCode::parse(code), parse_number(phone, &app.rules.numbering, app.clock.today()))
    else {
        return Ok(None);
    };
    let code: i64 = code.digits().parse().map_err(anyhow::Error::from)?;
    let hash = app.keys.hash_number(number.source.canonical());
    match app.store.report_by_code(code, &hash).await {
        Ok(_) => Ok(Some(hash)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Kinds of data in words.
fn kind_words(kind: DataKind) -> &'static str {
    match kind {
        DataKind::Jobs => "Việc đã làm xong",
        DataKind::Sessions => "Phiên làm việc đã hết",
        DataKind::OneTimeCodes => "Mã dùng một lần, số lần gửi trong ngày",
        DataKind::ParkedReceipts => "Báo nhận không thuộc tin nào",
        DataKind::Messages => "Lời và người nhận của tin nhắn đã gửi",
        DataKind::IntakeRows => "Nguyên dạng các byte nhận được",
        DataKind::ServiceTexts => "Tin hỏi kết quả, kiểm tra, hướng dẫn",
        DataKind::DoubtfulReports => "Phản ánh nghi máy gửi",
        DataKind::Evidence => "Tệp của phản ánh không thuộc vụ việc nào",
        DataKind::Reports => "Lời và số của phản ánh không thuộc vụ việc nào",
        DataKind::CaseReports => "Phản ánh trong vụ việc đã kết thúc",
        DataKind::Subscribers => "Số đã hủy nhận cảnh báo",
        DataKind::Reconsiderations => "Lời đề nghị xem xét lại đã trả lời",
    }
}

/// How long data is kept, what is due and what was removed.
pub(super) async fn retention(desk: Desk) -> Result<Response, Oops> {
    let app = &desk.app;
    let due: HashMap<DataKind, i64> = crate::purge::dry_run(app).await?.into_iter().collect();
    let periods = DataKind::ALL.into_iter().filter_map(|kind| {
        let period = app.rules.retention.on(kind, app.clock.today())?;
        Some(PeriodRow {
            what: kind_words(kind).to_owned(),
            days: format::number(i64::from(period.days)),
            source: period.source.clone(),
            confidence: match period.confidence {
                Confidence::Text => "theo văn bản",
                Confidence::Press => "theo báo chí",
                Confidence::Guess => "dự án tự chọn",
            },
            due: format::number(due.get(&kind).copied().unwrap_or(0)),
        })
    });
    let runs = app.store.purges(RUNS).await?.into_iter().map(|run| RunRow {
        at: desk.when(run.started_us),
        is_done: run.ended_us.is_some(),
        removed: run
            .removed
            .into_iter()
            .map(|count| {
                let what = DataKind::from_id(&count.label).map(kind_words);
                format!("{}: {}", what.unwrap_or(count.label.as_str()), format::number(count.count))
            })
            .collect(),
    });
    let waiting = app.store.erasures_waiting(Page { offset: 0, limit: WAITING }).await?.len() as i64;
    let page = RetentionPage {
        periods: periods.collect(),
        runs: runs.collect(),
        waiting,
        page: desk.shell("Lưu giữ dữ liệu", "/can-bo/luu-giu").await?,
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], render(StatusCode::OK, &page)).into_response())
}

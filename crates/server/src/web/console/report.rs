//! One report: what came, what was understood, and what an officer does with it.

use std::collections::HashMap;

use axum::extract::{Form, Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use canhgiac_domain::account::Right;
use canhgiac_domain::number::{Source, parse_number};
use canhgiac_store::{
    Correction, EvidenceRow, IntakeRow, NewSource, Page, Report, ReportEntry, ReportFilter,
};

use super::desk::Desk;
use super::oops::Oops;
use super::queue::{self, Asked};
use super::view::common::{Action, Choice, Event, Fact, Field, FieldKind, Weight};
use super::view::reports::{
    CaseLink, EvidenceItem, RelatedReport, ReportDetail, ReportPage, Reporter, Shows, SourceLine,
};
use super::words::{self, Names};
use crate::intake::{hex, unhex};
use crate::web::format;
use crate::web::page::render;

/// Related reports shown.
const RELATED: i64 = 4;
/// Sources one correction may name.
const SOURCES: usize = 10;
/// Shortest reason taken, in characters.
const REASON_MIN: usize = 8;

/// The page.
pub(super) async fn show(
    desk: Desk,
    Path(seq): Path<i64>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Oops> {
    page(&desk, seq, &Asked::read(&query), Shown::default()).await
}

/// What differs from a plain look: an opened number, a form with mistakes.
#[derive(Default)]
struct Shown {
    reporter: Option<String>,
    correction: Option<Action>,
    opening: Option<Action>,
    status: StatusCode,
}

async fn page(desk: &Desk, seq: i64, asked: &Asked, shown: Shown) -> Result<Response, Oops> {
    let entry = desk.app.store.report(seq).await?;
    let queue = queue::beside(desk, asked, seq).await?;
    let at = queue.rows.iter().position(|row| row.is_current);
    let status = shown.status;
    let mut report = detail(desk, &entry, shown).await?;
    report.previous = at.and_then(|at| at.checked_sub(1)).map(|at| queue.rows[at].href.clone());
    report.next = at.and_then(|at| queue.rows.get(at + 1)).map(|row| row.href.clone());
    let title = format!("Phản ánh {}", report.code);
    let page = ReportPage { page: desk.shell(title, "/can-bo/phan-anh").await?, queue, report };
    Ok(render(status, &page))
}

async fn detail(desk: &Desk, entry: &ReportEntry, shown: Shown) -> Result<ReportDetail, Oops> {
    let report = &entry.report;
    let store = &desk.app.store;
    let names = Names::load(&desk.app).await?;
    let parts: Vec<i64> = serde_json::from_str(&report.parts).unwrap_or_default();
    let intake = store.intake_rows(&parts).await?;
    let case = match entry.case_number {
        Some(number) => Some(store.case(number).await?),
        None => None,
    };
    let mut chips = words::chips([report.findings.as_str()]);
    for chip in &mut chips {
        chip.count = 0;
    }
    let object = format!("report:{}", report.seq);
    let messages = store.messages_about(&object, Page::default()).await?;
    Ok(ReportDetail {
        kind: words::kind(report.kind.as_deref()),
        state: words::report_state(&report.state),
        at: desk.when(report.received_us),
        code: format::receipt_code(&report.code.to_string()),
        text: shown_text(report),
        sources: entry.sources.iter().map(|source| source_line(desk, source)).collect(),
        chips,
        understood: understood(report),
        technical: technical(report, &intake),
        raw: raw(report, &intake),
        evidence: evidence(desk, &names, report.seq).await?,
        told: told(desk, report),
        related: related(desk, entry).await?,
        case: case.map(|case| CaseLink {
            label: format!("vụ việc {}", words::case_number(case.case.number)),
            href: format!("/can-bo/vu-viec/{}", case.case.number),
            state: super::case::state_mark(&case.case),
        }),
        actions: actions(desk, entry, shown.correction),
        events: events(desk, &names, entry).await?,
        replies: messages
            .iter()
            .map(|message| {
                let at = format::date_time(message.sent_us.unwrap_or(message.created_us));
                Fact::new(
                    words::purpose(&message.purpose),
                    format!("{}, {at}", words::message_state_label(&message.state).to_lowercase()),
                )
            })
            .collect(),
        reporter: reporter(desk, report, shown.reporter, shown.opening).await?,
        previous: None,
        next: None,
    })
}

/// The words as received; a form's report has the citizen's own words instead of a text.
fn shown_text(report: &Report) -> String {
    if report.text.is_empty() { report.content.clone() } else { report.text.clone() }
}

fn source_line(desk: &Desk, row: &canhgiac_store::SourceRow) -> SourceLine {
    let app = &desk.app;
    let today = app.clock.today();
    let (mut note, mut warning) = (Vec::new(), String::new());
    if let Ok(source) = app.source_of(&row.kind, &row.canonical) {
        note.push(kind_of_source(&source).to_owned());
        if let Some(holder) = app.rules.numbering.range_holder(&source, today) {
            note.push(format!("dải số của {}", words::agency(app, holder)));
        }
        if let Some(operator) = &row.operator {
            note.push(format!("nay thuộc {}", words::agency(app, operator)));
        }
        if let Some(official) = app.rules.numbering.official_owner(&source, today) {
            warning = format!(
                "đây là số chính thức của {}. Nhiều khả năng số đã bị giả mạo khi gọi; không được khóa.",
                official.owner()
            );
        } else if app.rules.numbering.is_never_blockable(&source, today) {
            warning = "đây là đầu số khẩn cấp hoặc dùng chung, không bao giờ được khóa.".to_owned();
        }
    }
    SourceLine {
        shown: words::source_row(app, row),
        as_received: row.as_received.clone(),
        note: note.join(", "),
        warning,
    }
}

/// What sort of source it is, in words.
pub(super) fn kind_of_source(source: &Source) -> &'static str {
    use canhgiac_domain::number::SourceKind;
    match source.kind() {
        SourceKind::Subscriber if source.is_foreign() => "số nước ngoài",
        SourceKind::Subscriber => "thuê bao trong nước",
        SourceKind::Service => "đầu số dịch vụ",
        SourceKind::ShortCode => "đầu số ngắn",
        SourceKind::SenderName => "tên người gửi",
    }
}

fn understood(report: &Report) -> Vec<Fact> {
    let leniencies: Vec<String> = serde_json::from_str(&report.leniencies).unwrap_or_default();
    let mut facts = vec![
        Fact::new("Ý định", words::intent(&report.intent)),
        Fact::new("Loại", words::kind(report.kind.as_deref())),
        Fact::new("Vấn đề", report.problem.as_deref().map_or("không", words::problem)),
    ];
    if !leniencies.is_empty() {
        let list: Vec<&str> = leniencies.iter().map(|id| words::leniency(id)).collect();
        facts.push(Fact::new("Đã châm chước", list.join(", ")));
    }
    if !report.content.is_empty() && report.content != report.text {
        facts.push(Fact::new("Nội dung", report.content.clone()));
    }
    if let Some(corrected_us) = report.corrected_us {
        facts.push(Fact::new("Cán bộ đã sửa", format::date_time(corrected_us)));
    }
    facts
}

fn technical(report: &Report, intake: &[IntakeRow]) -> Vec<Fact> {
    let flags: Vec<String> = serde_json::from_str(&report.flags).unwrap_or_default();
    let mut facts = vec![
        Fact::new("Đường vào", queue::channel(&report.channel, &report.link)),
        Fact::new("Số thứ tự", format::number(report.seq)),
        Fact::new("Số phần tin", intake.len().max(1).to_string()),
    ];
    if let Some(code) = &report.to_code {
        facts.push(Fact::new("Gửi tới đầu số", code.clone()));
    }
    if let Some(operator) = &report.operator {
        facts.push(Fact::new("Nhà mạng của liên kết", operator.clone()));
    }
    if !flags.is_empty() {
        let list: Vec<&str> = flags.iter().map(|id| words::flag(id)).collect();
        facts.push(Fact::new("Ghi chú của máy", list.join(", ")));
    }
    if let Some(duplicate) = report.duplicate_of {
        let href = format!("/can-bo/phan-anh/{duplicate}");
        facts.push(Fact::linked("Nghi là gửi lại của", format!("phản ánh số {duplicate}"), href));
    }
    facts
}

/// The stored bytes in hex. A form is kept as JSON and shown nowhere: its words are on the page.
fn raw(report: &Report, intake: &[IntakeRow]) -> String {
    if report.channel != "smpp" {
        return String::new();
    }
    let parts: Vec<String> = intake
        .iter()
        .map(|row| {
            let lines: Vec<String> = row
                .body
                .chunks(16)
                .map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" "))
                .collect();
            lines.join("\n")
        })
        .collect();
    parts.join("\n\n")
}

async fn evidence(desk: &Desk, names: &Names, seq: i64) -> Result<Vec<EvidenceItem>, Oops> {
    let rows = desk.app.store.evidence_of(seq).await?;
    Ok(rows.iter().map(|row| evidence_item(desk, names, seq, row)).collect())
}

fn evidence_item(desk: &Desk, names: &Names, seq: i64, row: &EvidenceRow) -> EvidenceItem {
    let hash = hex(&row.sha256);
    let (shows, kind) = match row.mime.split('/').next() {
        Some("image") => (Shows::Picture, "ảnh"),
        Some("audio") => (Shows::Sound, "ghi âm"),
        Some("video") => (Shows::File, "video"),
        _ => (Shows::File, "tài liệu"),
    };
    let size = format::file_size(row.size.max(0).unsigned_abs());
    EvidenceItem {
        name: row.name.clone(),
        kind: format!("{kind} ({}), {size}", row.mime),
        href: format!("/can-bo/phan-anh/{seq}/chung-cu/{hash}"),
        given: format!("{}, {}", names.actor(&desk.app, &row.added_by), format::date_time(row.added_us)),
        sha256: hash,
        shows,
    }
}

fn told(desk: &Desk, report: &Report) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Some(code) = &report.commune {
        let name = desk.app.rules.areas.commune(code).map_or(code.as_str(), |one| one.full_name.as_str());
        facts.push(Fact::new("Xã, phường", name));
    }
    if let Some(place) = &report.place {
        facts.push(Fact::new("Nơi thấy", place.clone()));
    }
    if let Some(money) = report.money_lost {
        facts.push(Fact::new("Đã mất tiền", format::money(money)));
    }
    facts
}

async fn related(desk: &Desk, entry: &ReportEntry) -> Result<Vec<RelatedReport>, Oops> {
    let store = &desk.app.store;
    let mut seen = vec![entry.report.seq];
    let mut list = Vec::new();
    let mut add = |how: &str, entries: Vec<ReportEntry>| {
        for other in entries {
            if seen.contains(&other.report.seq) {
                continue;
            }
            seen.push(other.report.seq);
            let is_same_voice = entry.report.reporter_hash.is_some()
                && entry.report.reporter_hash == other.report.reporter_hash;
            list.push(RelatedReport {
                href: format!("/can-bo/phan-anh/{}", other.report.seq),
                how: if is_same_voice { format!("{how}, cùng người gửi") } else { how.to_owned() },
                first_words: words::first_words(&shown_text(&other.report)),
                at: desk.when(other.report.received_us),
            });
        }
    };
    if entry.report.near_key.is_some() {
        add("Lời gần giống", store.near_twins(&entry.report, RELATED).await?);
    }
    if let Some(source) = entry.sources.first() {
        let filter = ReportFilter { source_id: Some(source.source_id), ..ReportFilter::default() };
        add("Cùng nguồn", store.reports(&filter, Page { offset: 0, limit: RELATED + 1 }).await?);
    }
    Ok(list)
}

async fn events(desk: &Desk, names: &Names, entry: &ReportEntry) -> Result<Vec<Event>, Oops> {
    let object = format!("report:{}", entry.report.seq);
    let mut events: Vec<Event> = desk
        .app
        .store
        .audit_trail(Some(&object), Page { offset: 0, limit: 100 })
        .await?
        .into_iter()
        .map(|row| Event {
            at: desk.when(row.at_us),
            who: names.actor(&desk.app, &row.actor),
            what: words::action(&row.action).to_owned(),
            why: row.detail,
        })
        .collect();
    if let Some(since_us) = entry.report.purged_us {
        events.insert(
            0,
            Event {
                at: desk.when(since_us),
                who: "Hệ thống".to_owned(),
                what: "Lời kể, số người gửi và tệp đã được xóa.".to_owned(),
                why: String::new(),
            },
        );
    }
    events.push(Event {
        at: desk.when(entry.report.received_us),
        who: "Hệ thống".to_owned(),
        what: format!("Nhận từ {}.", queue::channel(&entry.report.channel, &entry.report.link)),
        why: String::new(),
    });
    Ok(events)
}

async fn reporter(
    desk: &Desk,
    report: &Report,
    opened: Option<String>,
    opening: Option<Action>,
) -> Result<Reporter, Oops> {
    let has_number = report.reporter_sealed.is_some();
    let may_open = desk.may(Right::OpenReporter);
    let is_open = opened.is_some();
    Ok(Reporter {
        shown: match opened {
            Some(number) => number,
            None if has_number => "Số đang được giấu".to_owned(),
            None => "Không để lại số".to_owned(),
        },
        open: (has_number && may_open && !is_open)
            .then(|| opening.unwrap_or_else(|| opening_form(report.seq, "", ""))),
        closed_because: match (has_number, may_open) {
            (false, _) => "Vì vậy không trả lời được và không tính là một tiếng nói riêng.".to_owned(),
            (true, false) => "Vai trò của bạn không được mở số.".to_owned(),
            (true, true) => String::new(),
        },
        other_reports: if report.is_proven {
            match report.channel.as_str() {
                "web" => "Số được xác nhận bằng mã nhắn tới máy.".to_owned(),
                "desk" => "Số được cán bộ gọi thử tại bàn tiếp nhận.".to_owned(),
                _ => "Số do nhà mạng xác nhận.".to_owned(),
            }
        } else if has_number {
            "Số tự khai trên trang web, chưa xác nhận.".to_owned()
        } else {
            String::new()
        },
        is_open,
    })
}

fn opening_form(seq: i64, reason: &str, error: &str) -> Action {
    let reason = Field {
        id_prefix: "mo-".to_owned(),
        ..Field::new("ly_do", "Lý do", FieldKind::Text)
            .required()
            .hint("Ví dụ: gọi lại hỏi số tài khoản nhận tiền để Công an phong tỏa.")
            .value(reason)
            .error(error)
    };
    Action {
        path: format!("/can-bo/phan-anh/{seq}/mo-so"),
        verb: "Mở số người phản ánh".to_owned(),
        consequences: vec![
            "Tên bạn, lý do và giờ mở được ghi vào nhật ký. Chỉ mở khi công việc cần.".to_owned(),
        ],
        facts: Vec::new(),
        fields: vec![reason],
        weight: Weight::Plain,
        refusal: String::new(),
        version: 0,
        is_open: !error.is_empty(),
    }
}

fn actions(desk: &Desk, entry: &ReportEntry, correction: Option<Action>) -> Vec<Action> {
    if !desk.may(Right::CorrectReports) {
        return Vec::new();
    }
    let mut list = Vec::new();
    if entry.case_number.is_none() {
        let sources = queue::sources(&desk.app, entry);
        let kind = entry.report.kind.as_deref().unwrap_or("scam_call");
        list.push(correction.unwrap_or_else(|| correction_form(entry.report.seq, kind, &sources, "")));
    } else {
        list.push(Action {
            refusal: "phản ánh đã thuộc một vụ việc; mọi bước tiếp theo làm ở vụ việc.".to_owned(),
            ..correction_form(entry.report.seq, "", "", "")
        });
    }
    if matches!(entry.report.state.as_str(), "new" | "needs_officer") {
        list.push(Action {
            path: format!("/can-bo/phan-anh/{}/xong", entry.report.seq),
            verb: "Xem xong, không cần làm thêm".to_owned(),
            consequences: vec!["Phản ánh rời hàng chờ, vẫn được giữ và tìm thấy.".to_owned()],
            facts: Vec::new(),
            fields: vec![Field {
                id_prefix: "xong-".to_owned(),
                ..Field::new("ly_do", "Lý do", FieldKind::Text)
            }],
            weight: Weight::Plain,
            refusal: String::new(),
            version: 0,
            is_open: false,
        });
    }
    list
}

fn correction_form(seq: i64, kind: &str, sources: &str, error: &str) -> Action {
    Action {
        path: format!("/can-bo/phan-anh/{seq}/sua"),
        verb: "Sửa loại và số bị phản ánh".to_owned(),
        consequences: vec![
            "Nguyên văn không đổi; bản sửa ghi tên bạn.".to_owned(),
            "Nếu là cuộc gọi lừa đảo, phản ánh mở vụ việc mới hoặc vào vụ việc đang có của số này."
                .to_owned(),
        ],
        facts: Vec::new(),
        fields: vec![
            Field::new("loai", "Loại", FieldKind::Choice(Choice::list(words::KINDS, kind))).required(),
            Field::new("nguon", "Số hoặc tên người gửi bị phản ánh", FieldKind::Line)
                .required()
                .hint("Nhiều số cách nhau bằng dấu phẩy, ví dụ 0912 345 678, VIETTELKM.")
                .value(sources)
                .error(error),
        ],
        weight: Weight::Primary,
        refusal: String::new(),
        version: 0,
        is_open: !error.is_empty(),
    }
}

/// Stores an officer's correction of what was understood.
pub(super) async fn correct(
    desk: Desk,
    Path(seq): Path<i64>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, Oops> {
    let said = |name: &str| typed.get(name).map(|value| value.trim()).unwrap_or_default();
    let entry = desk.app.store.report(seq).await?;
    if entry.case_number.is_some() {
        return Err(Oops::Refused("Phản ánh đã thuộc một vụ việc, không sửa được nữa.".to_owned()));
    }
    let kind = said("loai");
    let sources = read_sources(&desk, said("nguon"));
    let sources = match sources {
        Ok(sources) if words::KINDS.iter().any(|(id, _)| *id == kind) => sources,
        refused => {
            let error = refused.err().unwrap_or_else(|| "Chọn một loại trong danh sách.".to_owned());
            let correction = Some(correction_form(seq, kind, said("nguon"), &error));
            let shown = Shown { correction, status: StatusCode::UNPROCESSABLE_ENTITY, ..Shown::default() };
            return page(&desk, seq, &Asked::default(), shown).await;
        }
    };
    let rule = desk.app.scam_rule()?;
    let correction = Correction {
        seq,
        kind: kind.to_owned(),
        sources,
        opens_case: rule.opens_case.clone(),
        joins_case: rule.joins_case.clone(),
    };
    let audit = desk.audit("report_corrected", format!("report:{seq}"), words::kind(Some(kind)));
    desk.app.store.correct_report(&correction, &audit).await?;
    desk.tell("Đã sửa. Nguyên văn được giữ nguyên.").await?;
    Ok(Redirect::to(&format!("/can-bo/phan-anh/{seq}")).into_response())
}

/// The sources an officer typed, or what is wrong with them.
fn read_sources(desk: &Desk, typed: &str) -> Result<Vec<NewSource>, String> {
    let today = desk.app.clock.today();
    let mut sources: Vec<NewSource> = Vec::new();
    for one in typed.split([',', ';']).map(str::trim).filter(|one| !one.is_empty()) {
        let source = parse_number(one, &desk.app.rules.numbering, today)
            .map(|parsed| parsed.source)
            .or_else(|_| Source::sender_name(one))
            .map_err(|_| {
                format!("“{one}” không phải số điện thoại hay tên người gửi. Ví dụ: 0912 345 678.")
            })?;
        if !sources.iter().any(|known| known.canonical == source.canonical()) {
            sources.push(NewSource {
                kind: source.kind().id().to_owned(),
                canonical: source.canonical().to_owned(),
                as_received: one.to_owned(),
            });
        }
    }
    match sources.len() {
        0 => Err("Nhập số hoặc tên người gửi bị phản ánh, ví dụ 0912 345 678.".to_owned()),
        1..=SOURCES => Ok(sources),
        _ => Err(format!("Nhiều nhất {SOURCES} số trong một phản ánh.")),
    }
}

/// Marks a report as looked at.
pub(super) async fn done(
    desk: Desk,
    Path(seq): Path<i64>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, Oops> {
    let reason = typed.get("ly_do").map(|text| text.trim()).unwrap_or_default();
    let audit = desk.audit("report_done", format!("report:{seq}"), reason);
    desk.app.store.set_report_done(seq, &audit).await?;
    desk.tell("Đã xếp phản ánh ra khỏi hàng chờ.").await?;
    Ok(Redirect::to("/can-bo/phan-anh?trang_thai=needs_officer").into_response())
}

/// Opens the reporter's number, with a reason that is audited before the number is shown.
pub(super) async fn open_reporter(
    desk: Desk,
    Path(seq): Path<i64>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, Oops> {
    let reason = typed.get("ly_do").map(|text| text.trim()).unwrap_or_default();
    if reason.chars().count() < REASON_MIN {
        let error = "Viết lý do cụ thể, ít nhất vài từ.";
        let opening = Some(opening_form(seq, reason, error));
        let shown = Shown { opening, status: StatusCode::UNPROCESSABLE_ENTITY, ..Shown::default() };
        return page(&desk, seq, &Asked::default(), shown).await;
    }
    let entry = desk.app.store.report(seq).await?;
    let sealed = entry.report.reporter_sealed.ok_or(Oops::NotFound)?;
    let audit = desk.audit("reporter_opened", format!("report:{seq}"), reason);
    desk.app.store.audit(&audit).await?;
    let number = desk.app.keys.open_text(&sealed).map_err(anyhow::Error::from)?;
    let shown = Shown { reporter: Some(format::phone(&number)), ..Shown::default() };
    page(&desk, seq, &Asked::default(), shown).await
}

/// A piece of evidence, for those who may read the report it belongs to.
pub(super) async fn evidence_file(
    desk: Desk,
    Path((seq, hash)): Path<(i64, String)>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Oops> {
    let entry = desk.app.store.report(seq).await?;
    if !desk.may(Right::ReadReports) && !is_referred_to(&desk, &entry).await? {
        return Err(Oops::NotFound);
    }
    let hash = unhex(&hash).ok_or(Oops::NotFound)?;
    let rows = desk.app.store.evidence_of(seq).await?;
    let row = rows.into_iter().find(|row| row.sha256 == hash).ok_or(Oops::NotFound)?;
    let files = desk.app.evidence.clone();
    let bytes =
        tokio::task::spawn_blocking(move || files.read(&hash)).await.map_err(anyhow::Error::from)??;
    // Only what a browser shows without running anything is shown in place.
    let is_shown =
        !query.contains_key("tai") && (row.mime.starts_with("image/") || row.mime.starts_with("audio/"));
    let place = if is_shown { "inline" } else { "attachment" };
    let name = super::desk::query_pair("filename*", &row.name).replacen('=', "=UTF-8''", 1);
    Ok((
        [
            (header::CONTENT_TYPE, row.mime),
            (header::CONTENT_DISPOSITION, format!("{place}; {name}")),
            (header::CACHE_CONTROL, "private, no-store".to_owned()),
        ],
        bytes,
    )
        .into_response())
}

async fn is_referred_to(desk: &Desk, entry: &ReportEntry) -> Result<bool, Oops> {
    let (Some(unit), Some(case)) = (desk.unit(), entry.case_number) else { return Ok(false) };
    Ok(!desk.app.store.referrals(Some(unit), Some(case), Page::default()).await?.is_empty())
}

//! One case on one screen: why, on what evidence, since when, and what can be done with what effect.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use canhgiac_domain::account::Right;
use canhgiac_domain::procedure::{CaseState, ClosedAs, RestoreCause, SourcePath};
use canhgiac_store::{CaseEntry, CaseEventRow, CaseRow, Page, ReportEntry};
use jiff::{SignedDuration, Timestamp};

use super::desk::Desk;
use super::oops::Oops;
use super::view::cases::{CasePage, CaseReport, LinkedThing};
use super::view::common::{Action, Event, Fact, Mark};
use super::words::{self, Names};
use super::{case_actions, clocks, follow_up, queue, report};
use crate::app::App;
use crate::web::chart::{Columns, Series};
use crate::web::format;
use crate::web::page::render;

/// Reports whose words stand on the page.
const SHOWN: usize = 20;
/// Reports counted for the chart.
const COUNTED: i64 = 1_000;
/// Days of the chart.
const DAYS: i64 = 14;
const DAY_US: i64 = 24 * 3_600 * 1_000_000;

/// The page.
pub(super) async fn show(desk: Desk, Path(number): Path<i64>) -> Result<Response, Oops> {
    let case = desk.app.store.case(number).await?;
    page(&desk, &case, None, StatusCode::OK).await
}

/// The page, with one action replaced by what an officer typed into it.
pub(super) async fn page(
    desk: &Desk,
    case: &CaseEntry,
    typed: Option<Action>,
    status: StatusCode,
) -> Result<Response, Oops> {
    let store = &desk.app.store;
    let number = case.case.number;
    let names = Names::load(&desk.app).await?;
    let reports = store.reports_of_case(number, Page { offset: 0, limit: COUNTED }).await?;
    let mut actions = case_actions::offered(desk, case)?;
    if let Some(typed) = typed {
        match actions.iter_mut().find(|action| action.path == typed.path) {
            Some(action) => *action = typed,
            None => actions.insert(0, typed),
        }
    }
    let source = words::source_row(&desk.app, &case.source);
    let mut chips = words::chips(case.findings.iter().map(String::as_str));
    chips.truncate(12);
    let facts = desk.app.facts_of(&case.source, case.voices)?;
    let page = CasePage {
        page: desk.shell(source.clone(), "/can-bo/vu-viec").await?,
        number: words::case_number(number),
        source,
        state: state_mark(&case.case),
        state_note: state_note(&case.case)?,
        clock: clock(&case.case, desk.now_us),
        owner: names.staff(case.case.owner),
        facts: source_facts(desk, case)?,
        warnings: warnings(&facts.path, facts.official_owner.as_deref()),
        evidence: evidence(case, &reports),
        chips,
        by_day: by_day(&desk.app, &reports),
        actions,
        draft_href: desk.may(Right::WriteBulletins).then(|| format!("/can-bo/canh-bao/moi?vu_viec={number}")),
        reports: words_of(desk, &reports).await?,
        all_reports: (reports.len() > SHOWN).then(|| {
            let href = format!("/can-bo/phan-anh?nguon={}", case.source.source_id);
            (format!("Xem cả {} phản ánh về nguồn này", format::number(case.reports)), href)
        }),
        events: events(desk, &names, &store.case_events(number).await?),
        requests: requests(desk, number).await?,
        referrals: referrals(desk, number).await?,
        bulletins: bulletins(desk, number).await?,
        reconsiderations: reconsiderations(desk, number).await?,
    };
    Ok(render(status, &page))
}

/// The state in words; pressing where harm may go on or somebody waits.
pub(super) fn state_mark(case: &CaseRow) -> Mark {
    let label = match case.state.as_str() {
        "closed" => {
            case.outcome.as_deref().and_then(ClosedAs::from_id).map_or("Đã đóng".to_owned(), |outcome| {
                format!("Đã đóng: {}", outcome.label_vi().to_lowercase())
            })
        }
        state => CaseState::label_vi(state).to_owned(),
    };
    match case.state.as_str() {
        "open" | "confirmed" => Mark::soon(label),
        _ => Mark::calm(label),
    }
}

/// The clock that runs on a case; an empty label when none does.
pub(super) fn clock(case: &CaseRow, now_us: i64) -> Mark {
    let (Some(until_us), true) =
        (case.until_us, matches!(case.state.as_str(), "blocked" | "block_requested"))
    else {
        return if case.reconsideration == "filed" {
            Mark::soon("chủ thuê bao đề nghị xem xét lại")
        } else {
            Mark::default()
        };
    };
    let what = if case.state == "blocked" { "tự khôi phục" } else { "hết hạn chờ nhà mạng" };
    let label = clocks::left(until_us - now_us, what);
    match until_us - now_us {
        ..DAY_US => Mark::now(label),
        _ => Mark::calm(label),
    }
}

fn state_note(row: &CaseRow) -> Result<String, Oops> {
    let day = |at: Timestamp| format::date_time(at.as_microsecond());
    let note = match row.to_case()?.state {
        CaseState::Open => {
            "Mở tự động từ phản ánh. Cán bộ đọc các phản ánh rồi xác nhận hoặc đóng.".to_owned()
        }
        CaseState::Confirmed => "Đã xác nhận có dấu hiệu lừa đảo; số chưa bị khóa.".to_owned(),
        CaseState::BlockRequested { until, .. } => {
            format!(
                "Đã đề nghị nhà mạng tạm khóa, chưa có trả lời. Không trả lời trước {} thì đề nghị hết hiệu lực.",
                day(until)
            )
        }
        CaseState::Blocked { since, until, .. } => format!(
            "Nhà mạng khóa hai chiều từ {}. Nếu không ai xác nhận giữ, số tự khôi phục lúc {}.",
            day(since),
            day(until)
        ),
        CaseState::Kept { since } => format!("Hai người đã xác nhận giữ khóa, từ {}.", day(since)),
        CaseState::Restoring { cause } | CaseState::Restored { cause } => cause_note(cause),
        CaseState::Closed { .. } => "Không còn việc phải làm.".to_owned(),
    };
    let unanswered = match row.referral.as_str() {
        "sent" => " Đã chuyển Công an, chờ tiếp nhận.",
        "acknowledged" => " Công an đã tiếp nhận.",
        _ => "",
    };
    Ok(note + unanswered)
}

fn cause_note(cause: RestoreCause) -> String {
    format!("Lý do khôi phục: {}.", cause.label_vi())
}

fn source_facts(desk: &Desk, case: &CaseEntry) -> Result<Vec<Fact>, Oops> {
    let app = &desk.app;
    let source = app.source_of(&case.source.kind, &case.source.canonical)?;
    let today = app.clock.today();
    let mut facts = vec![Fact::new("Loại", report::kind_of_source(&source))];
    if let Some(holder) = app.rules.numbering.range_holder(&source, today) {
        facts.push(Fact::new("Dải số của", words::agency(app, holder)));
        let today = case.source.operator.as_deref().map_or_else(
            || "chưa biết, số có thể đã chuyển mạng".to_owned(),
            |operator| words::agency(app, operator),
        );
        facts.push(Fact::new("Nhà mạng hiện tại", today));
    }
    if let Some(area) = app.rules.numbering.fixed_area(&source, today) {
        facts.push(Fact::new("Vùng", area));
    }
    if let Some(country) = source.country().filter(|_| source.is_foreign()) {
        facts.push(Fact::new("Nước", country));
    }
    facts.push(Fact::new("Mở lúc", format::date_time(case.case.opened_us)));
    if let Some(previous) = case.case.previous {
        let href = format!("/can-bo/vu-viec/{previous}");
        facts.push(Fact::linked("Vụ việc trước", words::case_number(previous), href));
    }
    Ok(facts)
}

fn warnings(path: &SourcePath, official_owner: Option<&str>) -> Vec<String> {
    let mut list = Vec::new();
    if let Some(owner) = official_owner {
        list.push(format!(
            "Đây là số chính thức của {owner}, không được khóa. Nhiều khả năng kẻ gian giả số này khi gọi: cảnh báo người dân và chuyển Công an."
        ));
    }
    list.push(match path {
        SourcePath::Operator(_) => {
            "Số hiển thị có thể bị giả: người giữ số có thể là nạn nhân. Hãy nghe người giữ số trước khi giữ khóa lâu dài."
        }
        SourcePath::NeverBlockable => "Đầu số khẩn cấp hoặc dùng chung, không bao giờ được khóa.",
        SourcePath::Foreign => {
            "Không có nhà mạng trong nước nào khóa được nguồn này. Có thể chuyển Công an, ra cảnh báo, rồi đóng vụ việc."
        }
        SourcePath::SenderName => {
            "Tên người gửi thường bị trạm phát sóng giả mạo dùng, chủ tên là nạn nhân. Có thể chuyển Công an, ra cảnh báo, rồi đóng vụ việc."
        }
    }
    .to_owned());
    list
}

fn evidence(case: &CaseEntry, reports: &[ReportEntry]) -> Vec<Fact> {
    let counted: Vec<&ReportEntry> =
        reports.iter().filter(|entry| entry.report.duplicate_of.is_none()).collect();
    let lost: i64 = counted.iter().filter_map(|entry| entry.report.money_lost).sum();
    let mut facts = vec![
        Fact::new("Người phản ánh khác nhau", format::number(case.voices)),
        Fact::new("Phản ánh", format::number(case.reports)),
    ];
    if let Some(first) = counted.last() {
        facts.push(Fact::new("Lần đầu", format::date_time(first.report.received_us)));
    }
    if let Some(last_us) = case.last_report_us {
        facts.push(Fact::new("Mới nhất", format::date_time(last_us)));
    }
    if lost > 0 {
        facts.push(Fact::new("Tiền đã mất (tự khai)", format::money(lost)));
    }
    facts
}

fn by_day(app: &App, reports: &[ReportEntry]) -> Columns {
    let today_us = app.clock.day_start_us();
    let days = usize::try_from(DAYS).unwrap_or(0);
    let mut values = vec![0_u64; days];
    for entry in reports.iter().filter(|entry| entry.report.duplicate_of.is_none()) {
        let back = (today_us - entry.report.received_us + DAY_US - 1).div_euclid(DAY_US).max(0);
        if let Ok(back) = usize::try_from(back)
            && back < days
        {
            values[days - 1 - back] += 1;
        }
    }
    let labels = (0..DAYS)
        .rev()
        .map(|back| {
            let date = app.clock.date_of_us(today_us - back * DAY_US);
            format!("{}/{}", date.day(), date.month())
        })
        .collect();
    let mut chart = Columns {
        title: String::new(),
        x_name: "ngày".to_owned(),
        y_name: "số phản ánh".to_owned(),
        labels,
        label_every: 2,
        series: vec![Series { name: "Phản ánh".to_owned(), values }],
    };
    let (total, today) = (chart.total(), chart.column_sum(days.saturating_sub(1)));
    chart.title = match chart.peak() {
        None => format!("{DAYS} ngày qua không có phản ánh mới"),
        Some(_) if today * 2 > total && total > 1 => {
            format!("Dồn vào hôm nay: {today} trong {total} phản ánh")
        }
        Some((day, count)) => format!("{total} phản ánh trong {DAYS} ngày, nhiều nhất ngày {day}: {count}"),
    };
    chart
}

/// The newest reports' words, the same words once; those of a voice already heard say so.
pub(super) async fn words_of(desk: &Desk, reports: &[ReportEntry]) -> Result<Vec<CaseReport>, Oops> {
    let mut list: Vec<CaseReport> = Vec::new();
    let mut told: Vec<(String, usize)> = Vec::new();
    for (at, entry) in reports.iter().enumerate() {
        let report = &entry.report;
        let text = if report.text.is_empty() { &report.content } else { &report.text };
        let plain = canhgiac_domain::text::fold(text);
        if let Some((_, more)) = told.iter_mut().find(|(known, _)| *known == plain) {
            *more += 1;
            continue;
        }
        if told.len() == SHOWN {
            continue;
        }
        told.push((plain, 0));
        let files = desk.app.store.evidence_of(report.seq).await?.len();
        list.push(CaseReport {
            href: if desk.may(Right::ReadReports) {
                format!("/can-bo/phan-anh/{}", report.seq)
            } else {
                String::new()
            },
            text: text.clone(),
            at: desk.when(report.received_us),
            channel: queue::channel(&report.channel, &report.link),
            voice_note: voice_note(entry, &reports[at + 1..]).to_owned(),
            evidence: if files > 0 { format!("{files} tệp chứng cứ") } else { String::new() },
            same_words: String::new(),
        });
    }
    for (one, (_, more)) in list.iter_mut().zip(told) {
        if more > 0 {
            one.same_words = format!("và {} phản ánh khác cùng lời", format::number(more as i64));
        }
    }
    Ok(list)
}

/// Why a report is no voice of its own; empty when it is.
fn voice_note(entry: &ReportEntry, earlier: &[ReportEntry]) -> &'static str {
    let report = &entry.report;
    let is_heard = report.reporter_hash.is_some()
        && earlier.iter().any(|other| other.report.reporter_hash == report.reporter_hash);
    if report.duplicate_of.is_some() {
        "nghi là tin gửi lại"
    } else if !report.is_proven {
        "số người gửi chưa xác nhận"
    } else if is_heard {
        "cùng người gửi với một phản ánh trước"
    } else {
        ""
    }
}

/// The timeline in words.
pub(super) fn events(desk: &Desk, names: &Names, rows: &[CaseEventRow]) -> Vec<Event> {
    rows.iter()
        .map(|row| {
            let detail = detail_words(&desk.app, &row.detail);
            let what = words::action(&row.action);
            Event {
                at: desk.when(row.at_us),
                who: names.actor(&desk.app, &row.actor),
                what: if detail.is_empty() { what.to_owned() } else { format!("{what} {detail}") },
                why: row.note.clone(),
            }
        })
        .collect()
}

/// `unit=pa05 tell=referred` in words.
pub(super) fn detail_words(app: &App, detail: &str) -> String {
    let sentences: Vec<String> = detail
        .split_whitespace()
        .filter_map(|part| part.split_once('='))
        .filter_map(|(name, value)| match name {
            "unit" => Some(format!("Nơi nhận: {}.", words::agency(app, value))),
            "ported_to" => Some(format!("Mạng mới: {}.", words::agency(app, value))),
            "request" => value.split_once(':').map(|(measure, operator)| {
                let measure = follow_up::measure_label(measure).to_lowercase();
                format!("Gửi {}: {measure}.", words::agency(app, operator))
            }),
            "tell" => Some("Báo kết quả cho người phản ánh.".to_owned()),
            _ => None,
        })
        .collect();
    sentences.join(" ")
}

async fn requests(desk: &Desk, number: i64) -> Result<Vec<LinkedThing>, Oops> {
    let rows = desk.app.store.requests(Some(number), None, None, Page::default()).await?;
    Ok(rows
        .iter()
        .map(|row| LinkedThing {
            label: format!(
                "{}, {}",
                follow_up::measure_label(&row.measure),
                words::agency(&desk.app, &row.operator)
            ),
            href: "/can-bo/nha-mang?tat_ca=1".to_owned(),
            state: follow_up::request_state(row),
            at: desk.when(row.answered_us.unwrap_or(row.created_us)),
        })
        .collect())
}

async fn referrals(desk: &Desk, number: i64) -> Result<Vec<LinkedThing>, Oops> {
    let rows = desk.app.store.referrals(None, Some(number), Page::default()).await?;
    Ok(rows
        .iter()
        .map(|row| LinkedThing {
            label: words::agency(&desk.app, &row.unit),
            href: format!("/can-bo/chuyen-cong-an/{}", row.id),
            state: follow_up::referral_state(row),
            at: desk.when(row.acknowledged_us.unwrap_or(row.created_us)),
        })
        .collect())
}

async fn bulletins(desk: &Desk, number: i64) -> Result<Vec<LinkedThing>, Oops> {
    let rows = desk.app.store.bulletins(&[], Page { offset: 0, limit: 500 }).await?;
    Ok(rows
        .iter()
        .filter(|row| row.case_number == Some(number))
        .map(|row| LinkedThing {
            label: row.title.clone(),
            href: format!("/can-bo/canh-bao/{}", row.id),
            state: super::bulletins::state_mark(&row.state),
            at: desk.when(row.updated_us),
        })
        .collect())
}

async fn reconsiderations(desk: &Desk, number: i64) -> Result<Vec<LinkedThing>, Oops> {
    let rows = desk.app.store.reconsiderations(None, Some(number), Page::default()).await?;
    Ok(rows
        .iter()
        .map(|row| LinkedThing {
            label: format!("Đề nghị mã {}", format::receipt_code(&row.code.to_string())),
            href: format!("/can-bo/xem-xet-lai/{}", row.id),
            state: follow_up::reconsideration_state(row),
            at: desk.when(row.decided_us.unwrap_or(row.filed_us)),
        })
        .collect())
}

/// How long a block asked for now would last.
pub(super) fn block_until(app: &App, days: u32) -> String {
    let until = app.clock.now().checked_add(SignedDuration::from_hours(24 * i64::from(days)));
    until.map_or_else(|_| "–".to_owned(), |until| format::date_time(until.as_microsecond()))
}

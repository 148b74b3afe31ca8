//! The first page: what waits for whoever looks, and the day's figures.

use axum::http::StatusCode;
use axum::response::Response;
use canhgiac_domain::account::{Right, Role};
use canhgiac_store::{CaseFilter, Count, Figures, Page, ReportFilter};

use super::desk::Desk;
use super::oops::Oops;
use super::view::common::Mark;
use super::view::home::{Figure, HomePage, Waiting};
use super::words;
use crate::web::chart::{Bar, Bars, Columns, Series};
use crate::web::format;
use crate::web::page::render;

/// Things listed as waiting at most.
const WAITING: usize = 12;
/// A block that ends within this time presses, in microseconds.
const SOON_US: i64 = 24 * 3_600 * 1_000_000;
/// A request without an answer for this long presses, in microseconds.
const SLOW_US: i64 = 24 * 3_600 * 1_000_000;
/// Reports whose facets are summed up for the day's chart.
const FACETS_OF: i64 = 500;

/// The page.
pub(super) async fn show(desk: Desk) -> Result<Response, Oops> {
    let from_us = desk.app.clock.day_start_us();
    let figures = desk.app.store.figures(from_us).await?;
    let title = format!("Hôm nay, {}", format::date(desk.now_us));
    let page = HomePage {
        page: desk.shell(title, "/can-bo").await?,
        waiting: waiting(&desk).await?,
        figures: if desk.may(Right::ReadReports) { tiles(&desk, &figures) } else { Vec::new() },
        by_hour: by_hour(&figures),
        by_intent: by_intent(&figures),
        by_facet: by_facet(&desk, from_us).await?,
        replies: replies(&figures),
        shows_figures: !matches!(desk.role, Role::Police | Role::Desk),
    };
    Ok(render(StatusCode::OK, &page))
}

async fn waiting(desk: &Desk) -> Result<Vec<Waiting>, Oops> {
    let mut list = Vec::new();
    if desk.may(Right::ConfirmMeasures) || desk.may(Right::WorkCases) {
        blocks(desk, &mut list).await?;
    }
    if desk.may(Right::ApproveBulletins) {
        drafts(desk, &mut list).await?;
    }
    if desk.may(Right::DecideReconsiderations) {
        reconsiderations(desk, &mut list).await?;
    }
    if let Some(unit) = desk.unit() {
        for row in desk.app.store.referrals(Some(unit), None, Page::default()).await? {
            if row.acknowledged_us.is_none() {
                list.push(Waiting {
                    what: format!(
                        "Tiếp nhận hồ sơ về {}",
                        words::source(&desk.app, &row.source_kind, &row.source)
                    ),
                    href: format!("/can-bo/chuyen-cong-an/{}", row.id),
                    since: desk.when(row.created_us),
                    mark: Mark::soon("chờ tiếp nhận"),
                });
            }
        }
    }
    if desk.may(Right::CorrectReports) {
        unread(desk, &mut list).await?;
    }
    if desk.may(Right::WorkCases) {
        own_cases(desk, &mut list).await?;
    }
    list.truncate(WAITING);
    Ok(list)
}

/// Blocks that end soon: somebody has to say whether they stay.
async fn blocks(desk: &Desk, list: &mut Vec<Waiting>) -> Result<(), Oops> {
    let filter = CaseFilter { state: Some("blocked".to_owned()), ..CaseFilter::default() };
    let mut cases = desk.app.store.cases(&filter, Page::default()).await?;
    cases.sort_by_key(|case| case.case.until_us);
    for case in cases {
        let Some(until_us) = case.case.until_us else { continue };
        let left_us = until_us - desk.now_us;
        let label = super::clocks::left(left_us, "hết hạn khóa");
        let mark = if left_us < SOON_US { Mark::now(label) } else { Mark::calm(label) };
        let is_mine = desk.may(Right::ConfirmMeasures) && case.case.requested_by != Some(desk.staff.id);
        if is_mine || left_us < SOON_US {
            list.push(Waiting {
                what: format!("Giữ hay gỡ khóa {}", words::source_row(&desk.app, &case.source)),
                href: format!("/can-bo/vu-viec/{}", case.case.number),
                since: desk.when(case.case.since_us.unwrap_or(case.case.updated_us)),
                mark,
            });
        }
    }
    Ok(())
}

async fn drafts(desk: &Desk, list: &mut Vec<Waiting>) -> Result<(), Oops> {
    for row in desk.app.store.bulletins(&["draft"], Page::default()).await? {
        let authors = desk.app.store.bulletin_authors(row.id).await?;
        if !authors.contains(&desk.staff.id) {
            list.push(Waiting {
                what: format!("Duyệt cảnh báo “{}”", row.title),
                href: format!("/can-bo/canh-bao/{}", row.id),
                since: desk.when(row.updated_us),
                mark: Mark::soon("chờ duyệt"),
            });
        }
    }
    Ok(())
}

async fn reconsiderations(desk: &Desk, list: &mut Vec<Waiting>) -> Result<(), Oops> {
    for row in desk.app.store.reconsiderations(Some("filed"), None, Page::default()).await? {
        list.push(Waiting {
            what: format!(
                "Quyết định đề nghị xem xét lại về {}",
                words::source(&desk.app, &row.source_kind, &row.source)
            ),
            href: format!("/can-bo/xem-xet-lai/{}", row.id),
            since: desk.when(row.filed_us),
            mark: Mark::soon("chờ quyết định"),
        });
    }
    Ok(())
}

async fn unread(desk: &Desk, list: &mut Vec<Waiting>) -> Result<(), Oops> {
    let filter = ReportFilter { state: Some("needs_officer".to_owned()), ..ReportFilter::default() };
    let count = desk.app.store.count_reports(&filter).await?;
    if let Some(newest) = desk.app.store.reports(&filter, Page { offset: 0, limit: 1 }).await?.first() {
        list.push(Waiting {
            what: format!("Đọc {} tin máy chưa hiểu", format::number(count)),
            href: "/can-bo/phan-anh?trang_thai=needs_officer".to_owned(),
            since: desk.when(newest.report.received_us),
            mark: Mark::calm("mới nhất"),
        });
    }
    Ok(())
}

async fn own_cases(desk: &Desk, list: &mut Vec<Waiting>) -> Result<(), Oops> {
    let open = CaseFilter { state: Some("open".to_owned()), ..CaseFilter::default() };
    for case in desk.app.store.cases(&open, Page { offset: 0, limit: 5 }).await? {
        if case.case.owner.is_none_or(|owner| owner == desk.staff.id) {
            list.push(Waiting {
                what: format!("Xem vụ việc mới về {}", words::source_row(&desk.app, &case.source)),
                href: format!("/can-bo/vu-viec/{}", case.case.number),
                since: desk.when(case.case.opened_us),
                mark: Mark::calm(format!("{} người phản ánh", case.voices)),
            });
        }
    }
    Ok(())
}

fn count(counts: &[Count], label: &str) -> u64 {
    counts.iter().find(|one| one.label == label).map_or(0, |one| one.count.max(0).unsigned_abs())
}

fn tiles(desk: &Desk, figures: &Figures) -> Vec<Figure> {
    let tile = |value: u64, label: &str, href: &str, note: String| Figure {
        value: format::number(i64::try_from(value).unwrap_or(i64::MAX)),
        label: label.to_owned(),
        is_pressing: !note.is_empty(),
        note,
        href: href.to_owned(),
    };
    let plain = |value: i64| value.max(0).unsigned_abs();
    let reports = figures.by_hour.iter().map(|one| plain(one.count)).sum();
    let in_force = count(&figures.cases, "blocked") + count(&figures.cases, "kept");
    let is_slow = figures.requests_oldest_us.is_some_and(|oldest| desk.now_us - oldest > SLOW_US);
    let slow = if is_slow { "có yêu cầu quá 24 giờ".to_owned() } else { String::new() };
    let note = |value: u64, words: &str| if value > 0 { words.to_owned() } else { String::new() };
    let failed = count(&figures.messages, "failed") + count(&figures.messages, "uncertain");
    vec![
        tile(reports, "phản ánh hôm nay", "/can-bo/phan-anh?ky=hom-nay", String::new()),
        tile(
            plain(figures.needs_officer),
            "tin cần cán bộ đọc",
            "/can-bo/phan-anh?trang_thai=needs_officer",
            note(plain(figures.needs_officer), "máy chưa hiểu"),
        ),
        tile(plain(figures.cases_opened), "vụ việc mới hôm nay", "/can-bo/vu-viec", String::new()),
        tile(in_force, "số đang bị khóa", "/can-bo/vu-viec?trang_thai=blocked", String::new()),
        tile(plain(figures.requests_open), "yêu cầu nhà mạng chưa trả lời", "/can-bo/nha-mang", slow),
        tile(failed, "tin gửi lỗi hoặc không rõ", "/can-bo/tin-gui", note(failed, "cần xem")),
    ]
}

fn by_hour(figures: &Figures) -> Columns {
    const HOURS: usize = 24;
    let mut series: Vec<Series> = words::KINDS
        .iter()
        .take(3)
        .map(|(_, label)| Series { name: (*label).to_owned(), values: vec![0; HOURS] })
        .collect();
    series.push(Series { name: "Loại khác hoặc chưa rõ".to_owned(), values: vec![0; HOURS] });
    for one in &figures.by_hour {
        let at = words::KINDS.iter().take(3).position(|(id, _)| *id == one.label).unwrap_or(3);
        let hour = usize::try_from(one.hour).unwrap_or(0).min(HOURS - 1);
        series[at].values[hour] += one.count.max(0).unsigned_abs();
    }
    let mut chart = Columns {
        title: String::new(),
        x_name: "giờ trong ngày".to_owned(),
        y_name: "số phản ánh".to_owned(),
        labels: (0..HOURS).map(|hour| hour.to_string()).collect(),
        label_every: 3,
        series,
    };
    chart.title = match chart.peak() {
        Some((hour, count)) => format!("Phản ánh hôm nay dồn nhất lúc {hour} giờ: {count}"),
        None => "Hôm nay chưa có phản ánh".to_owned(),
    };
    chart
}

fn by_intent(figures: &Figures) -> Bars {
    let mut bars: Vec<Bar> = figures
        .by_intent
        .iter()
        .map(|one| Bar {
            label: words::intent(&one.label).to_owned(),
            value: one.count.max(0).unsigned_abs(),
            href: None,
        })
        .collect();
    bars.extend(figures.by_problem.iter().map(|one| Bar {
        label: format!("trong đó: {}", words::lower_first(words::problem(&one.label))),
        value: one.count.max(0).unsigned_abs(),
        href: Some(format!("/can-bo/phan-anh?van_de={}", one.label)),
    }));
    let unclear: i64 = figures.by_problem.iter().map(|one| one.count).sum();
    Bars {
        title: match unclear {
            0 => "Mọi tin đến hôm nay đều hiểu được".to_owned(),
            _ => format!("{} tin hôm nay viết chưa đúng, đã hướng dẫn lại", format::number(unclear)),
        },
        label_name: "Tin đến".to_owned(),
        value_name: "số tin".to_owned(),
        bars,
    }
}

async fn by_facet(desk: &Desk, from_us: i64) -> Result<Bars, Oops> {
    let filter = ReportFilter { from_us: Some(from_us), ..ReportFilter::default() };
    let page = Page { offset: 0, limit: FACETS_OF };
    let reports = desk.app.store.reports(&filter, page).await?;
    let chips = words::chips(reports.iter().map(|entry| entry.report.findings.as_str()));
    let bars: Vec<Bar> = chips
        .into_iter()
        .filter(|chip| chip.facet == "Tự xưng")
        .take(6)
        .map(|chip| Bar { label: chip.label, value: chip.count, href: None })
        .collect();
    Ok(Bars {
        title: bars.first().map_or_else(
            || "Hôm nay chưa thấy kẻ gian mạo danh ai".to_owned(),
            |first| format!("Bị mạo danh nhiều nhất: {}", first.label),
        ),
        label_name: "Kẻ gian tự xưng".to_owned(),
        value_name: "số phản ánh".to_owned(),
        bars,
    })
}

fn replies(figures: &Figures) -> Bars {
    let order = ["delivered", "sent", "planned", "sending", "failed", "uncertain"];
    let bars = order
        .into_iter()
        .map(|state| (state, count(&figures.messages, state)))
        .filter(|(_, value)| *value > 0)
        .map(|(state, value)| Bar {
            label: words::message_state_label(state).to_owned(),
            value,
            href: Some(match state {
                "failed" | "uncertain" => "/can-bo/tin-gui".to_owned(),
                _ => "/can-bo/tin-gui?tat_ca=1".to_owned(),
            }),
        })
        .collect();
    let wrong = count(&figures.messages, "failed") + count(&figures.messages, "uncertain");
    let sent = count(&figures.messages, "delivered") + count(&figures.messages, "sent");
    Bars {
        title: match (sent, wrong) {
            (0, 0) => "Hôm nay chưa gửi tin nào".to_owned(),
            (_, 0) => format!("Đã gửi {} tin, không tin nào lỗi", format::number(sent as i64)),
            _ => format!("{} tin gửi lỗi hoặc không rõ kết quả", format::number(wrong as i64)),
        },
        label_name: "Tin gửi đi".to_owned(),
        value_name: "số tin".to_owned(),
        bars,
    }
}

//! SMPP links, outgoing texts and jobs that gave up.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use canhgiac_domain::account::Right;
use canhgiac_store::{JobRow, MessageRow, Page};

use super::desk::Desk;
use super::oops::Oops;
use super::view::common::{Action, Fact, Mark, Pager, Weight, When};
use super::view::reports::View;
use super::view::traffic::{DeadJob, LinkCard, LinksPage, OutboxPage, OutgoingRow};
use super::{clocks, words};
use crate::config::{LinkBind, LinkConfig, LinkRole};
use crate::gateway::{Latencies, LinkState, LinkStatus, MINUTES, Minute, Recent};
use crate::web::chart::{Columns, Series};
use crate::web::format;
use crate::web::page::render;

const ON_PAGE: i64 = 50;
/// A bound link that was silent for this long is worth a look, in microseconds.
const SILENT_US: i64 = 10 * 60 * 1_000_000;
/// Rates and latencies are those of so many minutes.
const RECENT_MINUTES: usize = 5;
const PATH: &str = "/can-bo/tin-gui";

/// The links.
pub(super) async fn links(desk: Desk) -> Result<Response, Oops> {
    let planned = desk.app.store.messages_planned().await?;
    let cards = desk
        .app
        .config
        .links
        .iter()
        .map(|link| {
            let status = desk.app.links.link(&link.name).unwrap_or_default();
            let waiting: i64 = planned.iter().filter(|one| one.label == link.name).map(|one| one.count).sum();
            card(&desk, link, &status, waiting)
        })
        .collect();
    let page = LinksPage { page: desk.shell("Liên kết", "/can-bo/lien-ket").await?, links: cards };
    Ok(render(StatusCode::OK, &page))
}

fn card(desk: &Desk, link: &LinkConfig, status: &LinkStatus, waiting: i64) -> LinkCard {
    let silent_us = status.last_seen_us.map(|seen_us| desk.now_us - seen_us);
    let state = match (status.state, silent_us) {
        (LinkState::Bound, Some(silent_us)) if silent_us > SILENT_US => {
            Mark::soon(format!("Đã kết nối, im lặng {}", clocks::span(silent_us)))
        }
        (LinkState::Bound, _) => Mark::calm("Đã kết nối"),
        (LinkState::Connecting, _) => Mark::soon("Đang kết nối"),
        (LinkState::Down, _) => Mark::now("Mất kết nối"),
    };
    let mut facts = vec![
        Fact::new(
            "Chiều",
            match link.role {
                LinkRole::Client => "ta kết nối tới nhà mạng",
                LinkRole::Server => "nhà mạng kết nối tới ta",
            },
        ),
        Fact::new("Địa chỉ", link.address.clone()),
        Fact::new(
            "Bind",
            match link.bind {
                LinkBind::Transceiver => "transceiver (hai chiều)",
                LinkBind::Receiver => "receiver (chỉ nhận)",
                LinkBind::Transmitter => "transmitter (chỉ gửi)",
            },
        ),
        Fact::new("Phiên đang mở", status.sessions.to_string()),
        Fact::new("Bảng mã", link.default_alphabet.clone()),
        Fact::new("Cửa sổ", link.window.to_string()),
    ];
    if let Some(operator) = &link.operator {
        facts.push(Fact::new("Nhà mạng", words::agency(&desk.app, operator)));
    }
    if let Some(carries) = &link.carries {
        facts.push(Fact::new("Từ khóa vào đây", carries.join(", ")));
    }
    facts.push(Fact::new("Trả lời qua đây", if link.replies { "có" } else { "không" }));
    LinkCard {
        name: link.name.clone(),
        state,
        facts,
        counts: counts(status, waiting),
        hour: last_hour(desk, &status.recent),
        last_seen: status.last_seen_us.map_or_else(When::default, |at_us| desk.when(at_us)),
        errors: status.last_error.clone().into_iter().collect(),
    }
}

fn counts(status: &LinkStatus, waiting: i64) -> Vec<Fact> {
    let recent = &status.recent;
    vec![
        Fact::new("tin đến, đã nhận", count(status.texts_in)),
        Fact::new("tin đến mỗi phút", per_minute(recent, |minute| minute.texts_in)),
        Fact::new("trả lời nhà mạng trong", latency(recent.answers(RECENT_MINUTES))),
        Fact::new("đến, chưa trả lời", open(status.unanswered_in, status.oldest_unanswered)),
        Fact::new("tạm từ chối", count(status.refused_in)),
        Fact::new("không đọc được", count(status.undecodable_in)),
        Fact::new("tin đi", count(status.messages_out)),
        Fact::new("tin đi mỗi phút", per_minute(recent, |minute| minute.messages_out)),
        Fact::new("nhà mạng trả lời trong", latency(recent.submits(RECENT_MINUTES))),
        Fact::new("đi, chưa được trả lời", open(status.unanswered_out, status.oldest_unanswered_out)),
        Fact::new("chờ gửi", format::number(waiting)),
        Fact::new("nhà mạng từ chối", count(status.refused_out)),
        Fact::new("trong đó vì gửi quá nhanh", count(status.throttled_out)),
        Fact::new("không rõ đã đi chưa", count(status.uncertain_out)),
        Fact::new("báo nhận", count(status.receipts_in)),
        Fact::new("lần kết nối", count(status.binds)),
        Fact::new("lần mất kết nối", count(status.failures)),
    ]
}

fn count(value: u64) -> String {
    format::number(i64::try_from(value).unwrap_or(i64::MAX))
}

/// The mean of the full minutes that passed last.
fn per_minute(recent: &Recent, which: fn(&Minute) -> u64) -> String {
    let sum: u64 = recent.minutes().rev().skip(1).take(RECENT_MINUTES).map(which).sum();
    count(sum.div_ceil(RECENT_MINUTES as u64))
}

/// What 99 of 100 did not exceed.
fn latency(latencies: Latencies) -> String {
    match latencies.quantile(0.99) {
        None => "–".to_owned(),
        Some(seconds) if seconds.is_infinite() => "> 60 s".to_owned(),
        Some(seconds) if seconds >= 1.0 => format!("≤ {} s", seconds.to_string().replace('.', ",")),
        Some(seconds) => format!("≤ {} ms", (seconds * 1000.0).to_string().replace('.', ",")),
    }
}

fn open(number: u64, oldest: Option<Duration>) -> String {
    match oldest {
        Some(oldest) if number > 0 && oldest.as_secs() > 0 => {
            format!(
                "{}, lâu nhất {} giây",
                count(number),
                format::number(oldest.as_secs().try_into().unwrap_or(i64::MAX))
            )
        }
        _ => count(number),
    }
}

/// The last hour as columns, with the finding above.
fn last_hour(desk: &Desk, recent: &Recent) -> Columns {
    let values = |which: fn(&Minute) -> u64| recent.minutes().map(which).collect::<Vec<u64>>();
    let series = [
        ("đến", values(|minute| minute.texts_in)),
        ("đi", values(|minute| minute.messages_out)),
        ("bị từ chối", values(|minute| minute.refused_in + minute.refused_out)),
    ];
    let mut chart = Columns {
        title: String::new(),
        x_name: "giờ:phút".to_owned(),
        y_name: "tin mỗi phút".to_owned(),
        labels: (0..MINUTES as i64).rev().map(|back| format::time(desk.now_us - back * 60_000_000)).collect(),
        label_every: 15,
        series: series.map(|(name, values)| Series { name: name.to_owned(), values }).into(),
    };
    chart.title = match chart.peak() {
        Some((label, sum)) => format!("Một giờ qua: nhiều nhất {} tin, lúc {label}", count(sum)),
        None => "Một giờ qua: không có tin nào".to_owned(),
    };
    chart
}

/// Outgoing texts: those to look at, or all; and jobs that gave up.
pub(super) async fn outbox(
    desk: Desk,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Oops> {
    let is_all = query.contains_key("tat_ca");
    let states: &[&str] = if is_all { &[] } else { &["failed", "uncertain"] };
    let (number, page) = words::page_of(query.get("trang").map(String::as_str), ON_PAGE);
    let mut messages = desk.app.store.messages(states, page).await?;
    let has_more = messages.len() as i64 > ON_PAGE;
    messages.truncate(usize::try_from(ON_PAGE).unwrap_or(usize::MAX));
    let mut rows = Vec::with_capacity(messages.len());
    for message in messages {
        rows.push(outgoing(&desk, message)?);
    }
    let dead = desk.app.store.dead_jobs(Page { offset: 0, limit: 100 }).await?;
    let link = |page: i64| format!("{PATH}?{}trang={page}", if is_all { "tat_ca=1&" } else { "" });
    let view = |label: &str, href: &str, is_current| View {
        label: label.to_owned(),
        href: href.to_owned(),
        is_current,
        count: String::new(),
    };
    let page = OutboxPage {
        page: desk.shell("Tin gửi đi", PATH).await?,
        views: vec![
            view("Lỗi hoặc không rõ", PATH, !is_all),
            view("Tất cả", "/can-bo/tin-gui?tat_ca=1", is_all),
        ],
        rows,
        pager: Pager {
            position: String::new(),
            newer: (number > 1).then(|| link(number - 1)),
            older: has_more.then(|| link(number + 1)),
        },
        dead: dead.into_iter().map(|job| dead_job(&desk, job)).collect(),
    };
    Ok(render(StatusCode::OK, &page))
}

fn outgoing(desk: &Desk, message: MessageRow) -> Result<OutgoingRow, Oops> {
    let clear = desk.app.keys.open_text(&message.to_sealed).map_err(anyhow::Error::from)?;
    // Replies quote what a citizen reported: only who may read reports reads them here.
    let text = if message.purpose == "code" {
        // Whoever read it could open the citizen's page.
        "(mã xem, chỉ người nhận đọc được)".to_owned()
    } else if desk.may(Right::ReadReports) || message.purpose == "broadcast" {
        message.text
    } else {
        "(nội dung chỉ hiện cho người đọc phản ánh)".to_owned()
    };
    let attempts =
        if message.attempts > 1 { format!("{} lần thử. ", message.attempts) } else { String::new() };
    Ok(OutgoingRow {
        recipient: words::masked(&clear),
        purpose: words::purpose(&message.purpose).to_owned(),
        text,
        link: format!("{} từ {}", message.link, message.from_code),
        state: words::message_state(&message.state),
        at: desk.when(message.done_us.or(message.sent_us).unwrap_or(message.created_us)),
        detail: attempts + &message.error.unwrap_or_default(),
    })
}

fn dead_job(desk: &Desk, job: JobRow) -> DeadJob {
    DeadJob {
        kind: job.kind,
        reason: job.error.unwrap_or_else(|| "không rõ lý do".to_owned()),
        attempts: format!("{} lần thử", job.attempts),
        at: desk.when(job.run_us),
        retry: desk.may(Right::MendOperations).then(|| Action {
            path: format!("{PATH}/viec/{}/chay-lai", job.seq),
            verb: "Cho chạy lại".to_owned(),
            consequences: Vec::new(),
            facts: Vec::new(),
            fields: Vec::new(),
            weight: Weight::Plain,
            refusal: String::new(),
            version: 0,
            is_open: false,
        }),
    }
}

/// Lets a job that gave up run again.
pub(super) async fn retry(desk: Desk, Path(seq): Path<i64>) -> Result<Response, Oops> {
    desk.app.store.retry_job(seq, &desk.audit("job_retried", format!("job:{seq}"), "")).await?;
    desk.app.jobs.notify_one();
    desk.tell("Việc sẽ chạy lại ngay.").await?;
    Ok(Redirect::to(PATH).into_response())
}

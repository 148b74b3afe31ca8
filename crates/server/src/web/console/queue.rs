//! The queue of reports: its filters in the URL, its rows, and how many came since.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Form, Query};
use axum::http::StatusCode;
use axum::response::Response;
use canhgiac_domain::text::fold;
use canhgiac_store::{Page, ReportEntry, ReportFilter};
use serde_json::json;

use super::desk::{Desk, query_pair};
use super::oops::Oops;
use super::view::common::{Choice, Pager};
use super::view::reports::{Filter, Queue, ReportRow, ReportsPage, View};
use super::words::{self, Names};
use crate::app::App;
use crate::web::format;
use crate::web::page::render;

/// Reports on a page of the queue.
const ON_PAGE: i64 = 50;
/// Reports in the list beside an opened one.
const BESIDE: i64 = 20;
/// Of these, how many newer than the opened one, so that it stands in view.
const NEWER_BESIDE: i64 = 2;
/// Words searched for at most.
const WORDS: usize = 8;
const DAY_US: i64 = 24 * 3_600 * 1_000_000;
const PATH: &str = "/can-bo/phan-anh";

const PERIODS: [(&str, &str); 4] =
    [("", "Mọi lúc"), ("hom-nay", "Hôm nay"), ("7-ngay", "7 ngày qua"), ("30-ngay", "30 ngày qua")];

/// What the URL asks for. Searched words are never part of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    kind: String,
    state: String,
    link: String,
    problem: String,
    commune: String,
    period: String,
    source: String,
    page: String,
}

impl Asked {
    /// Reads the query.
    pub(super) fn read(query: &HashMap<String, String>) -> Asked {
        let one = |name: &str| {
            let value = query.get(name).map(|value| value.trim()).unwrap_or_default();
            value.chars().take(40).collect::<String>()
        };
        Asked {
            kind: one("loai"),
            state: one("trang_thai"),
            link: one("lien_ket"),
            problem: one("van_de"),
            commune: one("xa"),
            period: one("ky"),
            source: one("nguon"),
            page: one("trang"),
        }
    }

    fn pairs(&self) -> [(&'static str, &str); 7] {
        [
            ("loai", &self.kind),
            ("trang_thai", &self.state),
            ("lien_ket", &self.link),
            ("van_de", &self.problem),
            ("xa", &self.commune),
            ("ky", &self.period),
            ("nguon", &self.source),
        ]
    }

    /// The filters as a query, starting with `?` when any is set, without the page.
    pub(super) fn query(&self) -> String {
        let set: Vec<String> = self
            .pairs()
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| query_pair(name, value))
            .collect();
        if set.is_empty() { String::new() } else { format!("?{}", set.join("&")) }
    }

    fn on_page(&self, page: i64) -> String {
        let query = self.query();
        let sign = if query.is_empty() { '?' } else { '&' };
        if page <= 1 { format!("{PATH}{query}") } else { format!("{PATH}{query}{sign}trang={page}") }
    }

    fn filter(&self, app: &App, searched: &str) -> ReportFilter {
        let set = |value: &String| Some(value.clone()).filter(|value| !value.is_empty());
        let now_us = app.clock.now_us();
        ReportFilter {
            kind: set(&self.kind),
            state: set(&self.state),
            link: set(&self.link),
            problem: set(&self.problem),
            commune: set(&self.commune),
            from_us: match self.period.as_str() {
                "hom-nay" => Some(app.clock.day_start_us()),
                "7-ngay" => Some(now_us - 7 * DAY_US),
                "30-ngay" => Some(now_us - 30 * DAY_US),
                _ => None,
            },
            source_id: self.source.parse().ok(),
            words: search_words(searched),
            ..ReportFilter::default()
        }
    }

    /// Filters set beyond those the views stand for.
    fn set_filters(&self) -> usize {
        let of_views = is_view(&self.state, &self.problem);
        self.pairs()
            .iter()
            .filter(|(name, value)| !(value.is_empty() || of_views && *name == "trang_thai"))
            .count()
    }
}

fn is_view(state: &str, problem: &str) -> bool {
    problem.is_empty() && matches!(state, "" | "new" | "needs_officer")
}

/// Folded words of a search; a number typed with spaces or a leading 0 is found by its digits.
pub(super) fn search_words(searched: &str) -> Vec<String> {
    let digits: String = searched.chars().filter(char::is_ascii_digit).collect();
    let is_number = digits.len() >= 6
        && searched.chars().all(|ch| ch.is_ascii_digit() || matches!(ch, ' ' | '.' | '-' | '+' | '(' | ')'));
    if is_number {
        let national = digits.strip_prefix("84").or_else(|| digits.strip_prefix('0')).unwrap_or(&digits);
        return vec![national.to_owned()];
    }
    fold(searched).split_whitespace().take(WORDS).map(str::to_owned).collect()
}

/// The queue, by the filters in the URL.
pub(super) async fn show(desk: Desk, Query(query): Query<HashMap<String, String>>) -> Result<Response, Oops> {
    page(&desk, &Asked::read(&query), "").await
}

/// The queue, searched: the words come in the body and stay out of URLs and logs.
pub(super) async fn search(desk: Desk, Form(typed): Form<HashMap<String, String>>) -> Result<Response, Oops> {
    let searched: String =
        typed.get("tim").map(|text| text.trim()).unwrap_or_default().chars().take(200).collect();
    page(&desk, &Asked::default(), &searched).await
}

/// How many reports came since the page was made.
pub(super) async fn news(
    desk: Desk,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<serde_json::Value>, Oops> {
    let filter = ReportFilter {
        after_seq: Some(query.get("sau").and_then(|seq| seq.parse().ok()).unwrap_or(i64::MAX)),
        ..Asked::read(&query).filter(&desk.app, "")
    };
    Ok(Json(json!({ "count": desk.app.store.count_reports(&filter).await? })))
}

async fn page(desk: &Desk, asked: &Asked, searched: &str) -> Result<Response, Oops> {
    let (number, page) = words::page_of(Some(&asked.page), ON_PAGE);
    let queue = load(desk, asked, searched, number, page, None).await?;
    let page = ReportsPage { page: desk.shell("Phản ánh", PATH).await?, queue };
    Ok(render(StatusCode::OK, &page))
}

/// The list beside an opened report: its neighbours under the same filters.
pub(super) async fn beside(desk: &Desk, asked: &Asked, current: i64) -> Result<Queue, Oops> {
    let newer = ReportFilter { after_seq: Some(current), ..asked.filter(&desk.app, "") };
    let before = desk.app.store.count_reports(&newer).await?;
    let page = Page { offset: (before - NEWER_BESIDE).max(0), limit: BESIDE + 1 };
    let mut queue = load(desk, asked, "", 1, page, Some(current)).await?;
    queue.pager = Pager::default();
    Ok(queue)
}

async fn load(
    desk: &Desk,
    asked: &Asked,
    searched: &str,
    number: i64,
    page: Page,
    current: Option<i64>,
) -> Result<Queue, Oops> {
    let filter = asked.filter(&desk.app, searched);
    let mut entries = desk.app.store.reports(&filter, page).await?;
    let total = desk.app.store.count_reports(&filter).await?;
    let has_more = entries.len() as i64 >= page.limit;
    entries.truncate(usize::try_from(page.limit - 1).unwrap_or(usize::MAX));
    let newest = entries.first().map_or(0, |entry| entry.report.seq);
    let names = Names::load(&desk.app).await?;
    let mut rows = Vec::with_capacity(entries.len());
    for entry in &entries {
        rows.push(row(desk, asked, entry, &names, current).await?);
    }
    Ok(Queue {
        filters: filters(&desk.app, asked),
        views: if current.is_some() { Vec::new() } else { views(desk, asked).await? },
        searched: searched.to_owned(),
        pager: pager(asked, searched, number, page, rows.len(), total, has_more),
        query: asked.query(),
        // On later pages and in searches news would lead away from what is read.
        newest: if number == 1 && searched.is_empty() { newest } else { i64::MAX },
        set_filters: asked.set_filters(),
        rows,
    })
}

fn pager(
    asked: &Asked,
    searched: &str,
    number: i64,
    page: Page,
    shown: usize,
    total: i64,
    has_more: bool,
) -> Pager {
    let first = page.offset + 1;
    let last = page.offset + i64::try_from(shown).unwrap_or(0);
    if shown == 0 {
        return Pager::default();
    }
    let position =
        format!("{}–{} trong {}", format::number(first), format::number(last), format::number(total));
    if !searched.is_empty() {
        let note = if has_more { format!("{position}. Gõ thêm chữ để thu hẹp.") } else { position };
        return Pager { position: note, newer: None, older: None };
    }
    Pager {
        position,
        newer: (number > 1).then(|| asked.on_page(number - 1)),
        older: has_more.then(|| asked.on_page(number + 1)),
    }
}

async fn row(
    desk: &Desk,
    asked: &Asked,
    entry: &ReportEntry,
    names: &Names,
    current: Option<i64>,
) -> Result<ReportRow, Oops> {
    let report = &entry.report;
    let mut voices = String::new();
    if let Some(source) = entry.sources.first() {
        let standing = desk.app.store.standing(&source.kind, &source.canonical).await?;
        if standing.voices > 0 {
            voices = format!("{} người phản ánh số này", format::number(standing.voices));
        }
    }
    let owner = match entry.case_number {
        Some(number) => {
            let owner = names.staff(desk.app.store.case(number).await?.case.owner);
            let case = words::case_number(number);
            if owner.is_empty() { case } else { format!("{case}, {owner}") }
        }
        None => String::new(),
    };
    let mut chips = words::chips([report.findings.as_str()]);
    for chip in &mut chips {
        chip.count = 0;
    }
    let at = desk.when(report.received_us);
    Ok(ReportRow {
        href: format!("{PATH}/{}{}", report.seq, asked.query()),
        kind: words::kind(report.kind.as_deref()),
        source: sources(&desk.app, entry),
        chips,
        voices,
        at,
        state: words::report_state(&report.state),
        owner,
        first_words: words::first_words(&report.text),
        channel: channel(&report.channel, &report.link),
        problem: report.problem.as_deref().map(words::problem).unwrap_or_default().to_owned(),
        is_current: current == Some(report.seq),
    })
}

/// All sources of a report in one line.
pub(super) fn sources(app: &App, entry: &ReportEntry) -> String {
    entry.sources.iter().map(|source| words::source_row(app, source)).collect::<Vec<_>>().join(", ")
}

/// The commune a desk belongs to.
fn desk_name(code: &str) -> String {
    let communes = crate::web::public::communes::all();
    communes.iter().find(|one| one.code == code).map_or_else(|| code.to_owned(), |one| one.full_name.clone())
}

/// Channel and link in words.
pub(super) fn channel(channel: &str, link: &str) -> String {
    match channel {
        "web" => "Trang web".to_owned(),
        "desk" => format!("Bàn tiếp nhận {}", desk_name(link)),
        "smpp" => format!("SMS, {link}"),
        "api" => format!("API, {link}"),
        "import" => "Nhập từ tệp".to_owned(),
        "push" => format!("Cổng tin, {link}"),
        other => format!("{other}, {link}"),
    }
}

async fn views(desk: &Desk, asked: &Asked) -> Result<Vec<View>, Oops> {
    let mut views = Vec::new();
    for (state, label) in [("", "Tất cả"), ("new", "Mới"), ("needs_officer", "Cần cán bộ đọc")]
    {
        let count = match state {
            "" => String::new(),
            state => {
                let filter = ReportFilter { state: Some(state.to_owned()), ..ReportFilter::default() };
                format::number(desk.app.store.count_reports(&filter).await?)
            }
        };
        let own = Asked { state: state.to_owned(), ..Asked::default() };
        views.push(View {
            label: label.to_owned(),
            href: format!("{PATH}{}", own.query()),
            is_current: asked.query() == own.query(),
            count,
        });
    }
    Ok(views)
}

fn filters(app: &App, asked: &Asked) -> Vec<Filter> {
    let list = |name: &str, label: &str, pairs: Vec<(&str, &str)>, chosen: &str| Filter {
        name: name.to_owned(),
        label: label.to_owned(),
        choices: Choice::list(pairs, chosen),
    };
    let with_all = |pairs: &[(&'static str, &'static str)]| {
        std::iter::once(("", "Tất cả")).chain(pairs.iter().copied()).collect::<Vec<_>>()
    };
    let mut kinds = with_all(&words::KINDS);
    kinds.push(("none", "Chưa rõ loại"));
    let mut problems = with_all(&words::PROBLEMS);
    problems.insert(1, ("any", "Có vấn đề"));
    let links: Vec<(&str, &str)> = [("", "Tất cả"), ("web", "Trang web")]
        .into_iter()
        .chain(app.config.links.iter().map(|link| (link.name.as_str(), link.name.as_str())))
        .collect();
    let communes: Vec<(&str, &str)> = std::iter::once(("", "Tất cả"))
        .chain(app.rules.areas.communes().iter().map(|one| (one.code.as_str(), one.full_name.as_str())))
        .collect();
    vec![
        list("loai", "Loại", kinds, &asked.kind),
        list("trang_thai", "Trạng thái", with_all(&words::REPORT_STATES), &asked.state),
        list("lien_ket", "Đường vào", links, &asked.link),
        list("van_de", "Vấn đề", problems, &asked.problem),
        list("xa", "Xã, phường", communes, &asked.commune),
        list("ky", "Thời gian", PERIODS.to_vec(), &asked.period),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_searched_by_its_digits_however_it_is_typed() {
        for typed in ["0912 345 678", "+84 912.345.678", "84912345678", "0912345678"] {
            assert_eq!(search_words(typed), ["912345678"], "{typed}");
        }
        assert_eq!(search_words("Công  AN tỉnh"), ["cong", "an", "tinh"]);
        assert_eq!(search_words("12"), ["12"]);
        assert!(search_words("   ").is_empty());
    }

    #[test]
    fn filters_go_round_through_the_url_and_searched_words_never_stand_there() {
        let query = HashMap::from([
            ("loai".to_owned(), "scam_call".to_owned()),
            ("lien_ket".to_owned(), "a&b=c".to_owned()),
            ("tim".to_owned(), "0912345678".to_owned()),
        ]);
        let asked = Asked::read(&query);
        assert_eq!(asked.query(), "?loai=scam_call&lien_ket=a%26b%3Dc");
        assert_eq!(asked.on_page(2), "/can-bo/phan-anh?loai=scam_call&lien_ket=a%26b%3Dc&trang=2");
        assert_eq!(Asked::default().on_page(2), "/can-bo/phan-anh?trang=2");
    }
}

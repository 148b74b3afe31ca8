//! The list of cases.

use std::collections::HashMap;

use axum::extract::{Form, Query};
use axum::http::StatusCode;
use axum::response::Response;
use canhgiac_domain::procedure::CaseState;
use canhgiac_domain::text::fold;
use canhgiac_store::{CaseEntry, CaseFilter, Page};

use super::case::{clock, state_mark};
use super::desk::{Desk, query_pair};
use super::oops::Oops;
use super::queue::search_words;
use super::view::cases::{CaseRow, CasesPage};
use super::view::common::{Choice, Pager};
use super::view::reports::{Filter, View};
use super::words::{self, Names};
use crate::web::format;
use crate::web::page::render;

const ON_PAGE: i64 = 50;
const PATH: &str = "/can-bo/vu-viec";

#[derive(Debug, Clone, Default)]
struct Asked {
    state: String,
    referral: String,
    owner: String,
    page: String,
}

impl Asked {
    fn query(&self) -> String {
        let pairs = [("trang_thai", &self.state), ("cong_an", &self.referral), ("nguoi", &self.owner)];
        let set: Vec<String> = pairs
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| query_pair(name, value))
            .collect();
        if set.is_empty() { String::new() } else { format!("?{}", set.join("&")) }
    }
}

/// The list, by the filters in the URL.
pub(super) async fn show(desk: Desk, Query(query): Query<HashMap<String, String>>) -> Result<Response, Oops> {
    let one = |name: &str| query.get(name).map(|value| value.chars().take(40).collect()).unwrap_or_default();
    let asked =
        Asked { state: one("trang_thai"), referral: one("cong_an"), owner: one("nguoi"), page: one("trang") };
    page(&desk, &asked, "").await
}

/// The list, searched by source or number of the case.
pub(super) async fn search(desk: Desk, Form(typed): Form<HashMap<String, String>>) -> Result<Response, Oops> {
    let searched: String =
        typed.get("tim").map(|text| text.trim()).unwrap_or_default().chars().take(100).collect();
    page(&desk, &Asked { state: "tat-ca".to_owned(), ..Asked::default() }, &searched).await
}

async fn page(desk: &Desk, asked: &Asked, searched: &str) -> Result<Response, Oops> {
    let (number, page) = words::page_of(Some(&asked.page), ON_PAGE);
    let filter = filter(desk, asked, searched);
    let by_number = case_by_number(desk, searched).await?;
    let (mut entries, total) = match by_number {
        Some(case) => (vec![case], 1),
        None => (desk.app.store.cases(&filter, page).await?, desk.app.store.count_cases(&filter).await?),
    };
    let has_more = entries.len() as i64 > ON_PAGE;
    entries.truncate(usize::try_from(ON_PAGE).unwrap_or(usize::MAX));
    let names = Names::load(&desk.app).await?;
    let mut rows = Vec::with_capacity(entries.len());
    for entry in &entries {
        rows.push(row(desk, entry, &names).await?);
    }
    let link = |page: i64| {
        let query = asked.query();
        let sign = if query.is_empty() { '?' } else { '&' };
        format!("{PATH}{query}{sign}trang={page}")
    };
    let page = CasesPage {
        page: desk.shell("Vụ việc", PATH).await?,
        filters: filters(asked),
        views: views(desk, asked, searched).await?,
        searched: searched.to_owned(),
        set_filters: usize::from(!asked.referral.is_empty()),
        pager: Pager {
            position: if rows.is_empty() {
                String::new()
            } else {
                format!("{} vụ việc", format::number(total))
            },
            newer: (number > 1).then(|| link(number - 1)),
            older: has_more.then(|| link(number + 1)),
        },
        rows,
    };
    Ok(render(StatusCode::OK, &page))
}

/// The case somebody asks for by its number, `VV-000012` or `12`.
async fn case_by_number(desk: &Desk, searched: &str) -> Result<Option<CaseEntry>, Oops> {
    let digits = searched.trim().trim_start_matches(['V', 'v', '-']);
    if digits.is_empty() || digits.len() > 6 {
        return Ok(None);
    }
    let Ok(number) = digits.parse() else { return Ok(None) };
    match desk.app.store.case(number).await {
        Ok(case) => Ok(Some(case)),
        Err(canhgiac_store::StoreError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn filter(desk: &Desk, asked: &Asked, searched: &str) -> CaseFilter {
    let state = match asked.state.as_str() {
        "" => Some("active".to_owned()),
        "tat-ca" => None,
        state => Some(state.to_owned()),
    };
    CaseFilter {
        state,
        referral: Some(asked.referral.clone()).filter(|value| !value.is_empty()),
        owner: (asked.owner == "toi").then_some(desk.staff.id),
        source_contains: match search_words(searched).as_slice() {
            [] => None,
            [number] => Some(number.clone()),
            _ => Some(fold(searched)),
        },
        ..CaseFilter::default()
    }
}

async fn row(desk: &Desk, entry: &CaseEntry, names: &Names) -> Result<CaseRow, Oops> {
    let page = Page { offset: 0, limit: 1 };
    let newest = desk.app.store.reports_of_case(entry.case.number, page).await?;
    let mut chips = words::chips(entry.findings.iter().map(String::as_str));
    chips.truncate(5);
    Ok(CaseRow {
        href: format!("{PATH}/{}", entry.case.number),
        number: words::case_number(entry.case.number),
        source: words::source_row(&desk.app, &entry.source),
        kind: match entry.case.referral.as_str() {
            "sent" => "đã chuyển Công an".to_owned(),
            "acknowledged" => "Công an đã tiếp nhận".to_owned(),
            _ => String::new(),
        },
        state: state_mark(&entry.case),
        chips,
        voices: format!("{} người, {} phản ánh", format::number(entry.voices), format::number(entry.reports)),
        first: desk.when(entry.case.opened_us),
        last: desk.when(entry.last_report_us.unwrap_or(entry.case.updated_us)),
        clock: clock(&entry.case, desk.now_us),
        owner: names.staff(entry.case.owner),
        first_words: newest.first().map(|one| words::first_words(&one.report.text)).unwrap_or_default(),
    })
}

async fn views(desk: &Desk, asked: &Asked, searched: &str) -> Result<Vec<View>, Oops> {
    let all = [
        ("Đang mở", Asked::default()),
        ("Mới, chưa xác nhận", Asked { state: "open".to_owned(), ..Asked::default() }),
        ("Đang tạm khóa", Asked { state: "blocked".to_owned(), ..Asked::default() }),
        ("Của tôi", Asked { owner: "toi".to_owned(), ..Asked::default() }),
        ("Tất cả", Asked { state: "tat-ca".to_owned(), ..Asked::default() }),
    ];
    let mut views = Vec::new();
    for (label, view) in all {
        views.push(View {
            label: label.to_owned(),
            href: format!("{PATH}{}", view.query()),
            is_current: searched.is_empty() && view.query() == asked.query(),
            count: format::number(desk.app.store.count_cases(&filter(desk, &view, "")).await?),
        });
    }
    Ok(views)
}

fn filters(asked: &Asked) -> Vec<Filter> {
    let states: Vec<(&str, &str)> = [("", "Đang mở"), ("tat-ca", "Tất cả")]
        .into_iter()
        .chain(CaseState::IDS.into_iter().map(|id| (id, CaseState::label_vi(id))))
        .collect();
    let referrals =
        [("", "Tất cả"), ("none", "Chưa chuyển"), ("sent", "Đã chuyển"), ("acknowledged", "Đã tiếp nhận")];
    vec![
        Filter {
            name: "trang_thai".to_owned(),
            label: "Trạng thái".to_owned(),
            choices: Choice::list(states, &asked.state),
        },
        Filter {
            name: "cong_an".to_owned(),
            label: "Công an".to_owned(),
            choices: Choice::list(referrals, &asked.referral),
        },
    ]
}

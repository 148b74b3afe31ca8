//! Warnings as the public reads them: list, page, Atom feed. Drafts never appear, also withdrawn ones.

use atom_syndication::{Content, Entry, Feed, FixedDateTime, Link, Person, Text};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use canhgiac_store::{BulletinRow, Page as Slice, StoreError};
use serde::Deserialize;
use uuid::Uuid;

use super::pages::{WarningDetail, WarningsPage};
use super::view::{WarningCard, WarningPage};
use super::{Public, Trouble};
use crate::web::format;
use crate::web::page::{Page, render};
use crate::web::texts::Lang;

/// Warnings on one page of the list.
const PAGE_SIZE: i64 = 20;
/// Entries of the feed.
const FEED_SIZE: i64 = 50;
/// The last page that is looked up: nobody reads further, and offsets cost.
const LAST_PAGE: i64 = 500;

/// A warning in a list; `None` for what was never published.
pub(crate) fn card(row: &BulletinRow) -> Option<WarningCard> {
    let published_us = row.published_us?;
    Some(WarningCard {
        id: row.id.to_string(),
        title: row.title.clone(),
        published_at: format::date_time(published_us),
        is_cancelled: row.cancelled_us.is_some(),
    })
}

/// The newest live warnings.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn live(public: &Public, limit: i64) -> Result<Vec<WarningCard>, Trouble> {
    let rows = public.app.store.bulletins(&["published"], Slice { offset: 0, limit }).await?;
    Ok(rows.iter().filter_map(card).collect())
}

/// Which page of the list.
#[derive(Deserialize)]
pub(crate) struct Which {
    trang: Option<i64>,
}

/// `GET /canh-bao`
pub(crate) async fn list(
    State(public): State<Public>,
    which: Result<Query<Which>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Trouble> {
    let asked = which.map_or(None, |Query(which)| which.trang).unwrap_or(1);
    let number = asked.clamp(1, LAST_PAGE);
    let slice = Slice { offset: (number - 1) * PAGE_SIZE, limit: PAGE_SIZE + 1 };
    let rows = public.app.store.bulletins(&["published"], slice).await?;
    let shown = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let address =
        |page: i64| if page == 1 { "/canh-bao".to_owned() } else { format!("/canh-bao?trang={page}") };
    let page = WarningsPage {
        page: Page::titled("warnings-title", "/canh-bao").described("warnings-description"),
        newer: (number > 1).then(|| address(number - 1)),
        older: (rows.len() > shown && number < LAST_PAGE).then(|| address(number + 1)),
        warnings: rows.iter().take(shown).filter_map(card).collect(),
    };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /canh-bao/{id}`
pub(crate) async fn detail(
    State(public): State<Public>,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let id = Uuid::parse_str(&id).map_err(|_| Trouble::NotFound)?;
    let row = match public.app.store.bulletin(id).await {
        Ok(row) => row,
        Err(StoreError::NotFound) => return Err(Trouble::NotFound),
        Err(error) => return Err(error.into()),
    };
    let published_us = row.published_us.ok_or(Trouble::NotFound)?;
    let mut page = Page::titled("warnings-title", "/canh-bao");
    page.title.clone_from(&row.title);
    page.description = paragraphs(&row.body).into_iter().next().unwrap_or_default();
    let warning = WarningPage {
        title: row.title,
        paragraphs: paragraphs(&row.body),
        short_text: row.sms,
        published_at: format::date_time(published_us),
        is_cancelled: row.cancelled_us.is_some(),
        cancelled_at: row.cancelled_us.map(format::date_time).unwrap_or_default(),
    };
    Ok(render(StatusCode::OK, &WarningDetail { page, warning }))
}

fn paragraphs(body: &str) -> Vec<String> {
    body.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// `GET /feed.atom`
pub(crate) async fn feed(State(public): State<Public>) -> Result<Response, Trouble> {
    let slice = Slice { offset: 0, limit: FEED_SIZE };
    let rows = public.app.store.bulletins(&["published", "cancelled"], slice).await?;
    let base = public.app.config.base_url();
    let xml = feed_of(&rows, &base);
    let facts = [
        (header::CONTENT_TYPE, "application/atom+xml; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=60"),
    ];
    Ok((facts, xml).into_response())
}

fn feed_of(rows: &[BulletinRow], base: &str) -> String {
    let lang = Lang::default();
    let entries: Vec<Entry> = rows.iter().filter_map(|row| entry_of(row, base)).collect();
    let epoch = || instant(0);
    let updated = entries.iter().map(|entry| *entry.updated()).max().unwrap_or_else(epoch);
    let feed = Feed {
        title: Text::plain(lang.t("feed-title")),
        id: format!("{base}/feed.atom"),
        lang: Some(lang.code().to_owned()),
        updated,
        authors: vec![Person { name: lang.t("site-name"), ..Person::default() }],
        links: vec![
            link(&format!("{base}/feed.atom"), "self"),
            link(&format!("{base}/canh-bao"), "alternate"),
        ],
        entries,
        ..Feed::default()
    };
    feed.to_string()
}

fn entry_of(row: &BulletinRow, base: &str) -> Option<Entry> {
    let published_us = row.published_us?;
    let lang = Lang::default();
    let title = match row.cancelled_us {
        Some(_) => lang.with("feed-cancelled", &[("ten", &row.title)]),
        None => row.title.clone(),
    };
    Some(Entry {
        id: format!("urn:uuid:{}", row.id),
        title: Text::plain(title),
        published: Some(instant(published_us)),
        updated: instant(row.cancelled_us.unwrap_or(published_us)),
        links: vec![link(&format!("{base}/canh-bao/{}", row.id), "alternate")],
        summary: paragraphs(&row.body).into_iter().next().map(Text::plain),
        content: Some(Content {
            content_type: Some("text".to_owned()),
            value: Some(row.body.clone()),
            ..Content::default()
        }),
        ..Entry::default()
    })
}

fn link(href: &str, rel: &str) -> Link {
    Link { href: href.to_owned(), rel: rel.to_owned(), ..Link::default() }
}

/// The instant in the feed's own type, in Vietnam's time.
fn instant(at_us: i64) -> FixedDateTime {
    format::machine(at_us).parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(published_us: Option<i64>, cancelled_us: Option<i64>) -> BulletinRow {
        BulletinRow {
            id: Uuid::from_u128(7),
            case_number: None,
            version: 1,
            state: "published".to_owned(),
            title: "Giả <công an> & ngân hàng".to_owned(),
            body: "Đoạn một.\r\n\r\n  Đoạn hai.".to_owned(),
            sms: String::new(),
            created_us: 0,
            updated_us: 0,
            published_us,
            approved_by: None,
            cancelled_us,
        }
    }

    #[test]
    fn what_was_never_published_is_in_no_list() {
        assert_eq!(card(&row(None, Some(5))), None);
        assert!(feed_of(&[row(None, None)], "https://x.example").matches("<entry>").count() == 0);
    }

    #[test]
    fn the_feed_reads_back_with_its_dates_and_escapes() {
        let xml = feed_of(
            &[
                row(Some(1_795_417_500_000_000), None),
                row(Some(1_795_417_500_000_000), Some(1_795_417_600_000_000)),
            ],
            "https://x.example",
        );
        let feed: atom_syndication::Feed = xml.parse().expect("a feed");
        assert_eq!(feed.entries()[0].title().as_str(), "Giả <công an> & ngân hàng");
        assert!(feed.entries()[1].title().as_str().starts_with("Đã rút: "));
        assert_eq!(feed.entries()[0].published().unwrap().to_rfc3339(), "2026-11-23T14:05:00+07:00");
        assert_eq!(
            feed.entries()[0].links()[0].href(),
            format!("https://x.example/canh-bao/{}", Uuid::from_u128(7))
        );
        assert!(feed.updated() > feed.entries()[0].updated());
    }

    #[test]
    fn empty_lines_part_paragraphs() {
        assert_eq!(paragraphs(&row(None, None).body), ["Đoạn một.", "Đoạn hai."]);
    }
}

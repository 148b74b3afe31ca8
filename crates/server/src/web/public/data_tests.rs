//! A citizen's own data: one report by its link, everything only by a code to the phone.

use axum::http::StatusCode;
use canhgiac_domain::procedure::{Action, ClosedAs};

use super::story_tests::{PNG, Site, hidden};
use crate::purge;

async fn two_reports(site: &Site) -> String {
    site.report(&[("dien_thoai", "0905 000 001"), ("ke_lai", "lời kể thứ nhất")]).await;
    let token = site.report(&[("dien_thoai", "0905 000 001"), ("ke_lai", "lời kể thứ hai")]).await;
    site.project().await;
    token
}

#[tokio::test]
async fn a_link_gives_its_report_and_a_code_gives_everything_of_the_number() {
    let site = Site::open().await;
    let token = two_reports(&site).await;
    let path = format!("/tra-cuu/{token}/du-lieu");
    assert!(site.get(&path).await.html.contains("Dữ liệu của bạn"));
    let one = site.post(&path, &[("viec", "json")]).await.html;
    assert!(one.contains("lời kể thứ hai") && !one.contains("lời kể thứ nhất"), "{one}");
    assert!(!one.contains("905000001"));
    let asked = site.post(&path, &[("viec", "ma")]).await;
    assert!(asked.html.contains("Mã trong tin nhắn"));
    let text = site.app.store.messages(&[], Default::default()).await.unwrap().remove(0).text;
    let code: String = text.chars().skip_while(|ch| !ch.is_ascii_digit()).take(6).collect();
    let wrong = if code == "111111" { "222222" } else { "111111" };
    let refused = site.post(&path, &[("viec", "nhap_ma"), ("ma_xn", wrong)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let proven = site.post(&path, &[("viec", "nhap_ma"), ("ma_xn", &code)]).await;
    let pass = hidden(&proven.html).into_iter().find(|(name, _)| name == "da_xac_nhan").unwrap().1;
    let all = site.post(&path, &[("viec", "html"), ("da_xac_nhan", &pass)]).await.html;
    assert!(all.contains("lời kể thứ hai") && all.contains("lời kể thứ nhất"));
    site.app.clock.advance(jiff::SignedDuration::from_mins(16));
    let late = site.post(&path, &[("viec", "json"), ("da_xac_nhan", &pass)]).await.html;
    assert!(!late.contains("lời kể thứ nhất"), "a proven number does not stay proven");
}

#[tokio::test]
async fn what_is_erased_is_gone_and_what_a_case_needs_waits() {
    let site = Site::open().await;
    let token = two_reports(&site).await;
    site.upload(&format!("/tra-cuu/{token}/bang-chung"), &[], &[("a.png", PNG)]).await;
    let path = format!("/tra-cuu/{token}/du-lieu");
    let hasty = site.post(&path, &[("viec", "xoa")]).await;
    assert_eq!(hasty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let asked = site.post(&path, &[("viec", "xoa"), ("chac_chan", "co")]).await;
    assert!(asked.html.contains("Chờ vụ việc kết thúc"), "{}", asked.html);
    assert!(site.get(&path).await.html.contains("được xóa khi vụ việc kết thúc"));
    assert_eq!(purge::finish_erasures(&site.app).await.unwrap(), 0);

    let entry = site.app.store.reports(&Default::default(), Default::default()).await.unwrap().remove(0);
    let number = entry.case_number.unwrap();
    let officer = canhgiac_domain::account::Actor::Staff {
        id: canhgiac_domain::id::UserId(uuid::Uuid::from_u128(1)),
        role: canhgiac_domain::account::Role::Officer,
    };
    let version = site.app.store.case(number).await.unwrap().case.version;
    let close = Action::Close(ClosedAs::NotEnoughGround);
    site.app.act(number, version, close, &officer, "xong").await.unwrap();
    assert_eq!(purge::finish_erasures(&site.app).await.unwrap(), 1);
    let gone = site.app.store.report(entry.report.seq).await.unwrap().report;
    assert!(gone.text.is_empty() && gone.reporter_hash.is_none() && gone.reporter_sealed.is_none());
    assert!(site.app.store.evidence_of(gone.seq).await.unwrap().is_empty());
    assert!(site.app.evidence.older_than(std::time::Duration::ZERO).unwrap().is_empty(), "the file too");
    assert_eq!(site.get(&path).await.status, StatusCode::NOT_FOUND, "its link opens nothing any more");
}

#[tokio::test]
async fn a_daily_purge_counts_what_it_removes_and_leaves_nothing_due() {
    let site = Site::open().await;
    let fields = [("loai", "spam_call"), ("ke_lai", "mời vay")];
    site.report(&fields).await;
    site.project().await;
    site.app.clock.advance(jiff::SignedDuration::from_hours(24 * 800));
    let due = purge::dry_run(&site.app).await.unwrap();
    assert!(due.iter().any(|(kind, count)| kind.id() == "reports" && *count == 1), "{due:?}");
    let removed = purge::run_daily(&site.app).await.unwrap().unwrap();
    assert_eq!(due, removed);
    assert!(purge::run_daily(&site.app).await.unwrap().is_none(), "once a day");
    assert!(purge::dry_run(&site.app).await.unwrap().iter().all(|(_, count)| *count == 0));
    let trail = site.app.store.audit_trail(None, Default::default()).await.unwrap();
    assert!(trail.iter().any(|row| row.action == "purged" && row.detail.contains("reports: 1")));
}

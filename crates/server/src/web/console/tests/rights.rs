//! The table of rights against the router itself, sessions, and signing in.

use axum::http::StatusCode;
use jiff::SignedDuration;

use super::super::DEMO_ACCOUNTS;
use super::super::access::TABLE;
use super::Office;

/// A path with its placeholders filled by ids that do not exist.
fn concrete(path: &str) -> String {
    path.replace("{seq}", "999999")
        .replace("{number}", "999999")
        .replace("{id}", "00000000-0000-7000-8000-000000000000")
        .replace("{hash}", "00")
        .replace("{step}", "xac-nhan")
}

#[tokio::test]
async fn every_route_opens_for_the_roles_of_the_table_and_no_other() {
    let office = Office::open().await;
    for (account, _, role, _) in DEMO_ACCOUNTS {
        let cookie = office.sign_in(account).await;
        for (method, path, rule) in TABLE {
            if path.ends_with("dang-xuat") || path.ends_with("dang-nhap") {
                continue;
            }
            let path = concrete(path);
            let page = match *method {
                "GET" => office.get(&cookie, &path).await,
                _ => office.post(&cookie, &path, &[]).await,
            };
            let is_refused = page.status == StatusCode::FORBIDDEN;
            assert_eq!(is_refused, !rule.lets(Some(role)), "{role:?} {method} {path}: {}", page.status);
            assert_ne!(page.status, StatusCode::INTERNAL_SERVER_ERROR, "{role:?} {method} {path}");
        }
    }
}

#[tokio::test]
async fn without_a_session_every_page_leads_to_signing_in_and_no_form_is_taken() {
    let office = Office::open().await;
    for (method, path, _) in TABLE.iter().filter(|(_, path, _)| !path.ends_with("dang-nhap")) {
        let path = concrete(path);
        if *method == "GET" {
            let page = office.get("canbo=AAAAAAAAAAAAAAAAAAAAAA", &path).await;
            let is_sent_on = page.location.starts_with("/can-bo/dang-nhap?tiep=/can-bo");
            assert!(is_sent_on || page.status == StatusCode::UNAUTHORIZED, "{path}: {}", page.status);
        } else {
            let page = office.post("", &path, &[]).await;
            assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{path}");
        }
    }
}

#[tokio::test]
async fn a_form_from_another_site_is_refused_even_with_the_cookie() {
    let office = Office::open().await;
    let cookie = office.sign_in("canbo").await;
    let page = office.post_from_elsewhere(&cookie, "/can-bo/dang-xuat").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_eq!(office.get(&cookie, "/can-bo").await.status, StatusCode::OK, "still signed in");
}

#[tokio::test]
async fn a_wrong_password_tells_nothing_and_too_many_pause() {
    let office = Office::open().await;
    let attempt = async |account: &str| {
        office.post("", "/can-bo/dang-nhap", &[("tai_khoan", account), ("mat_khau", "sai hết rồi nhé")]).await
    };
    let known = attempt("canbo").await;
    let unknown = attempt("khong-co").await;
    assert_eq!(known.status, unknown.status);
    assert_eq!(known.html.replace("canbo", ""), unknown.html.replace("khong-co", "").replace("canbo", ""));
    for _ in 0..4 {
        attempt("canbo").await;
    }
    let paused = attempt("canbo").await;
    assert_eq!(paused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(paused.html.contains("phút"), "{}", paused.html);
}

#[tokio::test]
async fn a_session_is_new_at_sign_in_ends_at_sign_out_and_after_a_working_day() {
    let office = Office::open().await;
    let one = office.sign_in("canbo").await;
    let two = office.sign_in("canbo").await;
    assert_ne!(one, two);
    assert_eq!(office.post(&one, "/can-bo/dang-xuat", &[]).await.location, "/can-bo/dang-nhap");
    assert_eq!(office.get(&one, "/can-bo").await.status, StatusCode::SEE_OTHER);
    assert_eq!(office.get(&two, "/can-bo").await.status, StatusCode::OK);
    office.app.clock.advance(SignedDuration::from_hours(13));
    assert_eq!(office.get(&two, "/can-bo").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_reset_password_ends_sessions_and_must_be_replaced_before_anything_else() {
    let office = Office::open().await;
    let officer = office.sign_in("canbo").await;
    let admin = office.sign_in("quantri").await;
    let id = office.app.store.staff_by_login("canbo").await.unwrap().id;
    let page = office.post(&admin, &format!("/can-bo/nguoi-dung/{id}/mat-khau"), &[]).await;
    let secret = page.html.split("secret mono\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(office.get(&officer, "/can-bo").await.status, StatusCode::SEE_OTHER, "the old session ended");
    let fields = [("tai_khoan", "canbo"), ("mat_khau", secret.as_str())];
    let page = office.post("", "/can-bo/dang-nhap", &fields).await;
    assert_eq!(page.location, "/can-bo/tai-khoan");
    let cookie = page.cookie.split(';').next().unwrap().to_owned();
    assert_eq!(office.get(&cookie, "/can-bo/phan-anh").await.location, "/can-bo/tai-khoan");
    let new = "một câu mới đủ dài";
    let fields = [("hien_tai", secret.as_str()), ("moi", new), ("nhac_lai", new)];
    let page = office.post(&cookie, "/can-bo/tai-khoan", &fields).await;
    assert_eq!(page.location, "/can-bo", "{}", page.html);
    let cookie =
        if page.cookie.is_empty() { cookie } else { page.cookie.split(';').next().unwrap().to_owned() };
    assert_eq!(office.get(&cookie, "/can-bo/phan-anh").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once_and_nobody_disables_themselves() {
    let office = Office::open().await;
    let officer = office.sign_in("canbo").await;
    let admin = office.sign_in("quantri").await;
    let id = office.app.store.staff_by_login("canbo").await.unwrap().id;
    let page = office.post(&admin, &format!("/can-bo/nguoi-dung/{id}/khoa"), &[]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    assert_eq!(office.get(&officer, "/can-bo").await.status, StatusCode::SEE_OTHER);
    let own = office.app.store.staff_by_login("quantri").await.unwrap().id;
    let page = office.post(&admin, &format!("/can-bo/nguoi-dung/{own}/khoa"), &[]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn an_unknown_path_of_the_console_is_a_page_with_a_way_back() {
    let office = Office::open().await;
    let cookie = office.sign_in("canbo").await;
    for path in ["/can-bo/khong-co", "/can-bo/vu-viec/abc", "/can-bo/canh-bao/xyz", "/can-bo/phan-anh/424242"]
    {
        let page = office.get(&cookie, path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.html.contains("href=\"/can-bo\""), "{path}: {}", page.html);
    }
}

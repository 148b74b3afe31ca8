//! The public site over a real store in a directory of its own: what a citizen sends arrives, comes
//! back by its link, and nobody else learns anything.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use canhgiac_store::BulletinText;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use uuid::Uuid;

use crate::app::{App, AppState};
use crate::clock::Clock;
use crate::config::{Config, LinkBind, LinkConfig, LinkRole};
use crate::projector;

pub(super) struct Site {
    pub(super) app: AppState,
    router: Router,
    _directory: TempDir,
}

pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) location: String,
    pub(super) html: String,
}

impl Site {
    pub(super) async fn open() -> Site {
        let directory = tempfile::tempdir().unwrap();
        let link = LinkConfig {
            name: "viettel".to_owned(),
            role: LinkRole::Client,
            address: "127.0.0.1:1".to_owned(),
            system_id: "x".to_owned(),
            password: "x".to_owned(),
            bind: LinkBind::Transceiver,
            default_alphabet: "gsm7".to_owned(),
            window: 10,
            operator: None,
            rate_per_s: None,
            keyword_prefix: None,
            carries: None,
            replies: true,
            tls: None,
            group: None,
        };
        let config = Config { data_dir: directory.path().to_owned(), links: vec![link], ..Config::default() };
        let (app, committer) = App::open(config, Clock::system().unwrap()).await.unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(committer.run(app.store.clone(), app.health.clone(), Arc::clone(&app.projector), stop));
        let router = crate::web::router(&app).unwrap().with_state(Arc::clone(&app));
        Site { app, router, _directory: directory }
    }

    /// The same product after a restart: the databases are there, what was remembered is not.
    pub(super) async fn over(site: &Site) -> Site {
        let router = crate::web::router(&site.app).unwrap().with_state(Arc::clone(&site.app));
        Site { app: Arc::clone(&site.app), router, _directory: tempfile::tempdir().unwrap() }
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Page {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let location = response
            .headers()
            .get(header::LOCATION)
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default();
        assert!(response.headers().contains_key(header::CONTENT_SECURITY_POLICY));
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Page { status, location, html: String::from_utf8_lossy(&body).into_owned() }
    }

    pub(super) async fn get(&self, path: &str) -> Page {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")))
            .unwrap();
        self.send(request).await
    }

    pub(super) async fn upload(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Page {
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        for (name, bytes) in files {
            let part =
                format!("--x\r\nContent-Disposition: form-data; name=\"tep\"; filename=\"{name}\"\r\n\r\n");
            body.extend_from_slice(part.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--x--\r\n");
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }

    /// A guard note as old as a careful reader.
    pub(super) fn note(&self) -> String {
        super::guard::issue(&self.app.keys, self.app.clock.now_us() - 60_000_000).unwrap()
    }

    /// Sends a complete report; gives the secret link's token.
    pub(super) async fn report(&self, more: &[(&str, &str)]) -> String {
        let note = self.note();
        let mut fields = vec![
            ("khoa", note.as_str()),
            ("loai", "scam_call"),
            ("nguon", "0912.345.678"),
            ("ai", "police"),
            ("ke_lai", "Xưng công an tỉnh, đòi chuyển tiền"),
            ("mat_tien", "khong"),
            ("buoc", "xem-lai"),
            ("di", "gui"),
        ];
        fields.extend_from_slice(more);
        let page = self.post("/phan-anh", &fields).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
        page.location.rsplit('/').next().unwrap().to_owned()
    }

    pub(super) async fn project(&self) {
        projector::catch_up(&self.app).await.unwrap();
    }
}

pub(super) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// The values of hidden fields, as a browser would send them on.
pub(super) fn hidden(html: &str) -> Vec<(String, String)> {
    html.split("<input type=\"hidden\" name=\"")
        .skip(1)
        .filter_map(|rest| {
            let (name, rest) = rest.split_once('"')?;
            let (_, rest) = rest.split_once("value=\"")?;
            let (value, _) = rest.split_once('"')?;
            let value = value.replace("&#38;", "&").replace("&#60;", "<").replace("&#62;", ">");
            Some((name.to_owned(), value.replace("&#34;", "\"").replace("&#39;", "'")))
        })
        .collect()
}

pub(super) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

#[tokio::test]
async fn a_report_walks_through_every_page_and_arrives_word_for_word() {
    let site = Site::open().await;
    let mut page = site.get("/phan-anh").await;
    let answers: [&[(&str, &str)]; 7] = [
        &[("loai", "scam_call")],
        &[("nguon", "0912.345.678")],
        &[("ai", "police"), ("doi", "transfer"), ("ke_lai", "Xưng <công an> & đòi \"3 triệu\"")],
        &[("mat_tien", "co")],
        &[("so_tien", "5 triệu")],
        &[],
        &[("xa", "tuy hoa"), ("dien_thoai", "0905 000 001")],
    ];
    for answer in answers {
        let carried = hidden(&page.html);
        let mut fields: Vec<(&str, &str)> =
            carried.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.extend_from_slice(answer);
        fields.push(("di", "tiep"));
        page = site.post("/phan-anh", &fields).await;
        assert_eq!(page.status, StatusCode::OK, "{answer:?}: {}", page.html);
    }
    assert!(page.html.contains("Nhập mã vừa gửi đến số của bạn"), "{}", page.html);
    let carried = hidden(&page.html);
    let mut fields: Vec<(&str, &str)> = carried.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    fields.push(("di", "bo_qua"));
    page = site.post("/phan-anh", &fields).await;
    assert!(page.html.contains("Xem lại rồi gửi") && page.html.contains("5.000.000"));
    assert!(page.html.contains("Phường Tuy Hoà"));
    let mut fields = hidden(&page.html);
    fields.retain(|(name, _)| name != "khoa");
    fields.push(("khoa".to_owned(), site.note()));
    fields.push(("di".to_owned(), "gui".to_owned()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let sent = site.post("/phan-anh", &fields).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.html);
    let done = site.get(&sent.location).await;
    assert!(done.html.contains("Mã phản ánh của bạn") && done.html.contains("soạn KQ"));

    site.project().await;
    let entry = site.app.store.reports(&Default::default(), Default::default()).await.unwrap().remove(0);
    assert_eq!(entry.report.text, "Xưng <công an> & đòi \"3 triệu\"");
    assert_eq!(entry.sources[0].canonical, "+84912345678");
    assert_eq!(entry.sources[0].as_received, "0912.345.678");
    assert_eq!(entry.report.money_lost, Some(5_000_000));
    assert_eq!(entry.report.commune.as_deref(), Some("22015"));
    assert!(entry.report.reporter_hash.is_some() && !entry.report.is_proven);
}

#[tokio::test]
async fn pressing_send_twice_makes_one_report() {
    let site = Site::open().await;
    let note = site.note();
    let first = site.report(&[("khoa", &note)]).await;
    let second = site.report(&[("khoa", &note)]).await;
    assert_eq!(first, second);
    site.project().await;
    assert_eq!(site.app.store.count_reports(&Default::default()).await.unwrap(), 1);
}

#[tokio::test]
async fn a_machine_that_posts_at_once_or_fills_the_trap_is_asked_again_and_loses_nothing() {
    let site = Site::open().await;
    let fresh = super::guard::issue(&site.app.keys, site.app.clock.now_us()).unwrap();
    let old = site.note();
    for (note, trap) in [(fresh.as_str(), ""), (old.as_str(), "http://spam.example"), ("made up", "")] {
        let page = site
            .post(
                "/phan-anh",
                &[
                    ("khoa", note),
                    ("website", trap),
                    ("loai", "spam_call"),
                    ("nguon", "0912345678"),
                    ("ke_lai", "mời vay"),
                    ("mat_tien", "khong"),
                    ("buoc", "xem-lai"),
                    ("di", "gui"),
                ],
            )
            .await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.html.contains("mời vay"), "what was typed is still there");
    }
    site.project().await;
    assert_eq!(site.app.store.count_reports(&Default::default()).await.unwrap(), 0);
}

#[tokio::test]
async fn going_back_keeps_what_was_typed_even_when_it_was_wrong() {
    let site = Site::open().await;
    let page = site
        .post("/phan-anh", &[("buoc", "nguon"), ("di", "tiep"), ("loai", "scam_call"), ("nguon", "09x12")])
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.html.contains("value=\"09x12\"") && page.html.contains("role=\"alert\""));
    let back = site
        .post("/phan-anh", &[("buoc", "nguon"), ("di", "lui"), ("loai", "scam_call"), ("nguon", "09x12")])
        .await;
    assert!(back.html.contains("Chuyện gì đã xảy ra?"));
    assert!(hidden(&back.html).contains(&("nguon".to_owned(), "09x12".to_owned())));
}

#[tokio::test]
async fn files_are_kept_once_and_belong_to_the_report_they_were_sent_with() {
    let site = Site::open().await;
    let page = site
        .upload(
            "/phan-anh",
            &[("buoc", "bang-chung"), ("di", "them"), ("loai", "scam_call")],
            &[("ảnh.png", PNG), ("trang.png", b"<html>")],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.html.contains("trang.png") && page.html.contains("Chỉ nhận ảnh"));
    let ticket = hidden(&page.html).into_iter().find(|(name, _)| name == "da_tai").unwrap().1;
    let forged = crate::intake::hex(b"{}");
    let token = site.report(&[("da_tai", &ticket), ("da_tai", &forged)]).await;
    site.project().await;
    let status = site.get(&format!("/tra-cuu/{token}")).await;
    assert!(status.html.contains("ảnh.png"), "{}", status.html);

    let added =
        site.upload(&format!("/tra-cuu/{token}/bang-chung"), &[], &[("ghi-am.pdf", b"%PDF-1.7\n")]).await;
    assert_eq!(added.location, format!("/tra-cuu/{token}?them=1"));
    assert!(site.get(&added.location).await.html.contains("ghi-am.pdf"));
    let stranger = site.upload("/tra-cuu/abc/bang-chung", &[], &[("x.pdf", b"%PDF-1.7\n")]).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_secret_link_shows_the_report_and_a_wrong_one_shows_nothing() {
    let site = Site::open().await;
    let token = site.report(&[]).await;
    let early = site.get(&format!("/tra-cuu/{token}")).await;
    assert!(early.location.contains("/phan-anh/da-nhan/"), "before the projector has seen it");
    site.project().await;
    let page = site.get(&format!("/tra-cuu/{token}")).await;
    assert!(page.html.contains("Cuộc gọi lừa đảo: 0912 345 678"));
    assert!(page.html.contains("noindex"));
    for wrong in ["", "x", "../../etc", &"a".repeat(26)] {
        let page = site.get(&format!("/tra-cuu/{}", encoded(wrong))).await;
        assert!(page.status == StatusCode::NOT_FOUND, "{wrong}");
        assert!(!page.html.contains("0912"));
    }
}

#[tokio::test]
async fn a_texted_code_opens_the_page_for_the_phone_that_reported_and_no_other() {
    let site = Site::open().await;
    site.report(&[("dien_thoai", "0905 000 001")]).await;
    site.project().await;
    let report =
        site.app.store.reports(&Default::default(), Default::default()).await.unwrap().remove(0).report;
    let code = format!("{:08}", report.code);

    let right = site.post("/tra-cuu", &[("ma", &code), ("dien_thoai", "0905000001")]).await;
    let wrong = site.post("/tra-cuu", &[("ma", &code), ("dien_thoai", "0905000009")]).await;
    assert_eq!(right.status, StatusCode::OK);
    assert_eq!(right.html.replace("001", "009"), wrong.html, "a stranger learns nothing");
    let messages = site.app.store.messages(&[], Default::default()).await.unwrap();
    assert_eq!(messages.len(), 1, "a code goes to the reporter alone");
    let texted: String = messages[0].text.chars().skip_while(|ch| !ch.is_ascii_digit()).take(6).collect();
    site.post("/tra-cuu", &[("ma", &code), ("dien_thoai", "0905000001")]).await;
    assert_eq!(
        site.app.store.messages(&[], Default::default()).await.unwrap().len(),
        1,
        "not twice a minute"
    );

    let fields = |typed: &'static str| {
        [("ma", code.clone()), ("dien_thoai", "0905000001".to_owned()), ("ma_xem", typed.to_owned())]
    };
    let wrong = fields("000000");
    let wrong: Vec<(&str, &str)> = wrong.iter().map(|(n, v)| (*n, v.as_str())).collect();
    assert_eq!(site.post("/tra-cuu/ma", &wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let open = [("ma", code.as_str()), ("dien_thoai", "0905000001"), ("ma_xem", texted.as_str())];
    let opened = site.post("/tra-cuu/ma", &open).await;
    assert!(opened.location.starts_with("/tra-cuu/"), "{}", opened.html);
    assert!(
        site.get(&opened.location).await.html.contains("Đã nhận, chờ cán bộ đọc")
            || site.get(&opened.location).await.html.contains("Đang xem xét")
    );
    assert_eq!(site.post("/tra-cuu/ma", &open).await.status, StatusCode::UNPROCESSABLE_ENTITY, "used up");
}

#[tokio::test]
async fn five_wrong_codes_end_the_matter() {
    let site = Site::open().await;
    site.report(&[("dien_thoai", "0905 000 001")]).await;
    site.project().await;
    let report =
        site.app.store.reports(&Default::default(), Default::default()).await.unwrap().remove(0).report;
    let code = format!("{:08}", report.code);
    site.post("/tra-cuu", &[("ma", &code), ("dien_thoai", "0905000001")]).await;
    let message = site.app.store.messages(&[], Default::default()).await.unwrap().remove(0);
    let texted: String = message.text.chars().skip_while(|ch| !ch.is_ascii_digit()).take(6).collect();
    let other = if texted == "111111" { "222222" } else { "111111" };
    let phone = ("dien_thoai", "0905000001");
    for _ in 0..5 {
        site.post("/tra-cuu/ma", &[("ma", &code), phone, ("ma_xem", other)]).await;
    }
    let late = site.post("/tra-cuu/ma", &[("ma", &code), phone, ("ma_xem", &texted)]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_is_checked_is_answered_and_stands_in_no_address() {
    let site = Site::open().await;
    let empty = site.post("/kiem-tra", &[("noi_dung", "  ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let unknown = site.post("/kiem-tra", &[("noi_dung", "0905 000 002")]).await;
    assert!(unknown.html.contains("Chưa có thông tin không có nghĩa là an toàn."));
    assert_eq!(unknown.location, "");
    let official = site.post("/kiem-tra", &[("noi_dung", "113")]).await;
    assert!(official.html.contains("Kẻ gian có thể giả số này"));
    let words = "Toi la cong an tinh, so cua anh lien quan ma tuy, chuyen tien vao tai khoan tam giu ngay, khong duoc noi voi ai";
    let scam = site.post("/kiem-tra", &[("noi_dung", words)]).await;
    assert!(scam.html.contains("Có dấu hiệu lừa đảo"), "{}", scam.html);
    assert!(scam.html.contains("Cơ quan nhà nước không bao giờ"));
    let carried = hidden(&scam.html);
    assert!(carried.contains(&("ke_lai".to_owned(), words.to_owned())), "not to be typed again");
}

#[tokio::test]
async fn only_published_warnings_are_seen() {
    let site = Site::open().await;
    let author = Uuid::now_v7();
    let audit = |action: &str, id: Uuid| canhgiac_store::NewAudit {
        at_us: site.app.clock.now_us(),
        actor: format!("staff:{author}"),
        action: action.to_owned(),
        object: format!("bulletin:{id}"),
        detail: String::new(),
    };
    let text = BulletinText {
        title: "Giả điện lực đòi nợ".to_owned(),
        body: "Đoạn một.\n\nĐoạn hai.".to_owned(),
        sms: "CANH BAO".to_owned(),
    };
    let id = Uuid::now_v7();
    site.app.store.add_bulletin(id, None, &text, author, &audit("drafted", id)).await.unwrap();
    assert_eq!(site.get(&format!("/canh-bao/{id}")).await.status, StatusCode::NOT_FOUND);
    assert!(!site.get("/").await.html.contains("Giả điện lực"));
    assert!(!site.get("/feed.atom").await.html.contains("Giả điện lực"));
    let approver = Uuid::now_v7();
    site.app.store.publish_bulletin(id, 1, approver, &audit("published", id)).await.unwrap();
    for path in ["/", "/canh-bao", "/feed.atom", &format!("/canh-bao/{id}")] {
        assert!(site.get(path).await.html.contains("Giả điện lực"), "{path}");
    }
}

#[tokio::test]
async fn a_holder_is_heard_and_follows_the_answer() {
    let site = Site::open().await;
    let note = site.note();
    let fields = [
        ("khoa", note.as_str()),
        ("so", "0912 345 678"),
        ("lien_he", "chu.so@thu.example"),
        ("trinh_bay", "Tôi bán hàng, chỉ gọi cho khách quen."),
    ];
    let sent = site.post("/xem-xet-lai", &fields).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.html);
    let done = site.get(&sent.location).await;
    assert!(done.html.contains("Mã đề nghị của bạn"));
    let status = site.get(sent.location.trim_end_matches("/da-nhan")).await;
    assert!(status.html.contains("Đang xem xét") && status.html.contains("khởi kiện"));
    assert!(!status.html.contains("chu.so@"), "how to reach the holder is shown to nobody");
    let missing = site.post("/xem-xet-lai", &[("khoa", &note), ("so", "abc")]).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_goes_wrong_is_told_on_a_page() {
    let site = Site::open().await;
    for (path, status) in
        [("/khong-co", 404), ("/canh-bao/x", 404), ("/kiem-tra", 200), ("/static/x.css", 404)]
    {
        assert_eq!(site.get(path).await.status.as_u16(), status, "{path}");
    }
    assert!(site.get("/khong-co").await.html.contains("Về trang đầu"));
    let foreign = Request::post("/kiem-tra")
        .header("sec-fetch-site", "cross-site")
        .header(header::HOST, "x.example")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("noi_dung=1"))
        .unwrap();
    assert_eq!(site.send(foreign).await.status, StatusCode::FORBIDDEN);
    let large = "a".repeat(200_000);
    let too_large = site.post("/kiem-tra", &[("noi_dung", &large)]).await;
    assert_eq!(too_large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(too_large.html.contains("<h1"));
}

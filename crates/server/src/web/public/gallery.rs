//! Renders every public page with example values: none may miss a text, break the policy or grow
//! beyond what a cheap phone loads. With `CANHGIAC_GALLERY=<folder>` the pages are written there for
//! screenshots.

use askama::Template;
use axum::body::to_bytes;
use axum::response::Response;
use canhgiac_domain::number::NumberingPlan;
use jiff::civil::date;

use super::pages::*;
use super::report::{DonePage, Draft, DraftFile, Flow, Kind, Loss, Rules, Step, show};
use super::view::*;
use super::{Trouble, guide, trouble};
use crate::web::page::{Page, render};
use crate::web::texts::Lang;

/// Largest page before compression; style and script come on top and are kept by the browser.
const MAX_PAGE_BYTES: usize = 60_000;

struct Gallery {
    pages: Vec<(String, String)>,
}

impl Gallery {
    async fn add(&mut self, name: &str, response: Response) {
        let body = to_bytes(response.into_body(), usize::MAX).await.expect("a rendered page");
        self.pages.push((name.to_owned(), String::from_utf8(body.to_vec()).expect("utf-8")));
    }

    async fn page(&mut self, name: &str, template: impl Template) {
        self.add(name, render(axum::http::StatusCode::OK, &template)).await;
    }
}

fn warnings() -> Vec<WarningCard> {
    let card = |id: &str, title: &str, is_cancelled| WarningCard {
        id: id.to_owned(),
        title: title.to_owned(),
        published_at: "23/11/2026 14:05".to_owned(),
        is_cancelled,
    };
    vec![
        card("1", "Mạo danh lãnh đạo Sở và Công an tỉnh gọi điện dọa khóa số, đòi chuyển tiền", false),
        card("2", "Giả nhân viên điện lực nhắn tin đường link “nộp tiền điện”", false),
        card("3", "Cuộc gọi báo người nhà cấp cứu, cần chuyển tiền viện phí ngay", true),
    ]
}

fn item(label: &str, shown: &str, verdict: Verdict, reasons: &[(&str, &str)]) -> CheckedItem {
    CheckedItem {
        label: label.to_owned(),
        shown: shown.to_owned(),
        verdict,
        reasons: reasons
            .iter()
            .map(|(date, text)| Reason {
                date: Some((*date).to_owned()).filter(|date| !date.is_empty()),
                text: (*text).to_owned(),
            })
            .collect(),
    }
}

fn check(items: Vec<CheckedItem>, signs: Vec<Sign>) -> CheckPage {
    CheckPage {
        page: Page::titled("check-title", "/kiem-tra").private(),
        overall: items.iter().map(|item| item.verdict).min().expect("an item"),
        reportable: Some("+84912345678".to_owned()),
        items,
        signs,
        is_cut: false,
        words: String::new(),
        warnings: warnings()[..1].to_vec(),
    }
}

fn draft() -> Draft {
    Draft {
        kind: Some(Kind::ScamCall),
        source: "0912 345 678".to_owned(),
        terms: vec![
            ("ai", "police".to_owned()),
            ("co", "subscriber_invalid".to_owned()),
            ("doi", "transfer".to_owned()),
        ],
        words: "Người này xưng là trung úy công an tỉnh.\nBảo số của tôi sắp bị khóa, phải nộp 3 triệu."
            .to_owned(),
        loss: Some(Loss::Money),
        amount: "5.000.000".to_owned(),
        files: vec![
            DraftFile { name: "ghi-am-cuoc-goi.m4a".to_owned(), size: 2_345_678, ticket: "x".to_owned() },
            DraftFile { name: "bien-lai.jpg".to_owned(), size: 840_000, ticket: "y".to_owned() },
        ],
        commune: "Phường Tuy Hoà".to_owned(),
        phone: "0905 000 001".to_owned(),
        ..Draft::default()
    }
}

fn entry(at: &str, what: &str, more: &str) -> Entry {
    Entry { at: at.to_owned(), what: what.to_owned(), more: more.to_owned() }
}

fn status() -> StatusView {
    StatusView {
        code: "4827 1935".to_owned(),
        subject: "Cuộc gọi lừa đảo từ 0912 345 678".to_owned(),
        state: "Nhà mạng đang tạm khóa số này".to_owned(),
        meaning: "Số bị khóa hai chiều từ 25/11/2026 để xác minh.".to_owned(),
        tone: "ok",
        icon: "lock",
        holder: "Công an và nhà mạng".to_owned(),
        since: "25/11/2026 09:12".to_owned(),
        outcome: Some("Số bị tạm khóa hai chiều từ 25/11/2026 đến 02/12/2026.".to_owned()),
        timeline: vec![
            entry("25/11/2026 09:12", "Nhà mạng đã tạm khóa số", ""),
            entry("24/11/2026 10:40", "Đã đề nghị nhà mạng tạm khóa", ""),
            entry("24/11/2026 08:30", "Đã chuyển công an", "Có dấu hiệu lừa đảo."),
            entry("23/11/2026 14:05", "Đã nhận phản ánh", "Gửi trên trang này."),
        ],
        files: vec![FileLine {
            name: "ghi-am.m4a".to_owned(),
            size: "2,3 MB".to_owned(),
            at: "23/11/2026 14:05".to_owned(),
        }],
    }
}

async fn all() -> Vec<(String, String)> {
    let mut gallery = Gallery { pages: Vec::new() };
    let lang = Lang::Vi;
    let home = |errors, warnings| HomePage {
        page: Page::titled("home-title", "/").described("home-description"),
        errors,
        typed: String::new(),
        warnings,
    };
    gallery.page("home", home(Errors::default(), warnings())).await;
    let mut errors = Errors::default();
    errors.add("noi-dung-kiem-tra", lang.t("home-empty"));
    gallery.page("home-error", home(errors, Vec::new())).await;

    let number = "Số điện thoại";
    let scam =
        [("25/11/2026", "Nhà mạng đang tạm khóa số này để xác minh."), ("", "Có cảnh báo nhắc đến số này.")];
    for (name, verdict, reasons) in [
        ("check-verified", Verdict::Verified, &scam[..]),
        ("check-scam", Verdict::Scam, &scam[..]),
        ("check-reported", Verdict::Reported, &[("23/11/2026", "Đã có người phản ánh.")][..]),
        ("check-unknown", Verdict::Unknown, &[][..]),
        (
            "check-official",
            Verdict::OfficialNumber,
            &[("", "Số này là của: Công an (trình báo khẩn cấp).")][..],
        ),
    ] {
        gallery.page(name, check(vec![item(number, "0912 345 678", verdict, reasons)], Vec::new())).await;
    }
    let several = vec![
        item(number, "0912 345 678", Verdict::Reported, &[("23/11/2026", "Đã có người phản ánh.")]),
        item("Đường link", "dien-luc-thanh-toan.example", Verdict::Scam, &[]),
        item(number, "0905 000 002", Verdict::Unknown, &[]),
    ];
    let signs = vec![
        Sign { label: "Điện lực, cấp nước".to_owned(), words: "Dien luc thong bao".to_owned() },
        Sign { label: "Bấm vào đường dẫn".to_owned(), words: "truy cap ngay".to_owned() },
    ];
    gallery.page("check-several", check(several, signs)).await;

    let list = |warnings, older| WarningsPage {
        page: Page::titled("warnings-title", "/canh-bao").described("warnings-description"),
        warnings,
        newer: None,
        older,
    };
    gallery.page("warnings", list(warnings(), Some("/canh-bao?trang=2".to_owned()))).await;
    gallery.page("warnings-none", list(Vec::new(), None)).await;
    let warning = WarningPage {
        title: warnings()[0].title.clone(),
        paragraphs: vec![
            "Thời gian gần đây, nhiều người dân nhận được cuộc gọi của người tự xưng là lãnh đạo Sở, cán bộ Công an tỉnh. Họ nói thuê bao “sai thông tin” hoặc “liên quan đường dây ma túy”, rồi đòi chuyển tiền để “không bị thu hồi số”.".to_owned(),
            "Đây là thủ đoạn lừa đảo. Cơ quan nhà nước làm việc bằng văn bản hoặc gặp trực tiếp.".to_owned(),
        ],
        short_text: "CANH BAO: ke gian mao danh Cong an tinh goi dien doa khoa so, doi chuyen tien. Hay cup may, khong chuyen tien, bao Cong an noi gan nhat.".to_owned(),
        published_at: "23/11/2026 14:05".to_owned(),
        is_cancelled: false,
        cancelled_at: String::new(),
    };
    let detail = |warning: &WarningPage| WarningDetail {
        page: Page { title: warning.title.clone(), ..Page::titled("warnings-title", "/canh-bao") },
        warning: warning.clone(),
    };
    gallery.page("warning", detail(&warning)).await;
    let cancelled =
        WarningPage { is_cancelled: true, cancelled_at: "24/11/2026 08:00".to_owned(), ..warning };
    gallery.page("warning-cancelled", detail(&cancelled)).await;

    gallery.add("lost", guide::lost().await).await;
    gallery.add("scams", guide::scams().await).await;
    gallery.add("guide", guide::guide().await).await;
    gallery.add("blocked", guide::blocked().await).await;
    gallery.add("about", guide::about().await).await;
    report_pages(&mut gallery).await;
    status_pages(&mut gallery).await;
    for (name, kind) in [
        ("error-400", Trouble::BadRequest),
        ("error-403", Trouble::Foreign),
        ("error-404", Trouble::NotFound),
        ("error-link", Trouble::DeadLink),
        ("error-413", Trouble::TooLarge),
        ("error-429", Trouble::TooMany),
        ("error-500", Trouble::Internal),
    ] {
        gallery.add(name, trouble(kind)).await;
    }
    gallery.pages
}

async fn report_pages(gallery: &mut Gallery) {
    let plan = NumberingPlan::shipped(true).expect("the shipped plan");
    let rules = Rules { plan: &plan, on: date(2026, 11, 23), lang: Lang::Vi };
    let advert =
        Draft { kind: Some(Kind::Advert), place: "Cột điện trước chợ".to_owned(), ..draft() };
    let sms = Draft { kind: Some(Kind::SpamSms), source: "VIETTELKM".to_owned(), ..draft() };
    for (name, step, draft) in [
        ("report-1-kind", Step::Kind, Draft::default()),
        ("report-2-source", Step::Source, draft()),
        ("report-2-source-sms", Step::Source, sms.clone()),
        ("report-3-said", Step::Said, draft()),
        ("report-3-said-sms", Step::Said, sms),
        ("report-3-said-advert", Step::Said, advert.clone()),
        ("report-4-place", Step::Place, advert.clone()),
        ("report-4-loss", Step::Loss, draft()),
        ("report-5-urgent", Step::Urgent, draft()),
        ("report-6-evidence", Step::Evidence, draft()),
        ("report-6-evidence-advert", Step::Evidence, advert.clone()),
        ("report-7-contact", Step::Contact, draft()),
        ("report-8-review", Step::Review, draft()),
        ("report-8-review-advert", Step::Review, advert),
    ] {
        gallery.add(name, show(Flow { step, draft }, Errors::default(), rules, None)).await;
    }
    for (name, step) in [
        ("report-error-1", Step::Kind),
        ("report-error-2", Step::Source),
        ("report-error-3", Step::Said),
        ("report-error-7", Step::Contact),
    ] {
        let draft = Draft {
            kind: draft().kind.filter(|_| step != Step::Kind),
            source: "09123".to_owned(),
            commune: "ea".to_owned(),
            phone: "12".to_owned(),
            ..Draft::default()
        };
        let errors = rules.check(step, &draft);
        assert!(!errors.is_empty());
        gallery.add(name, show(Flow { step, draft }, errors, rules, None)).await;
    }
    for (name, gave_phone, lost_money) in [("report-done", true, false), ("report-done-lost", false, true)] {
        let done = DonePage {
            page: Page::titled("done-page-title", "/phan-anh").private(),
            code: "4827 1935".to_owned(),
            digits: "48271935".to_owned(),
            status_path: "/tra-cuu/9f3c".to_owned(),
            status_url: "https://canhgiac.example/tra-cuu/kY0c3v1Qm9tq7x2b5wJd8g".to_owned(),
            gave_phone,
            lost_money,
        };
        gallery.page(name, done).await;
    }
}

async fn status_pages(gallery: &mut Gallery) {
    let page = || Page::titled("status-page-title", "/tra-cuu").private();
    let ask =
        |errors, code: &str| StatusAsk { page: page(), errors, code: code.to_owned(), phone: String::new() };
    gallery.page("status-ask", ask(Errors::default(), "")).await;
    let mut errors = Errors::default();
    errors.add("ma", Lang::Vi.t("status-code-mistyped"));
    errors.add("dien_thoai", Lang::Vi.t("status-phone-missing"));
    gallery.page("status-ask-error", ask(errors, "4827 1936")).await;
    let code = StatusCode {
        page: page(),
        errors: Errors::default(),
        code: "48271935".to_owned(),
        phone: "0905000001".to_owned(),
        phone_tail: "001".to_owned(),
    };
    gallery.page("status-code", code).await;
    for (name, added) in [("status", false), ("status-added", true)] {
        let page = StatusPage {
            page: page(),
            errors: Errors::default(),
            status: status(),
            data_path: "/tra-cuu/x/du-lieu".to_owned(),
            evidence_action: "/tra-cuu/x/bang-chung".to_owned(),
            added,
        };
        gallery.page(name, page).await;
    }
    let appeal = |errors| AppealPage {
        page: Page::titled("appeal-page-title", "/xem-xet-lai"),
        errors,
        form: AppealForm { number: "0912 345 678".to_owned(), ..AppealForm::default() },
    };
    gallery.page("appeal", appeal(Errors::default())).await;
    let mut errors = Errors::default();
    errors.add("lien_he", Lang::Vi.t("appeal-contact-missing"));
    errors.add("trinh_bay", Lang::Vi.t("appeal-statement-missing"));
    gallery.page("appeal-error", appeal(errors)).await;
    let done = AppealDone {
        page: Page::titled("appeal-done-page-title", "/xem-xet-lai").private(),
        code: "7310 4426".to_owned(),
        status_path: "/xem-xet-lai/x".to_owned(),
        status_url: "https://canhgiac.example/xem-xet-lai/kY0c3v1Qm9tq7x2b5wJd8g".to_owned(),
    };
    gallery.page("appeal-done", done).await;
    let mut appeal = status();
    appeal.subject = "Số 0912 345 678".to_owned();
    appeal.state = "Đang xem xét".to_owned();
    (appeal.tone, appeal.icon) = ("info", "clock");
    gallery
        .page(
            "appeal-status",
            AppealStatus { page: Page::titled("appeal-page-title", "/xem-xet-lai"), appeal },
        )
        .await;
}

#[tokio::test]
async fn every_page_renders_with_all_its_texts_and_keeps_to_the_policy() {
    for (name, html) in all().await {
        let texts = regex_free_keys(&html);
        assert!(texts.is_empty(), "{name} misses texts: {texts:?}");
        assert!(html.contains("<html lang=\"vi\">"), "{name}");
        assert_eq!(html.matches("<h1").count(), 1, "{name} has not exactly one h1");
        assert_eq!(html.matches("<main").count(), 1, "{name}");
        for forbidden in [" style=", "<style", "onclick=", "javascript:", "http://"] {
            assert!(!html.contains(forbidden), "{name} contains {forbidden}");
        }
        assert!(html.len() < MAX_PAGE_BYTES, "{name} has {} bytes", html.len());
        unique_ids(&name, &html);
        if let Ok(folder) = std::env::var("CANHGIAC_GALLERY") {
            std::fs::create_dir_all(&folder).expect("the gallery's folder");
            std::fs::write(format!("{folder}/{name}.html"), &html).expect("a page of the gallery");
        }
    }
}

/// Keys that were asked for and are not there show as `[key]`.
fn regex_free_keys(html: &str) -> Vec<&str> {
    html.split('[')
        .skip(1)
        .filter_map(|rest| rest.split_once(']').map(|(key, _)| key))
        .filter(|key| {
            key.contains('-')
                && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
        .collect()
}

fn unique_ids(name: &str, html: &str) {
    let mut ids: Vec<&str> =
        html.split(" id=\"").skip(1).filter_map(|rest| rest.split_once('"').map(|(id, _)| id)).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "{name} uses an id twice");
}

//! What an attacker's script gets: questions, marks, and silence about who is known.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use canhgiac_store::{Page as Rows, ReportFilter};

use super::report::{ADDRESS_ASKED, ADDRESS_COUNTED};
use super::story_tests::{Page, Site, encoded, hidden};

impl Site {
    /// The same form as a browser at this address sends it.
    async fn post_from(&self, address: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let peer: SocketAddr = format!("{address}:4711").parse().unwrap();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .extension(ConnectInfo(peer))
            .body(Body::from(body.join("&")))
            .unwrap();
        self.send(request).await
    }

    async fn send_report(&self, address: &str, more: &[(&str, &str)]) -> Page {
        let note = self.note();
        let mut fields = vec![
            ("khoa", note.as_str()),
            ("loai", "scam_call"),
            ("nguon", "0912 345 678"),
            ("ke_lai", "Xưng công an, đòi chuyển tiền"),
            ("mat_tien", "khong"),
            ("buoc", "xem-lai"),
            ("di", "gui"),
        ];
        fields.extend_from_slice(more);
        self.post_from(address, "/phan-anh", &fields).await
    }

    async fn reports(&self) -> Vec<canhgiac_store::Report> {
        self.project().await;
        let rows = Rows { offset: 0, limit: 1_000 };
        let entries = self.app.store.reports(&ReportFilter::default(), rows).await.unwrap();
        entries.into_iter().map(|entry| entry.report).collect()
    }

    async fn texted(&self) -> Vec<String> {
        let rows = Rows { offset: 0, limit: 1_000 };
        let messages = self.app.store.messages(&[], rows).await.unwrap();
        messages.iter().map(|one| code_in(&one.text)).collect()
    }
}

fn code_in(text: &str) -> String {
    text.chars().skip_while(|ch| !ch.is_ascii_digit()).take(6).collect()
}

/// The sum a page asks for, as a person works it out.
fn answer_to(html: &str) -> String {
    const WORDS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];
    let sum = html.split("không phải là máy: ").nth(1).unwrap().split(" bằng").next().unwrap();
    let parts: Vec<usize> =
        sum.split(" cộng ").map(|word| WORDS.iter().position(|known| *known == word).unwrap()).collect();
    (parts[0] + parts[1]).to_string()
}

fn fields(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test]
async fn a_script_that_floods_from_one_address_is_asked_then_kept_and_not_counted() {
    let site = Site::open().await;
    for _ in 0..ADDRESS_ASKED {
        assert_eq!(site.send_report("192.0.2.1", &[]).await.status, StatusCode::SEE_OTHER);
    }
    let asked = site.send_report("192.0.2.1", &[]).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.html.contains("không phải là máy") && asked.html.contains("Xưng công an"));
    assert_eq!(
        site.send_report("192.0.2.2", &[]).await.status,
        StatusCode::SEE_OTHER,
        "others are not asked"
    );
    // A wrong answer asks again; the answer of another form is none.
    let mut carried = hidden(&asked.html);
    let answer = answer_to(&asked.html);
    carried.push(("di".to_owned(), "gui".to_owned()));
    let wrong: Vec<(&str, &str)> = fields(&carried).into_iter().chain([("tra_loi", "99")]).collect();
    let again = site.post_from("192.0.2.1", "/phan-anh", &wrong).await;
    assert!(again.html.contains("Chưa đúng"), "{}", again.html);
    let note = carried.iter().find(|(name, _)| name == "cau_hoi").unwrap().1.clone();
    let borrowed = site.send_report("192.0.2.1", &[("cau_hoi", &note), ("tra_loi", &answer)]).await;
    assert_eq!(borrowed.status, StatusCode::UNPROCESSABLE_ENTITY, "one answer, one form");
    let right: Vec<(&str, &str)> =
        fields(&carried).into_iter().chain([("tra_loi", answer.as_str())]).collect();
    assert_eq!(site.post_from("192.0.2.1", "/phan-anh", &right).await.status, StatusCode::SEE_OTHER);
    // A script that can add goes on until nothing it sends counts; what is kept is marked.
    for _ in ADDRESS_ASKED + 1..ADDRESS_COUNTED + 5 {
        let asked = site.send_report("192.0.2.1", &[]).await;
        let mut carried = hidden(&asked.html);
        carried.push(("tra_loi".to_owned(), answer_to(&asked.html)));
        carried.push(("di".to_owned(), "gui".to_owned()));
        let sent = site.post_from("192.0.2.1", "/phan-anh", &fields(&carried)).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.html);
    }
    let reports = site.reports().await;
    let aside = reports.iter().filter(|report| report.state == "aside").count();
    assert_eq!(reports.len() as i64, ADDRESS_COUNTED + 6);
    assert_eq!(aside, 5);
    let known = site.app.store.standing("subscriber", "+84912345678").await.unwrap();
    assert_eq!(known.voices, 0, "a number nobody has proven is no voice, however often it is sent");
}

#[tokio::test]
async fn budgets_survive_a_restart_of_what_is_remembered() {
    let site = Site::open().await;
    for _ in 0..ADDRESS_ASKED {
        site.send_report("192.0.2.1", &[]).await;
    }
    let again = Site::over(&site).await;
    assert_eq!(again.send_report("192.0.2.1", &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // A note that was used before the restart makes no second voice of its form.
    let note = site.note();
    assert_eq!(site.send_report("192.0.2.9", &[("khoa", &note)]).await.status, StatusCode::SEE_OTHER);
    let repeated = again.send_report("192.0.2.9", &[("khoa", &note)]).await;
    assert_eq!(repeated.status, StatusCode::SEE_OTHER);
    assert_eq!(site.reports().await[0].state, "aside");
}

#[tokio::test]
async fn whoever_fills_the_trap_is_asked_kept_and_marked() {
    let site = Site::open().await;
    let asked = site.send_report("192.0.2.1", &[("website", "http://spam.example")]).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut carried = hidden(&asked.html);
    for (name, value) in [("tra_loi", answer_to(&asked.html).as_str()), ("website", "x"), ("di", "gui")] {
        carried.push((name.to_owned(), value.to_owned()));
    }
    let sent = site.post_from("192.0.2.1", "/phan-anh", &fields(&carried)).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.html);
    let report = site.reports().await.remove(0);
    assert_eq!((report.state.as_str(), report.problem.as_deref()), ("aside", Some("doubtful")));
    assert!(report.flags.contains("doubt_trap"));
}

/// The contact page filled in with a phone; gives the page of the code.
async fn contact(site: &Site, address: &str, note: &str, phone: &str) -> Page {
    let fields = [
        ("khoa", note),
        ("loai", "scam_call"),
        ("nguon", "0912 345 678"),
        ("ke_lai", "Xưng công an"),
        ("mat_tien", "khong"),
        ("buoc", "lien-he"),
        ("di", "tiep"),
        ("dien_thoai", phone),
    ];
    site.post_from(address, "/phan-anh", &fields).await
}

async fn press(site: &Site, page: &Page, more: &[(&str, &str)]) -> Page {
    let carried = hidden(&page.html);
    let all: Vec<(&str, &str)> = fields(&carried).into_iter().chain(more.iter().copied()).collect();
    site.post_from("192.0.2.1", "/phan-anh", &all).await
}

#[tokio::test]
async fn a_number_is_proven_by_the_code_texted_to_it_and_only_then_is_a_voice() {
    let site = Site::open().await;
    let note = site.note();
    let asked = contact(&site, "192.0.2.1", &note, "0905 000 001").await;
    assert!(asked.html.contains("Nhập mã vừa gửi đến số của bạn"), "{}", asked.html);
    let codes = site.texted().await;
    assert_eq!(codes.len(), 1);
    let other = if codes[0] == "111111" { "222222" } else { "111111" };
    let wrong = press(&site, &asked, &[("ma_xn", other), ("di", "tiep")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let review = press(&site, &wrong, &[("ma_xn", &codes[0]), ("di", "tiep")]).await;
    assert!(
        review.html.contains("Xem lại rồi gửi") && review.html.contains("Đã xác nhận"),
        "{}",
        review.html
    );
    let sent = press(&site, &review, &[("di", "gui")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.html);
    let report = site.reports().await.remove(0);
    assert!(report.is_proven && report.is_mobile && report.flags.contains("proof_code"));
    assert_eq!(site.app.store.standing("subscriber", "+84912345678").await.unwrap().voices, 1);
    // The note of a proven number is good for that number alone.
    let carried = hidden(&review.html);
    let proof = carried.iter().find(|(name, _)| name == "so_da_xn").unwrap().1.clone();
    let more = [("so_da_xn", proof.as_str()), ("dien_thoai", "0905 000 002")];
    assert_eq!(site.send_report("192.0.2.1", &more).await.status, StatusCode::SEE_OTHER);
    assert!(!site.reports().await[0].is_proven);
}

#[tokio::test]
async fn a_stranger_cannot_make_us_spam_a_number_nor_learn_whether_it_is_known() {
    let site = Site::open().await;
    let mut pages = Vec::new();
    for minute in 0..10 {
        let note = site.note();
        pages.push(contact(&site, "192.0.2.1", &note, "0905 000 001").await.html.len());
        pages.push(contact(&site, "192.0.2.1", &note, "0905 000 001").await.html.len());
        site.app.clock.advance(jiff::SignedDuration::from_mins(2));
        assert!(site.texted().await.len() as i64 <= super::prove::CODES_A_NUMBER, "minute {minute}");
    }
    assert_eq!(site.texted().await.len() as i64, super::prove::CODES_A_NUMBER);
    pages.dedup();
    assert_eq!(pages.len(), 1, "with a code or without, the page is the same");
    // One address cannot text the whole province either.
    for n in 100..200 {
        let note = site.note();
        contact(&site, "192.0.2.7", &note, &format!("0905 000 {n}")).await;
    }
    let most = super::prove::CODES_A_NUMBER + super::prove::CODES_AN_ADDRESS;
    assert_eq!(site.texted().await.len() as i64, most);
}

#[tokio::test]
async fn five_wrong_tries_end_a_code_and_the_report_goes_without_it() {
    let site = Site::open().await;
    let mut page = contact(&site, "192.0.2.1", &site.note(), "0905 000 001").await;
    let code = site.texted().await.remove(0);
    let other = if code == "111111" { "222222" } else { "111111" };
    for _ in 0..super::prove::CODE_TRIES {
        page = press(&site, &page, &[("ma_xn", other), ("di", "tiep")]).await;
    }
    page = press(&site, &page, &[("ma_xn", &code), ("di", "tiep")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page = press(&site, &page, &[("di", "bo_qua")]).await;
    assert!(page.html.contains("Xem lại rồi gửi"));
    assert_eq!(press(&site, &page, &[("di", "gui")]).await.status, StatusCode::SEE_OTHER);
    let report = site.reports().await.remove(0);
    assert!(!report.is_proven && !report.is_mobile && report.reporter_hash.is_some());
}

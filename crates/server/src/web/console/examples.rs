//! Every console page with believable values, written to the folder named by
//! `CANHGIAC_EXAMPLE_PAGES` for looking at, and checked for what the policy forbids.

mod cases;
mod desk;
mod reports;

use askama::Template;

use super::view::common::*;

const NOW: i64 = 1_795_417_500_000_000;
const MINUTE: i64 = 60_000_000;

fn ago(minutes: i64) -> When {
    When::at(NOW - minutes * MINUTE, NOW)
}

fn shell(title: &str, current: &str) -> Shell {
    let items = [
        ("Hôm nay", "/can-bo", 0),
        ("Phản ánh", "/can-bo/phan-anh", 12),
        ("Vụ việc", "/can-bo/vu-viec", 3),
        ("Chuyển Công an", "/can-bo/chuyen-cong-an", 0),
        ("Yêu cầu nhà mạng", "/can-bo/nha-mang", 2),
        ("Cảnh báo", "/can-bo/canh-bao", 1),
        ("Xem xét lại", "/can-bo/xem-xet-lai", 1),
        ("Liên kết", "/can-bo/lien-ket", 0),
        ("Tin gửi đi", "/can-bo/tin-gui", 0),
    ];
    Shell {
        person: Some(SignedIn {
            name: "Trần Thị Mẫu".to_owned(),
            role: "Lãnh đạo duyệt".to_owned(),
            unit: None,
        }),
        nav: items
            .into_iter()
            .map(|(label, href, waiting)| NavItem { label, href, is_current: href == current, waiting })
            .collect(),
        now: "14:05".to_owned(),
        is_training: true,
        ..Shell::titled(title)
    }
}

fn chip(facet: &str, label: &str, words: &str, count: u64) -> Chip {
    Chip { facet: facet.to_owned(), label: label.to_owned(), words: words.to_owned(), count }
}

fn scam_chips() -> Vec<Chip> {
    vec![
        chip("Mạo danh", "Công an", "cong an tinh", 6),
        chip("Cớ", "Thuê bao sai thông tin, sắp bị khóa", "khoa sim trong 2 gio", 4),
        chip("Đòi", "Chuyển tiền", "chuyen 5 trieu", 5),
    ]
}

fn event(minutes: i64, who: &str, what: &str, why: &str) -> Event {
    Event { at: ago(minutes), who: who.to_owned(), what: what.to_owned(), why: why.to_owned() }
}

fn events() -> Vec<Event> {
    vec![
        event(12, "Nhà mạng Viettel", "Trả lời: đã khóa hai chiều.", ""),
        event(
            55,
            "Trần Thị Mẫu",
            "Đề nghị nhà mạng tạm khóa hai chiều đến 30/11/2026.",
            "7 người không quen nhau kể cùng một kịch bản.",
        ),
        event(70, "Lê Văn Thử", "Chuyển Công an tỉnh.", "Có người đã chuyển tiền."),
        event(180, "Hệ thống", "Mở vụ việc từ phản ánh cuộc gọi lừa đảo.", ""),
    ]
}

fn pages() -> Vec<(&'static str, String)> {
    let mut pages = Vec::new();
    pages.extend(desk::pages());
    pages.extend(reports::pages());
    pages.extend(cases::pages());
    pages
}

fn page(name: &'static str, template: &impl Template) -> (&'static str, String) {
    (name, template.render().unwrap())
}

#[test]
fn every_page_renders_without_inline_style_or_script() {
    let folder = std::env::var_os("CANHGIAC_EXAMPLE_PAGES");
    for (name, html) in pages() {
        assert!(!html.contains("style=\""), "{name} has an inline style");
        assert!(!html.contains("onclick") && !html.contains("<script>"), "{name} has an inline script");
        assert_eq!(html.matches("<h1").count(), 1, "{name} has one heading of the first rank");
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(std::path::Path::new(folder).join(format!("{name}.html")), html).unwrap();
        }
    }
}

#[test]
fn words_of_a_report_are_never_markup() {
    let hostile = "<img src=x onerror=alert(1)> \"><script>alert(2)</script>";
    let html = reports::report_with_text(hostile);
    assert!(!html.contains("<img src=x"), "{html}");
    assert!(!html.contains("<script>alert"), "{html}");
}

#[test]
fn ids_are_unique_on_every_page() {
    for (name, html) in pages() {
        let mut ids: Vec<&str> =
            html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{name} repeats an id: {ids:?}");
    }
}

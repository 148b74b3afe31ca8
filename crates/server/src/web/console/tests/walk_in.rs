//! The desk of a commune: what is typed arrives, errors keep it, and each desk sees its own.

use axum::http::StatusCode;

use super::{Office, Page};
use crate::projector;

const NEW: &str = "/can-bo/tiep-nhan/moi";

fn hidden(page: &Page, name: &str) -> String {
    let field = page.html.split(&format!("name=\"{name}\" value=\"")).nth(1);
    field.unwrap_or_else(|| panic!("no field {name}: {}", page.html)).split('"').next().unwrap().to_owned()
}

async fn take_in(office: &Office, cookie: &str, more: &[(&str, &str)]) -> Page {
    let note = hidden(&office.get(cookie, NEW).await, "khoa");
    let mut fields = vec![
        ("khoa", note.as_str()),
        ("loai", "scam_call"),
        ("nguon", "0912 345 678"),
        ("link_tai_khoan", "Ngân hàng Thử 0123456789"),
        ("xay_ra_luc", "9 giờ sáng"),
        ("ke_lai", "Xưng công an tỉnh"),
        ("mat_tien", "co"),
        ("so_tien", "5 triệu"),
        ("di", "gui"),
    ];
    fields.extend_from_slice(more);
    office.post(cookie, NEW, &fields).await
}

#[tokio::test]
async fn a_walk_in_is_taken_in_durably_and_gets_a_receipt() {
    let office = Office::open_committing().await;
    let cookie = office.sign_in("xaphuong").await;
    let more = [("dien_thoai", "0905 000 001"), ("xac_nhan", "called"), ("dong_y", "co")];
    let sent = take_in(&office, &cookie, &more).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.html);
    let slip = office.get(&cookie, &sent.location).await;
    assert!(
        slip.html.contains("Giấy tiếp nhận phản ánh") && slip.html.contains("/tra-cuu/"),
        "{}",
        slip.html
    );
    assert!(slip.html.contains("Phường Tuy Hoà") && slip.html.contains("5.000.000"));
    assert!(!slip.html.contains("905 000 001"), "the citizen's number stands on no paper");
    projector::catch_up(&office.app).await.unwrap();
    let entry = office.app.store.reports(&Default::default(), Default::default()).await.unwrap().remove(0);
    let report = entry.report;
    assert_eq!((report.channel.as_str(), report.link.as_str()), ("desk", "22015"));
    assert!(report.text.contains("Xảy ra lúc: 9 giờ sáng") && report.text.contains("0123456789"));
    assert!(report.is_proven && report.is_mobile && report.money_lost == Some(5_000_000));
    let who = office.app.store.staff_by_login("xaphuong").await.unwrap();
    assert_eq!(report.taken_by, Some(format!("staff:{}", who.id)));
    let list = office.get(&cookie, "/can-bo/tiep-nhan").await;
    assert!(list.html.contains("0912 345 678"), "{}", list.html);
    let officer = office.sign_in("canbo").await;
    let seen = office.get(&officer, &format!("/can-bo/phan-anh/{}", report.seq)).await;
    assert!(
        seen.html.contains("Nhận phản ánh tại bàn") && seen.html.contains("Bàn tiếp nhận Phường Tuy Hoà")
    );
}

#[tokio::test]
async fn what_is_wrong_is_said_at_once_and_nothing_typed_is_lost() {
    let office = Office::open_committing().await;
    let cookie = office.sign_in("xaphuong").await;
    let more = [("nguon", "09x"), ("so_tien", "nhiều"), ("dien_thoai", "0905 000 001")];
    let page = take_in(&office, &cookie, &more).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["value=\"09x\"", "value=\"nhiều\"", "value=\"0905 000 001\"", "9 giờ sáng", "Xưng công an"]
    {
        assert!(page.html.contains(words), "{words}: {}", page.html);
    }
    for field in ["#nguon", "#so_tien", "#dong_y"] {
        assert!(page.html.contains(&format!("href=\"{field}\"")), "{field}: {}", page.html);
    }
}

#[tokio::test]
async fn sending_twice_is_one_report_and_another_desk_sees_none_of_it() {
    let office = Office::open_committing().await;
    let cookie = office.sign_in("xaphuong").await;
    let note = hidden(&office.get(&cookie, NEW).await, "khoa");
    let one = take_in(&office, &cookie, &[("khoa", &note)]).await;
    let two = take_in(&office, &cookie, &[("khoa", &note)]).await;
    assert_eq!((one.status, &one.location), (StatusCode::SEE_OTHER, &two.location));
    projector::catch_up(&office.app).await.unwrap();
    assert_eq!(office.app.store.count_reports(&Default::default()).await.unwrap(), 1);
    let mut staff = office.app.store.staff_by_login("xaphuong").await.unwrap();
    staff.unit = Some("22045".to_owned());
    let audit = canhgiac_store::NewAudit {
        at_us: 1,
        actor: "system".to_owned(),
        action: "staff_role".to_owned(),
        object: "staff".to_owned(),
        detail: String::new(),
    };
    office.app.store.update_staff(&staff, &audit).await.unwrap();
    assert_eq!(office.get(&cookie, &one.location).await.status, StatusCode::NOT_FOUND);
    assert!(office.get(&cookie, "/can-bo/tiep-nhan").await.html.contains("Chưa nhận phản ánh nào"));
}

#[tokio::test]
async fn an_administrator_serves_a_citizen_and_every_step_is_audited() {
    let office = Office::open_committing().await;
    office.text("84905000001", "LD 0912345678 mao danh cong an").await;
    let report = office.app.store.reports(&Default::default(), Default::default()).await.unwrap().remove(0);
    let code = format!("{:08}", report.report.code);
    let cookie = office.sign_in("quantri").await;
    let ask = |phone: &'static str, what: &'static str| {
        [
            ("ma", code.clone()),
            ("dien_thoai", phone.to_owned()),
            ("viec", what.to_owned()),
            ("ly_do", "người dân đến bàn, yêu cầu".to_owned()),
        ]
    };
    let path = "/can-bo/du-lieu-ca-nhan";
    let send = async |fields: [(&str, String); 4]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        office.post(&cookie, path, &fields).await
    };
    let stranger = send(ask("0905 000 009", "tai")).await;
    assert_eq!(stranger.status, StatusCode::UNPROCESSABLE_ENTITY);
    let seen = send(ask("0905 000 001", "xem")).await;
    assert!(seen.html.contains("Đang giữ 1 tin"), "{}", seen.html);
    let file = send(ask("0905 000 001", "tai")).await;
    assert!(file.html.contains("mao danh cong an"));
    let erased = send(ask("0905 000 001", "xoa")).await;
    assert!(erased.html.contains("sẽ được xóa khi vụ việc kết thúc"), "{}", erased.html);
    let trail = office.app.store.audit_trail(Some("report:1"), Default::default()).await.unwrap();
    for action in ["data_exported", "erasure_asked"] {
        assert!(trail.iter().any(|row| row.action == action && row.actor.starts_with("staff:")), "{action}");
    }
    let kept = office.get(&cookie, "/can-bo/luu-giu").await;
    assert!(kept.html.contains("Thời hạn") && kept.html.contains("chờ xóa theo yêu cầu"), "{}", kept.html);
}

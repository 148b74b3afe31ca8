//! What officers do, from the queue to the warning.

use axum::http::StatusCode;

use super::{Office, Page};

const SCAMMER: &str = "0969991234";

async fn office_with_a_case(reporters: usize) -> (Office, String) {
    let office = Office::open().await;
    for reporter in 0..reporters {
        let from = format!("8496000100{reporter}");
        office
            .text(&from, &format!("LD ({SCAMMER}) xung la cong an, doi chuyen tien neu khong khoa sim"))
            .await;
    }
    let cookie = office.sign_in("canbo").await;
    (office, cookie)
}

async fn step(office: &Office, cookie: &str, step: &str, fields: &[(&str, &str)]) -> Page {
    let path = format!("/can-bo/vu-viec/1/{step}");
    let version = office.get(cookie, "/can-bo/vu-viec/1").await.version_of(&path);
    let mut all = vec![("phien_ban", version.as_str())];
    all.extend_from_slice(fields);
    office.post(cookie, &path, &all).await
}

#[tokio::test]
async fn the_queue_shows_a_text_and_finds_it_with_or_without_accents() {
    let (office, cookie) = office_with_a_case(1).await;
    let page = office.get(&cookie, "/can-bo/phan-anh").await;
    assert!(page.html.contains("0969 991 234") && page.html.contains("Cuộc gọi lừa đảo"), "{}", page.html);
    for searched in ["CÔNG AN khoá sim", "cong an khoa sim", "0969 991 234", "+84969991234"] {
        let page = office.post(&cookie, "/can-bo/phan-anh", &[("tim", searched)]).await;
        assert!(page.html.contains("xung la cong an"), "{searched}: {}", page.html);
        assert!(page.location.is_empty(), "searched words never stand in a URL");
    }
    let page = office.post(&cookie, "/can-bo/phan-anh", &[("tim", "khong co chu nay dau")]).await;
    assert!(page.html.contains("Không tìm thấy"), "{}", page.html);
    let page = office.get(&cookie, "/can-bo/phan-anh?loai=spam_sms").await;
    assert!(!page.html.contains("xung la cong an"));
    let page = office.get(&cookie, "/can-bo/phan-anh/moi?sau=0").await;
    assert_eq!(page.html, r#"{"count":1}"#);
}

#[tokio::test]
async fn a_reporters_number_is_opened_only_with_a_reason_and_the_trail_says_so() {
    let (office, cookie) = office_with_a_case(1).await;
    let page = office.get(&cookie, "/can-bo/phan-anh/1").await;
    assert!(page.html.contains("Số đang được giấu"));
    assert!(!page.html.contains("960001000") && !page.html.contains("0960 001 000"), "{}", page.html);
    let page = office.post(&cookie, "/can-bo/phan-anh/1/mo-so", &[("ly_do", "  ")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!page.html.contains("0960 001 000"));
    let reason = "Gọi lại hỏi số tài khoản nhận tiền";
    let page = office.post(&cookie, "/can-bo/phan-anh/1/mo-so", &[("ly_do", reason)]).await;
    assert!(page.html.contains("0960 001 000"), "{}", page.html);
    let admin = office.sign_in("quantri").await;
    let trail = office.get(&admin, "/can-bo/nhat-ky").await;
    assert!(trail.html.contains("Mở số người phản ánh") && trail.html.contains(reason), "{}", trail.html);
    assert!(!trail.html.contains("0960 001 000"));
}

#[tokio::test]
async fn a_text_without_a_number_is_corrected_by_hand_and_joins_a_case() {
    let office = Office::open().await;
    office.text("84960001001", "LD co nguoi goi xung cong an doi chuyen tien").await;
    let cookie = office.sign_in("canbo").await;
    let page = office.get(&cookie, "/can-bo/phan-anh?trang_thai=needs_officer").await;
    assert!(page.html.contains("Thiếu số bị phản ánh"), "{}", page.html);
    let bad = [("loai", "scam_call"), ("nguon", "khong phai so nao ca")];
    let page = office.post(&cookie, "/can-bo/phan-anh/1/sua", &bad).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.html.contains("không phải số điện thoại"), "{}", page.html);
    let good = [("loai", "scam_call"), ("nguon", "0969 991 234")];
    let page = office.post(&cookie, "/can-bo/phan-anh/1/sua", &good).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    let page = office.get(&cookie, "/can-bo/phan-anh/1").await;
    assert!(page.html.contains("VV-000001"), "{}", page.html);
    assert!(page.html.contains("LD co nguoi goi xung cong an doi chuyen tien"), "the text stays");
}

#[tokio::test]
async fn a_case_is_confirmed_and_its_block_asked_for_with_basis_and_expiry() {
    let (office, cookie) = office_with_a_case(3).await;
    let page = step(&office, &cookie, "xac-nhan", &[]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    let page = office.get(&cookie, "/can-bo/vu-viec/1").await;
    assert!(
        page.html.contains("Cơ quan thử nghiệm") && page.html.contains("Tự khôi phục lúc"),
        "{}",
        page.html
    );
    let page = step(&office, &cookie, "tam-khoa", &[("ly_do", "")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.html.contains("Viết lý do"), "{}", page.html);
    let page = step(&office, &cookie, "tam-khoa", &[("ly_do", "Ba người kể cùng một kịch bản")]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    let page = office.get(&cookie, "/can-bo/nha-mang").await;
    assert!(page.html.contains("0969 991 234") && page.html.contains("Viettel"), "{}", page.html);
    let page = office.get(&cookie, "/can-bo/vu-viec/1").await;
    assert!(page.html.contains("Ba người kể cùng một kịch bản"), "the timeline says why: {}", page.html);
}

#[tokio::test]
async fn one_reporter_is_too_few_and_the_page_says_so_before_anybody_tries() {
    let (office, cookie) = office_with_a_case(1).await;
    step(&office, &cookie, "xac-nhan", &[]).await;
    let page = office.get(&cookie, "/can-bo/vu-viec/1").await;
    assert!(page.html.contains("Mới có 1 người phản ánh khác nhau, cần ít nhất 2"), "{}", page.html);
    let fields = [("phien_ban", "2"), ("ly_do", "cứ khóa đi đã")];
    let page = office.post(&cookie, "/can-bo/vu-viec/1/tam-khoa", &fields).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.html);
    let requests =
        office.app.store.requests(None, None, None, canhgiac_store::Page::default()).await.unwrap();
    assert!(requests.is_empty());
}

#[tokio::test]
async fn a_slower_colleague_sees_what_happened_and_loses_no_word() {
    let (office, first) = office_with_a_case(3).await;
    let second = office.sign_in("lanhdao").await;
    let seen = office.get(&second, "/can-bo/vu-viec/1").await.version_of("/can-bo/vu-viec/1/xac-nhan");
    step(&office, &first, "xac-nhan", &[]).await;
    let typed = "Lý do gõ rất lâu <b>của tôi</b>";
    let fields = [("phien_ban", seen.as_str()), ("ket_qua", "forged"), ("ly_do", typed)];
    let page = office.post(&second, "/can-bo/vu-viec/1/dong", &fields).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(
        page.html.contains("Đồng nghiệp vừa thay đổi") && page.html.contains("chưa được ghi"),
        "{}",
        page.html
    );
    assert!(page.html.contains("Lý do gõ rất lâu &#60;b&#62;của tôi"), "{}", page.html);
    assert_eq!(office.app.store.case(1).await.unwrap().case.state, "confirmed");
    let version = page.version_of("/can-bo/vu-viec/1/dong");
    let fields = [("phien_ban", version.as_str()), ("ket_qua", "forged"), ("ly_do", typed)];
    let page = office.post(&second, "/can-bo/vu-viec/1/dong", &fields).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
}

#[tokio::test]
async fn police_see_their_referral_with_its_words_and_nothing_of_other_units() {
    let (office, cookie) = office_with_a_case(2).await;
    step(&office, &cookie, "xac-nhan", &[]).await;
    let fields = [("don_vi", "pa05"), ("ly_do", "Có người đã mất tiền")];
    let page = step(&office, &cookie, "chuyen-cong-an", &fields).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    let police = office.sign_in("congan").await;
    let home = office.get(&police, "/can-bo").await;
    assert!(home.html.contains("Tiếp nhận hồ sơ về 0969 991 234"), "{}", home.html);
    let row =
        office.app.store.referrals(None, None, canhgiac_store::Page::default()).await.unwrap().remove(0);
    let path = format!("/can-bo/chuyen-cong-an/{}", row.id);
    let page = office.get(&police, &path).await;
    assert!(
        page.html.contains("xung la cong an") && page.html.contains("Có người đã mất tiền"),
        "{}",
        page.html
    );
    assert!(!page.html.contains("960001000"), "reporters stay hidden");
    let page = office.post(&police, &format!("{path}/tiep-nhan"), &[("ghi_chu", "Đã thụ lý")]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    let page = office.get(&cookie, &path).await;
    assert!(page.html.contains("Đã thụ lý") && page.html.contains("đã tiếp nhận"), "{}", page.html);
    // The same account in another unit finds nothing.
    let mut staff = office.app.store.staff_by_login("congan").await.unwrap();
    staff.unit = Some("pc02".to_owned());
    let audit = canhgiac_store::NewAudit {
        at_us: 0,
        actor: "system".to_owned(),
        action: "staff_role".to_owned(),
        object: "staff".to_owned(),
        detail: String::new(),
    };
    office.app.store.update_staff(&staff, &audit).await.unwrap();
    assert_eq!(office.get(&police, &path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_warning_is_drafted_from_a_case_and_approved_by_somebody_else() {
    let (office, _) = office_with_a_case(3).await;
    let author = office.sign_in("lanhdao").await;
    let page = office.get(&author, "/can-bo/canh-bao/moi?vu_viec=1").await;
    assert!(page.html.contains("CANH BAO: co nguoi gia danh cong an"), "{}", page.html);
    let bad = [("tieu_de", "T"), ("noi_dung", "N"), ("tin_nhan", "Xem http://lua.example ngay")];
    let page = office.post(&author, "/can-bo/canh-bao/moi", &bad).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let good = [
        ("tieu_de", "Giả danh Công an"),
        ("noi_dung", "Hãy cúp máy."),
        ("tin_nhan", "CANH BAO: hay cup may."),
        ("vu_viec", "1"),
    ];
    let page = office.post(&author, "/can-bo/canh-bao/moi", &good).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    let path = page.location.clone();
    let page = office.get(&author, &path).await;
    assert!(page.html.contains("không được tự duyệt"), "{}", page.html);
    let approve = format!("{path}/duyet");
    let page = office.post(&author, &approve, &[("phien_ban", "1")]).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "the author cannot approve: {}", page.html);
    let other = office.sign_in("lanhdao2").await;
    let version = office.get(&other, &path).await.version_of(&approve);
    let page = office.post(&other, &approve, &[("phien_ban", &version)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    let page = office.get(&other, &path).await;
    assert!(page.html.contains("đã đăng") && page.html.contains("Rút cảnh báo"), "{}", page.html);
    let public = path.replace("/can-bo", "");
    assert_eq!(office.get("", &public).await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_page_of_a_worked_office_renders() {
    let (office, cookie) = office_with_a_case(3).await;
    office.text("84960001009", "KQ").await;
    office.text("84960001008", "toi bi lua dao phai lam sao").await;
    office.text("84960001007", "S (VIETTELKM) trung thuong xe SH").await;
    let admin = office.sign_in("quantri").await;
    for path in [
        "/can-bo",
        "/can-bo/phan-anh",
        "/can-bo/phan-anh/1",
        "/can-bo/vu-viec",
        "/can-bo/vu-viec/1",
        "/can-bo/vu-viec?trang_thai=tat-ca",
        "/can-bo/chuyen-cong-an",
        "/can-bo/nha-mang?tat_ca=1",
        "/can-bo/canh-bao",
        "/can-bo/xem-xet-lai?tat_ca=1",
        "/can-bo/lien-ket",
        "/can-bo/tin-gui?tat_ca=1",
        "/can-bo/phim-tat",
        "/can-bo/tai-khoan",
    ] {
        let page = office.get(&cookie, path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.html);
        assert!(!page.html.contains("84960001") && !page.html.contains("0960001"), "{path} shows a reporter");
    }
    for path in
        ["/can-bo", "/can-bo/nguoi-dung", "/can-bo/nhat-ky", "/can-bo/lien-ket", "/can-bo/tin-gui?tat_ca=1"]
    {
        assert_eq!(office.get(&admin, path).await.status, StatusCode::OK, "{path}");
    }
    let page = office.post(&cookie, "/can-bo/vu-viec", &[("tim", "VV-000001")]).await;
    assert!(page.html.contains("0969 991 234"), "{}", page.html);
}

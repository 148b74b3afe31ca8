//! Cases, what follows them, and warnings.

use super::*;
use crate::web::chart::{Bar, Bars, Columns, Series};
use crate::web::console::view::bulletins::*;
use crate::web::console::view::cases::*;
use crate::web::console::view::follow_up::*;
use crate::web::console::view::reports::View;

fn view(label: &str, is_current: bool, count: &str) -> View {
    View { label: label.to_owned(), href: "?".to_owned(), is_current, count: count.to_owned() }
}

fn reason(prefix: &str) -> Field {
    Field {
        id_prefix: prefix.to_owned(),
        ..Field::new("ly_do", "Lý do", FieldKind::Text).required().hint("Ghi vào diễn biến và hồ sơ.")
    }
}

fn action(step: &str, verb: &str, weight: Weight) -> Action {
    Action {
        path: format!("/can-bo/vu-viec/12/{step}"),
        verb: verb.to_owned(),
        consequences: Vec::new(),
        facts: Vec::new(),
        fields: vec![reason(step)],
        weight,
        refusal: String::new(),
        version: 4,
        is_open: false,
    }
}

fn actions() -> Vec<Action> {
    vec![
        Action {
            consequences: vec![
                "Người giữ số mất liên lạc hai chiều cho tới khi gỡ.".to_owned(),
                "Nếu không có người thứ hai xác nhận giữ, số tự khôi phục khi hết hạn.".to_owned(),
            ],
            facts: vec![
                Fact::new("Cơ quan đề nghị", "Sở Khoa học và Công nghệ tỉnh Đắk Lắk"),
                Fact::new("Căn cứ", "Điều 9 khoản 4 Nghị định 91/2020/NĐ-CP"),
                Fact::new("Nhà mạng", "VinaPhone (theo dải số)"),
                Fact::new("Hết hạn", "30/11/2026 14:05"),
            ],
            is_open: true,
            ..action("tam-khoa", "Đề nghị nhà mạng tạm khóa", Weight::Grave)
        },
        Action {
            fields: vec![
                Field {
                    id_prefix: "ca-".to_owned(),
                    ..Field::new(
                        "don_vi",
                        "Đơn vị nhận",
                        FieldKind::Choice(Choice::list(
                            [("ca-tinh", "Công an tỉnh"), ("ca-xa", "Công an phường Tuy Hoà")],
                            "ca-tinh",
                        )),
                    )
                    .required()
                },
                reason("ca-"),
            ],
            ..action("chuyen-cong-an", "Chuyển Công an", Weight::Primary)
        },
        Action {
            refusal: "cần người thứ hai. Bạn là người đã đề nghị khóa.".to_owned(),
            ..action("giu-khoa", "Xác nhận giữ khóa", Weight::Plain)
        },
        action("dong", "Đóng: số bị giả mạo", Weight::Plain),
    ]
}

fn case_reports() -> Vec<CaseReport> {
    let report = |text: &str, minutes, voice: &str| CaseReport {
        href: "/can-bo/phan-anh/1".to_owned(),
        text: text.to_owned(),
        at: ago(minutes),
        channel: "SMS · viettel".to_owned(),
        voice_note: voice.to_owned(),
        evidence: String::new(),
        same_words: String::new(),
    };
    vec![
        report("LD (0912345678) xung la cong an tinh, noi thue bao sai thong tin, doi chuyen 5 trieu", 7, ""),
        report(
            "LD 0912345678 bao em dinh vao duong day ma tuy, bat chuyen tien de chung minh trong sach",
            40,
            "",
        ),
        report("LD 0912345678 no goi lai roi", 44, "cùng người gửi với phản ánh trên"),
    ]
}

fn case_page(actions: Vec<Action>) -> CasePage {
    CasePage {
        page: shell("0912 345 678", "/can-bo/vu-viec"),
        number: "VV-000012".to_owned(),
        source: "0912 345 678".to_owned(),
        state: Mark::soon("Có dấu hiệu lừa đảo"),
        state_note: "Đã xác nhận có dấu hiệu; số chưa bị khóa.".to_owned(),
        clock: Mark::now("quá hạn xử lý 2 giờ"),
        owner: "Lê Văn Thử".to_owned(),
        facts: vec![Fact::new("Loại số", "Di động"), Fact::new("Dải số của", "VinaPhone"), Fact::new("Nhà mạng hiện tại", "chưa biết (có thể đã chuyển mạng)"), Fact::new("Quy trình", "Lừa đảo, bản 2026-11")],
        warnings: vec!["Số hiển thị có thể bị giả mạo: người giữ số có thể là nạn nhân. Hãy nghe người giữ số trước khi giữ khóa lâu dài.".to_owned()],
        evidence: vec![Fact::new("Người phản ánh độc lập", "7"), Fact::new("Phản ánh", "9, 1 có ghi âm"), Fact::new("Lần đầu", "21/11/2026 09:12"), Fact::new("Mới nhất", "23/11/2026 13:58")],
        chips: scam_chips(),
        by_day: Columns {
            title: "Dồn vào hôm nay: 6 trong 9 phản ánh".to_owned(),
            x_name: "ngày".to_owned(),
            y_name: "số phản ánh".to_owned(),
            labels: (17..=23).map(|day| format!("{day}/11")).collect(),
            label_every: 1,
            series: vec![Series { name: "Phản ánh".to_owned(), values: vec![0, 0, 0, 0, 1, 2, 6] }],
        },
        actions,
        draft_href: Some("/can-bo/canh-bao/moi?vu_viec=12".to_owned()),
        reports: case_reports(),
        all_reports: Some(("Xem cả 9 phản ánh".to_owned(), "/can-bo/phan-anh?vu_viec=12".to_owned())),
        events: events(),
        requests: vec![LinkedThing { label: "YC-000031 tạm khóa, VinaPhone".to_owned(), href: "/can-bo/nha-mang".to_owned(), state: Mark::soon("chờ trả lời"), at: ago(55) }],
        referrals: vec![LinkedThing { label: "HS-000007 Công an tỉnh".to_owned(), href: "/can-bo/chuyen-cong-an/7".to_owned(), state: Mark::calm("đã nhận"), at: ago(70) }],
        bulletins: Vec::new(),
        reconsiderations: Vec::new(),
    }
}

fn bulletin(title: &str, state: Mark, reached: &str) -> BulletinRow {
    BulletinRow {
        href: "/can-bo/canh-bao/1".to_owned(),
        title: title.to_owned(),
        state,
        author: "Lê Văn Thử".to_owned(),
        at: ago(90),
        reached: reached.to_owned(),
    }
}

fn bulletin_page() -> BulletinPage {
    let recipient = |masked: &str, state: Mark, detail: &str| RecipientRow {
        masked: masked.to_owned(),
        link: "viettel".to_owned(),
        state,
        at: ago(5),
        detail: detail.to_owned(),
    };
    let bar = |label: &str, value| Bar { label: label.to_owned(), value, href: None };
    BulletinPage {
        page: shell("Cảnh báo", "/can-bo/canh-bao"),
        title: "Giả danh Công an dọa khóa thuê bao".to_owned(),
        state: Mark::calm("Đã đăng"),
        paragraphs: vec!["Nếu có người xưng là Công an gọi điện dọa khóa thuê bao và đòi chuyển tiền, hãy cúp máy.".to_owned(), "Cơ quan nhà nước không bao giờ yêu cầu chuyển tiền hay đọc mã OTP qua điện thoại.".to_owned()],
        sms_text: "CANH BAO: co nguoi gia danh Cong an goi dien doa khoa thue bao, doi chuyen tien. Hay cup may, khong chuyen tien, bao Cong an noi gan nhat.".to_owned(),
        sms: SmsCount { summary: "139 ký tự, 1 bản tin (GSM 7)".to_owned(), problem: String::new() },
        facts: vec![Fact::new("Người soạn", "Lê Văn Thử"), Fact::new("Người duyệt", "Trần Thị Mẫu"), Fact::linked("Từ vụ việc", "VV-000012", "/can-bo/vu-viec/12"), Fact::new("Hết hạn", "30/11/2026")],
        actions: vec![action("rut", "Rút cảnh báo", Weight::Grave)],
        edit_href: None,
        public_href: Some("/canh-bao/1".to_owned()),
        broadcast: Some(Broadcast {
            summary: "1.204 trong 1.310 máy đã nhận".to_owned(),
            drawing: Bars { title: "92 % đã tới máy".to_owned(), label_name: "Kết quả".to_owned(), value_name: "người".to_owned(), bars: vec![bar("Đã tới máy", 1_204), bar("Đã gửi, chờ báo nhận", 80), bar("Chờ gửi", 20), bar("Lỗi", 5), bar("Không rõ", 1)] },
            recipients: vec![recipient("•••• •••678", Mark::calm("Đã tới máy"), ""), recipient("•••• •••012", Mark::now("Lỗi"), "Thuê bao không tồn tại")],
            pager: Pager { position: "1–50 trong 1.310".to_owned(), newer: None, older: Some("?trang=2".to_owned()) },
            is_running: true,
        }),
        events: events(),
    }
}

fn edit_page() -> BulletinEditPage {
    BulletinEditPage {
        page: shell("Soạn cảnh báo", "/can-bo/canh-bao"),
        path: "/can-bo/canh-bao".to_owned(),
        version: 0,
        title_field: Field::new("tieu_de", "Tiêu đề", FieldKind::Line)
            .required()
            .value("Giả danh Công an dọa khóa thuê bao"),
        text_field: Field {
            rows: 9,
            ..Field::new("noi_dung", "Bài đăng trên trang", FieldKind::Text)
                .required()
                .value("Nếu có người xưng là Công an…")
        },
        sms_field: Field::new("tin_nhan", "Tin nhắn gửi người đăng ký", FieldKind::Text)
            .required()
            .hint("Không dấu, không đường dẫn, gọn trong một bản tin.")
            .value("CANH BAO: co nguoi gia danh Cong an…")
            .error("Tin nhắn có chữ có dấu nên phải gửi 2 bản tin. Bỏ dấu rồi lưu lại."),
        case_id: "12".to_owned(),
        sms: SmsCount {
            summary: "39 ký tự, 1 bản tin (UCS-2)".to_owned(),
            problem: "Ký tự “…” không có trong bảng mã GSM 7.".to_owned(),
        },
        case_facts: vec![Fact::new("Số", "0912 345 678"), Fact::new("Lần đầu", "21/11/2026")],
        chips: scam_chips(),
    }
}

pub(super) fn pages() -> Vec<(&'static str, String)> {
    let follow = "/can-bo/nha-mang";
    let request = |state: Mark, age: Mark, answer: &str| RequestRow {
        number: "YC-000031".to_owned(),
        case_href: "/can-bo/vu-viec/12".to_owned(),
        source: "0912 345 678".to_owned(),
        operator: "VinaPhone".to_owned(),
        asks: "Tạm khóa hai chiều".to_owned(),
        sent: ago(1_500),
        age,
        state,
        answer: answer.to_owned(),
    };
    vec![
        page(
            "cases",
            &CasesPage {
                page: shell("Vụ việc", "/can-bo/vu-viec"),
                filters: Vec::new(),
                views: vec![
                    view("Đang mở", true, "14"),
                    view("Chờ tôi", false, "3"),
                    view("Đã đóng", false, ""),
                ],
                searched: String::new(),
                set_filters: 0,
                rows: vec![CaseRow {
                    href: "/can-bo/vu-viec/12".to_owned(),
                    number: "VV-000012".to_owned(),
                    source: "0912 345 678".to_owned(),
                    kind: "Lừa đảo".to_owned(),
                    state: Mark::calm("Có dấu hiệu lừa đảo"),
                    chips: scam_chips(),
                    voices: "7 người phản ánh".to_owned(),
                    first: ago(3_000),
                    last: ago(7),
                    clock: Mark::now("quá hạn 2 giờ"),
                    owner: "Lê Văn Thử".to_owned(),
                    first_words: "LD (0912345678) xung la cong an tinh, noi thue bao sai thong tin"
                        .to_owned(),
                }],
                pager: Pager { position: "1 vụ việc".to_owned(), ..Pager::default() },
            },
        ),
        page("case", &case_page(actions())),
        page("case-done", &case_page(Vec::new())),
        page(
            "conflict",
            &ConflictPage {
                page: shell("Đồng nghiệp vừa thay đổi vụ việc", "/can-bo/vu-viec"),
                thing: "vụ việc VV-000012".to_owned(),
                href: "/can-bo/vu-viec/12".to_owned(),
                events: vec![event(1, "Lê Văn Thử", "Chuyển Công an tỉnh.", "Có người đã mất tiền.")],
                state: Mark::calm("Đã chuyển Công an"),
                again: Some(actions().remove(0)),
                typed: Vec::new(),
            },
        ),
        page(
            "referrals",
            &ReferralsPage {
                page: shell("Chuyển Công an", "/can-bo/chuyen-cong-an"),
                views: vec![view("Chờ tiếp nhận", true, "1"), view("Đã tiếp nhận", false, "")],
                rows: vec![ReferralRow {
                    href: "/can-bo/chuyen-cong-an/7".to_owned(),
                    number: "HS-000007".to_owned(),
                    source: "0912 345 678".to_owned(),
                    unit: "Công an tỉnh, phòng An ninh mạng".to_owned(),
                    reports: "9 phản ánh".to_owned(),
                    at: ago(70),
                    state: Mark::soon("chờ tiếp nhận"),
                }],
                pager: Pager::default(),
            },
        ),
        page(
            "referral",
            &ReferralPage {
                page: shell("Hồ sơ HS-000007", "/can-bo/chuyen-cong-an"),
                number: "HS-000007".to_owned(),
                source: "0912 345 678".to_owned(),
                state: Mark::soon("chờ tiếp nhận"),
                facts: vec![
                    Fact::new("Đơn vị nhận", "Công an tỉnh"),
                    Fact::new("Đã chuyển tiền", "1 người, 5.000.000 đ"),
                ],
                note: "Đề nghị xác minh chủ thuê bao và tài khoản nhận tiền.".to_owned(),
                reports: case_reports(),
                actions: vec![action("tiep-nhan", "Xác nhận đã tiếp nhận", Weight::Primary)],
                events: events(),
            },
        ),
        page(
            "requests",
            &RequestsPage {
                page: shell("Yêu cầu nhà mạng", follow),
                views: vec![view("Chưa trả lời", true, "2"), view("Tất cả", false, "")],
                rows: vec![
                    request(Mark::soon("chờ trả lời"), Mark::now("25 giờ, quá hạn"), ""),
                    request(
                        Mark::calm("chuyển mạng"),
                        Mark::calm("40 phút"),
                        "Số đã chuyển sang Viettel; đã gửi lại cho Viettel 23/11/2026 13:20.",
                    ),
                ],
                pager: Pager::default(),
            },
        ),
        page(
            "requests-empty",
            &RequestsPage {
                page: shell("Yêu cầu nhà mạng", follow),
                views: Vec::new(),
                rows: Vec::new(),
                pager: Pager::default(),
            },
        ),
        page(
            "reconsiderations",
            &ReconsiderationsPage {
                page: shell("Đề nghị xem xét lại", "/can-bo/xem-xet-lai"),
                views: Vec::new(),
                rows: vec![ReconsiderationRow {
                    href: "/can-bo/xem-xet-lai/1".to_owned(),
                    number: "XL-000001".to_owned(),
                    source: "0900 000 012".to_owned(),
                    first_words: "Tôi bán rau ở chợ, số này dùng mười năm, không gọi cho ai đòi tiền."
                        .to_owned(),
                    at: ago(1_500),
                    clock: Mark::calm("còn 4 ngày làm việc"),
                    state: Mark::soon("chờ quyết định"),
                }],
                pager: Pager::default(),
            },
        ),
        page(
            "reconsideration",
            &ReconsiderationPage {
                page: shell("Đề nghị XL-000001", "/can-bo/xem-xet-lai"),
                number: "XL-000001".to_owned(),
                source: "0900 000 012".to_owned(),
                state: Mark::soon("chờ quyết định"),
                clock: Mark::calm("còn 4 ngày làm việc"),
                text: "Tôi bán rau ở chợ, số này dùng mười năm, không gọi cho ai đòi tiền. Xin mở lại giúp."
                    .to_owned(),
                asker: vec![Fact::new("Liên lạc", "•••• •••012")],
                case_facts: vec![
                    Fact::new("Người phản ánh độc lập", "3"),
                    Fact::new("Người đề nghị khóa", "Lê Văn Thử"),
                ],
                case_href: "/can-bo/vu-viec/9".to_owned(),
                actions: vec![
                    action("khoi-phuc", "Khôi phục số", Weight::Primary),
                    action("giu", "Giữ khóa", Weight::Grave),
                ],
                events: events(),
            },
        ),
        page(
            "bulletins",
            &BulletinsPage {
                page: shell("Cảnh báo", "/can-bo/canh-bao"),
                views: Vec::new(),
                rows: vec![
                    bulletin("Giả danh Công an dọa khóa thuê bao", Mark::soon("chờ duyệt"), ""),
                    bulletin(
                        "Mạo danh nhà mạng mời nâng cấp SIM",
                        Mark::calm("đã đăng"),
                        "1.204 / 1.310 máy",
                    ),
                ],
                pager: Pager::default(),
                may_write: true,
            },
        ),
        page("bulletin-edit", &edit_page()),
        page("bulletin", &bulletin_page()),
        page(
            "bulletin-waiting",
            &BulletinPage {
                state: Mark::soon("chờ duyệt"),
                public_href: None,
                broadcast: None,
                actions: vec![Action {
                    refusal: "người soạn không được tự duyệt. Nhờ người khác có quyền duyệt.".to_owned(),
                    ..action("duyet", "Duyệt và đăng", Weight::Primary)
                }],
                edit_href: Some("/can-bo/canh-bao/1/sua".to_owned()),
                ..bulletin_page()
            },
        ),
    ]
}

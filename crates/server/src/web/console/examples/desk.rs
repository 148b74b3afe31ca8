//! Home, sign-in, people, links, texts, audit, keys and errors.

use super::*;
use crate::web::chart::{Bar, Bars, Columns, Series};
use crate::web::console::view::home::*;
use crate::web::console::view::people::*;
use crate::web::console::view::reports::View;
use crate::web::console::view::traffic::*;

fn bar(label: &str, value: u64) -> Bar {
    Bar { label: label.to_owned(), value, href: Some("/can-bo/phan-anh".to_owned()) }
}

fn figure(value: &str, label: &str, note: &str, is_pressing: bool) -> Figure {
    Figure {
        value: value.to_owned(),
        label: label.to_owned(),
        note: note.to_owned(),
        href: "/can-bo/phan-anh".to_owned(),
        is_pressing,
    }
}

fn home(is_busy: bool) -> HomePage {
    let hours: Vec<u64> = vec![0, 0, 1, 0, 0, 0, 2, 6, 14, 22, 31, 18, 9, 12, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let scaled = |part: u64| hours.iter().map(|value| if is_busy { value * part / 10 } else { 0 }).collect();
    HomePage {
        page: shell("Hôm nay, thứ Hai 23/11/2026", "/can-bo"),
        waiting: if is_busy {
            vec![
                Waiting {
                    what: "Duyệt cảnh báo “Giả danh Công an dọa khóa thuê bao”".to_owned(),
                    href: "/can-bo/canh-bao/1".to_owned(),
                    since: ago(35),
                    mark: Mark::soon("chờ duyệt"),
                },
                Waiting {
                    what: "Giữ hay gỡ khóa số 0912 345 678".to_owned(),
                    href: "/can-bo/vu-viec/1".to_owned(),
                    since: ago(9_000),
                    mark: Mark::now("hết hạn sau 3 giờ"),
                },
                Waiting {
                    what: "Xem đề nghị xem xét lại của người giữ số 0900 000 012".to_owned(),
                    href: "/can-bo/xem-xet-lai/1".to_owned(),
                    since: ago(1_500),
                    mark: Mark::calm("còn 4 ngày làm việc"),
                },
            ]
        } else {
            Vec::new()
        },
        figures: vec![
            figure("119", "phản ánh hôm nay", "hôm qua 84", false),
            figure("12", "chưa ai xử lý", "", false),
            figure("6", "vụ việc mới", "", false),
            figure("4", "số đang tạm khóa", "1 hết hạn hôm nay", true),
            figure("2", "yêu cầu nhà mạng chưa trả lời", "1 quá 24 giờ", true),
            figure("1", "tin gửi không rõ kết quả", "", true),
        ],
        by_hour: Columns {
            title: if is_busy {
                "Nhiều nhất lúc 10 giờ: 31 phản ánh".to_owned()
            } else {
                "Hôm nay chưa có phản ánh".to_owned()
            },
            x_name: "giờ trong ngày".to_owned(),
            y_name: "số phản ánh".to_owned(),
            labels: (0..24).map(|hour| hour.to_string()).collect(),
            label_every: 3,
            series: vec![
                Series { name: "Cuộc gọi lừa đảo".to_owned(), values: scaled(5) },
                Series { name: "Cuộc gọi rác".to_owned(), values: scaled(2) },
                Series { name: "Tin nhắn rác".to_owned(), values: scaled(2) },
                Series { name: "Chưa rõ loại".to_owned(), values: scaled(1) },
            ],
        },
        by_intent: Bars {
            title: "8 tin không hiểu được, cần cán bộ xem".to_owned(),
            label_name: "Nội dung tin đến".to_owned(),
            value_name: "số tin".to_owned(),
            bars: vec![
                bar("Phản ánh", 97),
                bar("Hỏi kết quả (KQ)", 14),
                bar("Kiểm tra số (KT)", 9),
                bar("Thiếu số bị phản ánh", 6),
                bar("Không phải phản ánh", 8),
            ],
        },
        by_facet: Bars {
            title: "Mạo danh Công an chiếm hơn nửa".to_owned(),
            label_name: "Kẻ gian mạo danh".to_owned(),
            value_name: "số phản ánh".to_owned(),
            bars: vec![
                bar("Công an", 41),
                bar("Nhà mạng", 17),
                bar("Sở, ngành, Ủy ban, lãnh đạo cơ quan nhà nước", 9),
                bar("Ngân hàng", 6),
            ],
        },
        replies: Bars {
            title: "Đã trả lời 104 người, 2 tin lỗi".to_owned(),
            label_name: "Tin trả lời".to_owned(),
            value_name: "số tin".to_owned(),
            bars: vec![
                bar("Đã tới máy", 98),
                bar("Đã gửi, chờ báo nhận", 6),
                bar("Lỗi", 2),
                bar("Không rõ", 1),
            ],
        },
        shows_figures: true,
    }
}

fn sign_in(problem: &str) -> SignInPage {
    SignInPage {
        page: Shell { is_training: true, ..Shell::titled("Đăng nhập") },
        problem: problem.to_owned(),
        account: String::new(),
        next: "/can-bo".to_owned(),
        demo_accounts: vec![
            ("canbo".to_owned(), "can-bo-thu-2026".to_owned(), "Cán bộ tiếp nhận".to_owned()),
            ("lanhdao".to_owned(), "lanh-dao-thu-2026".to_owned(), "Lãnh đạo duyệt".to_owned()),
        ],
    }
}

fn person(name: &str, account: &str, role: &str, state: Mark) -> PersonRow {
    PersonRow {
        href: "/can-bo/nguoi-dung/1".to_owned(),
        name: name.to_owned(),
        account: account.to_owned(),
        role: role.to_owned(),
        unit: if role == "Công an" { "Công an tỉnh".to_owned() } else { String::new() },
        state,
        last_seen: if account == "moi" { When::default() } else { ago(42) },
    }
}

fn action(path: &str, verb: &str, weight: Weight, fields: Vec<Field>) -> Action {
    Action {
        path: path.to_owned(),
        verb: verb.to_owned(),
        consequences: Vec::new(),
        facts: Vec::new(),
        fields,
        weight,
        refusal: String::new(),
        version: 1,
        is_open: false,
    }
}

fn links() -> Vec<LinkCard> {
    let card = |name: &str, state: Mark, errors: Vec<String>| LinkCard {
        name: name.to_owned(),
        state,
        facts: vec![
            Fact::new("Chiều", "Ta gọi tới nhà mạng (ESME)"),
            Fact::new("Địa chỉ", "127.0.0.1:2775"),
            Fact::new("Bind", "transceiver"),
            Fact::new("Nhà mạng", "Viettel"),
            Fact::new("Bảng mã", "GSM 7"),
        ],
        counts: [
            ("tin đến", "1.204"),
            ("đã nhận", "1.204"),
            ("từ chối", "0"),
            ("tin đi", "987"),
            ("chờ gửi", "3"),
            ("chờ trả lời", "2"),
        ]
        .map(|(name, value)| Fact::new(name, value))
        .to_vec(),
        hour: Columns {
            title: "Một giờ qua: nhiều nhất 9 tin, lúc 13:59".to_owned(),
            x_name: "giờ:phút".to_owned(),
            y_name: "tin mỗi phút".to_owned(),
            labels: (0..60).map(|minute| format!("13:{minute:02}")).collect(),
            label_every: 15,
            series: vec![
                Series { name: "đến".to_owned(), values: (0..60).map(|minute| minute % 7).collect() },
                Series { name: "đi".to_owned(), values: (0..60).map(|minute| minute % 4).collect() },
            ],
        },
        last_seen: ago(0),
        errors,
    };
    vec![
        card("viettel", Mark::calm("Đã kết nối"), Vec::new()),
        card(
            "vnpt-noi-vao",
            Mark::now("Mất kết nối 12 phút"),
            vec!["14:02 – ESME_RTHROTTLED khi gửi".to_owned()],
        ),
    ]
}

pub(super) fn pages() -> Vec<(&'static str, String)> {
    let role = || {
        Field::new(
            "vai_tro",
            "Vai trò",
            FieldKind::Choice(Choice::list(
                [
                    ("officer", "Cán bộ tiếp nhận"),
                    ("approver", "Lãnh đạo duyệt"),
                    ("police", "Công an"),
                    ("administrator", "Quản trị"),
                ],
                "officer",
            )),
        )
        .required()
    };
    let outgoing = |state: Mark, detail: &str| OutgoingRow {
        recipient: "•••• •••678".to_owned(),
        purpose: "Trả lời phản ánh".to_owned(),
        text: "Da nhan phan anh ve so 0912345678, ma 4827 1935. Xem ket qua: soan KQ 48271935 gui 156."
            .to_owned(),
        link: "viettel".to_owned(),
        state,
        at: ago(8),
        detail: detail.to_owned(),
    };
    vec![
        page("home", &home(true)),
        page("home-empty", &home(false)),
        page("sign-in", &sign_in("")),
        page(
            "sign-in-error",
            &sign_in(
                "Tên tài khoản hoặc mật khẩu chưa đúng. Xin nhập lại; sau 5 lần sai, tài khoản tạm nghỉ 15 phút.",
            ),
        ),
        page("keys", &KeysPage { page: shell("Phím tắt", "") }),
        page(
            "account",
            &OwnAccountPage {
                page: shell("Tài khoản của tôi", ""),
                fields: password_fields("Hai lần nhập chưa giống nhau.", ""),
                is_forced: true,
            },
        ),
        page(
            "forbidden",
            &ErrorPage {
                page: shell("Bạn chưa có quyền mở trang này", ""),
                what: "Trang này dành cho vai trò Quản trị.".to_owned(),
                advice: vec![
                    "Nếu bạn cần trang này cho công việc, nhờ người quản trị đổi vai trò.".to_owned(),
                ],
                ways: vec![("Về trang đầu".to_owned(), "/can-bo".to_owned())],
            },
        ),
        page(
            "people",
            &PeoplePage {
                page: shell("Người dùng", ""),
                rows: vec![
                    person("Lê Văn Thử", "canbo", "Cán bộ tiếp nhận", Mark::calm("Đang dùng")),
                    person("Phòng An ninh mạng", "congan", "Công an", Mark::calm("Đang dùng")),
                    person("Nguyễn Văn Mới", "moi", "Cán bộ tiếp nhận", Mark::soon("Phải đổi mật khẩu")),
                ],
                add: Action {
                    consequences: vec![
                        "Máy lập một mật khẩu dùng một lần và hiện cho bạn một lần.".to_owned(),
                    ],
                    ..action(
                        "/can-bo/nguoi-dung",
                        "Thêm người",
                        Weight::Primary,
                        vec![
                            Field::new("ten", "Tên hiển thị", FieldKind::Line).required(),
                            Field::new("tai_khoan", "Tên tài khoản", FieldKind::Line)
                                .required()
                                .hint("Chữ thường không dấu và số, 3–40 ký tự.")
                                .value("Ông A")
                                .error("Tên tài khoản chỉ gồm chữ thường không dấu và số."),
                            role(),
                            Field::new(
                                "don_vi",
                                "Đơn vị",
                                FieldKind::Choice(Choice::list(
                                    [("", "Không thuộc đơn vị nào"), ("ca-tinh", "Công an tỉnh")],
                                    "",
                                )),
                            ),
                        ],
                    )
                },
            },
        ),
        page(
            "person",
            &PersonPage {
                page: shell("Lê Văn Thử", ""),
                row: person("Lê Văn Thử", "canbo", "Cán bộ tiếp nhận", Mark::calm("Đang dùng")),
                actions: vec![
                    action("/can-bo/nguoi-dung/1/vai-tro", "Đổi vai trò", Weight::Plain, vec![role()]),
                    action("/can-bo/nguoi-dung/1/mat-khau", "Đặt lại mật khẩu", Weight::Plain, Vec::new()),
                    action("/can-bo/nguoi-dung/1/khoa", "Khóa tài khoản", Weight::Grave, Vec::new()),
                ],
            },
        ),
        page(
            "password",
            &PasswordPage {
                page: shell("Mật khẩu mới", ""),
                name: "Nguyễn Văn Mới".to_owned(),
                account: "moi".to_owned(),
                password: "kahi-mora-tevu-51".to_owned(),
            },
        ),
        page("links", &LinksPage { page: shell("Liên kết", "/can-bo/lien-ket"), links: links() }),
        page(
            "outbox",
            &OutboxPage {
                page: shell("Tin gửi đi", "/can-bo/tin-gui"),
                views: vec![
                    View {
                        label: "Cần xem".to_owned(),
                        href: "/can-bo/tin-gui".to_owned(),
                        is_current: true,
                        count: "3".to_owned(),
                    },
                    View {
                        label: "Tất cả".to_owned(),
                        href: "/can-bo/tin-gui?loai=tat-ca".to_owned(),
                        is_current: false,
                        count: String::new(),
                    },
                ],
                rows: vec![
                    outgoing(Mark::soon("Không rõ"), "Máy dừng khi đang gửi, không gửi lại."),
                    outgoing(Mark::now("Lỗi"), "Nhà mạng từ chối: ESME_RINVDSTADR"),
                ],
                pager: Pager::default(),
                dead: vec![DeadJob {
                    kind: "Gửi yêu cầu cho nhà mạng".to_owned(),
                    reason: "Nhà mạng “gtel” chưa có khóa kết nối.".to_owned(),
                    attempts: "8 lần".to_owned(),
                    at: ago(300),
                    retry: Some(action(
                        "/can-bo/tin-gui/viec/4/chay-lai",
                        "Chạy lại",
                        Weight::Plain,
                        Vec::new(),
                    )),
                }],
            },
        ),
        page(
            "audit",
            &AuditPage {
                page: shell("Nhật ký", ""),
                narrowed: Some("phản ánh số 12".to_owned()),
                rows: vec![AuditRow {
                    at: ago(20),
                    who: "Lê Văn Thử".to_owned(),
                    what: "Mở số người phản ánh".to_owned(),
                    thing: "phản ánh 4827 1935".to_owned(),
                    thing_href: "/can-bo/nhat-ky?o=report:1".to_owned(),
                    why: "Gọi lại hỏi số tài khoản nhận tiền để Công an phong tỏa.".to_owned(),
                }],
                pager: Pager {
                    position: "1–50".to_owned(),
                    newer: None,
                    older: Some("/can-bo/nhat-ky?truoc=9".to_owned()),
                },
            },
        ),
    ]
}

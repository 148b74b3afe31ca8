//! The queue and one report, as usual, empty and not understood.

use super::*;
use crate::web::console::view::reports::*;

fn row(id: u32, source: &str, words: &str, state: Mark, problem: &str) -> ReportRow {
    ReportRow {
        href: format!("/can-bo/phan-anh/{id}"),
        kind: if problem.is_empty() { "Cuộc gọi lừa đảo" } else { "Chưa rõ loại" }.to_owned(),
        source: source.to_owned(),
        chips: if problem.is_empty() {
            scam_chips().into_iter().map(|one| Chip { count: 0, ..one }).collect()
        } else {
            Vec::new()
        },
        voices: if source.is_empty() { String::new() } else { "7 người phản ánh".to_owned() },
        at: ago(i64::from(id) * 7),
        state,
        owner: if id.is_multiple_of(2) { "Lê Văn Thử".to_owned() } else { String::new() },
        first_words: words.to_owned(),
        channel: "SMS · viettel".to_owned(),
        problem: problem.to_owned(),
        is_current: false,
    }
}

fn filter(name: &str, label: &str, pairs: &[(&str, &str)]) -> Filter {
    Filter {
        name: name.to_owned(),
        label: label.to_owned(),
        choices: Choice::list(pairs.iter().copied(), ""),
    }
}

fn queue() -> Queue {
    let view = |label: &str, href: &str, is_current, count: &str| View {
        label: label.to_owned(),
        href: href.to_owned(),
        is_current,
        count: count.to_owned(),
    };
    Queue {
        filters: vec![
            filter(
                "loai",
                "Loại",
                &[("", "Tất cả"), ("scam_call", "Cuộc gọi lừa đảo"), ("spam_call", "Cuộc gọi rác")],
            ),
            filter("trang_thai", "Trạng thái", &[("", "Tất cả"), ("new", "Mới")]),
            filter("lien_ket", "Liên kết", &[("", "Tất cả"), ("viettel", "viettel")]),
            filter("van_de", "Vấn đề", &[("", "Tất cả"), ("missing_source", "Thiếu số")]),
            filter("xa", "Xã, phường", &[("", "Tất cả"), ("22015", "Phường Tuy Hoà")]),
            filter("ky", "Thời gian", &[("", "Mọi lúc"), ("hom-nay", "Hôm nay")]),
        ],
        views: vec![
            view("Chưa xử lý", "/can-bo/phan-anh?trang_thai=new", true, "12"),
            view("Cần cán bộ đọc", "/can-bo/phan-anh?van_de=co", false, "8"),
            view("Tất cả", "/can-bo/phan-anh", false, ""),
        ],
        searched: String::new(),
        rows: vec![
            row(
                1,
                "0912 345 678",
                "LD (0912345678) xung la cong an tinh, noi thue bao sai thong tin, doi chuyen 5 trieu neu khong khoa sim trong 2 gio",
                Mark::calm("Mới"),
                "",
            ),
            row(
                2,
                "0900 000 012",
                "V 0900000012 moi vay tien lai cao, goi ca ngay",
                Mark::calm("Trong vụ việc"),
                "",
            ),
            row(
                3,
                "",
                "co nguoi goi bao toi no tien dien, doi chuyen khoan ngay",
                Mark::soon("Cần cán bộ đọc"),
                "Thiếu số bị phản ánh",
            ),
            row(
                4,
                "VIETTELKM",
                "S VIETTELKM trung thuong xe SH bam vao link nhan qua",
                Mark::calm("Mới"),
                "",
            ),
        ],
        pager: Pager {
            position: "1–50 trong 119".to_owned(),
            newer: None,
            older: Some("/can-bo/phan-anh?truoc=70".to_owned()),
        },
        query: "?trang_thai=new".to_owned(),
        newest: 119,
        set_filters: 1,
    }
}

fn correction() -> Action {
    Action {
        path: "/can-bo/phan-anh/1/sua".to_owned(),
        verb: "Sửa điều máy hiểu".to_owned(),
        consequences: vec!["Nguyên văn giữ nguyên; bản sửa ghi tên bạn và vào diễn biến.".to_owned()],
        facts: Vec::new(),
        fields: vec![
            Field::new(
                "loai",
                "Loại",
                FieldKind::Choice(Choice::list(
                    [
                        ("scam_call", "Cuộc gọi lừa đảo"),
                        ("spam_call", "Cuộc gọi rác"),
                        ("spam_sms", "Tin nhắn rác"),
                    ],
                    "scam_call",
                )),
            )
            .required(),
            Field::new("nguon", "Số hoặc tên người gửi bị phản ánh", FieldKind::Line)
                .required()
                .hint("Nhiều số cách nhau bằng dấu phẩy.")
                .value("0912 345 678"),
            Field::new("ly_do", "Vì sao sửa", FieldKind::Text).required(),
        ],
        weight: Weight::Plain,
        refusal: String::new(),
        version: 3,
        is_open: false,
    }
}

fn detail() -> ReportDetail {
    ReportDetail {
        kind: "Cuộc gọi lừa đảo".to_owned(),
        state: Mark::calm("Mới"),
        at: ago(7),
        code: "4827 1935".to_owned(),
        text: "LD (0912345678) xung la cong an tinh, noi thue bao sai thong tin,\ndoi chuyen 5 trieu neu khong khoa sim trong 2 gio".to_owned(),
        sources: vec![SourceLine { shown: "0912 345 678".to_owned(), as_received: "(0912345678)".to_owned(), note: "di động, dải số VinaPhone".to_owned(), warning: String::new() }],
        chips: scam_chips().into_iter().map(|one| Chip { count: 0, ..one }).collect(),
        understood: vec![Fact::new("Ý định", "Phản ánh"), Fact::new("Loại", "LD, cuộc gọi lừa đảo"), Fact::new("Châm chước", "Số trong ngoặc, không dấu"), Fact::new("Vấn đề", "Không")],
        technical: vec![Fact::new("Kênh", "SMS"), Fact::new("Liên kết", "viettel"), Fact::new("Gửi tới đầu số", "156"), Fact::new("Bảng mã", "GSM 7, 1 phần"), Fact::new("Thứ tự nhận", "119")],
        raw: "00 00 00 5a 00 00 00 05  00 00 00 00 00 00 00 07".to_owned(),
        evidence: vec![EvidenceItem { name: "ghi-am.m4a".to_owned(), kind: "âm thanh, 1,2 MB".to_owned(), sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(), given: "Người phản ánh gửi bằng mã, 23/11/2026 14:01".to_owned(), href: "/can-bo/chung-cu/1".to_owned(), shows: Shows::Sound }],
        reporter: Reporter {
            shown: "•••• •••678".to_owned(),
            is_open: false,
            open: Some(Action {
                path: "/can-bo/phan-anh/1/mo-so".to_owned(),
                verb: "Mở số người phản ánh".to_owned(),
                consequences: vec!["Chỉ mở khi cần cho công việc. Tên bạn, lý do và giờ mở được ghi vào nhật ký.".to_owned()],
                fields: vec![Field { id_prefix: "mo-".to_owned(), ..Field::new("ly_do", "Lý do", FieldKind::Text).required() }],
                ..correction()
            }),
            closed_because: String::new(),
            other_reports: "Đã gửi 2 phản ánh khác trong 90 ngày.".to_owned(),
        },
        told: vec![Fact::new("Xã, phường", "Phường Tuy Hoà"), Fact::new("Mất tiền", "Chưa")],
        related: vec![RelatedReport { href: "/can-bo/phan-anh/2".to_owned(), how: "Cùng số".to_owned(), first_words: "LD 0912345678 tu xung cong an doi tien".to_owned(), at: ago(60) }],
        case: Some(CaseLink { label: "vụ việc VV-000012".to_owned(), href: "/can-bo/vu-viec/12".to_owned(), state: Mark::soon("Chờ xác minh") }),
        actions: vec![correction(), Action { path: "/can-bo/phan-anh/1/vu-viec".to_owned(), verb: "Mở vụ việc".to_owned(), refusal: "Phản ánh này đã thuộc vụ việc VV-000012.".to_owned(), fields: Vec::new(), ..correction() }],
        events: vec![event(7, "Hệ thống", "Nhận từ liên kết viettel.", ""), event(6, "Hệ thống", "Trả lời người gửi, đã tới máy.", "")],
        replies: vec![Fact::new("Biên nhận", "đã tới máy 23/11/2026 13:59")],
        previous: None,
        next: Some("/can-bo/phan-anh/2".to_owned()),
    }
}

pub(super) fn report_with_text(text: &str) -> String {
    let mut report = detail();
    report.text = text.to_owned();
    let mut queue = queue();
    queue.rows[0].first_words = text.to_owned();
    page("hostile", &ReportPage { page: shell("Phản ánh", "/can-bo/phan-anh"), queue, report }).1
}

pub(super) fn pages() -> Vec<(&'static str, String)> {
    let reports = |queue| ReportsPage { page: shell("Phản ánh", "/can-bo/phan-anh"), queue };
    let mut beside = queue();
    beside.rows[0].is_current = true;
    let mut unclear = detail();
    unclear.sources.clear();
    unclear.chips.clear();
    unclear.case = None;
    unclear.evidence.clear();
    unclear.reporter.open = None;
    unclear.reporter.closed_because = "Người phản ánh không để lại số.".to_owned();
    unclear.state = Mark::soon("Cần cán bộ đọc");
    let mut wrong = correction();
    wrong.is_open = true;
    wrong.fields[1].error = "Nhập số bị phản ánh, ví dụ 0912 345 678.".to_owned();
    unclear.actions = vec![wrong];
    vec![
        page("reports", &reports(queue())),
        page(
            "reports-empty",
            &reports(Queue { rows: Vec::new(), searched: "cong an".to_owned(), ..queue() }),
        ),
        page(
            "report",
            &ReportPage {
                page: shell("Phản ánh 4827 1935", "/can-bo/phan-anh"),
                queue: beside,
                report: detail(),
            },
        ),
        page(
            "report-unclear",
            &ReportPage {
                page: shell("Phản ánh chưa rõ", "/can-bo/phan-anh"),
                queue: queue(),
                report: unclear,
            },
        ),
    ]
}

//! Rules that may never be broken, whatever the data file says.

use canhgiac_analysis::{Level, Signs, Stance, assess, classify};

fn signs() -> Signs {
    Signs::embedded(jiff::civil::date(2026, 11, 24))
}

const AUTHORITIES: &[&str] = &[
    "Công an tỉnh",
    "Sở Khoa học và Công nghệ",
    "Viện kiểm sát",
    "Ngân hàng thông báo:",
    "Nhà mạng",
    "Cơ quan thuế",
    "Điện lực",
    "Bảo hiểm xã hội",
];
const GRAVE_DEMANDS: &[&str] = &[
    "yêu cầu bạn chuyển tiền vào tài khoản sau",
    "đề nghị nộp phí hồ sơ ngay",
    "yêu cầu đọc mã OTP",
    "yêu cầu giữ bí mật",
    "yêu cầu chia sẻ màn hình điện thoại",
];

#[test]
fn whoever_claims_authority_and_asks_for_grave_things_shows_signs() {
    let signs = signs();
    for who in AUTHORITIES {
        for demand in GRAVE_DEMANDS {
            for text in [
                format!("{who} {demand}"),
                format!(
                    "{who} cảnh báo: hiện nay nhiều đối tượng lừa đảo, người dân cảnh giác, tuyệt đối không làm theo người lạ. \
                     Căn cứ công văn số 12/CV ngày 01/11/2026. Để được bảo vệ, {who} {demand}."
                ),
                format!(
                    "{who} cảnh báo người dân cảnh giác, không chuyển tiền cho kẻ lạ. Do có đối tượng lừa đảo nên \
                     đề nghị bà con làm theo: {demand}"
                ),
                format!("Đây là tin nhắn chính thức, không phải lừa đảo. {who} {demand}. Trân trọng."),
            ] {
                let found = assess(&signs, &text);
                assert_eq!(found.level, Level::Signs, "{text}\n{:?}", found.reading.findings);
                assert!(!found.reasons.is_empty());
            }
        }
    }
}

#[test]
fn nothing_reassures() {
    let signs = signs();
    for text in ["", "   ", "xin chào", "Đây là tin thật, an toàn, đã xác minh", "0912 345 678"] {
        let found = assess(&signs, text);
        assert_eq!(found.level, Level::None, "{text}");
        assert_eq!(found.level.label_vi(), "Chưa có thông tin");
        assert!(found.level.caution_vi().contains("không có nghĩa là an toàn"));
    }
}

#[test]
fn the_reasons_quote_the_texts_own_words() {
    let signs = signs();
    let text = "Tôi là C.ô.n.g A.n tỉnh, anh phải CHUYỂN TIỀN ngay";
    let found = assess(&signs, text);
    assert_eq!(found.level, Level::Signs);
    let quoted: Vec<&String> = found.reasons.iter().flat_map(|reason| &reason.quoted).collect();
    assert!(quoted.iter().any(|words| words.contains("CHUYỂN TIỀN")), "{quoted:?}");
    assert!(quoted.iter().all(|words| text.contains(words.as_str())), "{quoted:?}");
    assert!(found.reasons[0].label_vi.contains("Công an"), "{:?}", found.reasons[0]);
    assert!(found.reasons.iter().all(|reason| !reason.label_vi.contains('{')));
}

#[test]
fn negation_forbids_and_threats_demand() {
    let signs = signs();
    for text in [
        "không chuyển tiền",
        "dung bam vao link la",
        "tuyệt đối không cung cấp mã OTP",
        "Ngân hàng không bao giờ yêu cầu quý khách cung cấp mật khẩu",
    ] {
        let reading = classify(&signs, text);
        let demands: Vec<_> = reading.terms(canhgiac_domain::taxonomy::Facet::Demand).collect();
        assert!(demands.is_empty(), "{text}: {demands:?}");
    }
    for text in [
        "nếu không chuyển tiền thì sẽ bị bắt",
        "khong chuyen tien se bi khoa sim",
        "không đi được đâu, chuyển tiền ngay đi",
        "không được cúp máy mà phải chuyển tiền",
        "Công an đây, đừng ngần ngại chuyển tiền ngay",
        "khong cham tre chuyen tien vao tai khoan sau",
        "để tránh bị khóa sim chuyển tiền ngay",
        "khong con cach nao khac ngoai chuyen tien",
        "đừng quên chuyển tiền trước 5 giờ",
        "đây không phải lừa đảo chuyển tiền ngay đi",
    ] {
        assert!(classify(&signs, text).asserts("transfer"), "{text}");
    }
}

#[test]
fn telling_the_police_is_not_impersonating_them() {
    let signs = signs();
    for text in [
        "toi da bao cong an",
        "Tôi đã trình báo với công an phường",
        "mong công an vào cuộc",
        "đã gọi công an",
    ] {
        assert!(!classify(&signs, text).asserts("police"), "{text}");
    }
    for text in ["no bao no la cong an", "xưng là công an, tôi sẽ báo công an", "giả danh ca phường"]
    {
        assert!(classify(&signs, text).asserts("police"), "{text}");
    }
}

#[test]
fn a_warning_describes_and_is_never_called_safe() {
    let signs = signs();
    let text =
        "Cảnh báo người dân: đối tượng giả danh công an yêu cầu chuyển tiền. Tuyệt đối không chuyển tiền.";
    let found = assess(&signs, text);
    assert!(found.reading.is_warning);
    assert!(found.reading.findings.iter().all(|finding| finding.stance == Stance::Described));
    assert_eq!(found.level, Level::Weak);
}

#[test]
fn entities_are_found_with_their_context() {
    let signs = signs();
    let text = "Gọi 0912 345 678, chuyển 5tr5 vào stk 1903 4567 8901 Techcombank, đọc mã OTP, vào hxxps://vneid-gov[.]com/a hoặc Zalo";
    let found = classify(&signs, text).entities;
    assert_eq!(found.numbers.len(), 1);
    assert_eq!(found.numbers[0].digits, "0912345678");
    assert_eq!(found.accounts[0].digits, "190345678901");
    assert_eq!(found.accounts[0].bank.as_deref(), Some("Techcombank"));
    assert_eq!(found.amounts[0].dong, Some(5_500_000));
    assert_eq!(&text[found.amounts[0].range.clone()], "5tr5");
    assert_eq!(found.urls[0].host, "vneid-gov.com");
    assert!(found.urls[0].is_defanged && !found.urls[0].is_official);
    assert_eq!(found.otp_mentions.len(), 1);
    assert!(found.names.iter().any(|name| name.label == "Zalo"));
}

#[test]
fn lists_are_bounded() {
    use canhgiac_analysis::entities::MAX_PER_KIND;
    let signs = signs();
    let text = "0912345678 chuyển 500k vào stk 123456789 otp a-b.com. ".repeat(500);
    let reading = classify(&signs, &text);
    let found = &reading.entities;
    assert_eq!(found.numbers.len(), MAX_PER_KIND);
    assert_eq!(found.accounts.len(), MAX_PER_KIND);
    assert_eq!(found.amounts.len(), MAX_PER_KIND);
    assert_eq!(found.urls.len(), MAX_PER_KIND);
    assert_eq!(found.otp_mentions.len(), MAX_PER_KIND);
    for finding in &reading.findings {
        assert!(finding.quotes.len() <= canhgiac_analysis::classify::MAX_QUOTES);
    }
}

#[test]
fn rules_are_dated() {
    let file = include_str!("../../../../data/signs.toml");
    let dated = file.replacen("term = \"gambling\"", "term = \"gambling\"\nvalid_from = \"2027-01-01\"", 1);
    let taxonomy = canhgiac_domain::taxonomy::Taxonomy::embedded();
    let before = Signs::from_toml(&dated, taxonomy, jiff::civil::date(2026, 12, 31));
    assert!(before.is_err(), "a term without any phrase in force is a problem");
    let after = Signs::from_toml(&dated, taxonomy, jiff::civil::date(2027, 1, 1)).unwrap();
    assert!(classify(&after, "lô đề").asserts("gambling"));
}

//! Ids of the domain in the words the console shows.
//!
//! An id this file does not know is shown as it is: data files grow faster than pages.

use std::collections::HashMap;

use canhgiac_domain::taxonomy::{Facet, Taxonomy};
use canhgiac_store::{Page, SourceRow, StaffRow, StoreError};
use serde::Deserialize;
use uuid::Uuid;

use super::view::common::{Chip, Mark};
use crate::app::App;
use crate::web::format;

/// Kinds of report: id and words, in the order they are offered.
pub(super) const KINDS: [(&str, &str); 4] = [
    ("scam_call", "Cuộc gọi lừa đảo"),
    ("spam_call", "Cuộc gọi rác"),
    ("spam_sms", "Tin nhắn rác"),
    ("unlawful_advert", "Quảng cáo trái phép nơi công cộng"),
];

/// States of a report.
pub(super) const REPORT_STATES: [(&str, &str); 5] = [
    ("new", "Mới"),
    ("needs_officer", "Cần cán bộ đọc"),
    ("in_case", "Trong vụ việc"),
    ("done", "Đã xem xong"),
    ("aside", "Để riêng, nghi máy gửi"),
];

/// What was wrong with a text.
pub(super) const PROBLEMS: [(&str, &str); 10] = [
    ("recording", "Ghi âm cuộc gọi, cần nghe"),
    ("missing_source", "Thiếu số bị phản ánh"),
    ("missing_kind", "Thiếu chữ S, V hoặc LD"),
    ("not_a_report", "Không phải phản ánh"),
    ("junk_number", "Số không có thật"),
    ("empty", "Tin trống"),
    ("too_long", "Tin quá dài"),
    ("doubtful", "Nghi máy gửi hàng loạt"),
    ("bad_code", "Mã phản ánh sai"),
    ("nothing_to_check", "Không có gì để kiểm tra"),
];

const INTENTS: [(&str, &str); 9] = [
    ("report", "Phản ánh"),
    ("unknown", "Không hiểu được"),
    ("result", "Hỏi kết quả (KQ)"),
    ("check", "Kiểm tra (KT)"),
    ("help", "Hướng dẫn (HD)"),
    ("subscribe", "Đăng ký cảnh báo"),
    ("unsubscribe", "Hủy cảnh báo"),
    ("dnc", "Không quảng cáo (DNC)"),
    ("forward", "Chuyển tin quảng cáo (FW)"),
];

const LENIENCIES: [(&str, &str); 17] = [
    ("missing_prefix", "thiếu từ khóa của liên kết"),
    ("lead_words", "có lời dẫn trước"),
    ("spelled_kind", "loại viết bằng chữ"),
    ("words_before_number", "có chữ trước số"),
    ("half_bracket", "thiếu một ngoặc"),
    ("misread_brackets", "ngoặc bị đọc sai bảng mã"),
    ("several_sources", "nhiều số"),
    ("bare_sender_name", "tên người gửi không ngoặc"),
    ("source_inside_content", "số nằm trong nội dung"),
    ("separators", "số có dấu ngăn"),
    ("country_code", "có mã quốc gia"),
    ("zero_after_country_code", "thừa số 0 sau mã quốc gia"),
    ("missing_leading_zero", "thiếu số 0 đầu"),
    ("letter_for_digit", "chữ thay cho số"),
    ("migrated", "số trước khi đổi đầu số 2018"),
    ("international_prefix", "00 thay cho +"),
    ("missing_plus", "thiếu dấu +"),
];

const MESSAGE_STATES: [(&str, &str); 6] = [
    ("delivered", "Đã tới máy"),
    ("sent", "Đã gửi, chờ báo nhận"),
    ("planned", "Chờ gửi"),
    ("sending", "Đang gửi"),
    ("failed", "Lỗi"),
    ("uncertain", "Không rõ"),
];

const PURPOSES: [(&str, &str); 4] = [
    ("reply", "Trả lời người gửi"),
    ("outcome", "Báo kết quả"),
    ("broadcast", "Cảnh báo"),
    ("code", "Mã xác nhận"),
];

/// What is written in timelines and the audit trail.
const ACTIONS: [(&str, &str); 45] = [
    ("opened", "Mở vụ việc từ phản ánh."),
    ("report_joined", "Thêm phản ánh vào vụ việc."),
    ("joined", "Thêm phản ánh vào vụ việc."),
    ("confirmed", "Xác nhận có dấu hiệu lừa đảo."),
    ("referred", "Chuyển Công an."),
    ("referral_acknowledged", "Công an xác nhận đã tiếp nhận."),
    ("block_requested", "Đề nghị nhà mạng tạm khóa."),
    ("answered_blocked", "Nhà mạng trả lời: đã khóa hai chiều."),
    ("answered_not_found", "Nhà mạng trả lời: không có số này."),
    ("answered_refused", "Nhà mạng trả lời: không thực hiện."),
    ("answered_ported", "Nhà mạng trả lời: số đã chuyển mạng, chuyển đề nghị tiếp."),
    ("answered_restored", "Nhà mạng trả lời: đã khôi phục."),
    ("kept", "Người thứ hai xác nhận giữ khóa."),
    ("expired", "Hết thời hạn, khôi phục số."),
    ("lifted", "Gỡ khóa, rút đề nghị."),
    ("closed", "Đóng vụ việc."),
    ("reconsideration_filed", "Chủ thuê bao đề nghị xem xét lại."),
    ("reconsideration_granted", "Chấp nhận đề nghị xem xét lại, khôi phục số."),
    ("reconsideration_refused", "Không chấp nhận đề nghị xem xét lại."),
    ("evidence_added", "Thêm chứng cứ."),
    ("reporter_opened", "Mở số người phản ánh."),
    ("report_corrected", "Sửa điều máy hiểu."),
    ("report_done", "Xem xong, không cần làm thêm."),
    ("bulletin_begun", "Soạn cảnh báo."),
    ("bulletin_edited", "Sửa bản nháp cảnh báo."),
    ("bulletin_published", "Duyệt và đăng cảnh báo."),
    ("bulletin_cancelled", "Rút cảnh báo."),
    ("staff_added", "Thêm người dùng."),
    ("staff_role", "Đổi vai trò."),
    ("operator_key_made", "Lập khóa truy cập cho nhà mạng."),
    ("staff_disabled", "Khóa tài khoản."),
    ("staff_enabled", "Mở lại tài khoản."),
    ("password_reset", "Đặt lại mật khẩu."),
    ("password_changed", "Đổi mật khẩu của mình."),
    ("signed_in", "Đăng nhập."),
    ("signed_out", "Đăng xuất."),
    ("sign_in_failed", "Đăng nhập sai."),
    ("job_retried", "Cho việc bị kẹt chạy lại."),
    ("evidence_opened", "Mở chứng cứ."),
    ("report_taken_in", "Nhận phản ánh tại bàn."),
    ("data_exported", "Giao dữ liệu cho người phản ánh."),
    ("erasure_asked", "Đề nghị xóa dữ liệu."),
    ("report_erased", "Xóa lời kể, số và tệp."),
    ("purged", "Xóa dữ liệu hết thời hạn lưu giữ."),
    ("subscriber_erased", "Xóa số khỏi danh sách nhận cảnh báo."),
];

const FLAGS: [(&str, &str); 7] = [
    ("proof_code", "số xác nhận bằng mã"),
    ("proof_called", "số được gọi thử tại bàn"),
    ("doubt_trap", "điền vào ô người không thấy"),
    ("doubt_too_fast", "gửi nhanh hơn người gõ"),
    ("doubt_address", "một địa chỉ gửi quá nhiều trong ngày"),
    ("doubt_site", "cả trang nhận quá nhiều trong ngày"),
    ("doubt_repeated", "một biểu mẫu gửi nhiều lần"),
];

/// What is technical about a report: how its bytes were read, how its form looked.
pub(super) fn flag(id: &str) -> &str {
    look_up(&FLAGS, id)
}

fn look_up<'a>(table: &'a [(&'a str, &'a str)], id: &'a str) -> &'a str {
    table.iter().find(|(known, _)| *known == id).map_or(id, |(_, label)| *label)
}

/// The words as they stand within a sentence; abbreviations later in it keep their capitals.
pub(super) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// A kind of report; none is said too.
pub(super) fn kind(id: Option<&str>) -> String {
    id.map_or("Chưa rõ loại", |id| look_up(&KINDS, id)).to_owned()
}

/// A problem of a text.
pub(super) fn problem(id: &str) -> &str {
    look_up(&PROBLEMS, id)
}

/// An intent.
pub(super) fn intent(id: &str) -> &str {
    look_up(&INTENTS, id)
}

/// A leniency.
pub(super) fn leniency(id: &str) -> &str {
    look_up(&LENIENCIES, id)
}

/// A purpose of an outgoing text.
pub(super) fn purpose(id: &str) -> &str {
    look_up(&PURPOSES, id)
}

/// An action of a timeline or of the audit trail.
pub(super) fn action(id: &str) -> &str {
    look_up(&ACTIONS, id)
}

/// State of a report.
pub(super) fn report_state(id: &str) -> Mark {
    let label = look_up(&REPORT_STATES, id);
    if id == "needs_officer" { Mark::soon(label) } else { Mark::calm(label) }
}

/// State of an outgoing text.
pub(super) fn message_state(id: &str) -> Mark {
    let label = look_up(&MESSAGE_STATES, id);
    match id {
        "failed" => Mark::now(label),
        "uncertain" => Mark::soon(label),
        _ => Mark::calm(label),
    }
}

/// The words alone of a message's state.
pub(super) fn message_state_label(id: &str) -> &str {
    look_up(&MESSAGE_STATES, id)
}

/// An agency, operator or unit by id.
pub(super) fn agency(app: &App, id: &str) -> String {
    app.rules.agencies.name_of(id).to_owned()
}

/// What somebody works for: a police unit or a commune.
pub(super) fn unit(app: &App, id: &str) -> String {
    app.rules.areas.commune(id).map_or_else(|| agency(app, id), |commune| commune.full_name.clone())
}

/// A source as people read it.
pub(super) fn source(app: &App, kind: &str, canonical: &str) -> String {
    app.source_of(kind, canonical).map_or_else(|_| format::phone(canonical), |source| source.display())
}

/// A stored source as people read it.
pub(super) fn source_row(app: &App, row: &SourceRow) -> String {
    source(app, &row.kind, &row.canonical)
}

/// A case's number as staff say it.
pub(super) fn case_number(number: i64) -> String {
    format!("VV-{number:06}")
}

/// All but the last three digits hidden.
pub(super) fn masked(number: &str) -> String {
    let tail: String = number.chars().rev().take(3).collect::<Vec<_>>().into_iter().rev().collect();
    format!("•••• •••{tail}")
}

#[derive(Deserialize)]
struct Finding {
    facet: String,
    id: String,
    #[serde(default)]
    quote: String,
}

fn facet(id: &str) -> &'static str {
    match Facet::parse(id) {
        Some(Facet::Who) => "Tự xưng",
        Some(Facet::Why) => "Cớ",
        Some(Facet::Demand) => "Đòi",
        None => "Dấu hiệu",
    }
}

/// The facets found in texts, each once with its first quoted words and how often, most frequent first
/// within who, why, demand. Findings that do not read back are left out: they are ours and derived.
pub(super) fn chips<'a>(findings: impl IntoIterator<Item = &'a str>) -> Vec<Chip> {
    let taxonomy = Taxonomy::embedded();
    let mut chips: Vec<(usize, Chip)> = Vec::new();
    for json in findings {
        for finding in serde_json::from_str::<Vec<Finding>>(json).unwrap_or_default() {
            let label = taxonomy.label_vi(&finding.id).to_owned();
            let facet_label = facet(&finding.facet);
            match chips.iter_mut().find(|(_, chip)| chip.facet == facet_label && chip.label == label) {
                Some((_, chip)) => {
                    chip.count += 1;
                    if chip.words.is_empty() {
                        chip.words = finding.quote;
                    }
                }
                None => {
                    let rank = ["who", "why", "demand"].iter().position(|one| *one == finding.facet);
                    let chip = Chip { facet: facet_label.to_owned(), label, words: finding.quote, count: 1 };
                    chips.push((rank.unwrap_or(3), chip));
                }
            }
        }
    }
    chips.sort_by_key(|(rank, chip)| (*rank, std::cmp::Reverse(chip.count)));
    chips.into_iter().map(|(_, chip)| chip).collect()
}

/// How a text begins, for a line of a list.
pub(super) fn first_words(text: &str) -> String {
    const LIMIT: usize = 160;
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if plain.chars().count() <= LIMIT {
        return plain;
    }
    let mut short: String = plain.chars().take(LIMIT).collect();
    short.push('…');
    short
}

/// Names of all staff, to write actors as people.
pub(super) struct Names(HashMap<Uuid, String>);

impl Names {
    /// Loads them.
    pub(super) async fn load(app: &App) -> Result<Names, StoreError> {
        Ok(Names::of(&app.store.staff().await?))
    }

    /// Of these members of staff.
    pub(super) fn of(staff: &[StaffRow]) -> Names {
        Names(staff.iter().map(|one| (one.id, one.name.clone())).collect())
    }

    /// A member of staff; empty when there is none.
    pub(super) fn staff(&self, id: Option<Uuid>) -> String {
        id.and_then(|id| self.0.get(&id).cloned()).unwrap_or_default()
    }

    /// Whoever stands in a timeline.
    pub(super) fn actor(&self, app: &App, actor: &str) -> String {
        match actor.split_once(':') {
            Some(("staff", id)) => Uuid::parse_str(id)
                .ok()
                .and_then(|id| self.0.get(&id).cloned())
                .unwrap_or_else(|| "Người dùng đã xóa".to_owned()),
            Some(("operator", id)) => format!("Nhà mạng {}", agency(app, id)),
            _ if actor == "holder" => "Chủ thuê bao".to_owned(),
            _ if actor == "reporter" => "Người phản ánh".to_owned(),
            _ => "Hệ thống".to_owned(),
        }
    }
}

/// The page of a list asked for, with its offset.
pub(super) fn page_of(asked: Option<&str>, limit: i64) -> (i64, Page) {
    let number = asked.and_then(|text| text.parse::<i64>().ok()).unwrap_or(1).clamp(1, 10_000);
    (number, Page { offset: (number - 1) * limit, limit: limit + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chips_are_summed_and_ordered_by_facet() {
        let one = r#"[{"facet":"demand","id":"transfer","quote":"chuyen tien"},{"facet":"who","id":"police","quote":"cong an"}]"#;
        let two = r#"[{"facet":"who","id":"police","quote":"CA tinh"}]"#;
        let chips = chips([one, two, "not json"]);
        assert_eq!(chips[0].label, "Công an");
        assert_eq!((chips[0].count, chips[0].words.as_str()), (2, "cong an"));
        assert_eq!(chips[1].label, "Chuyển tiền");
    }

    #[test]
    fn a_masked_number_keeps_three_digits() {
        assert_eq!(masked("+84912345678"), "•••• •••678");
        assert_eq!(masked("12"), "•••• •••12");
    }

    #[test]
    fn every_page_of_a_list_is_in_range() {
        assert_eq!(page_of(Some("3"), 50).1.offset, 100);
        assert_eq!(page_of(Some("-3"), 50).0, 1);
        assert_eq!(page_of(Some("x"), 50).0, 1);
        assert_eq!(page_of(Some("99999999999"), 50).0, 10_000);
    }

    #[test]
    fn an_unknown_id_is_shown_as_it_is() {
        assert_eq!(problem("something_new"), "something_new");
        assert_eq!(kind(None), "Chưa rõ loại");
    }
}

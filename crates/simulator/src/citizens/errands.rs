//! What citizens send beside reports: `KQ`, `KT`, `HD`, `DK CB`, `HUY CB`, and what is not the product's.

use canhgiac_domain::intake::Problem;

use super::network::Mobile;
use super::sample::Expected;
use crate::dice::Dice;

/// Asks what came of a report, with the code of the reply.
pub(crate) fn result(code: Option<&str>, dice: &mut Dice) -> (String, Expected) {
    let text = match code {
        None => dice.pick(&["KQ", "kq", "TC"]).to_owned(),
        Some(code) => {
            let (head, tail) = code.split_at(code.len().min(4));
            match dice.below(5) {
                0 => format!("KQ {head} {tail}"),
                1 => format!("kq{code}"),
                2 => format!("TC {code}"),
                3 => format!("KQ ma {head}.{tail}"),
                _ => format!("KQ {code}"),
            }
        }
    };
    (text, Expected::intent("result"))
}

/// Asks whether a number, a name or a message is genuine.
pub(crate) fn check(star: &Mobile, other: &Mobile, dice: &mut Dice) -> (String, Expected) {
    let mut expected = Expected::intent("check");
    let mut of = |text: String, source: String| {
        expected.sources = vec![source];
        text
    };
    let text = match dice.below(7) {
        0 | 1 => of(format!("KT {}", star.dialled()), star.canonical()),
        2 => of(format!("XM {}", star.shown()), star.canonical()),
        3 => of(format!("KT {}", other.dialled()), other.canonical()),
        // Made up, and official in the demo's data.
        4 => of("KT 0262 0000 113".to_owned(), "+842620000113".to_owned()),
        5 => of("KT Vietcombank".to_owned(), "Vietcombank".to_owned()),
        _ => "KT Cong an tinh thong bao ban dinh vao duong day ma tuy, chuyen tien de chung minh trong sach"
            .to_owned(),
    };
    (text, expected)
}

/// Asks how it works.
pub(crate) fn help(dice: &mut Dice) -> (String, Expected) {
    (dice.pick(&["HD", "hd", "TG", "Huong dan"]).to_owned(), Expected::intent("help"))
}

/// Wants warnings, or no more of them.
pub(crate) fn warnings(is_leaving: bool, dice: &mut Dice) -> (String, Expected) {
    match is_leaving {
        true => (dice.pick(&["HUY CB", "huy cb"]).to_owned(), Expected::intent("unsubscribe")),
        false => {
            let text = dice.pick(&["DK CB", "dk cb", "DKCB", "Đăng ký cảnh báo"]).to_owned();
            (text, Expected::intent("subscribe"))
        }
    }
}

/// What others take care of: the Do-Not-Call list and forwarded adverts.
pub(crate) fn elsewhere(dice: &mut Dice) -> (String, Expected) {
    match dice.below(3) {
        0 => ("DK DNC".to_owned(), Expected::intent("dnc")),
        1 => ("HUY DNC S".to_owned(), Expected::intent("dnc")),
        _ => ("FW [QC] Vay von nhanh 24h, goi 0900000001".to_owned(), Expected::intent("forward")),
    }
}

/// What a reply of the product makes a citizen do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// The reply names a code to ask with.
    Code(String),
    /// The reply asks to send the report again, in another way.
    SendAgain,
}

/// Reads a reply as a citizen does: looks for what to type.
pub(crate) fn prompt(reply: &str) -> Option<Prompt> {
    if let Some((_, after)) = reply.split_once("KQ ") {
        let code: String = after.chars().take_while(char::is_ascii_digit).collect();
        if code.len() == 8 {
            return Some(Prompt::Code(code));
        }
    }
    reply.contains("Soan lai").then_some(Prompt::SendAgain)
}

/// A code nobody was given: every digit right, the check digit too, or eight digits that cannot be a code.
pub(crate) fn wrong_code(dice: &mut Dice) -> (String, Expected) {
    match dice.below(2) {
        0 => ("KQ 1234".to_owned(), Expected::intent("result").but(Problem::BadCode)),
        _ => ("KQ 11111111".to_owned(), Expected::intent("result")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_read_as_a_citizen_reads_it() {
        let receipt =
            "Da nhan phan anh ve so 0912345678, ma 4827 1935. Xem ket qua: soan KQ 48271935 gui 156.";
        assert_eq!(prompt(receipt), Some(Prompt::Code("48271935".to_owned())));
        let again = "Tin nhan chua co so bi phan anh. Soan lai: LD (so dien thoai) (noi dung) gui 156.";
        assert_eq!(prompt(again), Some(Prompt::SendAgain));
        assert_eq!(prompt("Cam on ban da phan anh."), None);
    }
}

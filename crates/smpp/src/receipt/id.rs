//! Message ids as SMSCs write them: the answer to a message and the receipt may name the same message in
//! hexadecimal and in decimal, padded and not, in either case.
//!
//! The caller stores [`normal_id`] of the answer and looks up each of [`candidate_ids`] of the receipt.

/// How a link's two forms of an id are related: a setting, or found out by the first match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum IdForm {
    /// Not known: the same form is tried first, then decimal to hexadecimal, then the reverse.
    #[default]
    Any,
    /// The same in both, but for case and padding.
    Same,
    /// Hexadecimal in the answer, decimal in the receipt (seen live).
    AnswerHexReceiptDecimal,
    /// Decimal in the answer, hexadecimal in the receipt.
    AnswerDecimalReceiptHex,
}

/// The comparable form of an id: lower case, without surrounding space, `0x` and leading zeros.
#[must_use]
pub fn normal_id(id: &str) -> String {
    let id = id.trim_matches(|sign: char| sign == '\0' || sign.is_whitespace()).to_ascii_lowercase();
    let digits = id.strip_prefix("0x").unwrap_or(&id);
    let trimmed = digits.trim_start_matches('0');
    if trimmed.is_empty() && !digits.is_empty() { "0".to_owned() } else { trimmed.to_owned() }
}

/// The normal forms under which the answer may have named the message of this receipt, likeliest first.
#[must_use]
pub fn candidate_ids(receipt_id: &str, form: IdForm) -> Vec<String> {
    let same = normal_id(receipt_id);
    let as_hex = || same.parse::<u128>().ok().map(|number| format!("{number:x}"));
    let as_decimal = || u128::from_str_radix(&same, 16).ok().map(|number| number.to_string());
    let mut candidates = match form {
        IdForm::Same => vec![same],
        IdForm::AnswerHexReceiptDecimal => as_hex().into_iter().collect(),
        IdForm::AnswerDecimalReceiptHex => as_decimal().into_iter().collect(),
        IdForm::Any => {
            let others = [as_hex(), as_decimal()];
            core::iter::once(same).chain(others.into_iter().flatten()).collect()
        }
    };
    candidates.dedup();
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pair_seen_live_is_found_both_ways() {
        assert!(candidate_ids("1312523572", IdForm::Any).contains(&normal_id("4e3b8534")));
        assert!(candidate_ids("4E3B8534", IdForm::Any).contains(&normal_id("1312523572")));
        assert_eq!(candidate_ids("1312523572", IdForm::AnswerHexReceiptDecimal), ["4e3b8534"]);
        assert_eq!(candidate_ids("4E3B8534", IdForm::AnswerDecimalReceiptHex), ["1312523572"]);
    }

    #[test]
    fn padding_case_and_prefix_do_not_matter() {
        for id in ["0000004E3B8534", "4e3b8534", " 4E3B8534\0", "0x4E3B8534"] {
            assert_eq!(normal_id(id), "4e3b8534");
        }
        assert_eq!((normal_id("000"), normal_id("")), ("0".to_owned(), String::new()));
    }

    #[test]
    fn ids_that_are_no_numbers_are_only_themselves() {
        let uuid = "6F9619FF-8B86-D011-B42D-00CF4FC964FF";
        assert_eq!(candidate_ids(uuid, IdForm::Any), [uuid.to_ascii_lowercase()]);
        assert_eq!(candidate_ids(uuid, IdForm::AnswerHexReceiptDecimal), [] as [String; 0]);
        assert_eq!(candidate_ids("7", IdForm::Any), ["7"]);
    }
}

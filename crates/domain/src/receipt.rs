//! Receipt codes: eight digits a citizen can type on a keypad and read aloud, `4827 1935`.
//!
//! Seven digits and a Damm check digit, which catches every single wrong digit and every
//! swap of two neighbours. A code is not a secret: by SMS it answers only to the number that
//! reported, on the web only together with a code sent to that phone.

use std::fmt;

/// The quasigroup of order 10 of Damm's scheme (Damm 2004, table 1).
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

fn damm(digits: impl Iterator<Item = u8>) -> u8 {
    digits.fold(0, |interim, digit| DAMM[usize::from(interim)][usize::from(digit)])
}

/// A receipt code whose check digit is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReceiptCode(u32);

/// Why a text is no receipt code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptProblem {
    /// Not eight digits once spaces, dots and dashes are left out.
    #[error("a receipt code has eight digits")]
    NotEightDigits,
    /// Eight digits, but mistyped.
    #[error("the check digit is wrong: a digit was mistyped or two were swapped")]
    WrongCheckDigit,
}

impl ReceiptCode {
    /// The code made of a number below 9,000,000 (larger ones wrap), so that no code starts with 0.
    pub fn from_seed(seed: u32) -> ReceiptCode {
        let body = 1_000_000 + seed % 9_000_000;
        let check = damm(body.to_string().bytes().map(|byte| byte - b'0'));
        ReceiptCode(body * 10 + u32::from(check))
    }

    /// Reads what a citizen typed: eight digits, with or without spaces, dots or dashes.
    ///
    /// # Errors
    /// [`ReceiptProblem`] says which of the two ways it is wrong.
    pub fn parse(text: &str) -> Result<ReceiptCode, ReceiptProblem> {
        let mut digits = Vec::with_capacity(8);
        for ch in text.trim().chars() {
            match ch {
                '0'..='9' if digits.len() < 9 => digits.push(ch as u8 - b'0'),
                ' ' | '.' | '-' | '\u{a0}' => {}
                _ => return Err(ReceiptProblem::NotEightDigits),
            }
        }
        if digits.len() != 8 || digits[0] == 0 {
            return Err(ReceiptProblem::NotEightDigits);
        }
        if damm(digits.iter().copied()) != 0 {
            return Err(ReceiptProblem::WrongCheckDigit);
        }
        Ok(ReceiptCode(digits.iter().fold(0, |value, digit| value * 10 + u32::from(*digit))))
    }

    /// The eight digits without a space, as typed in `KQ 48271935`.
    pub fn digits(self) -> String {
        self.0.to_string()
    }
}

impl fmt::Display for ReceiptCode {
    /// `4827 1935`, as shown to people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:04}", self.0 / 10_000, self.0 % 10_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_code_reads_back_in_both_spellings(seed in any::<u32>()) {
            let code = ReceiptCode::from_seed(seed);
            prop_assert_eq!(ReceiptCode::parse(&code.digits()), Ok(code));
            prop_assert_eq!(ReceiptCode::parse(&code.to_string()), Ok(code));
        }

        #[test]
        fn one_wrong_digit_or_one_swap_is_caught(seed in any::<u32>(), at in 1usize..8, add in 1u8..10) {
            let code = ReceiptCode::from_seed(seed);
            let mut digits: Vec<u8> = code.digits().into_bytes();
            digits[at] = b'0' + (digits[at] - b'0' + add) % 10;
            let wrong = String::from_utf8(digits).unwrap();
            prop_assert_eq!(ReceiptCode::parse(&wrong), Err(ReceiptProblem::WrongCheckDigit));

            let mut digits: Vec<u8> = code.digits().into_bytes();
            if at < 7 && digits[at] != digits[at + 1] {
                digits.swap(at, at + 1);
                let swapped = String::from_utf8(digits).unwrap();
                prop_assert_eq!(ReceiptCode::parse(&swapped), Err(ReceiptProblem::WrongCheckDigit));
            }
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in ["", "1234567", "123456789012", "4827193a", "00000000"] {
            assert_eq!(ReceiptCode::parse(text), Err(ReceiptProblem::NotEightDigits), "{text}");
        }
    }
}

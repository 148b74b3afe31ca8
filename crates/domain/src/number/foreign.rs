//! What `rlibphonenumber` knows: countries, possible and valid lengths, grouping of foreign numbers.
//!
//! It is not asked about Vietnamese numbers: it calls 069…, 156, 5656, 1022, the old 11-digit and 055x numbers invalid.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat};

/// Vietnam's country calling code.
pub(super) const VIETNAM: &str = "84";

/// A foreign number in E.164, when its country allows a number of that length.
pub(super) fn possible(digits_after_plus: &str) -> Option<String> {
    let number = parse(digits_after_plus)?;
    PHONE_NUMBER_UTIL.is_possible_number(&number).then(|| e164(&number))
}

/// A foreign number in E.164, when its country has given out such numbers.
pub(super) fn valid(digits_after_plus: &str) -> Option<String> {
    let number = parse(digits_after_plus)?;
    number.is_valid().then(|| e164(&number))
}

/// Whether the number's country has given out such numbers.
pub(super) fn is_valid(e164: &str) -> bool {
    e164.strip_prefix('+').is_some_and(|digits| valid(digits).is_some())
}

/// The number grouped as its own country groups it: `+44 20 7946 0958`.
pub(super) fn grouped(e164: &str) -> Option<String> {
    let number = parse(e164.strip_prefix('+')?)?;
    Some(number.format_as(PhoneNumberFormat::International).into_owned())
}

/// The country as an ISO 3166 code, `None` for codes that belong to no single country.
pub(super) fn country(e164: &str) -> Option<String> {
    let number = parse(e164.strip_prefix('+')?)?;
    number.get_region_code().map(|region| region.to_string())
}

fn parse(digits_after_plus: &str) -> Option<PhoneNumber> {
    if !(7..=15).contains(&digits_after_plus.len()) {
        return None;
    }
    PhoneNumber::parse(format!("+{digits_after_plus}"), None).ok()
}

fn e164(number: &PhoneNumber) -> String {
    number.format_as(PhoneNumberFormat::E164).into_owned()
}

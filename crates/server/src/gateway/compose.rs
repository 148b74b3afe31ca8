//! From a row of the outbox to the message that is sent.

use bytes::Bytes;
use canhgiac_smpp::pdu::{Address, ShortMessage, npi, ton};
use canhgiac_smpp::text::{DefaultAlphabet, segments};
use canhgiac_store::MessageRow;

use super::words;
use crate::keys::Keys;

/// Ask for a receipt, whatever becomes of the message (SMPP 3.4 §5.2.17).
const WITH_RECEIPT: u8 = 1;

/// Makes the message of a row, or says why it can never be sent.
pub(super) fn compose(
    row: &MessageRow,
    keys: &Keys,
    alphabet: DefaultAlphabet,
) -> Result<ShortMessage, String> {
    let number = keys.open_text(&row.to_sealed).map_err(|_| words::number_does_not_open())?;
    let digits = number.strip_prefix('+').unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(words::no_subscriber());
    }
    // The reference ties the parts of a long message together; there is only one part here.
    let written = segments(&row.text, alphabet, 0).map_err(|error| words::too_long(error.parts))?;
    let [body] = written.parts.as_slice() else {
        return Err(words::too_long(written.parts.len()));
    };
    Ok(ShortMessage {
        source: sender(&row.from_code),
        destination: Address::international(digits),
        registered_delivery: WITH_RECEIPT,
        data_coding: written.data_coding,
        short_message: body.clone(),
        ..ShortMessage::default()
    })
}

/// A code is a short code, anything else a sender name.
fn sender(code: &str) -> Address {
    if code.bytes().all(|digit| digit.is_ascii_digit()) {
        Address::short_code(code)
    } else {
        Address::new(ton::ALPHANUMERIC, npi::UNKNOWN, Bytes::copy_from_slice(code.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(keys: &Keys, to: &str, text: &str, from: &str) -> MessageRow {
        MessageRow {
            seq: 1,
            purpose: "reply".to_owned(),
            object: "report:1".to_owned(),
            to_hash: Vec::new(),
            to_sealed: keys.seal(to.as_bytes()).unwrap(),
            text: text.to_owned(),
            link: "l".to_owned(),
            from_code: from.to_owned(),
            state: "sending".to_owned(),
            attempts: 1,
            error: None,
            created_us: 0,
            sent_us: None,
            done_us: None,
        }
    }

    #[test]
    fn a_reply_goes_from_our_code_to_the_subscriber_in_the_alphabet_of_the_link() {
        let keys = Keys::from_master(&[1; 32]);
        let message =
            compose(&row(&keys, "+84900000001", "Da nhan @", "156"), &keys, DefaultAlphabet::Gsm7).unwrap();
        assert_eq!(message.source, Address::short_code("156"));
        assert_eq!(message.destination, Address::international("84900000001"));
        assert_eq!((message.data_coding, message.registered_delivery), (0, 1));
        assert_eq!(message.short_message.as_ref(), b"Da nhan \0", "GSM 7 has its own place for @");
        let message =
            compose(&row(&keys, "+84900000001", "@", "CANHGIAC"), &keys, DefaultAlphabet::Latin1).unwrap();
        assert_eq!((message.source.ton, message.source.npi), (5, 0));
        assert_eq!(message.short_message.as_ref(), b"@");
    }

    #[test]
    fn what_can_never_be_sent_says_why_without_the_number() {
        let keys = Keys::from_master(&[1; 32]);
        for to in ["1900", "VIETTEL", "", "+84x"] {
            let error = compose(&row(&keys, to, "a", "156"), &keys, DefaultAlphabet::Gsm7).unwrap_err();
            assert_eq!(error, words::no_subscriber());
        }
        let long = row(&keys, "+84900000001", &"a".repeat(161), "156");
        assert!(compose(&long, &keys, DefaultAlphabet::Gsm7).unwrap_err().contains("2 tin"));
        let other = Keys::from_master(&[2; 32]);
        let sealed = row(&keys, "+84900000001", "a", "156");
        let error = compose(&sealed, &other, DefaultAlphabet::Gsm7).unwrap_err();
        assert_eq!(error, words::number_does_not_open());
    }
}

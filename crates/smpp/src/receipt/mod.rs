//! Delivery receipts: optional parameters first, then the text that SMSCs write in as many ways as there
//! are SMSCs (SMPP 3.4 §5.3.2.12, §5.3.2.35, §5.3.2.31 and appendix B).
//!
//! A receipt may arrive before the answer to the message it is about; parking it is the caller's, and so is
//! the link's time zone. Ids are compared by [`candidate_ids`].

mod id;
mod scan;

pub use id::{IdForm, candidate_ids, normal_id};

use crate::pdu::{MessageKind, ShortMessage, tag};
use crate::reassembly::part_info;
use crate::text::{DefaultAlphabet, decode};

/// What became of a message (SMPP 3.4 §5.2.28, SMPP 5.0 §4.7.15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageState {
    /// On its way.
    EnRoute,
    /// Delivered.
    Delivered,
    /// Not delivered before its validity ended.
    Expired,
    /// Deleted.
    Deleted,
    /// Cannot be delivered.
    Undeliverable,
    /// Accepted on behalf of the recipient.
    Accepted,
    /// The SMSC does not know.
    Unknown,
    /// Rejected.
    Rejected,
    /// Any other word or number.
    Other,
}

impl MessageState {
    fn from_number(number: u16) -> Self {
        match number {
            // 5.0 calls 0 scheduled; 9 is skipped.
            0 | 1 => Self::EnRoute,
            2 => Self::Delivered,
            3 => Self::Expired,
            4 => Self::Deleted,
            5 => Self::Undeliverable,
            6 => Self::Accepted,
            7 => Self::Unknown,
            8 => Self::Rejected,
            _ => Self::Other,
        }
    }

    /// Reads the word after `stat:`: seven letters by the specification, but also spelled out.
    fn from_word(word: &str) -> Self {
        let word = word.to_ascii_uppercase();
        let begins = |start: &str| word.starts_with(start);
        match () {
            () if begins("DELIV") => Self::Delivered,
            () if begins("EXPIR") => Self::Expired,
            () if begins("DELET") => Self::Deleted,
            () if begins("UNDELIV") => Self::Undeliverable,
            () if begins("ACCEP") || begins("ACKED") => Self::Accepted,
            () if begins("ENROUT") || begins("BUFF") => Self::EnRoute,
            () if begins("UNKNOW") => Self::Unknown,
            () if begins("REJEC") => Self::Rejected,
            () => Self::Other,
        }
    }

    /// Whether nothing more will come.
    #[must_use]
    pub fn is_final(self) -> bool {
        !matches!(self, Self::EnRoute | Self::Accepted | Self::Unknown | Self::Other)
    }
}

/// `network_error_code`: which network, and its code (SMPP 3.4 §5.3.2.31).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NetworkError {
    /// 1 ANSI-136, 2 IS-95, 3 GSM, others reserved.
    pub network: u8,
    /// The network's code.
    pub code: u16,
}

/// A date in a receipt, in the SMSC's local time, whatever that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReceiptDate {
    /// Four digits.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59; 0 when the receipt does not say.
    pub second: u8,
}

/// What a receipt says. Every field may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The SMSC's id of the message, as written; compare with [`candidate_ids`].
    pub message_id: Option<String>,
    /// What became of it.
    pub state: Option<MessageState>,
    /// Error from the optional parameter.
    pub network_error: Option<NetworkError>,
    /// The `err:` word as written; its meaning is the SMSC's own.
    pub error: Option<String>,
    /// `submit date`.
    pub submitted: Option<ReceiptDate>,
    /// `done date`.
    pub done: Option<ReceiptDate>,
    /// Whether this is an intermediate notification and a receipt will follow.
    pub is_intermediate: bool,
}

/// Reads a receipt; `None` when the message is none.
///
/// Only the SMSC can make a receipt: by `esm_class`, or by the parameters `receipted_message_id` and
/// `message_state`. A citizen's text that looks like one stays a text.
#[must_use]
pub fn receipt(message: &ShortMessage, default: DefaultAlphabet) -> Option<Receipt> {
    let kind = message.kind();
    let by_class = matches!(kind, MessageKind::Receipt | MessageKind::Intermediate);
    let by_parameters = kind == MessageKind::Plain
        && message.tlvs.value(tag::RECEIPTED_MESSAGE_ID).is_some()
        && message.tlvs.number(tag::MESSAGE_STATE).is_some();
    if !by_class && !by_parameters {
        return None;
    }
    let text = decode(&part_info(message).octets, message.data_coding, default).text;
    let mut receipt = scan::scan(&text);
    receipt.is_intermediate = kind == MessageKind::Intermediate;
    if let Some(id) = message.tlvs.value(tag::RECEIPTED_MESSAGE_ID) {
        let id = String::from_utf8_lossy(id);
        let id = id.trim_matches(|sign: char| sign == '\0' || sign.is_whitespace());
        if !id.is_empty() {
            receipt.message_id = Some(id.to_owned());
        }
    }
    if let Some(number) = message.tlvs.number(tag::MESSAGE_STATE) {
        receipt.state = Some(MessageState::from_number(number));
    }
    if let Some(&[network, high, low]) = message.tlvs.value(tag::NETWORK_ERROR_CODE).map(AsRef::as_ref) {
        receipt.network_error = Some(NetworkError { network, code: u16::from_be_bytes([high, low]) });
    }
    Some(receipt)
}

#[cfg(test)]
mod tests;

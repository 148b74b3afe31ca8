//! Delivery receipts as SMSCs write them (SMPP 3.4 appendix B): what became of a reply, told later.

use std::time::Duration;

use canhgiac_smpp::pdu::{ShortMessage, Tlvs, esm, tag};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// How the ids of one message are written in the answer and in the receipt; real SMSCs differ in exactly this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdStyle {
    /// Decimal in both.
    #[default]
    Decimal,
    /// Hexadecimal in the answer, decimal in the receipt (seen live).
    HexThenDecimal,
    /// Decimal in both, padded to ten digits in the receipt.
    Padded,
}

impl IdStyle {
    /// The id in the answer, and in the receipt.
    pub(crate) fn write(self, number: u64) -> (String, String) {
        match self {
            IdStyle::Decimal => (number.to_string(), number.to_string()),
            IdStyle::HexThenDecimal => (format!("{number:x}"), number.to_string()),
            IdStyle::Padded => (number.to_string(), format!("{number:010}")),
        }
    }
}

/// What becomes of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fate {
    pub(crate) is_delivered: bool,
    /// Time until the receipt.
    pub(crate) after: Duration,
    /// Whether the receipt also has the optional parameters.
    has_parameters: bool,
}

impl Fate {
    /// Three in a hundred phones are off; the rest take half a second to three.
    pub(crate) fn of(chance: u64) -> Self {
        Self {
            is_delivered: chance % 100 >= 3,
            after: Duration::from_millis(500 + (chance >> 8) % 2_500),
            has_parameters: (chance >> 40).is_multiple_of(2),
        }
    }
}

/// The receipt of `reply`, from the subscriber back to the code.
pub(crate) fn message(reply: &ShortMessage, id: &str, fate: Fate) -> ShortMessage {
    // Receipts carry the SMSC's local time: Vietnam has one zone and no summer time.
    let now = Offset::constant(7).to_datetime(Timestamp::now());
    let (state, word, error) = if fate.is_delivered { (2, "DELIVRD", "000") } else { (5, "UNDELIV", "027") };
    let delivered = u8::from(fate.is_delivered);
    let text = format!(
        "id:{id} sub:001 dlvrd:00{delivered} submit date:{} done date:{} stat:{word} err:{error} text:",
        date(now),
        date(now)
    );
    let mut tlvs = Tlvs::new();
    if fate.has_parameters {
        tlvs.push(tag::RECEIPTED_MESSAGE_ID, format!("{id}\0").into_bytes());
        tlvs.push(tag::MESSAGE_STATE, vec![state]);
    }
    ShortMessage {
        source: reply.destination.clone(),
        destination: reply.source.clone(),
        esm_class: esm::RECEIPT,
        short_message: text.into_bytes().into(),
        tlvs,
        ..ShortMessage::default()
    }
}

/// `YYMMDDhhmm`.
fn date(at: DateTime) -> String {
    format!("{:02}{:02}{:02}{:02}{:02}", at.year() % 100, at.month(), at.day(), at.hour(), at.minute())
}

#[cfg(test)]
mod tests {
    use super::*;
    use canhgiac_smpp::pdu::Address;
    use canhgiac_smpp::receipt::{IdForm, MessageState, candidate_ids, normal_id, receipt};
    use canhgiac_smpp::text::DefaultAlphabet;

    #[test]
    fn a_receipt_is_read_as_one_and_its_id_is_found_in_every_style() {
        let reply = ShortMessage {
            source: Address::new(3, 0, "156"),
            destination: Address::international("84960000001"),
            ..ShortMessage::default()
        };
        for style in [IdStyle::Decimal, IdStyle::HexThenDecimal, IdStyle::Padded] {
            for chance in [0, 50, 1 << 40] {
                let (answered, in_receipt) = style.write(0x4E3B_8534);
                let fate = Fate::of(chance);
                let message = message(&reply, &in_receipt, fate);
                let read = receipt(&message, DefaultAlphabet::Gsm7).unwrap();
                let id = read.message_id.unwrap();
                assert!(candidate_ids(&id, IdForm::Any).contains(&normal_id(&answered)), "{style:?}");
                let state =
                    if fate.is_delivered { MessageState::Delivered } else { MessageState::Undeliverable };
                assert_eq!(read.state, Some(state));
                assert_eq!(message.source, reply.destination);
            }
        }
    }
}

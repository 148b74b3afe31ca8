//! The bodies that carry messages: `submit_sm`, `deliver_sm`, `data_sm` (SMPP 3.4 §4.4, §4.6, §4.7), and
//! `alert_notification` (§4.12).

use bytes::{BufMut, Bytes, BytesMut};

use super::cursor::{Reader, put_c_string};
use super::{Address, DecodeError, EncodeError, Field, Partial, Problem, Tlvs, tag};

/// Bits of `esm_class` (SMPP 3.4 §5.2.12).
pub mod esm {
    /// Message type, bits 5 to 2.
    pub const TYPE_MASK: u8 = 0x3C;
    /// SMSC delivery receipt.
    pub const RECEIPT: u8 = 0x04;
    /// SME delivery acknowledgement.
    pub const DELIVERY_ACK: u8 = 0x08;
    /// SME manual or user acknowledgement.
    pub const USER_ACK: u8 = 0x10;
    /// Conversation abort.
    pub const CONVERSATION_ABORT: u8 = 0x18;
    /// Intermediate delivery notification.
    pub const INTERMEDIATE: u8 = 0x20;
    /// The user data begins with a header.
    pub const UDHI: u8 = 0x40;
    /// Reply path.
    pub const REPLY_PATH: u8 = 0x80;
}

/// What a message is, by `esm_class` bits 5 to 2 (SMPP 3.4 §5.2.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// An ordinary message.
    Plain,
    /// A delivery receipt of the SMSC.
    Receipt,
    /// A delivery acknowledgement of the recipient's equipment.
    DeliveryAck,
    /// An acknowledgement the recipient gave by hand.
    UserAck,
    /// A conversation abort.
    ConversationAbort,
    /// An intermediate notification.
    Intermediate,
    /// A reserved value, kept.
    Reserved(u8),
}

/// The body of `submit_sm` and of `deliver_sm`: the same fields in the same order (SMPP 3.4 §4.4.1, §4.6.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShortMessage {
    /// Usually empty.
    pub service_type: Bytes,
    /// The sender.
    pub source: Address,
    /// The recipient.
    pub destination: Address,
    /// Mode, type and features; see [`esm`].
    pub esm_class: u8,
    /// Protocol identifier of the mobile network.
    pub protocol_id: u8,
    /// Priority.
    pub priority_flag: u8,
    /// When the SMSC shall begin to deliver; empty means at once.
    pub schedule_delivery_time: Bytes,
    /// How long the SMSC shall try; empty means its default.
    pub validity_period: Bytes,
    /// Which receipts are wanted (SMPP 3.4 §5.2.17).
    pub registered_delivery: u8,
    /// Whether an earlier message is replaced.
    pub replace_if_present: u8,
    /// The coding of the user data; see [`crate::text`].
    pub data_coding: u8,
    /// A message stored at the SMSC.
    pub sm_default_msg_id: u8,
    /// The user data, at most 254 octets by the specification and 255 by its length field.
    pub short_message: Bytes,
    /// Optional parameters.
    pub tlvs: Tlvs,
}

impl ShortMessage {
    /// What kind of message `esm_class` says this is.
    #[must_use]
    pub fn kind(&self) -> MessageKind {
        match self.esm_class & esm::TYPE_MASK {
            0 => MessageKind::Plain,
            esm::RECEIPT => MessageKind::Receipt,
            esm::DELIVERY_ACK => MessageKind::DeliveryAck,
            esm::USER_ACK => MessageKind::UserAck,
            esm::CONVERSATION_ABORT => MessageKind::ConversationAbort,
            esm::INTERMEDIATE => MessageKind::Intermediate,
            other => MessageKind::Reserved(other),
        }
    }

    /// Whether `esm_class` announces a user data header.
    #[must_use]
    pub fn has_udhi(&self) -> bool {
        self.esm_class & esm::UDHI != 0
    }

    /// Every octet of user data, header included: the longer of `short_message` and `message_payload`.
    ///
    /// The specification wants one of them empty (SMPP 3.4 §5.3.2.32); when neither is, the longer one is
    /// the likelier whole text, and the other stays in its field.
    #[must_use]
    pub fn user_data(&self) -> &Bytes {
        match self.tlvs.value(tag::MESSAGE_PAYLOAD) {
            Some(payload) if payload.len() > self.short_message.len() => payload,
            _ => &self.short_message,
        }
    }

    pub(crate) fn decode(reader: &mut Reader<'_>, read: &mut Partial) -> Result<Self, DecodeError> {
        let (service_type, source, destination) = decode_addresses(reader, read)?;
        let esm_class = reader.u8(Field::MessageFlags)?;
        let protocol_id = reader.u8(Field::MessageFlags)?;
        let priority_flag = reader.u8(Field::MessageFlags)?;
        let schedule_delivery_time = reader.c_string(Field::ScheduleDeliveryTime)?;
        let validity_period = reader.c_string(Field::ValidityPeriod)?;
        let registered_delivery = reader.u8(Field::MessageFlags)?;
        let replace_if_present = reader.u8(Field::MessageFlags)?;
        let data_coding = reader.u8(Field::MessageFlags)?;
        let sm_default_msg_id = reader.u8(Field::MessageFlags)?;
        let length = reader.u8(Field::ShortMessage)?;
        let short_message = reader.octets(Field::ShortMessage, usize::from(length))?;
        let tlvs = Tlvs::decode(reader);
        // Stray octets beside a readable text are tolerated; where there is no text they may be the text.
        if short_message.is_empty() && tlvs.value(tag::MESSAGE_PAYLOAD).is_none() {
            refuse_lost_text(&tlvs)?;
        }
        Ok(Self {
            service_type,
            source,
            destination,
            esm_class,
            protocol_id,
            priority_flag,
            schedule_delivery_time,
            validity_period,
            registered_delivery,
            replace_if_present,
            data_coding,
            sm_default_msg_id,
            short_message,
            tlvs,
        })
    }

    pub(crate) fn encode(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        put_c_string(out, Field::ServiceType, &self.service_type)?;
        self.source.encode(out, Field::SourceAddress)?;
        self.destination.encode(out, Field::DestinationAddress)?;
        out.extend_from_slice(&[self.esm_class, self.protocol_id, self.priority_flag]);
        put_c_string(out, Field::ScheduleDeliveryTime, &self.schedule_delivery_time)?;
        put_c_string(out, Field::ValidityPeriod, &self.validity_period)?;
        out.extend_from_slice(&[
            self.registered_delivery,
            self.replace_if_present,
            self.data_coding,
            self.sm_default_msg_id,
        ]);
        let length = u8::try_from(self.short_message.len())
            .map_err(|_| EncodeError { field: Field::ShortMessage, problem: Problem::TooLong })?;
        out.put_u8(length);
        out.extend_from_slice(&self.short_message);
        self.tlvs.encode(out)
    }
}

/// The body of `data_sm` (SMPP 3.4 §4.7.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataSm {
    /// Usually empty.
    pub service_type: Bytes,
    /// The sender.
    pub source: Address,
    /// The recipient.
    pub destination: Address,
    /// Mode, type and features; see [`esm`].
    pub esm_class: u8,
    /// Which receipts are wanted.
    pub registered_delivery: u8,
    /// The coding of the payload.
    pub data_coding: u8,
    /// Optional parameters, the text among them.
    pub tlvs: Tlvs,
}

impl DataSm {
    /// The same message in the shape of `deliver_sm`, so that one code path reads both.
    #[must_use]
    pub fn into_short_message(self) -> ShortMessage {
        ShortMessage {
            service_type: self.service_type,
            source: self.source,
            destination: self.destination,
            esm_class: self.esm_class,
            registered_delivery: self.registered_delivery,
            data_coding: self.data_coding,
            tlvs: self.tlvs,
            ..ShortMessage::default()
        }
    }

    pub(crate) fn decode(reader: &mut Reader<'_>, read: &mut Partial) -> Result<Self, DecodeError> {
        let (service_type, source, destination) = decode_addresses(reader, read)?;
        let esm_class = reader.u8(Field::MessageFlags)?;
        let registered_delivery = reader.u8(Field::MessageFlags)?;
        let data_coding = reader.u8(Field::MessageFlags)?;
        let tlvs = Tlvs::decode(reader);
        if tlvs.value(tag::MESSAGE_PAYLOAD).is_none() {
            refuse_lost_text(&tlvs)?;
        }
        Ok(Self { service_type, source, destination, esm_class, registered_delivery, data_coding, tlvs })
    }

    pub(crate) fn encode(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        put_c_string(out, Field::ServiceType, &self.service_type)?;
        self.source.encode(out, Field::SourceAddress)?;
        self.destination.encode(out, Field::DestinationAddress)?;
        out.extend_from_slice(&[self.esm_class, self.registered_delivery, self.data_coding]);
        self.tlvs.encode(out)
    }
}

/// The body of `alert_notification`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertNotification {
    /// The subscriber who is reachable again.
    pub source: Address,
    /// The ESME that asked.
    pub esme: Address,
    /// Optional parameters.
    pub tlvs: Tlvs,
}

impl AlertNotification {
    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            source: Address::decode(reader, Field::SourceAddress)?,
            esme: Address::decode(reader, Field::EsmeAddress)?,
            tlvs: Tlvs::decode(reader),
        })
    }

    pub(crate) fn encode(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        self.source.encode(out, Field::SourceAddress)?;
        self.esme.encode(out, Field::EsmeAddress)?;
        self.tlvs.encode(out)
    }
}

fn decode_addresses(
    reader: &mut Reader<'_>,
    read: &mut Partial,
) -> Result<(Bytes, Address, Address), DecodeError> {
    let service_type = reader.c_string(Field::ServiceType)?;
    read.service_type = Some(service_type.clone());
    let source = Address::decode(reader, Field::SourceAddress)?;
    read.source = Some(source.clone());
    let destination = Address::decode(reader, Field::DestinationAddress)?;
    read.destination = Some(destination.clone());
    Ok((service_type, source, destination))
}

fn refuse_lost_text(tlvs: &Tlvs) -> Result<(), DecodeError> {
    if tlvs.tail().iter().all(|octet| *octet == 0) {
        return Ok(());
    }
    Err(DecodeError { field: Field::Tlvs, problem: Problem::Missing })
}

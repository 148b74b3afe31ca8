//! Protocol data units: framing, decoding and encoding (SMPP 3.4 §3 to §5).
//!
//! Decoding is lenient where a citizen's words would otherwise be lost (long fields, unknown TLVs, stray
//! octets after the TLVs, absent response bodies) and strict where leniency would read one field as
//! another. What is decoded encodes back to the same fields. Nothing here knows about sessions.

mod address;
mod bind;
mod blank;
mod command;
mod cursor;
mod frame;
mod header;
mod message;
mod response;
mod status;
mod tlv;

pub use address::{Address, npi, ton};
pub use bind::{Bind, BindKind, BindResp, Outbind};
pub use blank::{blank_source_address, restore_source_address};
pub use command::CommandId;
pub use cursor::{DecodeError, EncodeError, Field, Problem};
pub use frame::{Frame, FrameError, Framer};
pub use header::{HEADER_LEN, Header, MAX_PDU_LEN};
pub use message::{AlertNotification, DataSm, MessageKind, ShortMessage, esm};
pub use response::MessageResp;
pub use status::Status;
pub use tlv::{Tlv, Tlvs, tag};

use bytes::{BufMut, Bytes, BytesMut};
use cursor::Reader;

/// One protocol data unit: the header's status and sequence number, and the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdu {
    /// `command_status`; always zero in requests (SMPP 3.4 §3.2).
    pub status: Status,
    /// `sequence_number` as received, however odd.
    pub sequence: u32,
    /// The body, which also names the command.
    pub body: Body,
}

/// What a PDU carries, by command (SMPP 3.4 §4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// `bind_receiver`, `bind_transmitter` or `bind_transceiver`.
    Bind(BindKind, Bind),
    /// The answer to a bind.
    BindResp(BindKind, BindResp),
    /// `outbind`: the SMSC asks an ESME to bind.
    Outbind(Outbind),
    /// `unbind`.
    Unbind,
    /// `unbind_resp`.
    UnbindResp,
    /// `enquire_link`.
    EnquireLink,
    /// `enquire_link_resp`.
    EnquireLinkResp,
    /// `generic_nack`.
    GenericNack,
    /// `submit_sm`: from ESME to SMSC.
    SubmitSm(ShortMessage),
    /// `submit_sm_resp`.
    SubmitSmResp(MessageResp),
    /// `deliver_sm`: from SMSC to ESME.
    DeliverSm(ShortMessage),
    /// `deliver_sm_resp`.
    DeliverSmResp(MessageResp),
    /// `data_sm`: either way, the text in `message_payload`.
    DataSm(DataSm),
    /// `data_sm_resp`.
    DataSmResp(MessageResp),
    /// `alert_notification`: a subscriber is reachable again; never answered.
    AlertNotification(AlertNotification),
    /// A command this product does not read: `submit_multi`, `query_sm`, `cancel_sm`, `replace_sm`,
    /// their answers, and every unknown number. The octets are kept.
    Other {
        /// The command as received.
        command: CommandId,
        /// The undecoded body.
        body: Bytes,
    },
}

impl Body {
    /// The `command_id` under which this body travels.
    #[must_use]
    pub fn command(&self) -> CommandId {
        match self {
            Self::Bind(kind, _) => kind.request(),
            Self::BindResp(kind, _) => kind.request().response(),
            Self::Outbind(_) => CommandId::OUTBIND,
            Self::Unbind => CommandId::UNBIND,
            Self::UnbindResp => CommandId::UNBIND_RESP,
            Self::EnquireLink => CommandId::ENQUIRE_LINK,
            Self::EnquireLinkResp => CommandId::ENQUIRE_LINK_RESP,
            Self::GenericNack => CommandId::GENERIC_NACK,
            Self::SubmitSm(_) => CommandId::SUBMIT_SM,
            Self::SubmitSmResp(_) => CommandId::SUBMIT_SM_RESP,
            Self::DeliverSm(_) => CommandId::DELIVER_SM,
            Self::DeliverSmResp(_) => CommandId::DELIVER_SM_RESP,
            Self::DataSm(_) => CommandId::DATA_SM,
            Self::DataSmResp(_) => CommandId::DATA_SM_RESP,
            Self::AlertNotification(_) => CommandId::ALERT_NOTIFICATION,
            Self::Other { command, .. } => *command,
        }
    }

    fn decode(header: &Header, reader: &mut Reader<'_>, read: &mut Partial) -> Result<Self, DecodeError> {
        Ok(match header.command {
            CommandId::BIND_RECEIVER => Self::Bind(BindKind::Receiver, Bind::decode(reader)?),
            CommandId::BIND_TRANSMITTER => Self::Bind(BindKind::Transmitter, Bind::decode(reader)?),
            CommandId::BIND_TRANSCEIVER => Self::Bind(BindKind::Transceiver, Bind::decode(reader)?),
            CommandId::BIND_RECEIVER_RESP => Self::BindResp(BindKind::Receiver, BindResp::decode(reader)?),
            CommandId::BIND_TRANSMITTER_RESP => {
                Self::BindResp(BindKind::Transmitter, BindResp::decode(reader)?)
            }
            CommandId::BIND_TRANSCEIVER_RESP => {
                Self::BindResp(BindKind::Transceiver, BindResp::decode(reader)?)
            }
            CommandId::OUTBIND => Self::Outbind(Outbind::decode(reader)?),
            CommandId::UNBIND => Self::Unbind,
            CommandId::UNBIND_RESP => Self::UnbindResp,
            CommandId::ENQUIRE_LINK => Self::EnquireLink,
            CommandId::ENQUIRE_LINK_RESP => Self::EnquireLinkResp,
            CommandId::GENERIC_NACK => Self::GenericNack,
            CommandId::SUBMIT_SM => Self::SubmitSm(ShortMessage::decode(reader, read)?),
            CommandId::DELIVER_SM => Self::DeliverSm(ShortMessage::decode(reader, read)?),
            CommandId::DATA_SM => Self::DataSm(DataSm::decode(reader, read)?),
            CommandId::SUBMIT_SM_RESP => Self::SubmitSmResp(MessageResp::decode(reader)?),
            CommandId::DELIVER_SM_RESP => Self::DeliverSmResp(MessageResp::decode(reader)?),
            CommandId::DATA_SM_RESP => Self::DataSmResp(MessageResp::decode(reader)?),
            CommandId::ALERT_NOTIFICATION => Self::AlertNotification(AlertNotification::decode(reader)?),
            command => Self::Other { command, body: reader.rest() },
        })
    }

    fn encode(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        match self {
            Self::Bind(_, bind) => bind.encode(out),
            Self::BindResp(_, resp) => resp.encode(out),
            Self::Outbind(outbind) => outbind.encode(out),
            Self::SubmitSm(message) | Self::DeliverSm(message) => message.encode(out),
            Self::DataSm(message) => message.encode(out),
            Self::SubmitSmResp(resp) | Self::DeliverSmResp(resp) | Self::DataSmResp(resp) => resp.encode(out),
            Self::AlertNotification(alert) => alert.encode(out),
            Self::Other { body, .. } => {
                out.extend_from_slice(body);
                Ok(())
            }
            Self::Unbind
            | Self::UnbindResp
            | Self::EnquireLink
            | Self::EnquireLinkResp
            | Self::GenericNack => Ok(()),
        }
    }
}

/// What could be read of a message before its body stopped making sense.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Partial {
    /// `service_type`, if it could be read.
    pub service_type: Option<Bytes>,
    /// The sender, if it could be read.
    pub source: Option<Address>,
    /// The recipient, if it could be read.
    pub destination: Option<Address>,
}

/// A correctly framed PDU whose body cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} has an unreadable body: {error}", header.command)]
pub struct DecodeFailure {
    /// The header, always readable in a frame.
    pub header: Header,
    /// Which field failed, and how.
    pub error: DecodeError,
    /// The fields read before it.
    pub partial: Partial,
}

/// Reads the body of a frame.
///
/// # Errors
/// The header, the failing field and whatever was read before it; never a panic, whatever the octets.
pub fn decode(frame: &Frame) -> Result<Pdu, Box<DecodeFailure>> {
    let header = frame.header();
    let body = frame.body();
    let mut partial = Partial::default();
    match Body::decode(&header, &mut Reader::new(&body), &mut partial) {
        Ok(body) => Ok(Pdu { status: header.status, sequence: header.sequence, body }),
        Err(error) => Err(Box::new(DecodeFailure { header, error, partial })),
    }
}

impl Pdu {
    /// A request: status zero.
    #[must_use]
    pub fn request(sequence: u32, body: Body) -> Self {
        Self { status: Status::OK, sequence, body }
    }

    /// A response with its status.
    #[must_use]
    pub fn response(sequence: u32, status: Status, body: Body) -> Self {
        Self { status, sequence, body }
    }

    /// Appends the PDU to `out`; leaves `out` as it was when it cannot be encoded.
    ///
    /// # Errors
    /// A field holds what its format cannot carry: an inner NUL, more octets than its length field counts,
    /// or a whole PDU beyond [`MAX_PDU_LEN`].
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        let start = out.len();
        out.put_u32(0);
        out.put_u32(self.body.command().0);
        out.put_u32(self.status.0);
        out.put_u32(self.sequence);
        let result = self.body.encode(out).and_then(|()| {
            let length = out.len() - start;
            if length > MAX_PDU_LEN {
                return Err(EncodeError { field: Field::WholePdu, problem: Problem::TooLong });
            }
            out[start..start + 4].copy_from_slice(&(length as u32).to_be_bytes());
            Ok(())
        });
        if result.is_err() {
            out.truncate(start);
        }
        result
    }
}

#[cfg(test)]
mod tests;

//! The answers to messages: `submit_sm_resp`, `deliver_sm_resp`, `data_sm_resp` (SMPP 3.4 §4.4.2, §4.6.2, §4.7.2).

use bytes::{Bytes, BytesMut};

use super::cursor::{Reader, put_c_string};
use super::{DecodeError, EncodeError, Field, Problem, Tlvs};

/// The body of a message's answer. Refusals often have no body at all, and so do some acceptances.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageResp {
    /// The id the receiver gave, `None` when there is no body.
    pub message_id: Option<Bytes>,
    /// Optional parameters.
    pub tlvs: Tlvs,
}

impl MessageResp {
    /// A body with an id, which may be empty (`deliver_sm_resp` always has an empty one).
    #[must_use]
    pub fn with_id(message_id: impl Into<Bytes>) -> Self {
        Self { message_id: Some(message_id.into()), tlvs: Tlvs::new() }
    }

    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if reader.is_empty() {
            return Ok(Self::default());
        }
        match reader.c_string(Field::MessageId) {
            Ok(message_id) => Ok(Self { message_id: Some(message_id), tlvs: Tlvs::decode(reader) }),
            // Without its NUL the rest of the body is the id: losing it would lose the receipt's match.
            Err(DecodeError { problem: Problem::Unterminated, .. }) => Ok(Self::with_id(reader.rest())),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn encode(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        let Some(message_id) = &self.message_id else {
            return Ok(());
        };
        put_c_string(out, Field::MessageId, message_id)?;
        self.tlvs.encode(out)
    }
}

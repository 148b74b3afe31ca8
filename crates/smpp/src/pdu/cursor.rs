//! Reading and writing the field formats of SMPP 3.4 §3.1: integers, C-octet strings, octet strings.

use bytes::{BufMut, Bytes, BytesMut};

use super::Status;

/// A field of a body, named when it cannot be read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are the field names of the specification")]
pub enum Field {
    WholePdu,
    SystemId,
    Password,
    SystemType,
    InterfaceVersion,
    AddressRange,
    ServiceType,
    SourceAddress,
    DestinationAddress,
    EsmeAddress,
    MessageFlags,
    ScheduleDeliveryTime,
    ValidityPeriod,
    ShortMessage,
    MessageId,
    Tlvs,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The body ends before the field, or within it.
    Missing,
    /// A C-octet string without its closing NUL.
    Unterminated,
    /// Longer than the limit, or than its length field can say.
    TooLong,
    /// A C-octet string with a NUL inside (only when writing).
    InnerNul,
}

impl Problem {
    fn text(self) -> &'static str {
        match self {
            Self::Missing => "is missing or cut short",
            Self::Unterminated => "has no closing NUL",
            Self::TooLong => "is too long",
            Self::InnerNul => "has a NUL inside",
        }
    }
}

/// A body that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field:?} {}", problem.text())]
pub struct DecodeError {
    /// The first field that failed.
    pub field: Field,
    /// How it failed.
    pub problem: Problem,
}

impl DecodeError {
    /// The status that tells the peer (SMPP 3.4 §5.1.3).
    #[must_use]
    pub fn status(&self) -> Status {
        match self.field {
            Field::SystemId => Status::INVALID_SYSTEM_ID,
            Field::Password => Status::INVALID_PASSWORD,
            Field::SystemType => Status::INVALID_SYSTEM_TYPE,
            Field::ServiceType => Status::INVALID_SERVICE_TYPE,
            Field::SourceAddress => Status::INVALID_SOURCE,
            Field::DestinationAddress => Status::INVALID_DESTINATION,
            Field::ScheduleDeliveryTime => Status::INVALID_SCHEDULE,
            Field::ValidityPeriod => Status::INVALID_EXPIRY,
            Field::ShortMessage => Status::INVALID_MESSAGE_LENGTH,
            Field::MessageId => Status::INVALID_MESSAGE_ID,
            Field::Tlvs => Status::INVALID_TLV_STREAM,
            Field::WholePdu
            | Field::InterfaceVersion
            | Field::AddressRange
            | Field::EsmeAddress
            | Field::MessageFlags => Status::INVALID_COMMAND_LENGTH,
        }
    }
}

/// A body that cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field:?} {}", problem.text())]
pub struct EncodeError {
    /// The field that does not fit.
    pub field: Field,
    /// Why not.
    pub problem: Problem,
}

/// The longest C-octet string accepted. The specification allows 6 to 65 octets by field; peers exceed it
/// (UTF-8 sender names, long system types), and a citizen's report is not refused for that.
pub(crate) const MAX_C_STRING_LEN: usize = 254;

/// Reads fields off a body, sharing its memory.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a Bytes,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a Bytes) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    pub(crate) fn u8(&mut self, field: Field) -> Result<u8, DecodeError> {
        let octet =
            self.bytes.get(self.at).copied().ok_or(DecodeError { field, problem: Problem::Missing })?;
        self.at += 1;
        Ok(octet)
    }

    pub(crate) fn octets(&mut self, field: Field, count: usize) -> Result<Bytes, DecodeError> {
        if self.bytes.len() - self.at < count {
            return Err(DecodeError { field, problem: Problem::Missing });
        }
        let octets = self.slice(count);
        self.at += count;
        Ok(octets)
    }

    pub(crate) fn c_string(&mut self, field: Field) -> Result<Bytes, DecodeError> {
        let rest = &self.bytes[self.at..];
        if rest.is_empty() {
            return Err(DecodeError { field, problem: Problem::Missing });
        }
        let Some(length) = rest.iter().take(MAX_C_STRING_LEN + 1).position(|octet| *octet == 0) else {
            let problem =
                if rest.len() > MAX_C_STRING_LEN { Problem::TooLong } else { Problem::Unterminated };
            return Err(DecodeError { field, problem });
        };
        let octets = self.slice(length);
        self.at += length + 1;
        Ok(octets)
    }

    /// Everything not read yet; the reader is then at its end.
    pub(crate) fn rest(&mut self) -> Bytes {
        let rest = self.slice(self.bytes.len() - self.at);
        self.at = self.bytes.len();
        rest
    }

    fn slice(&self, count: usize) -> Bytes {
        if count == 0 { Bytes::new() } else { self.bytes.slice(self.at..self.at + count) }
    }
}

/// Writes a C-octet string with its NUL.
pub(crate) fn put_c_string(out: &mut BytesMut, field: Field, value: &[u8]) -> Result<(), EncodeError> {
    if value.contains(&0) {
        return Err(EncodeError { field, problem: Problem::InnerNul });
    }
    if value.len() > MAX_C_STRING_LEN {
        return Err(EncodeError { field, problem: Problem::TooLong });
    }
    out.extend_from_slice(value);
    out.put_u8(0);
    Ok(())
}

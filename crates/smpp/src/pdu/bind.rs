//! Binding: `bind_*`, their answers and `outbind` (SMPP 3.4 §4.1).

use bytes::{BufMut, Bytes, BytesMut};

use super::cursor::{Reader, put_c_string};
use super::{CommandId, DecodeError, EncodeError, Field, Tlvs, tag};

/// Which way messages may travel once bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BindKind {
    /// The ESME only receives.
    Receiver,
    /// The ESME only sends.
    Transmitter,
    /// Both.
    Transceiver,
}

impl BindKind {
    /// The bind command of this kind.
    #[must_use]
    pub fn request(self) -> CommandId {
        match self {
            Self::Receiver => CommandId::BIND_RECEIVER,
            Self::Transmitter => CommandId::BIND_TRANSMITTER,
            Self::Transceiver => CommandId::BIND_TRANSCEIVER,
        }
    }

    /// Whether the ESME may send messages to the SMSC.
    #[must_use]
    pub fn esme_sends(self) -> bool {
        self != Self::Receiver
    }

    /// Whether the SMSC may send messages to the ESME.
    #[must_use]
    pub fn esme_receives(self) -> bool {
        self != Self::Transmitter
    }
}

/// The body of a bind request.
#[derive(Clone, PartialEq, Eq)]
pub struct Bind {
    /// Who binds.
    pub system_id: Bytes,
    /// The secret; never shown by `Debug`.
    pub password: Bytes,
    /// Kind of system, usually empty.
    pub system_type: Bytes,
    /// 0x33, 0x34 or 0x50 (SMPP 3.4 §5.2.4).
    pub interface_version: u8,
    /// Type of number of `address_range`.
    pub addr_ton: u8,
    /// Numbering plan of `address_range`.
    pub addr_npi: u8,
    /// The addresses this ESME serves, usually empty.
    pub address_range: Bytes,
}

impl core::fmt::Debug for Bind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Bind")
            .field("system_id", &self.system_id)
            .field("system_type", &self.system_type)
            .field("interface_version", &self.interface_version)
            .finish_non_exhaustive()
    }
}

impl Bind {
    /// A bind of version 3.4 for any address.
    #[must_use]
    pub fn new(system_id: &str, password: &str) -> Self {
        Self {
            system_id: Bytes::copy_from_slice(system_id.as_bytes()),
            password: Bytes::copy_from_slice(password.as_bytes()),
            system_type: Bytes::new(),
            interface_version: 0x34,
            addr_ton: 0,
            addr_npi: 0,
            address_range: Bytes::new(),
        }
    }

    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            system_id: reader.c_string(Field::SystemId)?,
            password: reader.c_string(Field::Password)?,
            system_type: reader.c_string(Field::SystemType)?,
            interface_version: reader.u8(Field::InterfaceVersion)?,
            addr_ton: reader.u8(Field::AddressRange)?,
            addr_npi: reader.u8(Field::AddressRange)?,
            address_range: reader.c_string(Field::AddressRange)?,
        })
    }

    pub(crate) fn encode(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        put_c_string(out, Field::SystemId, &self.system_id)?;
        put_c_string(out, Field::Password, &self.password)?;
        put_c_string(out, Field::SystemType, &self.system_type)?;
        out.put_u8(self.interface_version);
        out.put_u8(self.addr_ton);
        out.put_u8(self.addr_npi);
        put_c_string(out, Field::AddressRange, &self.address_range)
    }
}

/// The body of a bind's answer; absent altogether in many refusals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BindResp {
    /// The SMSC's name, `None` when the answer has no body.
    pub system_id: Option<Bytes>,
    /// Optional parameters, such as `sc_interface_version`.
    pub tlvs: Tlvs,
}

impl BindResp {
    /// The version the SMSC says it supports.
    #[must_use]
    pub fn version(&self) -> Option<u8> {
        self.tlvs.number(tag::SC_INTERFACE_VERSION).map(|number| number as u8)
    }

    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if reader.is_empty() {
            return Ok(Self::default());
        }
        Ok(Self { system_id: Some(reader.c_string(Field::SystemId)?), tlvs: Tlvs::decode(reader) })
    }

    pub(crate) fn encode(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        let Some(system_id) = &self.system_id else {
            return Ok(());
        };
        put_c_string(out, Field::SystemId, system_id)?;
        self.tlvs.encode(out)
    }
}

/// The body of `outbind` (SMPP 3.4 §4.1.7).
#[derive(Clone, PartialEq, Eq)]
pub struct Outbind {
    /// Who asks to be bound to.
    pub system_id: Bytes,
    /// The secret; never shown by `Debug`.
    pub password: Bytes,
}

impl core::fmt::Debug for Outbind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Outbind").field("system_id", &self.system_id).finish_non_exhaustive()
    }
}

impl Outbind {
    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { system_id: reader.c_string(Field::SystemId)?, password: reader.c_string(Field::Password)? })
    }

    pub(crate) fn encode(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        put_c_string(out, Field::SystemId, &self.system_id)?;
        put_c_string(out, Field::Password, &self.password)
    }
}

//! Addresses: type of number, numbering plan and octets, kept exactly as received (SMPP 3.4 §5.2.5–§5.2.9).
//!
//! What number an address means is not decided here; `84912345678` 1/1, `0912345678` 0/1 and `+84…` are
//! three different values.

use bytes::{BufMut, Bytes, BytesMut};

use super::cursor::{Reader, put_c_string};
use super::{DecodeError, EncodeError, Field};

/// `addr_ton` values (SMPP 3.4 §5.2.5).
pub mod ton {
    /// Unknown.
    pub const UNKNOWN: u8 = 0;
    /// International.
    pub const INTERNATIONAL: u8 = 1;
    /// National.
    pub const NATIONAL: u8 = 2;
    /// Network specific: short codes.
    pub const NETWORK_SPECIFIC: u8 = 3;
    /// Alphanumeric: sender names.
    pub const ALPHANUMERIC: u8 = 5;
    /// Abbreviated: short codes.
    pub const ABBREVIATED: u8 = 6;
}

/// `addr_npi` values (SMPP 3.4 §5.2.6).
pub mod npi {
    /// Unknown.
    pub const UNKNOWN: u8 = 0;
    /// ISDN, E.164.
    pub const ISDN: u8 = 1;
    /// Private.
    pub const PRIVATE: u8 = 9;
}

/// A source or destination address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Address {
    /// Type of number.
    pub ton: u8,
    /// Numbering plan indicator.
    pub npi: u8,
    /// The address without its NUL: digits, a name in GSM 7 or UTF-8, or anything else a peer sends.
    pub bytes: Bytes,
}

impl Address {
    /// An address from its three parts.
    #[must_use]
    pub fn new(ton: u8, npi: u8, bytes: impl Into<Bytes>) -> Self {
        Self { ton, npi, bytes: bytes.into() }
    }

    /// An international number (1/1), digits without `+`.
    #[must_use]
    pub fn international(digits: &str) -> Self {
        Self::new(ton::INTERNATIONAL, npi::ISDN, Bytes::copy_from_slice(digits.as_bytes()))
    }

    /// A short code (3/0), as most operators expect theirs.
    #[must_use]
    pub fn short_code(digits: &str) -> Self {
        Self::new(ton::NETWORK_SPECIFIC, npi::UNKNOWN, Bytes::copy_from_slice(digits.as_bytes()))
    }

    /// The octets as text to show: UTF-8, GSM 7 (sender names) or Latin-1, whichever fits.
    #[must_use]
    pub fn text(&self) -> String {
        crate::text::name(&self.bytes)
    }

    pub(crate) fn decode(reader: &mut Reader<'_>, field: Field) -> Result<Self, DecodeError> {
        Ok(Self { ton: reader.u8(field)?, npi: reader.u8(field)?, bytes: reader.c_string(field)? })
    }

    pub(crate) fn encode(&self, out: &mut BytesMut, field: Field) -> Result<(), EncodeError> {
        out.put_u8(self.ton);
        out.put_u8(self.npi);
        put_c_string(out, field, &self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_show_in_utf8_gsm7_and_latin1() {
        for (octets, shown) in [
            (&b"VIETTELKM"[..], "VIETTELKM"),
            ("Điện lực".as_bytes(), "Điện lực"),
            (b"A\x11B", "A_B"),
            (b"caf\xe9", "café"),
            (b"+84912345678", "+84912345678"),
            (b"", ""),
        ] {
            assert_eq!(
                Address::new(ton::ALPHANUMERIC, npi::UNKNOWN, Bytes::copy_from_slice(octets)).text(),
                shown
            );
        }
    }
}

//! Taking the sender's address out of a stored PDU, and putting it back.
//!
//! A reporter's number is personal data: the product keeps it encrypted and apart, and the PDU without it.
//! The blanked PDU is itself a well-formed frame (its `command_length` counts what is left, its
//! `source_addr` is empty, type and plan stay), so the projector decodes it like any other. Every other
//! octet is as received, and restoring gives the original octet for octet.

use bytes::Bytes;

use super::cursor::Reader;
use super::{Address, CommandId, Field, Frame, HEADER_LEN};

/// Splits a `deliver_sm`, `submit_sm` or `data_sm` into itself without the sender's octets, and the sender.
///
/// Works on bodies that cannot be decoded further, as long as the address can be found. `None` when the
/// octets are not exactly one such PDU or the address cannot be read: then the whole PDU must be treated
/// as personal data.
#[must_use]
pub fn blank_source_address(raw: &[u8]) -> Option<(Vec<u8>, Address)> {
    let (at, address) = locate(raw)?;
    let end = at + address.bytes.len();
    let mut blanked = Vec::with_capacity(raw.len() - address.bytes.len());
    blanked.extend_from_slice(&raw[..at]);
    blanked.extend_from_slice(&raw[end..]);
    write_length(&mut blanked);
    Some((blanked, address))
}

/// Puts the sender's octets back into a PDU made by [`blank_source_address`].
///
/// `None` when `blanked` is not such a PDU, its address is not empty, or `address` holds a NUL.
#[must_use]
pub fn restore_source_address(blanked: &[u8], address: &[u8]) -> Option<Vec<u8>> {
    let (at, present) = locate(blanked)?;
    if !present.bytes.is_empty() || address.contains(&0) {
        return None;
    }
    let mut raw = Vec::with_capacity(blanked.len() + address.len());
    raw.extend_from_slice(&blanked[..at]);
    raw.extend_from_slice(address);
    raw.extend_from_slice(&blanked[at..]);
    write_length(&mut raw);
    Some(raw)
}

/// Offset of the first octet of `source_addr`, and the address.
fn locate(raw: &[u8]) -> Option<(usize, Address)> {
    let frame = Frame::from_bytes(Bytes::copy_from_slice(raw)).ok()?;
    let carries_source =
        matches!(frame.header().command, CommandId::DELIVER_SM | CommandId::SUBMIT_SM | CommandId::DATA_SM);
    if !carries_source {
        return None;
    }
    let body = frame.body();
    let mut reader = Reader::new(&body);
    let service_type = reader.c_string(Field::ServiceType).ok()?;
    let address = Address::decode(&mut reader, Field::SourceAddress).ok()?;
    // service_type and its NUL, then addr_ton and addr_npi.
    Some((HEADER_LEN + service_type.len() + 1 + 2, address))
}

fn write_length(pdu: &mut [u8]) {
    let length = (pdu.len() as u32).to_be_bytes();
    pdu[..4].copy_from_slice(&length);
}

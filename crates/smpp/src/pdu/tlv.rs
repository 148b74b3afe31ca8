//! Optional parameters: tag, length, value (SMPP 3.4 §3.1.2, §5.3). Known or not, all are kept in order.

use bytes::{BufMut, Bytes, BytesMut};

use super::cursor::Reader;
use super::{EncodeError, Field, Problem};

/// Tags this product reads (SMPP 3.4 §5.3.2).
pub mod tag {
    /// `receipted_message_id`: the id the receipt is about.
    pub const RECEIPTED_MESSAGE_ID: u16 = 0x001E;
    /// `sar_msg_ref_num`: 16-bit reference of a segmented message.
    pub const SAR_MSG_REF_NUM: u16 = 0x020C;
    /// `sar_total_segments`.
    pub const SAR_TOTAL_SEGMENTS: u16 = 0x020E;
    /// `sar_segment_seqnum`, from 1.
    pub const SAR_SEGMENT_SEQNUM: u16 = 0x020F;
    /// `sc_interface_version`: the version the SMSC supports.
    pub const SC_INTERFACE_VERSION: u16 = 0x0210;
    /// `ms_availability_status`.
    pub const MS_AVAILABILITY_STATUS: u16 = 0x0422;
    /// `network_error_code`: network type and code.
    pub const NETWORK_ERROR_CODE: u16 = 0x0423;
    /// `message_payload`: the text when it does not fit `short_message`.
    pub const MESSAGE_PAYLOAD: u16 = 0x0424;
    /// `message_state` of a receipt.
    pub const MESSAGE_STATE: u16 = 0x0427;
}

/// One optional parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tlv {
    /// The parameter's number.
    pub tag: u16,
    /// The value octets, at most 65,535.
    pub value: Bytes,
}

/// The optional parameters of a PDU in the order received.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tlvs {
    items: Vec<Tlv>,
    tail: Bytes,
}

impl Tlvs {
    /// No parameters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a parameter at the end.
    pub fn push(&mut self, tag: u16, value: impl Into<Bytes>) {
        self.items.push(Tlv { tag, value: value.into() });
    }

    /// All parameters in order.
    pub fn iter(&self) -> impl Iterator<Item = &Tlv> {
        self.items.iter()
    }

    /// Whether there are neither parameters nor stray octets.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.tail.is_empty()
    }

    /// The value of the first parameter with this tag.
    #[must_use]
    pub fn value(&self, tag: u16) -> Option<&Bytes> {
        self.items.iter().find(|tlv| tlv.tag == tag).map(|tlv| &tlv.value)
    }

    /// The parameter as a number of one or two octets; peers mix the widths up.
    #[must_use]
    pub fn number(&self, tag: u16) -> Option<u16> {
        match *self.value(tag)?.as_ref() {
            [one] => Some(u16::from(one)),
            [high, low] => Some(u16::from_be_bytes([high, low])),
            _ => None,
        }
    }

    /// Octets after the last whole parameter that form none: kept, so that nothing received is lost.
    #[must_use]
    pub fn tail(&self) -> &Bytes {
        &self.tail
    }

    pub(crate) fn decode(reader: &mut Reader<'_>) -> Self {
        let mut rest = reader.rest();
        let mut items = Vec::new();
        while let Some(&[tag_high, tag_low, high, low]) = rest.first_chunk::<4>() {
            let end = 4 + usize::from(u16::from_be_bytes([high, low]));
            if rest.len() < end {
                break;
            }
            let value = rest.slice(4..end);
            items.push(Tlv { tag: u16::from_be_bytes([tag_high, tag_low]), value });
            rest = rest.slice(end..);
        }
        Self { items, tail: rest }
    }

    pub(crate) fn encode(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        for tlv in &self.items {
            let length = u16::try_from(tlv.value.len())
                .map_err(|_| EncodeError { field: Field::Tlvs, problem: Problem::TooLong })?;
            out.put_u16(tlv.tag);
            out.put_u16(length);
            out.extend_from_slice(&tlv.value);
        }
        out.extend_from_slice(&self.tail);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_parameters_and_stray_octets_are_kept() {
        let octets =
            Bytes::from_static(&[0x14, 0x00, 0, 2, 9, 9, 0x02, 0x0C, 0, 2, 1, 2, 0x04, 0x24, 0, 9, 1]);
        let tlvs = Tlvs::decode(&mut Reader::new(&octets));
        assert_eq!(tlvs.value(0x1400).unwrap().as_ref(), [9, 9]);
        assert_eq!(tlvs.number(tag::SAR_MSG_REF_NUM), Some(0x0102));
        assert_eq!(tlvs.value(tag::MESSAGE_PAYLOAD), None, "its length points beyond the PDU");
        assert_eq!(tlvs.tail().as_ref(), [0x04, 0x24, 0, 9, 1]);
        let mut out = BytesMut::new();
        tlvs.encode(&mut out).unwrap();
        assert_eq!(out, octets);
    }

    #[test]
    fn a_value_beyond_its_length_field_is_refused() {
        let mut tlvs = Tlvs::new();
        tlvs.push(tag::MESSAGE_PAYLOAD, vec![0; 65_536]);
        assert!(tlvs.encode(&mut BytesMut::new()).is_err());
    }
}

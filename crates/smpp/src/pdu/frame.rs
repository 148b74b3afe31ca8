//! Framing: cutting the stream into PDUs by `command_length` alone (SMPP 3.4 §3.2), before any body is read.
//!
//! A wrong length *inside* a body can therefore never swallow a part of the next PDU. Only a
//! `command_length` below the header or above the limit is an error here, and it ends the session.

use bytes::{Bytes, BytesMut};

use super::{HEADER_LEN, Header, MAX_PDU_LEN};

/// One whole PDU as received: at least a header, and exactly `command_length` octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    header: Header,
    raw: Bytes,
}

/// The stream cannot be cut into PDUs any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// `command_length` is smaller than a header.
    #[error("command_length {0} is shorter than a header")]
    TooShort(u32),
    /// `command_length` is beyond the limit.
    #[error("command_length {length} is beyond the limit of {limit} octets")]
    TooLong {
        /// The length announced.
        length: u32,
        /// The limit in force.
        limit: usize,
    },
    /// Stored octets are not exactly one PDU.
    #[error("command_length says {length} octets, there are {actual}")]
    NotOnePdu {
        /// The length announced.
        length: u32,
        /// The octets given.
        actual: usize,
    },
}

impl Frame {
    /// Takes octets that are exactly one PDU, such as one stored earlier.
    ///
    /// # Errors
    /// The octets are fewer than a header or not as many as `command_length` says.
    pub fn from_bytes(raw: Bytes) -> Result<Self, FrameError> {
        let Some(head) = raw.first_chunk::<HEADER_LEN>() else {
            return Err(FrameError::TooShort(raw.len() as u32));
        };
        let header = Header::parse(head);
        if header.length as usize != raw.len() {
            return Err(FrameError::NotOnePdu { length: header.length, actual: raw.len() });
        }
        Ok(Self { header, raw })
    }

    /// The decoded header.
    #[must_use]
    pub fn header(&self) -> Header {
        self.header
    }

    /// The whole PDU as received.
    #[must_use]
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// The octets after the header.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.raw.slice(HEADER_LEN..)
    }
}

/// Collects received octets and cuts whole PDUs off them.
#[derive(Debug)]
pub struct Framer {
    buffer: BytesMut,
    max_pdu_len: usize,
    failed: Option<FrameError>,
}

impl Default for Framer {
    fn default() -> Self {
        Self::new(MAX_PDU_LEN)
    }
}

impl Framer {
    /// A framer that refuses PDUs longer than `max_pdu_len` octets (at least a header's worth is allowed).
    #[must_use]
    pub fn new(max_pdu_len: usize) -> Self {
        Self { buffer: BytesMut::new(), max_pdu_len: max_pdu_len.max(HEADER_LEN), failed: None }
    }

    /// Adds octets in the order they arrived, in pieces of any size.
    pub fn push(&mut self, octets: &[u8]) {
        if self.failed.is_none() {
            self.buffer.extend_from_slice(octets);
        }
    }

    /// Octets received and not yet cut.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// The next whole PDU, or `None` until more octets arrive.
    ///
    /// # Errors
    /// `command_length` is out of bounds. The framer then stays failed: where the next PDU begins is lost.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let Some(length) = self.buffer.first_chunk::<4>().map(|octets| u32::from_be_bytes(*octets)) else {
            return Ok(None);
        };
        if let Err(error) = self.check(length) {
            self.failed = Some(error);
            self.buffer = BytesMut::new();
            return Err(error);
        }
        if self.buffer.len() < length as usize {
            return Ok(None);
        }
        let raw = self.buffer.split_to(length as usize).freeze();
        Frame::from_bytes(raw).map(Some)
    }

    fn check(&self, length: u32) -> Result<(), FrameError> {
        if (length as usize) < HEADER_LEN {
            return Err(FrameError::TooShort(length));
        }
        if length as usize > self.max_pdu_len {
            return Err(FrameError::TooLong { length, limit: self.max_pdu_len });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENQUIRE: [u8; 16] = [0, 0, 0, 16, 0, 0, 0, 0x15, 0, 0, 0, 0, 0, 0, 0, 7];

    #[test]
    fn pdus_are_cut_whatever_the_pieces() {
        let stream: Vec<u8> = ENQUIRE.iter().copied().cycle().take(16 * 5).collect();
        for size in 1..=33 {
            let mut framer = Framer::default();
            let mut cut = 0;
            for piece in stream.chunks(size) {
                framer.push(piece);
                while let Some(frame) = framer.next_frame().unwrap() {
                    assert_eq!(frame.raw().as_ref(), ENQUIRE);
                    assert!(frame.body().is_empty());
                    cut += 1;
                }
            }
            assert_eq!((cut, framer.buffered()), (5, 0), "pieces of {size}");
        }
    }

    #[test]
    fn a_length_out_of_bounds_is_an_error_for_ever() {
        for (length, expected) in [
            (0, FrameError::TooShort(0)),
            (15, FrameError::TooShort(15)),
            (70 * 1024 + 1, FrameError::TooLong { length: 71681, limit: 71680 }),
            (u32::MAX, FrameError::TooLong { length: u32::MAX, limit: 71680 }),
        ] {
            let mut framer = Framer::default();
            framer.push(&length.to_be_bytes());
            assert_eq!(framer.next_frame(), Err(expected));
            framer.push(&ENQUIRE);
            assert_eq!(framer.next_frame(), Err(expected));
            assert_eq!(framer.buffered(), 0, "a failed framer keeps nothing");
        }
    }

    #[test]
    fn the_longest_pdu_is_still_cut() {
        let mut pdu = vec![0; MAX_PDU_LEN];
        pdu[..4].copy_from_slice(&(MAX_PDU_LEN as u32).to_be_bytes());
        let mut framer = Framer::default();
        framer.push(&pdu);
        assert_eq!(framer.next_frame().unwrap().unwrap().raw().len(), MAX_PDU_LEN);
    }

    #[test]
    fn stored_octets_must_be_exactly_one_pdu() {
        assert!(Frame::from_bytes(Bytes::from_static(&ENQUIRE)).is_ok());
        assert!(Frame::from_bytes(Bytes::from_static(&ENQUIRE[..15])).is_err());
        let mut long = ENQUIRE.to_vec();
        long.push(0);
        assert_eq!(Frame::from_bytes(long.into()), Err(FrameError::NotOnePdu { length: 16, actual: 17 }));
    }
}

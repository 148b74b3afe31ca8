//! The sixteen octets every PDU begins with (SMPP 3.4 §3.2, §5.1).

use super::{CommandId, Status};

/// Octets of a PDU header.
pub const HEADER_LEN: usize = 16;

/// The longest PDU accepted or sent: 70 KiB holds a full `message_payload` (64 KiB) with room for the rest.
pub const MAX_PDU_LEN: usize = 70 * 1024;

/// A decoded header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// `command_length`: octets of the whole PDU, header included.
    pub length: u32,
    /// `command_id`.
    pub command: CommandId,
    /// `command_status`.
    pub status: Status,
    /// `sequence_number`, as received.
    pub sequence: u32,
}

impl Header {
    /// Reads a header from its sixteen octets.
    #[must_use]
    pub fn parse(octets: &[u8; HEADER_LEN]) -> Self {
        let word =
            |at: usize| u32::from_be_bytes([octets[at], octets[at + 1], octets[at + 2], octets[at + 3]]);
        Self { length: word(0), command: CommandId(word(4)), status: Status(word(8)), sequence: word(12) }
    }
}

//! The user data header: a length octet, then information elements (3GPP TS 23.040 §9.2.3.24).

use bytes::Bytes;

/// One element of a user data header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InformationElement {
    /// What it is: 0x00 and 0x08 are concatenation.
    pub id: u8,
    /// Its value.
    pub value: Bytes,
}

/// The header does not fit the octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UdhError {
    /// There are no octets, or fewer than the length octet says.
    #[error("the user data header is longer than the user data")]
    Truncated,
    /// An element reaches beyond the header.
    #[error("an information element reaches beyond the user data header")]
    BrokenElement,
}

/// Splits user data into the elements of its header and the text octets after it.
///
/// # Errors
/// The lengths do not fit; then nothing of the octets can be trusted to be a header.
pub fn split_udh(data: &Bytes) -> Result<(Vec<InformationElement>, Bytes), UdhError> {
    let length = data.first().map(|octet| usize::from(*octet)).ok_or(UdhError::Truncated)?;
    if data.len() < 1 + length {
        return Err(UdhError::Truncated);
    }
    let mut elements = Vec::new();
    let mut header = data.slice(1..=length);
    while !header.is_empty() {
        let &[id, size] = header.first_chunk::<2>().ok_or(UdhError::BrokenElement)?;
        let end = 2 + usize::from(size);
        if header.len() < end {
            return Err(UdhError::BrokenElement);
        }
        elements.push(InformationElement { id, value: header.slice(2..end) });
        header = header.slice(end..);
    }
    Ok((elements, data.slice(1 + length..)))
}

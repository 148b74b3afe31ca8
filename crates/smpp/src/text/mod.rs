//! From user data octets to words and back (SMPP 3.4 §5.2.19, 3GPP TS 23.038).
//!
//! Decoding never fails and never drops: where the declared coding does not fit the octets another is
//! used and [`Flags`] says so. The octets and the `data_coding` are the evidence and stay with the caller.
//! User data headers are not handled here; see [`crate::reassembly`].

mod coding;
mod gsm7;
mod octets;
mod segment;
mod utf16;

pub use coding::{Alphabet, DataCoding, DefaultAlphabet};
pub use gsm7::{gsm7_encode, gsm7_len};
pub use segment::{MAX_PARTS, SegmentError, Segments, segments};

use coding::Declared;

/// Decoded words and how they were come by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text; U+FFFD stands where octets mean nothing.
    pub text: String,
    /// The alphabet that was used in the end.
    pub alphabet: Alphabet,
    /// What was out of the ordinary.
    pub flags: Flags,
}

/// What was out of the ordinary in a decoded text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags {
    /// The declared alphabet did not fit the octets, another was used.
    pub fell_back: bool,
    /// Some octets mean nothing in the alphabet; U+FFFD or a space stands for them.
    pub replaced: bool,
    /// UCS-2 with an odd number of octets.
    pub odd_length: bool,
    /// UCS-2 began with a byte order mark, which is not part of the text.
    pub byte_order_mark: bool,
    /// UCS-2 in little-endian order.
    pub little_endian: bool,
    /// `data_coding` declares 8-bit data, not text.
    pub binary: bool,
    /// `data_coding` declares compression, which no network uses; read as if it did not.
    pub compressed: bool,
    /// `data_coding` is reserved or an alphabet not supported; the best fit was used.
    pub unknown_coding: bool,
    /// `data_coding` asks the handset to delete the message after reading.
    pub auto_delete: bool,
}

/// Decodes user data by its `data_coding`, with the link's alphabet for `data_coding` 0.
#[must_use]
pub fn decode(octets: &[u8], data_coding: u8, default: DefaultAlphabet) -> Decoded {
    let coding = DataCoding::from_octet(data_coding);
    let mut decoded = match coding.declared {
        Declared::Default => decode_default(octets, default),
        Declared::Ascii => decode_ascii(octets),
        Declared::Latin1 => utf16::misdeclared(octets).unwrap_or_else(|| octets::decode_latin1(octets)),
        Declared::Ucs2 => utf16::decode(octets),
        Declared::Binary | Declared::Unknown => octets::best_fit(octets),
    };
    let unknown = coding.declared == Declared::Unknown;
    decoded.flags.binary = coding.declared == Declared::Binary;
    decoded.flags.unknown_coding = unknown;
    decoded.flags.compressed = coding.is_compressed;
    decoded.flags.auto_delete = coding.is_auto_delete;
    decoded
}

/// Octets that are a name rather than a message: UTF-8, GSM 7 or Latin-1, whichever fits.
pub(crate) fn name(octets: &[u8]) -> String {
    octets::fallback(octets).text
}

fn decode_default(octets: &[u8], default: DefaultAlphabet) -> Decoded {
    if let Some(decoded) = utf16::misdeclared(octets) {
        return decoded;
    }
    match default {
        DefaultAlphabet::Gsm7 if octets.is_ascii() => gsm7::decode(octets),
        DefaultAlphabet::Gsm7 => octets::fallback(octets),
        DefaultAlphabet::Latin1 => octets::decode_latin1(octets),
        DefaultAlphabet::Utf8 => octets::decode_utf8(octets),
    }
}

fn decode_ascii(octets: &[u8]) -> Decoded {
    if octets::is_plain_ascii(octets) {
        return Decoded::new(octets.iter().map(|octet| char::from(*octet)).collect(), Alphabet::Ascii);
    }
    utf16::misdeclared(octets).unwrap_or_else(|| octets::fallback(octets))
}

impl Decoded {
    fn new(text: String, alphabet: Alphabet) -> Self {
        Self { text, alphabet, flags: Flags::default() }
    }

    fn fallen_back(mut self) -> Self {
        self.flags.fell_back = true;
        self
    }
}

#[cfg(test)]
mod tests;

//! What a `data_coding` octet declares (SMPP 3.4 §5.2.19, 3GPP TS 23.038 §4).

/// The alphabet behind `data_coding` 0: a setting of each link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DefaultAlphabet {
    /// GSM 7-bit, one septet an octet.
    #[default]
    Gsm7,
    /// ISO 8859-1.
    Latin1,
    /// UTF-8.
    Utf8,
}

impl DefaultAlphabet {
    /// The alphabet by its name in the configuration: `gsm7`, `latin1`, `utf8`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "gsm7" => Some(Self::Gsm7),
            "latin1" => Some(Self::Latin1),
            "utf8" => Some(Self::Utf8),
            _ => None,
        }
    }

    /// The name in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gsm7 => "gsm7",
            Self::Latin1 => "latin1",
            Self::Utf8 => "utf8",
        }
    }
}

/// The alphabet a text was read or is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alphabet {
    /// GSM 7-bit default alphabet with its extension table, one septet an octet.
    Gsm7,
    /// 7-bit ASCII (IA5).
    Ascii,
    /// ISO 8859-1.
    Latin1,
    /// Windows-1252: Latin-1 whose octets 0x80–0x9F are signs instead of controls.
    Windows1252,
    /// UTF-8.
    Utf8,
    /// UCS-2, read as UTF-16 with surrogates.
    Ucs2,
}

/// A `data_coding` octet taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataCoding {
    pub(crate) declared: Declared,
    /// The message class 0 to 3, when the octet carries one; class 0 is a flash message.
    pub class: Option<u8>,
    /// Whether compression is declared.
    pub is_compressed: bool,
    /// Whether the handset is asked to delete the message after reading.
    pub is_auto_delete: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Declared {
    Default,
    Ascii,
    Latin1,
    Ucs2,
    Binary,
    Unknown,
}

impl DataCoding {
    /// Takes an octet apart; every value has a meaning, if only "unknown".
    #[must_use]
    pub fn from_octet(octet: u8) -> Self {
        let plain = |declared| Self { declared, class: None, is_compressed: false, is_auto_delete: false };
        match octet {
            0x00 => plain(Declared::Default),
            0x01 => plain(Declared::Ascii),
            0x02 | 0x04 => plain(Declared::Binary),
            0x03 => plain(Declared::Latin1),
            0x08 => plain(Declared::Ucs2),
            // JIS, Cyrillic, Hebrew, pictograms, ISO-2022-JP, KS C 5601 and reserved values.
            0x05..=0x0F => plain(Declared::Unknown),
            // TS 23.038 general groups 00xx and 01xx (automatic deletion): compression, class, alphabet.
            0x10..=0x7F => Self {
                declared: match (octet >> 2) & 0b11 {
                    0 => Declared::Default,
                    1 => Declared::Binary,
                    2 => Declared::Ucs2,
                    _ => Declared::Unknown,
                },
                class: (octet & 0x10 != 0).then_some(octet & 0b11),
                is_compressed: octet & 0x20 != 0,
                is_auto_delete: octet & 0x40 != 0,
            },
            0x80..=0xBF => plain(Declared::Unknown),
            // Message waiting indication: discard, store, store in UCS-2.
            0xC0..=0xDF => plain(Declared::Default),
            0xE0..=0xEF => plain(Declared::Ucs2),
            0xF0..=0xFF => Self {
                class: Some(octet & 0b11),
                ..plain(if octet & 0b100 == 0 { Declared::Default } else { Declared::Binary })
            },
        }
    }

    /// Whether the octet declares UCS-2.
    #[must_use]
    pub fn is_ucs2(&self) -> bool {
        self.declared == Declared::Ucs2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_compression_and_deletion_bits_are_told_apart() {
        for (octet, declared, class, compressed, deletes) in [
            (0x00, Declared::Default, None, false, false),
            (0x08, Declared::Ucs2, None, false, false),
            (0x10, Declared::Default, Some(0), false, false),
            (0x14, Declared::Binary, Some(0), false, false),
            (0x18, Declared::Ucs2, Some(0), false, false),
            (0x1B, Declared::Ucs2, Some(3), false, false),
            (0x1C, Declared::Unknown, Some(0), false, false),
            (0x28, Declared::Ucs2, None, true, false),
            (0x40, Declared::Default, None, false, true),
            (0x48, Declared::Ucs2, None, false, true),
            (0x50, Declared::Default, Some(0), false, true),
            (0x58, Declared::Ucs2, Some(0), false, true),
            (0xC8, Declared::Default, None, false, false),
            (0xE0, Declared::Ucs2, None, false, false),
            (0xF0, Declared::Default, Some(0), false, false),
            (0xF5, Declared::Binary, Some(1), false, false),
            (0x06, Declared::Unknown, None, false, false),
            (0x80, Declared::Unknown, None, false, false),
        ] {
            assert_eq!(
                DataCoding::from_octet(octet),
                DataCoding { declared, class, is_compressed: compressed, is_auto_delete: deletes },
                "{octet:#04x}"
            );
        }
    }
}

//! The ways citizens write a report (domain notes §2): shapes, numbers, letters and accents.
//!
//! A spelling changes how a report is written, never what it means: its expectation stays.

use canhgiac_domain::intake::ReportKind;
use canhgiac_domain::reply::unaccented;
use unicode_normalization::UnicodeNormalization;

use super::network::Mobile;
use crate::dice::Dice;

/// How a text is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Spelling {
    /// The arrangement of letter, number and words.
    pub shape: Shape,
    /// How the number is written.
    pub digits: Digits,
    /// How the letter is written.
    pub letter: Letter,
    /// Accents, case and signs of the words.
    pub diction: Diction,
}

impl Spelling {
    /// As the syntax is published, without accents.
    pub const PLAIN: Spelling = Spelling {
        shape: Shape::Spaced,
        digits: Digits::Plain,
        letter: Letter::Published,
        diction: Diction::Unaccented,
    };
}

macro_rules! listed {
    ($(#[$doc:meta])* $name:ident { $($(#[$one:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$one])* $variant),+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
        }
    };
}

listed! {
    /// The arrangement of letter, number and words.
    Shape {
        /// `LD 0912345678 noi dung`.
        Spaced,
        /// `LD (0912345678) (noi dung)`.
        Round,
        /// `LD(0912345678)(noi dung)`.
        RoundGlued,
        /// `V [0912345678][noi dung]`.
        Square,
        /// `LD (0912345678) noi dung`.
        RoundNumber,
        /// `LD (0912345678 noi dung`.
        HalfOpen,
        /// `LD 0912345678) noi dung`.
        HalfClosed,
        /// `LDÄ0912345678Ñ Änoi dungÑ`: brackets misread on the way.
        Misread,
        /// `LD0912345678 noi dung`.
        Glued,
        /// `LD + 0912345678 + noi dung`.
        Plus,
        /// `LD, 0912345678, noi dung`.
        Comma,
        /// `LD - 0912345678 - noi dung`.
        Dash,
        /// `LD: 0912345678: noi dung`.
        Colon,
        /// `LD/0912345678/noi dung`.
        Slash,
        /// Three lines.
        Lines,
        /// `LD số 0912345678 noi dung`.
        WordBefore,
        /// `LD sdt: 0912345678 noi dung`.
        PhoneBefore,
        /// `Soan LD 0912345678 noi dung`.
        Lead,
        /// With no-break spaces and a zero-width one.
        Invisible,
        /// `LD noi dung so 0912345678`: the number among the words.
        Inside,
        /// `LD 0912345678, 0987654321 noi dung`.
        Several,
        /// `LD VIETTELKM noi dung`: a sender name.
        SenderName,
        /// `V 19001234 noi dung`: a service number.
        Service,
        /// `V 0262 3812 345 noi dung`: a fixed line.
        Fixed,
        /// `LD +44 … noi dung`: from abroad.
        Foreign,
        /// The advert copied word for word, with numbers and brackets in it.
        Copied,
        /// `0912345678 noi dung`: the letter is missing.
        NoLetter,
        /// `LD noi dung`: the number is missing.
        NoNumber,
        /// `LD 091234567 noi dung`: a digit is missing.
        Junk,
        /// No report at all.
        NoReport,
    }
}

listed! {
    /// How a number is written.
    Digits {
        /// `0912345678`.
        Plain,
        /// `0912.345.678`.
        Dotted,
        /// `0912 345 678`.
        Spaced,
        /// `0912-345-678`.
        Dashed,
        /// `+84912345678`.
        PlusCode,
        /// `84912345678`.
        Code,
        /// `0084912345678`.
        ZeroCode,
        /// `912345678`.
        NoZero,
        /// `O912345678`: the letter O.
        LetterO,
        /// Full-width digits.
        Wide,
        /// Eleven digits, from before 2018.
        Before2018,
    }
}

listed! {
    /// How the letter is written.
    Letter {
        /// `LD`, `S`, `V`.
        Published,
        /// `ld`, `s`, `v`.
        Lower,
        /// `LĐ`.
        Barred,
        /// `luadao`, `tinrac`, `goi rac`.
        Word,
        /// `Lừa đảo`, `Tin rác`, `Cuộc gọi rác`.
        AccentedWord,
    }
}

listed! {
    /// Accents, case and composition of the words.
    Diction {
        /// Without accents.
        Unaccented,
        /// With accents, composed: UCS-2.
        Accented,
        /// With accents, decomposed.
        Decomposed,
        /// CAPITALS WITHOUT ACCENTS.
        Shouted,
    }
}

impl Letter {
    pub(crate) fn of(self, kind: ReportKind) -> &'static str {
        let all = match kind {
            ReportKind::SpamSms => ["S", "s", "S", "tinrac", "Tin rác"],
            ReportKind::SpamCall => ["V", "v", "V", "goi rac", "Cuộc gọi rác"],
            ReportKind::ScamCall | ReportKind::UnlawfulAdvert => ["LD", "ld", "LĐ", "luadao", "Lừa đảo"],
        };
        all[self as usize]
    }
}

impl Digits {
    /// The number in this spelling; plain where the spelling has none for it.
    pub(crate) fn write(self, mobile: &Mobile) -> String {
        let plain = mobile.dialled();
        let grouped = |mark: &str| [&plain[..4], &plain[4..7], &plain[7..]].join(mark);
        match self {
            Digits::Plain => plain.to_owned(),
            Digits::Dotted => grouped("."),
            Digits::Spaced => grouped(" "),
            Digits::Dashed => grouped("-"),
            Digits::PlusCode => mobile.canonical(),
            Digits::Code => mobile.international(),
            Digits::ZeroCode => format!("00{}", mobile.international()),
            Digits::NoZero => plain[1..].to_owned(),
            Digits::LetterO => format!("O{}", &plain[1..]),
            Digits::Wide => plain
                .chars()
                .map(|digit| char::from_u32(u32::from(digit) - u32::from('0') + 0xFF10).unwrap_or(digit))
                .collect(),
            Digits::Before2018 => mobile.before_2018().unwrap_or_else(|| plain.to_owned()),
        }
    }
}

impl Diction {
    pub(crate) fn say(self, words: &str) -> String {
        match self {
            Diction::Unaccented => unaccented(words),
            Diction::Accented => words.nfc().collect(),
            Diction::Decomposed => words.nfd().collect(),
            Diction::Shouted => unaccented(words).to_uppercase(),
        }
    }
}

impl Shape {
    /// Whether the shape is only an arrangement of one mobile number: then [`Shape::arrange`] writes it.
    pub(crate) fn is_arrangement(self) -> bool {
        (self as usize) <= Shape::Inside as usize
    }

    pub(crate) fn arrange(self, letter: &str, number: &str, words: &str) -> String {
        match self {
            Shape::Round => format!("{letter} ({number}) ({words})"),
            Shape::RoundGlued => format!("{letter}({number})({words})"),
            Shape::Square => format!("{letter} [{number}][{words}]"),
            Shape::RoundNumber => format!("{letter} ({number}) {words}"),
            Shape::HalfOpen => format!("{letter} ({number} {words}"),
            Shape::HalfClosed => format!("{letter} {number}) {words}"),
            Shape::Misread => format!("{letter} Ä{number}Ñ Ä{words}Ñ"),
            Shape::Glued => format!("{letter}{number} {words}"),
            Shape::Plus => format!("{letter} + {number} + {words}"),
            Shape::Comma => format!("{letter}, {number}, {words}"),
            Shape::Dash => format!("{letter} - {number} - {words}"),
            Shape::Colon => format!("{letter}: {number}: {words}"),
            Shape::Slash => format!("{letter}/{number}/{words}"),
            Shape::Lines => format!("{letter}\n{number}\n{words}"),
            Shape::WordBefore => format!("{letter} số {number} {words}"),
            Shape::PhoneBefore => format!("{letter} sdt: {number} {words}"),
            Shape::Lead => format!("Soan {letter} {number} {words}"),
            Shape::Invisible => format!("{letter}\u{a0}{number}\u{a0}{words}\u{200b}"),
            Shape::Inside => format!("{letter} co nguoi goi tu so {number} {words}"),
            _ => format!("{letter} {number} {words}"),
        }
    }
}

/// A spelling by chance: half of the people follow the published syntax closely.
pub(crate) fn any(dice: &mut Dice) -> Spelling {
    let one = |list: &[usize], dice: &mut Dice| list[dice.below(list.len())];
    let diction = Diction::ALL[one(&[0, 0, 0, 0, 0, 1, 1, 1, 2, 3], dice)];
    if dice.chance(45) {
        let shape = if dice.chance(60) { Shape::Spaced } else { Shape::Round };
        return Spelling { shape, diction, ..Spelling::PLAIN };
    }
    Spelling {
        shape: Shape::ALL[dice.below(Shape::NoReport as usize)],
        digits: Digits::ALL[dice.below(Digits::ALL.len())],
        letter: Letter::ALL[dice.below(Letter::ALL.len())],
        diction,
    }
}

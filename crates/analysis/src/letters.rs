//! One written character seen as a base letter and its marks.
//!
//! Takes precomposed, decomposed, full-width and mathematical letters, and letters
//! of other alphabets that look Latin. It knows nothing of words.

use unicode_normalization::char::decompose_compatible;

/// A base letter (`a`–`z`) or digit with the marks it carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    /// `a`–`z` or `0`–`9`.
    pub(crate) base: u8,
    /// The mark that makes another letter (â, ă, ơ, đ).
    pub(crate) hat: Hat,
    /// The tone mark, if it stands on this letter.
    pub(crate) tone: Tone,
    /// Borrowed from another alphabet, or marked as no Vietnamese letter is.
    pub(crate) is_foreign: bool,
    /// Bytes of the original text.
    pub(crate) start: u32,
    /// End of those bytes.
    pub(crate) end: u32,
    /// Written as a capital.
    pub(crate) is_capital: bool,
}

/// Marks that make another letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u8)]
pub(crate) enum Hat {
    /// None.
    #[default]
    None = 0,
    /// â ê ô
    Circumflex = 1,
    /// ă
    Breve = 2,
    /// ơ ư
    Horn = 3,
    /// đ ƀ
    Stroke = 4,
}

/// Tone marks. Hỏi and ngã are one: half of the country writes them alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u8)]
pub(crate) enum Tone {
    /// None.
    #[default]
    None = 0,
    /// à
    Grave = 1,
    /// á
    Acute = 2,
    /// ả or ã
    HookOrTilde = 3,
    /// ạ
    Dot = 4,
}

/// What a character contributes to the folded twin.
pub(crate) enum Piece {
    /// A letter or digit.
    Letter {
        /// `a`–`z` or `0`–`9`.
        base: u8,
        /// Its mark.
        hat: Hat,
        /// Borrowed from another alphabet.
        is_foreign: bool,
        /// Written as a capital.
        is_capital: bool,
    },
    /// A mark on the letter before it.
    Hat(Hat),
    /// A tone on the letter before it.
    Tone(Tone),
    /// A mark no Vietnamese letter has.
    ForeignMark,
    /// Anything else: it separates words.
    Other(char),
}

/// Characters that show nothing and are put between letters to defeat filters.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{00AD}'
            | '\u{034F}'
            | '\u{061C}'
            | '\u{115F}'
            | '\u{1160}'
            | '\u{17B4}'
            | '\u{17B5}'
            | '\u{180B}'..='\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
    )
}

/// Takes a character apart and hands its pieces to `emit`, base first.
pub(crate) fn take_apart(character: char, mut emit: impl FnMut(Piece)) {
    if character.is_ascii() {
        emit(plain_piece(character));
        return;
    }
    decompose_compatible(character, |part| emit(plain_piece(part)));
}

fn plain_piece(part: char) -> Piece {
    if part.is_ascii_alphanumeric() {
        let lower = part.to_ascii_lowercase();
        return Piece::Letter {
            base: u8::try_from(lower).unwrap_or(b'?'),
            hat: Hat::None,
            is_foreign: false,
            is_capital: part.is_ascii_uppercase(),
        };
    }
    match part {
        '\u{0302}' => Piece::Hat(Hat::Circumflex),
        '\u{0306}' => Piece::Hat(Hat::Breve),
        '\u{031B}' => Piece::Hat(Hat::Horn),
        '\u{0300}' => Piece::Tone(Tone::Grave),
        '\u{0301}' => Piece::Tone(Tone::Acute),
        '\u{0303}' | '\u{0309}' => Piece::Tone(Tone::HookOrTilde),
        '\u{0323}' => Piece::Tone(Tone::Dot),
        '\u{0304}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{20D0}'..='\u{20FF}' => Piece::ForeignMark,
        'đ' | 'Đ' => stroked(b'd', part == 'Đ'),
        'ƀ' | 'Ƀ' => stroked(b'b', part == 'Ƀ'),
        other => match look_alike(other) {
            Some(base) => {
                Piece::Letter { base, hat: Hat::None, is_foreign: true, is_capital: other.is_uppercase() }
            }
            None => Piece::Other(other),
        },
    }
}

fn stroked(base: u8, is_capital: bool) -> Piece {
    Piece::Letter { base, hat: Hat::Stroke, is_foreign: false, is_capital }
}

/// The Latin letter that a letter of another alphabet is mistaken for.
fn look_alike(character: char) -> Option<u8> {
    let base = match character {
        'а' | 'А' | 'α' | 'Α' | 'ɑ' => b'a',
        'в' | 'В' | 'β' | 'Β' | 'ß' | 'Ь' | 'ь' => b'b',
        'с' | 'С' | 'ϲ' | 'Ϲ' => b'c',
        'ԁ' | 'ð' | 'Ð' | 'ɖ' | 'Ɖ' => b'd',
        'е' | 'Е' | 'ε' | 'Ε' | 'э' | 'є' | 'Є' => b'e',
        'ɡ' => b'g',
        'н' | 'Н' | 'Η' | 'һ' | 'Һ' => b'h',
        'і' | 'І' | 'ι' | 'Ι' | 'ı' => b'i',
        'ј' | 'Ј' => b'j',
        'к' | 'К' | 'κ' | 'Κ' => b'k',
        'ӏ' | 'Ӏ' | 'ł' | 'Ł' => b'l',
        'м' | 'М' | 'Μ' => b'm',
        'п' | 'η' | 'Ν' | 'и' => b'n',
        'о' | 'О' | 'ο' | 'Ο' | 'ø' | 'Ø' | 'σ' => b'o',
        'р' | 'Р' | 'ρ' | 'Ρ' => b'p',
        'ԛ' => b'q',
        'г' => b'r',
        'ѕ' | 'Ѕ' => b's',
        'т' | 'Т' | 'τ' | 'Τ' => b't',
        'υ' | 'μ' | 'ц' => b'u',
        'ν' | 'ѵ' => b'v',
        'ԝ' | 'ω' | 'ш' => b'w',
        'х' | 'Х' | 'χ' | 'Χ' => b'x',
        'у' | 'У' | 'γ' | 'Υ' => b'y',
        'Ζ' => b'z',
        _ => return None,
    };
    Some(base)
}

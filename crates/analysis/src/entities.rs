//! The things named in a text: numbers, links, bank accounts, amounts of money,
//! one-time passwords, names of apps, banks and agencies.
//!
//! Numbers are raw candidates; `domain::number` decides what they are. Nothing is
//! looked up here. All ranges are bytes of the original at character boundaries.

use std::ops::Range;

use crate::digits::{self, Chunk};
use crate::fold::Folded;
use crate::phrases::Hit;
use crate::signs::{Meaning, NameKind, Signs};
use crate::stream::Stream;
use crate::urls;

/// Most entities of one kind taken from one text; later ones are dropped.
pub const MAX_PER_KIND: usize = 32;

/// Everything found in a text, each list in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entities {
    /// Telephone numbers, as candidates.
    pub numbers: Vec<NumberCandidate>,
    /// Links, also written so as not to be links (`hxxp`, `[.]`, spaces).
    pub urls: Vec<Url>,
    /// Bank accounts, with the words that make them so.
    pub accounts: Vec<Account>,
    /// Amounts of money.
    pub amounts: Vec<Amount>,
    /// Mentions of a one-time password.
    pub otp_mentions: Vec<Range<usize>>,
    /// Apps, banks and agencies named, each once.
    pub names: Vec<NamedThing>,
}

/// Digits that may be a telephone number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberCandidate {
    /// Where it stands, with its separators and plus sign.
    pub range: Range<usize>,
    /// Its digits, with a leading `+` if one was written; letters O, I, l read as digits.
    pub digits: String,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// Where it stands.
    pub range: Range<usize>,
    /// The host in lower case, with plain dots.
    pub host: String,
    /// The link as it would be opened, without a scheme.
    pub address: String,
    /// It was written so that programs do not see it.
    pub is_defanged: bool,
    /// Its host belongs to an official domain. This says nothing about the text.
    pub is_official: bool,
}

/// A bank account number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Where the number stands.
    pub range: Range<usize>,
    /// Its digits.
    pub digits: String,
    /// The bank named beside it.
    pub bank: Option<String>,
}

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// Where it stands.
    pub range: Range<usize>,
    /// In đồng; `None` for another currency or when it does not fit.
    pub dong: Option<u64>,
}

/// A name of the list in the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedThing {
    /// Where it stands first.
    pub range: Range<usize>,
    /// What it is.
    pub kind: NameKind,
    /// Its usual spelling.
    pub label: String,
}

/// Words between "số tài khoản" and the number.
const ACCOUNT_REACH_WORDS: u32 = 6;
/// Words between the number and the name of the bank, on either side.
const BANK_REACH_WORDS: u32 = 5;
/// Digits of a bank account.
const ACCOUNT_DIGITS: std::ops::RangeInclusive<usize> = 6..=19;

/// Finds the entities of a text that was already folded and matched.
pub(crate) fn find(signs: &Signs, text: &str, folded: &Folded, stream: &Stream, hits: &[Hit]) -> Entities {
    let mut entities = Entities { urls: urls::find(text, &signs.official_hosts), ..Entities::default() };
    let named = collect_named(signs, stream, hits, &mut entities);
    let mut behind = 0;
    for chunk in digits::chunks(text, folded) {
        let is_in_link = entities
            .urls
            .iter()
            .any(|url| url.range.start < chunk.range.end && chunk.range.start < url.range.end);
        if !is_in_link {
            let words = words_of(stream, &chunk.range);
            let end = words.end;
            let is_number = ACCOUNT_DIGITS.contains(&chunk.digits.len());
            sort_chunk(text, &named, chunk, words, behind, &mut entities);
            if is_number {
                behind = end;
            }
        }
    }
    entities
}

/// Words and banks that stand near accounts, as ranges of words.
struct Named {
    account_words: Vec<Range<u32>>,
    banks: Vec<(Range<u32>, String)>,
}

fn collect_named(signs: &Signs, stream: &Stream, hits: &[Hit], entities: &mut Entities) -> Named {
    let mut named = Named { account_words: Vec::new(), banks: Vec::new() };
    for hit in hits {
        let range = stream.original(&hit.words);
        match signs.meanings[hit.phrase as usize] {
            Meaning::AccountWord => named.account_words.push(hit.words.clone()),
            Meaning::OtpWord => {
                let is_new = entities.otp_mentions.last().is_none_or(|last| last.end <= range.start);
                if is_new && entities.otp_mentions.len() < MAX_PER_KIND {
                    entities.otp_mentions.push(range);
                }
            }
            Meaning::Name(index) => {
                let name = &signs.names[index];
                if name.kind == NameKind::Bank {
                    named.banks.push((hit.words.clone(), name.label.clone()));
                }
                let is_new = entities.names.iter().all(|known| known.label != name.label);
                if is_new && entities.names.len() < MAX_PER_KIND {
                    entities.names.push(NamedThing { range, kind: name.kind, label: name.label.clone() });
                }
            }
            _ => {}
        }
    }
    named.account_words.sort_by_key(|words| words.start);
    named.banks.sort_by_key(|bank| bank.0.start);
    named
}

/// Decides what a chunk of digits is. `behind` is the end of the number before it:
/// "số tài khoản" speaks of the first number that follows only.
fn sort_chunk(
    text: &str,
    named: &Named,
    chunk: Chunk,
    words: Range<u32>,
    behind: u32,
    entities: &mut Entities,
) {
    if let Some(dong) = chunk.money(text) {
        if entities.amounts.len() < MAX_PER_KIND {
            let range = chunk.range.start..chunk.money_end(text);
            entities.amounts.push(Amount { range, dong });
        }
        return;
    }
    let bank = bank_near(named, &words);
    let has_account_word = is_after(&named.account_words, words.start, behind);
    let is_account = ACCOUNT_DIGITS.contains(&chunk.digits.len())
        && !chunk.has_plus
        && (has_account_word || (bank.is_some() && !chunk.looks_like_a_phone()));
    if is_account {
        if entities.accounts.len() < MAX_PER_KIND {
            entities.accounts.push(Account { range: chunk.range, digits: chunk.digits, bank });
        }
    } else if chunk.looks_like_a_phone() && entities.numbers.len() < MAX_PER_KIND {
        let plus = if chunk.has_plus { "+" } else { "" };
        let digits = format!("{plus}{}", chunk.digits);
        entities.numbers.push(NumberCandidate { range: chunk.range, digits });
    }
}

/// The words that a stretch of the original covers.
fn words_of(stream: &Stream, range: &Range<usize>) -> Range<u32> {
    let first = stream.words.partition_point(|word| word.original.end <= range.start);
    let last = stream.words.partition_point(|word| word.original.start < range.end);
    let index = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    index(first)..index(last.max(first))
}

fn is_after(list: &[Range<u32>], word: u32, behind: u32) -> bool {
    let until = list.partition_point(|words| words.start < word);
    list[..until]
        .iter()
        .rev()
        .take(4)
        .any(|words| words.end <= word && words.start >= behind && word - words.end <= ACCOUNT_REACH_WORDS)
}

fn bank_near(named: &Named, words: &Range<u32>) -> Option<String> {
    let from = named.banks.partition_point(|bank| bank.0.start + 16 < words.start);
    named.banks[from..]
        .iter()
        .take_while(|bank| bank.0.start <= words.end + BANK_REACH_WORDS)
        .find(|bank| bank.0.start >= words.end || words.start.saturating_sub(bank.0.end) <= BANK_REACH_WORDS)
        .map(|bank| bank.1.clone())
}

//! The public check of a pasted text: signs of fraud, with reasons a frightened
//! person understands.
//!
//! **There is no reassuring result.** [`Level::None`] means "chưa có thông tin" and
//! nothing more; the page says so. Whoever claims authority and asks for money, a
//! password, secrecy or remote control gives [`Level::Signs`], whatever else the text
//! says, also when it quotes true letters or wraps itself in a warning.

use std::collections::BTreeSet;
use std::ops::Range;

use canhgiac_domain::taxonomy::{Facet, TermId};

use crate::classify::{Finding, Reading, Stance, classify};
use crate::signs::{Alarm, Loudness, Signs};

/// Most reasons shown.
pub const MAX_REASONS: usize = 6;
/// Most quotes shown with one reason.
pub const MAX_REASON_QUOTES: usize = 4;
/// Longest quote shown, in characters.
pub const MAX_QUOTE_CHARS: usize = 120;
/// What is said of a warning to the public that describes frauds.
const DESCRIBED_VI: &str = "Đoạn này kể lại cách lừa đảo như một lời cảnh báo. Kẻ gian cũng có thể chép lời cảnh báo thật: đừng làm theo số điện thoại, đường dẫn hay tài khoản ghi trong đó.";

/// How a pasted text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// "Có dấu hiệu lừa đảo".
    Signs,
    /// Something to be careful about.
    Weak,
    /// "Chưa có thông tin": nothing was recognised, which is not safety.
    None,
}

impl Level {
    /// The word shown to people.
    #[must_use]
    pub fn label_vi(self) -> &'static str {
        match self {
            Level::Signs => "Có dấu hiệu lừa đảo",
            Level::Weak => "Cần cẩn thận",
            Level::None => "Chưa có thông tin",
        }
    }

    /// The sentence under the word; never reassuring.
    #[must_use]
    pub fn caution_vi(self) -> &'static str {
        match self {
            Level::Signs => {
                "Đừng làm theo. Hãy dừng lại, cúp máy, không chuyển tiền, không đọc mã OTP, hỏi người nhà hoặc công an xã, phường gần nhất."
            }
            Level::Weak => {
                "Chưa đủ để kết luận. Đừng chuyển tiền, đừng bấm đường dẫn, đừng đọc mã cho đến khi bạn tự gọi lại bằng số bạn biết chắc."
            }
            Level::None => "Chưa có thông tin không có nghĩa là an toàn.",
        }
    }
}

/// One reason, with the words of the text that gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What is wrong, in plain Vietnamese.
    pub label_vi: String,
    /// The text's own words, shortened; at most [`MAX_REASON_QUOTES`].
    pub quoted: Vec<String>,
}

/// The answer to a pasted text.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// How it looks.
    pub level: Level,
    /// Why, the clearest first; at most [`MAX_REASONS`].
    pub reasons: Vec<Reason>,
    /// The facets and entities found.
    pub reading: Reading,
}

/// Judges a pasted text. Time grows linearly with its length.
#[must_use]
pub fn assess(signs: &Signs, text: &str) -> Assessment {
    let reading = classify(signs, text);
    let mut level = Level::None;
    let mut reasons = Vec::new();
    let mut quoted_pairs = BTreeSet::new();
    for alarm in &signs.alarms {
        let Some(grounds) = Grounds::of(alarm, &reading) else {
            continue;
        };
        level = level.min(match alarm.loudness {
            Loudness::Signs => Level::Signs,
            Loudness::Weak => Level::Weak,
        });
        let reason = grounds.reason(signs, alarm, text);
        if reasons.len() < MAX_REASONS && quoted_pairs.insert(reason.label_vi.clone()) {
            reasons.push(reason);
        }
    }
    if reading.is_warning && level == Level::None {
        level = Level::Weak;
        let quoted = quotes_of(text, reading.findings.iter());
        reasons.push(Reason { label_vi: DESCRIBED_VI.to_owned(), quoted });
    }
    Assessment { level, reasons, reading }
}

/// The findings that set off an alarm.
struct Grounds<'a> {
    findings: Vec<&'a Finding>,
}

impl<'a> Grounds<'a> {
    /// Every facet the alarm wants must be there. Demands must be asserted; whom a
    /// warning names counts too, because impostors dress up as those who warn.
    fn of(alarm: &Alarm, reading: &'a Reading) -> Option<Grounds<'a>> {
        let mut findings = Vec::new();
        let mut has_asserted = false;
        for (facet, wanted) in &alarm.wants {
            let own: Vec<&Finding> = reading
                .findings
                .iter()
                .filter(|finding| finding.facet == *facet && wanted.contains(&finding.term))
                .filter(|finding| *facet != Facet::Demand || finding.stance == Stance::Asserted)
                .collect();
            if own.is_empty() {
                return None;
            }
            has_asserted |= own.iter().any(|finding| finding.stance == Stance::Asserted);
            findings.extend(own);
        }
        has_asserted.then_some(Grounds { findings })
    }

    fn reason(&self, signs: &Signs, alarm: &Alarm, text: &str) -> Reason {
        let mut label_vi = alarm.label_vi.clone();
        for facet in Facet::ALL {
            let place = format!("{{{facet}}}");
            if label_vi.contains(&place) {
                label_vi = label_vi.replace(&place, &self.labels(signs, facet));
            }
        }
        Reason { label_vi, quoted: quotes_of(text, self.findings.iter().copied()) }
    }

    fn labels(&self, signs: &Signs, facet: Facet) -> String {
        /// More would not be read.
        const MAX_LABELS: usize = 3;
        self.findings
            .iter()
            .filter(|finding| finding.facet == facet)
            .take(MAX_LABELS)
            .map(|finding| format!("“{}”", label_of(signs, &finding.term)))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

fn label_of<'a>(signs: &'a Signs, term: &'a TermId) -> &'a str {
    signs.terms.iter().find(|known| known.0 == *term).map_or(term.as_str(), |known| known.2.as_str())
}

/// The first words of each finding, in the order of the text, none twice.
fn quotes_of<'a>(text: &str, findings: impl Iterator<Item = &'a Finding>) -> Vec<String> {
    let mut ranges: Vec<Range<usize>> =
        findings.filter_map(|finding| finding.quotes.first().cloned()).collect();
    ranges.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let mut quotes = Vec::new();
    let mut behind = 0;
    for range in ranges {
        if range.end <= behind || quotes.len() >= MAX_REASON_QUOTES {
            continue;
        }
        behind = range.end;
        if let Some(words) = text.get(range) {
            quotes.push(shortened(words));
        }
    }
    quotes
}

fn shortened(words: &str) -> String {
    let plain: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if plain.chars().count() <= MAX_QUOTE_CHARS {
        return plain;
    }
    let mut short: String = plain.chars().take(MAX_QUOTE_CHARS).collect();
    short.push('…');
    short
}

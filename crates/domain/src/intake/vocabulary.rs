//! What can be understood of a text: the vocabulary that store, interfaces and answers share.

use crate::number::{self, Source};

/// What a report complains of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReportKind {
    /// A spam message (letter S).
    SpamSms,
    /// A spam call (letter V).
    SpamCall,
    /// A scam call or message (letters LD).
    ScamCall,
    /// An advert painted or pasted in a public place; reported by form, never by text.
    UnlawfulAdvert,
}

impl ReportKind {
    /// All kinds.
    pub const ALL: [ReportKind; 4] =
        [ReportKind::SpamSms, ReportKind::SpamCall, ReportKind::ScamCall, ReportKind::UnlawfulAdvert];

    /// The stable word for it in store, exports and interfaces.
    pub fn id(self) -> &'static str {
        match self {
            ReportKind::SpamSms => "spam_sms",
            ReportKind::SpamCall => "spam_call",
            ReportKind::ScamCall => "scam_call",
            ReportKind::UnlawfulAdvert => "unlawful_advert",
        }
    }

    /// Reads [`ReportKind::id`] back.
    pub fn from_id(id: &str) -> Option<ReportKind> {
        ReportKind::ALL.into_iter().find(|kind| kind.id() == id)
    }
}

/// What the sender of a text wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// To report a source.
    Report,
    /// To know what came of a report: the one with this eight-digit code, or the sender's last.
    Result {
        /// Eight digits, without spaces; its check digit is not looked at here.
        code: Option<String>,
    },
    /// To know whether a number, name or text is genuine.
    Check {
        /// Everything that came after the keyword, as sent.
        text: String,
    },
    /// To be told how this works.
    Help,
    /// To receive warnings.
    Subscribe,
    /// To receive no more warnings.
    Unsubscribe,
    /// The Do-Not-Call list, which others keep.
    Dnc,
    /// To forward an advertisement, which others collect.
    Forward,
    /// None of these.
    Unknown,
}

impl Intent {
    /// The stable word for it.
    pub fn id(&self) -> &'static str {
        match self {
            Intent::Report => "report",
            Intent::Result { .. } => "result",
            Intent::Check { .. } => "check",
            Intent::Help => "help",
            Intent::Subscribe => "subscribe",
            Intent::Unsubscribe => "unsubscribe",
            Intent::Dnc => "dnc",
            Intent::Forward => "forward",
            Intent::Unknown => "unknown",
        }
    }
}

/// What is wrong with a text, so that the answer can say how to mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Problem {
    /// Nothing was sent, or nothing visible.
    Empty,
    /// Longer than [`super::TEXT_MAX`] bytes: kept, not read.
    TooLong,
    /// A report that does not say of whom.
    MissingSource,
    /// A report without S, V or LD.
    MissingKind,
    /// A report of a number that cannot exist.
    JunkNumber,
    /// A question or anything else that is no report.
    NotAReport,
    /// A result was asked for with something that is no eight-digit code.
    BadCode,
    /// A check of nothing.
    NothingToCheck,
}

impl Problem {
    /// The stable word for it.
    pub fn id(self) -> &'static str {
        match self {
            Problem::Empty => "empty",
            Problem::TooLong => "too_long",
            Problem::MissingSource => "missing_source",
            Problem::MissingKind => "missing_kind",
            Problem::JunkNumber => "junk_number",
            Problem::NotAReport => "not_a_report",
            Problem::BadCode => "bad_code",
            Problem::NothingToCheck => "nothing_to_check",
        }
    }

    /// Reads [`Problem::id`] back.
    pub fn from_id(id: &str) -> Option<Problem> {
        [
            Problem::Empty,
            Problem::TooLong,
            Problem::MissingSource,
            Problem::MissingKind,
            Problem::JunkNumber,
            Problem::NotAReport,
            Problem::BadCode,
            Problem::NothingToCheck,
        ]
        .into_iter()
        .find(|problem| problem.id() == id)
    }
}

/// A way in which a text deviated from the published syntax and was understood all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Leniency {
    /// The link's prefix was not there.
    MissingPrefix,
    /// Words before the keyword ("Soan LD …").
    LeadWords,
    /// The kind in words instead of its letter.
    SpelledKind,
    /// Words between kind and number ("so", "sdt:").
    WordsBeforeNumber,
    /// A bracket without its other half.
    HalfBracket,
    /// Brackets that a misconfigured link turned into `Ä Ñ ä ñ`.
    MisreadBrackets,
    /// Several sources joined by `,` `/` `;` or "va".
    SeveralSources,
    /// A sender name without brackets.
    BareSenderName,
    /// The only number that could be the caller's stood among the words.
    SourceInsideContent,
}

impl Leniency {
    /// The stable word for it.
    pub fn id(self) -> &'static str {
        match self {
            Leniency::MissingPrefix => "missing_prefix",
            Leniency::LeadWords => "lead_words",
            Leniency::SpelledKind => "spelled_kind",
            Leniency::WordsBeforeNumber => "words_before_number",
            Leniency::HalfBracket => "half_bracket",
            Leniency::MisreadBrackets => "misread_brackets",
            Leniency::SeveralSources => "several_sources",
            Leniency::BareSenderName => "bare_sender_name",
            Leniency::SourceInsideContent => "source_inside_content",
        }
    }
}

/// One source that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceMention {
    /// The number or name.
    pub source: Source,
    /// The very characters it was read from: evidence.
    pub as_received: String,
    /// How its spelling deviated.
    pub leniencies: Vec<number::Leniency>,
}

/// What one text was understood to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understanding {
    /// What the sender wants.
    pub intent: Intent,
    /// What a report complains of; `None` when only the letter is missing, and when it is no report.
    pub kind: Option<ReportKind>,
    /// Whom it names, without repetition, at most [`super::SOURCES_MAX`].
    pub sources: Vec<SourceMention>,
    /// The words beside keyword and source, exactly as sent; for texts that are no report, all of them.
    pub content: String,
    /// What is wrong, if anything.
    pub problem: Option<Problem>,
    /// How it deviated, without repetition, in the order of the text.
    pub leniencies: Vec<Leniency>,
}

impl Understanding {
    /// The canonical forms of the sources, in the order of the text.
    pub fn canonical_sources(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().map(|mention| mention.source.canonical())
    }

    /// [`ReportKind::id`] of the kind.
    pub fn kind_id(&self) -> Option<&'static str> {
        self.kind.map(ReportKind::id)
    }

    /// [`Problem::id`] of the problem.
    pub fn problem_id(&self) -> Option<&'static str> {
        self.problem.map(Problem::id)
    }

    pub(super) fn new(intent: Intent, content: impl Into<String>) -> Understanding {
        Understanding {
            intent,
            kind: None,
            sources: Vec::new(),
            content: content.into(),
            problem: None,
            leniencies: Vec::new(),
        }
    }

    pub(super) fn with_problem(mut self, problem: Problem) -> Understanding {
        self.problem = Some(problem);
        self
    }

    pub(super) fn note(&mut self, leniency: Leniency) {
        if !self.leniencies.contains(&leniency) {
            self.leniencies.push(leniency);
        }
    }
}

//! One text of a citizen, with what the product should make of it.

use canhgiac_domain::intake::{Problem, ReportKind};

use super::network::{Mobile, Network};
use super::spelling::Spelling;

/// The alphabet of a text on the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// Every sign is in the GSM 7-bit alphabet.
    Gsm7,
    /// UCS-2, as diacritics need.
    Ucs2,
}

/// How a text that does not fit one message travels; one that fits travels alone whatever this says, but for
/// [`Parts::Payload`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Parts {
    /// User data header with an 8-bit reference.
    Udh8,
    /// User data header with a 16-bit reference.
    Udh16,
    /// `sar_*` parameters.
    Sar,
    /// Whole, in `message_payload`.
    Payload,
}

/// How the sender's address is written on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressForm {
    /// `84912345678`, 1/1.
    International,
    /// `+84912345678`, 1/1.
    Plus,
    /// `0912345678`, 2/1.
    National,
}

/// What the product should understand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// [`canhgiac_domain::intake::Intent::id`].
    pub intent: &'static str,
    /// What a report complains of.
    pub kind: Option<ReportKind>,
    /// Canonical sources, in the order of the text. For a check they are what it asks about.
    pub sources: Vec<String>,
    /// What is wrong with the text.
    pub problem: Option<Problem>,
}

impl Expected {
    pub(crate) fn report(kind: ReportKind, sources: Vec<String>) -> Expected {
        Expected { intent: "report", kind: Some(kind), sources, problem: None }
    }

    pub(crate) fn intent(intent: &'static str) -> Expected {
        Expected { intent, kind: None, sources: Vec::new(), problem: None }
    }

    pub(crate) fn but(mut self, problem: Problem) -> Expected {
        self.problem = Some(problem);
        self
    }
}

/// What a text is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum About {
    /// A subject of its own.
    Topic(&'static str),
    /// One voice of the wave on the star's number.
    Wave,
    /// One of a burst within a second.
    Burst,
    /// `KQ`, with or without the code of the reply.
    Result,
    /// `KT`.
    Check,
    /// `HD`.
    Help,
    /// `DK CB` or `HUY CB`.
    Warnings,
    /// `DK DNC` or `FW`: not the product's.
    Elsewhere,
    /// A question or greeting.
    Question,
}

/// One text of a citizen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitizenText {
    /// Counts the texts of a stream from 1.
    pub number: u64,
    /// Who sends it.
    pub from: Mobile,
    /// The sender's network.
    pub network: Network,
    /// The short code written to.
    pub to: &'static str,
    /// The words.
    pub text: String,
    /// Their alphabet.
    pub coding: Coding,
    /// How they travel when they are long.
    pub parts: Parts,
    /// Whether the parts arrive in another order.
    pub is_shuffled: bool,
    /// How the sender's address is written.
    pub address: AddressForm,
    /// What they are about.
    pub about: About,
    /// How they are spelled.
    pub spelling: Spelling,
    /// What the product should understand.
    pub expected: Expected,
}

impl CitizenText {
    /// A text as a test writes it: to 156, as one citizen sends it, nothing expected.
    #[must_use]
    pub fn plain(from: Mobile, network: Network, text: &str) -> CitizenText {
        CitizenText {
            number: 0,
            from,
            network,
            to: "156",
            text: text.to_owned(),
            coding: if text.is_ascii() { Coding::Gsm7 } else { Coding::Ucs2 },
            parts: Parts::Udh8,
            is_shuffled: false,
            address: AddressForm::International,
            about: About::Topic("plain"),
            spelling: Spelling::PLAIN,
            expected: Expected::intent("unknown"),
        }
    }
}

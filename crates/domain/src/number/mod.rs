//! Numbers and sender names that people report, call from and ask about.
//!
//! [`Source`] is the one type for "who it came from"; [`parse_number`] reads what people type; [`NumberingPlan`] is the
//! dated data that says who was given a range, which numbers are official and which may never be blocked.
//!
//! Deliberately not here: which operator serves a number today (numbers are ported; operators answer that), any
//! judgement whether a number is bad, and finding numbers by meaning in running text (that is [`crate::intake`]).

mod foreign;
mod official;
mod parse;
mod plan;
mod plan_file;
mod resolve;
mod scan;
mod source;

pub use official::OfficialNumber;
pub use parse::{Leniency, NumberProblem, ParsedNumber, parse_number};
pub use plan::NumberingPlan;
pub(crate) use scan::{Found, Glue, Scan, is_quantity_at, scan};
pub use source::{SenderNameProblem, Source, SourceKind, StoredSourceProblem};

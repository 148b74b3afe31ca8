//! The procedure for a suspected scam source: the only way a case changes its state.
//!
//! [`decide`] is pure: it takes the case, what someone wants to do, the dated rules and the time,
//! and returns the next state with the effects to carry out, or the reason why not. The store
//! commits state, timeline entry and effects in one transaction; nothing here stores or sends.
//!
//! ```text
//!  open ──confirm──▶ confirmed ──ask──▶ block_requested ──blocked──▶ blocked ──keep (2nd person)──▶ kept
//!    │                 ▲    │  ◀─not found, refused, withdrawn─┘        │                            │
//!    └────close────────┼────┴──close──▶ closed                         └─expires, restored, granted─┤
//!                      └──(late "blocked" is undone)                                                ▼
//!                                                              restored ◀──answered── restoring ◀───┘
//! ```

mod machine;
mod rules;
mod state;

pub use machine::{Action, Case, Decision, Effect, Facts, Notice, Refusal, SourcePath, decide};
pub use rules::{RuleSet, ScamRule, TemporaryBlock};
pub use state::{CaseState, ClosedAs, Measure, Reconsideration, Referral, RestoreCause};

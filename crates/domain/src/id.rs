//! Identifiers the rules compare.
//!
//! They are made outside (`domain` has no clock and no randomness) and are never cursors:
//! clocks jump, so the order of ids says nothing about the order of commits.

use uuid::Uuid;

/// A member of staff: whether someone is the second person is decided by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(pub Uuid);

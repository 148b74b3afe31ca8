//! The crate from outside: round trips, a foreign implementation as oracle, and a simulated link.
#![expect(clippy::unwrap_used, reason = "a panic in a test is the report")]

mod oracle;
mod redelivery;
mod round_trip;
mod simulation;
mod words;

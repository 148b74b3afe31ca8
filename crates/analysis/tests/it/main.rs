//! Tests of the crate through its front doors.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests: a panic is the report, and the figures are printed for people"
)]

mod corpus;
mod judgement;
mod properties;

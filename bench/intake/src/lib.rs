//! The way in measured beside others, in one run: the product as its users run it, Kannel, and two small programs.
//!
//! Rounds are interleaved and only figures of one round are compared: the machine may be busy, and it is equally
//! busy for all. Nothing here knows the product's inside; it is started as a process and spoken to over SMPP.

mod cells;
mod chart;
mod histogram;
mod load;
pub mod machine;
mod peer;
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
#[path = "../../../tests/support/postgres.rs"]
mod postgres;
pub mod product;
mod projector;
mod receiver;
pub mod report;
mod run;
mod tables;
mod texts;
mod wire;

pub use histogram::Histogram;
pub use run::{Cli, main};

//! The gateway over real TCP against an operator's side built on the same protocol crate: what it promises
//! to citizens and operators, in both roles.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report, in its helpers too")]

mod binds;
#[path = "../support/certificates.rs"]
mod certificates;
mod figures;
mod inbound;
mod odd;
mod outbound;
mod peer;
mod redelivery;
mod rules;
mod stopping;
mod tls;
mod world;

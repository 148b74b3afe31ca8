//! The gateway over real TCP against an operator's side built on the same protocol crate: what it promises
//! to citizens and operators, in both roles.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report, in its helpers too")]

mod binds;
mod inbound;
mod outbound;
mod peer;
mod redelivery;
mod stopping;
mod world;

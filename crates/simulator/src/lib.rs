//! Operators, citizens and staff that speak to the product over the wire only: SMPP over TCP, and HTTP.
//!
//! Everything here is invented and seeded: the same seed gives the same people. It is used by `canhgiac demo` and by
//! tests; the product never depends on it elsewhere.
//!
//! Deliberately not here: anything of the product's inside. What an operator, a citizen or an officer could not see
//! from outside, this crate does not know.

pub mod citizens;
mod demo;
mod dice;
pub mod load;
pub mod operator;
mod pace;
pub mod public;
pub mod staff;
mod web;

pub use demo::{Demo, DemoHandle, DemoPlan, OperatorKey, Stats};
pub use pace::Pace;

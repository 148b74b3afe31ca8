//! The ways in beside SMPP and the form, as programs use them: over HTTP, against the whole product.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod import;
mod push;
mod reports;
mod world;

//! SMPP 3.4 (and what peers use of 3.3 and 5.0) without input or output: bytes, times and seeds go in,
//! events and bytes come out.
//!
//! Way of a message: [`pdu::Framer`] cuts the stream by `command_length` alone, [`pdu::decode`] reads one
//! cut frame, [`session::Session`] answers the protocol and hands messages to the caller, [`reassembly`]
//! and [`text`] turn octets into words, [`receipt`] reads delivery receipts and [`throttle`] says when to
//! send again.
//!
//! Deliberately absent: sockets, tasks, clocks, randomness, storage, logging, and any idea of what a
//! message means to the product. `now` is always a [`core::time::Duration`] since a start the caller
//! chose, and never runs backwards.

pub mod pdu;
pub mod reassembly;
pub mod receipt;
pub mod session;

pub mod text;
pub mod throttle;

//! Vocabulary and rules of scam and spam reporting.
//!
//! Pure: values in, values out. No clock, no randomness, no file, no network, no runtime, and no
//! knowledge of databases, PDUs or pages. What the law may change is read from dated data files.

pub mod account;
pub mod agency;
pub mod area;
pub mod bulletin;
pub mod datafile;
pub mod id;
pub mod intake;
pub mod number;
pub mod procedure;
pub mod receipt;
pub mod reply;
pub mod retention;
pub mod scam_kind;
pub mod taxonomy;
pub mod text;

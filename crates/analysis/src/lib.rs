//! What a text says: folding, recognition of the three facets, entities, the public
//! check of a pasted text, and grouping by wording.
//!
//! Pure: text in, values out; no clock, no files, no randomness. The rules are data
//! (`data/signs.toml`); the day on which they are in force is an argument. It decides
//! nothing about numbers, cases or people.

pub mod assess;
pub mod classify;
mod context;
mod digits;
pub mod entities;
pub mod fold;
mod letters;
pub mod near;
mod phrases;
pub mod signs;
mod signs_file;
mod stream;
mod tricks;
mod urls;

pub use assess::{Assessment, Level, Reason, assess};
pub use classify::{Finding, Reading, Stance, classify};
pub use signs::Signs;

//! The report form: one thing a page, earlier answers carried along in the form itself.
//!
//! Nothing is stored before the citizen sends, except files, which are kept under their hash.

mod draft;
mod flow;
mod handlers;
mod pages;
mod rules;
mod steps;

pub(crate) use draft::{DraftFile, Kind, Loss};
pub(crate) use handlers::{done, start, turn};
pub(crate) use rules::WORDS_LIMIT;
#[cfg(test)]
pub(crate) use {
    draft::Draft,
    flow::Flow,
    pages::{DonePage, show},
    rules::Rules,
    steps::Step,
};

//! The report form: one thing a page, earlier answers carried along in the form itself.
//!
//! Nothing is stored before the citizen sends, except files, which are kept under their hash.

mod doubt;
mod draft;
mod flow;
mod handlers;
mod pages;
mod rules;
mod steps;

pub(crate) use draft::{Draft, DraftFile, Kind, Loss};
pub(crate) use handlers::{done, start, turn};
pub(crate) use pages::{FacetView, facets};
pub(crate) use rules::{Finished, Rules, WORDS_LIMIT, amount as read_amount};
pub(crate) use steps::Step;
#[cfg(test)]
pub(crate) use {
    doubt::{ADDRESS_ASKED, ADDRESS_COUNTED},
    flow::Flow,
    pages::{DonePage, show},
};

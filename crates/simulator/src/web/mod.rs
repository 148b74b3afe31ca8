//! The product's pages as a person with a browser meets them: read the page, fill in its form, send it.
//!
//! Nothing is guessed: hidden fields, versions and targets come from the page itself.

mod browser;
mod html;
#[cfg(test)]
pub(crate) mod http_server;

pub(crate) use browser::{Browser, Page};
pub(crate) use html::Form;

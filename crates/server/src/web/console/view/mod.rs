//! What the console's pages show: plain structs of finished text, one template each.
//!
//! Nothing here asks the store, reads the clock or decides a rule: handlers fill these in,
//! templates print them. Words are Vietnamese and final; masking of numbers happened before.

pub(crate) mod bulletins;
pub(crate) mod cases;
pub(crate) mod common;
pub(crate) mod data;
pub(crate) mod follow_up;
pub(crate) mod home;
pub(crate) mod people;
pub(crate) mod reports;
pub(crate) mod traffic;
pub(crate) mod walk_in;

//! The console over a real store in a directory of its own: who may open what, what each step does,
//! and what stays hidden.

mod desk_stage;
mod rights;
mod story;
mod walk_in;

use desk_stage::{Office, Page};

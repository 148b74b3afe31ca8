//! The product's library half: everything the binary `canhgiac` is made of.

pub mod act;
mod api;
pub mod app;
pub mod check;
mod cli;
pub mod clock;
pub mod config;
mod demo;
pub mod evidence;
pub mod gateway;
pub mod intake;
pub mod jobs;
pub mod keys;
mod lock;
pub mod projector;
pub mod rules;
pub mod serve;
mod understand;
pub mod web;

pub use cli::run;

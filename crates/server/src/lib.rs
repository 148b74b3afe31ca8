//! The product's library half: everything the binary `canhgiac` is made of.

pub mod act;
mod api;
pub mod app;
pub mod backup;
pub mod check;
mod citizen_data;
mod cli;
pub mod clock;
pub mod config;
mod demo;
pub mod evidence;
pub mod gateway;
pub mod health;
pub mod instance;
pub mod intake;
pub mod jobs;
pub mod keys;
mod lease;
mod lock;
mod one_installation;
pub mod projector;
pub mod purge;
mod push;
pub mod roles;
pub mod rules;
pub mod serve;
mod understand;
pub mod web;

pub use cli::run;

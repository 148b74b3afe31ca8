//! The real binary in roles: gateways, workers and a web process on one PostgreSQL, killed one after another under
//! load while the database restarts, stops and changes its primary.
//!
//! Nothing sleeps to hide a race: tests wait for an event or look again until a deadline.

mod failover;
mod ledger_check;
mod links;
mod moving;
mod processes;
mod proxy;
mod support;
mod together;

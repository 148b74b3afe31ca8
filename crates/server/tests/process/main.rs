//! The real binary from outside: started, spoken to over TCP by foreign SMPP programs, killed, and asked what it
//! has kept.
//!
//! Every test has its own data directory and its own free ports. Nothing sleeps to hide a race: tests wait for
//! an event or look again until a deadline.

mod backup;
mod cli;
mod faults;
mod foreign_client;
mod foreign_smsc;
mod interop;
mod kill;
mod kill_smsc;
mod limits;
mod link_settings;
mod link_trouble;
mod privacy;
mod spellings;
mod stopped;
mod support;

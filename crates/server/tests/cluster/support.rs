//! What the tests stand on: pieces of the process tests and a PostgreSQL of our own.

#[path = "../process/support/http.rs"]
mod http;
#[path = "../process/support/ledger.rs"]
#[expect(dead_code, reason = "the process tests send odder texts")]
mod ledger;
#[path = "../process/support/load.rs"]
mod load;
#[path = "../support/peer.rs"]
#[expect(dead_code, reason = "other tests drive it further")]
mod peer;
#[path = "../../../../tests/support/postgres.rs"]
mod postgres;

pub(crate) use ledger::{Ledger, Text};
pub(crate) use load::Load;
pub(crate) use peer::{Peer, foreign_peers_are_here};
pub(crate) use postgres::{Ending, Postgres};

/// The code that citizens write to in these tests.
pub(crate) const CODE: &str = "156";

/// Whether a PostgreSQL can be started; when one must be there (CI, `./test`) a missing one is a failure.
pub(crate) fn postgres_is_here() -> bool {
    let Some(why) = Postgres::missing() else { return true };
    assert!(std::env::var_os("CANHGIAC_POSTGRES").is_none(), "CANHGIAC_POSTGRES is set, but {why}");
    eprintln!("left out: {why}");
    false
}

/// Status and body of `path` at `address` (`host:port`); `None` when nobody answers there.
pub(crate) fn get(address: &str, path: &str) -> Option<(u16, String)> {
    http::get(address, path)
}

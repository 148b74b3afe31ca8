//! What the tests stand on: the product as a process, its configuration, foreign peers and a load of our own.

#[path = "../../support/certificates.rs"]
#[expect(dead_code, reason = "wrong certificates are for the tests of the gateway")]
mod certificates;
mod disk;
mod http;
mod ledger;
mod load;
#[path = "../../support/peer.rs"]
#[expect(dead_code, reason = "the feed is read by another test")]
mod peer;
mod product;
mod reply;
mod settled;
mod smsc;

pub(crate) use certificates::Authority;
pub(crate) use disk::{Disk, EIO, Knob, Survives};
pub(crate) use ledger::{Ledger, Text};
pub(crate) use load::Load;
pub(crate) use peer::{Peer, foreign_peers_are_here};
pub(crate) use product::{Installation, Link, Running, binary, copies};
pub(crate) use reply::{is_one_segment, reply_text, template_matches};
pub(crate) use settled::{Outbox, wait_until_settled};
pub(crate) use smsc::{bound_to_smsc, mobile};

/// The code that citizens write to in these tests.
pub(crate) const CODE: &str = "156";

//! Operators as the product meets them: an SMSC it binds to, an operator that binds to it, and the operators' back
//! offices that answer requests.
//!
//! Deliberately not here: what citizens write ([`crate::citizens`]).

mod desk;
mod encode;
mod esme;
pub(crate) mod line;
mod outbox;
mod receipts;
mod smsc;
mod station;

#[cfg(test)]
mod tests;

pub use desk::{Desk, DeskHandle, DeskPlan};
pub use esme::{Esme, EsmePlan};
pub use receipts::IdStyle;
pub use smsc::{Smsc, SmscPlan};

pub(crate) use esme::bind;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::citizens::{CitizenText, Mobile, Network};
use station::Station;

/// How long stopping waits for connections to unbind before it leaves them.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// Which command carries citizens' texts on an operator's link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Carry {
    /// As the standard has it: `deliver_sm` from an SMSC, `submit_sm` from an ESME.
    #[default]
    Usual,
    /// `deliver_sm` from either side.
    DeliverSm,
}

/// A reply of the product as it shows on a citizen's phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The citizen's network.
    pub network: Network,
    /// Who got it.
    pub citizen: Mobile,
    /// The code it came from.
    pub from: String,
    /// Its words; of a reply in several parts each part comes alone.
    pub text: String,
}

/// What an operator has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Citizens' texts taken in.
    pub texts: u64,
    /// Messages sent that carry them, each sending counted.
    pub messages_sent: u64,
    /// Of these, answered OK.
    pub messages_acknowledged: u64,
    /// Sendings that were refused, timed out or were lost, and repeated.
    pub sent_again: u64,
    /// Messages refused for good or sent too often.
    pub given_up: u64,
    /// Replies of the product taken.
    pub replies: u64,
    /// Delivery receipts made for them.
    pub receipts: u64,
    /// Replies the citizens were too busy to hear.
    pub unheard: u64,
    /// Whether a connection is bound now.
    pub is_bound: bool,
}

/// A running operator. Dropping it stops it without a farewell.
#[derive(Debug)]
pub struct Handle {
    pub(crate) station: Arc<Station>,
    address: SocketAddr,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

impl Handle {
    fn new(station: Arc<Station>, address: SocketAddr) -> Self {
        Self { station, address, stop: CancellationToken::new(), tasks: TaskTracker::new() }
    }

    /// Where it listens, or where it connects to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whose subscribers it serves.
    #[must_use]
    pub fn network(&self) -> Network {
        self.station.network
    }

    /// Sends a citizen's text; waits while too many are on the way.
    pub async fn send(&self, text: &CitizenText) {
        self.station.send(text).await;
    }

    /// Messages that wait or are on the way.
    #[must_use]
    pub fn unanswered(&self) -> usize {
        self.station.outbox.len()
    }

    /// What it has done so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.station.counts()
    }

    /// How many connections are bound, now and whenever that changes.
    #[must_use]
    pub fn bound(&self) -> watch::Receiver<usize> {
        self.station.bound()
    }

    /// Unbinds, closes, and ends.
    pub async fn stop(self) {
        self.stop.cancel();
        if tokio::time::timeout(STOP_WITHIN, self.tasks.wait()).await.is_err() {
            tracing::warn!(
                operator = self.station.network.id(),
                "an operator's connection did not end in time"
            );
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

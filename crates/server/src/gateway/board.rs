//! What each SMPP link is doing, for the links page, readiness and metrics.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::LinkConfig;

/// Where a link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LinkState {
    /// Not connected; a client is trying, a server waits.
    #[default]
    Down,
    /// Connected, not bound.
    Connecting,
    /// Bound.
    Bound,
}

impl LinkState {
    /// Stable id.
    pub fn id(self) -> &'static str {
        match self {
            LinkState::Down => "down",
            LinkState::Connecting => "connecting",
            LinkState::Bound => "bound",
        }
    }
}

/// One link's figures since the start.
#[derive(Debug, Clone, Default)]
pub struct LinkStatus {
    /// Where it stands.
    pub state: LinkState,
    /// Sessions bound now (a server link may have several).
    pub sessions: u32,
    /// Texts taken in and answered OK.
    pub texts_in: u64,
    /// Texts refused for now because they could not be stored.
    pub refused_in: u64,
    /// Messages the peer took.
    pub messages_out: u64,
    /// Messages the peer refused.
    pub refused_out: u64,
    /// Delivery receipts.
    pub receipts_in: u64,
    /// PDUs whose body could not be read; they were kept.
    pub undecodable_in: u64,
    /// Times the connection was lost or a bind refused.
    pub failures: u64,
    /// When something last came from the peer.
    pub last_seen_us: Option<i64>,
    /// Why the link is down, in words, without secrets.
    pub last_error: Option<String>,
    /// Where a server link listens, once it does: the port is the real one even where 0 was configured.
    pub listening: Option<SocketAddr>,
    /// Nothing is sent before this instant: the operator asked us to slow down.
    pub paused_until_us: Option<i64>,
}

/// All links' figures. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct LinkBoard {
    links: Arc<Mutex<BTreeMap<String, LinkStatus>>>,
}

impl LinkBoard {
    /// A board with every configured link down.
    pub fn new(links: &[LinkConfig]) -> LinkBoard {
        let all = links.iter().map(|link| (link.name.clone(), LinkStatus::default())).collect();
        LinkBoard { links: Arc::new(Mutex::new(all)) }
    }

    /// Changes one link's figures.
    pub fn update(&self, link: &str, change: impl FnOnce(&mut LinkStatus)) {
        let mut links = self.lock();
        match links.get_mut(link) {
            Some(status) => change(status),
            None => change(links.entry(link.to_owned()).or_default()),
        }
    }

    /// All links by name.
    pub fn all(&self) -> Vec<(String, LinkStatus)> {
        self.lock().iter().map(|(name, status)| (name.clone(), status.clone())).collect()
    }

    /// One link.
    pub fn link(&self, name: &str) -> Option<LinkStatus> {
        self.lock().get(name).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, LinkStatus>> {
        // A panic while counting leaves at worst one figure behind.
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

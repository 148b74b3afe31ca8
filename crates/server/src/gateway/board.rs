//! What each SMPP link is doing, for the links page, readiness and metrics.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::time::Instant;

use super::recent::Recent;
use super::waiting::Waiting;
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
    /// Times a session was bound; all but the first are reconnects.
    pub binds: u64,
    /// Answers that asked us to slow down.
    pub throttled_out: u64,
    /// Messages of which it is not known whether they left.
    pub uncertain_out: u64,
    /// Texts that came and are not answered yet.
    pub unanswered_in: u64,
    /// How long the oldest of them has waited.
    pub oldest_unanswered: Option<Duration>,
    /// Messages that were handed to a session and are not answered yet.
    pub unanswered_out: u64,
    /// How long the oldest of them has waited.
    pub oldest_unanswered_out: Option<Duration>,
    /// The last hour.
    pub recent: Recent,
    /// When something last came from the peer.
    pub last_seen_us: Option<i64>,
    /// Why the link is down, in words, without secrets.
    pub last_error: Option<String>,
    /// Where a server link listens, once it does: the port is the real one even where 0 was configured.
    pub listening: Option<SocketAddr>,
    /// Nothing is sent before this instant: the operator asked us to slow down.
    pub paused_until_us: Option<i64>,
}

/// What is open on one link: held by sessions and the sender, forgotten when they end.
#[derive(Debug, Default)]
struct Open {
    sessions: Vec<Weak<Waiting>>,
    senders: Vec<Weak<Waiting>>,
}

#[derive(Debug, Default)]
struct Entry {
    status: LinkStatus,
    open: Open,
}

/// All links' figures. Cheap to clone.
#[derive(Debug, Clone)]
pub struct LinkBoard {
    links: Arc<Mutex<BTreeMap<String, Entry>>>,
    started: Instant,
}

impl Default for LinkBoard {
    fn default() -> LinkBoard {
        LinkBoard::new(&[])
    }
}

impl LinkBoard {
    /// A board with every configured link down.
    pub fn new(links: &[LinkConfig]) -> LinkBoard {
        let all = links.iter().map(|link| (link.name.clone(), Entry::default())).collect();
        LinkBoard { links: Arc::new(Mutex::new(all)), started: Instant::now() }
    }

    /// Changes one link's figures; the newest minute of its last hour is the one that runs.
    pub fn update(&self, link: &str, change: impl FnOnce(&mut LinkStatus)) {
        self.update_at(Instant::now(), link, change);
    }

    fn update_at(&self, now: Instant, link: &str, change: impl FnOnce(&mut LinkStatus)) {
        let minute = self.minute(now);
        self.with(link, |entry| {
            entry.status.recent.advance(minute);
            change(&mut entry.status);
        });
    }

    /// A place where a session of this link shows which texts it has not answered yet.
    pub(super) fn session_waits(&self, link: &str) -> Arc<Waiting> {
        self.waits(link, |open| &mut open.sessions)
    }

    /// A place where the sender of this link shows which messages the peer has not answered yet.
    pub(super) fn sender_waits(&self, link: &str) -> Arc<Waiting> {
        self.waits(link, |open| &mut open.senders)
    }

    /// All links by name.
    pub fn all(&self) -> Vec<(String, LinkStatus)> {
        let now = Instant::now();
        self.lock().iter().map(|(name, entry)| (name.clone(), entry.seen(now, self.minute(now)))).collect()
    }

    /// One link.
    pub fn link(&self, name: &str) -> Option<LinkStatus> {
        self.link_at(Instant::now(), name)
    }

    fn link_at(&self, now: Instant, name: &str) -> Option<LinkStatus> {
        self.lock().get(name).map(|entry| entry.seen(now, self.minute(now)))
    }

    fn minute(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.started).as_secs() / 60
    }

    fn waits(&self, link: &str, which: fn(&mut Open) -> &mut Vec<Weak<Waiting>>) -> Arc<Waiting> {
        let waiting = Arc::new(Waiting::new());
        self.with(link, |entry| {
            let all = which(&mut entry.open);
            all.retain(|one| one.strong_count() > 0);
            all.push(Arc::downgrade(&waiting));
        });
        waiting
    }

    fn with(&self, link: &str, change: impl FnOnce(&mut Entry)) {
        let mut links = self.lock();
        match links.get_mut(link) {
            Some(entry) => change(entry),
            None => change(links.entry(link.to_owned()).or_default()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        // A panic while counting leaves at worst one figure behind.
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn seen(&self, now: Instant, minute: u64) -> LinkStatus {
        let (unanswered_in, oldest_unanswered) = open(&self.open.sessions, now);
        let (unanswered_out, oldest_unanswered_out) = open(&self.open.senders, now);
        let mut status = self.status.clone();
        status.recent.advance(minute);
        LinkStatus { unanswered_in, oldest_unanswered, unanswered_out, oldest_unanswered_out, ..status }
    }
}

fn open(places: &[Weak<Waiting>], now: Instant) -> (u64, Option<Duration>) {
    let live: Vec<_> = places.iter().filter_map(Weak::upgrade).collect();
    (live.iter().map(|one| one.count()).sum(), live.iter().filter_map(|one| one.oldest(now)).max())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_shows_what_all_its_sessions_have_open_and_forgets_those_that_ended() {
        let board = LinkBoard::default();
        let (one, two) = (board.session_waits("l"), board.session_waits("l"));
        let start = Instant::now();
        let later = start + Duration::from_secs(3);
        one.set(2, Some(start));
        two.set(1, Some(later));
        let seen = board.link_at(later, "l").unwrap();
        assert_eq!(seen.unanswered_in, 3);
        assert_eq!(seen.oldest_unanswered.unwrap().as_secs_f64().round(), 3.0);
        assert_eq!((seen.unanswered_out, seen.oldest_unanswered_out), (0, None));
        drop(one);
        let seen = board.link_at(later, "l").unwrap();
        assert_eq!(seen.unanswered_in, 1);
        assert_eq!(seen.oldest_unanswered.unwrap().as_secs_f64().round(), 0.0);
    }

    #[test]
    fn what_is_counted_falls_into_its_minute() {
        let board = LinkBoard::default();
        let after = |seconds| board.started + Duration::from_secs(seconds);
        board.update_at(after(0), "l", |status| status.recent.running().texts_in += 1);
        board.update_at(after(61), "l", |status| status.recent.running().texts_in += 4);
        let seen = board.link_at(after(121), "l").unwrap();
        let last: Vec<u64> = seen.recent.minutes().rev().take(3).map(|minute| minute.texts_in).collect();
        assert_eq!(last, [0, 4, 1]);
    }
}

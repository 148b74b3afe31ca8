//! What one session or sender has open right now: how many, and since when the oldest.
//!
//! Two numbers that their owner sets and others read without waiting for each other.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// The oldest instant's place when there is none.
const NONE: u64 = u64::MAX;

/// What is open.
#[derive(Debug)]
pub(super) struct Waiting {
    origin: Instant,
    count: AtomicU64,
    oldest_us: AtomicU64,
}

impl Waiting {
    pub(super) fn new() -> Waiting {
        Waiting { origin: Instant::now(), count: AtomicU64::new(0), oldest_us: AtomicU64::new(NONE) }
    }

    /// So many are open now; the oldest since then.
    pub(super) fn set(&self, count: usize, oldest: Option<Instant>) {
        let oldest_us = oldest.map_or(NONE, |oldest| {
            u64::try_from(oldest.saturating_duration_since(self.origin).as_micros()).unwrap_or(NONE - 1)
        });
        // Figures for people and graphs: nothing hangs on both being of one instant.
        self.count.store(count as u64, Ordering::Relaxed);
        self.oldest_us.store(oldest_us, Ordering::Relaxed);
    }

    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// How long the oldest has been open by then.
    pub(super) fn oldest(&self, now: Instant) -> Option<Duration> {
        match self.oldest_us.load(Ordering::Relaxed) {
            NONE => None,
            us => Some(now.saturating_duration_since(self.origin + Duration::from_micros(us))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_grows_older_until_nothing_is_open() {
        let waiting = Waiting::new();
        let start = waiting.origin;
        assert_eq!((waiting.count(), waiting.oldest(start)), (0, None));
        waiting.set(3, Some(start + Duration::from_secs(5)));
        let later = start + Duration::from_secs(12);
        assert_eq!((waiting.count(), waiting.oldest(later)), (3, Some(Duration::from_secs(7))));
        waiting.set(0, None);
        assert_eq!((waiting.count(), waiting.oldest(later)), (0, None));
    }
}

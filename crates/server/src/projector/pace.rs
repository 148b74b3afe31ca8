//! How much the projector takes at once, and when it steps back for those who wait for an answer.

use std::time::Duration;

use tokio::time::Instant;

/// Rows of a batch at least.
const BATCH_LEAST: i64 = 500;
/// Rows of a batch at most, when there is much to catch up with.
const BATCH_MOST: i64 = 8_000;
/// Officers and jobs wait for the same writer: a batch shall not hold it longer than about this.
const HOLD: Duration = Duration::from_millis(100);
/// Rows a second beyond which the way in is at its peak: it gets processor and disk first, understanding follows.
const PEAK_PER_S: f64 = 20_000.0;
/// How long the projector steps back after a batch at the peak. It never stops altogether.
pub(super) const STEP_BACK: Duration = Duration::from_millis(400);
/// The log's growth is judged over at least this long.
const JUDGED_OVER: Duration = Duration::from_millis(20);

/// The pace of one projector.
#[derive(Debug)]
pub(super) struct Pace {
    batch: i64,
    log_end: i64,
    seen_at: Instant,
    is_peak: bool,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Pace {
        // Until the log was looked at twice nothing is known of its growth.
        Pace { batch: BATCH_LEAST, log_end: i64::MAX, seen_at: now, is_peak: false }
    }

    /// Rows of the next batch.
    pub(super) fn batch(&self) -> i64 {
        self.batch
    }

    /// A batch of so many rows held the writer for so long.
    pub(super) fn stored(&mut self, rows: i64, took: Duration) {
        self.batch = match () {
            () if took > HOLD => self.batch / 2,
            () if rows >= self.batch && took < HOLD / 2 => self.batch * 2,
            () => self.batch,
        };
        self.batch = self.batch.clamp(BATCH_LEAST, BATCH_MOST);
    }

    /// The log ends there now; whether the way in is at its peak.
    pub(super) fn log_ends(&mut self, end: i64, now: Instant) -> bool {
        let elapsed = now.saturating_duration_since(self.seen_at);
        if elapsed >= JUDGED_OVER {
            let grown = end.saturating_sub(self.log_end).max(0);
            self.is_peak = grown as f64 / elapsed.as_secs_f64() > PEAK_PER_S;
            (self.log_end, self.seen_at) = (end, now);
        }
        self.is_peak
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_while_they_are_quick_and_full_and_shrink_when_they_hold_the_writer() {
        let mut pace = Pace::new(Instant::now());
        pace.stored(10, Duration::from_millis(1));
        assert_eq!(pace.batch(), BATCH_LEAST, "nothing to catch up with");
        for _ in 0..10 {
            pace.stored(pace.batch(), HOLD / 4);
        }
        assert_eq!(pace.batch(), BATCH_MOST);
        pace.stored(BATCH_MOST, HOLD * 3 / 4);
        assert_eq!(pace.batch(), BATCH_MOST);
        for _ in 0..10 {
            pace.stored(pace.batch(), HOLD * 2);
        }
        assert_eq!(pace.batch(), BATCH_LEAST);
    }

    #[test]
    fn a_log_that_grows_fast_is_a_peak_until_it_does_not() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let at = |ms| start + Duration::from_millis(ms);
        assert!(!pace.log_ends(1_000_000, at(50)), "a first look says nothing");
        assert!(!pace.log_ends(1_000_500, at(100)), "10,000 a second");
        assert!(pace.log_ends(1_003_500, at(150)), "60,000 a second");
        assert!(pace.log_ends(1_003_500, at(155)), "too soon to say anything else");
        assert!(!pace.log_ends(1_003_500, at(200)));
    }
}

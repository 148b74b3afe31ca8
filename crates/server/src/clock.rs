//! The time, as the product sees it: the system's clock, moved on by tests and by nothing else; and beside it one
//! that does not jump when the system's is set, for how long things last.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Where the product's people live: the days of rules and limits are days there.
const ZONE: &str = "Asia/Ho_Chi_Minh";

/// Less than this is a clock being brought nearer to the truth, not one that was set.
const JUMP_US: i64 = 1_000_000;

/// The clock every part of the product is given.
#[derive(Debug, Clone)]
pub struct Clock {
    ahead_us: Arc<AtomicI64>,
    zone: TimeZone,
    started: Instant,
    started_us: i64,
    /// By how much the system's clock was ahead of the steady one when last compared.
    apart_us: Arc<Mutex<i64>>,
}

impl Clock {
    /// The system's clock.
    ///
    /// # Errors
    /// When the time zone is not in the bundled database, which a test excludes.
    pub fn system() -> anyhow::Result<Clock> {
        Ok(Clock {
            ahead_us: Arc::default(),
            zone: TimeZone::get(ZONE)?,
            started: Instant::now(),
            started_us: Timestamp::now().as_microsecond(),
            apart_us: Arc::default(),
        })
    }

    /// Moves this clock and all its clones ahead: how tests see seven days pass.
    pub fn advance(&self, by: SignedDuration) {
        let us = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.ahead_us.fetch_add(us, Ordering::Relaxed);
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_micros(self.ahead_us.load(Ordering::Relaxed));
        Timestamp::now().saturating_add(ahead).unwrap_or(Timestamp::MAX)
    }

    /// Now, in microseconds UTC.
    pub fn now_us(&self) -> i64 {
        self.now().as_microsecond()
    }

    /// Microseconds that go on evenly, whatever the system's clock is set to; at the start of the process they
    /// were those since 1970 UTC. For how long something lasts and what came before what; never stored.
    pub fn steady_us(&self) -> i64 {
        let lasted_us = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
        let ahead_us = self.ahead_us.load(Ordering::Relaxed);
        self.started_us.saturating_add(lasted_us).saturating_add(ahead_us)
    }

    /// By how much the system's clock was set since this was asked last; `None` when it was not.
    pub fn take_jump_us(&self) -> Option<i64> {
        let mut before_us = self.apart_us.lock().unwrap_or_else(PoisonError::into_inner);
        let apart_us = self.now_us().saturating_sub(self.steady_us());
        let jump_us = apart_us - *before_us;
        *before_us = apart_us;
        (jump_us.abs() >= JUMP_US).then_some(jump_us)
    }

    /// Today, where the product's people live.
    pub fn today(&self) -> Date {
        self.date_of(self.now())
    }

    /// The day of an instant there.
    pub fn date_of(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// The day of an instant in microseconds; today when it is out of range.
    pub fn date_of_us(&self, at_us: i64) -> Date {
        Timestamp::from_microsecond(at_us).map_or_else(|_| self.today(), |at| self.date_of(at))
    }

    /// The beginning of today there, in microseconds UTC.
    pub fn day_start_us(&self) -> i64 {
        let midnight = self.today().to_datetime(jiff::civil::Time::midnight());
        let start = self.zone.to_timestamp(midnight);
        start.map_or_else(|_| self.now_us() - 86_400_000_000, |at| at.as_microsecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_viet_nam() {
        let clock = Clock::system().unwrap();
        let start = Timestamp::from_microsecond(clock.day_start_us()).unwrap();
        assert_eq!(start.as_second().rem_euclid(86_400), 17 * 3600, "midnight there is 17:00 UTC");
        assert_eq!(clock.date_of(start), clock.today());
    }

    #[test]
    fn a_clock_that_is_not_set_does_not_jump_and_a_steady_one_moves_with_it() {
        let clock = Clock::system().unwrap();
        clock.advance(SignedDuration::from_hours(1));
        assert_eq!(clock.take_jump_us(), None);
        assert!((clock.now_us() - clock.steady_us()).abs() < JUMP_US);
        let set = Clock { started_us: clock.started_us + 3_600_000_000, ..clock.clone() };
        let jump_us = set.take_jump_us().unwrap();
        assert!((jump_us + 3_600_000_000).abs() < JUMP_US, "an hour back: {jump_us}");
        assert_eq!(set.take_jump_us(), None, "told once");
    }

    #[test]
    fn clones_move_together() {
        let clock = Clock::system().unwrap();
        let twin = clock.clone();
        clock.advance(SignedDuration::from_hours(24 * 7));
        assert!(twin.now_us() - Timestamp::now().as_microsecond() > 6 * 86_400_000_000);
    }
}

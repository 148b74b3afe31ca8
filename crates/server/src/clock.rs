//! The time, as the product sees it: the system's clock, moved on by tests and by nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Where the product's people live: the days of rules and limits are days there.
const ZONE: &str = "Asia/Ho_Chi_Minh";

/// The clock every part of the product is given.
#[derive(Debug, Clone)]
pub struct Clock {
    ahead_us: Arc<AtomicI64>,
    zone: TimeZone,
}

impl Clock {
    /// The system's clock.
    ///
    /// # Errors
    /// When the time zone is not in the bundled database, which a test excludes.
    pub fn system() -> anyhow::Result<Clock> {
        Ok(Clock { ahead_us: Arc::default(), zone: TimeZone::get(ZONE)? })
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
    fn clones_move_together() {
        let clock = Clock::system().unwrap();
        let twin = clock.clone();
        clock.advance(SignedDuration::from_hours(24 * 7));
        assert!(twin.now_us() - Timestamp::now().as_microsecond() > 6 * 86_400_000_000);
    }
}

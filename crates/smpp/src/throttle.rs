//! When to send, and when to send again: the rate of a link, what a refusal means, and the pauses before
//! reconnecting. Pure calculation: times and seeds are arguments.

use core::time::Duration;

use crate::pdu::Status;

/// A token bucket: `rate_per_s` messages a second on average, a burst of at most one second's worth.
#[derive(Debug, Clone)]
pub struct TokenBucket {
    interval: Duration,
    /// How far ahead of the even pace a burst may run.
    burst: Duration,
    /// When the next message would be due at an even pace.
    due: Duration,
}

impl TokenBucket {
    /// A full bucket. A rate of zero is taken as one a second: a link that may send nothing is one whose
    /// `replies` are off.
    #[must_use]
    pub fn new(rate_per_s: u32, now: Duration) -> Self {
        let rate = rate_per_s.max(1);
        let interval = Duration::from_secs(1) / rate;
        let burst = interval * (rate - 1);
        Self { interval, burst, due: now.saturating_sub(burst) }
    }

    /// A full bucket of any rate above zero, such as one message in ten seconds (0.1).
    #[must_use]
    pub fn per_second(rate: f64, now: Duration) -> Self {
        let rate = if rate.is_finite() { rate.clamp(0.001, 1e6) } else { 1e6 };
        let interval = Duration::from_secs_f64(1.0 / rate);
        let burst = interval.mul_f64((rate.floor() - 1.0).max(0.0));
        Self { interval, burst, due: now.saturating_sub(burst) }
    }

    /// Takes the room for one message.
    ///
    /// # Errors
    /// How long to wait before trying again.
    pub fn take(&mut self, now: Duration) -> Result<(), Duration> {
        let earliest = now.saturating_sub(self.burst);
        let due = self.due.max(earliest);
        if due > now {
            return Err(due - now);
        }
        self.due = due + self.interval;
        Ok(())
    }
}

/// What the answer to a `submit_sm` asks of us (SMPP 3.4 §5.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Taken.
    Accepted,
    /// `ESME_RTHROTTLED`: pause the whole link, then send this message again.
    PauseLink,
    /// `ESME_RMSGQFUL`, `ESME_RX_T_APPN`, `ESME_RSYSERR`: send this message again later, others now. One
    /// recipient's full queue must not stop everyone.
    BackOff,
    /// `ESME_RINVBNDSTS`: the SMSC thinks we are not bound. Bind again, then send this message again.
    Rebind,
    /// Anything else, vendor statuses included: do not send this message again.
    Permanent,
}

/// What to do about the status of a `submit_sm_resp`.
#[must_use]
pub fn classify(status: Status) -> Verdict {
    match status {
        Status::OK => Verdict::Accepted,
        Status::THROTTLED => Verdict::PauseLink,
        Status::MESSAGE_QUEUE_FULL | Status::TEMPORARY_APP_ERROR | Status::SYSTEM_ERROR => Verdict::BackOff,
        Status::INCORRECT_BIND_STATUS => Verdict::Rebind,
        _ => Verdict::Permanent,
    }
}

/// A doubling pause with jitter, for reconnecting and for sending again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The pause after the first failure, before jitter.
    pub base: Duration,
    /// The longest pause.
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base: Duration::from_secs(1), cap: Duration::from_secs(60) }
    }
}

impl Backoff {
    /// The pause after the `failures`-th failure in a row (from 1): between half and all of
    /// `base × 2^(failures−1)`, never more than `cap`. The same seed gives the same pause; give each link
    /// its own, so that after an outage they do not all come back at once.
    #[must_use]
    pub fn pause(&self, failures: u32, seed: u64) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let whole = self.base.saturating_mul(1 << doublings).min(self.cap);
        let half = whole / 2;
        let jitter = mix(seed ^ u64::from(failures).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        // Thirty-two bits of jitter, as a fraction of the half.
        let part = (half.as_nanos() * u128::from(jitter >> 32)) >> 32;
        half + Duration::from_nanos(u64::try_from(part).unwrap_or(u64::MAX))
    }
}

/// The finaliser of SplitMix64: spreads neighbouring seeds over all values.
fn mix(seed: u64) -> u64 {
    let seed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let seed = (seed ^ (seed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    seed ^ (seed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_rate_holds_over_time_and_a_burst_is_one_seconds_worth() {
        let mut bucket = TokenBucket::new(10, SECOND * 100);
        let burst = (0..100).take_while(|_| bucket.take(SECOND * 100).is_ok()).count();
        assert_eq!(burst, 10);
        let mut now = SECOND * 100;
        let mut sent = 0;
        while now < SECOND * 110 {
            match bucket.take(now) {
                Ok(()) => sent += 1,
                Err(wait) => now += wait,
            }
        }
        assert_eq!(sent, 99, "ten a second for ten seconds; the hundredth is due at the end");
        let idle = (0..100).take_while(|_| bucket.take(SECOND * 1000).is_ok()).count();
        assert_eq!(idle, 10, "idle time does not add up");
    }

    #[test]
    fn a_new_bucket_is_full_even_at_time_zero_only_to_its_pace() {
        let mut bucket = TokenBucket::new(1, Duration::ZERO);
        assert_eq!(bucket.take(Duration::ZERO), Ok(()));
        assert_eq!(bucket.take(Duration::ZERO), Err(SECOND));
        assert_eq!(TokenBucket::new(0, Duration::ZERO).take(Duration::ZERO), Ok(()));
    }

    #[test]
    fn a_rate_may_be_a_fraction() {
        let mut slow = TokenBucket::per_second(0.1, SECOND * 100);
        assert_eq!(slow.take(SECOND * 100), Ok(()));
        assert_eq!(slow.take(SECOND * 104), Err(SECOND * 6));
        let mut quick = TokenBucket::per_second(2.5, SECOND * 100);
        let burst = (0..9).take_while(|_| quick.take(SECOND * 100).is_ok()).count();
        assert_eq!(burst, 2);
        assert_eq!(TokenBucket::per_second(f64::NAN, SECOND).take(SECOND), Ok(()));
    }

    #[test]
    fn statuses_are_sorted_as_the_field_learned_to() {
        for (status, verdict) in [
            (0x00, Verdict::Accepted),
            (0x58, Verdict::PauseLink),
            (0x14, Verdict::BackOff),
            (0x64, Verdict::BackOff),
            (0x08, Verdict::BackOff),
            (0x04, Verdict::Rebind),
            (0x0B, Verdict::Permanent),
            (0x45, Verdict::Permanent),
            (0x400, Verdict::Permanent),
            (0x4FF, Verdict::Permanent),
            (u32::MAX, Verdict::Permanent),
        ] {
            assert_eq!(classify(Status(status)), verdict, "{status:#x}");
        }
    }

    #[test]
    fn pauses_double_to_the_cap_with_jitter_from_the_seed() {
        let backoff = Backoff::default();
        for seed in 0..1000 {
            for failures in 1..40 {
                let whole = (SECOND * (1 << (failures - 1).min(10))).min(SECOND * 60);
                let pause = backoff.pause(failures, seed);
                assert!(pause >= whole / 2 && pause <= whole, "{failures} failures, seed {seed}: {pause:?}");
            }
        }
        assert_eq!(backoff.pause(3, 7), backoff.pause(3, 7));
        let distinct: std::collections::BTreeSet<_> = (0..100).map(|seed| backoff.pause(3, seed)).collect();
        assert!(distinct.len() > 90, "links come back at different times");
        assert!(backoff.pause(u32::MAX, 1) <= backoff.cap);
    }
}

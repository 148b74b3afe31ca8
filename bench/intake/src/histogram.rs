//! Durations counted in buckets of about 3 %: small, whatever their number.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Buckets of one doubling, as a power of two.
const FINE_BITS: u32 = 5;
const FINE: u64 = 1 << FINE_BITS;

/// Counts of durations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    /// Counts one duration.
    pub fn add(&mut self, duration: Duration) {
        self.add_many(duration, 1);
    }

    /// Counts one duration several times.
    pub fn add_many(&mut self, duration: Duration, times: u64) {
        let bucket = bucket_of(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += times;
        self.total += times;
    }

    /// Adds what another has counted.
    pub fn merge(&mut self, other: &Histogram) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
    }

    /// How many were counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The duration that this share of all (0 to 1) does not exceed; `None` when nothing was counted.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        if self.total == 0 {
            return None;
        }
        let rank = ((self.total as f64 * share).ceil() as u64).clamp(1, self.total);
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Some(Duration::from_nanos(upper_end(bucket)));
            }
        }
        None
    }
}

fn bucket_of(nanos: u64) -> usize {
    if nanos < FINE {
        return usize::try_from(nanos).unwrap_or_default();
    }
    let doublings = nanos.ilog2() - FINE_BITS;
    let fine = (nanos >> doublings) - FINE;
    usize::try_from(FINE * (u64::from(doublings) + 1) + fine).unwrap_or(usize::MAX)
}

/// The longest duration of a bucket.
fn upper_end(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < FINE {
        return bucket;
    }
    let doublings = bucket / FINE - 1;
    ((FINE + bucket % FINE + 1) << doublings) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_what_falls_into_it_and_is_narrow() {
        for nanos in (0..2_000).chain([1 << 20, (1 << 30) + 12_345, 1 << 40]) {
            let end = upper_end(bucket_of(nanos));
            assert!(end >= nanos && end - nanos <= nanos / 16 + 1, "{nanos}: {end}");
            assert_eq!(bucket_of(end), bucket_of(nanos));
        }
    }

    #[test]
    fn quantiles_are_those_of_all_that_was_counted() {
        let mut first = Histogram::default();
        assert_eq!(first.quantile(0.5), None);
        first.add_many(Duration::from_micros(100), 98);
        let mut second = Histogram::default();
        second.add_many(Duration::from_millis(10), 2);
        first.merge(&second);
        assert_eq!(first.total(), 100);
        let near = |got: Option<Duration>, wanted: Duration| {
            let got = got.unwrap();
            assert!(got >= wanted && got < wanted.mul_f64(1.05), "{got:?} for {wanted:?}");
        };
        near(first.quantile(0.5), Duration::from_micros(100));
        near(first.quantile(0.99), Duration::from_millis(10));
    }
}

//! Counts failed sign-ins and says when to pause: by account and address, and by account alone at a
//! higher count, so that a stranger can hardly lock an officer out, nor guess from many addresses.
//!
//! Kept in memory: a restart forgets it, which costs an attacker more than it gives.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Failures from one address on one account before a pause.
const FROM_ONE_ADDRESS: u32 = 5;
/// Failures on one account from anywhere before a pause.
const FROM_ANYWHERE: u32 = 50;
/// How long failures count, and so how long a pause lasts at most.
const PAUSE_US: i64 = 15 * 60 * 1_000_000;
/// Entries kept at most; when full, the oldest half goes.
const KEPT: usize = 10_000;

/// Failed sign-ins.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    failures: Mutex<HashMap<String, (u32, i64)>>,
}

impl Attempts {
    /// Minutes to wait before this account may be tried from this address; none when it may be now.
    pub(crate) fn pause_minutes(&self, account: &str, address: &str, now_us: i64) -> Option<i64> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let until = |key: &str, limit: u32| {
            let (count, last_us) = failures.get(key).copied()?;
            let left_us = last_us + PAUSE_US - now_us;
            (count >= limit && left_us > 0).then_some(left_us)
        };
        let near = until(&near_key(account, address), FROM_ONE_ADDRESS);
        let far = until(account, FROM_ANYWHERE);
        near.max(far).map(|left_us| left_us.div_euclid(60_000_000) + 1)
    }

    /// Notes a failure.
    pub(crate) fn failed(&self, account: &str, address: &str, now_us: i64) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        for key in [near_key(account, address), account.to_owned()] {
            let (count, last_us) = failures.entry(key).or_insert((0, now_us));
            if now_us - *last_us > PAUSE_US {
                *count = 0;
            }
            *count += 1;
            *last_us = now_us;
        }
        if failures.len() > KEPT {
            let mut ages: Vec<i64> = failures.values().map(|(_, last_us)| *last_us).collect();
            ages.sort_unstable();
            let middle = ages[ages.len() / 2];
            failures.retain(|_, (_, last_us)| *last_us > middle);
        }
    }

    /// Forgets what this address did after it signed in.
    pub(crate) fn succeeded(&self, account: &str, address: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(&near_key(account, address));
    }
}

fn near_key(account: &str, address: &str) -> String {
    format!("{account}\u{0}{address}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000_000;

    #[test]
    fn five_failures_pause_one_address_and_nobody_else() {
        let attempts = Attempts::default();
        for _ in 0..4 {
            attempts.failed("canbo", "10.0.0.1", 0);
        }
        assert_eq!(attempts.pause_minutes("canbo", "10.0.0.1", 0), None);
        attempts.failed("canbo", "10.0.0.1", 0);
        assert!(attempts.pause_minutes("canbo", "10.0.0.1", MINUTE).is_some());
        assert_eq!(attempts.pause_minutes("canbo", "10.0.0.2", MINUTE), None);
        assert_eq!(attempts.pause_minutes("canbo", "10.0.0.1", 15 * MINUTE), None);
    }

    #[test]
    fn guessing_from_many_addresses_pauses_the_account() {
        let attempts = Attempts::default();
        for address in 0..50 {
            attempts.failed("canbo", &format!("10.0.0.{address}"), 0);
        }
        assert!(attempts.pause_minutes("canbo", "10.9.9.9", 1).is_some());
    }

    #[test]
    fn memory_stays_bounded() {
        let attempts = Attempts::default();
        for number in 0..30_000 {
            attempts.failed(&format!("a{number}"), "x", number);
        }
        assert!(attempts.failures.lock().unwrap().len() <= KEPT + 2);
    }
}

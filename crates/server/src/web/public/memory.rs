//! What the public site remembers for a while, in memory alone: forms that were sent (so that a
//! second press of the button is no second report) and codes that were texted (so that nobody can
//! be flooded with them).
//!
//! Bounded; the oldest goes first. A restart forgets it: then a form sent twice is two reports,
//! which the officers' list shows as alike.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex as PlainMutex, PoisonError};

use tokio::sync::{Mutex, MutexGuard};

/// Forms remembered in each part.
const FORMS_LIMIT: usize = 256;
/// Parts, so that different forms seldom wait for each other.
const PARTS: usize = 32;
/// Reports whose codes are remembered.
const CODES_LIMIT: usize = 10_000;
/// Codes texted for one report in one day.
const CODES_A_DAY: usize = 5;
/// Time between two codes for one report.
const CODE_PAUSE_US: i64 = 60_000_000;
const DAY_US: i64 = 24 * 3_600 * 1_000_000;

/// A report or reconsideration that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// Eight digits.
    pub(crate) digits: String,
    /// Token of the secret link.
    pub(crate) token: String,
    /// A phone was given.
    pub(crate) gave_phone: bool,
    /// Money or secrets were lost.
    pub(crate) lost_money: bool,
}

/// Forms sent a while ago, in one part of the memory.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    by_form: HashMap<String, Receipt>,
    order: VecDeque<String>,
}

impl Sent {
    /// What this very form was answered with before.
    pub(crate) fn receipt(&self, form: &str) -> Option<&Receipt> {
        self.by_form.get(form)
    }

    /// Remembers what a form was answered with.
    pub(crate) fn remember(&mut self, form: String, receipt: Receipt) {
        if self.order.len() >= FORMS_LIMIT
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_form.remove(&oldest);
        }
        self.order.push_back(form.clone());
        self.by_form.insert(form, receipt);
    }
}

/// The whole memory.
#[derive(Debug)]
pub(crate) struct Memory {
    sent: Vec<Mutex<Sent>>,
    codes: PlainMutex<HashMap<i64, Vec<i64>>>,
}

impl Default for Memory {
    fn default() -> Self {
        Self { sent: (0..PARTS).map(|_| Mutex::default()).collect(), codes: PlainMutex::default() }
    }
}

impl Memory {
    /// The part that remembers this form, held until the form has been answered.
    pub(crate) async fn sent(&self, form: &str) -> MutexGuard<'_, Sent> {
        let mut hasher = DefaultHasher::new();
        form.hash(&mut hasher);
        let part = usize::try_from(hasher.finish() % (PARTS as u64)).unwrap_or_default();
        self.sent[part].lock().await
    }

    /// A receipt given a moment ago, by its token.
    pub(crate) async fn receipt_of(&self, token: &str) -> Option<Receipt> {
        for part in &self.sent {
            let sent = part.lock().await;
            if let Some(receipt) = sent.by_form.values().find(|receipt| receipt.token == token) {
                return Some(receipt.clone());
            }
        }
        None
    }

    /// Whether one more code may be texted for this report now; if so it is counted.
    pub(crate) fn may_send_code(&self, report: i64, now_us: i64) -> bool {
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        if codes.len() >= CODES_LIMIT {
            codes.retain(|_, sent| sent.last().is_some_and(|last| now_us - last < DAY_US));
        }
        if codes.len() >= CODES_LIMIT && !codes.contains_key(&report) {
            return false;
        }
        let sent = codes.entry(report).or_default();
        sent.retain(|at| now_us - at < DAY_US);
        let is_too_soon = sent.last().is_some_and(|last| now_us - last < CODE_PAUSE_US);
        if is_too_soon || sent.len() >= CODES_A_DAY {
            return false;
        }
        sent.push(now_us);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(token: &str) -> Receipt {
        Receipt {
            digits: "48271935".to_owned(),
            token: token.to_owned(),
            gave_phone: true,
            lost_money: false,
        }
    }

    #[tokio::test]
    async fn a_form_sent_twice_gets_one_receipt() {
        let memory = Memory::default();
        memory.sent("a").await.remember("a".to_owned(), receipt("t"));
        assert_eq!(memory.sent("a").await.receipt("a"), Some(&receipt("t")));
        assert_eq!(memory.sent("b").await.receipt("b"), None);
        assert_eq!(memory.receipt_of("t").await, Some(receipt("t")));
        assert_eq!(memory.receipt_of("u").await, None);
    }

    #[test]
    fn the_oldest_form_is_forgotten_first() {
        let mut sent = Sent::default();
        for n in 0..=FORMS_LIMIT {
            sent.remember(n.to_string(), receipt("t"));
        }
        assert_eq!(sent.receipt("0"), None);
        assert!(sent.receipt("1").is_some());
        assert_eq!(sent.by_form.len(), FORMS_LIMIT);
    }

    #[test]
    fn codes_are_texted_once_a_minute_and_five_times_a_day() {
        let memory = Memory::default();
        let minute = CODE_PAUSE_US;
        assert!(memory.may_send_code(1, 0));
        assert!(!memory.may_send_code(1, minute - 1));
        assert!(memory.may_send_code(2, 1), "another report");
        for n in 1..5 {
            assert!(memory.may_send_code(1, n * minute));
        }
        assert!(!memory.may_send_code(1, 6 * minute));
        assert!(memory.may_send_code(1, DAY_US + 1));
    }

    #[test]
    fn a_full_memory_sends_nothing_rather_than_growing() {
        let memory = Memory::default();
        for report in 0..i64::try_from(CODES_LIMIT).unwrap() {
            assert!(memory.may_send_code(report, 0));
        }
        assert!(!memory.may_send_code(-1, 1));
        assert!(memory.may_send_code(-1, DAY_US));
    }
}

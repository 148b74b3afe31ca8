//! Our messages on the way: sequence numbers, the window, and response deadlines (SMPP 3.4 §2.9, §5.1.4).

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

/// The highest sequence number (SMPP 3.4 §5.1.4).
pub(super) const MAX_SEQUENCE: u32 = 0x7FFF_FFFF;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sent {
    token: u64,
    deadline: Duration,
}

/// Messages sent and not answered, and the last few that were given up.
#[derive(Debug)]
pub(super) struct Outstanding {
    next: u32,
    waiting: BTreeMap<u32, Sent>,
    /// In order of deadline, as every message has the same timeout; answered ones are skipped later.
    deadlines: VecDeque<(Duration, u32)>,
    given_up: VecDeque<(u32, u64)>,
    max_given_up: usize,
}

impl Outstanding {
    pub(super) fn new(max_given_up: usize) -> Self {
        Self {
            next: 1,
            waiting: BTreeMap::new(),
            deadlines: VecDeque::new(),
            given_up: VecDeque::new(),
            max_given_up,
        }
    }

    pub(super) fn start_at(&mut self, sequence: u32) {
        self.next = sequence.clamp(1, MAX_SEQUENCE);
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// The next free number: 1 to [`MAX_SEQUENCE`], then 1 again, never one still on the way.
    pub(super) fn sequence(&mut self) -> u32 {
        loop {
            let sequence = self.next;
            self.next = if sequence == MAX_SEQUENCE { 1 } else { sequence + 1 };
            if !self.waiting.contains_key(&sequence) {
                return sequence;
            }
        }
    }

    pub(super) fn insert(&mut self, sequence: u32, token: u64, deadline: Duration) {
        self.given_up.retain(|(old, _)| *old != sequence);
        self.waiting.insert(sequence, Sent { token, deadline });
        self.deadlines.push_back((deadline, sequence));
    }

    /// The token of the message with this number, which then no longer waits.
    pub(super) fn take(&mut self, sequence: u32) -> Option<u64> {
        let token = self.waiting.remove(&sequence).map(|sent| sent.token);
        self.skip_answered();
        token
    }

    /// The token of a message given up earlier.
    pub(super) fn take_given_up(&mut self, sequence: u32) -> Option<u64> {
        let at = self.given_up.iter().position(|(old, _)| *old == sequence)?;
        self.given_up.remove(at).map(|(_, token)| token)
    }

    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.deadlines.front().map(|(deadline, _)| *deadline)
    }

    /// Gives up the oldest message whose deadline has come.
    pub(super) fn give_up(&mut self, now: Duration) -> Option<u64> {
        let (deadline, sequence) = *self.deadlines.front()?;
        if deadline > now {
            return None;
        }
        let token = self.take(sequence)?;
        self.given_up.push_back((sequence, token));
        if self.given_up.len() > self.max_given_up {
            self.given_up.pop_front();
        }
        Some(token)
    }

    /// Empties the window at the end of the session, oldest first.
    pub(super) fn abandon(&mut self) -> Vec<u64> {
        let waiting = core::mem::take(&mut self.waiting);
        let order = core::mem::take(&mut self.deadlines);
        self.given_up.clear();
        order
            .iter()
            .filter_map(|(deadline, sequence)| {
                waiting.get(sequence).filter(|sent| sent.deadline == *deadline)
            })
            .map(|sent| sent.token)
            .collect()
    }

    /// Keeps the front of `deadlines` one that still waits, so that it is the next deadline.
    fn skip_answered(&mut self) {
        while let Some((deadline, sequence)) = self.deadlines.front() {
            if self.waiting.get(sequence).is_some_and(|sent| sent.deadline == *deadline) {
                break;
            }
            self.deadlines.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn sequence_numbers_wrap_and_skip_those_on_the_way() {
        let mut outstanding = Outstanding::new(4);
        outstanding.insert(1, 10, SECOND);
        outstanding.start_at(MAX_SEQUENCE);
        assert_eq!(outstanding.sequence(), MAX_SEQUENCE);
        assert_eq!(outstanding.sequence(), 2);
    }

    #[test]
    fn answered_messages_do_not_time_out() {
        let mut outstanding = Outstanding::new(4);
        outstanding.insert(1, 10, SECOND);
        outstanding.insert(2, 20, SECOND * 2);
        assert_eq!(outstanding.take(1), Some(10));
        assert_eq!(outstanding.next_deadline(), Some(SECOND * 2));
        assert_eq!(outstanding.give_up(SECOND), None);
        assert_eq!(outstanding.give_up(SECOND * 2), Some(20));
        assert_eq!(outstanding.next_deadline(), None);
        assert_eq!(outstanding.take(2), None);
        assert_eq!(outstanding.take_given_up(2), Some(20));
        assert_eq!(outstanding.take_given_up(2), None);
    }

    #[test]
    fn only_the_last_few_given_up_are_remembered() {
        let mut outstanding = Outstanding::new(2);
        for sequence in 1..=3 {
            outstanding.insert(sequence, u64::from(sequence), SECOND);
        }
        while outstanding.give_up(SECOND).is_some() {}
        assert_eq!(outstanding.take_given_up(1), None);
        assert_eq!(outstanding.take_given_up(2), Some(2));
    }

    #[test]
    fn abandoning_names_each_message_once_oldest_first() {
        let mut outstanding = Outstanding::new(2);
        outstanding.insert(9, 1, SECOND);
        outstanding.insert(3, 2, SECOND * 2);
        outstanding.insert(5, 3, SECOND * 3);
        outstanding.take(3);
        assert_eq!(outstanding.abandon(), [1, 3]);
        assert_eq!(outstanding.len(), 0);
    }
}

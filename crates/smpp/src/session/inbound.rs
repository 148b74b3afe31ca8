//! The peer's messages: those the caller has and has not answered, and those that wait for room.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use super::{Limits, RequestId};
use crate::pdu::Frame;

/// What to do with a message that has just arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Admission {
    /// There is room: hand it to the caller.
    Admit(Frame),
    /// It waits for room.
    Parked,
    /// Full for too long, or too many wait: refuse it as temporary.
    Refuse(Frame),
}

#[derive(Debug)]
pub(super) struct Inbound {
    max_inbound: usize,
    max_parked: usize,
    /// Numbers of unanswered messages; peers may repeat a number.
    unanswered: BTreeMap<RequestId, usize>,
    count: usize,
    parked: VecDeque<Frame>,
    full_since: Option<Duration>,
    is_refusing: bool,
}

impl Inbound {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            max_inbound: limits.max_inbound.max(1),
            max_parked: limits.max_parked,
            unanswered: BTreeMap::new(),
            count: 0,
            parked: VecDeque::new(),
            full_since: None,
            is_refusing: false,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.count >= self.max_inbound
    }

    /// Whether more input can be dealt with: there is room, or the time of refusing has come.
    pub(super) fn has_room(&self) -> bool {
        self.is_refusing || !self.is_full()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.count == 0 && self.parked.is_empty()
    }

    pub(super) fn parked_octets(&self) -> usize {
        self.parked.iter().map(|frame| frame.raw().len()).sum()
    }

    pub(super) fn unanswered(&self) -> usize {
        self.count
    }

    pub(super) fn arrive(&mut self, frame: Frame) -> Admission {
        if !self.is_full() && self.parked.is_empty() {
            return Admission::Admit(frame);
        }
        if self.is_refusing || self.parked.len() >= self.max_parked {
            return Admission::Refuse(frame);
        }
        self.parked.push_back(frame);
        Admission::Parked
    }

    /// Counts a message as handed to the caller.
    pub(super) fn hand_over(&mut self, id: RequestId, now: Duration) {
        *self.unanswered.entry(id).or_default() += 1;
        self.count += 1;
        if self.is_full() {
            self.full_since.get_or_insert(now);
        }
    }

    /// Whether such a message waited; then it no longer does.
    pub(super) fn answer(&mut self, id: RequestId) -> bool {
        let Some(copies) = self.unanswered.get_mut(&id) else {
            return false;
        };
        *copies -= 1;
        if *copies == 0 {
            self.unanswered.remove(&id);
        }
        self.count -= 1;
        if !self.is_full() {
            self.full_since = None;
            self.is_refusing = false;
        }
        true
    }

    /// The next waiting message for which there is room now.
    pub(super) fn unpark(&mut self) -> Option<Frame> {
        if self.is_full() { None } else { self.parked.pop_front() }
    }

    /// When patience ends.
    pub(super) fn grace_ends(&self, grace: Duration) -> Option<Duration> {
        if self.is_refusing { None } else { self.full_since.map(|since| since + grace) }
    }

    /// Begins to refuse, and gives up the waiting messages to be refused.
    pub(super) fn refuse(&mut self) -> VecDeque<Frame> {
        self.is_refusing = true;
        core::mem::take(&mut self.parked)
    }

    pub(super) fn clear(&mut self) {
        self.unanswered.clear();
        self.count = 0;
        self.parked.clear();
        self.full_since = None;
    }
}

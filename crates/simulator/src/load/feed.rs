//! Which texts are still to be sent, shared by all connections of a run.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::{AckedText, sender, words};

/// What the connections share.
#[derive(Debug)]
pub(super) struct Feed {
    started: Instant,
    state: Mutex<State>,
    /// Rings when a text came back, and when all are answered.
    pub(super) progress: Notify,
}

#[derive(Debug)]
struct State {
    next: u64,
    end: u64,
    again: VecDeque<u64>,
    sendings: HashMap<u64, u32>,
    acked: Vec<AckedText>,
    left: u64,
}

impl Feed {
    /// All texts of a plan, none of them sent.
    pub(super) fn new(first: u64, texts: u64) -> Self {
        let state = State {
            next: first,
            end: first + texts,
            again: VecDeque::new(),
            sendings: HashMap::new(),
            acked: Vec::new(),
            left: texts,
        };
        Self { started: Instant::now(), state: Mutex::new(state), progress: Notify::new() }
    }

    /// What was answered OK, in the order of the answers.
    pub(super) fn take_acked(&self) -> Vec<AckedText> {
        std::mem::take(&mut self.lock().acked)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn take(&self) -> Option<u64> {
        let mut state = self.lock();
        let number = match state.again.pop_front() {
            Some(number) => number,
            None if state.next < state.end => {
                state.next += 1;
                state.next - 1
            }
            None => return None,
        };
        *state.sendings.entry(number).or_default() += 1;
        Some(number)
    }

    /// Takes back a text that was not sent after all.
    pub(super) fn put_back(&self, number: u64) {
        let mut state = self.lock();
        if let Some(sendings) = state.sendings.get_mut(&number) {
            *sendings -= 1;
        }
        state.again.push_front(number);
    }

    pub(super) fn again(&self, number: u64) {
        self.lock().again.push_back(number);
        self.progress.notify_waiters();
    }

    pub(super) fn acknowledge(&self, number: u64) {
        let at = self.started.elapsed();
        let mut state = self.lock();
        let sendings = state.sendings.remove(&number).unwrap_or(1);
        state.acked.push(AckedText { number, text: words(number), from: sender(number), sendings, at });
        state.left -= 1;
        if state.left == 0 {
            drop(state);
            self.progress.notify_waiters();
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.lock().left == 0
    }
}

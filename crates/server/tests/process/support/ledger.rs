//! Which texts were sent, which were answered OK, and which replies came: what the kill test compares with the
//! product's own word.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use bytes::Bytes;
use canhgiac_smpp::pdu::{Address, Body, CommandId, ShortMessage, esm};
use tokio::sync::Notify;

use super::CODE;

/// How long something awaited may take on a busy machine.
const WITHIN: Duration = Duration::from_secs(120);

/// A text that was refused for now is sent again after this long.
pub(super) const REFUSED_PAUSE: Duration = Duration::from_millis(50);

/// One text to send.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    from: String,
    text: String,
    raw: Option<Bytes>,
    /// Reference, total and number of a part.
    part: Option<[u8; 3]>,
}

impl Text {
    /// From a sender as the operator writes it.
    pub(crate) fn new(from: &str, text: &str) -> Text {
        Text { from: from.to_owned(), text: text.to_owned(), raw: None, part: None }
    }

    /// Part `number` of `total` of a long message.
    pub(crate) fn part(from: &str, text: &str, reference: u8, total: u8, number: u8) -> Text {
        Text { part: Some([reference, total, number]), ..Text::new(from, text) }
    }

    /// A `deliver_sm` that ends after its source address; without the NUL that ends the address when `is_torn`.
    pub(crate) fn undecodable(from: &str, is_torn: bool) -> Text {
        let mut body = b"\0\x01\x01".to_vec();
        body.extend_from_slice(from.as_bytes());
        if !is_torn {
            body.push(0);
        }
        Text { raw: Some(body.into()), ..Text::new(from, "") }
    }

    pub(super) fn body(&self) -> Body {
        let (esm_class, mut octets) = match self.part {
            Some([reference, total, number]) => (esm::UDHI, vec![5, 0, 3, reference, total, number]),
            None => (0, Vec::new()),
        };
        octets.extend_from_slice(self.text.as_bytes());
        match &self.raw {
            Some(body) => Body::Other { command: CommandId::DELIVER_SM, body: body.clone() },
            None => Body::SubmitSm(ShortMessage {
                source: Address::international(&self.from),
                destination: Address::short_code(CODE),
                esm_class,
                short_message: octets.into(),
                ..ShortMessage::default()
            }),
        }
    }
}

/// What is known of the texts so far.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Texts taken from the source so far, each under its number.
    pub(crate) taken: u32,
    /// How many may be taken.
    pub(crate) limit: u32,
    /// Answered OK: the product has promised to keep them.
    pub(crate) answered: HashSet<u32>,
    /// Sent more than once, because no OK came.
    pub(crate) sent_again: HashSet<u32>,
    /// Answered with anything but OK.
    pub(crate) refused: u64,
    /// Not answered: the session ended before, or time did.
    pub(crate) lost: u64,
    /// Replies by the recipient's number.
    pub(crate) replies: HashMap<String, Vec<String>>,
    /// What got no OK, and when it may be sent again.
    waiting_again: VecDeque<(Instant, u32)>,
}

/// Shared between the binds of a load and its test.
pub(crate) struct Ledger {
    source: Box<dyn Fn(u32) -> Text + Send + Sync>,
    state: Mutex<State>,
    changed: Condvar,
    /// There may be something to send.
    pub(super) wake: Notify,
}

impl Ledger {
    /// Texts made by number; none is sent before [`Ledger::allow`].
    pub(crate) fn making(source: impl Fn(u32) -> Text + Send + Sync + 'static) -> Arc<Ledger> {
        Arc::new(Ledger {
            source: Box::new(source),
            state: Mutex::default(),
            changed: Condvar::new(),
            wake: Notify::new(),
        })
    }

    /// These texts, all at once.
    pub(crate) fn of(texts: Vec<Text>) -> Arc<Ledger> {
        let count = u32::try_from(texts.len()).expect("few texts");
        let ledger = Ledger::making(move |number| texts[number as usize].clone());
        ledger.allow(count);
        ledger
    }

    /// Lets `more` further texts be sent.
    pub(crate) fn allow(&self, more: u32) {
        let mut state = self.lock();
        state.limit = state.taken.saturating_add(more);
        drop(state);
        self.wake.notify_waiters();
    }

    /// Waits until `fits` holds, and fails with the whole state when it does not in time.
    pub(crate) fn wait(&self, what: &str, fits: impl Fn(&State) -> bool) {
        let end = Instant::now() + WITHIN;
        let mut state = self.lock();
        while !fits(&state) {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "not in {WITHIN:?}: {what}; {}", state.summary());
            state = self.changed.wait_timeout(state, left).expect("no bind panicked").0;
        }
    }

    /// Looks at the state.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    /// The next text to send: one that got no OK before a new one.
    pub(super) fn take(&self) -> Option<(u32, Text)> {
        let mut state = self.lock();
        let number = match state.waiting_again.front() {
            Some((due, number)) if *due <= Instant::now() => {
                let number = *number;
                state.waiting_again.pop_front();
                state.sent_again.insert(number);
                number
            }
            _ if state.taken < state.limit => {
                state.taken += 1;
                state.taken - 1
            }
            _ => return None,
        };
        Some((number, (self.source)(number)))
    }

    /// Whether texts wait to be sent again.
    pub(super) fn has_waiting(&self) -> bool {
        !self.lock().waiting_again.is_empty()
    }

    pub(super) fn note_answered(&self, number: u32) {
        self.change(|state| {
            state.answered.insert(number);
        });
    }

    pub(super) fn note_unanswered(&self, number: u32, is_refused: bool) {
        self.change(|state| {
            state.refused += u64::from(is_refused);
            state.lost += u64::from(!is_refused);
            // What was refused for now is tried again a little later; what was lost, at once.
            let due = Instant::now() + if is_refused { REFUSED_PAUSE } else { Duration::ZERO };
            state.waiting_again.push_back((due, number));
        });
        self.wake.notify_waiters();
    }

    pub(super) fn note_reply(&self, to: String, text: String) {
        self.change(|state| state.replies.entry(to).or_default().push(text));
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no bind panicked")
    }
}

impl State {
    /// Counts, for messages.
    pub(crate) fn summary(&self) -> String {
        format!(
            "{} sent, {} of them again, {} answered OK, {} refusals, {} waiting, replies to {}",
            self.taken,
            self.sent_again.len(),
            self.answered.len(),
            self.refused,
            self.waiting_again.len(),
            self.replies.len(),
        )
    }
}

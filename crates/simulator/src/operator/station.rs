//! What an operator is, whatever its connections: its outbox, its message ids, its receipts, and the ears of its
//! subscribers. [`Station::carry`] runs one bound connection.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use canhgiac_smpp::pdu::{MessageKind, ShortMessage, Status};
use canhgiac_smpp::reassembly::part_info;
use canhgiac_smpp::session::{CloseReason, Event, Outcome, RequestId, SubmitError};
use canhgiac_smpp::text::{DefaultAlphabet, decode};
use canhgiac_smpp::throttle::{Backoff, Verdict, classify};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::line::Line;
use super::outbox::{Outbox, Parcel};
use super::receipts::{self, Fate, IdStyle};
use super::{Carry, Counts, Heard};
use crate::citizens::{CitizenText, Mobile, Network};
use crate::dice::mix;

/// How often one message is sent before it is given up, refusals and lost connections together.
pub(crate) const SENDINGS_MAX: u32 = 50;
/// The pauses before a refused message is sent again.
const AGAIN: Backoff = Backoff { base: Duration::from_millis(200), cap: Duration::from_secs(10) };

/// An operator behind its connections.
#[derive(Debug)]
pub(crate) struct Station {
    pub(crate) network: Network,
    pub(crate) alphabet: DefaultAlphabet,
    pub(crate) seed: u64,
    pub(crate) ids: IdStyle,
    pub(crate) carry: Carry,
    pub(crate) outbox: Outbox,
    pub(crate) counters: Counters,
    heard: mpsc::Sender<Heard>,
    next_reference: AtomicU64,
    next_id: AtomicU64,
    /// When the product asked for a pause, until when nothing is sent.
    paused_until: Mutex<Option<Instant>>,
    is_bound: watch::Sender<usize>,
}

/// Running totals.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    texts: AtomicU64,
    sent: AtomicU64,
    acknowledged: AtomicU64,
    again: AtomicU64,
    given_up: AtomicU64,
    replies: AtomicU64,
    receipts: AtomicU64,
    unheard: AtomicU64,
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Station {
    pub(crate) fn new(
        network: Network,
        alphabet: DefaultAlphabet,
        seed: u64,
        ids: IdStyle,
        carry: Carry,
        heard: mpsc::Sender<Heard>,
    ) -> Self {
        Self {
            network,
            alphabet,
            seed,
            ids,
            carry,
            outbox: Outbox::new(),
            counters: Counters::default(),
            heard,
            next_reference: AtomicU64::new(mix(seed, "reference")),
            // Far from 1, as a real SMSC's are, and different after each start of the same operator.
            next_id: AtomicU64::new(0x4E00_0000 + (mix(seed, network.id()) & 0x00FF_FFFF)),
            paused_until: Mutex::new(None),
            is_bound: watch::Sender::new(0),
        }
    }

    /// Takes a citizen's text, in one part or several; waits while the outbox is full.
    pub(crate) async fn send(&self, text: &CitizenText) {
        let reference = self.next_reference.fetch_add(1, Ordering::Relaxed) as u16;
        for message in super::encode::messages(text, self.alphabet, reference) {
            self.outbox.put(message).await;
        }
        count(&self.counters.texts);
    }

    /// How many connections are bound.
    pub(crate) fn bound(&self) -> watch::Receiver<usize> {
        self.is_bound.subscribe()
    }

    pub(crate) fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let Counters { texts, sent, acknowledged, again, given_up, replies, receipts, unheard } =
            &self.counters;
        Counts {
            texts: read(texts),
            messages_sent: read(sent),
            messages_acknowledged: read(acknowledged),
            sent_again: read(again),
            given_up: read(given_up),
            replies: read(replies),
            receipts: read(receipts),
            unheard: read(unheard),
            is_bound: *self.is_bound.borrow() > 0,
        }
    }

    /// Runs a bound connection until it ends, and says why it did. `stop` unbinds first.
    pub(crate) async fn carry(&self, line: &mut Line, stop: &CancellationToken) -> CloseReason {
        self.is_bound.send_modify(|bound| *bound += 1);
        let reason = self.exchange(line, stop).await;
        self.is_bound.send_modify(|bound| *bound -= 1);
        reason
    }

    async fn exchange(&self, line: &mut Line, stop: &CancellationToken) -> CloseReason {
        let mut on_the_way: HashMap<u64, Parcel> = HashMap::new();
        let mut next_token = 0;
        let mut changes = self.outbox.changes();
        let mut is_stopping = false;
        loop {
            while let Some(event) = line.event() {
                match event {
                    Event::Message { id, message, .. } => self.receive(line, id, &message),
                    Event::UndecodableDeliver { id, .. } => answer(line, id, Status::SYSTEM_ERROR, None),
                    Event::Outcome { token, outcome } => {
                        if let Some(parcel) = on_the_way.remove(&token) {
                            self.settle(line, parcel, outcome);
                        }
                    }
                    Event::Closed(reason) => {
                        for (_, parcel) in on_the_way.drain() {
                            self.again(parcel, Duration::ZERO);
                        }
                        return reason;
                    }
                    other => tracing::debug!(event = ?other, "nothing to do"),
                }
            }
            let wake = self.send_due(line, &mut on_the_way, &mut next_token);
            let may_send = wake.is_some();
            tokio::select! {
                () = line.advance() => {}
                changed = changes.changed(), if may_send => {
                    if changed.is_err() {
                        return CloseReason::Unbound;
                    }
                }
                () = tokio::time::sleep_until(wake.unwrap_or_else(Instant::now)), if may_send => {}
                () = stop.cancelled(), if !is_stopping => {
                    is_stopping = true;
                    let now = line.now();
                    line.session.unbind(now);
                }
            }
        }
    }

    /// Sends what is due while the window has room; says when to look again, `None` when only an answer can help.
    fn send_due(
        &self,
        line: &mut Line,
        on_the_way: &mut HashMap<u64, Parcel>,
        next_token: &mut u64,
    ) -> Option<Instant> {
        /// How long to wait when nothing waits to be sent; a change wakes earlier.
        const NOTHING_DUE: Duration = Duration::from_secs(60);
        while line.session.window_room() > 0 {
            let now = Instant::now();
            if let Some(until) = self.pause().filter(|until| *until > now) {
                return Some(until);
            }
            let Some(mut parcel) = self.outbox.take_due(now) else {
                return Some(self.outbox.next_due().unwrap_or(now + NOTHING_DUE));
            };
            parcel.attempts += 1;
            match self.submit(line, &parcel.message, *next_token) {
                Ok(()) => {
                    if !parcel.is_receipt {
                        count(&self.counters.sent);
                    }
                    on_the_way.insert(*next_token, parcel);
                    *next_token += 1;
                }
                Err(SubmitError::WindowFull | SubmitError::NotBound) => {
                    self.outbox.put_back(parcel, now);
                    return None;
                }
                Err(SubmitError::Encode(error)) => {
                    tracing::error!(%error, "a simulated text cannot be written as a PDU");
                    self.give_up();
                }
            }
        }
        None
    }

    fn submit(&self, line: &mut Line, message: &ShortMessage, token: u64) -> Result<(), SubmitError> {
        let now = line.now();
        match self.carry {
            Carry::Usual => line.submit(message, token),
            Carry::DeliverSm => {
                let body = canhgiac_smpp::pdu::Body::DeliverSm(message.clone());
                line.session.submit_body(now, body, token)
            }
        }
    }

    fn settle(&self, line: &mut Line, parcel: Parcel, outcome: Outcome) {
        let status = match outcome {
            Outcome::Answered { status, .. } => status,
            // It may have arrived: an SMSC sends it again all the same.
            Outcome::TimedOut | Outcome::Lost => return self.again(parcel, Duration::ZERO),
        };
        let pause = AGAIN.pause(parcel.attempts, self.seed);
        match classify(status) {
            Verdict::Accepted => {
                if !parcel.is_receipt {
                    count(&self.counters.acknowledged);
                }
                self.outbox.finish();
            }
            Verdict::BackOff => self.again(parcel, pause),
            Verdict::PauseLink => {
                *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some(Instant::now() + pause);
                self.again(parcel, pause);
            }
            Verdict::Rebind => {
                self.again(parcel, pause);
                let now = line.now();
                line.session.unbind(now);
            }
            Verdict::Permanent => {
                tracing::warn!(operator = self.network.id(), %status, "the product refused a message for good");
                self.give_up();
            }
        }
    }

    fn again(&self, parcel: Parcel, pause: Duration) {
        if parcel.attempts >= SENDINGS_MAX {
            tracing::warn!(operator = self.network.id(), "a message was sent too often and is given up");
            return self.give_up();
        }
        count(&self.counters.again);
        self.outbox.put_back(parcel, Instant::now() + pause);
    }

    fn give_up(&self) {
        count(&self.counters.given_up);
        self.outbox.finish();
    }

    fn pause(&self) -> Option<Instant> {
        *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A reply of the product: takes it, shows it to the citizen, and sends the receipt it asked for later.
    fn receive(&self, line: &mut Line, id: RequestId, message: &ShortMessage) {
        if message.kind() != MessageKind::Plain {
            return answer(line, id, Status::OK, None);
        }
        let to = message.destination.text();
        let Some(citizen) = Mobile::from_wire(&to) else {
            return answer(line, id, Status::INVALID_DESTINATION, None);
        };
        let number = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (answered, in_receipt) = self.ids.write(number);
        answer(line, id, Status::OK, Some(answered.as_bytes()));
        count(&self.counters.replies);
        if message.registered_delivery & 0b11 == 0b01 {
            let fate = Fate::of(mix(self.seed, &in_receipt));
            let receipt = receipts::message(message, &in_receipt, fate);
            if self.outbox.put_receipt(receipt, Instant::now() + fate.after) {
                count(&self.counters.receipts);
            }
        }
        let octets = part_info(message).octets;
        let heard = Heard {
            network: self.network,
            citizen,
            from: message.source.text(),
            text: decode(&octets, message.data_coding, self.alphabet).text,
        };
        if self.heard.try_send(heard).is_err() {
            count(&self.counters.unheard);
        }
    }
}

fn answer(line: &mut Line, id: RequestId, status: Status, message_id: Option<&[u8]>) {
    if let Err(error) = line.session.respond(id, status, message_id) {
        // The session ended in between: the product will send it again.
        tracing::debug!(%error, "a message was not answered");
    }
}

/// The octets of a system id or password.
pub(crate) fn octets(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

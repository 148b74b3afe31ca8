//! The sender of one link: claims due messages from the outbox, hands them to bound sessions, and writes
//! down what became of them.
//!
//! A message is *sending* durably before any octet of it is written, and comes back exactly once: as sent,
//! as planned again when it certainly was not taken, as failed, or as uncertain. Nothing else is ever sent.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use canhgiac_smpp::pdu::Status;
use canhgiac_smpp::receipt::normal_id;
use canhgiac_smpp::session::Outcome;
use canhgiac_smpp::throttle::{TokenBucket, Verdict, classify};
use canhgiac_store::{MessageRow, SendOutcome};
use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::compose::compose;
use super::figures::Figures;
use super::limits::GatewayLimits;
use super::membership::Outgoing;
use super::waiting::Waiting;
use super::words;
use crate::app::AppState;
use crate::config::LinkConfig;

/// Notices written down together at most.
const NOTICES_AT_ONCE: usize = 500;

/// What a session tells its link's sender. Their number is bounded by the messages handed to sessions and by the
/// sessions, whose seats are free again only when this has been heard.
#[derive(Debug)]
pub(super) enum Notice {
    /// It is bound and may send.
    Joined { session: u64, to: mpsc::Sender<Outgoing> },
    /// The message was not written, and will not be; a session that is leaving will take no other either.
    NotWritten { session: u64, seq: i64, is_leaving: bool },
    /// The message cannot be written as a PDU.
    Unsendable { session: u64, seq: i64, reason: String },
    /// What became of a written message.
    Outcome { session: u64, seq: i64, outcome: Outcome },
    /// A message given up before was taken after all.
    Late { seq: i64, message_id: Option<Bytes> },
    /// The session is over; nothing follows.
    Left { session: u64, seat: Option<OwnedSemaphorePermit> },
}

/// A message that a session has.
#[derive(Debug, Clone, Copy)]
struct Handed {
    /// The attempts that count against it.
    attempts: u32,
    at: Instant,
}

/// A session through which messages go.
#[derive(Debug)]
struct Peer {
    to: mpsc::Sender<Outgoing>,
    /// Messages handed to it whose fate is open.
    open: HashMap<i64, Handed>,
    /// It is unbinding: it gets no more messages.
    is_leaving: bool,
}

impl Peer {
    fn room(&self, window: usize) -> usize {
        if self.is_leaving { 0 } else { window.saturating_sub(self.open.len()) }
    }
}

/// The sender of one link.
#[derive(Debug)]
pub(super) struct Sender {
    app: AppState,
    config: LinkConfig,
    limits: GatewayLimits,
    figures: Figures,
    waiting: Arc<Waiting>,
    notices: mpsc::UnboundedReceiver<Notice>,
    wake: Arc<Notify>,
    peers: BTreeMap<u64, Peer>,
    results: Vec<(i64, SendOutcome)>,
    bucket: Option<TokenBucket>,
    origin: Instant,
    paused_until: Option<Instant>,
    pauses: u32,
    /// Attempts that were not the message's fault: throttled, or never written.
    excused: HashMap<i64, u32>,
    /// There may be due messages.
    is_due: bool,
    store_rests_until: Option<Instant>,
    seed: u64,
}

impl Sender {
    pub(super) fn new(
        app: AppState,
        config: LinkConfig,
        limits: GatewayLimits,
        notices: mpsc::UnboundedReceiver<Notice>,
        wake: Arc<Notify>,
    ) -> Sender {
        let figures = Figures::new(app.links.clone(), &config.name);
        Sender {
            waiting: figures.sender_waits(),
            figures,
            bucket: config.rate_per_s.map(|rate| TokenBucket::per_second(rate, Duration::ZERO)),
            app,
            config,
            limits,
            notices,
            wake,
            peers: BTreeMap::new(),
            results: Vec::new(),
            origin: Instant::now(),
            paused_until: None,
            pauses: 0,
            excused: HashMap::new(),
            is_due: true,
            store_rests_until: None,
            seed: rand::random(),
        }
    }

    /// Runs until every session of the link is gone; claims nothing new once `stop` is given.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut heard = Vec::new();
        let mut is_stopping = false;
        loop {
            self.write_down().await;
            let look_again = if is_stopping { self.store_rests_until } else { self.send().await };
            let look_again = look_again.unwrap_or_else(|| Instant::now() + self.limits.poll_every);
            self.show();
            tokio::select! {
                count = self.notices.recv_many(&mut heard, NOTICES_AT_ONCE) => {
                    if count == 0 {
                        break;
                    }
                }
                () = self.wake.notified(), if !is_stopping => self.is_due = true,
                () = tokio::time::sleep_until(look_again) => self.is_due = true,
                () = stop.cancelled(), if !is_stopping => is_stopping = true,
            }
            for notice in heard.drain(..) {
                self.hear(notice);
            }
        }
        // The gateway bounds how long this may take.
        while !self.results.is_empty() {
            self.write_down().await;
            if let Some(until) = self.store_rests_until {
                tokio::time::sleep_until(until).await;
            }
        }
    }

    /// Claims and hands out what may be sent now; says when to look again if nothing happens before.
    async fn send(&mut self) -> Option<Instant> {
        let now = Instant::now();
        if let Some(until) = self.resting(now) {
            return Some(until);
        }
        if !self.is_due || !self.results.is_empty() || !self.app.instance.is_valid() {
            return None;
        }
        let room = self.room().min(self.limits.claim);
        if room == 0 {
            // An answer or a new session wakes us.
            return None;
        }
        let (allowed, wait) = self.allowance(room, now);
        if allowed == 0 {
            return wait.map(|wait| now + wait);
        }
        let limit = i64::try_from(allowed).unwrap_or(i64::MAX);
        let (instance, now_us) = (self.app.instance.id(), self.app.clock.now_us());
        let claimed = self.app.store.claim_messages(&self.config.name, instance, limit, now_us).await;
        match claimed {
            Ok(rows) => {
                self.is_due = rows.len() == allowed;
                // A claim that took so long that the others may think us gone is not acted on.
                let is_valid = self.app.instance.is_valid();
                for row in rows {
                    if is_valid { self.hand_out(row) } else { self.not_written(row.seq) }
                }
                // Due messages that found no allowance wait for the next; others for a wake-up.
                self.is_due.then_some(Instant::now())
            }
            Err(error) => {
                tracing::error!(link = self.config.name, %error, "messages could not be claimed");
                self.rest(now);
                self.store_rests_until
            }
        }
    }

    /// Until when nothing is claimed: the link pauses, or the store rests.
    fn resting(&mut self, now: Instant) -> Option<Instant> {
        if self.paused_until.is_some_and(|until| until <= now) {
            self.paused_until = None;
            self.figures.paused_until(None);
        }
        self.store_rests_until = self.store_rests_until.filter(|until| *until > now);
        self.paused_until.max(self.store_rests_until)
    }

    fn room(&self) -> usize {
        let window = self.window();
        self.peers.values().map(|peer| peer.room(window)).sum()
    }

    fn window(&self) -> usize {
        usize::try_from(self.config.window).unwrap_or(1)
    }

    /// How many of `wanted` messages the rate allows now, and when the next one would be.
    fn allowance(&self, wanted: usize, now: Instant) -> (usize, Option<Duration>) {
        let Some(bucket) = &self.bucket else { return (wanted, None) };
        let mut trial = bucket.clone();
        for taken in 0..wanted {
            if let Err(wait) = trial.take(now - self.origin) {
                return (taken, Some(wait));
            }
        }
        (wanted, None)
    }

    fn hand_out(&mut self, row: MessageRow) {
        if let Some(bucket) = &mut self.bucket {
            // The claim was no larger than what the bucket allows.
            let _ = bucket.take(self.origin.elapsed());
        }
        let attempts = u32::try_from(row.attempts).unwrap_or(u32::MAX);
        let counted = attempts.saturating_sub(self.excused.get(&row.seq).copied().unwrap_or_default());
        let message = match compose(&row, &self.app.keys, self.config.alphabet()) {
            Ok(message) => message,
            Err(error) => {
                tracing::warn!(link = self.config.name, message = row.seq, "a message can never be sent");
                return self.end(row.seq, SendOutcome::Failed { error });
            }
        };
        let window = self.window();
        let freest = self.peers.values_mut().max_by_key(|peer| peer.room(window));
        let handed = freest.filter(|peer| peer.room(window) > 0).is_some_and(|peer| {
            let is_handed = peer.to.try_send(Outgoing { seq: row.seq, message }).is_ok();
            if is_handed {
                peer.open.insert(row.seq, Handed { attempts: counted, at: Instant::now() });
            }
            is_handed
        });
        if !handed {
            self.not_written(row.seq);
        }
    }

    fn hear(&mut self, notice: Notice) {
        match notice {
            Notice::Joined { session, to } => {
                self.peers.insert(session, Peer { to, open: HashMap::new(), is_leaving: false });
                self.is_due = true;
            }
            Notice::NotWritten { session, seq, is_leaving } => {
                if is_leaving {
                    self.leave(session);
                }
                if self.close(session, seq).is_some() {
                    self.not_written(seq);
                }
            }
            Notice::Unsendable { session, seq, reason } => {
                if self.close(session, seq).is_some() {
                    self.end(seq, SendOutcome::Failed { error: reason });
                }
            }
            Notice::Outcome { session, seq, outcome } => {
                let Some(handed) = self.close(session, seq) else { return };
                match outcome {
                    Outcome::Answered { status, message_id } => {
                        let verdict = classify(status);
                        if verdict == Verdict::Rebind {
                            self.leave(session);
                        }
                        self.figures.answered_out(verdict, handed.at.elapsed());
                        self.answered(seq, handed.attempts, status, message_id);
                    }
                    Outcome::TimedOut => self.uncertain(seq, words::timed_out()),
                    Outcome::Lost => self.uncertain(seq, words::lost()),
                }
            }
            Notice::Late { seq, message_id } => self.sent(seq, message_id),
            Notice::Left { session, seat } => {
                drop(seat);
                let Some(peer) = self.peers.remove(&session) else { return };
                for seq in peer.open.into_keys() {
                    self.uncertain(seq, words::lost());
                }
            }
        }
    }

    fn leave(&mut self, session: u64) {
        if let Some(peer) = self.peers.get_mut(&session) {
            peer.is_leaving = true;
        }
    }

    /// Shows which messages the peer has not answered yet.
    fn show(&self) {
        let open = self.peers.values().flat_map(|peer| peer.open.values());
        let count = self.peers.values().map(|peer| peer.open.len()).sum();
        self.waiting.set(count, open.map(|handed| handed.at).min());
    }

    /// The message is no longer with the session.
    fn close(&mut self, session: u64, seq: i64) -> Option<Handed> {
        self.peers.get_mut(&session)?.open.remove(&seq)
    }

    fn answered(&mut self, seq: i64, attempts: u32, status: Status, message_id: Option<Bytes>) {
        let verdict = classify(status);
        if verdict != Verdict::Accepted {
            tracing::info!(link = self.config.name, message = seq, %status, "a message was refused");
        }
        let now_us = self.app.clock.now_us();
        match verdict {
            Verdict::Accepted => {
                if self.paused_until.is_none() {
                    self.pauses = 0;
                }
                self.sent(seq, message_id);
            }
            Verdict::PauseLink => {
                self.pause();
                self.excuse(seq, SendOutcome::Retry { run_us: now_us, error: words::throttled() });
            }
            Verdict::Rebind => {
                self.excuse(seq, SendOutcome::Retry { run_us: now_us, error: words::not_bound() });
            }
            Verdict::BackOff if attempts < self.limits.attempts => {
                let pause = self.limits.retry_pause.pause(attempts, self.seed ^ seq.unsigned_abs());
                let run_us = now_us.saturating_add(i64::try_from(pause.as_micros()).unwrap_or(i64::MAX));
                self.results.push((seq, SendOutcome::Retry { run_us, error: words::backed_off(status) }));
            }
            Verdict::BackOff => {
                self.end(seq, SendOutcome::Failed { error: words::gave_up(status, attempts) });
            }
            Verdict::Permanent => self.end(seq, SendOutcome::Failed { error: words::refused(status) }),
        }
    }

    /// The operator asked us to slow down. Refusals of what was on the way already do not lengthen the pause.
    fn pause(&mut self) {
        let now = Instant::now();
        if self.paused_until.is_some_and(|until| until > now) {
            return;
        }
        self.pauses = self.pauses.saturating_add(1);
        let pause = self.limits.throttle_pause.pause(self.pauses, self.seed);
        tracing::warn!(
            link = self.config.name,
            ?pause,
            "the operator asked us to slow down; the link pauses"
        );
        self.paused_until = Some(now + pause);
        let pause_us = i64::try_from(pause.as_micros()).unwrap_or(i64::MAX);
        self.figures.paused_until(Some(self.app.clock.now_us().saturating_add(pause_us)));
    }

    fn sent(&mut self, seq: i64, message_id: Option<Bytes>) {
        let remote_id = normal_id(&String::from_utf8_lossy(&message_id.unwrap_or_default()));
        self.figures.messages_out();
        self.end(seq, SendOutcome::Sent { remote_id });
    }

    fn uncertain(&mut self, seq: i64, error: String) {
        tracing::warn!(link = self.config.name, message = seq, "it is not known whether a message left");
        self.figures.uncertain_out();
        self.end(seq, SendOutcome::Uncertain { error });
    }

    fn not_written(&mut self, seq: i64) {
        let run_us = self.app.clock.now_us();
        self.excuse(seq, SendOutcome::Retry { run_us, error: words::not_written() });
    }

    /// Plans it again; this attempt does not count.
    fn excuse(&mut self, seq: i64, outcome: SendOutcome) {
        *self.excused.entry(seq).or_default() += 1;
        self.results.push((seq, outcome));
        self.is_due = true;
    }

    fn end(&mut self, seq: i64, outcome: SendOutcome) {
        self.excused.remove(&seq);
        self.results.push((seq, outcome));
    }

    async fn write_down(&mut self) {
        let now = Instant::now();
        if self.results.is_empty() || self.store_rests_until.is_some_and(|until| until > now) {
            return;
        }
        let now_us = self.app.clock.now_us();
        match self.app.store.finish_messages(&self.config.name, &self.results, now_us).await {
            Ok(()) => {
                self.results.clear();
                self.store_rests_until = None;
            }
            Err(error) => {
                tracing::error!(link = self.config.name, %error, "what became of messages could not be written down yet");
                self.rest(now);
            }
        }
    }

    fn rest(&mut self, now: Instant) {
        self.store_rests_until = Some(now + self.limits.store_retry);
    }
}

//! What the peer of one session sends: texts go to the intake queue and are answered OK when they are
//! durable, receipts are noted, and what cannot be stored now is refused for now.
//!
//! Texts become durable in the order they were handed in, so only the oldest is awaited and those behind it
//! are found ready; answers of one commit make one write.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use canhgiac_smpp::pdu::{CommandId, Frame, ShortMessage, Status};
use canhgiac_smpp::receipt::receipt;
use canhgiac_smpp::session::{RequestId, Session};
use canhgiac_store::NewIntake;
use tokio::time::Instant;

use super::answers::Answers;
use super::link::Link;
use super::receipts::ReceiptDesk;
use super::redelivery::{SessionKey, TextId};
use super::waiting::Waiting;
use crate::intake::{IntakeError, Stored};

/// A text that is not in the queue yet.
#[derive(Debug)]
struct Text {
    request: RequestId,
    raw: Bytes,
    id: TextId,
    is_suspected: bool,
    arrived: Instant,
}

/// A text in the queue.
#[derive(Debug)]
struct Pending {
    request: RequestId,
    id: TextId,
    stored: Stored,
    arrived: Instant,
}

type Outcome = Result<i64, IntakeError>;

/// Something to do.
#[derive(Debug)]
pub(super) struct Step(What);

#[derive(Debug)]
enum What {
    Stored(Pending, Outcome),
    Receipt(RequestId, bool),
    Room,
    PatienceEnds,
}

/// The incoming half of one session.
#[derive(Debug)]
pub(super) struct Inbound {
    link: Arc<Link>,
    session: SessionKey,
    pending: VecDeque<Pending>,
    /// Texts that found the queue full; while there are any, nothing is read.
    held: VecDeque<Text>,
    held_until: Instant,
    /// The queue stayed full for too long: until there was room, texts are refused at once.
    is_refusing: bool,
    answers: Answers,
    receipts: ReceiptDesk,
    waiting: Arc<Waiting>,
}

impl Inbound {
    pub(super) fn new(link: Arc<Link>, session: SessionKey) -> Inbound {
        Inbound {
            answers: Answers::new(link.limits.answer_settles),
            receipts: ReceiptDesk::open(link.clone()),
            waiting: link.figures.session_waits(),
            link,
            session,
            pending: VecDeque::new(),
            held: VecDeque::new(),
            held_until: Instant::now(),
            is_refusing: false,
        }
    }

    /// Whether more may be read.
    pub(super) fn may_read(&self) -> bool {
        self.held.is_empty()
    }

    /// Takes a decoded message.
    pub(super) fn message(
        &mut self,
        session: &mut Session,
        id: RequestId,
        message: &ShortMessage,
        raw: Bytes,
    ) {
        // A receipt that names no message says nothing; it is kept like a text, for an officer.
        match receipt(message, self.link.config.alphabet()).filter(|receipt| receipt.message_id.is_some()) {
            Some(receipt) => {
                self.link.figures.receipts_in();
                if !self.receipts.hand_in(id, receipt) {
                    self.answer(session, id, Status::TEMPORARY_APP_ERROR, None);
                }
            }
            None => self.text(session, id, raw),
        }
    }

    /// Takes a message whose body cannot be decoded.
    pub(super) fn undecodable(&mut self, session: &mut Session, id: RequestId, raw: Bytes) {
        tracing::warn!(
            link = self.link.name(),
            command = %id.command,
            sequence = id.sequence,
            "a message cannot be decoded; it is kept as it came"
        );
        self.link.figures.undecodable_in();
        self.text(session, id, raw);
    }

    fn text(&mut self, session: &mut Session, request: RequestId, raw: Bytes) {
        let Some(item) = self.item(&raw, false) else {
            self.answer(session, request, Status::TEMPORARY_APP_ERROR, None);
            self.link.figures.refused_in(1);
            return;
        };
        let redelivery = &self.link.redelivery;
        // What is sealed as a whole has no print of its own: no two sealings are alike.
        let is_sealed = Frame::from_bytes(Bytes::copy_from_slice(&item.body)).is_err();
        let clear: &[u8] = if is_sealed { &raw } else { &item.body };
        let print = redelivery.print(item.reporter.as_ref().map(|reporter| reporter.hash.as_slice()), clear);
        let arrival = redelivery.arrived(print, self.session, self.link.app.clock.steady_us());
        let is_suspected = arrival.is_suspected;
        if is_suspected {
            self.link.figures.suspected_in();
            tracing::info!(
                link = self.link.name(),
                sequence = request.sequence,
                "a text is marked as suspected redelivery: an equal one came before the session broke"
            );
        }
        let text = Text { request, raw, id: arrival.id, is_suspected, arrived: Instant::now() };
        self.offer(session, text, (!is_suspected).then_some(item));
        self.show();
    }

    /// Hands a text in, unless others wait before it.
    fn offer(&mut self, session: &mut Session, text: Text, item: Option<NewIntake>) {
        if self.held.is_empty() {
            self.hand_in(session, text, item);
        } else {
            self.held.push_back(text);
        }
    }

    fn item(&self, raw: &Bytes, is_suspected: bool) -> Option<NewIntake> {
        match self.link.app.pdu_item(&self.link.config, raw, is_suspected) {
            Ok(item) => Some(item),
            Err(error) => {
                tracing::error!(link = self.link.name(), %error, "a text could not be made ready to be stored");
                None
            }
        }
    }

    fn hand_in(&mut self, session: &mut Session, text: Text, item: Option<NewIntake>) {
        let Some(item) = item.or_else(|| self.item(&text.raw, text.is_suspected)) else {
            return self.refuse(session, &text);
        };
        match self.link.app.intake.try_submit(item) {
            Ok(stored) => {
                self.is_refusing = false;
                let Text { request, id, arrived, .. } = text;
                self.pending.push_back(Pending { request, id, stored, arrived });
            }
            Err(IntakeError::Full) if !self.is_refusing => {
                if self.held.is_empty() {
                    self.held_until = Instant::now() + self.link.limits.room_wait;
                }
                self.held.push_back(text);
            }
            Err(_) => self.refuse(session, &text),
        }
    }

    fn refuse(&mut self, session: &mut Session, text: &Text) {
        self.link.redelivery.not_stored(text.id);
        self.link.figures.refused_in(1);
        self.answer(session, text.request, Status::TEMPORARY_APP_ERROR, None);
    }

    fn answer(
        &self,
        session: &mut Session,
        id: RequestId,
        status: Status,
        message_id: Option<&[u8]>,
    ) -> bool {
        match session.respond(id, status, message_id) {
            Ok(()) => true,
            Err(error) => {
                tracing::debug!(link = self.link.name(), sequence = id.sequence, %error, "no answer was given");
                false
            }
        }
    }

    /// What comes next. May be dropped at any point.
    pub(super) async fn next(&mut self) -> Step {
        let waits = !self.held.is_empty();
        let until = self.held_until;
        let intake = self.link.app.intake.clone();
        Step(tokio::select! {
            (pending, outcome) = oldest(&mut self.pending) => What::Stored(pending, outcome),
            (id, is_noted) = self.receipts.next() => What::Receipt(id, is_noted),
            () = intake.wait_for_room(), if waits => What::Room,
            () = tokio::time::sleep_until(until), if waits => What::PatienceEnds,
        })
    }

    /// Does it.
    pub(super) fn apply(&mut self, step: Step, session: &mut Session) {
        match step.0 {
            What::Stored(pending, outcome) => self.stored(session, pending, outcome),
            What::Receipt(id, is_noted) => {
                let status = if is_noted { Status::OK } else { Status::TEMPORARY_APP_ERROR };
                self.answer(session, id, status, None);
            }
            What::Room => {
                // Those for whom there is still no room keep waiting in order, with the same patience.
                let until = self.held_until;
                for text in std::mem::take(&mut self.held) {
                    self.offer(session, text, None);
                }
                self.held_until = until;
            }
            What::PatienceEnds => {
                tracing::warn!(
                    link = self.link.name(),
                    texts = self.held.len(),
                    "the intake queue stays full; texts are refused for now"
                );
                self.is_refusing = true;
                for text in std::mem::take(&mut self.held) {
                    self.refuse(session, &text);
                }
            }
        }
        self.show();
    }

    fn stored(&mut self, session: &mut Session, first: Pending, outcome: Outcome) {
        let (mut taken, mut refused) = (Vec::new(), 0);
        let mut next = Some((first, outcome));
        while let Some((pending, outcome)) = next {
            match outcome {
                Ok(seq) => {
                    let id = seq.to_string();
                    let wants_id = pending.request.command != CommandId::DELIVER_SM;
                    if self.answer(session, pending.request, Status::OK, wants_id.then_some(id.as_bytes())) {
                        self.answers.given(pending.id);
                        taken.push(pending.arrived.elapsed());
                    }
                }
                Err(error) => {
                    self.not_taken(pending.id, error);
                    self.answer(session, pending.request, Status::TEMPORARY_APP_ERROR, None);
                    refused += 1;
                }
            }
            next = ready(&mut self.pending);
        }
        self.link.figures.texts_in(&taken);
        self.link.figures.refused_in(refused);
    }

    fn not_taken(&self, id: TextId, error: IntakeError) {
        match error {
            IntakeError::Unclear => self.link.redelivery.unclear(id),
            IntakeError::Full | IntakeError::NotStored => self.link.redelivery.not_stored(id),
        }
    }

    /// Shows what is not answered yet.
    fn show(&self) {
        let oldest = self.pending.front().map(|text| text.arrived);
        let held = self.held.front().map(|text| text.arrived);
        self.waiting.set(self.pending.len() + self.held.len(), oldest.or(held));
    }

    /// What the session wanted written was handed over up to this octet.
    pub(super) fn queued(&mut self, end: u64) {
        self.answers.queued(end);
    }

    /// It was written up to this octet.
    pub(super) fn written(&mut self, up_to: u64, now: Duration) {
        self.answers.written(up_to, now);
    }

    /// Something came from the peer.
    pub(super) fn heard(&mut self, now: Duration) {
        self.link.figures.heard(self.link.app.clock.now_us());
        let arrived = self.answers.heard(now);
        if !arrived.is_empty() {
            self.link.redelivery.confirmed(arrived);
        }
    }

    /// The session is over: waits until it is known what became of the texts that are still in the queue.
    /// After an orderly end the answers that were written count as arrived.
    pub(super) async fn settle(mut self, is_orderly: bool) {
        if is_orderly {
            self.link.redelivery.confirmed(self.answers.ended_well());
        }
        for text in &self.held {
            self.link.redelivery.not_stored(text.id);
        }
        self.link.redelivery.ended(self.session);
        while !self.pending.is_empty() {
            let (pending, outcome) = oldest(&mut self.pending).await;
            if let Err(error) = outcome {
                self.not_taken(pending.id, error);
            }
        }
    }
}

/// The oldest text of the queue, once its fate is known; never, when there is none.
async fn oldest(pending: &mut VecDeque<Pending>) -> (Pending, Outcome) {
    let outcome = match pending.front_mut() {
        Some(front) => (&mut front.stored).await.unwrap_or(Err(IntakeError::Unclear)),
        None => std::future::pending().await,
    };
    match pending.pop_front() {
        Some(front) => (front, outcome),
        None => std::future::pending().await,
    }
}

/// The oldest text of the queue, if its fate is known already.
fn ready(pending: &mut VecDeque<Pending>) -> Option<(Pending, Outcome)> {
    use tokio::sync::oneshot::error::TryRecvError;
    let outcome = match pending.front_mut()?.stored.try_recv() {
        Ok(outcome) => outcome,
        Err(TryRecvError::Closed) => Err(IntakeError::Unclear),
        Err(TryRecvError::Empty) => return None,
    };
    pending.pop_front().map(|front| (front, outcome))
}

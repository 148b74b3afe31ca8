//! One SMPP session, client (ESME) or server (SMSC), as a machine without input or output (SMPP 3.4 §2).
//!
//! ```text
//!            client                                server
//!   Open ──bind()──▶ Binding            Open ──bind_*──▶ Deciding ──reject_bind()──▶ Closed
//!                       │ OK │ refused                      │ accept_bind()
//!                       ▼    └──────▶ Closed ◀── timeouts   ▼
//!                     Bound ◀───────────────────────────▶ Bound
//!                       │ unbind()                          │ unbind received
//!                       ▼                                   ▼
//!        Draining ──▶ Unbinding ──unbind_resp──▶ Closed ◀── PeerUnbinding (inbound answered first)
//! ```
//!
//! The shell feeds [`Session::handle_input`], drains [`Session::poll_event`] until it is empty, writes what
//! [`Session::poll_output`] gives in one piece, and calls [`Session::handle_timeout`] when
//! [`Session::next_timeout`] has come. While its last write is not done it does not poll output, so a peer
//! that does not read is noticed by [`Session::wants_input`] and by `enquire_link`. Reconnecting, rates and
//! storage are the shell's.

mod binding;
mod event;
mod inbound;
mod limits;
mod outstanding;
mod receive;
mod timers;

pub use event::{CloseReason, Event, Outcome, RequestId, RespondError, SubmitError, WrongState};
pub use limits::Limits;

use core::time::Duration;
use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use crate::pdu::{BindKind, Body, CommandId, EncodeError, Framer, MessageResp, Pdu, ShortMessage, Status};
use inbound::Inbound;
use outstanding::Outstanding;

/// Which side of the link we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// We connected and bind (ESME).
    Client,
    /// We were connected to and are bound to (SMSC).
    Server,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open { deadline: Duration },
    Binding { kind: BindKind, sequence: u32, deadline: Duration },
    Deciding { kind: BindKind, sequence: u32, version: u8, deadline: Duration },
    Bound { kind: BindKind },
    Draining { deadline: Duration },
    Unbinding { sequence: u32, deadline: Duration },
    PeerUnbinding { sequence: u32, deadline: Duration },
    Closed,
}

/// One SMPP session; see the [module](self).
#[derive(Debug)]
pub struct Session {
    role: Role,
    state: State,
    limits: Limits,
    now: Duration,
    framer: Framer,
    events: VecDeque<Event>,
    output: BytesMut,
    outstanding: Outstanding,
    inbound: Inbound,
    last_received: Duration,
    /// Our `enquire_link` on the way: its number and when patience ends.
    enquiry: Option<(u32, Duration)>,
    /// The name of the ESME, between its bind request and our acceptance.
    peer: Bytes,
    keeps_undecodable: bool,
}

impl Session {
    /// A client on a fresh connection; call [`bind`](Self::bind) next.
    #[must_use]
    pub fn client(now: Duration, limits: Limits) -> Self {
        Self::new(Role::Client, now, limits)
    }

    /// A server on a fresh connection; [`Event::BindRequested`] comes next.
    #[must_use]
    pub fn server(now: Duration, limits: Limits) -> Self {
        Self::new(Role::Server, now, limits)
    }

    fn new(role: Role, now: Duration, limits: Limits) -> Self {
        Self {
            role,
            state: State::Open { deadline: now + limits.bind_timeout },
            limits,
            now,
            framer: Framer::new(limits.max_pdu_len),
            events: VecDeque::new(),
            output: BytesMut::new(),
            outstanding: Outstanding::new(limits.max_given_up),
            inbound: Inbound::new(&limits),
            last_received: now,
            enquiry: None,
            peer: Bytes::new(),
            keeps_undecodable: false,
        }
    }

    /// Makes the next request carry this sequence number (1 to 0x7FFFFFFF), for peers that dislike 1.
    #[must_use]
    pub fn starting_at(mut self, sequence: u32) -> Self {
        self.outstanding.start_at(sequence);
        self
    }

    /// Hands undecodable `submit_sm` and `data_sm` over like an undecodable `deliver_sm`, instead of refusing
    /// them: where the peer submits messages that exist nowhere else, a refusal would lose them.
    #[must_use]
    pub fn keeping_undecodable(mut self) -> Self {
        self.keeps_undecodable = true;
        self
    }

    /// Which side we are.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whether messages may travel now.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        matches!(self.state, State::Bound { .. })
    }

    /// Whether the session is over. Pending output should still be written before closing the connection.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Whether the shell should read more: not while the caller has as many unanswered messages as allowed,
    /// too much output waits, or a bind waits for the caller's decision. A shell that reads all the same loses
    /// nothing, but what waits then is bounded by `max_parked` only.
    #[must_use]
    pub fn wants_input(&self) -> bool {
        !matches!(self.state, State::Closed | State::Deciding { .. })
            && self.inbound.has_room()
            && self.output.len() < self.limits.max_output
    }

    /// How many more messages [`submit`](Self::submit) would take now.
    #[must_use]
    pub fn window_room(&self) -> usize {
        if self.may_send() { self.limits.window.saturating_sub(self.outstanding.len()) } else { 0 }
    }

    /// Messages of the peer that the caller has not answered.
    #[must_use]
    pub fn unanswered(&self) -> usize {
        self.inbound.unanswered()
    }

    /// Octets that wait in here: of PDUs not wholly received or without room, and of what is to be written.
    #[must_use]
    pub fn held(&self) -> usize {
        self.framer.buffered() + self.inbound.parked_octets() + self.output.len()
    }

    /// Sends a message: `submit_sm` as client, `deliver_sm` as server. Its [`Event::Outcome`] carries `token`.
    ///
    /// # Errors
    /// The window is full, the session is not bound for sending, or the message cannot be encoded; nothing
    /// was sent then.
    pub fn submit(&mut self, now: Duration, message: &ShortMessage, token: u64) -> Result<(), SubmitError> {
        let body = match self.role {
            Role::Client => Body::SubmitSm(message.clone()),
            Role::Server => Body::DeliverSm(message.clone()),
        };
        self.submit_body(now, body, token)
    }

    /// Sends any message body, for peers that expect `data_sm`, or `deliver_sm` from an ESME.
    ///
    /// # Errors
    /// As [`submit`](Self::submit).
    pub fn submit_body(&mut self, now: Duration, body: Body, token: u64) -> Result<(), SubmitError> {
        self.advance(now);
        if !self.may_send() {
            return Err(SubmitError::NotBound);
        }
        if self.outstanding.len() >= self.limits.window {
            return Err(SubmitError::WindowFull);
        }
        let sequence = self.outstanding.sequence();
        self.send(&Pdu::request(sequence, body))?;
        self.outstanding.insert(sequence, token, self.now + self.limits.response_timeout);
        Ok(())
    }

    /// Answers a message of the peer. Only answer OK what is durable; what cannot be stored gets
    /// [`Status::TEMPORARY_APP_ERROR`] and nothing else.
    ///
    /// # Errors
    /// The session is over (the peer does not learn of it), or no such message waits.
    pub fn respond(
        &mut self,
        id: RequestId,
        status: Status,
        message_id: Option<&[u8]>,
    ) -> Result<(), RespondError> {
        if self.is_closed() {
            return Err(RespondError::Closed);
        }
        if !self.inbound.answer(id) {
            return Err(RespondError::UnknownRequest);
        }
        let written = match message_id {
            Some(message_id) if status.is_ok() => {
                let resp = MessageResp::with_id(Bytes::copy_from_slice(message_id));
                self.send(&Pdu::response(id.sequence, status, message_resp(id.command, resp)))
            }
            _ => {
                self.answer(id.command, id.sequence, status);
                Ok(())
            }
        };
        self.unpark();
        self.continue_unbinding();
        Ok(written?)
    }

    /// Takes octets from the connection.
    pub fn handle_input(&mut self, now: Duration, octets: &[u8]) {
        self.advance(now);
        if !self.is_closed() {
            self.framer.push(octets);
            self.pump();
        }
    }

    /// The connection ended or broke.
    pub fn handle_disconnect(&mut self, now: Duration) {
        self.advance(now);
        self.close(CloseReason::ConnectionLost);
    }

    /// The next event, until there is none.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Moves everything to be written to the end of `out`; says whether there was anything. All answers since
    /// the last call come in one piece, so that they make one write.
    pub fn poll_output(&mut self, out: &mut BytesMut) -> bool {
        if self.output.is_empty() {
            return false;
        }
        if out.is_empty() {
            core::mem::swap(out, &mut self.output);
        } else {
            out.extend_from_slice(&self.output);
        }
        self.output.clear();
        true
    }

    fn may_send(&self) -> bool {
        match (self.state, self.role) {
            (State::Bound { kind }, Role::Client) => kind.esme_sends(),
            (State::Bound { kind }, Role::Server) => kind.esme_receives(),
            _ => false,
        }
    }

    fn advance(&mut self, now: Duration) {
        self.now = self.now.max(now);
    }

    fn send(&mut self, pdu: &Pdu) -> Result<(), EncodeError> {
        pdu.encode(&mut self.output)
    }

    /// Writes the answer of the matching type, with no more of a body than it must have.
    fn answer(&mut self, command: CommandId, sequence: u32, status: Status) {
        let body = match command {
            // SMPP 3.4 §4.6.2: deliver_sm_resp always has its (empty) message_id; §4.4.2: a refusing
            // submit_sm_resp has no body.
            CommandId::DELIVER_SM => message_resp(command, MessageResp::with_id(Bytes::new())),
            CommandId::SUBMIT_SM | CommandId::DATA_SM if status.is_ok() => {
                message_resp(command, MessageResp::with_id(Bytes::new()))
            }
            _ => Body::Other { command: command.response(), body: Bytes::new() },
        };
        // At most seventeen octets without any string of ours: this always encodes.
        let written = self.send(&Pdu::response(sequence, status, body));
        debug_assert!(written.is_ok(), "an answer without strings always encodes");
    }

    fn nack(&mut self, sequence: u32, status: Status) {
        self.answer(CommandId::GENERIC_NACK, sequence, status);
    }

    /// The only way to the end: tells what became of every message we sent, then that it is over.
    fn close(&mut self, reason: CloseReason) {
        if self.is_closed() {
            return;
        }
        self.state = State::Closed;
        self.enquiry = None;
        self.inbound.clear();
        for token in self.outstanding.abandon() {
            self.events.push_back(Event::Outcome { token, outcome: Outcome::Lost });
        }
        self.events.push_back(Event::Closed(reason));
    }
}

fn message_resp(command: CommandId, resp: MessageResp) -> Body {
    match command {
        CommandId::SUBMIT_SM => Body::SubmitSmResp(resp),
        CommandId::DATA_SM => Body::DataSmResp(resp),
        _ => Body::DeliverSmResp(resp),
    }
}

#[cfg(test)]
mod tests;

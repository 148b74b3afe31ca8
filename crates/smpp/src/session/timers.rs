//! What a session does because time has passed (SMPP 3.4 §7.2).

use core::time::Duration;

use super::{CloseReason, CommandId, Event, Outcome, Session, State, Status};
use crate::pdu::{Body, Pdu};

impl Session {
    /// When [`handle_timeout`](Self::handle_timeout) must be called next; `None` when the session is over.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Duration> {
        if self.is_closed() {
            return None;
        }
        let in_state = self.state_deadline();
        let message = self.outstanding.next_deadline();
        let grace = self.inbound.grace_ends(self.limits.full_grace);
        [in_state, message, grace, self.enquire_deadline()].into_iter().flatten().min()
    }

    /// Does what is due at `now`; calling it early does nothing.
    pub fn handle_timeout(&mut self, now: Duration) {
        self.advance(now);
        self.end_grace();
        self.give_up_messages();
        self.enquire();
        if self.state_deadline().is_some_and(|deadline| deadline <= self.now) {
            self.end_state();
        }
    }

    fn state_deadline(&self) -> Option<Duration> {
        match self.state {
            State::Open { deadline }
            | State::Binding { deadline, .. }
            | State::Deciding { deadline, .. }
            | State::Draining { deadline }
            | State::Unbinding { deadline, .. }
            | State::PeerUnbinding { deadline, .. } => Some(deadline),
            State::Bound { .. } | State::Closed => None,
        }
    }

    fn end_state(&mut self) {
        match self.state {
            State::Open { .. } | State::Binding { .. } => self.close(CloseReason::BindTimeout),
            State::Deciding { kind, sequence, .. } => {
                self.answer(kind.request(), sequence, Status::SYSTEM_ERROR);
                self.close(CloseReason::BindTimeout);
            }
            State::Draining { .. } => self.send_unbind(),
            State::Unbinding { .. } => self.close(CloseReason::UnbindTimeout),
            State::PeerUnbinding { sequence, .. } => self.finish_peer_unbind(sequence),
            State::Bound { .. } | State::Closed => {}
        }
    }

    /// Full for too long: whoever waits is told to come again, and so is whoever comes now.
    fn end_grace(&mut self) {
        let ends = self.inbound.grace_ends(self.limits.full_grace);
        if ends.is_some_and(|ends| ends <= self.now) {
            for frame in self.inbound.refuse() {
                self.refuse_for_now(&frame);
            }
        }
    }

    fn give_up_messages(&mut self) {
        while let Some(token) = self.outstanding.give_up(self.now) {
            self.events.push_back(Event::Outcome { token, outcome: Outcome::TimedOut });
        }
        self.continue_unbinding();
    }

    fn enquire_deadline(&self) -> Option<Duration> {
        if !matches!(self.state, State::Bound { .. } | State::Draining { .. }) {
            return None;
        }
        match self.enquiry {
            Some((_, deadline)) => Some(deadline),
            None => Some(self.last_received + self.limits.enquire_interval),
        }
    }

    fn enquire(&mut self) {
        if self.enquire_deadline().is_none_or(|deadline| deadline > self.now) {
            return;
        }
        if !self.inbound.has_room() {
            // We are the one not reading: silence says nothing about the peer.
            self.last_received = self.now;
            self.enquiry =
                self.enquiry.map(|(sequence, _)| (sequence, self.now + self.limits.enquire_timeout));
            return;
        }
        if self.enquiry.is_some() {
            return self.close(CloseReason::EnquireTimeout);
        }
        let sequence = self.outstanding.sequence();
        let written = self.send(&Pdu::request(sequence, Body::EnquireLink));
        debug_assert!(written.is_ok(), "{} has no body", CommandId::ENQUIRE_LINK);
        self.enquiry = Some((sequence, self.now + self.limits.enquire_timeout));
    }
}

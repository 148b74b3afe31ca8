//! What a session does with each PDU it receives.

use super::inbound::Admission;
use super::{CloseReason, Event, Outcome, RequestId, Role, Session, State};
use crate::pdu::{
    BindKind, Body, CommandId, DecodeFailure, Frame, MessageResp, Pdu, ShortMessage, Status, decode,
};

impl Session {
    /// Deals with every whole PDU received, except while a bind waits for the caller.
    pub(super) fn pump(&mut self) {
        while !matches!(self.state, State::Closed | State::Deciding { .. }) {
            match self.framer.next_frame() {
                Ok(Some(frame)) => self.receive(frame),
                Ok(None) => break,
                Err(error) => {
                    // Whose number it was cannot be known any more (SMPP 3.4 §4.3.1).
                    self.nack(0, Status::INVALID_COMMAND_LENGTH);
                    self.close(CloseReason::Unframeable(error));
                }
            }
        }
    }

    fn receive(&mut self, frame: Frame) {
        self.last_received = self.now;
        if let Some((_, deadline)) = &mut self.enquiry {
            // Any PDU is a sign of life; a busy peer may answer our enquiry late.
            *deadline = self.now + self.limits.enquire_timeout;
        }
        match frame.header().command {
            CommandId::DELIVER_SM | CommandId::SUBMIT_SM | CommandId::DATA_SM => self.receive_message(frame),
            command if command.is_response() => self.receive_response(&frame),
            _ => self.receive_request(&frame),
        }
    }

    fn receive_message(&mut self, frame: Frame) {
        let header = frame.header();
        if let Some(refusal) = self.refusal(header.command) {
            self.answer(header.command, header.sequence, refusal);
            return;
        }
        match self.inbound.arrive(frame) {
            Admission::Admit(frame) => self.admit(frame),
            Admission::Parked => {}
            Admission::Refuse(frame) => self.refuse_for_now(&frame),
        }
    }

    /// Why the state does not allow this message now, if it does not (SMPP 3.4 §2.3).
    fn refusal(&self, command: CommandId) -> Option<Status> {
        let allowed = match self.state {
            State::Open { .. } | State::Binding { .. } | State::Deciding { .. } | State::Closed => false,
            // We are leaving: the peer shall try again, elsewhere or later.
            State::Draining { .. } | State::Unbinding { .. } | State::PeerUnbinding { .. } => {
                return Some(Status::TEMPORARY_APP_ERROR);
            }
            State::Bound { kind } => match self.role {
                Role::Client => kind.esme_receives() && command != CommandId::SUBMIT_SM,
                // deliver_sm is not an ESME's to send, but a citizen's text is not lost for that.
                Role::Server => kind.esme_sends(),
            },
        };
        (!allowed).then_some(Status::INCORRECT_BIND_STATUS)
    }

    /// Hands a message to the caller, or refuses one that makes no sense.
    fn admit(&mut self, frame: Frame) {
        let header = frame.header();
        let id = RequestId { command: header.command, sequence: header.sequence };
        let event = match decode(&frame).map(into_message) {
            Ok(Some(message)) => Event::Message { id, message: Box::new(message), raw: frame.raw().clone() },
            Err(failure) if header.command == CommandId::DELIVER_SM || self.keeps_undecodable => {
                Event::UndecodableDeliver { id, failure, raw: frame.raw().clone() }
            }
            Err(failure) => {
                self.answer(header.command, header.sequence, failure.error.status());
                return;
            }
            Ok(None) => {
                self.nack(header.sequence, Status::INVALID_COMMAND);
                return;
            }
        };
        self.inbound.hand_over(id, self.now);
        self.events.push_back(event);
    }

    pub(super) fn refuse_for_now(&mut self, frame: &Frame) {
        let header = frame.header();
        self.answer(header.command, header.sequence, Status::TEMPORARY_APP_ERROR);
    }

    /// Admits waiting messages while there is room.
    pub(super) fn unpark(&mut self) {
        while let Some(frame) = self.inbound.unpark() {
            self.admit(frame);
        }
    }

    fn receive_request(&mut self, frame: &Frame) {
        let header = frame.header();
        let (command, sequence) = (header.command, header.sequence);
        match decode(frame).map(|pdu| pdu.body) {
            Ok(Body::EnquireLink) => self.answer(command, sequence, Status::OK),
            Ok(Body::Unbind) => self.receive_unbind(sequence),
            Ok(Body::Bind(kind, bind)) => match (self.role, self.state) {
                (Role::Server, State::Open { deadline }) => {
                    self.state =
                        State::Deciding { kind, sequence, version: bind.interface_version, deadline };
                    self.peer = bind.system_id.clone();
                    self.events.push_back(Event::BindRequested { kind, bind });
                }
                (Role::Server, _) => self.answer(command, sequence, Status::ALREADY_BOUND),
                (Role::Client, _) => self.answer(command, sequence, Status::INCORRECT_BIND_STATUS),
            },
            Ok(Body::Outbind(outbind)) => match (self.role, self.state) {
                (Role::Client, State::Open { .. }) => self.events.push_back(Event::Outbind(outbind)),
                _ => self.nack(sequence, Status::INCORRECT_BIND_STATUS),
            },
            Ok(Body::AlertNotification(alert)) => self.events.push_back(Event::Alert(Box::new(alert))),
            Ok(_) => self.refuse_command(command, sequence),
            Err(failure) => self.refuse_undecodable(&failure),
        }
    }

    fn receive_unbind(&mut self, sequence: u32) {
        match self.state {
            State::Bound { .. } | State::Draining { .. } => {
                self.state =
                    State::PeerUnbinding { sequence, deadline: self.now + self.limits.drain_timeout };
                self.continue_unbinding();
            }
            // Both sides unbind at once, or the peer repeats itself: agree.
            State::Unbinding { .. } | State::PeerUnbinding { .. } => {
                self.answer(CommandId::UNBIND, sequence, Status::OK);
            }
            State::Open { .. } | State::Binding { .. } | State::Deciding { .. } | State::Closed => {
                self.answer(CommandId::UNBIND, sequence, Status::INCORRECT_BIND_STATUS);
            }
        }
    }

    /// Known requests we do not serve get the refusal of their own type, unknown ones `generic_nack`
    /// (SMPP 3.4 §4.3).
    fn refuse_command(&mut self, command: CommandId, sequence: u32) {
        let status = match command {
            CommandId::QUERY_SM => Status::QUERY_FAILED,
            CommandId::CANCEL_SM => Status::CANCEL_FAILED,
            CommandId::REPLACE_SM => Status::REPLACE_FAILED,
            CommandId::SUBMIT_MULTI => Status::SUBMIT_FAILED,
            _ => return self.nack(sequence, Status::INVALID_COMMAND),
        };
        let status = if self.is_bound() { status } else { Status::INCORRECT_BIND_STATUS };
        self.answer(command, sequence, status);
    }

    fn refuse_undecodable(&mut self, failure: &DecodeFailure) {
        let (command, sequence) = (failure.header.command, failure.header.sequence);
        let status = failure.error.status();
        match command {
            CommandId::BIND_RECEIVER | CommandId::BIND_TRANSMITTER | CommandId::BIND_TRANSCEIVER => {
                self.answer(command, sequence, status);
            }
            // outbind and alert_notification have no response of their own.
            _ => self.nack(sequence, status),
        }
    }

    fn receive_response(&mut self, frame: &Frame) {
        let header = frame.header();
        let (command, sequence) = (header.command, header.sequence);
        // A nack never means acceptance, whatever status it carries.
        let status = match (command, header.status) {
            (CommandId::GENERIC_NACK, Status::OK) => Status::UNKNOWN_ERROR,
            (_, status) => status,
        };
        // An unreadable body loses the id, not the answer.
        let body = decode(frame).map(|pdu| pdu.body).ok();
        match self.state {
            State::Binding { kind, sequence: ours, .. } if ours == sequence && answers_bind(command) => {
                return self.receive_bind_resp(kind, status, body);
            }
            State::Unbinding { sequence: ours, .. }
                if ours == sequence
                    && matches!(command, CommandId::UNBIND_RESP | CommandId::GENERIC_NACK) =>
            {
                return self.close(CloseReason::Unbound);
            }
            _ => {}
        }
        if self.enquiry.is_some_and(|(ours, _)| ours == sequence)
            && matches!(command, CommandId::ENQUIRE_LINK_RESP | CommandId::GENERIC_NACK)
        {
            self.enquiry = None;
            return;
        }
        if !answers_message(command) {
            self.events.push_back(Event::Unmatched { command, sequence, status });
            return;
        }
        let message_id = body.and_then(into_resp).and_then(|resp| resp.message_id);
        if let Some(token) = self.outstanding.take(sequence) {
            let outcome = Outcome::Answered { status, message_id };
            self.events.push_back(Event::Outcome { token, outcome });
            self.continue_unbinding();
        } else if let Some(token) = self.outstanding.take_given_up(sequence) {
            self.events.push_back(Event::LateAnswer { token, status, message_id });
        } else {
            self.events.push_back(Event::Unmatched { command, sequence, status });
        }
    }

    fn receive_bind_resp(&mut self, kind: BindKind, status: Status, body: Option<Body>) {
        if !status.is_ok() {
            return self.close(CloseReason::BindRefused(status));
        }
        let resp = match body {
            Some(Body::BindResp(_, resp)) => resp,
            _ => Default::default(),
        };
        self.state = State::Bound { kind };
        let version = resp.version();
        self.events.push_back(Event::Bound { kind, peer: resp.system_id.unwrap_or_default(), version });
    }
}

fn into_message(pdu: Pdu) -> Option<ShortMessage> {
    match pdu.body {
        Body::DeliverSm(message) | Body::SubmitSm(message) => Some(message),
        Body::DataSm(message) => Some(message.into_short_message()),
        _ => None,
    }
}

fn into_resp(body: Body) -> Option<MessageResp> {
    match body {
        Body::SubmitSmResp(resp) | Body::DeliverSmResp(resp) | Body::DataSmResp(resp) => Some(resp),
        _ => None,
    }
}

fn answers_bind(command: CommandId) -> bool {
    matches!(
        command,
        CommandId::BIND_RECEIVER_RESP
            | CommandId::BIND_TRANSMITTER_RESP
            | CommandId::BIND_TRANSCEIVER_RESP
            | CommandId::GENERIC_NACK
    )
}

/// Some stacks answer a `deliver_sm` with `submit_sm_resp`; the number is ours, so it is the answer.
fn answers_message(command: CommandId) -> bool {
    matches!(
        command,
        CommandId::SUBMIT_SM_RESP
            | CommandId::DELIVER_SM_RESP
            | CommandId::DATA_SM_RESP
            | CommandId::GENERIC_NACK
    )
}

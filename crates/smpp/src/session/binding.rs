//! Binding and unbinding (SMPP 3.4 §2.2, §4.1, §4.2): the calls that change who may send.

use core::time::Duration;

use bytes::Bytes;

use super::{CloseReason, Event, Role, Session, State, WrongState};
use crate::pdu::{Bind, BindKind, BindResp, Body, CommandId, Pdu, Status, Tlvs, tag};

/// The version we speak, as `sc_interface_version` says it.
const OUR_VERSION: u8 = 0x34;

impl Session {
    /// Sends the bind (client).
    ///
    /// # Errors
    /// We are no client, or a bind was sent before.
    pub fn bind(&mut self, now: Duration, kind: BindKind, bind: Bind) -> Result<(), WrongState> {
        self.advance(now);
        let (Role::Client, State::Open { deadline }) = (self.role, self.state) else {
            return Err(WrongState);
        };
        let sequence = self.outstanding.sequence();
        self.send(&Pdu::request(sequence, Body::Bind(kind, bind))).map_err(|_| WrongState)?;
        self.state = State::Binding { kind, sequence, deadline };
        Ok(())
    }

    /// Lets the peer in (server); `system_id` is our name.
    ///
    /// # Errors
    /// No bind waits for a decision: it may have timed out.
    pub fn accept_bind(&mut self, now: Duration, system_id: &str) -> Result<(), WrongState> {
        self.advance(now);
        let State::Deciding { kind, sequence, version, .. } = self.state else {
            return Err(WrongState);
        };
        let mut tlvs = Tlvs::new();
        if version >= 0x34 {
            // A peer of version 3.3 must not be sent optional parameters (SMPP 3.4 §3.4).
            tlvs.push(tag::SC_INTERFACE_VERSION, vec![OUR_VERSION]);
        }
        let system_id = Some(Bytes::copy_from_slice(system_id.as_bytes()));
        let body = Body::BindResp(kind, BindResp { system_id, tlvs });
        self.send(&Pdu::response(sequence, Status::OK, body)).map_err(|_| WrongState)?;
        self.state = State::Bound { kind };
        self.last_received = self.now;
        let peer = core::mem::take(&mut self.peer);
        self.events.push_back(Event::Bound { kind, peer, version: Some(version) });
        self.pump();
        Ok(())
    }

    /// Refuses the peer's bind and ends the session (server).
    ///
    /// # Errors
    /// No bind waits for a decision.
    pub fn reject_bind(&mut self, now: Duration, status: Status) -> Result<(), WrongState> {
        self.advance(now);
        let State::Deciding { kind, sequence, .. } = self.state else {
            return Err(WrongState);
        };
        self.answer(kind.request(), sequence, status);
        self.close(CloseReason::BindRejected(status));
        Ok(())
    }

    /// Begins an orderly end: takes no new messages, waits for those on the way, unbinds.
    pub fn unbind(&mut self, now: Duration) {
        self.advance(now);
        match self.state {
            State::Bound { .. } => {
                self.state = State::Draining { deadline: self.now + self.limits.drain_timeout };
                self.continue_unbinding();
            }
            State::Open { .. } | State::Binding { .. } | State::Deciding { .. } => {
                self.close(CloseReason::Unbound)
            }
            State::Draining { .. }
            | State::Unbinding { .. }
            | State::PeerUnbinding { .. }
            | State::Closed => {}
        }
    }

    /// Takes the next step of an unbinding when nothing is on the way any more.
    pub(super) fn continue_unbinding(&mut self) {
        match self.state {
            State::Draining { .. } if self.inbound.is_idle() && self.outstanding.len() == 0 => {
                self.send_unbind()
            }
            State::PeerUnbinding { sequence, .. } if self.inbound.is_idle() => {
                self.finish_peer_unbind(sequence)
            }
            _ => {}
        }
    }

    pub(super) fn send_unbind(&mut self) {
        let sequence = self.outstanding.sequence();
        let written = self.send(&Pdu::request(sequence, Body::Unbind));
        debug_assert!(written.is_ok(), "an unbind has no body");
        self.state = State::Unbinding { sequence, deadline: self.now + self.limits.unbind_timeout };
    }

    pub(super) fn finish_peer_unbind(&mut self, sequence: u32) {
        self.answer(CommandId::UNBIND, sequence, Status::OK);
        self.close(CloseReason::PeerUnbound);
    }
}

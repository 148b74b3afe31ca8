//! One session from its connection to its end: binding, then events, answers and messages, whichever side
//! we are.

use std::sync::Arc;
use std::time::Duration;

use canhgiac_smpp::pdu::{Bind, BindKind, Status};
use canhgiac_smpp::session::{CloseReason, Event, Outcome, Session};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use super::inbound::Inbound;
use super::link::Link;
use super::membership::Membership;
use super::redelivery::SessionKey;
use super::wire::{Turn, Wire};

/// Our name towards those who bind to us.
const SYSTEM_ID: &str = "canhgiac";

/// Drives a connection until it is bound. `decide` says whether a peer that binds may come in.
pub(super) async fn until_bound(
    wire: &mut Wire,
    stop: &CancellationToken,
    mut decide: impl FnMut(BindKind, &Bind) -> Result<(), Status>,
) -> Result<(), CloseReason> {
    let mut is_stopping = false;
    loop {
        while let Some(event) = wire.session.poll_event() {
            match event {
                Event::BindRequested { kind, bind } => {
                    let now = wire.now();
                    let decided = match decide(kind, &bind) {
                        Ok(()) => wire.session.accept_bind(now, SYSTEM_ID),
                        Err(status) => wire.session.reject_bind(now, status),
                    };
                    if decided.is_err() {
                        tracing::debug!("a bind timed out while it was decided");
                    }
                }
                Event::Bound { .. } => return Ok(()),
                Event::Closed(reason) => return Err(reason),
                _ => {}
            }
        }
        wire.fill();
        tokio::select! {
            _ = wire.turn(true) => {}
            () = stop.cancelled(), if !is_stopping => {
                is_stopping = true;
                let now = wire.now();
                wire.session.unbind(now);
            }
        }
    }
}

/// Drives a bound session to its end, and sees to it that nothing of it is left open.
/// `seat` is kept until the link's sender knows that the session is over.
pub(super) async fn run_bound(
    mut wire: Wire,
    link: Arc<Link>,
    seat: Option<OwnedSemaphorePermit>,
    stop: &CancellationToken,
) -> CloseReason {
    let key = SessionKey { number: link.redelivery.next_session(), bound_us: link.app.clock.steady_us() };
    let counted = Counted::new(&link);
    let mut inbound = Inbound::new(link.clone(), key);
    // What binds a session also shows that the peer is there.
    inbound.heard(wire.now());
    let can_send = wire.session.window_room() > 0;
    let membership = Membership::join(link.clone(), key.number, can_send, seat);
    tracing::info!(link = link.name(), session = key.number, "a session is bound");
    let reason = Running { wire: &mut wire, link: &link, inbound: &mut inbound, membership }.run(stop).await;
    tracing::info!(link = link.name(), session = key.number, %reason, "a session is over");
    drop(counted);
    wire.finish(link.limits.flush_within, link.limits.linger).await;
    inbound.queued(wire.queued());
    inbound.written(wire.written(), wire.now());
    inbound.settle(matches!(reason, CloseReason::Unbound | CloseReason::PeerUnbound)).await;
    reason
}

/// A bound session at work.
struct Running<'a> {
    wire: &'a mut Wire,
    link: &'a Arc<Link>,
    inbound: &'a mut Inbound,
    membership: Membership,
}

impl Running<'_> {
    async fn run(mut self, stop: &CancellationToken) -> CloseReason {
        let mut is_stopping = false;
        loop {
            while let Some(event) = self.wire.session.poll_event() {
                if let Event::Closed(reason) = event {
                    return reason;
                }
                self.take(event);
            }
            if self.wire.fill() {
                self.inbound.queued(self.wire.queued());
            }
            let may_read = self.inbound.may_read();
            tokio::select! {
                turn = self.wire.turn(may_read) => {
                    let now = self.wire.now();
                    match turn {
                        Turn::Heard => self.inbound.heard(now),
                        Turn::Wrote => self.inbound.written(self.wire.written(), now),
                        Turn::Other => {}
                    }
                }
                step = self.inbound.next() => self.inbound.apply(step, &mut self.wire.session),
                outgoing = self.membership.next() => {
                    let now = self.wire.now();
                    self.membership.send(&mut self.wire.session, now, outgoing);
                }
                () = stop.cancelled(), if !is_stopping => {
                    is_stopping = true;
                    self.unbind();
                }
            }
        }
    }

    fn take(&mut self, event: Event) {
        let session: &mut Session = &mut self.wire.session;
        match event {
            Event::Message { id, message, raw } => self.inbound.message(session, id, &message, raw),
            Event::UndecodableDeliver { id, raw, .. } => self.inbound.undecodable(session, id, raw),
            Event::Outcome { token, outcome } => {
                let is_unbound =
                    matches!(outcome, Outcome::Answered { status: Status::INCORRECT_BIND_STATUS, .. });
                self.membership.outcome(token, outcome);
                if is_unbound {
                    tracing::warn!(
                        link = self.link.name(),
                        "the peer says that we are not bound; binding again"
                    );
                    self.unbind();
                }
            }
            Event::LateAnswer { token, status, message_id } => {
                self.membership.late_answer(token, status, message_id);
            }
            Event::Unmatched { command, sequence, status } => {
                tracing::debug!(link = self.link.name(), %command, sequence, %status, "an answer to nothing we asked");
            }
            // Nothing of ours depends on a subscriber being reachable again; the others came before the bind.
            Event::Alert(_)
            | Event::Bound { .. }
            | Event::BindRequested { .. }
            | Event::Outbind(_)
            | Event::Closed(_) => {}
        }
    }

    fn unbind(&mut self) {
        let now: Duration = self.wire.now();
        self.wire.session.unbind(now);
    }
}

/// Counts a session as bound for as long as it lives.
struct Counted<'a>(&'a Link);

impl<'a> Counted<'a> {
    fn new(link: &'a Link) -> Counted<'a> {
        link.figures.bound();
        Counted(link)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.figures.unbound();
    }
}

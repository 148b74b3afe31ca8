//! A session's place among those through which its link sends: messages come here, and what became of them
//! goes back. However the session ends, its sender learns of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use canhgiac_smpp::pdu::{ShortMessage, Status};
use canhgiac_smpp::session::{Outcome, Session, SubmitError};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::link::Link;
use super::outbound::Notice;
use super::words;

/// A message for one session.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) seq: i64,
    pub(super) message: ShortMessage,
}

/// The place. Dropping it gives it up.
#[derive(Debug)]
pub(super) struct Membership {
    link: Arc<Link>,
    session: u64,
    outgoing: mpsc::Receiver<Outgoing>,
    /// Room among the bound sessions of a server link.
    seat: Option<OwnedSemaphorePermit>,
}

impl Membership {
    /// Offers a session to its link's sender, when messages may travel that way.
    pub(super) fn join(
        link: Arc<Link>,
        session: u64,
        can_send: bool,
        seat: Option<OwnedSemaphorePermit>,
    ) -> Membership {
        let (to, outgoing) = mpsc::channel(link.window());
        let membership = Membership { link, session, outgoing, seat };
        if can_send {
            membership.tell(Notice::Joined { session, to });
        }
        membership
    }

    /// The next message to send; never, when none will come.
    pub(super) async fn next(&mut self) -> Outgoing {
        match self.outgoing.recv().await {
            Some(outgoing) => outgoing,
            None => std::future::pending().await,
        }
    }

    /// Sends it, and those that wait behind it, in one piece.
    pub(super) fn send(&mut self, session: &mut Session, now: Duration, first: Outgoing) {
        let mut next = Some(first);
        while let Some(Outgoing { seq, message }) = next {
            // Rows are numbered from 1.
            let token = seq.unsigned_abs();
            match session.submit(now, &message, token) {
                Ok(()) => {}
                Err(SubmitError::Encode(_)) => self.tell(Notice::Unsendable {
                    session: self.session,
                    seq,
                    reason: words::not_encodable(),
                }),
                Err(error @ (SubmitError::WindowFull | SubmitError::NotBound)) => {
                    let is_leaving = error == SubmitError::NotBound;
                    self.tell(Notice::NotWritten { session: self.session, seq, is_leaving });
                }
            }
            next = self.outgoing.try_recv().ok();
        }
    }

    /// What became of a message.
    pub(super) fn outcome(&self, token: u64, outcome: Outcome) {
        self.tell(Notice::Outcome { session: self.session, seq: seq_of(token), outcome });
    }

    /// An answer to a message given up before.
    pub(super) fn late_answer(&self, token: u64, status: Status, message_id: Option<Bytes>) {
        tracing::info!(link = self.link.name(), message = seq_of(token), %status, "an answer came late");
        if status.is_ok() {
            self.tell(Notice::Late { seq: seq_of(token), message_id });
        }
    }

    fn tell(&self, notice: Notice) {
        // The sender outlives its sessions; when the gateway was cut short, it marks what is open at the next start.
        let _ = self.link.notices.send(notice);
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.outgoing.close();
        while let Ok(Outgoing { seq, .. }) = self.outgoing.try_recv() {
            self.tell(Notice::NotWritten { session: self.session, seq, is_leaving: true });
        }
        let seat = self.seat.take();
        self.tell(Notice::Left { session: self.session, seat });
    }
}

fn seq_of(token: u64) -> i64 {
    i64::try_from(token).unwrap_or(i64::MAX)
}

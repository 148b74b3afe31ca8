//! What a session tells its caller.

use bytes::Bytes;

use crate::pdu::{
    AlertNotification, Bind, BindKind, CommandId, DecodeFailure, EncodeError, FrameError, Outbind,
    ShortMessage, Status,
};

/// A message of the peer that waits for [`Session::respond`](super::Session::respond).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId {
    /// `deliver_sm`, `submit_sm` or `data_sm`.
    pub command: CommandId,
    /// The peer's sequence number, however odd; peers may even repeat one.
    pub sequence: u32,
}

/// Something that happened; taken with [`Session::poll_event`](super::Session::poll_event).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The bind stands: messages may travel.
    Bound {
        /// Which way.
        kind: BindKind,
        /// The peer's name: the SMSC's for a client, the ESME's for a server.
        peer: Bytes,
        /// The interface version the peer claims, if it does.
        version: Option<u8>,
    },
    /// A client wants to bind; answer with `accept_bind` or `reject_bind`. Nothing else is read until then.
    BindRequested {
        /// Which way messages shall travel.
        kind: BindKind,
        /// Name, password and version.
        bind: Bind,
    },
    /// An SMSC asks us to bind, on a connection it opened.
    Outbind(Outbind),
    /// A message; answer it with `respond` once it is durable.
    Message {
        /// What to answer.
        id: RequestId,
        /// The decoded message; a `data_sm` comes in the same shape.
        message: Box<ShortMessage>,
        /// The whole PDU as received.
        raw: Bytes,
    },
    /// A `deliver_sm` whose body cannot be decoded: store it raw, answer it OK, show it to a person. The other
    /// two messages come like this only after [`Session::keeping_undecodable`](super::Session::keeping_undecodable).
    UndecodableDeliver {
        /// What to answer.
        id: RequestId,
        /// What failed, and what could be read before.
        failure: Box<DecodeFailure>,
        /// The whole PDU as received.
        raw: Bytes,
    },
    /// What became of a message we sent; exactly once for every accepted `submit`.
    Outcome {
        /// The caller's token.
        token: u64,
        /// What became of it.
        outcome: Outcome,
    },
    /// The answer to a message already reported as timed out.
    LateAnswer {
        /// The caller's token.
        token: u64,
        /// The peer's status.
        status: Status,
        /// The peer's id.
        message_id: Option<Bytes>,
    },
    /// A subscriber is reachable again.
    Alert(Box<AlertNotification>),
    /// A response that answers nothing we asked, worth a log line.
    Unmatched {
        /// Its command.
        command: CommandId,
        /// Its sequence number.
        sequence: u32,
        /// Its status.
        status: Status,
    },
    /// The session is over; no event follows. Pending output may still be written.
    Closed(CloseReason),
}

/// What became of a message we sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The peer answered.
    Answered {
        /// `ESME_ROK` or the refusal; `throttle::classify` says what to do.
        status: Status,
        /// The peer's id, by which a receipt will name the message.
        message_id: Option<Bytes>,
    },
    /// No answer in time: it may or may not have been taken.
    TimedOut,
    /// The session ended before the answer: it may or may not have been taken.
    Lost,
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CloseReason {
    /// We unbound and the peer agreed, or we stopped before we were bound.
    #[error("we unbound")]
    Unbound,
    /// The peer unbound and was answered.
    #[error("the peer unbound")]
    PeerUnbound,
    /// The peer closed the connection, or it broke.
    #[error("the connection ended")]
    ConnectionLost,
    /// The SMSC refused our bind.
    #[error("the bind was refused with {0}")]
    BindRefused(Status),
    /// We refused the peer's bind.
    #[error("we refused the bind with {0}")]
    BindRejected(Status),
    /// Nobody bound in time.
    #[error("no bind in time")]
    BindTimeout,
    /// The peer showed no sign of life after `enquire_link`.
    #[error("no answer to enquire_link")]
    EnquireTimeout,
    /// The peer did not answer our `unbind`.
    #[error("no answer to unbind")]
    UnbindTimeout,
    /// The stream cannot be cut into PDUs any more.
    #[error("the stream cannot be framed: {0}")]
    Unframeable(FrameError),
}

/// Why a message was not taken for sending; it is still the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// As many messages as the window allows are unanswered.
    #[error("the window is full")]
    WindowFull,
    /// Not bound, unbinding, or bound for the other direction only.
    #[error("the session is not bound for sending")]
    NotBound,
    /// The message cannot be written as a PDU.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// Why an answer was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RespondError {
    /// The session is over: the peer was not told, and will send the message again.
    #[error("the session is over")]
    Closed,
    /// No such message waits for an answer.
    #[error("no such message waits for an answer")]
    UnknownRequest,
    /// The message id cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// A call that the session's state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the session's state does not allow this")]
pub struct WrongState;

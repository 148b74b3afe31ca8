//! Outgoing SMS and jobs.

use super::SealedNumber;

/// An SMS to be written into the outbox.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Two messages with one key are one message.
    pub unique_key: String,
    /// `reply`, `outcome`, `broadcast` or `code`.
    pub purpose: String,
    /// `report:<seq>`, `case:<number>`, `bulletin:<id>`.
    pub object: String,
    /// To whom.
    pub to: SealedNumber,
    /// Words, one segment.
    pub text: String,
    /// Through which link.
    pub link: String,
    /// From which code.
    pub from_code: String,
    /// Not before.
    pub run_us: i64,
}

/// How many replies one number gets a day, and the last one that says so.
#[derive(Debug, Clone)]
pub struct ReplyLimit {
    /// Replies a day.
    pub per_day: i64,
    /// Beginning of the day.
    pub day_start_us: i64,
    /// What the reply at the limit says instead.
    pub last_text: String,
}

/// An SMS in the outbox.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MessageRow {
    /// Internal number.
    pub seq: i64,
    /// `reply`, `outcome`, `broadcast` or `code`.
    pub purpose: String,
    /// `report:<seq>`, `case:<number>`, `bulletin:<id>`.
    pub object: String,
    /// Keyed hash of the recipient's number.
    pub to_hash: Vec<u8>,
    /// The recipient's number, encrypted.
    pub to_sealed: Vec<u8>,
    /// Words.
    pub text: String,
    /// Link.
    pub link: String,
    /// Code it comes from.
    pub from_code: String,
    /// `planned`, `sending`, `sent`, `delivered`, `failed` or `uncertain`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it failed or waits.
    pub error: Option<String>,
    /// When it was planned.
    pub created_us: i64,
    /// When the operator took it.
    pub sent_us: Option<i64>,
    /// When its fate was known.
    pub done_us: Option<i64>,
}

/// What became of one attempt to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The operator took it under this (normalised) id.
    Sent {
        /// Id the operator gave.
        remote_id: String,
    },
    /// Not taken; try again at this instant.
    Retry {
        /// Not before.
        run_us: i64,
        /// Why.
        error: String,
    },
    /// Not taken and never will be.
    Failed {
        /// Why.
        error: String,
    },
    /// It may or may not have left.
    Uncertain {
        /// Why.
        error: String,
    },
}

/// What a delivery receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReceipt {
    /// Link it came by.
    pub link: String,
    /// Normalised id of the message.
    pub remote_id: String,
    /// It reached the phone.
    pub is_delivered: bool,
    /// It will not reach the phone (false and not delivered: still under way).
    pub is_final: bool,
    /// Why not.
    pub error: Option<String>,
}

/// A job, claimed or listed.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct JobRow {
    /// Internal number.
    pub seq: i64,
    /// Which handler.
    pub kind: String,
    /// JSON for the handler.
    pub payload: String,
    /// `ready`, `done` or `dead`.
    pub state: String,
    /// Not before.
    pub run_us: i64,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// Why it failed last.
    pub error: Option<String>,
    /// When it was written.
    pub created_us: i64,
}

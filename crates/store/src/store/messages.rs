//! The outbox of SMS. Sending cannot be made idempotent: a message is marked *sending* durably
//! before it leaves; what is still *sending* after a crash is *uncertain* and is not sent again.

use uuid::Uuid;

use super::{Backend, Store, both};
use crate::{Count, DeliveryReceipt, MessageRow, NewMessage, Page, ReplyLimit, SendOutcome, StoreError};

impl Store {
    /// Writes messages that belong to no job.
    ///
    /// # Errors
    /// What the database said.
    pub async fn add_messages(
        &self,
        messages: &[NewMessage],
        limit: Option<&ReplyLimit>,
        now_us: i64,
    ) -> Result<(), StoreError> {
        both!(self, add_messages(messages, limit, now_us))
    }

    /// Takes up to `limit` due messages of a link and marks them as *sending* by the process
    /// `sender`, durably.
    ///
    /// # Errors
    /// What the database said; then none is marked.
    pub async fn claim_messages(
        &self,
        link: &str,
        sender: Uuid,
        limit: i64,
        now_us: i64,
    ) -> Result<Vec<MessageRow>, StoreError> {
        both!(self, claim_messages(link, sender, limit, now_us))
    }

    /// Notes what became of messages of a link that were *sending*. An answer that comes after one was
    /// given up as uncertain still says what became of it; nothing makes it leave again.
    ///
    /// # Errors
    /// What the database said.
    pub async fn finish_messages(
        &self,
        link: &str,
        outcomes: &[(i64, SendOutcome)],
        now_us: i64,
    ) -> Result<(), StoreError> {
        both!(self, finish_messages(link, outcomes, now_us))
    }

    /// After a start: what was *sending* when the program died may or may not have left.
    /// Returns how many were marked.
    ///
    /// # Errors
    /// What the database said.
    pub async fn mark_interrupted_messages(&self, now_us: i64) -> Result<u64, StoreError> {
        both!(self, mark_interrupted_messages(now_us))
    }

    /// Notes a delivery receipt; parks it when the message it names is not known yet. One that comes again
    /// changes nothing.
    ///
    /// # Errors
    /// What the database said.
    pub async fn note_receipt(&self, receipt: &DeliveryReceipt, now_us: i64) -> Result<(), StoreError> {
        both!(self, note_receipt(receipt, now_us))
    }

    /// The first of these (normalised) ids under which the operator of a link took a message: receipts may
    /// write an id otherwise than the answer did.
    ///
    /// # Errors
    /// What the database said.
    pub async fn known_remote_id(
        &self,
        link: &str,
        candidates: &[String],
    ) -> Result<Option<String>, StoreError> {
        both!(self, known_remote_id(link, candidates))
    }

    /// Messages in one of these states (all when empty), newest first.
    ///
    /// # Errors
    /// What the database said.
    pub async fn messages(&self, states: &[&str], page: Page) -> Result<Vec<MessageRow>, StoreError> {
        both!(self, messages(states, page))
    }

    /// Messages about one object (`report:<seq>`, `case:<number>`, `bulletin:<id>`), oldest first.
    ///
    /// # Errors
    /// What the database said.
    pub async fn messages_about(&self, object: &str, page: Page) -> Result<Vec<MessageRow>, StoreError> {
        both!(self, messages_about(object, page))
    }

    /// How many messages about one object are in which state.
    ///
    /// # Errors
    /// What the database said.
    pub async fn message_counts(&self, object: &str) -> Result<Vec<Count>, StoreError> {
        both!(self, message_counts(object))
    }

    /// How many messages wait to be sent on each link.
    ///
    /// # Errors
    /// What the database said.
    pub async fn messages_planned(&self) -> Result<Vec<Count>, StoreError> {
        both!(self, messages_planned())
    }
}

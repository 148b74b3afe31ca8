//! Warnings and those who asked to be told.

use uuid::Uuid;

use super::{Backend, Store, both};
use crate::{BulletinRow, BulletinText, NewAudit, Page, StoreError, SubscriberRow};

impl Store {
    /// Begins a warning.
    ///
    /// # Errors
    /// What the database said.
    pub async fn add_bulletin(
        &self,
        id: Uuid,
        case_number: Option<i64>,
        text: &BulletinText,
        author: Uuid,
        audit: &NewAudit,
    ) -> Result<(), StoreError> {
        both!(self, add_bulletin(id, case_number, text, author, audit))
    }

    /// Changes a draft's words; whoever does so becomes one of its authors.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it changed in between or is no longer a draft.
    pub async fn edit_bulletin(
        &self,
        id: Uuid,
        expected_version: i64,
        text: &BulletinText,
        author: Uuid,
        audit: &NewAudit,
    ) -> Result<(), StoreError> {
        both!(self, edit_bulletin(id, expected_version, text, author, audit))
    }

    /// Publishes a draft and plans its broadcast, in one transaction.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it changed in between or is no longer a draft.
    pub async fn publish_bulletin(
        &self,
        id: Uuid,
        expected_version: i64,
        approver: Uuid,
        audit: &NewAudit,
    ) -> Result<(), StoreError> {
        both!(self, publish_bulletin(id, expected_version, approver, audit))
    }

    /// Withdraws a draft or a published warning; what is planned and not sent is not sent.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it changed in between.
    pub async fn cancel_bulletin(
        &self,
        id: Uuid,
        expected_version: i64,
        audit: &NewAudit,
    ) -> Result<(), StoreError> {
        both!(self, cancel_bulletin(id, expected_version, audit))
    }

    /// One warning.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn bulletin(&self, id: Uuid) -> Result<BulletinRow, StoreError> {
        both!(self, bulletin(id))
    }

    /// All who wrote any of its words.
    ///
    /// # Errors
    /// What the database said.
    pub async fn bulletin_authors(&self, id: Uuid) -> Result<Vec<Uuid>, StoreError> {
        both!(self, bulletin_authors(id))
    }

    /// Warnings in one of these states (all when empty): newest first.
    ///
    /// # Errors
    /// What the database said.
    pub async fn bulletins(&self, states: &[&str], page: Page) -> Result<Vec<BulletinRow>, StoreError> {
        both!(self, bulletins(states, page))
    }

    /// Subscribers after `after` in the order of their hashes: a page of a broadcast.
    ///
    /// # Errors
    /// What the database said.
    pub async fn subscribers_after(
        &self,
        after: &[u8],
        limit: i64,
    ) -> Result<Vec<SubscriberRow>, StoreError> {
        both!(self, subscribers_after(after, limit))
    }

    /// How many would be told.
    ///
    /// # Errors
    /// What the database said.
    pub async fn count_subscribers(&self) -> Result<i64, StoreError> {
        both!(self, count_subscribers())
    }
}

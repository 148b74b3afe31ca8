//! Staff, sessions, operators' keys and the audit trail.

use uuid::Uuid;

use super::{Backend, Store, both};
use crate::{AuditRow, NewAudit, Page, StaffRow, StoreError};

impl Store {
    /// Adds a member of staff.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] when the login is taken.
    pub async fn add_staff(&self, staff: &StaffRow, audit: &NewAudit) -> Result<(), StoreError> {
        both!(self, add_staff(staff, audit))
    }

    /// Changes a member of staff, found by id: name, role, unit, password, disabled.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn update_staff(&self, staff: &StaffRow, audit: &NewAudit) -> Result<(), StoreError> {
        both!(self, update_staff(staff, audit))
    }

    /// All staff, by name.
    ///
    /// # Errors
    /// What the database said.
    pub async fn staff(&self) -> Result<Vec<StaffRow>, StoreError> {
        both!(self, staff())
    }

    /// One member of staff.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn staff_by_id(&self, id: Uuid) -> Result<StaffRow, StoreError> {
        both!(self, staff_by_id(id))
    }

    /// One member of staff by login.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn staff_by_login(&self, login: &str) -> Result<StaffRow, StoreError> {
        both!(self, staff_by_login(login))
    }

    /// Keeps a session.
    ///
    /// # Errors
    /// What the database said.
    pub async fn save_session(&self, id: &str, data: &[u8], expires_us: i64) -> Result<(), StoreError> {
        both!(self, save_session(id, data, expires_us))
    }

    /// A session that has not expired.
    ///
    /// # Errors
    /// What the database said.
    pub async fn load_session(&self, id: &str, now_us: i64) -> Result<Option<Vec<u8>>, StoreError> {
        both!(self, load_session(id, now_us))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// What the database said.
    pub async fn delete_session(&self, id: &str) -> Result<(), StoreError> {
        both!(self, delete_session(id))
    }

    /// Throws away sessions that have expired.
    ///
    /// # Errors
    /// What the database said.
    pub async fn delete_expired_sessions(&self, now_us: i64) -> Result<u64, StoreError> {
        both!(self, delete_expired_sessions(now_us))
    }

    /// Keeps the hash of an operator's key; earlier keys of that operator no longer hold.
    ///
    /// # Errors
    /// What the database said.
    pub async fn set_operator_key(
        &self,
        operator: &str,
        key_hash: &[u8],
        audit: &NewAudit,
    ) -> Result<(), StoreError> {
        both!(self, set_operator_key(operator, key_hash, audit))
    }

    /// The operator this key belongs to.
    ///
    /// # Errors
    /// What the database said.
    pub async fn operator_of_key(&self, key_hash: &[u8]) -> Result<Option<String>, StoreError> {
        both!(self, operator_of_key(key_hash))
    }

    /// Writes an audit entry that belongs to no other change.
    ///
    /// # Errors
    /// What the database said.
    pub async fn audit(&self, entry: &NewAudit) -> Result<(), StoreError> {
        both!(self, audit(entry))
    }

    /// The audit trail, newest first; of one object when named.
    ///
    /// # Errors
    /// What the database said.
    pub async fn audit_trail(&self, object: Option<&str>, page: Page) -> Result<Vec<AuditRow>, StoreError> {
        both!(self, audit_trail(object, page))
    }
}

//! The one transaction in which a case changes: state, timeline, audit and effects together.

use uuid::Uuid;

use super::{Backend, Store, both};
use crate::{CaseChange, NewAudit, NewReconsideration, StoreError};

impl Store {
    /// Commits a decision of the procedure machine with everything that follows from it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the case, the request or the reconsideration has changed since
    /// the decision was made; then nothing was changed.
    pub async fn change_case(&self, change: &CaseChange<'_>) -> Result<(), StoreError> {
        both!(self, change_case(change))
    }

    /// Stores a reconsideration on a source that has no active case: an officer decides it all the same.
    ///
    /// # Errors
    /// What the database said.
    pub async fn file_reconsideration(&self, filed: &NewReconsideration) -> Result<(), StoreError> {
        both!(self, file_reconsideration(filed))
    }

    /// Decides a reconsideration that belongs to no case.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is decided already, or belongs to a case: then its procedure decides.
    pub async fn decide_reconsideration(
        &self,
        id: Uuid,
        is_granted: bool,
        reason: &str,
        audit: &NewAudit,
    ) -> Result<(), StoreError> {
        both!(self, decide_reconsideration(id, is_granted, reason, audit))
    }
}

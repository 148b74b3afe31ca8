//! Requests to operators, referrals to the police, reconsiderations of holders: reading them.

use uuid::Uuid;

use super::{Backend, Store, both};
use crate::{Page, ReconsiderationRow, ReferralRow, RequestRow, StoreError};

impl Store {
    /// Requests an operator has not answered, oldest first, and notes that it has read them.
    ///
    /// # Errors
    /// What the database said.
    pub async fn fetch_open_requests(
        &self,
        operator: &str,
        limit: i64,
        now_us: i64,
    ) -> Result<Vec<RequestRow>, StoreError> {
        both!(self, fetch_open_requests(operator, limit, now_us))
    }

    /// One request.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn request(&self, id: Uuid) -> Result<RequestRow, StoreError> {
        both!(self, request(id))
    }

    /// Requests, newest first: of one case, one operator, or in one state.
    ///
    /// # Errors
    /// What the database said.
    pub async fn requests(
        &self,
        case_number: Option<i64>,
        operator: Option<&str>,
        state: Option<&str>,
        page: Page,
    ) -> Result<Vec<RequestRow>, StoreError> {
        both!(self, requests(case_number, operator, state, page))
    }

    /// Referrals, newest first: to one unit, or of one case.
    ///
    /// # Errors
    /// What the database said.
    pub async fn referrals(
        &self,
        unit: Option<&str>,
        case_number: Option<i64>,
        page: Page,
    ) -> Result<Vec<ReferralRow>, StoreError> {
        both!(self, referrals(unit, case_number, page))
    }

    /// One referral.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn referral(&self, id: Uuid) -> Result<ReferralRow, StoreError> {
        both!(self, referral(id))
    }

    /// Reconsiderations, undecided and oldest first: in one state, or of one case.
    ///
    /// # Errors
    /// What the database said.
    pub async fn reconsiderations(
        &self,
        state: Option<&str>,
        case_number: Option<i64>,
        page: Page,
    ) -> Result<Vec<ReconsiderationRow>, StoreError> {
        both!(self, reconsiderations(state, case_number, page))
    }

    /// One reconsideration.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn reconsideration(&self, id: Uuid) -> Result<ReconsiderationRow, StoreError> {
        both!(self, reconsideration(id))
    }

    /// One reconsideration by the hash of its secret link's token.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn reconsideration_by_token(
        &self,
        token_hash: &[u8],
    ) -> Result<ReconsiderationRow, StoreError> {
        both!(self, reconsideration_by_token(token_hash))
    }
}

//! Keys of partners who report over the API.

use uuid::Uuid;

use super::{Backend, Store, both};
use crate::{NewAudit, NewPartnerKey, PartnerKey, StoreError};

impl Store {
    /// Keeps a partner's key; keys it had before still hold.
    ///
    /// # Errors
    /// What the database said.
    pub async fn add_partner_key(&self, key: &NewPartnerKey, audit: &NewAudit) -> Result<(), StoreError> {
        both!(self, add_partner_key(key, audit))
    }

    /// The key with this hash, while it holds.
    ///
    /// # Errors
    /// What the database said.
    pub async fn partner_of_key(
        &self,
        key_hash: &[u8],
        now_us: i64,
    ) -> Result<Option<PartnerKey>, StoreError> {
        both!(self, partner_of_key(key_hash, now_us))
    }

    /// All partners' keys, by partner, the newest first.
    ///
    /// # Errors
    /// What the database said.
    pub async fn partner_keys(&self) -> Result<Vec<PartnerKey>, StoreError> {
        both!(self, partner_keys())
    }

    /// Ends a key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none, or it has been ended.
    pub async fn revoke_partner_key(&self, id: Uuid, audit: &NewAudit) -> Result<(), StoreError> {
        both!(self, revoke_partner_key(id, audit))
    }
}

//! Keys of partners who report over the API.

use uuid::Uuid;

use super::Database;
use super::people::insert_audit;
use crate::{NewAudit, NewPartnerKey, PartnerKey, StoreError};

impl Database {
    pub(crate) async fn add_partner_key(
        &self,
        key: &NewPartnerKey,
        audit: &NewAudit,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO partner_key (id, key_hash, partner, scopes, per_minute, created_us, expires_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(key.id)
        .bind(&key.key_hash)
        .bind(&key.partner)
        .bind(&key.scopes)
        .bind(key.per_minute)
        .bind(audit.at_us)
        .bind(key.expires_us)
        .execute(&mut *tx)
        .await?;
        insert_audit(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn partner_of_key(
        &self,
        key_hash: &[u8],
        now_us: i64,
    ) -> Result<Option<PartnerKey>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT id, partner, scopes, per_minute, created_us, expires_us, revoked_us FROM partner_key
             WHERE key_hash = $1 AND revoked_us IS NULL AND (expires_us IS NULL OR expires_us > $2)",
        )
        .bind(key_hash)
        .bind(now_us)
        .fetch_optional(&self.readers)
        .await?)
    }

    pub(crate) async fn partner_keys(&self) -> Result<Vec<PartnerKey>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT id, partner, scopes, per_minute, created_us, expires_us, revoked_us FROM partner_key
             ORDER BY partner, created_us DESC",
        )
        .fetch_all(&self.readers)
        .await?)
    }

    pub(crate) async fn revoke_partner_key(&self, id: Uuid, audit: &NewAudit) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("UPDATE partner_key SET revoked_us = $2 WHERE id = $1 AND revoked_us IS NULL")
            .bind(id)
            .bind(audit.at_us)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::NotFound);
        }
        insert_audit(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(())
    }
}

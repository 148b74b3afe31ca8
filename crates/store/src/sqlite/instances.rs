//! Instances, leases and marks. One process works on these files, so they say what a process on a shared
//! database would be told; times are the database's own.

use uuid::Uuid;

use super::Database;
use crate::{InstanceRow, Lease, StoreError};

/// The database's clock in microseconds.
pub(super) const NOW: &str = "CAST(unixepoch('subsec') * 1000000 AS INTEGER)";

impl Database {
    pub(crate) async fn register_instance(
        &self,
        id: Uuid,
        roles: &str,
        ttl_us: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "INSERT INTO instance (id, roles, started_us, until_us) VALUES ($1, $2, {NOW}, {NOW} + $3)
             ON CONFLICT (id) DO UPDATE SET roles = excluded.roles, until_us = excluded.until_us"
        )))
        .bind(id)
        .bind(roles)
        .bind(ttl_us)
        .execute(&self.state)
        .await?;
        Ok(())
    }

    pub(crate) async fn remove_instance(&self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM instance WHERE id = $1").bind(id).execute(&self.state).await?;
        Ok(())
    }

    pub(crate) async fn instances(&self) -> Result<Vec<InstanceRow>, StoreError> {
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT id, roles, started_us, until_us, until_us > {NOW} AS is_alive FROM instance ORDER BY started_us, id"
        )))
        .fetch_all(&self.readers)
        .await?)
    }

    pub(crate) async fn acquire_lease(
        &self,
        name: &str,
        instance: Uuid,
        ttl_us: i64,
    ) -> Result<Option<Lease>, StoreError> {
        let epoch: Option<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "INSERT INTO lease (name, instance, until_us, epoch) VALUES ($1, $2, {NOW} + $3, 1)
             ON CONFLICT (name) DO UPDATE SET instance = excluded.instance, until_us = excluded.until_us,
                 epoch = lease.epoch + 1
             WHERE lease.until_us <= {NOW}
             RETURNING epoch"
        )))
        .bind(name)
        .bind(instance)
        .bind(ttl_us)
        .fetch_optional(&self.state)
        .await?;
        Ok(epoch.map(|epoch| Lease { name: name.to_owned(), instance, epoch }))
    }

    pub(crate) async fn renew_lease(&self, lease: &Lease, ttl_us: i64) -> Result<bool, StoreError> {
        let done = sqlx::query(sqlx::AssertSqlSafe(format!(
            "UPDATE lease SET until_us = {NOW} + $4
             WHERE name = $1 AND instance = $2 AND epoch = $3 AND until_us > {NOW}"
        )))
        .bind(&lease.name)
        .bind(lease.instance)
        .bind(lease.epoch)
        .bind(ttl_us)
        .execute(&self.state)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    pub(crate) async fn release_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        sqlx::query("UPDATE lease SET until_us = 0 WHERE name = $1 AND instance = $2 AND epoch = $3")
            .bind(&lease.name)
            .bind(lease.instance)
            .bind(lease.epoch)
            .execute(&self.state)
            .await?;
        Ok(())
    }

    pub(crate) async fn settle_mark(&self, name: &str, value: &str) -> Result<String, StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("INSERT INTO mark (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
            .bind(name)
            .bind(value)
            .execute(&mut *tx)
            .await?;
        let settled = sqlx::query_scalar("SELECT value FROM mark WHERE name = $1")
            .bind(name)
            .fetch_one(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(settled)
    }
}

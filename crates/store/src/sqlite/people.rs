//! Staff, sessions, operators' keys and the audit trail.

use sqlx::{QueryBuilder, Sqlite, Transaction};
use uuid::Uuid;

use super::Database;
use crate::{AuditRow, NewAudit, Page, StaffRow, StoreError};

impl Database {
    pub(crate) async fn add_staff(&self, staff: &StaffRow, audit: &NewAudit) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO staff (id, login, name, role, unit, password_hash, is_disabled, created_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(staff.id)
        .bind(&staff.login)
        .bind(&staff.name)
        .bind(&staff.role)
        .bind(&staff.unit)
        .bind(&staff.password_hash)
        .bind(staff.is_disabled)
        .bind(staff.created_us)
        .execute(&mut *tx)
        .await?;
        insert_audit(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn update_staff(&self, staff: &StaffRow, audit: &NewAudit) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE staff SET name = $2, role = $3, unit = $4, password_hash = $5, is_disabled = $6 WHERE id = $1",
        )
        .bind(staff.id)
        .bind(&staff.name)
        .bind(&staff.role)
        .bind(&staff.unit)
        .bind(&staff.password_hash)
        .bind(staff.is_disabled)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::NotFound);
        }
        insert_audit(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn staff(&self) -> Result<Vec<StaffRow>, StoreError> {
        Ok(sqlx::query_as("SELECT * FROM staff ORDER BY is_disabled, name").fetch_all(&self.readers).await?)
    }

    pub(crate) async fn staff_by_id(&self, id: Uuid) -> Result<StaffRow, StoreError> {
        Ok(sqlx::query_as("SELECT * FROM staff WHERE id = $1").bind(id).fetch_one(&self.readers).await?)
    }

    pub(crate) async fn staff_by_login(&self, login: &str) -> Result<StaffRow, StoreError> {
        Ok(sqlx::query_as("SELECT * FROM staff WHERE login = $1")
            .bind(login)
            .fetch_one(&self.readers)
            .await?)
    }

    pub(crate) async fn save_session(
        &self,
        id: &str,
        data: &[u8],
        expires_us: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO session (id, data, expires_us) VALUES ($1, $2, $3)
             ON CONFLICT (id) DO UPDATE SET data = excluded.data, expires_us = excluded.expires_us",
        )
        .bind(id)
        .bind(data)
        .bind(expires_us)
        .execute(&self.state)
        .await?;
        Ok(())
    }

    pub(crate) async fn load_session(&self, id: &str, now_us: i64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(sqlx::query_scalar("SELECT data FROM session WHERE id = $1 AND expires_us > $2")
            .bind(id)
            .bind(now_us)
            .fetch_optional(&self.readers)
            .await?)
    }

    pub(crate) async fn delete_session(&self, id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM session WHERE id = $1").bind(id).execute(&self.state).await?;
        Ok(())
    }

    pub(crate) async fn delete_expired_sessions(&self, now_us: i64) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM session WHERE expires_us <= $1")
            .bind(now_us)
            .execute(&self.state)
            .await?;
        Ok(done.rows_affected())
    }

    pub(crate) async fn set_operator_key(
        &self,
        operator: &str,
        key_hash: &[u8],
        audit: &NewAudit,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM operator_key WHERE operator = $1").bind(operator).execute(&mut *tx).await?;
        sqlx::query("INSERT INTO operator_key (key_hash, operator, created_us) VALUES ($1, $2, $3)")
            .bind(key_hash)
            .bind(operator)
            .bind(audit.at_us)
            .execute(&mut *tx)
            .await?;
        insert_audit(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn operator_of_key(&self, key_hash: &[u8]) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar("SELECT operator FROM operator_key WHERE key_hash = $1")
            .bind(key_hash)
            .fetch_optional(&self.readers)
            .await?)
    }

    pub(crate) async fn audit(&self, entry: &NewAudit) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        insert_audit(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn audit_trail(
        &self,
        object: Option<&str>,
        page: Page,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let mut query =
            QueryBuilder::<Sqlite>::new("SELECT id, at_us, actor, action, object, detail FROM audit");
        if let Some(object) = object {
            query.push(" WHERE object = ").push_bind(object.to_owned());
        }
        query
            .push(" ORDER BY id DESC LIMIT ")
            .push_bind(page.rows())
            .push(" OFFSET ")
            .push_bind(page.left_out());
        Ok(query.build_query_as().fetch_all(&self.readers).await?)
    }
}

pub(super) async fn insert_audit(
    tx: &mut Transaction<'static, Sqlite>,
    entry: &NewAudit,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO audit (at_us, actor, action, object, detail) VALUES ($1, $2, $3, $4, $5)")
        .bind(entry.at_us)
        .bind(&entry.actor)
        .bind(&entry.action)
        .bind(&entry.object)
        .bind(&entry.detail)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

//! Budgets: how often something was done on a day, whatever process was asked and however often it restarted.

use super::Database;
use crate::StoreError;

impl Database {
    pub(crate) async fn spend_budget(&self, key: &[u8], day: i64) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(
            "INSERT INTO budget (key, day, used) VALUES ($1, $2, 1)
             ON CONFLICT (key, day) DO UPDATE SET used = budget.used + 1 RETURNING used",
        )
        .bind(key)
        .bind(day)
        .fetch_one(&self.pool())
        .await?)
    }

    pub(crate) async fn budget_used(&self, key: &[u8], day: i64) -> Result<i64, StoreError> {
        let used: Option<i64> = sqlx::query_scalar("SELECT used FROM budget WHERE key = $1 AND day = $2")
            .bind(key)
            .bind(day)
            .fetch_optional(&self.pool())
            .await?;
        Ok(used.unwrap_or(0))
    }

    pub(crate) async fn save_phone_code(
        &self,
        number_hash: &[u8],
        form: &[u8],
        code_hash: &[u8],
        expires_us: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO phone_code (number_hash, form, code_hash, expires_us, attempts)
             VALUES ($1, $2, $3, $4, 0)
             ON CONFLICT (number_hash, form) DO UPDATE SET code_hash = excluded.code_hash,
                 expires_us = excluded.expires_us, attempts = 0",
        )
        .bind(number_hash)
        .bind(form)
        .bind(code_hash)
        .bind(expires_us)
        .execute(&self.pool())
        .await?;
        Ok(())
    }

    pub(crate) async fn use_phone_code(
        &self,
        number_hash: &[u8],
        form: &[u8],
        code_hash: &[u8],
        max_attempts: i64,
        now_us: i64,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let known: Option<(Vec<u8>, i64)> = sqlx::query_as(
            "UPDATE phone_code SET attempts = attempts + 1
             WHERE number_hash = $1 AND form = $2 AND expires_us > $3 RETURNING code_hash, attempts",
        )
        .bind(number_hash)
        .bind(form)
        .bind(now_us)
        .fetch_optional(&mut *tx)
        .await?;
        let is_right = known.is_some_and(|(known, attempts)| attempts <= max_attempts && known == code_hash);
        if is_right {
            sqlx::query("DELETE FROM phone_code WHERE number_hash = $1 AND form = $2")
                .bind(number_hash)
                .bind(form)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(is_right)
    }

    pub(crate) async fn codes_sent(
        &self,
        number_hash: &[u8],
        since_us: i64,
    ) -> Result<(i64, Option<i64>), StoreError> {
        Ok(sqlx::query_as(
            "SELECT COUNT(*), MAX(created_us) FROM message
             WHERE to_hash = $1 AND created_us >= $2 AND purpose = 'code'",
        )
        .bind(number_hash)
        .bind(since_us)
        .fetch_one(&self.pool())
        .await?)
    }
}

//! Codes sent to a phone that open a report's page.

use super::Database;
use crate::StoreError;

impl Database {
    pub(crate) async fn save_one_time_code(
        &self,
        report_seq: i64,
        hash: &[u8],
        expires_us: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO one_time_code (report_seq, code_hash, expires_us, attempts) VALUES ($1, $2, $3, 0)
             ON CONFLICT (report_seq) DO UPDATE SET code_hash = excluded.code_hash,
                 expires_us = excluded.expires_us, attempts = 0",
        )
        .bind(report_seq)
        .bind(hash)
        .bind(expires_us)
        .execute(&self.state)
        .await?;
        Ok(())
    }

    pub(crate) async fn use_one_time_code(
        &self,
        report_seq: i64,
        hash: &[u8],
        max_attempts: i64,
        now_us: i64,
        token_hash: &[u8],
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let known: Option<(Vec<u8>, i64)> = sqlx::query_as(
            "UPDATE one_time_code SET attempts = attempts + 1 WHERE report_seq = $1 AND expires_us > $2
             RETURNING code_hash, attempts",
        )
        .bind(report_seq)
        .bind(now_us)
        .fetch_optional(&mut *tx)
        .await?;
        let is_right = known.is_some_and(|(known, attempts)| attempts <= max_attempts && known == hash);
        if is_right {
            sqlx::query("DELETE FROM one_time_code WHERE report_seq = $1")
                .bind(report_seq)
                .execute(&mut *tx)
                .await?;
            sqlx::query("UPDATE report SET token_hash = $2 WHERE seq = $1")
                .bind(report_seq)
                .bind(token_hash)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(is_right)
    }
}

//! Partitions of the intake log and of the reports: always one whole block ahead of the newest row.

use std::sync::atomic::{AtomicI64, Ordering};

use super::Database;
use crate::StoreError;

/// Places that must be left before the end of the newest partition; a block is more.
const AHEAD: i64 = 250_000;

impl Database {
    /// Makes room in the intake log beyond `seq`.
    pub(super) async fn ensure_intake(&self, seq: i64) -> Result<(), StoreError> {
        self.ensure("intake", &self.shared.intake_ends, seq).await
    }

    /// Makes room for reports beyond `seq`.
    pub(super) async fn ensure_reports(&self, seq: i64) -> Result<(), StoreError> {
        self.ensure("report", &self.shared.reports_end, seq).await
    }

    async fn ensure(&self, parent: &str, known: &AtomicI64, seq: i64) -> Result<(), StoreError> {
        let wanted = seq + AHEAD;
        if known.load(Ordering::Relaxed) > wanted {
            return Ok(());
        }
        let ends: i64 = sqlx::query_scalar("SELECT ensure_partitions($1, $2)")
            .bind(parent)
            .bind(wanted)
            .fetch_one(&self.pool())
            .await?;
        known.fetch_max(ends, Ordering::Relaxed);
        Ok(())
    }
}

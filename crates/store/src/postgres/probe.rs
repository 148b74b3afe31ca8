//! How the database itself fares: whether it can be written, whether it is whole, whether a clock was set.

use super::Database;
use crate::{Fault, StoreError};

impl Database {
    pub(crate) async fn probe_intake(&self) -> Result<(), StoreError> {
        self.probe_state().await
    }

    pub(crate) async fn probe_state(&self) -> Result<(), StoreError> {
        // One database, one disk: a row nobody waits for, written and committed.
        sqlx::query(
            "INSERT INTO mark (name, value) VALUES ('probe', '') ON CONFLICT (name) DO UPDATE SET value = ''",
        )
        .execute(&self.pool())
        .await?;
        Ok(())
    }
    /// Nothing to do: several processes work with clocks of their own, and one that was set is none of the others'.
    pub(crate) async fn clock_was_set(&self, _by_us: i64, _now_us: i64) -> Result<(), StoreError> {
        Ok(())
    }

    /// Its own checksums and `pg_amcheck` look after its pages; here, that every table reads to its end.
    pub(crate) async fn check(&self) -> Result<Vec<String>, StoreError> {
        let mut found = Vec::new();
        for table in
            ["SELECT COUNT(*) FROM intake", "SELECT COUNT(*) FROM report", "SELECT COUNT(*) FROM message"]
        {
            match sqlx::query_scalar::<_, i64>(table).fetch_one(&self.pool()).await.map_err(StoreError::from)
            {
                Ok(_) => {}
                Err(error) if error.fault() == Some(Fault::Damaged) => found.push(error.to_string()),
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }
}

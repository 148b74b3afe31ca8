//! How the files themselves fare: whether they can be written, whether they are whole, whether the clock was set.

use super::Database;
use crate::{Fault, StoreError};

impl Database {
    pub(crate) async fn probe_intake(&self) -> Result<(), StoreError> {
        // Written anew, and synced, whatever it was; nothing reads it.
        sqlx::query("PRAGMA user_version = 1").execute(&self.intake).await?;
        Ok(())
    }

    pub(crate) async fn clock_was_set(&self, by_us: i64, now_us: i64) -> Result<(), StoreError> {
        // Set forward, retries come early, which harms nobody; but parts must not count as waited for too long.
        // Set back, what has a time of the old clock would wait until the new one comes there. What was written
        // since by the new clock is left alone.
        let statements: &[&'static str] = if by_us > 0 {
            &["UPDATE part SET received_us = received_us + $1 WHERE received_us < $2 - $1 / 2"]
        } else {
            &[
                "UPDATE part SET received_us = received_us + $1 WHERE received_us > $2",
                "UPDATE message SET run_us = run_us + $1 WHERE state = 'planned' AND run_us > $2",
                "UPDATE job SET run_us = run_us + $1 WHERE state = 'ready' AND run_us > $2 AND kind <> 'expire'",
                "UPDATE job SET leased_us = leased_us + $1 WHERE state = 'ready' AND leased_us > $2",
            ]
        };
        let mut tx = self.begin().await?;
        for statement in statements {
            sqlx::query(*statement).bind(by_us).bind(now_us).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn check(&self) -> Result<Vec<String>, StoreError> {
        let mut found = Vec::new();
        for (name, pool) in [("intake.db", &self.intake_readers), ("state.db", &self.readers)] {
            // Pages, their order, and every index against its table.
            let said = sqlx::query_scalar::<_, String>("PRAGMA integrity_check(100)").fetch_all(pool).await;
            match said.map_err(StoreError::from) {
                Ok(lines) => {
                    found.extend(
                        lines.iter().filter(|line| *line != "ok").map(|line| format!("{name}: {line}")),
                    );
                }
                Err(error) if error.fault() == Some(Fault::Damaged) => found.push(format!("{name}: {error}")),
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    pub(crate) async fn probe_state(&self) -> Result<(), StoreError> {
        sqlx::query("UPDATE cursor SET seq = seq WHERE name = 'projector'").execute(&self.state).await?;
        Ok(())
    }
}

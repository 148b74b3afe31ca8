//! Counts for the console's home page and for metrics.

use super::Database;
use crate::{Figures, StoreError};

const HOUR_US: i64 = 3_600_000_000;

impl Database {
    pub(crate) async fn figures(&self, from_us: i64) -> Result<Figures, StoreError> {
        let by_hour = sqlx::query_as(
            "SELECT (received_us - $1) / $2 AS hour, COALESCE(kind, 'none') AS label, COUNT(*) AS count
             FROM report WHERE received_us >= $1 AND intent IN ('report', 'unknown') AND duplicate_of IS NULL
                 AND problem IS NOT 'doubtful'
             GROUP BY 1, 2 ORDER BY 1, 2",
        )
        .bind(from_us)
        .bind(HOUR_US)
        .fetch_all(&self.readers)
        .await?;
        let by_intent = sqlx::query_as(
            "SELECT intent AS label, COUNT(*) AS count FROM report WHERE received_us >= $1 GROUP BY 1 ORDER BY 2 DESC",
        )
        .bind(from_us)
        .fetch_all(&self.readers)
        .await?;
        let by_problem = sqlx::query_as(
            "SELECT problem AS label, COUNT(*) AS count FROM report
             WHERE received_us >= $1 AND problem IS NOT NULL GROUP BY 1 ORDER BY 2 DESC",
        )
        .bind(from_us)
        .fetch_all(&self.readers)
        .await?;
        let cases = sqlx::query_as(
            "SELECT state AS label, COUNT(*) AS count FROM casefile
             WHERE state NOT IN ('restored', 'closed') OR updated_us >= $1 GROUP BY 1",
        )
        .bind(from_us)
        .fetch_all(&self.readers)
        .await?;
        let messages = sqlx::query_as(
            "SELECT state AS label, COUNT(*) AS count FROM message WHERE created_us >= $1 GROUP BY 1",
        )
        .bind(from_us)
        .fetch_all(&self.readers)
        .await?;
        type Numbers = (i64, i64, Option<i64>, i64, i64, i64, i64, i64);
        let numbers: Numbers = sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM casefile WHERE opened_us >= $1),
                 (SELECT COUNT(*) FROM request WHERE state = 'open'),
                 (SELECT MIN(created_us) FROM request WHERE state = 'open'),
                 (SELECT COUNT(*) FROM report WHERE state = 'needs_officer'),
                 (SELECT COUNT(*) FROM reconsideration WHERE state = 'filed'),
                 (SELECT COUNT(*) FROM referral WHERE acknowledged_us IS NULL),
                 (SELECT COUNT(*) FROM bulletin WHERE state = 'draft'),
                 (SELECT COUNT(*) FROM job WHERE state = 'dead')",
        )
        .bind(from_us)
        .fetch_one(&self.readers)
        .await?;
        Ok(Figures {
            by_hour,
            by_intent,
            by_problem,
            cases,
            messages,
            cases_opened: numbers.0,
            requests_open: numbers.1,
            requests_oldest_us: numbers.2,
            needs_officer: numbers.3,
            reconsiderations_open: numbers.4,
            referrals_open: numbers.5,
            drafts: numbers.6,
            jobs_dead: numbers.7,
        })
    }
}

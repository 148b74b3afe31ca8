//! The projector's transaction: reports, sources, cases, subscriptions and jobs with the cursor.
//!
//! A batch is decided in memory from what a few reads say and written in statements of many rows: each
//! statement costs a trip to the connection's thread, so their number is what a batch costs.

mod copies;
mod joining;
mod rows;

use sqlx::{QueryBuilder, Sqlite, Transaction};

use super::Database;
use super::people::insert_audit;
use crate::{NewAudit, NewReport, NewSource, Projection, StoreError, SubscriptionChange};

pub(super) use joining::Joining;
pub(super) use rows::{attach, insert_job, name_sources, source_id, source_ids};

/// Keys or places asked for in one statement; SQLite allows 32,766 parameters.
const KEYS_PER_QUERY: usize = 5_000;

impl Database {
    pub(crate) async fn cursor(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar("SELECT seq FROM cursor WHERE name = 'projector'")
            .fetch_one(&self.readers)
            .await?)
    }

    pub(crate) async fn parts_waiting(&self, keys: &[Vec<u8>]) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        let mut parts: Vec<(i64, Vec<u8>)> = Vec::new();
        for chunk in keys.chunks(KEYS_PER_QUERY) {
            let mut query =
                QueryBuilder::<Sqlite>::new("SELECT intake_seq, part_key FROM part WHERE part_key IN (");
            let mut list = query.separated(", ");
            for key in chunk {
                list.push_bind(key);
            }
            query.push(")");
            parts.extend(query.build_query_as::<(i64, Vec<u8>)>().fetch_all(&self.readers).await?);
        }
        parts.sort_unstable();
        parts.dedup();
        Ok(parts)
    }

    pub(crate) async fn parts_overdue(&self, before_us: i64) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT intake_seq, part_key FROM part WHERE part_key IN
                 (SELECT part_key FROM part GROUP BY part_key HAVING MAX(received_us) < $1 LIMIT 500)
             ORDER BY intake_seq",
        )
        .bind(before_us)
        .fetch_all(&self.readers)
        .await?)
    }

    pub(crate) async fn project(&self, batch: &Projection) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        move_cursor(&mut tx, batch).await?;
        rows::insert_parts(&mut tx, &batch.parts_waiting).await?;
        use_parts(&mut tx, &batch.parts_used).await?;
        store_reports(&mut tx, batch).await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn move_cursor(tx: &mut Transaction<'static, Sqlite>, batch: &Projection) -> Result<(), StoreError> {
    let moved = sqlx::query("UPDATE cursor SET seq = $1 WHERE name = 'projector' AND seq = $2 AND seq <= $1")
        .bind(batch.to_seq)
        .bind(batch.from_seq)
        .execute(&mut **tx)
        .await?;
    if moved.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Parts are used once: overdue ones are delivered without moving the cursor, so they must say it.
async fn use_parts(tx: &mut Transaction<'static, Sqlite>, used: &[i64]) -> Result<(), StoreError> {
    if used.is_empty() {
        return Ok(());
    }
    let gone = sqlx::query("DELETE FROM part WHERE intake_seq IN (SELECT value FROM json_each($1))")
        .bind(json_list(used)?)
        .execute(&mut **tx)
        .await?;
    if gone.rows_affected() == used.len() as u64 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// A list of numbers as one parameter.
pub(super) fn json_list(numbers: &[i64]) -> Result<String, StoreError> {
    serde_json::to_string(numbers).map_err(|_| StoreError::Corrupt("list of numbers"))
}

async fn store_reports(tx: &mut Transaction<'static, Sqlite>, batch: &Projection) -> Result<(), StoreError> {
    let reports = &batch.reports;
    if reports.is_empty() {
        return Ok(());
    }
    let last: Option<i64> = sqlx::query_scalar("SELECT MAX(seq) FROM report").fetch_one(&mut **tx).await?;
    let first = last.unwrap_or(0) + 1;
    let copies = copies::find(tx, reports, first).await?;
    let named: Vec<&NewSource> = reports.iter().flat_map(|report| &report.sources).collect();
    let ids = rows::source_ids(tx, &named).await?;
    let mut ids_left = ids.as_slice();
    let mut placed: Vec<Placed<'_>> = Vec::with_capacity(reports.len());
    for ((report, seq), copy_of) in reports.iter().zip(first..).zip(copies) {
        let (source_ids, rest) = ids_left.split_at(report.sources.len());
        ids_left = rest;
        placed.push(Placed { seq, report, copy_of, source_ids, is_in_case: false });
    }
    let mut joining = Joining::load(tx, &ids).await?;
    for place in placed.iter_mut().filter(|place| place.copy_of.is_none() && place.report.state != "aside") {
        let Some(kind) = &place.report.kind else { continue };
        let opens = batch.opens_case.contains(kind);
        if !opens && !batch.joins_case.contains(kind) {
            continue;
        }
        for source in place.source_ids {
            place.is_in_case |= joining.join(place.seq, *source, opens, place.report.received_us);
        }
    }
    rows::insert_reports(tx, &placed).await?;
    rows::insert_report_sources(tx, &placed).await?;
    joining.write(tx).await?;
    rows::insert_jobs_of(tx, &placed).await?;
    for place in &placed {
        let by = place.report.taken_by.as_deref();
        for file in &place.report.evidence {
            attach(tx, place.seq, file, place.report.received_us, by.unwrap_or("reporter")).await?;
        }
        if let Some(by) = by {
            let entry = NewAudit {
                at_us: place.report.received_us,
                actor: by.to_owned(),
                action: "report_taken_in".to_owned(),
                object: format!("report:{}", place.seq),
                detail: String::new(),
            };
            insert_audit(tx, &entry).await?;
        }
        if let (Some(change), None) = (place.report.subscription, place.copy_of) {
            change_subscription(tx, place.report, change).await?;
        }
    }
    Ok(())
}

/// A report with what the batch decided about it.
struct Placed<'a> {
    seq: i64,
    report: &'a NewReport,
    /// The report it is a redelivery of; such a one has no effect.
    copy_of: Option<i64>,
    /// In the order the report names them.
    source_ids: &'a [i64],
    is_in_case: bool,
}

impl Placed<'_> {
    fn state(&self) -> &str {
        match (self.copy_of, self.is_in_case) {
            (Some(_), _) => "done",
            (None, true) => "in_case",
            (None, false) => &self.report.state,
        }
    }
}

async fn change_subscription(
    tx: &mut Transaction<'static, Sqlite>,
    report: &NewReport,
    change: SubscriptionChange,
) -> Result<(), StoreError> {
    let Some(reporter) = &report.reporter else { return Ok(()) };
    let query = match change {
        SubscriptionChange::Subscribe => sqlx::query(
            "INSERT INTO subscriber (reporter_hash, sealed, link, to_code, since_us)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (reporter_hash) DO UPDATE SET sealed = excluded.sealed, link = excluded.link,
                 to_code = excluded.to_code,
                 since_us = CASE WHEN cancelled_us IS NULL THEN since_us ELSE excluded.since_us END,
                 cancelled_us = NULL",
        )
        .bind(&reporter.hash)
        .bind(&reporter.sealed)
        .bind(&report.link)
        .bind(report.to_code.as_deref().unwrap_or_default())
        .bind(report.received_us),
        SubscriptionChange::Unsubscribe => sqlx::query(
            "UPDATE subscriber SET cancelled_us = $2 WHERE reporter_hash = $1 AND cancelled_us IS NULL",
        )
        .bind(&reporter.hash)
        .bind(report.received_us),
    };
    query.execute(&mut **tx).await?;
    Ok(())
}

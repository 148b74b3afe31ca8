//! Which texts of a batch may be the same PDU sent again after a broken session.

use std::collections::HashMap;

use sqlx::{Postgres, Transaction};

use crate::postgres::words::words as written;
use crate::{NewReport, StoreError};

/// A copy is looked for among the reports of this long before.
const WINDOW_US: i64 = 30 * 60 * 1_000_000;

/// The same sender, code and words.
#[derive(PartialEq, Eq, Hash)]
struct Words<'a> {
    reporter: &'a [u8],
    to_code: Option<&'a str>,
    text: &'a str,
}

impl<'a> Words<'a> {
    fn of(report: &'a NewReport) -> Option<Words<'a>> {
        let reporter = &report.reporter.as_ref()?.hash;
        Some(Words { reporter, to_code: report.to_code.as_deref(), text: &report.text })
    }
}

/// For each report the original it repeats, among those stored and those before it in the batch.
/// The first of `reports` will be stored as `first`.
pub(super) async fn find(
    tx: &mut Transaction<'_, Postgres>,
    reports: &[NewReport],
    first: i64,
) -> Result<Vec<Option<i64>>, StoreError> {
    let mut originals = vec![None; reports.len()];
    if !reports.iter().any(|report| report.is_suspected_redelivery) {
        return Ok(originals);
    }
    // The newest with these words: its time, and the original it stands for.
    let mut newest: HashMap<Words<'_>, (i64, i64)> = HashMap::new();
    for ((report, seq), original) in reports.iter().zip(first..).zip(&mut originals) {
        let Some(words) = Words::of(report) else { continue };
        if report.is_suspected_redelivery {
            let from_us = report.received_us - WINDOW_US;
            *original = match newest.get(&words) {
                Some((at_us, seq)) if *at_us >= from_us => Some(*seq),
                _ => find_stored(tx, &words, from_us).await?,
            };
        }
        newest.insert(words, (report.received_us, original.unwrap_or(seq)));
    }
    Ok(originals)
}

async fn find_stored(
    tx: &mut Transaction<'_, Postgres>,
    words: &Words<'_>,
    from_us: i64,
) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar(STORED_COPY)
        .bind(words.reporter)
        .bind(from_us)
        .bind(written(words.text))
        .bind(words.to_code)
        .fetch_optional(&mut **tx)
        .await?)
}

const STORED_COPY: &str =
    "SELECT COALESCE(duplicate_of, seq) FROM report WHERE reporter_hash = $1 AND received_us >= $2
         AND text = $3 AND to_code IS NOT DISTINCT FROM $4 ORDER BY received_us DESC, seq DESC LIMIT 1";

//! Reports that join the active case on a source, or open one: decided in memory, written at once.

use std::collections::{BTreeMap, HashMap};

use sqlx::{QueryBuilder, Sqlite, Transaction};

use super::json_list;
use crate::StoreError;

/// Rows of one INSERT.
const ROWS_PER_INSERT: usize = 500;

/// The cases on some sources within one transaction.
pub(in crate::sqlite) struct Joining {
    known: HashMap<i64, Known>,
    next_number: i64,
    opened: Vec<Opened>,
    members: Vec<(i64, i64)>,
    /// The newest report of each case that got one.
    touched: BTreeMap<i64, i64>,
}

/// The cases on one source.
struct Known {
    newest: i64,
    active: Option<i64>,
}

struct Opened {
    number: i64,
    source_id: i64,
    previous: Option<i64>,
    at_us: i64,
}

const NEWEST_CASES: &str =
    "SELECT source_id, MAX(number), MAX(CASE WHEN state NOT IN ('restored', 'closed') THEN number END)
     FROM casefile WHERE source_id IN (SELECT value FROM json_each($1)) GROUP BY source_id";

impl Joining {
    /// The cases on these sources as they stand.
    pub(in crate::sqlite) async fn load(
        tx: &mut Transaction<'static, Sqlite>,
        source_ids: &[i64],
    ) -> Result<Joining, StoreError> {
        let known: Vec<(i64, i64, Option<i64>)> =
            sqlx::query_as(NEWEST_CASES).bind(json_list(source_ids)?).fetch_all(&mut **tx).await?;
        let last: Option<i64> =
            sqlx::query_scalar("SELECT MAX(number) FROM casefile").fetch_one(&mut **tx).await?;
        Ok(Joining {
            known: known
                .into_iter()
                .map(|(source, newest, active)| (source, Known { newest, active }))
                .collect(),
            next_number: last.unwrap_or(0) + 1,
            opened: Vec::new(),
            members: Vec::new(),
            touched: BTreeMap::new(),
        })
    }

    /// Puts a report into the active case on a source, or into a new one when it may open one.
    /// Says whether it is in a case now.
    pub(in crate::sqlite) fn join(
        &mut self,
        report_seq: i64,
        source_id: i64,
        opens: bool,
        at_us: i64,
    ) -> bool {
        let known = self.known.get(&source_id);
        let number = match known.and_then(|known| known.active) {
            Some(number) => number,
            None if opens => {
                let previous = known.map(|known| known.newest);
                self.open(source_id, previous, at_us)
            }
            None => return false,
        };
        self.members.push((number, report_seq));
        let touched = self.touched.entry(number).or_insert(at_us);
        *touched = at_us.max(*touched);
        true
    }

    fn open(&mut self, source_id: i64, previous: Option<i64>, at_us: i64) -> i64 {
        let number = self.next_number;
        self.next_number += 1;
        self.known.insert(source_id, Known { newest: number, active: Some(number) });
        self.opened.push(Opened { number, source_id, previous, at_us });
        number
    }

    /// Writes what was decided; the reports are stored already.
    pub(in crate::sqlite) async fn write(
        self,
        tx: &mut Transaction<'static, Sqlite>,
    ) -> Result<(), StoreError> {
        for chunk in self.opened.chunks(ROWS_PER_INSERT) {
            let mut query = QueryBuilder::<Sqlite>::new(
                "INSERT INTO casefile (number, source_id, version, state, referral, reconsideration, opened_us,
                     updated_us, previous) ",
            );
            query.push_values(chunk, |mut row, case| {
                row.push_bind(case.number).push_bind(case.source_id).push("1, 'open', 'none', 'none'");
                row.push_bind(case.at_us).push_bind(case.at_us).push_bind(case.previous);
            });
            query.build().execute(&mut **tx).await?;
            let mut query = QueryBuilder::<Sqlite>::new(
                "INSERT INTO case_event (case_number, at_us, actor, action, note, detail) ",
            );
            query.push_values(chunk, |mut row, case| {
                row.push_bind(case.number).push_bind(case.at_us).push("'system', 'opened', '', ''");
            });
            query.build().execute(&mut **tx).await?;
        }
        for chunk in self.members.chunks(ROWS_PER_INSERT) {
            let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO case_report (case_number, report_seq) ");
            query.push_values(chunk, |mut row, (number, seq)| {
                row.push_bind(number).push_bind(seq);
            });
            // A report may name one source twice.
            query.push(" ON CONFLICT DO NOTHING");
            query.build().execute(&mut **tx).await?;
        }
        let touched: Vec<(i64, i64)> = self.touched.into_iter().collect();
        let touched = serde_json::to_string(&touched).map_err(|_| StoreError::Corrupt("list of numbers"))?;
        sqlx::query(
            "UPDATE casefile SET updated_us = MAX(updated_us, touched.at_us)
             FROM (SELECT value ->> 0 AS number, value ->> 1 AS at_us FROM json_each($1)) AS touched
             WHERE casefile.number = touched.number",
        )
        .bind(touched)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}

//! Reports that join the active case on a source, or open one: decided in memory, written at once.

use std::collections::{BTreeMap, HashMap};

use sqlx::{Postgres, Transaction};

use crate::StoreError;
use crate::postgres::locks;

/// The cases on some sources within one transaction.
pub(in crate::postgres) struct Joining {
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
     FROM casefile WHERE source_id = ANY($1) GROUP BY source_id";

impl Joining {
    /// The cases on these sources as they stand.
    pub(in crate::postgres) async fn load(
        tx: &mut Transaction<'_, Postgres>,
        source_ids: &[i64],
    ) -> Result<Joining, StoreError> {
        locks::cases(tx).await?;
        let known: Vec<(i64, i64, Option<i64>)> =
            sqlx::query_as(NEWEST_CASES).bind(source_ids).fetch_all(&mut **tx).await?;
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
    pub(in crate::postgres) fn join(
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
    pub(in crate::postgres) async fn write(
        self,
        tx: &mut Transaction<'_, Postgres>,
    ) -> Result<(), StoreError> {
        let numbers: Vec<i64> = self.opened.iter().map(|case| case.number).collect();
        let sources: Vec<i64> = self.opened.iter().map(|case| case.source_id).collect();
        let previous: Vec<Option<i64>> = self.opened.iter().map(|case| case.previous).collect();
        let at_us: Vec<i64> = self.opened.iter().map(|case| case.at_us).collect();
        if !numbers.is_empty() {
            sqlx::query(
                "INSERT INTO casefile (number, source_id, version, state, referral, reconsideration, opened_us,
                     updated_us, previous)
                 SELECT number, source_id, 1, 'open', 'none', 'none', at_us, at_us, previous
                 FROM unnest($1, $2, $3, $4) AS opened (number, source_id, previous, at_us)",
            )
            .bind(&numbers)
            .bind(&sources)
            .bind(&previous)
            .bind(&at_us)
            .execute(&mut **tx)
            .await?;
            sqlx::query(
                "INSERT INTO case_event (case_number, at_us, actor, action, note, detail)
                 SELECT number, at_us, 'system', 'opened', '', '' FROM unnest($1, $2) AS opened (number, at_us)",
            )
            .bind(&numbers)
            .bind(&at_us)
            .execute(&mut **tx)
            .await?;
        }
        if self.members.is_empty() {
            return Ok(());
        }
        let (numbers, seqs): (Vec<i64>, Vec<i64>) = self.members.into_iter().unzip();
        // A report may name one source twice.
        sqlx::query(
            "INSERT INTO case_report (case_number, report_seq) SELECT * FROM unnest($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(&numbers)
        .bind(&seqs)
        .execute(&mut **tx)
        .await?;
        let (touched, at_us): (Vec<i64>, Vec<i64>) = self.touched.into_iter().unzip();
        // Locked in their order, as everyone does who takes several.
        sqlx::query(
            "WITH locked AS MATERIALIZED
                 (SELECT number FROM casefile WHERE number = ANY($1) ORDER BY number FOR NO KEY UPDATE)
             UPDATE casefile SET updated_us = GREATEST(updated_us, touched.at_us)
             FROM unnest($1, $2) AS touched (number, at_us) JOIN locked USING (number)
             WHERE casefile.number = touched.number AND casefile.updated_us < touched.at_us",
        )
        .bind(&touched)
        .bind(&at_us)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}

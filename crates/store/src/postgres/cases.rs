//! Reading cases, their timelines and their figures.

use std::collections::HashMap;

use sqlx::{Postgres, QueryBuilder};

use super::Database;
use super::words::{Spoken, words};
use crate::written::like_pattern;
use crate::{CaseEntry, CaseEventRow, CaseFilter, CaseRow, Page, SourceRow, StoreError};

/// Columns of [`CaseRow`].
const COLUMNS: &str = "c.number, c.source_id, c.version, c.state, c.requested_by, c.since_us, c.until_us, \
    c.reroutes, c.outcome, c.referral, c.reconsideration, c.owner, c.opened_us, c.updated_us, c.previous";

const SOURCES: &str = "SELECT id AS source_id, kind, canonical, operator, '' AS as_received \
    FROM source WHERE id = ANY($1)";
const FIGURES: &str = "SELECT c.case_number, \
    COUNT(DISTINCT CASE WHEN r.is_proven THEN r.reporter_hash END), COUNT(*), MAX(r.received_us) \
    FROM case_report c JOIN report r ON r.seq = c.report_seq \
    WHERE c.case_number = ANY($1) GROUP BY c.case_number";
/// Of the newest fifty reports of each case.
const FINDINGS: &str = "SELECT n.value, r.findings FROM unnest($1) AS n (value) JOIN report r ON r.seq IN \
        (SELECT report_seq FROM case_report WHERE case_number = n.value ORDER BY report_seq DESC LIMIT 50) \
    ORDER BY n.value, r.seq DESC";

impl Database {
    pub(crate) async fn case(&self, number: i64) -> Result<CaseEntry, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new("SELECT ");
        query.push(COLUMNS).push(" FROM casefile c WHERE c.number = ").push_bind(number);
        let case: CaseRow = query.build_query_as().fetch_one(&self.pool()).await?;
        let mut entries = self.with_figures(vec![case]).await?;
        entries.pop().ok_or(StoreError::NotFound)
    }

    pub(crate) async fn cases(&self, filter: &CaseFilter, page: Page) -> Result<Vec<CaseEntry>, StoreError> {
        let cases = list(filter, page).build_query_as().fetch_all(&self.pool()).await?;
        self.with_figures(cases).await
    }

    pub(crate) async fn count_cases(&self, filter: &CaseFilter) -> Result<i64, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new("SELECT COUNT(*) FROM casefile c");
        push_filter(&mut query, filter);
        Ok(query.build_query_scalar().fetch_one(&self.pool()).await?)
    }

    pub(crate) async fn case_events(&self, number: i64) -> Result<Vec<CaseEventRow>, StoreError> {
        let events: Vec<CaseEventRow> = sqlx::query_as("SELECT id, at_us, actor, action, note, detail FROM case_event WHERE case_number = $1 ORDER BY id DESC")
.bind(number).fetch_all(&self.pool()).await?;
        Ok(events.spoken())
    }

    /// Adds to each case what a list shows of it, in three reads however many there are.
    async fn with_figures(&self, cases: Vec<CaseRow>) -> Result<Vec<CaseEntry>, StoreError> {
        if cases.is_empty() {
            return Ok(Vec::new());
        }
        let numbers = &cases.iter().map(|case| case.number).collect::<Vec<_>>();
        let source_ids = &cases.iter().map(|case| case.source_id).collect::<Vec<_>>();
        let sources: Vec<SourceRow> =
            sqlx::query_as(SOURCES).bind(source_ids).fetch_all(&self.pool()).await?;
        let sources: HashMap<i64, SourceRow> =
            sources.into_iter().map(|source| (source.source_id, source.spoken())).collect();
        let figures: Vec<(i64, i64, i64, Option<i64>)> =
            sqlx::query_as(FIGURES).bind(numbers.as_slice()).fetch_all(&self.pool()).await?;
        let figures: HashMap<i64, _> = figures
            .into_iter()
            .map(|(number, voices, reports, last)| (number, (voices, reports, last)))
            .collect();
        let mut findings: HashMap<i64, Vec<String>> = HashMap::new();
        let rows: Vec<(i64, String)> =
            sqlx::query_as(FINDINGS).bind(numbers.as_slice()).fetch_all(&self.pool()).await?;
        for (number, found) in rows {
            findings.entry(number).or_default().push(found);
        }
        cases
            .into_iter()
            .map(|case| {
                let source = sources.get(&case.source_id).cloned();
                let (voices, reports, last_report_us) =
                    figures.get(&case.number).copied().unwrap_or((0, 0, None));
                Ok(CaseEntry {
                    source: source.ok_or(StoreError::Corrupt("casefile.source_id"))?,
                    voices,
                    reports,
                    last_report_us,
                    findings: findings.remove(&case.number).unwrap_or_default(),
                    case,
                })
            })
            .collect()
    }
}

/// The cases that fit, last changed first.
fn list(filter: &CaseFilter, page: Page) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::<Postgres>::new("SELECT ");
    query.push(COLUMNS).push(" FROM casefile c");
    push_filter(&mut query, filter);
    query.push(" ORDER BY c.updated_us DESC, c.number DESC LIMIT ").push_bind(page.rows());
    query.push(" OFFSET ").push_bind(page.left_out());
    query
}

fn push_filter(query: &mut QueryBuilder<Postgres>, filter: &CaseFilter) {
    query.push(" WHERE 1 = 1");
    match filter.state.as_deref() {
        Some("active") => {
            query.push(" AND c.state NOT IN ('restored', 'closed')");
        }
        Some(state) => {
            query.push(" AND c.state = ").push_bind(state.to_owned());
        }
        None => {}
    }
    if let Some(referral) = &filter.referral {
        query.push(" AND c.referral = ").push_bind(referral.clone());
    }
    if let Some(reconsideration) = &filter.reconsideration {
        query.push(" AND c.reconsideration = ").push_bind(reconsideration.clone());
    }
    if let Some(owner) = filter.owner {
        query.push(" AND c.owner = ").push_bind(owner);
    }
    if let Some(source) = filter.source_id {
        query.push(" AND c.source_id = ").push_bind(source);
    }
    if let Some(part) = &filter.source_contains {
        query.push(" AND c.source_id IN (SELECT id FROM source WHERE canonical ILIKE ");
        query.push_bind(like_pattern(&words(part))).push(" ESCAPE '\\')");
    }
}

//! Reading reports, and what is known of a source.

use std::collections::HashMap;

use sqlx::{QueryBuilder, Sqlite};
use uuid::Uuid;

use super::Database;
use super::project::json_list;
use crate::written::like_pattern;
use crate::{Page, Report, ReportEntry, ReportFilter, SourceRow, SourceStanding, StoreError};

/// Columns of [`Report`].
pub(super) const COLUMNS: &str = "r.seq, r.id, r.received_us, r.channel, r.link, r.operator, r.to_code, r.reporter_hash, \
    r.reporter_sealed, r.is_proven, r.is_mobile, r.intent, r.kind, r.problem, r.argument, r.text, r.content, \
    r.leniencies, r.findings, r.flags, r.near_key, r.parts, r.code, r.commune, r.place, r.money_lost, \
    r.duplicate_of, r.state, r.corrected_us, r.taken_by, r.purged_us";

/// Words of one search; the others are left out.
const WORDS_LIMIT: usize = 16;

const SOURCES: &str = "SELECT s.report_seq, s.source_id, o.kind, o.canonical, o.operator, s.as_received \
    FROM report_source s JOIN source o ON o.id = s.source_id \
    WHERE s.report_seq IN (SELECT value FROM json_each($1)) ORDER BY s.report_seq, s.position";
const CASES: &str = "SELECT report_seq, MAX(case_number) FROM case_report \
    WHERE report_seq IN (SELECT value FROM json_each($1)) GROUP BY report_seq";

impl Database {
    pub(crate) async fn report(&self, seq: i64) -> Result<ReportEntry, StoreError> {
        self.one_report(|query| {
            query.push("r.seq = ").push_bind(seq);
        })
        .await
    }

    pub(crate) async fn report_by_id(&self, id: Uuid) -> Result<ReportEntry, StoreError> {
        self.one_report(|query| {
            query.push("r.id = ").push_bind(id);
        })
        .await
    }

    pub(crate) async fn report_by_token(&self, token_hash: &[u8]) -> Result<ReportEntry, StoreError> {
        let token_hash = token_hash.to_vec();
        self.one_report(|query| {
            query.push("r.token_hash = ").push_bind(token_hash);
        })
        .await
    }

    pub(crate) async fn report_by_code(
        &self,
        code: i64,
        reporter_hash: &[u8],
    ) -> Result<ReportEntry, StoreError> {
        let hash = reporter_hash.to_vec();
        self.one_report(|query| {
            query.push("r.code = ").push_bind(code).push(" AND r.reporter_hash = ").push_bind(hash);
            query.push(" AND r.duplicate_of IS NULL AND r.intent IN ('report', 'unknown')");
            query.push(" ORDER BY r.seq DESC LIMIT 1");
        })
        .await
    }

    pub(crate) async fn latest_report_of(&self, reporter_hash: &[u8]) -> Result<ReportEntry, StoreError> {
        // Two looks along the index: ordering by both at once would sort all this number ever sent.
        let understood = " AND r.intent = 'report' AND r.problem IS NULL";
        match self.newest_of(reporter_hash, understood).await {
            Err(StoreError::NotFound) => {
                self.newest_of(reporter_hash, " AND r.intent IN ('report', 'unknown')").await
            }
            found => found,
        }
    }

    pub(crate) async fn holds_pieces(
        &self,
        reporter_hash: &[u8],
        to_code: &str,
        since_us: i64,
        pieces: &[&str],
    ) -> Result<bool, StoreError> {
        let mut query =
            QueryBuilder::<Sqlite>::new("SELECT COUNT(*) FROM (SELECT 1 FROM report WHERE reporter_hash = ");
        query.push_bind(reporter_hash).push(" AND received_us >= ").push_bind(since_us);
        query.push(" AND to_code = ").push_bind(to_code);
        for piece in pieces {
            query.push(" AND instr(text, ").push_bind(*piece).push(") > 0");
        }
        query.push(" LIMIT 1)");
        let count: i64 = query.build_query_scalar().fetch_one(&self.readers).await?;
        Ok(count > 0)
    }

    async fn newest_of(&self, reporter_hash: &[u8], condition: &str) -> Result<ReportEntry, StoreError> {
        self.one_report(|query| {
            query.push("r.reporter_hash = ").push_bind(reporter_hash);
            query.push(" AND r.duplicate_of IS NULL").push(condition);
            query.push(" ORDER BY r.received_us DESC, r.seq DESC LIMIT 1");
        })
        .await
    }

    async fn one_report(
        &self,
        condition: impl FnOnce(&mut QueryBuilder<Sqlite>),
    ) -> Result<ReportEntry, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
        query.push(COLUMNS).push(" FROM report r WHERE ");
        condition(&mut query);
        let report: Report = query.build_query_as().fetch_one(&self.readers).await?;
        let mut entries = self.with_sources(vec![report]).await?;
        entries.pop().ok_or(StoreError::NotFound)
    }

    pub(crate) async fn reports(
        &self,
        filter: &ReportFilter,
        page: Page,
    ) -> Result<Vec<ReportEntry>, StoreError> {
        let reports = list(filter, page).build_query_as().fetch_all(&self.readers).await?;
        self.with_sources(reports).await
    }

    pub(crate) async fn count_reports(&self, filter: &ReportFilter) -> Result<i64, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT COUNT(*) FROM report r");
        push_filter(&mut query, filter);
        Ok(query.build_query_scalar().fetch_one(&self.readers).await?)
    }

    pub(crate) async fn reports_after(&self, after: i64, limit: i64) -> Result<Vec<ReportEntry>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
        query.push(COLUMNS).push(" FROM report r WHERE r.seq > ").push_bind(after);
        query.push(" ORDER BY r.seq LIMIT ").push_bind(limit);
        let reports = query.build_query_as().fetch_all(&self.readers).await?;
        self.with_sources(reports).await
    }

    pub(crate) async fn reports_of_case(
        &self,
        number: i64,
        page: Page,
    ) -> Result<Vec<ReportEntry>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM case_report c JOIN report r ON r.seq = c.report_seq WHERE c.case_number = ");
        query.push_bind(number).push(" ORDER BY r.seq DESC LIMIT ").push_bind(page.rows());
        query.push(" OFFSET ").push_bind(page.left_out());
        let reports = query.build_query_as().fetch_all(&self.readers).await?;
        self.with_sources(reports).await
    }

    pub(crate) async fn near_twins(
        &self,
        report: &Report,
        limit: i64,
    ) -> Result<Vec<ReportEntry>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
        query.push(COLUMNS).push(" FROM report r WHERE r.near_key = ").push_bind(report.near_key.clone());
        query.push(" AND r.seq <> ").push_bind(report.seq);
        query.push(" ORDER BY r.seq DESC LIMIT ").push_bind(limit);
        let reports = query.build_query_as().fetch_all(&self.readers).await?;
        self.with_sources(reports).await
    }

    pub(crate) async fn standing(&self, kind: &str, canonical: &str) -> Result<SourceStanding, StoreError> {
        let id: Option<i64> = sqlx::query_scalar("SELECT id FROM source WHERE kind = $1 AND canonical = $2")
            .bind(kind)
            .bind(canonical)
            .fetch_optional(&self.readers)
            .await?;
        let Some(id) = id else { return Ok(SourceStanding::default()) };
        let (voices, reports, last_us): (i64, i64, Option<i64>) = sqlx::query_as(
            "SELECT COUNT(DISTINCT CASE WHEN r.is_proven THEN r.reporter_hash END), COUNT(*), MAX(r.received_us)
             FROM report_source s JOIN report r ON r.seq = s.report_seq
             WHERE s.source_id = $1 AND r.duplicate_of IS NULL AND r.intent = 'report' AND r.state <> 'aside'",
        )
        .bind(id)
        .fetch_one(&self.readers)
        .await?;
        let case: Option<(i64, String)> = sqlx::query_as(
            "SELECT number, state FROM casefile WHERE source_id = $1 ORDER BY number DESC LIMIT 1",
        )
        .bind(id)
        .fetch_optional(&self.readers)
        .await?;
        let findings: Vec<String> = sqlx::query_scalar(
            "SELECT r.findings FROM report_source s JOIN report r ON r.seq = s.report_seq
             WHERE s.source_id = $1 AND r.duplicate_of IS NULL AND r.intent = 'report' AND r.state <> 'aside'
             ORDER BY s.report_seq DESC LIMIT 50",
        )
        .bind(id)
        .fetch_all(&self.readers)
        .await?;
        let is_verified = case.as_ref().is_some_and(|(_, state)| state == "kept");
        Ok(SourceStanding {
            source_id: Some(id),
            voices,
            reports,
            last_us,
            case_number: case.as_ref().map(|case| case.0),
            case_state: case.map(|case| case.1),
            is_verified,
            findings,
        })
    }

    pub(super) async fn with_sources(&self, reports: Vec<Report>) -> Result<Vec<ReportEntry>, StoreError> {
        if reports.is_empty() {
            return Ok(Vec::new());
        }
        let mut sources: HashMap<i64, Vec<SourceRow>> = HashMap::new();
        type Row = (i64, i64, String, String, Option<String>, String);
        let seqs = json_list(&reports.iter().map(|report| report.seq).collect::<Vec<_>>())?;
        let rows: Vec<Row> = sqlx::query_as(SOURCES).bind(&seqs).fetch_all(&self.readers).await?;
        for row in rows {
            let (seq, source_id, kind, canonical, operator, as_received) = row;
            sources.entry(seq).or_default().push(SourceRow {
                source_id,
                kind,
                canonical,
                operator,
                as_received,
            });
        }
        let cases: Vec<(i64, i64)> = sqlx::query_as(CASES).bind(&seqs).fetch_all(&self.readers).await?;
        let cases: HashMap<i64, i64> = cases.into_iter().collect();
        Ok(reports
            .into_iter()
            .map(|report| ReportEntry {
                sources: sources.remove(&report.seq).unwrap_or_default(),
                case_number: cases.get(&report.seq).copied(),
                report,
            })
            .collect())
    }
}

/// The reports that fit, newest first.
fn list(filter: &ReportFilter, page: Page) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
    query.push(COLUMNS).push(" FROM report r");
    push_filter(&mut query, filter);
    query.push(" ORDER BY r.seq DESC LIMIT ").push_bind(page.rows());
    query.push(" OFFSET ").push_bind(page.left_out());
    query
}

fn push_filter(query: &mut QueryBuilder<Sqlite>, filter: &ReportFilter) {
    query.push(" WHERE 1 = 1");
    if !filter.with_service {
        query.push(" AND r.intent IN ('report', 'unknown')");
    }
    match filter.kind.as_deref() {
        Some("none") => {
            query.push(" AND r.kind IS NULL");
        }
        Some(kind) => {
            query.push(" AND r.kind = ").push_bind(kind.to_owned());
        }
        None => {}
    }
    match filter.problem.as_deref() {
        Some("any") => {
            query.push(" AND r.problem IS NOT NULL");
        }
        Some(problem) => {
            query.push(" AND r.problem = ").push_bind(problem.to_owned());
        }
        None => {}
    }
    for (column, value) in
        [("r.state", &filter.state), ("r.link", &filter.link), ("r.commune", &filter.commune)]
    {
        if let Some(value) = value {
            query.push(" AND ").push(column).push(" = ").push_bind(value.clone());
        }
    }
    if let Some(from) = filter.from_us {
        query.push(" AND r.received_us >= ").push_bind(from);
    }
    if let Some(to) = filter.to_us {
        query.push(" AND r.received_us < ").push_bind(to);
    }
    if let Some(desk) = &filter.desk {
        query.push(" AND r.channel = 'desk' AND r.link = ").push_bind(desk.clone());
    }
    if let Some(after) = filter.after_seq {
        query.push(" AND r.seq > ").push_bind(after);
    }
    if let Some(source) = filter.source_id {
        query
            .push(" AND r.seq IN (SELECT report_seq FROM report_source WHERE source_id = ")
            .push_bind(source);
        query.push(")");
    }
    for word in filter.words.iter().take(WORDS_LIMIT) {
        let pattern = like_pattern(word);
        query.push(" AND (r.folded LIKE ").push_bind(pattern.clone()).push(" ESCAPE '\\'");
        query.push(
            " OR r.seq IN (SELECT s.report_seq FROM report_source s JOIN source o ON o.id = s.source_id",
        );
        query.push(" WHERE o.canonical LIKE ").push_bind(pattern).push(" ESCAPE '\\'))");
    }
}

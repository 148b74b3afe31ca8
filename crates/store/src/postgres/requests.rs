//! Requests to operators, referrals to the police, reconsiderations of holders: reading them.

use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::Database;
use super::words::Spoken;
use crate::{Page, ReconsiderationRow, ReferralRow, RequestRow, StoreError};

const REQUESTS: &str = "SELECT q.id, q.case_number, q.measure, q.operator, q.issuing_body, q.legal_basis, \
    q.until_us, q.created_us, q.state, q.fetched_us, q.answer, q.answer_note, q.answered_us, \
    s.kind AS source_kind, s.canonical AS source \
    FROM request q JOIN casefile c ON c.number = q.case_number JOIN source s ON s.id = c.source_id";
const REFERRALS: &str = "SELECT f.id, f.case_number, f.unit, f.note, f.created_us, f.created_by, \
    f.acknowledged_us, f.acknowledged_by, f.answer_note, s.kind AS source_kind, s.canonical AS source \
    FROM referral f JOIN casefile c ON c.number = f.case_number JOIN source s ON s.id = c.source_id";
const RECONSIDERATIONS: &str = "SELECT n.id, n.case_number, n.code, n.holder_name, n.contact_sealed, \
    n.statement, n.filed_us, n.state, n.decided_us, n.decided_by, n.reason, s.kind AS source_kind, \
    s.canonical AS source FROM reconsideration n JOIN source s ON s.id = n.source_id";

const UNDECIDED_FIRST: &str = " ORDER BY n.state = 'filed' DESC, n.filed_us";

impl Database {
    pub(crate) async fn fetch_open_requests(
        &self,
        operator: &str,
        limit: i64,
        now_us: i64,
    ) -> Result<Vec<RequestRow>, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new(REQUESTS);
        query.push(" WHERE q.operator = ").push_bind(operator).push(" AND q.state = 'open'");
        query.push(" ORDER BY q.created_us LIMIT ").push_bind(limit);
        let rows = query.build_query_as::<RequestRow>().fetch_all(&self.pool()).await?.spoken();
        if rows.iter().any(|row| row.fetched_us.is_none()) {
            let mut tx = self.begin().await?;
            for row in rows.iter().filter(|row| row.fetched_us.is_none()) {
                sqlx::query("UPDATE request SET fetched_us = $2 WHERE id = $1 AND fetched_us IS NULL")
                    .bind(row.id)
                    .bind(now_us)
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
        }
        Ok(rows)
    }

    pub(crate) async fn request(&self, id: Uuid) -> Result<RequestRow, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new(REQUESTS);
        query.push(" WHERE q.id = ").push_bind(id);
        Ok(query.build_query_as::<RequestRow>().fetch_one(&self.pool()).await?.spoken())
    }

    pub(crate) async fn requests(
        &self,
        case_number: Option<i64>,
        operator: Option<&str>,
        state: Option<&str>,
        page: Page,
    ) -> Result<Vec<RequestRow>, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new(REQUESTS);
        query.push(" WHERE 1 = 1");
        if let Some(number) = case_number {
            query.push(" AND q.case_number = ").push_bind(number);
        }
        if let Some(operator) = operator {
            query.push(" AND q.operator = ").push_bind(operator.to_owned());
        }
        if let Some(state) = state {
            query.push(" AND q.state = ").push_bind(state.to_owned());
        }
        query.push(" ORDER BY q.created_us DESC LIMIT ").push_bind(page.rows());
        query.push(" OFFSET ").push_bind(page.left_out());
        Ok(query.build_query_as::<RequestRow>().fetch_all(&self.pool()).await?.spoken())
    }

    pub(crate) async fn referrals(
        &self,
        unit: Option<&str>,
        case_number: Option<i64>,
        page: Page,
    ) -> Result<Vec<ReferralRow>, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new(REFERRALS);
        query.push(" WHERE 1 = 1");
        if let Some(unit) = unit {
            query.push(" AND f.unit = ").push_bind(unit.to_owned());
        }
        if let Some(number) = case_number {
            query.push(" AND f.case_number = ").push_bind(number);
        }
        query.push(" ORDER BY f.created_us DESC LIMIT ").push_bind(page.rows());
        query.push(" OFFSET ").push_bind(page.left_out());
        Ok(query.build_query_as::<ReferralRow>().fetch_all(&self.pool()).await?.spoken())
    }

    pub(crate) async fn referral(&self, id: Uuid) -> Result<ReferralRow, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new(REFERRALS);
        query.push(" WHERE f.id = ").push_bind(id);
        Ok(query.build_query_as::<ReferralRow>().fetch_one(&self.pool()).await?.spoken())
    }

    pub(crate) async fn reconsiderations(
        &self,
        state: Option<&str>,
        case_number: Option<i64>,
        page: Page,
    ) -> Result<Vec<ReconsiderationRow>, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new(RECONSIDERATIONS);
        query.push(" WHERE 1 = 1");
        if let Some(state) = state {
            query.push(" AND n.state = ").push_bind(state.to_owned());
        }
        if let Some(number) = case_number {
            query.push(" AND n.case_number = ").push_bind(number);
        }
        query.push(if state.is_some() { " ORDER BY n.filed_us" } else { UNDECIDED_FIRST });
        query.push(" LIMIT ").push_bind(page.rows());
        query.push(" OFFSET ").push_bind(page.left_out());
        Ok(query.build_query_as::<ReconsiderationRow>().fetch_all(&self.pool()).await?.spoken())
    }

    pub(crate) async fn reconsideration(&self, id: Uuid) -> Result<ReconsiderationRow, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new(RECONSIDERATIONS);
        query.push(" WHERE n.id = ").push_bind(id);
        Ok(query.build_query_as::<ReconsiderationRow>().fetch_one(&self.pool()).await?.spoken())
    }

    pub(crate) async fn reconsideration_by_token(
        &self,
        token_hash: &[u8],
    ) -> Result<ReconsiderationRow, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new(RECONSIDERATIONS);
        query.push(" WHERE n.token_hash = ").push_bind(token_hash.to_vec());
        Ok(query.build_query_as::<ReconsiderationRow>().fetch_one(&self.pool()).await?.spoken())
    }
}

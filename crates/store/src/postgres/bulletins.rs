//! Warnings and those who asked to be told.

use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::Database;
use super::messages::WITHDRAWN;
use super::people::insert_audit;
use super::project::insert_job;
use super::words::{Spoken, words};
use crate::{BulletinRow, BulletinText, NewAudit, NewJob, Page, StoreError, SubscriberRow};

impl Database {
    pub(crate) async fn add_bulletin(
        &self,
        id: Uuid,
        case_number: Option<i64>,
        text: &BulletinText,
        author: Uuid,
        audit: &NewAudit,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO bulletin (id, case_number, version, state, title, body, sms, created_us, updated_us)
             VALUES ($1, $2, 1, 'draft', $3, $4, $5, $6, $6)",
        )
        .bind(id)
        .bind(case_number)
        .bind(words(&text.title))
        .bind(words(&text.body))
        .bind(words(&text.sms))
        .bind(audit.at_us)
        .execute(&mut *tx)
        .await?;
        sqlx::query("INSERT INTO bulletin_author (bulletin_id, user_id) VALUES ($1, $2)")
            .bind(id)
            .bind(author)
            .execute(&mut *tx)
            .await?;
        insert_audit(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn edit_bulletin(
        &self,
        id: Uuid,
        expected_version: i64,
        text: &BulletinText,
        author: Uuid,
        audit: &NewAudit,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE bulletin SET title = $3, body = $4, sms = $5, updated_us = $6, version = version + 1
             WHERE id = $1 AND version = $2 AND state = 'draft'",
        )
        .bind(id)
        .bind(expected_version)
        .bind(words(&text.title))
        .bind(words(&text.body))
        .bind(words(&text.sms))
        .bind(audit.at_us)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Conflict);
        }
        sqlx::query(
            "INSERT INTO bulletin_author (bulletin_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(author)
        .execute(&mut *tx)
        .await?;
        insert_audit(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn publish_bulletin(
        &self,
        id: Uuid,
        expected_version: i64,
        approver: Uuid,
        audit: &NewAudit,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE bulletin SET state = 'published', published_us = $3, approved_by = $4, updated_us = $3,
                 version = version + 1
             WHERE id = $1 AND version = $2 AND state = 'draft'
                 AND NOT EXISTS (SELECT 1 FROM bulletin_author WHERE bulletin_id = $1 AND user_id = $4)",
        )
        .bind(id)
        .bind(expected_version)
        .bind(audit.at_us)
        .bind(approver)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Conflict);
        }
        let job = NewJob {
            unique_key: format!("broadcast:{id}"),
            kind: "broadcast".to_owned(),
            payload: serde_json::json!({ "bulletin": id.to_string() }).to_string(),
            run_us: audit.at_us,
        };
        insert_job(&mut tx, &job, audit.at_us).await?;
        insert_audit(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn cancel_bulletin(
        &self,
        id: Uuid,
        expected_version: i64,
        audit: &NewAudit,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE bulletin SET state = 'cancelled', cancelled_us = $3, updated_us = $3, version = version + 1
             WHERE id = $1 AND version = $2 AND state <> 'cancelled'",
        )
        .bind(id)
        .bind(expected_version)
        .bind(audit.at_us)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Conflict);
        }
        sqlx::query(
            "UPDATE message SET state = 'failed', error = $3, done_us = $2
             WHERE object = $1 AND state = 'planned'",
        )
        .bind(format!("bulletin:{id}"))
        .bind(audit.at_us)
        .bind(WITHDRAWN)
        .execute(&mut *tx)
        .await?;
        insert_audit(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn bulletin(&self, id: Uuid) -> Result<BulletinRow, StoreError> {
        let bulletin: BulletinRow =
            sqlx::query_as("SELECT * FROM bulletin WHERE id = $1").bind(id).fetch_one(&self.pool()).await?;
        Ok(bulletin.spoken())
    }

    pub(crate) async fn bulletin_authors(&self, id: Uuid) -> Result<Vec<Uuid>, StoreError> {
        Ok(sqlx::query_scalar("SELECT user_id FROM bulletin_author WHERE bulletin_id = $1")
            .bind(id)
            .fetch_all(&self.pool())
            .await?)
    }

    pub(crate) async fn bulletins(
        &self,
        states: &[&str],
        page: Page,
    ) -> Result<Vec<BulletinRow>, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new("SELECT * FROM bulletin");
        if !states.is_empty() {
            query.push(" WHERE state IN (");
            let mut list = query.separated(", ");
            for state in states {
                list.push_bind(*state);
            }
            query.push(")");
        }
        query.push(" ORDER BY COALESCE(published_us, updated_us) DESC LIMIT ").push_bind(page.rows());
        query.push(" OFFSET ").push_bind(page.left_out());
        Ok(query.build_query_as::<BulletinRow>().fetch_all(&self.pool()).await?.spoken())
    }

    pub(crate) async fn subscribers_after(
        &self,
        after: &[u8],
        limit: i64,
    ) -> Result<Vec<SubscriberRow>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT reporter_hash, sealed, link, to_code FROM subscriber
             WHERE cancelled_us IS NULL AND reporter_hash > $1 ORDER BY reporter_hash LIMIT $2",
        )
        .bind(after)
        .bind(limit)
        .fetch_all(&self.pool())
        .await?)
    }

    pub(crate) async fn count_subscribers(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar("SELECT COUNT(*) FROM subscriber WHERE cancelled_us IS NULL")
            .fetch_one(&self.pool())
            .await?)
    }
}

//! The one transaction in which a case changes: state, timeline, audit and effects together.

use canhgiac_domain::procedure::{Effect, Measure, Notice, Reconsideration};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::Database;
use super::people::insert_audit;
use super::project::{insert_job, source_id};
use super::words::words;
use crate::model::StateColumns;
use crate::written::describe;
use crate::{CaseChange, NewAudit, NewJob, NewReconsideration, NewSource, StoreError};

impl Database {
    pub(crate) async fn change_case(&self, change: &CaseChange<'_>) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let after = &change.decision.case;
        let columns = StateColumns::from(&after.state);
        let owner = change.actor.strip_prefix("staff:").and_then(|id| Uuid::parse_str(id).ok());
        let done = sqlx::query(
            "UPDATE casefile SET version = version + 1, state = $3, requested_by = $4, since_us = $5,
                 until_us = $6, reroutes = $7, outcome = $8, referral = $9, reconsideration = $10,
                 updated_us = $11, owner = COALESCE(owner, $12)
             WHERE number = $1 AND version = $2",
        )
        .bind(change.number)
        .bind(change.expected_version)
        .bind(after.state.id())
        .bind(columns.requested_by)
        .bind(columns.since_us)
        .bind(columns.until_us)
        .bind(columns.reroutes)
        .bind(columns.outcome)
        .bind(after.referral.id())
        .bind(after.reconsideration.id())
        .bind(change.at_us)
        .bind(owner)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Conflict);
        }
        write_timeline(&mut tx, change).await?;
        settle(&mut tx, change).await?;
        for effect in &change.decision.effects {
            carry_out(&mut tx, change, effect).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn file_reconsideration(&self, filed: &NewReconsideration) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        insert_reconsideration(&mut tx, filed, None).await?;
        let entry = NewAudit {
            at_us: filed.filed_us,
            actor: "holder".to_owned(),
            action: "reconsideration_filed".to_owned(),
            object: format!("reconsideration:{}", filed.id),
            detail: String::new(),
        };
        insert_audit(&mut tx, &entry).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn decide_reconsideration(
        &self,
        id: Uuid,
        is_granted: bool,
        reason: &str,
        audit: &NewAudit,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let verdict =
            Verdict { id, case_number: None, is_granted, reason, by: &audit.actor, at_us: audit.at_us };
        mark_decided(&mut tx, &verdict).await?;
        insert_audit(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn write_timeline(
    tx: &mut Transaction<'_, Postgres>,
    change: &CaseChange<'_>,
) -> Result<(), StoreError> {
    let detail = describe(change);
    sqlx::query(
        "INSERT INTO case_event (case_number, at_us, actor, action, note, detail) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(change.number)
    .bind(change.at_us)
    .bind(&change.actor)
    .bind(change.action)
    .bind(words(&change.note))
    .bind(words(&detail))
    .execute(&mut **tx)
    .await?;
    let audit = NewAudit {
        at_us: change.at_us,
        actor: change.actor.clone(),
        action: change.action.to_owned(),
        object: format!("case:{}", change.number),
        detail,
    };
    insert_audit(tx, &audit).await
}

/// Brings the request, reconsideration or referral that led to the change in step with it.
async fn settle(tx: &mut Transaction<'_, Postgres>, change: &CaseChange<'_>) -> Result<(), StoreError> {
    if let Some(answer) = &change.answer {
        let done = sqlx::query(
            "UPDATE request SET state = 'answered', answer = $2, answer_note = $3, answered_us = $4
             WHERE id = $1 AND answered_us IS NULL AND case_number = $5",
        )
        .bind(answer.request_id)
        .bind(&answer.answer)
        .bind(words(&answer.note))
        .bind(change.at_us)
        .bind(change.number)
        .execute(&mut **tx)
        .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Conflict);
        }
        if let Some(to) = &answer.ported_to {
            sqlx::query(
                "UPDATE source SET operator = $2 WHERE id = (SELECT source_id FROM casefile WHERE number = $1)",
            )
            .bind(change.number)
            .bind(to)
            .execute(&mut **tx)
            .await?;
        }
    }
    if let Some(filed) = &change.filed {
        insert_reconsideration(tx, filed, Some(change.number)).await?;
    }
    if let Some(id) = change.decided {
        let verdict = Verdict {
            id,
            case_number: Some(change.number),
            is_granted: change.decision.case.reconsideration == Reconsideration::Granted,
            reason: &change.note,
            by: &change.actor,
            at_us: change.at_us,
        };
        mark_decided(tx, &verdict).await?;
    }
    if let Some(id) = change.acknowledged {
        let done = sqlx::query(
            "UPDATE referral SET acknowledged_us = $2, acknowledged_by = $3, answer_note = $4
             WHERE id = $1 AND acknowledged_us IS NULL AND case_number = $5",
        )
        .bind(id)
        .bind(change.at_us)
        .bind(&change.actor)
        .bind(words(&change.note))
        .bind(change.number)
        .execute(&mut **tx)
        .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Conflict);
        }
    }
    Ok(())
}

async fn carry_out(
    tx: &mut Transaction<'_, Postgres>,
    change: &CaseChange<'_>,
    effect: &Effect,
) -> Result<(), StoreError> {
    // The version makes the key of each effect's job its own: a repeated commit cannot happen twice.
    let version = change.expected_version + 1;
    match effect {
        Effect::RequestOperator { measure, operator, until, basis } => {
            let (body, legal_basis) = match basis {
                Some(basis) => (basis.issuing_body.clone(), basis.legal_basis.clone()),
                None => last_basis(tx, change.number).await?,
            };
            insert_request(
                tx,
                change,
                *measure,
                operator,
                until.map(|at| at.as_microsecond()),
                &body,
                legal_basis,
            )
            .await
        }
        Effect::WithdrawRequests => {
            sqlx::query(
                "UPDATE request SET state = 'withdrawn'
                 WHERE case_number = $1 AND state = 'open' AND measure = $2",
            )
            .bind(change.number)
            .bind(Measure::TemporaryBlock.id())
            .execute(&mut **tx)
            .await?;
            Ok(())
        }
        Effect::Refer { unit } => {
            sqlx::query(
                "INSERT INTO referral (id, case_number, unit, note, created_us, created_by)
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(Uuid::now_v7())
            .bind(change.number)
            .bind(unit)
            .bind(words(&change.note))
            .bind(change.at_us)
            .bind(&change.actor)
            .execute(&mut **tx)
            .await?;
            Ok(())
        }
        // Written in `settle`, on the referral the change names.
        Effect::NoteAcknowledgement => Ok(()),
        Effect::TellReporters(notice) => {
            let at = match notice {
                Notice::Blocked(at) => at.as_microsecond(),
                _ => change.at_us,
            };
            let job = NewJob {
                unique_key: format!("outcome:{}:{version}:{}", change.number, notice.id()),
                kind: "outcome".to_owned(),
                payload: serde_json::json!({
                    "case": change.number, "notice": notice.id(), "at_us": at, "version": version,
                })
                .to_string(),
                run_us: change.at_us,
            };
            insert_job(tx, &job, change.at_us).await
        }
        Effect::ExpireAt(at) => {
            let job = NewJob {
                unique_key: format!("expire:{}:{version}", change.number),
                kind: "expire".to_owned(),
                payload: serde_json::json!({ "case": change.number }).to_string(),
                run_us: at.as_microsecond(),
            };
            insert_job(tx, &job, change.at_us).await
        }
    }
}

async fn insert_request(
    tx: &mut Transaction<'_, Postgres>,
    change: &CaseChange<'_>,
    measure: Measure,
    operator: &str,
    until_us: Option<i64>,
    issuing_body: &str,
    legal_basis: Option<String>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO request (id, case_number, measure, operator, issuing_body, legal_basis, until_us,
             created_us, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open')",
    )
    .bind(Uuid::now_v7())
    .bind(change.number)
    .bind(measure.id())
    .bind(operator)
    .bind(issuing_body)
    .bind(legal_basis)
    .bind(until_us)
    .bind(change.at_us)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A restoration goes out in the name that asked for the block.
async fn last_basis(
    tx: &mut Transaction<'_, Postgres>,
    number: i64,
) -> Result<(String, Option<String>), StoreError> {
    let known: Option<(String, Option<String>)> = sqlx::query_as(
        "SELECT issuing_body, legal_basis FROM request WHERE case_number = $1 ORDER BY created_us DESC, id DESC LIMIT 1",
    )
    .bind(number)
    .fetch_optional(&mut **tx)
    .await?;
    known.ok_or(StoreError::Corrupt("request.issuing_body"))
}

async fn insert_reconsideration(
    tx: &mut Transaction<'_, Postgres>,
    filed: &NewReconsideration,
    case_number: Option<i64>,
) -> Result<(), StoreError> {
    let source = NewSource {
        kind: filed.source_kind.clone(),
        canonical: filed.source.clone(),
        as_received: String::new(),
    };
    let source = source_id(tx, &source).await?;
    sqlx::query(
        "INSERT INTO reconsideration (id, case_number, source_id, token_hash, code, holder_name,
             contact_sealed, statement, filed_us, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'filed')",
    )
    .bind(filed.id)
    .bind(case_number)
    .bind(source)
    .bind(&filed.token_hash)
    .bind(filed.code)
    .bind(words(&filed.holder_name))
    .bind(&filed.contact_sealed)
    .bind(words(&filed.statement))
    .bind(filed.filed_us)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How a reconsideration is decided.
struct Verdict<'a> {
    id: Uuid,
    /// The case it must belong to.
    case_number: Option<i64>,
    is_granted: bool,
    reason: &'a str,
    by: &'a str,
    at_us: i64,
}

async fn mark_decided(tx: &mut Transaction<'_, Postgres>, verdict: &Verdict<'_>) -> Result<(), StoreError> {
    let done = sqlx::query(
        "UPDATE reconsideration SET state = $2, decided_us = $3, decided_by = $4, reason = $5
         WHERE id = $1 AND state = 'filed' AND case_number IS NOT DISTINCT FROM $6",
    )
    .bind(verdict.id)
    .bind(if verdict.is_granted { "granted" } else { "refused" })
    .bind(verdict.at_us)
    .bind(verdict.by)
    .bind(words(verdict.reason))
    .bind(verdict.case_number)
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

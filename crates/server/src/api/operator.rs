//! What an operator polls and answers, with its own key: `Authorization: Bearer <key>`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use canhgiac_domain::number::SourceKind;
use canhgiac_store::{RequestAnswer, RequestRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::problem::Problem;
use crate::act::ActError;
use crate::app::{App, AppState};

/// Requests given at once; the rest follows once these are answered.
const OPEN_LIMIT: i64 = 500;
/// Longest note of an answer that is kept, in characters.
const NOTE_LIMIT: usize = 1000;

/// The open requests of one operator.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OpenRequests {
    /// The oldest first, at most 500.
    requests: Vec<OpenRequest>,
}

/// One request to an operator.
#[derive(Debug, Serialize, ToSchema)]
struct OpenRequest {
    /// By which it is answered.
    id: String,
    /// Number of the case.
    case: i64,
    /// What is asked for, such as `block_two_way`.
    measure: String,
    /// The number it is about.
    source: RequestSource,
    /// In whose name it is made.
    issuing_body: String,
    /// Its legal basis.
    legal_basis: Option<String>,
    /// With a legal basis it is an order; without one it is a request (đề nghị).
    is_order: bool,
    /// When a temporary measure ends, RFC 3339.
    until: Option<String>,
    /// When it was made, RFC 3339.
    created_at: String,
}

/// What a request is about.
#[derive(Debug, Serialize, ToSchema)]
struct RequestSource {
    /// `subscriber` for a telephone number.
    kind: &'static str,
    /// In E.164.
    number: String,
}

/// An answer, as an operator sends it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerBody {
    /// `blocked`, `restored`, `not_found`, `refused` or `ported`.
    #[schema(example = "blocked")]
    answer: String,
    /// When it was done, RFC 3339.
    #[schema(example = "2026-11-23T14:05:00+07:00")]
    at: Option<String>,
    /// Id of the operator that holds the number now, with `ported`.
    to: Option<String>,
    /// For the officer.
    #[serde(default)]
    note: String,
}

/// What is open
///
/// Requests of the authorities to this operator that wait for an answer; reading them notes that they were read.
#[utoipa::path(
    get, path = "/api/v1/operator/requests", tag = "operator", security(("operator_key" = [])),
    responses(
        (status = 200, description = "Open requests", body = OpenRequests),
        (status = 401, description = "No operator's key", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Not available", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn open_requests(
    State(app): State<AppState>,
    headers: HeaderMap,
) -> Result<Json<OpenRequests>, Problem> {
    let operator = operator_of(&app, &headers).await?;
    let rows = app
        .store
        .fetch_open_requests(&operator, OPEN_LIMIT, app.clock.now_us())
        .await
        .map_err(|error| Problem::internal(&error))?;
    Ok(Json(OpenRequests { requests: rows.into_iter().map(open_request).collect() }))
}

/// What was done about a request; answered by `POST …/answer`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Answered {
    /// Id of the request.
    id: String,
    /// `answered`.
    state: &'static str,
}

/// Answer a request
///
/// The same answer again changes nothing and is answered alike.
#[utoipa::path(
    post, path = "/api/v1/operator/requests/{id}/answer", tag = "operator", security(("operator_key" = [])),
    params(("id" = String, Path, description = "Id of the request")),
    request_body = AnswerBody,
    responses(
        (status = 200, description = "Noted", body = Answered),
        (status = 401, description = "No operator's key", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such request to this operator", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Answered otherwise, or not possible now", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The answer does not fit", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Not available", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn answer(
    State(app): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<AnswerBody>, JsonRejection>,
) -> Result<Json<Answered>, Problem> {
    let operator = operator_of(&app, &headers).await?;
    let Json(body) = body.map_err(|rejection| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "answer does not read", rejection.body_text())
    })?;
    // An id that does not read is one we never gave.
    let id: Uuid = id.parse().map_err(|_| Problem::from(ActError::NotFound))?;
    let at_us = body.at.as_deref().map(read_instant).transpose()?;
    let answer = RequestAnswer {
        request_id: id,
        answer: body.answer,
        note: body.note.chars().take(NOTE_LIMIT).collect(),
        ported_to: body.to,
    };
    app.answer_request(&operator, answer, at_us).await?;
    Ok(Json(Answered { id: id.to_string(), state: "answered" }))
}

async fn operator_of(app: &App, headers: &HeaderMap) -> Result<String, Problem> {
    let unknown = || {
        Problem::new(
            StatusCode::UNAUTHORIZED,
            "key needed",
            "send Authorization: Bearer <the operator's key>",
        )
    };
    let key = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or_else(unknown)?;
    app.store
        .operator_of_key(&crate::keys::hash_token(key.trim()))
        .await
        .map_err(|error| Problem::internal(&error))?
        .ok_or_else(unknown)
}

fn read_instant(text: &str) -> Result<i64, Problem> {
    text.parse::<jiff::Timestamp>().map(|at| at.as_microsecond()).map_err(|_| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "answer does not fit",
            "'at' is an instant such as 2026-11-23T14:05:00+07:00",
        )
    })
}

fn open_request(row: RequestRow) -> OpenRequest {
    let kind = SourceKind::from_id(&row.source_kind).map_or("unknown", SourceKind::id);
    OpenRequest {
        id: row.id.to_string(),
        case: row.case_number,
        measure: row.measure,
        source: RequestSource { kind, number: row.source },
        issuing_body: row.issuing_body,
        is_order: row.legal_basis.is_some(),
        legal_basis: row.legal_basis,
        until: row.until_us.map(instant),
        created_at: instant(row.created_us),
    }
}

fn instant(at_us: i64) -> String {
    jiff::Timestamp::from_microsecond(at_us).map(|at| at.to_string()).unwrap_or_default()
}

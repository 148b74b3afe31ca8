//! Errors for programs: problem details (RFC 9457) that say what to do and nothing of the inside.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::act::ActError;

/// One problem.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Problem {
        Problem { kind: "about:blank", title, status: status.as_u16(), detail: detail.into() }
    }

    pub(crate) fn internal(error: &dyn std::fmt::Display) -> Problem {
        tracing::error!(%error, "a request of a program could not be served");
        let detail = "the product could not store or read; try again";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not available", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(header::CONTENT_TYPE, "application/problem+json")], Json(self)).into_response()
    }
}

impl From<ActError> for Problem {
    fn from(error: ActError) -> Problem {
        match error {
            ActError::NotFound => Problem::new(
                StatusCode::NOT_FOUND,
                "no such request",
                "there is no request with this id for this key",
            ),
            ActError::Conflict => Problem::new(
                StatusCode::CONFLICT,
                "already answered",
                "the request has been answered otherwise or its case has changed; fetch the open requests again",
            ),
            ActError::Refused(refusal) => {
                Problem::new(StatusCode::CONFLICT, "not possible now", refusal.to_string())
            }
            ActError::WrongAnswer(detail) => {
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "answer does not fit", detail)
            }
            ActError::Internal(error) => Problem::internal(&format!("{error:#}")),
        }
    }
}

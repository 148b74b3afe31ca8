//! Errors for programs: problem details (RFC 9457) that say what to do and nothing of the inside.

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::act::ActError;
use crate::intake::FieldError;

/// The language of an answer: Vietnamese unless `Accept-Language` prefers English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speech {
    Vi,
    En,
}

impl Speech {
    /// The first of the two that `Accept-Language` names.
    pub(crate) fn of(headers: &HeaderMap) -> Speech {
        let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let first = asked.split(',').map(|one| one.trim().to_ascii_lowercase());
        for language in first {
            if language.starts_with("en") {
                return Speech::En;
            }
            if language.starts_with("vi") {
                return Speech::Vi;
            }
        }
        Speech::Vi
    }

    /// The words in this language.
    pub(crate) fn pick<'a>(self, vi: &'a str, en: &'a str) -> &'a str {
        match self {
            Speech::Vi => vi,
            Speech::En => en,
        }
    }
}

/// A problem (RFC 9457): what went wrong and what to do.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Names the kind of problem; `about:blank` when the status says all.
    #[serde(rename = "type")]
    #[schema(example = "/api#idempotency-key-reused")]
    kind: String,
    /// The same for every problem of this kind.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What to do.
    detail: String,
    /// What is wrong, by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    #[serde(skip)]
    #[schema(ignore)]
    retry_after_s: Option<u64>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// JSON pointer to the field.
    #[schema(example = "/sources/0")]
    field: String,
    /// A stable word for programs.
    #[schema(example = "not_a_source")]
    code: String,
    /// What to do, in the language of the answer.
    detail: String,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, title: &str, detail: impl Into<String>) -> Problem {
        Problem {
            kind: "about:blank".to_owned(),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_s: None,
        }
    }

    /// A problem of a named kind, explained on the page of the API.
    pub(crate) fn named(status: StatusCode, name: &str, title: &str, detail: impl Into<String>) -> Problem {
        Problem { kind: format!("/api#{name}"), ..Problem::new(status, title, detail) }
    }

    /// The fields that are wrong.
    pub(crate) fn fields(speech: Speech, errors: Vec<FieldError>) -> Problem {
        let detail = speech.pick(
            "Sửa các trường nêu trong errors rồi gửi lại với cùng Idempotency-Key.",
            "Mend the fields named in errors and send it again under the same Idempotency-Key.",
        );
        let title = speech.pick("Phản ánh chưa đúng", "The report does not fit");
        Problem {
            errors: field_problems(speech, errors),
            ..Problem::named(StatusCode::UNPROCESSABLE_ENTITY, "fields", title, detail)
        }
    }

    /// The same, to be tried again after some seconds.
    pub(crate) fn retry_after(self, seconds: u64) -> Problem {
        Problem { retry_after_s: Some(seconds), ..self }
    }

    pub(crate) fn internal(error: &dyn std::fmt::Display) -> Problem {
        tracing::error!(%error, "a request of a program could not be served");
        let detail = "the product could not store or read; try again";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not available", detail).retry_after(5)
    }
}

/// The errors in one language.
pub(crate) fn field_problems(speech: Speech, errors: Vec<FieldError>) -> Vec<FieldProblem> {
    let one = |error: FieldError| FieldProblem {
        detail: speech.pick(&error.vi, &error.en).to_owned(),
        field: error.field,
        code: error.code.to_owned(),
    };
    errors.into_iter().map(one).collect()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after_s = self.retry_after_s;
        let facts = [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")];
        let mut response = (status, facts, Json(self)).into_response();
        if let Some(seconds) = retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
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

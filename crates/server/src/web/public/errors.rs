//! Pages for what went wrong: each says what to do next and nothing about our insides.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use canhgiac_store::StoreError;

use crate::web::page::{Page, render};

/// What went wrong, as a citizen needs to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The form came broken.
    BadRequest,
    /// A form that did not come from our own page.
    Foreign,
    /// No such page.
    NotFound,
    /// A secret link that names nothing (any more).
    DeadLink,
    /// Too much was sent at once.
    TooLarge,
    /// Too often.
    TooMany,
    /// The database is away for a while.
    Unavailable,
    /// Our fault.
    Internal,
}

impl Trouble {
    /// Our own fault, noted in the log.
    pub(crate) fn from_error(error: impl Into<anyhow::Error>) -> Self {
        let error: anyhow::Error = error.into();
        tracing::error!(error = format!("{error:#}"), "a public page failed");
        let is_passing = error.downcast_ref::<StoreError>().is_some_and(StoreError::is_unavailable);
        if is_passing { Self::Unavailable } else { Self::Internal }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Foreign => StatusCode::FORBIDDEN,
            Self::NotFound | Self::DeadLink => StatusCode::NOT_FOUND,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The keys of title, explanation and advice.
    const fn keys(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::BadRequest => ("error-400-title", "error-400-lead", "error-400-do"),
            Self::Foreign => ("error-403-title", "error-403-lead", "error-403-do"),
            Self::NotFound => ("error-404-title", "error-404-lead", "error-404-do"),
            Self::DeadLink => ("status-link-unknown", "error-410-lead", "error-410-do"),
            Self::TooLarge => ("error-413-title", "error-413-lead", "error-413-do"),
            Self::TooMany => ("error-429-title", "error-429-lead", "error-429-do"),
            Self::Unavailable => ("error-503-title", "error-503-lead", "error-503-do"),
            Self::Internal => ("error-500-title", "error-500-lead", "error-500-do"),
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::from_error(error)
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        trouble(self)
    }
}

#[derive(Template)]
#[template(path = "public/error.html")]
struct ErrorPage {
    page: Page,
    lead_key: &'static str,
    do_key: &'static str,
}

/// The page for what went wrong.
pub(crate) fn trouble(kind: Trouble) -> Response {
    let (title_key, lead_key, do_key) = kind.keys();
    let page = Page::titled(title_key, "").private();
    render(kind.status(), &ErrorPage { page, lead_key, do_key })
}

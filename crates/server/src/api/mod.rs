//! Interfaces for programs: what operators poll and answer, and whether the product is well.

mod health;
mod operator;
mod problem;

use axum::Router;
use axum::routing::{get, post};

use crate::app::AppState;

pub(crate) use health::recorder;

/// Every route for programs.
pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/api/v1/operator/requests", get(operator::open_requests))
        .route("/api/v1/operator/requests/{id}/answer", post(operator::answer))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
}

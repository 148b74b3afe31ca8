//! Interfaces for programs: reports from partners, what operators poll and answer, and whether the product is well.
//!
//! What `/api/v1` offers is described by itself: `/openapi.json` is made from the handlers, and the page `/api` from
//! that.

mod describe;
mod health;
mod metrics;
mod operator;
mod page;
mod partner;
mod problem;
mod reports;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::AppState;

pub(crate) use metrics::recorder;
pub(crate) use partner::{Rates, Scope};

/// Every route for programs that do the work of others.
pub(crate) fn router() -> Router<AppState> {
    let (described, openapi) = described().split_for_parts();
    Router::new().merge(described).merge(page::routes(openapi))
}

/// Whether this process is well.
pub(crate) fn health_router() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::metrics))
}

fn described() -> OpenApiRouter<AppState> {
    let reports = OpenApiRouter::new()
        .routes(routes!(reports::send))
        .routes(routes!(reports::send_batch))
        .routes(routes!(reports::standing))
        // Each reads its body up to its own limit, and says which.
        .layer(DefaultBodyLimit::disable());
    let operators =
        OpenApiRouter::new().routes(routes!(operator::open_requests)).routes(routes!(operator::answer));
    OpenApiRouter::with_openapi(describe::frame()).merge(reports).merge(operators)
}

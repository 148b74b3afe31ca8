//! Whether the product is alive and ready.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use canhgiac_store::StoreError;

use crate::app::{App, AppState};

/// Rows of the intake log the projector may be behind before the product calls itself unready.
const LAG_LIMIT: i64 = 100_000;
/// How long the databases may take to say how they are.
const STORE_WITHIN: Duration = Duration::from_secs(3);

pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Ready: the databases answer, the projector keeps up, the queue has room. Links that are down are
/// listed; they do not make the product unready, since pages and other links go on.
pub(super) async fn ready(State(app): State<AppState>) -> Response {
    let mut lines = Vec::new();
    let mut is_ready = true;
    match tokio::time::timeout(STORE_WITHIN, lag(&app)).await {
        Ok(Ok(lag)) => {
            is_ready &= lag <= LAG_LIMIT;
            lines.push(format!("store ok\nprojector_lag {lag}"));
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "the databases do not answer");
            is_ready = false;
            lines.push("store not available".to_owned());
        }
        Err(_) => {
            is_ready = false;
            lines.push(format!("store silent for {} s", STORE_WITHIN.as_secs()));
        }
    }
    for trouble in app.health.troubles() {
        is_ready &= !trouble.stops();
        let (part, what) = (trouble.part.id(), trouble.ailment.id());
        lines.push(format!("trouble {part} {what} for {} s", trouble.lasts.as_secs()));
    }
    if app.intake.is_stuck() {
        is_ready = false;
        lines.push("intake stuck: the log does not answer, texts are refused for now".to_owned());
    }
    if !app.instance.is_valid() {
        is_ready = false;
        lines.push("instance fenced: the database has not renewed this process in time".to_owned());
    }
    let waiting = app.intake.waiting();
    lines.push(format!("intake_waiting {waiting}"));
    if waiting >= crate::intake::QUEUE_LIMIT {
        is_ready = false;
        lines.push("trouble intake queue_full".to_owned());
    }
    for (name, link) in app.links.all() {
        lines.push(format!("link {name} {}", link.state.id()));
    }
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, lines.join("\n") + "\n").into_response()
}

/// Rows of the intake log that the projector has not worked through.
async fn lag(app: &App) -> Result<i64, StoreError> {
    app.store.ping().await?;
    // The cursor first: the log only grows.
    let cursor = app.store.cursor().await?;
    Ok(app.store.intake_end().await? - cursor)
}

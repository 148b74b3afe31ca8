//! Whether the product is alive, ready, and what it counts.

use std::sync::OnceLock;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::app::AppState;
use crate::gateway::LinkState;

/// Rows of the intake log the projector may be behind before the product calls itself unready.
const LAG_LIMIT: i64 = 100_000;

/// The recorder of this process; installed by the first call.
pub(crate) fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    RECORDER
        .get_or_init(|| match PrometheusBuilder::new().install_recorder() {
            Ok(handle) => Some(handle),
            Err(error) => {
                tracing::error!(%error, "metrics cannot be recorded");
                None
            }
        })
        .as_ref()
}

pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Ready: the databases answer, the projector keeps up, the queue has room. Links that are down are
/// listed; they do not make the product unready, since pages and other links go on.
pub(super) async fn ready(State(app): State<AppState>) -> Response {
    let mut lines = Vec::new();
    let mut is_ready = true;
    match (app.store.ping().await, app.store.intake_end().await, app.store.cursor().await) {
        (Ok(()), Ok(end), Ok(cursor)) => {
            let lag = end - cursor;
            is_ready &= lag <= LAG_LIMIT;
            lines.push(format!("store ok\nprojector_lag {lag}"));
        }
        (Err(error), _, _) | (_, Err(error), _) | (_, _, Err(error)) => {
            tracing::error!(%error, "the databases do not answer");
            is_ready = false;
            lines.push("store not available".to_owned());
        }
    }
    let waiting = app.intake.waiting();
    is_ready &= waiting < crate::intake::QUEUE_LIMIT;
    lines.push(format!("intake_waiting {waiting}"));
    for (name, link) in app.links.all() {
        lines.push(format!("link {name} {}", link.state.id()));
    }
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, lines.join("\n") + "\n").into_response()
}

pub(super) async fn metrics(State(app): State<AppState>) -> Response {
    ::metrics::gauge!("canhgiac_intake_waiting").set(app.intake.waiting() as f64);
    if let (Ok(end), Ok(cursor)) = (app.store.intake_end().await, app.store.cursor().await) {
        ::metrics::gauge!("canhgiac_projector_lag").set((end - cursor) as f64);
    }
    if let Ok(waiting) = app.store.jobs_waiting(app.clock.now_us()).await {
        ::metrics::gauge!("canhgiac_jobs_waiting").set(waiting as f64);
    }
    for (name, link) in app.links.all() {
        let is_bound = if link.state == LinkState::Bound { 1.0 } else { 0.0 };
        ::metrics::gauge!("canhgiac_link_bound", "link" => name).set(is_bound);
    }
    match recorder() {
        Some(recorder) => {
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], recorder.render()).into_response()
        }
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

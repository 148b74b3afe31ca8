//! What the product counts, for Prometheus. Labels are names of links and fixed words, never anything of a citizen.
//!
//! docs/metrics.md explains each; a test holds that document and this list together.

use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, UNIX_EPOCH};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::app::{App, AppState};
use crate::gateway::{LATENCY_EDGES_S, LinkState, LinkStatus};
use crate::health::Part;

/// How often histograms are folded: they keep every value until then, and nobody may ever ask for them.
const FOLD_EVERY: Duration = Duration::from_secs(1);

/// How long the database is waited for: Prometheus gives up after 10 s, and the rest is worth having without it.
const STORE_WITHIN: Duration = Duration::from_secs(3);

const COUNTERS: [(&str, &str); 10] = [
    ("canhgiac_intake_items_total", "Items made durable in the intake log."),
    ("canhgiac_intake_failures_total", "Commits of the intake log that failed."),
    ("canhgiac_reports_projected_total", "Reports the projector has written."),
    ("canhgiac_projector_failures_total", "Batches the projector could not write."),
    ("canhgiac_jobs_dead_total", "Jobs that gave up and wait for an officer."),
    ("canhgiac_forms_limited_total", "Web forms that were refused because one place sent too many."),
    ("canhgiac_connections_refused_total", "SMPP connections refused because too many were open."),
    ("canhgiac_unknown_binds_total", "SMPP binds with a system_id that no link has."),
    ("canhgiac_clock_jumps_total", "Times the system's clock was set while we ran."),
    ("canhgiac_metrics_failures_total", "Times the database did not answer when metrics were asked for."),
];

const LINK_COUNTERS: [(&str, &str); 11] = [
    ("canhgiac_link_binds_total", "Sessions that were bound; all but the first are reconnects."),
    ("canhgiac_link_failures_total", "Connections that were lost or not made, and binds that were refused."),
    ("canhgiac_link_texts_in_total", "Texts that were made durable and answered OK."),
    ("canhgiac_link_texts_refused_total", "Texts refused for now (0x64) because they could not be stored."),
    ("canhgiac_link_undecodable_total", "Messages whose body could not be decoded; they were kept."),
    ("canhgiac_link_suspected_redeliveries_total", "Texts that may be ones sent before a session broke."),
    ("canhgiac_link_receipts_in_total", "Delivery receipts."),
    ("canhgiac_link_messages_out_total", "Messages the peer took."),
    ("canhgiac_link_messages_refused_total", "Messages the peer refused, by what that asks of us."),
    ("canhgiac_link_messages_uncertain_total", "Messages of which it is not known whether they left."),
    ("canhgiac_link_pauses_total", "Times sending paused because the peer asked us to slow down."),
];

const GAUGES: [(&str, &str); 16] = [
    ("canhgiac_store_up", "1 when the database answers."),
    ("canhgiac_store_trouble", "1 while commits fail or stand still."),
    ("canhgiac_store_damaged", "1 when something was read that is not what was written."),
    ("canhgiac_intake_waiting", "Items that wait for their commit."),
    ("canhgiac_projector_lag", "Rows of the intake log the projector has not read yet."),
    ("canhgiac_jobs_waiting", "Jobs that are due."),
    ("canhgiac_backup_last_success_timestamp_seconds", "When `canhgiac backup` last ended well."),
    ("canhgiac_link_bound", "1 when a session is bound."),
    ("canhgiac_link_sessions", "Sessions that are bound."),
    ("canhgiac_link_paused", "1 while sending pauses because the peer asked us to slow down."),
    ("canhgiac_link_last_heard_timestamp_seconds", "When something last came from the peer."),
    ("canhgiac_link_queue", "Messages that wait to be sent."),
    ("canhgiac_link_unanswered_in", "Texts that came and are not answered yet."),
    ("canhgiac_link_oldest_unanswered_in_seconds", "How long the oldest of them has waited."),
    ("canhgiac_link_unanswered_out", "Messages the peer has not answered yet."),
    ("canhgiac_link_oldest_unanswered_out_seconds", "How long the oldest of them has waited."),
];

const HISTOGRAMS: [(&str, &str); 3] = [
    ("canhgiac_intake_commit_seconds", "How long one shared commit of the intake log took."),
    ("canhgiac_link_answer_seconds", "From a text's arrival to its answer, its commit included."),
    ("canhgiac_link_submit_seconds", "From handing a message to a session to the peer's answer."),
];

/// The recorder of this process; installed by the first call.
pub(crate) fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    RECORDER
        .get_or_init(|| match install() {
            Ok(handle) => Some(handle),
            Err(error) => {
                tracing::error!(%error, "metrics cannot be recorded");
                None
            }
        })
        .as_ref()
}

fn install() -> anyhow::Result<PrometheusHandle> {
    let recorder = PrometheusBuilder::new().set_buckets(&LATENCY_EDGES_S)?.install_recorder()?;
    for (name, meaning) in COUNTERS.into_iter().chain(LINK_COUNTERS) {
        metrics::describe_counter!(name, meaning);
    }
    for (name, meaning) in GAUGES {
        metrics::describe_gauge!(name, meaning);
    }
    for (name, meaning) in HISTOGRAMS {
        metrics::describe_histogram!(name, meaning);
    }
    // A counter that is absent until it first counts hides its first count from `increase()`.
    COUNTERS.into_iter().for_each(|(name, _)| metrics::counter!(name).increment(0));
    let folded = recorder.clone();
    std::thread::Builder::new().name("metrics-fold".to_owned()).spawn(move || {
        loop {
            std::thread::sleep(FOLD_EVERY);
            folded.run_upkeep();
        }
    })?;
    Ok(recorder)
}

/// All figures in Prometheus' text format.
pub(super) async fn metrics(State(app): State<AppState>) -> Response {
    let Some(recorder) = recorder() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    metrics::gauge!("canhgiac_intake_waiting").set(app.intake.waiting() as f64);
    let is_up = match tokio::time::timeout(STORE_WITHIN, ask_store(&app)).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!(%error, "metrics: the database does not answer");
            false
        }
        Err(_) => {
            tracing::warn!("metrics: the database does not answer in time");
            false
        }
    };
    if !is_up {
        metrics::counter!("canhgiac_metrics_failures_total").increment(1);
    }
    metrics::gauge!("canhgiac_store_up").set(f64::from(u8::from(is_up)));
    let troubles = app.health.troubles();
    for part in Part::ALL {
        let has = |stops| troubles.iter().any(|one| one.part == part && one.stops() == stops);
        for (gauge, value) in [("canhgiac_store_trouble", has(true)), ("canhgiac_store_damaged", has(false))]
        {
            metrics::gauge!(gauge, "part" => part.id()).set(f64::from(u8::from(value)));
        }
    }
    if let Some(at_s) = last_backup(&app.config.data_dir) {
        metrics::gauge!("canhgiac_backup_last_success_timestamp_seconds").set(at_s);
    }
    for (name, link) in app.links.all() {
        show(&name, &link, app.clock.now_us());
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], recorder.render()).into_response()
}

async fn ask_store(app: &App) -> Result<(), canhgiac_store::StoreError> {
    let lag = app.store.intake_end().await? - app.store.cursor().await?;
    metrics::gauge!("canhgiac_projector_lag").set(lag as f64);
    let jobs = app.store.jobs_waiting(app.clock.now_us()).await?;
    metrics::gauge!("canhgiac_jobs_waiting").set(jobs as f64);
    let planned = app.store.messages_planned().await?;
    for link in &app.config.links {
        let count: i64 = planned.iter().filter(|one| one.label == link.name).map(|one| one.count).sum();
        metrics::gauge!("canhgiac_link_queue", "link" => link.name.clone()).set(count as f64);
    }
    Ok(())
}

fn show(name: &str, link: &LinkStatus, now_us: i64) {
    LINK_COUNTERS
        .into_iter()
        // Refusals have one more label, so they are zero in another way.
        .filter(|(counter, _)| *counter != "canhgiac_link_messages_refused_total")
        .for_each(|(counter, _)| metrics::counter!(counter, "link" => name.to_owned()).increment(0));
    for reason in crate::gateway::REFUSALS {
        metrics::counter!("canhgiac_link_messages_refused_total", "link" => name.to_owned(), "reason" => reason)
            .increment(0);
    }
    let set = |gauge: &'static str, value: f64| metrics::gauge!(gauge, "link" => name.to_owned()).set(value);
    set("canhgiac_link_bound", f64::from(u8::from(link.state == LinkState::Bound)));
    set("canhgiac_link_sessions", f64::from(link.sessions));
    set(
        "canhgiac_link_paused",
        f64::from(u8::from(link.paused_until_us.is_some_and(|until_us| until_us > now_us))),
    );
    set("canhgiac_link_unanswered_in", link.unanswered_in as f64);
    set("canhgiac_link_oldest_unanswered_in_seconds", seconds(link.oldest_unanswered));
    set("canhgiac_link_unanswered_out", link.unanswered_out as f64);
    set("canhgiac_link_oldest_unanswered_out_seconds", seconds(link.oldest_unanswered_out));
    if let Some(seen_us) = link.last_seen_us {
        set("canhgiac_link_last_heard_timestamp_seconds", seen_us as f64 / 1e6);
    }
}

fn seconds(open: Option<Duration>) -> f64 {
    open.unwrap_or_default().as_secs_f64()
}

fn last_backup(data_dir: &Path) -> Option<f64> {
    let at =
        std::fs::metadata(data_dir.join(crate::backup::STAMP)).and_then(|stamp| stamp.modified()).ok()?;
    Some(at.duration_since(UNIX_EPOCH).ok()?.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_explained_in_the_documentation_and_no_other() {
        let text = include_str!("../../../../docs/metrics.md");
        let mut explained: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("| `"))
            .filter_map(|line| line.split(['`', '{']).next())
            .collect();
        let all = [&COUNTERS[..], &LINK_COUNTERS, &GAUGES, &HISTOGRAMS].concat();
        let mut names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        explained.sort_unstable();
        assert_eq!(explained, names);
    }

    #[test]
    fn alerts_speak_of_metrics_that_exist() {
        let rules = include_str!("../../../../deploy/prometheus/alerts.yml");
        let all = [&COUNTERS[..], &LINK_COUNTERS, &GAUGES, &HISTOGRAMS].concat();
        let mut rest = rules;
        let mut seen = 0;
        while let Some(start) = rest.find("canhgiac_") {
            rest = &rest[start..];
            let end = rest.find(|ch: char| !ch.is_ascii_alphanumeric() && ch != '_').unwrap_or(rest.len());
            let (used, after) = rest.split_at(end);
            let base = ["_bucket", "_count", "_sum"].iter().find_map(|tail| used.strip_suffix(tail));
            assert!(all.iter().any(|(name, _)| *name == used || Some(*name) == base), "{used}");
            rest = after;
            seen += 1;
        }
        assert!(seen > 10);
    }
}

//! Jobs: every effect of a change is a row written with it; here they are run, retried and set aside.
//!
//! A job is claimed by lease, so that one whose worker died runs again; each handler is idempotent:
//! what it writes carries keys that make a second run change nothing.

mod broadcast;
mod outcome;
mod reply;

use std::sync::Arc;
use std::time::Duration;

use canhgiac_store::{JobRow, StoreError};
use tokio_util::sync::CancellationToken;

use crate::act::ActError;
use crate::app::App;
use crate::health::Part;

/// Jobs claimed at once.
const CLAIM_LIMIT: i64 = 64;
/// How long a claimed job belongs to its worker.
const LEASE_US: i64 = 60 * 1_000_000;
/// The same where other workers take over from one that died. A job that takes longer may run twice at a time,
/// which changes nothing: what it writes carries keys.
const LEASE_SHARED_US: i64 = 10 * 1_000_000;
/// Jobs claimed at once there: no more than are done well within their lease.
const CLAIM_SHARED_LIMIT: i64 = 32;
/// Tries before a job is set aside for an officer to see.
const ATTEMPTS_LIMIT: i64 = 8;
/// First pause after a failure; it doubles with every further one.
const BACKOFF_US: i64 = 2 * 1_000_000;
/// Longest pause.
const BACKOFF_LIMIT_US: i64 = 10 * 60 * 1_000_000;
/// Jobs that are not due yet (an expiry, a retry) are looked for this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often it is tried to note that a job failed; after that its lease runs out.
const NOTE_TRIES: u32 = 60;
/// The same where pages of other processes write jobs without waking this one.
const LOOK_SHARED_EVERY: Duration = Duration::from_millis(200);
/// How often what is out of date is thrown away.
const TIDY_EVERY: Duration = Duration::from_secs(15 * 60);

/// Names of what senders sent that are forgotten at once; the rest follows the next time.
const FORGET_LIMIT: i64 = 50_000;

/// Files that belong to no report are thrown away after this long.
const ORPHANS_AFTER: Duration = Duration::from_secs(2 * 24 * 3600);

/// Runs jobs until `stop`. Several processes may do so on a database that they share.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let is_shared = app.instance.is_shared();
    let look_every = if is_shared { LOOK_SHARED_EVERY } else { LOOK_EVERY };
    // What a killed run had claimed need not wait until its leases end, unless others hold some of them.
    if !is_shared && let Err(error) = app.store.release_jobs().await {
        tracing::error!(%error, "the jobs of the last run could not be taken back; their leases will run out");
    }
    let mut tidy = tokio::time::interval(TIDY_EVERY);
    while !stop.is_cancelled() {
        match run_due(&app).await {
            Ok(0) => {
                tokio::select! {
                    () = app.jobs.notified() => {}
                    () = tokio::time::sleep(look_every) => {}
                    _ = tidy.tick() => tidy_up(&app).await,
                    () = stop.cancelled() => {}
                }
            }
            Ok(_) => {}
            Err(error) => {
                if let Some(error) = error.downcast_ref() {
                    app.health.went_wrong(Part::State, error);
                }
                tracing::error!(%error, "jobs could not be claimed and will be looked for again");
                tokio::select! {
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
    }
}

/// Runs the jobs that are due now and says how many.
///
/// # Errors
/// When they cannot be claimed.
pub async fn run_due(app: &App) -> anyhow::Result<usize> {
    let (limit, lease_us) = match app.instance.is_shared() {
        true => (CLAIM_SHARED_LIMIT, LEASE_SHARED_US),
        false => (CLAIM_LIMIT, LEASE_US),
    };
    let jobs = app.store.claim_jobs(limit, app.clock.now_us(), lease_us).await?;
    let count = jobs.len();
    for job in jobs {
        if let Err(error) = run_one(app, &job).await {
            if error.downcast_ref().is_some_and(StoreError::is_unavailable) {
                // No fault of the job: it and those behind it are claimed again when their leases have run out.
                return Err(error);
            }
            set_back(app, &job, &error).await;
        }
    }
    if count > 0 {
        app.outbox.notify_waiters();
    }
    Ok(count)
}

async fn run_one(app: &App, job: &JobRow) -> anyhow::Result<()> {
    let payload: serde_json::Value = serde_json::from_str(&job.payload)?;
    let number =
        |name: &str| payload[name].as_i64().ok_or_else(|| anyhow::anyhow!("the job names no {name}"));
    match job.kind.as_str() {
        "reply" => reply::run(app, job.seq, number("report")?).await,
        "outcome" => {
            let notice = payload["notice"].as_str().unwrap_or_default();
            outcome::run(app, job.seq, number("case")?, notice, number("at_us")?, number("version")?).await
        }
        "expire" => {
            expire(app, number("case")?).await?;
            Ok(app.store.finish_job(job.seq, &[], None, app.clock.now_us()).await?)
        }
        "broadcast" => {
            let id = payload["bulletin"].as_str().unwrap_or_default().parse()?;
            broadcast::run(app, job.seq, id).await
        }
        other => anyhow::bail!("there is no handler for jobs of kind '{other}'"),
    }
}

/// A block whose time has come to an end; one that ended otherwise in between needs nothing.
async fn expire(app: &App, number: i64) -> anyhow::Result<()> {
    match app.expire(number).await {
        Ok(()) | Err(ActError::Refused(canhgiac_domain::procedure::Refusal::WrongState)) => Ok(()),
        // An earlier expiry of a case that was blocked anew: the later one has its own job.
        Err(ActError::Refused(canhgiac_domain::procedure::Refusal::NotYet)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn set_back(app: &App, job: &JobRow, error: &anyhow::Error) {
    let is_dead = job.attempts >= ATTEMPTS_LIMIT;
    let doublings = u32::try_from(job.attempts.clamp(1, 16) - 1).unwrap_or(0);
    let pause = (BACKOFF_US << doublings).min(BACKOFF_LIMIT_US);
    // Jitter from the job's own number: jobs that failed together do not come back together.
    let jitter = (job.seq.unsigned_abs() * 7919 % 1000) as i64 * pause / 2000;
    let run_us = (!is_dead).then(|| app.clock.now_us() + pause + jitter);
    if is_dead {
        metrics::counter!("canhgiac_jobs_dead_total").increment(1);
        tracing::error!(job = job.seq, kind = %job.kind, error = %format!("{error:#}"), "a job failed for good");
    } else {
        tracing::warn!(job = job.seq, kind = %job.kind, error = %format!("{error:#}"), "a job failed and will run again");
    }
    for tries_left in (0..NOTE_TRIES).rev() {
        let Err(unnoted) = app.store.fail_job(job.seq, &format!("{error:#}"), run_us).await else { return };
        tracing::error!(job = job.seq, error = %unnoted, tries_left, "a failed job could not be noted");
        // Most often it failed because the database did: until that works there is nothing else to do either.
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn tidy_up(app: &App) {
    if let Err(error) = app.store.delete_expired_sessions(app.clock.now_us()).await {
        tracing::warn!(%error, "expired sessions could not be thrown away");
    }
    if let Err(error) = crate::purge::finish_erasures(app).await {
        tracing::warn!(error = %format!("{error:#}"), "erasures that were asked for could not be done yet");
    }
    if let Err(error) = crate::purge::run_daily(app).await {
        tracing::error!(error = %format!("{error:#}"), "the purge ended early and will be taken up again");
    }
    if let Err(error) = app.store.forget_intake_keys(app.clock.now_us(), FORGET_LIMIT).await {
        tracing::warn!(%error, "names whose time is over could not be forgotten");
    }
    if let Err(error) = throw_orphans_away(app).await {
        tracing::warn!(error = %format!("{error:#}"), "files of reports that were never sent could not be thrown away");
    }
}

/// Files are kept when they are chosen, before the form is sent: those whose form never was go again.
async fn throw_orphans_away(app: &App) -> anyhow::Result<()> {
    for hash in app.evidence.older_than(ORPHANS_AFTER)? {
        if !app.store.has_evidence(&hash).await? {
            app.evidence.throw_away(&hash)?;
        }
    }
    Ok(())
}

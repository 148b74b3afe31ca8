//! The daily purge: what is kept no longer than its dated period (`data/retention.toml`) is removed in small
//! steps, counted where it is removed, and written into the audit trail.

use canhgiac_domain::retention::DataKind;
use canhgiac_store::{NewAudit, Page, PurgeOrder};

use crate::app::App;

/// Rows changed in one transaction: an officer's change waits for one of these at most.
const STEP_ROWS: i64 = 200;
const DAY_US: i64 = 24 * 3_600 * 1_000_000;
/// Steps of one kind in one purge; what is left is tomorrow's.
const STEPS_LIMIT: u32 = 100_000;

/// What a purge removed, or would.
pub type Removed = Vec<(DataKind, i64)>;

/// Purges when today's has not been done yet; `None` when there was nothing to begin.
///
/// # Errors
/// What the database said; what was removed so far stays counted.
pub async fn run_daily(app: &App) -> anyhow::Result<Option<Removed>> {
    let now_us = app.clock.now_us();
    let day = now_us.div_euclid(DAY_US);
    if !app.store.begin_purge(day, now_us).await? {
        return Ok(None);
    }
    let removed = sweep(app, Some(day)).await?;
    // The whole day's count, with what an interrupted run had removed before.
    let counted = app.store.purges(1).await?.into_iter().find(|run| run.day == day);
    let list: Vec<String> = counted
        .map(|run| run.removed)
        .unwrap_or_default()
        .iter()
        .map(|count| format!("{}: {}", count.label, count.count))
        .collect();
    let audit = NewAudit {
        at_us: app.clock.now_us(),
        actor: "system".to_owned(),
        action: "purged".to_owned(),
        object: format!("purge:{day}"),
        detail: if list.is_empty() { "0".to_owned() } else { list.join(", ") },
    };
    app.store.end_purge(day, &audit).await?;
    tracing::info!(day, removed = %audit.detail, "data whose time was over has been removed");
    Ok(Some(removed))
}

/// What a purge would remove now.
///
/// # Errors
/// What the database said.
pub async fn dry_run(app: &App) -> anyhow::Result<Removed> {
    sweep(app, None).await
}

async fn sweep(app: &App, day: Option<i64>) -> anyhow::Result<Removed> {
    let mut removed = Vec::new();
    for kind in DataKind::ALL {
        removed.push((kind, sweep_kind(app, kind, day).await?));
    }
    Ok(removed)
}

async fn sweep_kind(app: &App, kind: DataKind, day: Option<i64>) -> anyhow::Result<i64> {
    let Some(period) = app.rules.retention.on(kind, app.clock.today()) else { return Ok(0) };
    let now_us = app.clock.now_us();
    let mut order = PurgeOrder {
        kind,
        before_us: now_us - i64::from(period.days) * DAY_US,
        now_us,
        after: 0,
        limit: STEP_ROWS,
        day,
    };
    let mut removed = 0;
    for _ in 0..STEPS_LIMIT {
        let step = app.store.purge(&order).await?;
        removed += step.removed;
        throw_away(app, &step.files).await;
        match step.next {
            Some(next) => order.after = next,
            None => break,
        }
        // The writer is handed out in turn: whoever waits for it goes first.
        tokio::task::yield_now().await;
    }
    Ok(removed)
}

/// Removes files that no report has any more. One that stays is looked for again with the orphans.
pub(crate) async fn throw_away(app: &App, files: &[Vec<u8>]) {
    for hash in files {
        // The same bytes may have been sent anew in between.
        match app.store.has_evidence(hash).await {
            Ok(false) => {
                if let Err(error) = app.evidence.throw_away(hash) {
                    tracing::warn!(error = format!("{error:#}"), "a file could not be removed yet");
                }
            }
            Ok(true) => {}
            Err(error) => tracing::warn!(%error, "a file could not be removed yet"),
        }
    }
}

/// Does the erasures that waited for a case to end.
///
/// # Errors
/// What the database said.
pub async fn finish_erasures(app: &App) -> anyhow::Result<u64> {
    let mut done = 0;
    let mut page = Page { offset: 0, limit: 100 };
    loop {
        let waiting = app.store.erasures_waiting(page).await?;
        let count = waiting.len() as i64;
        let mut left = 0;
        for row in waiting {
            if crate::citizen_data::erase_one(app, row.report_seq, &row.asked_by).await? {
                done += 1;
            } else {
                left += 1;
            }
        }
        if count < page.limit {
            return Ok(done);
        }
        page.offset += left;
    }
}

//! The projector: follows the intake log by its cursor and turns rows into reports, a batch at a time.
//!
//! The cursor moves in the transaction that stores what the rows became, so a crash repeats nothing
//! and loses nothing. What rows become is decided in [`crate::understand`], without a database.

mod pace;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use canhgiac_store::{IntakeRow, NewPart, NewReport, Projection, StoreError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::app::App;
use crate::health::{Part, follow_clock};
use crate::understand::{
    DAMAGED, Entry, PartText, Text, is_complete, join, pieces_of, report_of_call, report_of_form,
    report_of_text, take_apart,
};
use pace::{Pace, STEP_BACK};

/// Parts of a long message wait this long for the others.
const PARTS_WAIT_US: i64 = 30 * 60 * 1_000_000;
/// How often parts that have waited too long are looked for.
const OVERDUE_EVERY: Duration = Duration::from_secs(60);
/// How often the log is looked at where other processes write it without waking this one.
const LOOK_SHARED_EVERY: Duration = Duration::from_millis(50);
/// Pause after a failure of the database before the next try.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Runs until `stop`; every row durable before `stop` may be left to the next start.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut overdue_at = Instant::now();
    let mut work = Work::new();
    while !stop.is_cancelled() {
        let outcome = step(&app, &mut work, &mut overdue_at).await;
        match outcome {
            Ok(true) => step_back_at_peak(&app, &mut work.pace, &stop).await,
            Ok(false) => {
                let look_again = match app.instance.is_shared() {
                    true => overdue_at.min(Instant::now() + LOOK_SHARED_EVERY),
                    false => overdue_at,
                };
                tokio::select! {
                    () = app.projector.notified() => {}
                    () = tokio::time::sleep_until(look_again) => {}
                    () = stop.cancelled() => {}
                }
            }
            Err(error) => {
                if let Some(error) = error.downcast_ref() {
                    app.health.went_wrong(Part::State, error);
                }
                metrics::counter!("canhgiac_projector_failures_total").increment(1);
                tracing::error!(%error, "the projector could not store a batch and will try again");
                tokio::select! {
                    () = tokio::time::sleep(RETRY_AFTER) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
    }
}

/// What the projector keeps from batch to batch.
struct Work {
    pace: Pace,
    ahead: Option<Ahead>,
}

impl Work {
    fn new() -> Work {
        Work { pace: Pace::new(Instant::now()), ahead: None }
    }
}

/// Rows of the log that were understood before it was their turn.
struct Ahead {
    from_seq: i64,
    to_seq: i64,
    rows: i64,
    ready: BTreeMap<i64, NewReport>,
    parts: Parts,
}

/// While texts come faster than anyone could follow, those who wait for an answer get processor and disk first.
async fn step_back_at_peak(app: &App, pace: &mut Pace, stop: &CancellationToken) {
    let until = Instant::now() + STEP_BACK;
    while Instant::now() < until && !stop.is_cancelled() {
        // What keeps the log from being read is met, and said, by the next batch.
        let Ok(end) = app.store.intake_end().await else { return };
        if !pace.log_ends(end, Instant::now()) {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(STEP_BACK / 8) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn step(app: &Arc<App>, work: &mut Work, overdue_at: &mut Instant) -> anyhow::Result<bool> {
    if Instant::now() >= *overdue_at {
        *overdue_at = Instant::now() + OVERDUE_EVERY;
        // Before anything counts as overdue only because the clock was set.
        follow_clock(app).await;
        deliver_overdue(app).await?;
    }
    let projected = project_batch(app, work).await?;
    if projected {
        app.jobs.notify_one();
    }
    Ok(projected)
}

/// Projects everything that is in the log now; what an export does while the product is stopped.
///
/// # Errors
/// What the database said.
pub async fn catch_up(app: &Arc<App>) -> anyhow::Result<()> {
    let mut work = Work::new();
    while project_batch(app, &mut work).await? {}
    deliver_overdue(app).await
}

/// Projects one batch, and understands the next while it is stored; false when there was nothing to do.
async fn project_batch(app: &Arc<App>, work: &mut Work) -> anyhow::Result<bool> {
    let from_seq = app.store.cursor().await?;
    let ahead = match work.ahead.take().filter(|ahead| ahead.from_seq == from_seq) {
        Some(ahead) => Some(ahead),
        None => read_ahead(app, from_seq, work.pace.batch()).await?,
    };
    let Some(Ahead { to_seq, rows, mut ready, mut parts, .. }) = ahead else { return Ok(false) };
    let mut batch = Projection { from_seq, to_seq, ..rules_of(app)? };
    let keys: Vec<Vec<u8>> = parts.groups.keys().cloned().collect();
    let waiting = app.store.parts_waiting(&keys).await?;
    let seqs: Vec<i64> = waiting.iter().map(|(seq, _)| *seq).collect();
    for row in app.store.intake_rows(&seqs).await? {
        if let Entry::Part(part) = apart(app, &row) {
            parts.add(row, *part, false);
        }
    }
    for group in parts.into_groups() {
        let rest = deliver_complete(app, group, &mut batch, &mut ready);
        for (row, part, is_new) in rest {
            if is_new && !(part.meta.is_suspected && is_held(app, &[(&row, &part)]).await?) {
                batch.parts_waiting.push(NewPart {
                    intake_seq: row.seq,
                    part_key: part.key,
                    received_us: row.received_us,
                });
            }
        }
    }
    batch.reports = ready.into_values().collect();
    metrics::counter!("canhgiac_reports_projected_total").increment(batch.reports.len() as u64);
    let (stored, ahead) = tokio::join!(store(app, &batch), read_ahead(app, batch.to_seq, work.pace.batch()));
    work.pace.stored(rows, stored?);
    work.ahead = ahead?;
    Ok(true)
}

/// Stores a batch and says how long that took.
async fn store(app: &App, batch: &Projection) -> anyhow::Result<Duration> {
    let started = Instant::now();
    app.health.begins(Part::State);
    let projected = app.store.project(batch).await;
    match &projected {
        Ok(()) | Err(StoreError::Conflict) => app.health.went_well(Part::State),
        Err(error) => app.health.went_wrong(Part::State, error),
    }
    match projected {
        // Another projector may be faster: then one looks again where the cursor stands.
        Ok(()) | Err(StoreError::Conflict) => Ok(started.elapsed()),
        Err(error) => Err(error.into()),
    }
}

/// Reads rows and understands each by itself, on a thread where it stops nobody.
async fn read_ahead(app: &Arc<App>, from_seq: i64, limit: i64) -> anyhow::Result<Option<Ahead>> {
    let rows = app.store.read_intake(from_seq, limit).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let app = Arc::clone(app);
    Ok(Some(tokio::task::spawn_blocking(move || understand_rows(&app, from_seq, rows)).await?))
}

fn understand_rows(app: &App, from_seq: i64, rows: Vec<IntakeRow>) -> Ahead {
    let mut ahead = Ahead {
        from_seq,
        to_seq: rows.last().map_or(from_seq, |row| row.seq),
        rows: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        ready: BTreeMap::new(),
        parts: Parts::default(),
    };
    for row in rows {
        match apart(app, &row) {
            Entry::Whole(text) => {
                ahead.ready.insert(row.seq, whole(app, *text, &row));
            }
            Entry::Form(form) => {
                let report = report_of_form(*form, &row, Uuid::now_v7(), &app.rules, day(app, &row));
                ahead.ready.insert(row.seq, report);
            }
            Entry::Sent(sent) => {
                let report = report_of_form(sent.form, &row, sent.id, &app.rules, day(app, &row));
                ahead.ready.insert(row.seq, report);
            }
            Entry::Call(body, meta) => {
                let id = Uuid::now_v7();
                let report = report_of_call(*body, &meta, &row, id, &app.rules, day(app, &row));
                ahead.ready.insert(row.seq, report);
            }
            Entry::Part(part) => ahead.parts.add(row, *part, true),
        }
    }
    ahead
}

/// Parts whose others never came are delivered as they are, marked incomplete, never thrown away; unless they
/// came a second time and their words stand in a report already.
async fn deliver_overdue(app: &App) -> anyhow::Result<()> {
    loop {
        let overdue = app.store.parts_overdue(app.clock.now_us() - PARTS_WAIT_US).await?;
        if overdue.is_empty() {
            return Ok(());
        }
        let cursor = app.store.cursor().await?;
        let mut batch = Projection { from_seq: cursor, to_seq: cursor, ..rules_of(app)? };
        let mut parts = Parts::default();
        let mut ready = BTreeMap::new();
        let seqs: Vec<i64> = overdue.iter().map(|(seq, _)| *seq).collect();
        for row in app.store.intake_rows(&seqs).await? {
            match apart(app, &row) {
                Entry::Part(part) => parts.add(row, *part, false),
                // It read as a part when it came and no longer does: an officer sees it, and it waits no more.
                Entry::Whole(text) => {
                    ready.insert(row.seq, whole(app, *text, &row));
                }
                Entry::Form(_) | Entry::Sent(_) | Entry::Call(..) => {}
            }
        }
        for group in parts.into_groups() {
            let rest = deliver_complete(app, group, &mut batch, &mut ready);
            let pieces: Vec<_> = rest.iter().map(|(row, part, _)| (row, part)).collect();
            if !is_held(app, &pieces).await? {
                deliver(app, rest, &mut batch, &mut ready);
            }
        }
        batch.parts_used = seqs;
        batch.reports = ready.into_values().collect();
        match app.store.project(&batch).await {
            Ok(()) | Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Parts of one message with their rows, in the order they came.
type Group = Vec<(IntakeRow, PartText, bool)>;

#[derive(Default)]
struct Parts {
    groups: HashMap<Vec<u8>, Group>,
}

impl Parts {
    fn add(&mut self, row: IntakeRow, part: PartText, is_new: bool) {
        self.groups.entry(part.key.clone()).or_default().push((row, part, is_new));
    }

    fn into_groups(self) -> impl Iterator<Item = Group> {
        self.groups.into_values().map(|mut group| {
            group.sort_by_key(|(row, _, _)| row.seq);
            group
        })
    }
}

/// Makes reports of the complete messages in a group and gives what is left of it.
///
/// A sender may use a reference again: each time all numbers are there, one message is complete.
fn deliver_complete(
    app: &App,
    group: Group,
    batch: &mut Projection,
    ready: &mut BTreeMap<i64, NewReport>,
) -> Group {
    let mut open: Group = Vec::new();
    for entry in group {
        open.push(entry);
        let texts: Vec<&PartText> = open.iter().map(|(_, part, _)| part).collect();
        if is_complete(&texts) {
            deliver(app, std::mem::take(&mut open), batch, ready);
        }
    }
    open
}

/// Whether the words of these parts stand in a report that their sender made not long before: then they came
/// again, after a broken session or by an SMSC that sends twice, and the others of their message never will.
async fn is_held(app: &App, parts: &[(&IntakeRow, &PartText)]) -> anyhow::Result<bool> {
    let Some((row, first)) = parts.first() else { return Ok(false) };
    let texts: Vec<&PartText> = parts.iter().map(|(_, part)| *part).collect();
    let (Some(reporter), Some(text)) = (row.reporter_hash.as_deref(), join(&texts)) else {
        return Ok(false);
    };
    let pieces = pieces_of(&text.text);
    let since_us = row.received_us - PARTS_WAIT_US;
    Ok(!pieces.is_empty() && app.store.holds_pieces(reporter, &first.to_code, since_us, &pieces).await?)
}

fn deliver(app: &App, parts: Group, batch: &mut Projection, ready: &mut BTreeMap<i64, NewReport>) {
    let texts: Vec<&PartText> = parts.iter().map(|(_, part, _)| part).collect();
    let (Some(text), Some((first, _, _)), Some((last, _, _))) = (join(&texts), parts.first(), parts.last())
    else {
        return;
    };
    let seqs: Vec<i64> = parts.iter().map(|(row, _, _)| row.seq).collect();
    let report = report_of_text(text, first, seqs, Uuid::now_v7(), &app.rules, day(app, first));
    ready.insert(last.seq, report);
    batch.parts_used.extend(parts.iter().filter(|(_, _, is_new)| !is_new).map(|(row, _, _)| row.seq));
}

/// The report of a text that came in one piece.
fn whole(app: &App, text: Text, row: &IntakeRow) -> NewReport {
    report_of_text(text, row, vec![row.seq], Uuid::now_v7(), &app.rules, day(app, row))
}

fn apart(app: &App, row: &IntakeRow) -> Entry {
    let entry = take_apart(row, |sealed| app.keys.open_sealed(sealed).ok());
    if let Entry::Whole(text) = &entry
        && text.flags.contains(&DAMAGED)
    {
        tracing::error!(
            row = row.seq,
            "a row of the intake log is damaged; it is kept as a report for an officer"
        );
        app.health.damage_found(Part::Intake);
    }
    entry
}

fn day(app: &App, row: &IntakeRow) -> jiff::civil::Date {
    app.clock.date_of_us(row.received_us)
}

fn rules_of(app: &App) -> anyhow::Result<Projection> {
    let rule = app.scam_rule()?;
    Ok(Projection {
        opens_case: rule.opens_case.clone(),
        joins_case: rule.joins_case.clone(),
        ..Projection::default()
    })
}

#[cfg(test)]
#[path = "projector_tests.rs"]
mod tests;

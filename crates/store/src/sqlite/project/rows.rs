//! Rows of a batch, many in one statement.

use std::collections::BTreeMap;

use sqlx::query_builder::Separated;
use sqlx::{QueryBuilder, Sqlite, Transaction};

use super::Placed;
use crate::{NewEvidence, NewJob, NewPart, NewSource, StoreError};

/// Parameters of one statement at most; SQLite allows 32,766.
const PARAMETERS: usize = 3_000;

/// Inserts `items`, `columns` parameters each, in as few statements as their number allows.
async fn insert_all<T>(
    tx: &mut Transaction<'static, Sqlite>,
    insert: &str,
    columns: usize,
    items: &[T],
    bind: impl Fn(Separated<'_, Sqlite, &'static str>, &T),
    then: &str,
) -> Result<(), StoreError> {
    for chunk in items.chunks(PARAMETERS / columns) {
        let mut query = QueryBuilder::<Sqlite>::new(insert);
        query.push_values(chunk, &bind).push(then);
        query.build().execute(&mut **tx).await?;
    }
    Ok(())
}

pub(super) async fn insert_parts(
    tx: &mut Transaction<'static, Sqlite>,
    parts: &[NewPart],
) -> Result<(), StoreError> {
    let bind = |mut row: Separated<'_, Sqlite, &'static str>, part: &NewPart| {
        row.push_bind(part.intake_seq).push_bind(&part.part_key).push_bind(part.received_us);
    };
    insert_all(tx, "INSERT INTO part (intake_seq, part_key, received_us) ", 3, parts, bind, "").await
}

pub(super) async fn insert_reports(
    tx: &mut Transaction<'static, Sqlite>,
    reports: &[Placed<'_>],
) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(reports.len());
    for place in reports {
        let parts = serde_json::to_string(&place.report.parts);
        rows.push((place, parts.map_err(|_| StoreError::Corrupt("report.parts"))?));
    }
    let bind = |mut row: Separated<'_, Sqlite, &'static str>, (place, parts): &(&Placed<'_>, String)| {
        let report = place.report;
        row.push_bind(place.seq)
            .push_bind(report.id)
            .push_bind(report.received_us)
            .push_bind(&report.channel)
            .push_bind(&report.link)
            .push_bind(&report.operator)
            .push_bind(&report.to_code)
            .push_bind(report.reporter.as_ref().map(|reporter| &reporter.hash))
            .push_bind(report.reporter.as_ref().map(|reporter| &reporter.sealed))
            .push_bind(report.is_proven)
            .push_bind(report.is_mobile)
            .push_bind(&report.intent)
            .push_bind(&report.kind)
            .push_bind(&report.problem)
            .push_bind(&report.argument)
            .push_bind(&report.text)
            .push_bind(&report.folded)
            .push_bind(&report.content)
            .push_bind(&report.leniencies)
            .push_bind(&report.findings)
            .push_bind(&report.flags)
            .push_bind(&report.near_key)
            .push_bind(parts)
            .push_bind(report.code)
            .push_bind(&report.token_hash)
            .push_bind(&report.commune)
            .push_bind(&report.place)
            .push_bind(report.money_lost)
            .push_bind(place.copy_of)
            .push_bind(place.state())
            .push_bind(&report.taken_by);
    };
    insert_all(
        tx,
        "INSERT INTO report (seq, id, received_us, channel, link, operator, to_code, reporter_hash,
             reporter_sealed, is_proven, is_mobile, intent, kind, problem, argument, text, folded, content,
             leniencies, findings, flags, near_key, parts, code, token_hash, commune, place, money_lost,
             duplicate_of, state, taken_by) ",
        31,
        &rows,
        bind,
        "",
    )
    .await
}

/// A source as one report names it.
struct Named<'a> {
    report_seq: i64,
    position: i64,
    source_id: i64,
    as_received: &'a str,
}

pub(super) async fn insert_report_sources(
    tx: &mut Transaction<'static, Sqlite>,
    reports: &[Placed<'_>],
) -> Result<(), StoreError> {
    let mut named = Vec::new();
    for place in reports {
        named.extend(names(place.seq, &place.report.sources, place.source_ids));
    }
    insert_named(tx, &named).await
}

/// Writes the sources of one report, in order.
pub(in crate::sqlite) async fn name_sources(
    tx: &mut Transaction<'static, Sqlite>,
    report_seq: i64,
    sources: &[NewSource],
    ids: &[i64],
) -> Result<(), StoreError> {
    let named: Vec<Named<'_>> = names(report_seq, sources, ids).collect();
    insert_named(tx, &named).await
}

fn names<'a>(
    report_seq: i64,
    sources: &'a [NewSource],
    ids: &'a [i64],
) -> impl Iterator<Item = Named<'a>> + 'a {
    (0..).zip(sources).zip(ids).map(move |((position, source), id)| Named {
        report_seq,
        position,
        source_id: *id,
        as_received: &source.as_received,
    })
}

async fn insert_named(tx: &mut Transaction<'static, Sqlite>, named: &[Named<'_>]) -> Result<(), StoreError> {
    let bind = |mut row: Separated<'_, Sqlite, &'static str>, named: &Named<'_>| {
        row.push_bind(named.report_seq).push_bind(named.position).push_bind(named.source_id);
        row.push_bind(named.as_received);
    };
    let insert = "INSERT INTO report_source (report_seq, position, source_id, as_received) ";
    insert_all(tx, insert, 4, named, bind, "").await
}

/// The numbers of `sources`, in the same order; new ones are made.
pub(in crate::sqlite) async fn source_ids(
    tx: &mut Transaction<'static, Sqlite>,
    sources: &[&NewSource],
) -> Result<Vec<i64>, StoreError> {
    // One row per source, whatever the case a sender name was typed in: as the column compares them.
    let key = |kind: &str, canonical: &str| (kind.to_owned(), canonical.to_ascii_lowercase());
    let first_typed: BTreeMap<(String, String), (&str, &str)> = sources
        .iter()
        .rev()
        .map(|source| {
            (key(&source.kind, &source.canonical), (source.kind.as_str(), source.canonical.as_str()))
        })
        .collect();
    let distinct: Vec<(&str, &str)> = first_typed.into_values().collect();
    let mut ids: BTreeMap<(String, String), i64> = BTreeMap::new();
    for chunk in distinct.chunks(PARAMETERS / 2) {
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO source (kind, canonical) ");
        query.push_values(chunk, |mut row, (kind, canonical)| {
            row.push_bind(*kind).push_bind(*canonical);
        });
        // Nothing changes where it is known; only so is it returned too.
        query.push(
            " ON CONFLICT (kind, canonical) DO UPDATE SET operator = operator RETURNING id, kind, canonical",
        );
        let rows: Vec<(i64, String, String)> = query.build_query_as().fetch_all(&mut **tx).await?;
        ids.extend(rows.into_iter().map(|(id, kind, canonical)| (key(&kind, &canonical), id)));
    }
    sources
        .iter()
        .map(|source| {
            let id = ids.get(&key(&source.kind, &source.canonical)).copied();
            id.ok_or(StoreError::Corrupt("source.canonical"))
        })
        .collect()
}

/// The number of one source, made when it is new.
pub(in crate::sqlite) async fn source_id(
    tx: &mut Transaction<'static, Sqlite>,
    source: &NewSource,
) -> Result<i64, StoreError> {
    let ids = source_ids(tx, &[source]).await?;
    ids.first().copied().ok_or(StoreError::Corrupt("source.canonical"))
}

/// Writes the jobs of reports that are no copies.
pub(super) async fn insert_jobs_of(
    tx: &mut Transaction<'static, Sqlite>,
    reports: &[Placed<'_>],
) -> Result<(), StoreError> {
    let mut jobs = Vec::new();
    for place in reports.iter().filter(|place| place.copy_of.is_none()) {
        for job in &place.report.jobs {
            // A handler names the report by its number, which is known only here.
            let payload = job.payload.replace("\"$report\"", &place.seq.to_string());
            jobs.push((NewJob { payload, ..job.clone() }, place.report.received_us));
        }
    }
    insert_jobs(tx, &jobs).await
}

/// Writes one job.
pub(in crate::sqlite) async fn insert_job(
    tx: &mut Transaction<'static, Sqlite>,
    job: &NewJob,
    now_us: i64,
) -> Result<(), StoreError> {
    insert_jobs(tx, &[(job.clone(), now_us)]).await
}

async fn insert_jobs(
    tx: &mut Transaction<'static, Sqlite>,
    jobs: &[(NewJob, i64)],
) -> Result<(), StoreError> {
    let bind = |mut row: Separated<'_, Sqlite, &'static str>, (job, now_us): &(NewJob, i64)| {
        row.push_bind(&job.unique_key).push_bind(&job.kind).push_bind(&job.payload);
        row.push_bind(job.run_us).push_bind(now_us).push("'ready', 0, 0");
    };
    let insert =
        "INSERT INTO job (unique_key, kind, payload, run_us, created_us, state, leased_us, attempts) ";
    insert_all(tx, insert, 5, jobs, bind, " ON CONFLICT (unique_key) DO NOTHING").await
}

/// Names a kept file as evidence of a report; says whether it was new there.
pub(in crate::sqlite) async fn attach(
    tx: &mut Transaction<'static, Sqlite>,
    report_seq: i64,
    file: &NewEvidence,
    at_us: i64,
    by: &str,
) -> Result<bool, StoreError> {
    sqlx::query(
        "INSERT INTO evidence (sha256, size, mime, added_us) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(&file.sha256)
    .bind(file.size)
    .bind(&file.mime)
    .bind(at_us)
    .execute(&mut **tx)
    .await?;
    let named = sqlx::query(
        "INSERT INTO report_evidence (report_seq, sha256, name, added_us, added_by)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(report_seq)
    .bind(&file.sha256)
    .bind(&file.name)
    .bind(at_us)
    .bind(by)
    .execute(&mut **tx)
    .await?;
    Ok(named.rows_affected() == 1)
}

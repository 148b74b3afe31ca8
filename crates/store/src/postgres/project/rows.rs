//! Rows of a batch, many in one statement: by COPY where a batch has one for each report, else as columns.

use std::collections::BTreeMap;

use sqlx::{Postgres, QueryBuilder, Transaction};

use super::Placed;
use crate::postgres::copy::Rows;
use crate::postgres::words::{some_words, spoken, words};
use crate::{NewEvidence, NewJob, NewPart, NewSource, StoreError};

/// Columns of a report, in the order both ways of writing give them.
const REPORT: &str =
    "report (seq, id, received_us, channel, link, operator, to_code, reporter_hash, reporter_sealed,
    is_proven, is_mobile, intent, kind, problem, argument, text, folded, content, leniencies, findings, flags,
    near_key, parts, code, token_hash, commune, place, money_lost, duplicate_of, state, taken_by)";
const COPY_SOURCES: &str = "COPY report_source (report_seq, position, source_id, as_received) FROM STDIN";

pub(super) async fn insert_parts(
    tx: &mut Transaction<'_, Postgres>,
    parts: &[NewPart],
) -> Result<(), StoreError> {
    if parts.is_empty() {
        return Ok(());
    }
    let seqs: Vec<i64> = parts.iter().map(|part| part.intake_seq).collect();
    let keys: Vec<&[u8]> = parts.iter().map(|part| part.part_key.as_slice()).collect();
    let times: Vec<i64> = parts.iter().map(|part| part.received_us).collect();
    sqlx::query("INSERT INTO part (intake_seq, part_key, received_us) SELECT * FROM unnest($1, $2, $3)")
        .bind(seqs)
        .bind(keys)
        .bind(times)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn insert_reports(
    tx: &mut Transaction<'_, Postgres>,
    reports: &[Placed<'_>],
) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(reports.len());
    for place in reports {
        let parts = serde_json::to_string(&place.report.parts);
        rows.push((place, parts.map_err(|_| StoreError::Corrupt("report.parts"))?));
    }
    let mut query = QueryBuilder::<Postgres>::new("INSERT INTO ");
    query.push(REPORT).push(" ");
    query.push_values(&rows, |mut row, (place, parts)| {
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
            .push_bind(some_words(&report.argument))
            .push_bind(words(&report.text))
            .push_bind(words(&report.folded))
            .push_bind(words(&report.content))
            .push_bind(&report.leniencies)
            .push_bind(&report.findings)
            .push_bind(&report.flags)
            .push_bind(&report.near_key)
            .push_bind(parts)
            .push_bind(report.code)
            .push_bind(&report.token_hash)
            .push_bind(some_words(&report.commune))
            .push_bind(some_words(&report.place))
            .push_bind(report.money_lost)
            .push_bind(place.copy_of)
            .push_bind(place.state())
            .push_bind(&report.taken_by);
    });
    query.build().execute(&mut **tx).await?;
    Ok(())
}

/// The same for many.
pub(super) async fn copy_reports(
    tx: &mut Transaction<'_, Postgres>,
    reports: &[Placed<'_>],
) -> Result<(), StoreError> {
    let mut rows = Rows::default();
    for place in reports {
        let report = place.report;
        let parts = serde_json::to_string(&report.parts).map_err(|_| StoreError::Corrupt("report.parts"))?;
        rows.number(place.seq)
            .id(report.id)
            .number(report.received_us)
            .text(&report.channel)
            .text(&report.link)
            .some_text(report.operator.as_deref())
            .some_text(report.to_code.as_deref())
            .some_bytes(report.reporter.as_ref().map(|reporter| reporter.hash.as_slice()))
            .some_bytes(report.reporter.as_ref().map(|reporter| reporter.sealed.as_slice()))
            .is(report.is_proven)
            .is(report.is_mobile)
            .text(&report.intent)
            .some_text(report.kind.as_deref())
            .some_text(report.problem.as_deref())
            .some_text(report.argument.as_deref())
            .text(&report.text)
            .text(&report.folded)
            .text(&report.content)
            .text(&report.leniencies)
            .text(&report.findings)
            .text(&report.flags)
            .some_text(report.near_key.as_deref())
            .text(&parts)
            .number(report.code)
            .some_bytes(report.token_hash.as_deref())
            .some_text(report.commune.as_deref())
            .some_text(report.place.as_deref())
            .some_number(report.money_lost)
            .some_number(place.copy_of)
            .text(place.state())
            .some_text(report.taken_by.as_deref())
            .end();
    }
    rows.send(tx, &format!("COPY {REPORT} FROM STDIN")).await?;
    Ok(())
}

pub(super) async fn insert_report_sources(
    tx: &mut Transaction<'_, Postgres>,
    reports: &[Placed<'_>],
) -> Result<(), StoreError> {
    let mut named = Vec::new();
    for place in reports {
        named.extend(names(place.seq, &place.report.sources, place.source_ids));
    }
    insert_named(tx, named).await
}

/// The same for many.
pub(super) async fn copy_report_sources(
    tx: &mut Transaction<'_, Postgres>,
    reports: &[Placed<'_>],
) -> Result<(), StoreError> {
    let mut rows = Rows::default();
    for place in reports {
        for named in names(place.seq, &place.report.sources, place.source_ids) {
            rows.number(named.report_seq).number(named.position).number(named.source_id);
            rows.text(named.as_received).end();
        }
    }
    rows.send(tx, COPY_SOURCES).await?;
    Ok(())
}

/// Writes the sources of one report, in order.
pub(in crate::postgres) async fn name_sources(
    tx: &mut Transaction<'_, Postgres>,
    report_seq: i64,
    sources: &[NewSource],
    ids: &[i64],
) -> Result<(), StoreError> {
    insert_named(tx, names(report_seq, sources, ids).collect()).await
}

/// A source as one report names it.
struct Named<'a> {
    report_seq: i64,
    position: i64,
    source_id: i64,
    as_received: &'a str,
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

async fn insert_named(tx: &mut Transaction<'_, Postgres>, named: Vec<Named<'_>>) -> Result<(), StoreError> {
    if named.is_empty() {
        return Ok(());
    }
    let seqs: Vec<i64> = named.iter().map(|named| named.report_seq).collect();
    let positions: Vec<i64> = named.iter().map(|named| named.position).collect();
    let ids: Vec<i64> = named.iter().map(|named| named.source_id).collect();
    let spellings: Vec<String> = named.iter().map(|named| words(named.as_received).into_owned()).collect();
    sqlx::query(
        "INSERT INTO report_source (report_seq, position, source_id, as_received)
         SELECT * FROM unnest($1, $2, $3, $4)",
    )
    .bind(seqs)
    .bind(positions)
    .bind(ids)
    .bind(spellings)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Kind and canonical form as the index compares them.
type SourceKey = (String, String);

/// The numbers of `sources`, in the same order; new ones are made.
pub(in crate::postgres) async fn source_ids(
    tx: &mut Transaction<'_, Postgres>,
    sources: &[&NewSource],
) -> Result<Vec<i64>, StoreError> {
    // One row per source, whatever the case a sender name was typed in: as the index compares them.
    let key = |kind: &str, canonical: &str| (kind.to_owned(), canonical.to_ascii_lowercase());
    let first_typed: BTreeMap<SourceKey, (&str, &str)> = sources
        .iter()
        .rev()
        .map(|source| {
            (key(&source.kind, &source.canonical), (source.kind.as_str(), source.canonical.as_str()))
        })
        .collect();
    let mut ids: BTreeMap<SourceKey, i64> = BTreeMap::new();
    // Looked up, then made, then looked up again: another may have made one in between. No row that is there is
    // locked, and new ones are made in one order, so nobody waits in a circle.
    for is_made in [false, true] {
        let missing: Vec<&(&str, &str)> =
            first_typed.iter().filter(|(key, _)| !ids.contains_key(*key)).map(|(_, typed)| typed).collect();
        if missing.is_empty() {
            break;
        }
        if is_made {
            insert_sources(tx, &missing).await?;
        }
        for (id, kind, mut canonical) in stored_sources(tx, &missing).await? {
            spoken(&mut canonical);
            ids.insert(key(&kind, &canonical), id);
        }
    }
    sources
        .iter()
        .map(|source| {
            let id = ids.get(&key(&source.kind, &source.canonical)).copied();
            id.ok_or(StoreError::Corrupt("source.canonical"))
        })
        .collect()
}

async fn insert_sources(
    tx: &mut Transaction<'_, Postgres>,
    sources: &[&(&str, &str)],
) -> Result<(), StoreError> {
    let kinds: Vec<&str> = sources.iter().map(|(kind, _)| *kind).collect();
    let names: Vec<String> = sources.iter().map(|(_, name)| words(name).into_owned()).collect();
    sqlx::query(
        "INSERT INTO source (kind, canonical)
         SELECT kind, name FROM unnest($1, $2) WITH ORDINALITY AS missing (kind, name, n) ORDER BY n
         ON CONFLICT (kind, lower(canonical)) DO NOTHING",
    )
    .bind(kinds)
    .bind(names)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn stored_sources(
    tx: &mut Transaction<'_, Postgres>,
    sources: &[&(&str, &str)],
) -> Result<Vec<(i64, String, String)>, StoreError> {
    let kinds: Vec<&str> = sources.iter().map(|(kind, _)| *kind).collect();
    let names: Vec<String> = sources.iter().map(|(_, name)| words(name).to_ascii_lowercase()).collect();
    Ok(sqlx::query_as(
        "SELECT source.id, source.kind, source.canonical FROM unnest($1, $2) AS named (kind, name)
         JOIN source ON source.kind = named.kind AND lower(source.canonical) = named.name COLLATE \"C\"",
    )
    .bind(kinds)
    .bind(names)
    .fetch_all(&mut **tx)
    .await?)
}

/// The number of one source, made when it is new.
pub(in crate::postgres) async fn source_id(
    tx: &mut Transaction<'_, Postgres>,
    source: &NewSource,
) -> Result<i64, StoreError> {
    let ids = source_ids(tx, &[source]).await?;
    ids.first().copied().ok_or(StoreError::Corrupt("source.canonical"))
}

/// Writes the jobs of reports that are no copies.
pub(super) async fn insert_jobs_of(
    tx: &mut Transaction<'_, Postgres>,
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
pub(in crate::postgres) async fn insert_job(
    tx: &mut Transaction<'_, Postgres>,
    job: &NewJob,
    now_us: i64,
) -> Result<(), StoreError> {
    insert_jobs(tx, &[(job.clone(), now_us)]).await
}

async fn insert_jobs(tx: &mut Transaction<'_, Postgres>, jobs: &[(NewJob, i64)]) -> Result<(), StoreError> {
    if jobs.is_empty() {
        return Ok(());
    }
    let keys: Vec<&str> = jobs.iter().map(|(job, _)| job.unique_key.as_str()).collect();
    let kinds: Vec<&str> = jobs.iter().map(|(job, _)| job.kind.as_str()).collect();
    let payloads: Vec<&str> = jobs.iter().map(|(job, _)| job.payload.as_str()).collect();
    let runs: Vec<i64> = jobs.iter().map(|(job, _)| job.run_us).collect();
    let created: Vec<i64> = jobs.iter().map(|(_, now_us)| *now_us).collect();
    sqlx::query(
        "INSERT INTO job (unique_key, kind, payload, run_us, created_us, state, leased_us, attempts)
         SELECT key, kind, payload, run_us, created_us, 'ready', 0, 0
         FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS new (key, kind, payload, run_us, created_us, n)
         ORDER BY n ON CONFLICT (unique_key) DO NOTHING",
    )
    .bind(keys)
    .bind(kinds)
    .bind(payloads)
    .bind(runs)
    .bind(created)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Names a kept file as evidence of a report; says whether it was new there.
pub(in crate::postgres) async fn attach(
    tx: &mut Transaction<'_, Postgres>,
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
    .bind(words(&file.mime))
    .bind(at_us)
    .execute(&mut **tx)
    .await?;
    let named = sqlx::query(
        "INSERT INTO report_evidence (report_seq, sha256, name, added_us, added_by)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(report_seq)
    .bind(&file.sha256)
    .bind(words(&file.name))
    .bind(at_us)
    .bind(by)
    .execute(&mut **tx)
    .await?;
    Ok(named.rows_affected() == 1)
}

//! Reports from partners: sent under an idempotency key, durable before the answer, read back by their sender.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use canhgiac_store::{Keyed, StoreError};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::partner::{Scope, count, partner_of};
use super::problem::{FieldProblem, Problem, Speech, field_problems};
use crate::app::{App, AppState};
use crate::intake::{BATCH_LIMIT, IntakeError, Origin, SentReceipt, canonical, read_report, receipt_code_of};

/// Largest single report, in bytes.
pub(crate) const REPORT_BYTES: usize = 64 * 1024;
/// Largest batch, in bytes.
pub(crate) const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// Longest idempotency key, in characters.
const KEY_LIMIT: usize = 255;
/// Days an idempotency key is remembered.
pub(crate) const REMEMBERED_DAYS: i64 = 30;
const DAY_US: i64 = 24 * 3_600 * 1_000_000;

/// A report, as a partner sends it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the JSON, which is read member by member to name every error")]
pub(crate) struct ReportBody {
    /// What is reported: `scam_call`, `spam_call`, `spam_sms` or `unlawful_advert`.
    #[schema(example = "scam_call")]
    kind: String,
    /// Reported numbers as the citizen wrote them, or sender names (with `spam_sms`); at most 5. Empty only for a
    /// call that hid its number.
    #[schema(example = json!(["0912345678"]), max_items = 5)]
    sources: Vec<String>,
    /// What was said or written; at most 4,000 characters. Needed unless `terms` says it.
    #[schema(example = "Tự xưng công an, yêu cầu chuyển tiền để khỏi bị khóa số", max_length = 4000)]
    content: Option<String>,
    /// Ids of the taxonomy: who was impersonated, why, what was demanded.
    #[schema(example = json!(["police"]), max_items = 30)]
    terms: Option<Vec<String>>,
    /// Money lost, in đồng.
    #[schema(example = 5_000_000)]
    money_lost: Option<i64>,
    /// Commune, by its full name or its code.
    #[schema(max_length = 300)]
    commune: Option<String>,
    /// Place in words; needed for `unlawful_advert`.
    #[schema(max_length = 300)]
    place: Option<String>,
    /// The reporter's own mobile number. It is encrypted before it is stored and never given out.
    #[schema(example = "0900000001", max_length = 60)]
    reporter_phone: Option<String>,
    /// When it happened, RFC 3339.
    #[schema(example = "2026-11-23T14:05:00+07:00")]
    happened_at: Option<String>,
    /// What the partner calls it; shown to officers.
    #[schema(example = "TD-2026-000123", max_length = 300)]
    reference: Option<String>,
}

/// What a partner gets for a report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Taken {
    /// By which the partner reads it back.
    #[schema(example = "019abcde-0000-7000-8000-000000000000")]
    id: String,
    /// The receipt code, eight digits: what the reporter names by SMS or on the site.
    #[schema(example = "48271935")]
    receipt_code: String,
    /// The reporter's secret page; give it to the reporter alone.
    status_url: String,
    /// When it was stored, RFC 3339.
    received_at: String,
}

/// Reports of one request.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the JSON, which is read member by member to name every error")]
pub(crate) struct BatchBody {
    /// At most 500.
    #[schema(max_items = 500)]
    reports: Vec<BatchItem>,
}

/// One report of a batch.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the JSON, which is read member by member to name every error")]
pub(crate) struct BatchItem {
    /// Its idempotency key.
    #[schema(min_length = 1, max_length = 255)]
    key: String,
    /// The report.
    report: ReportBody,
}

/// What became of each report of a batch, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchTaken {
    /// One for each, in the order they were sent.
    results: Vec<BatchResult>,
}

/// What became of one report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchResult {
    /// `stored`; `known`: sent before under this key; `differs`: something else was sent under this key;
    /// `refused`: see `errors`.
    #[schema(example = "stored")]
    outcome: &'static str,
    /// What a stored or known report is answered with.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<Taken>,
    /// What is wrong with a refused one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
}

/// Where a report stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Standing {
    /// The id it was given.
    #[schema(example = "019abcde-0000-7000-8000-000000000000")]
    id: String,
    /// The receipt code.
    receipt_code: String,
    /// `received`: stored, not yet read; `new`, `needs_officer`: waits for an officer; `in_case`: belongs to a case;
    /// `done`: closed without one.
    #[schema(example = "in_case")]
    state: String,
    /// When it was stored, RFC 3339.
    received_at: String,
    /// Where its case stands, when it belongs to one.
    case: Option<CaseStanding>,
}

/// Where a case stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseStanding {
    /// `open`, `confirmed`, `block_requested`, `blocked`, `kept`, `restoring`, `restored` or `closed`.
    #[schema(example = "blocked")]
    state: String,
    /// Since when, RFC 3339.
    updated_at: String,
}

/// Send one report
///
/// The answer comes after the report is on the disk. The same key with the same body is answered as the first time,
/// also after a lost answer, for 30 days; the same key with another body is refused.
#[utoipa::path(
    post, path = "/api/v1/reports", tag = "reports", security(("partner_key" = ["reports:write"])),
    params(("Idempotency-Key" = String, Header, description = "The sender's own name for this report: 1 to 255 visible ASCII characters, such as a UUID")),
    request_body = ReportBody,
    responses(
        (status = 201, description = "Stored; sent again, the same answer with `Idempotency-Replayed: true`", body = Taken),
        (status = 400, description = "No JSON, or no key", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No partner's key", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do this", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Something else was sent under this idempotency key", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Larger than 64 KiB", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Not application/json", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields do not fit; `errors` names each", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many; see Retry-After", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Not stored; send it again under the same key", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn send(State(app): State<AppState>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let speech = Speech::of(&parts.headers);
    let partner = partner_of(&app, &parts.headers, Scope::Write).await?;
    let name = idempotency_key(&parts.headers, speech)?;
    let map = read_object(&parts.headers, body, REPORT_BYTES, speech).await?;
    count(&app, &partner, 1, speech)?;
    let sent = read_report(&map, &app.rules, app.clock.today(), app.clock.now_us())
        .map_err(|errors| Problem::fields(speech, errors))?;
    let item = app
        .keyed_report(&origin_of(&partner.partner), name.as_bytes(), &canonical(&map), sent)
        .map_err(|error| Problem::internal(&error))?;
    let outcomes = app.keyed.submit(vec![item.clone()]).await.map_err(|error| not_stored(error, speech))?;
    let outcome = outcomes.first().unwrap_or(&Keyed::Differs);
    let receipt = app.sent_receipt(&item, outcome).map_err(|error| Problem::internal(&error))?;
    let Some(receipt) = receipt else {
        return Err(Problem::named(
            StatusCode::CONFLICT,
            "idempotency-key-reused",
            speech.pick("Idempotency-Key đã dùng", "The idempotency key is taken"),
            speech.pick(
                "Khóa này đã đi kèm một phản ánh khác. Dùng khóa mới cho phản ánh mới.",
                "Another report was sent under this key. Take a new key for a new report.",
            ),
        ));
    };
    let is_replayed = receipt.is_replayed;
    let place = format!("/api/v1/reports/{}", receipt.id);
    let mut response = (StatusCode::CREATED, Json(taken(&app, receipt))).into_response();
    let facts = response.headers_mut();
    if let Ok(place) = HeaderValue::from_str(&place) {
        facts.insert(header::LOCATION, place);
    }
    facts.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if is_replayed {
        facts.insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Send many reports
///
/// Each has a key of its own and an outcome of its own; what is good is stored even if others are not. A key with
/// the scope `reports:import` brings in rows of files as `canhgiac import` does.
#[utoipa::path(
    post, path = "/api/v1/reports/batch", tag = "reports", security(("partner_key" = ["reports:write"])),
    request_body = BatchBody,
    responses(
        (status = 200, description = "What became of each", body = BatchTaken),
        (status = 400, description = "No JSON", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No partner's key", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do this", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Larger than 4 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Not application/json", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No list of 1 to 500 reports", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many; see Retry-After", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Nothing stored; send it again under the same keys", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn send_batch(
    State(app): State<AppState>,
    request: Request,
) -> Result<Json<BatchTaken>, Problem> {
    let (parts, body) = request.into_parts();
    let speech = Speech::of(&parts.headers);
    let (partner, origin) = match partner_of(&app, &parts.headers, Scope::Import).await {
        Ok(partner) => (partner, Origin::import()),
        Err(_) => {
            let partner = partner_of(&app, &parts.headers, Scope::Write).await?;
            let origin = origin_of(&partner.partner);
            (partner, origin)
        }
    };
    let map = read_object(&parts.headers, body, BATCH_BYTES, speech).await?;
    let Some(items) =
        map.get("reports").and_then(Value::as_array).filter(|list| (1..=BATCH_LIMIT).contains(&list.len()))
    else {
        return Err(Problem::named(
            StatusCode::UNPROCESSABLE_ENTITY,
            "fields",
            speech.pick("Danh sách chưa đúng", "The list does not fit"),
            match speech {
                Speech::Vi => format!("Trường reports là danh sách từ 1 đến {BATCH_LIMIT} phản ánh."),
                Speech::En => format!("The field reports is a list of 1 to {BATCH_LIMIT} reports."),
            },
        ));
    };
    count(&app, &partner, items.len(), speech)?;
    Ok(Json(take_batch(&app, &origin, items, speech).await?))
}

async fn take_batch(
    app: &App,
    origin: &Origin,
    items: &[Value],
    speech: Speech,
) -> Result<BatchTaken, Problem> {
    let (on, now_us) = (app.clock.today(), app.clock.now_us());
    let mut keyed = Vec::new();
    let mut results: Vec<Option<BatchResult>> = Vec::new();
    for item in items {
        let read = match (item["key"].as_str().filter(|key| is_key(key)), item["report"].as_object()) {
            (Some(key), Some(map)) => {
                read_report(map, &app.rules, on, now_us).map(|sent| (key, canonical(map), sent))
            }
            _ => Err(vec![crate::intake::FieldError {
                field: "/key".to_owned(),
                code: "missing",
                vi: format!("Cần key (1 đến {KEY_LIMIT} ký tự ASCII) và report."),
                en: format!("It needs a key (1 to {KEY_LIMIT} visible ASCII characters) and a report."),
            }]),
        };
        match read {
            Ok((key, content, sent)) => {
                let item = app.keyed_report(origin, key.as_bytes(), &content, sent);
                keyed.push(item.map_err(|error| Problem::internal(&error))?);
                results.push(None);
            }
            Err(errors) => results.push(Some(BatchResult {
                outcome: "refused",
                report: None,
                errors: field_problems(speech, errors),
            })),
        }
    }
    let outcomes = app.keyed.submit(keyed.clone()).await.map_err(|error| not_stored(error, speech))?;
    let mut answered = keyed.iter().zip(&outcomes);
    let mut all = Vec::with_capacity(results.len());
    for result in results {
        all.push(match (result, answered.len()) {
            (Some(refused), _) => refused,
            (None, _) => {
                let Some((item, outcome)) = answered.next() else {
                    return Err(not_stored(IntakeError::NotStored, speech));
                };
                let receipt = app.sent_receipt(item, outcome).map_err(|error| Problem::internal(&error))?;
                let outcome = match outcome {
                    Keyed::Stored { .. } => "stored",
                    Keyed::Known(_) => "known",
                    Keyed::Differs => "differs",
                };
                BatchResult {
                    outcome,
                    report: receipt.map(|receipt| taken(app, receipt)),
                    errors: Vec::new(),
                }
            }
        });
    }
    Ok(BatchTaken { results: all })
}

/// Where a report stands
///
/// A partner reads its own reports only.
#[utoipa::path(
    get, path = "/api/v1/reports/{id}", tag = "reports", security(("partner_key" = ["reports:read"])),
    params(("id" = String, Path, description = "The id the report was answered with")),
    responses(
        (status = 200, description = "Where it stands", body = Standing),
        (status = 401, description = "No partner's key", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do this", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No report of this partner", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Not available", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn standing(
    State(app): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Standing>, Problem> {
    let speech = Speech::of(&headers);
    let partner = partner_of(&app, &headers, Scope::Read).await?;
    let missing = || {
        Problem::named(
            StatusCode::NOT_FOUND,
            "no-such-report",
            speech.pick("Không có phản ánh này", "No such report"),
            speech.pick(
                "Khóa này không có phản ánh nào mang id đó.",
                "No report with this id was sent with this partner's keys.",
            ),
        )
    };
    let id: Uuid = id.parse().map_err(|_| missing())?;
    let internal = |error: StoreError| Problem::internal(&error);
    match app.store.report_by_id(id).await {
        Ok(entry) if entry.report.channel == "api" && entry.report.link == partner.partner => {
            let case = match entry.case_number {
                Some(number) => Some(app.store.case(number).await.map_err(internal)?.case),
                None => None,
            };
            Ok(Json(Standing {
                id: id.to_string(),
                receipt_code: format!("{:08}", entry.report.code),
                state: entry.report.state,
                received_at: instant(entry.report.received_us),
                case: case
                    .map(|case| CaseStanding { state: case.state, updated_at: instant(case.updated_us) }),
            }))
        }
        Ok(_) => Err(missing()),
        // Stored, and not read by the projector yet.
        Err(StoreError::NotFound) => {
            let scope = origin_of(&partner.partner).scope;
            let key = app.store.intake_key(&scope, id).await.map_err(internal)?.ok_or_else(missing)?;
            Ok(Json(Standing {
                id: id.to_string(),
                receipt_code: receipt_code_of(key.seq).digits(),
                state: "received".to_owned(),
                received_at: instant(key.at_us),
                case: None,
            }))
        }
        Err(error) => Err(internal(error)),
    }
}

fn origin_of(partner: &str) -> Origin {
    Origin {
        scope: format!("partner:{partner}"),
        channel: "api",
        link: partner.to_owned(),
        remembered_us: Some(REMEMBERED_DAYS * DAY_US),
    }
}

fn taken(app: &App, receipt: SentReceipt) -> Taken {
    Taken {
        id: receipt.id.to_string(),
        receipt_code: receipt.code.digits(),
        status_url: format!("{}/tra-cuu/{}", app.config.base_url(), receipt.token),
        received_at: instant(receipt.at_us),
    }
}

fn instant(at_us: i64) -> String {
    jiff::Timestamp::from_microsecond(at_us).map(|at| at.to_string()).unwrap_or_default()
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.len() <= KEY_LIMIT && key.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

fn idempotency_key(headers: &HeaderMap, speech: Speech) -> Result<String, Problem> {
    let given = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).map(str::trim);
    // The draft of the header (draft-ietf-httpapi-idempotency-key-header) puts it in quotes; many leave them out.
    let key = given.map(|key| key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key));
    key.filter(|key| is_key(key)).map(str::to_owned).ok_or_else(|| {
        Problem::named(
            StatusCode::BAD_REQUEST,
            "idempotency-key-needed",
            speech.pick("Cần Idempotency-Key", "Idempotency-Key needed"),
            speech.pick(
                "Gửi tiêu đề Idempotency-Key: 1 đến 255 ký tự ASCII, riêng cho mỗi phản ánh (ví dụ UUID), để gửi lại không thành hai.",
                "Send the header Idempotency-Key: 1 to 255 visible ASCII characters, one for each report (such as a UUID), so that sending again makes no second one.",
            ),
        )
    })
}

async fn read_object(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    speech: Speech,
) -> Result<Map<String, Value>, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind != "application/json" {
        return Err(Problem::named(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "json-needed",
            speech.pick("Cần JSON", "JSON needed"),
            speech.pick("Gửi Content-Type: application/json.", "Send Content-Type: application/json."),
        ));
    }
    let bytes = to_bytes(body, limit).await.map_err(|error| {
        let is_too_large = std::error::Error::source(&error)
            .is_some_and(|source| source.to_string().contains("length limit exceeded"));
        match is_too_large {
            true => Problem::named(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-large",
                speech.pick("Quá lớn", "Too large"),
                format!("{} {limit} byte.", speech.pick("Tối đa", "At most")),
            ),
            false => Problem::new(StatusCode::BAD_REQUEST, "broken", "the body broke off; send it again"),
        }
    })?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(not_json(speech, String::new())),
        Err(error) => Err(not_json(speech, format!(" ({}:{})", error.line(), error.column()))),
    }
}

fn not_json(speech: Speech, place: String) -> Problem {
    Problem::named(
        StatusCode::BAD_REQUEST,
        "json-needed",
        speech.pick("Không đọc được JSON", "It does not read as JSON"),
        format!(
            "{}{place}.",
            speech.pick(
                "Thân yêu cầu phải là một đối tượng JSON bằng UTF-8",
                "The body is a JSON object in UTF-8"
            )
        ),
    )
}

fn not_stored(error: IntakeError, speech: Speech) -> Problem {
    tracing::warn!(%error, "a partner's reports were not stored");
    Problem::named(
        StatusCode::SERVICE_UNAVAILABLE,
        "not-stored",
        speech.pick("Chưa lưu được", "Not stored"),
        speech.pick(
            "Chưa lưu được. Gửi lại y nguyên với cùng Idempotency-Key.",
            "It could not be stored. Send the same again under the same Idempotency-Key.",
        ),
    )
    .retry_after(2)
}

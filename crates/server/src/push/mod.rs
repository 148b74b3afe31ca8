//! HTTP push: texts and recorded calls as aggregators send them, durable before the answer they expect.
//!
//! The same push again, same id and same content, is answered as before and stored once. Whatever is not stored is
//! answered 503, so that the aggregator sends it again.

mod fields;
mod signature;

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use canhgiac_domain::number::parse_number;
use canhgiac_store::{KeyedIntake, NewIntake};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use uuid::Uuid;

use self::fields::Pushed;
use crate::app::{App, AppState};
use crate::config::PushConfig;
use crate::evidence::{EvidenceRefusal, FILE_LIMIT};
use crate::intake::{EvidenceForm, PduMeta};

/// Largest push without a recording, in bytes.
const TEXT_BYTES: usize = 64 * 1024;
/// Largest push with one.
const RECORDING_BYTES: usize = FILE_LIMIT + 64 * 1024;
/// Longest words of one push, in bytes.
const WORDS_BYTES: usize = 16 * 1024;
/// Pushes with recordings read at once: each is held in memory.
static RECORDINGS: Semaphore = Semaphore::const_new(4);
/// How long an aggregator's message id is remembered.
const REMEMBERED_US: i64 = 30 * 24 * 3_600 * 1_000_000;

/// A push as the intake log keeps it; the citizen's number is sealed beside it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PushedBody {
    /// Name of the aggregator.
    pub(crate) push: String,
    /// The code the citizen wrote to or called.
    pub(crate) to: Option<String>,
    /// The words as they came.
    pub(crate) text: String,
    /// How they are coded.
    pub(crate) coding: Option<String>,
    /// The recording, kept under its hash.
    pub(crate) recording: Option<EvidenceForm>,
}

impl PushedBody {
    /// The words in clear, and whether they were coded in a way that did not read.
    pub(crate) fn words(&self) -> (String, bool) {
        fields::decode(&self.text, self.coding.as_deref())
    }
}

/// Why a push is not taken.
enum Refusal {
    Unknown,
    NotAllowed,
    TooLarge,
    Broken(&'static str),
    NotStored,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, words) = match self {
            Refusal::Unknown => (StatusCode::NOT_FOUND, "no such push"),
            Refusal::NotAllowed => (StatusCode::UNAUTHORIZED, "signature, token or address is wrong"),
            Refusal::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too large"),
            Refusal::Broken(what) => (StatusCode::UNPROCESSABLE_ENTITY, what),
            Refusal::NotStored => (StatusCode::SERVICE_UNAVAILABLE, "not stored; send it again"),
        };
        metrics::counter!("canhgiac_push_refused_total").increment(1);
        (status, [(header::CACHE_CONTROL, "no-store")], words).into_response()
    }
}

/// The routes of all aggregators.
pub(crate) fn router() -> Router<AppState> {
    Router::new().route("/push/{name}", get(take).post(take)).layer(DefaultBodyLimit::disable())
}

async fn take(
    State(app): State<AppState>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let push = app.config.pushes.iter().find(|push| push.name == name).ok_or(Refusal::Unknown)?;
    let (parts, body) = request.into_parts();
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    if !peer.is_some_and(|peer| push.allows(address_of(&app, &parts.headers, peer))) {
        return Err(Refusal::NotAllowed);
    }
    let kind =
        parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_multipart = kind.starts_with("multipart/form-data");
    let limit = if is_multipart && push.fields.recording.is_some() { RECORDING_BYTES } else { TEXT_BYTES };
    let _turn = match is_multipart {
        true => Some(RECORDINGS.acquire().await.map_err(|_| Refusal::NotStored)?),
        false => None,
    };
    let bytes = to_bytes(body, limit).await.map_err(|_| Refusal::TooLarge)?;
    let query = parts.uri.query().unwrap_or_default();
    let signed: &[u8] = if parts.method == axum::http::Method::GET { query.as_bytes() } else { &bytes };
    signature::check(push, &parts.headers, query, signed, app.clock.now_us() / 1_000_000)
        .map_err(|()| Refusal::NotAllowed)?;
    let pushed = fields::read(push, kind, query, bytes.clone()).await.map_err(Refusal::Broken)?;
    store(&app, push, pushed).await?;
    metrics::counter!("canhgiac_push_total", "push" => push.name.clone()).increment(1);
    let kind = if push.answer.trim_start().starts_with('{') {
        "application/json"
    } else {
        "text/plain; charset=utf-8"
    };
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], push.answer.clone())
        .into_response())
}

/// Behind a proxy the address is the last one the proxy saw.
fn address_of(app: &App, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
    let last = forwarded.and_then(|value| value.to_str().ok()).and_then(|list| list.rsplit(',').next());
    last.and_then(|last| last.trim().parse().ok()).filter(|_| app.config.behind_tls).unwrap_or(peer)
}

async fn store(app: &App, push: &PushConfig, pushed: Pushed) -> Result<(), Refusal> {
    if pushed.text.len() > WORDS_BYTES {
        return Err(Refusal::TooLarge);
    }
    let recording = match pushed.recording {
        Some((name, bytes)) => Some(keep(app, name, bytes).await?),
        None => None,
    };
    if recording.is_none() && pushed.text.trim().is_empty() {
        return Err(Refusal::Broken("it holds neither words nor a recording"));
    }
    let failed = |error: anyhow::Error| {
        tracing::error!(push = push.name, error = format!("{error:#}"), "a push could not be prepared");
        Refusal::NotStored
    };
    let item = item_of(
        app,
        push,
        &pushed.sender,
        &pushed.id,
        PushedBody {
            push: push.name.clone(),
            to: pushed.recipient,
            text: pushed.text,
            coding: pushed.coding,
            recording,
        },
    )
    .map_err(failed)?;
    match app.keyed.submit(vec![item]).await {
        Ok(_) => Ok(()),
        Err(error) => {
            tracing::warn!(push = push.name, %error, "a push was not stored");
            Err(Refusal::NotStored)
        }
    }
}

fn item_of(
    app: &App,
    push: &PushConfig,
    sender: &str,
    id: &str,
    body: PushedBody,
) -> anyhow::Result<KeyedIntake> {
    let on = app.clock.today();
    let (canonical, is_mobile) = match parse_number(sender, &app.rules.numbering, on) {
        Ok(number) => {
            let is_mobile = app.rules.numbering.is_mobile_subscriber(&number.source, on);
            (number.source.canonical().to_owned(), is_mobile)
        }
        Err(_) => (sender.trim().to_owned(), false),
    };
    let meta = PduMeta {
        alphabet: "utf8".to_owned(),
        operator: push.operator.clone(),
        prefix: push.keyword_prefix.clone(),
        is_answerable: is_mobile && push.replies_through.is_some(),
        ..PduMeta::default()
    };
    let body = serde_json::to_vec(&body)?;
    // An id that an aggregator gives twice for different words is two messages: no citizen's text is lost by it.
    let content = [canonical.as_bytes(), b"\0", &body].concat();
    let digest = app.keys.digest("content", &content);
    let name = [id.as_bytes(), b"\0", &digest].concat();
    let now_us = app.clock.now_us();
    Ok(KeyedIntake {
        scope: format!("push:{}", push.name),
        key: app.keys.digest("name", &name),
        digest,
        id: Uuid::now_v7(),
        note: Vec::new(),
        expires_us: Some(now_us + REMEMBERED_US),
        item: NewIntake {
            received_us: now_us,
            channel: "push".to_owned(),
            // Replies go through the link that stands here.
            link: push.replies_through.clone().unwrap_or_else(|| push.name.clone()),
            meta: serde_json::to_string(&meta)?,
            body,
            reporter: match canonical.is_empty() {
                true => None,
                false => Some(app.keys.seal_number(&canonical)?),
            },
        },
    })
}

async fn keep(app: &App, name: String, bytes: Bytes) -> Result<EvidenceForm, Refusal> {
    let files = app.evidence.clone();
    let kept = tokio::task::spawn_blocking(move || files.keep(&name, &bytes)).await;
    match kept {
        Ok(Ok(kept))
            if kept.mime.starts_with("audio/") || kept.mime == "video/mp4" || kept.mime == "video/3gpp" =>
        {
            Ok(kept)
        }
        Ok(Ok(_) | Err(EvidenceRefusal::WrongType)) => {
            Err(Refusal::Broken("the file is no recording we know"))
        }
        Ok(Err(EvidenceRefusal::TooLarge)) => Err(Refusal::TooLarge),
        Ok(Err(EvidenceRefusal::Empty)) => Err(Refusal::Broken("the recording is empty")),
        Ok(Err(EvidenceRefusal::NotStored(error))) => {
            tracing::error!(error = format!("{error:#}"), "a pushed recording could not be kept");
            Err(Refusal::NotStored)
        }
        Err(error) => {
            tracing::error!(%error, "keeping a pushed recording ended early");
            Err(Refusal::NotStored)
        }
    }
}

//! Where imported rows go: into the store, when nobody else works on it, or through the running product.

use std::time::Duration;

use anyhow::{Context, bail};
use canhgiac_store::{Keyed, NewAudit, Store};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Item;
use crate::app::{App, AppState};
use crate::clock::Clock;
use crate::config::Config;
use crate::intake::{Committer, FieldError, Origin, canonical, read_report};
use crate::lock::DirectoryLock;

/// Tries of one batch while the running product cannot store.
const TRIES: u32 = 10;

/// What became of one row.
pub(super) enum Outcome {
    Stored,
    Known,
    Differs,
    Refused(String),
}

/// Where rows go.
pub(super) enum Target {
    /// Nobody else works on the data directory.
    Store { app: AppState, _committer: Committer, _lock: DirectoryLock },
    /// The running product, with a key made for this import.
    Product { http: reqwest::Client, url: String, key: String, key_id: Uuid, store: Store },
}

impl Target {
    /// Takes the data directory, or finds the product that has it.
    ///
    /// # Errors
    /// When neither can be reached.
    pub(super) async fn open(config: Config) -> anyhow::Result<Target> {
        if let Some(lock) = DirectoryLock::try_take(&config.data_dir)? {
            let (app, committer) = App::open(config, Clock::system()?).await?;
            return Ok(Target::Store { app, _committer: committer, _lock: lock });
        }
        let mut address = config.http;
        if address.ip().is_unspecified() {
            address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).no_proxy().build()?;
        let is_there = http.get(format!("http://{address}/healthz")).send().await;
        if !is_there.is_ok_and(|answer| answer.status().is_success()) {
            bail!(
                "a canhgiac works on {} but does not answer at http://{address}: give --http with the address it \
                 serves, or stop it first",
                config.data_dir.display()
            );
        }
        // Whoever may write the data directory may report: the key is made there, for a day at most.
        let store = Store::open(&config.data_dir).await?;
        let scopes = [crate::api::Scope::Import.id().to_owned()];
        let (key_id, key) =
            crate::cli::admin::make_partner_key(&store, "import", &scopes, None, Some(1)).await?;
        let url = format!("http://{address}/api/v1/reports/batch");
        Ok(Target::Product { http, url, key, key_id, store })
    }

    /// Hands rows over; when this returns, what is said to be stored is durable.
    ///
    /// # Errors
    /// When they could not be stored.
    pub(super) async fn take(&self, items: &[Item]) -> anyhow::Result<Vec<Outcome>> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            Target::Store { app, .. } => into_store(app, items).await,
            Target::Product { http, url, key, .. } => {
                let reports: Vec<Value> =
                    items.iter().map(|item| json!({ "key": item.name, "report": item.map })).collect();
                into_product(http, url, key, &json!({ "reports": reports })).await
            }
        }
    }

    /// Ends what was opened.
    ///
    /// # Errors
    /// When the key of this import could not be ended.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        match self {
            Target::Store { app, .. } => app.store.close().await,
            Target::Product { store, key_id, .. } => {
                let entry = NewAudit {
                    at_us: Clock::system()?.now_us(),
                    actor: "system".to_owned(),
                    action: "partner_key_revoked".to_owned(),
                    object: format!("partner_key:{key_id}"),
                    detail: "canhgiac import".to_owned(),
                };
                let revoked = store.revoke_partner_key(key_id, &entry).await;
                store.close().await;
                revoked.context("the key of this import could not be ended; it ends by itself in a day")?;
            }
        }
        Ok(())
    }
}

async fn into_store(app: &App, items: &[Item]) -> anyhow::Result<Vec<Outcome>> {
    let (on, now_us) = (app.clock.today(), app.clock.now_us());
    let origin = Origin::import();
    let mut keyed = Vec::new();
    let mut outcomes = Vec::with_capacity(items.len());
    for item in items {
        match read_report(&item.map, &app.rules, on, now_us) {
            Ok(sent) => {
                keyed.push(app.keyed_report(&origin, item.name.as_bytes(), &canonical(&item.map), sent)?);
                outcomes.push(None);
            }
            Err(errors) => outcomes.push(Some(Outcome::Refused(reasons(&errors)))),
        }
    }
    let stored =
        app.keyed.submit(keyed).await.context("the rows could not be stored; import the same file again")?;
    let mut stored = stored.iter();
    let all = outcomes.into_iter().map(|outcome| match outcome {
        Some(refused) => refused,
        None => match stored.next() {
            Some(Keyed::Stored { .. }) => Outcome::Stored,
            Some(Keyed::Known(_)) => Outcome::Known,
            Some(Keyed::Differs) | None => Outcome::Differs,
        },
    });
    Ok(all.collect())
}

fn reasons(errors: &[FieldError]) -> String {
    let one =
        |error: &FieldError| format!("{}: {} / {}", error.field.trim_start_matches('/'), error.vi, error.en);
    errors.iter().map(one).collect::<Vec<_>>().join(" | ")
}

async fn into_product(
    http: &reqwest::Client,
    url: &str,
    key: &str,
    body: &Value,
) -> anyhow::Result<Vec<Outcome>> {
    let mut pause = Duration::from_millis(500);
    for attempt in 1.. {
        // The same names again: what was stored before a lost answer is not stored twice.
        let answer = match http.post(url).bearer_auth(key).json(body).send().await {
            Ok(answer) if answer.status().is_success() => answer,
            Ok(answer) if !matches!(answer.status().as_u16(), 429 | 502 | 503 | 504) || attempt >= TRIES => {
                bail!("the product answered {}: {}", answer.status(), answer.text().await.unwrap_or_default())
            }
            Err(error) if attempt >= TRIES => {
                return Err(error)
                    .context("the product does not answer any more; import the same file again");
            }
            _ => {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(10));
                continue;
            }
        };
        let answer: Value = answer.json().await.context("the product's answer does not read")?;
        let results = answer["results"].as_array().context("the product's answer names no results")?;
        return Ok(results.iter().map(outcome_of).collect());
    }
    bail!("the product did not store the rows")
}

fn outcome_of(result: &Value) -> Outcome {
    match result["outcome"].as_str() {
        Some("stored") => Outcome::Stored,
        Some("known") => Outcome::Known,
        Some("differs") => Outcome::Differs,
        _ => {
            let errors = result["errors"].as_array().into_iter().flatten();
            let one = |error: &Value| {
                let field = error["field"].as_str().unwrap_or_default().trim_start_matches('/').to_owned();
                format!("{field}: {}", error["detail"].as_str().unwrap_or_default())
            };
            Outcome::Refused(errors.map(one).collect::<Vec<_>>().join(" | "))
        }
    }
}

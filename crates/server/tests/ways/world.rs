//! The product without links, and hands to speak HTTP with.

use std::path::Path;
use std::time::Duration;

use canhgiac::app::App;
use canhgiac::clock::Clock;
use canhgiac::config::Config;
use canhgiac::serve::{Running, start};
use canhgiac_store::{NewAudit, NewPartnerKey, ReportEntry};
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

/// How long anything may take on a busy machine before the test fails.
const WITHIN: Duration = Duration::from_secs(30);

pub(crate) struct World {
    running: Running,
    pub(crate) http: reqwest::Client,
    clock: Clock,
    directory: TempDir,
}

impl World {
    pub(crate) async fn open() -> World {
        World::with(|_| ()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> World {
        let directory = tempfile::tempdir().unwrap();
        let mut config = Config {
            http: "127.0.0.1:0".parse().unwrap(),
            data_dir: directory.path().join("data"),
            ..Config::default()
        };
        change(&mut config);
        let clock = Clock::system().unwrap();
        let running = start(config, clock.clone()).await.unwrap();
        World { running, http: reqwest::Client::new(), clock, directory }
    }

    /// Stops the product and starts it again over the same data.
    pub(crate) async fn restart(self) -> World {
        let World { running, clock, directory, .. } = self;
        let config = running.app.config.clone();
        running.stop().await;
        let running = start(config, clock.clone()).await.unwrap();
        World { running, http: reqwest::Client::new(), clock, directory }
    }

    pub(crate) async fn close(self) {
        self.running.stop().await;
    }

    /// Stops the product and leaves its data.
    pub(crate) async fn stop(self) -> TempDir {
        self.running.stop().await;
        self.directory
    }

    pub(crate) fn app(&self) -> &App {
        &self.running.app
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.http)
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// A key for a partner.
    pub(crate) async fn key(&self, partner: &str, scopes: &str, per_minute: i64) -> (Uuid, String) {
        let key = canhgiac::keys::new_token().unwrap();
        let new = NewPartnerKey {
            id: Uuid::now_v7(),
            key_hash: canhgiac::keys::hash_token(&key),
            partner: partner.to_owned(),
            scopes: scopes.to_owned(),
            per_minute: Some(per_minute),
            expires_us: None,
        };
        self.app().store.add_partner_key(&new, &self.audit("partner_key_made")).await.unwrap();
        (new.id, key)
    }

    pub(crate) fn audit(&self, action: &str) -> NewAudit {
        NewAudit {
            at_us: self.clock.now_us(),
            actor: "system".to_owned(),
            action: action.to_owned(),
            object: "partner:test".to_owned(),
            detail: String::new(),
        }
    }

    /// All reports, once there are this many.
    pub(crate) async fn reports(&self, count: usize) -> Vec<ReportEntry> {
        let end = tokio::time::Instant::now() + WITHIN;
        loop {
            let store = &self.app().store;
            let reports = store.reports_after(0, 1000).await.unwrap();
            let is_done = store.cursor().await.unwrap() == store.intake_end().await.unwrap();
            if is_done && reports.len() >= count {
                return reports;
            }
            assert!(tokio::time::Instant::now() < end, "{} reports, not {count}", reports.len());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Status and JSON of an answer.
pub(crate) async fn read(answer: reqwest::Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

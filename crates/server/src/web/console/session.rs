//! Sessions: where they are kept, how long they last, and their cookie.
//!
//! The store keeps a session under the hash of its id, so that a copy of the database opens none.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::{Duration, OffsetDateTime};
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{self, Error};
use tower_sessions::{Expiry, SessionManagerLayer, SessionStore};

use super::ids::Id as StaffId;
use crate::app::AppState;

/// The cookie's name.
pub(super) const COOKIE: &str = "canbo";
/// Minutes without a page after which a session ends.
const IDLE_MINUTES: i64 = 45;
/// Hours after which a session ends whatever happens, in microseconds: one working day.
pub(super) const WHOLE_US: i64 = 12 * 3_600 * 1_000_000;
/// How often a session in use is written again, in microseconds.
pub(super) const TOUCH_US: i64 = 60 * 1_000_000;

/// Who a session belongs to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Badge {
    /// The member of staff.
    pub(super) staff_id: StaffId,
    /// When they signed in.
    pub(super) signed_in_us: i64,
    /// When the session was last seen in use, to the minute.
    pub(super) seen_us: i64,
    /// The tail of the password's hash at sign-in: a new password ends all sessions made with the old.
    pub(super) password_mark: String,
}

/// Sessions in the product's store.
#[derive(Clone)]
pub(super) struct Sessions {
    app: AppState,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

/// The layer that reads the cookie and keeps the session.
pub(super) fn layer(app: &AppState) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(Sessions { app: app.clone() })
        .with_name(COOKIE)
        .with_path("/can-bo")
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(app.config.behind_tls)
        .with_expiry(Expiry::OnInactivity(Duration::minutes(IDLE_MINUTES)))
}

fn key(id: &Id) -> String {
    Sha256::digest(id.to_string().as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn micros(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX)
}

fn backend(error: impl fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        // 128 random bits: a collision is less likely than a broken disk, yet it costs one look.
        let now_us = micros(OffsetDateTime::now_utc());
        while self.app.store.load_session(&key(&record.id), now_us).await.map_err(backend)?.is_some() {
            record.id = Id::default();
        }
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let data = serde_json::to_vec(&(&record.data, record.expiry_date.unix_timestamp()))
            .map_err(|error| Error::Encode(error.to_string()))?;
        self.app
            .store
            .save_session(&key(&record.id), &data, micros(record.expiry_date))
            .await
            .map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let now_us = micros(OffsetDateTime::now_utc());
        let Some(data) = self.app.store.load_session(&key(id), now_us).await.map_err(backend)? else {
            return Ok(None);
        };
        let (data, expires_s) =
            serde_json::from_slice(&data).map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp(expires_s)
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.app.store.delete_session(&key(id)).await.map_err(backend)
    }
}

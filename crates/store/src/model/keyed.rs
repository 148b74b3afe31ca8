//! Things that come in under a name of their sender's, and the keys of partners who send them.

use uuid::Uuid;

use super::NewIntake;

/// One thing that came in under a name: sent again under it, it is the same thing.
#[derive(Debug, Clone)]
pub struct KeyedIntake {
    /// Who gives the names, such as `partner:vtv`; the same name of two senders is two things.
    pub scope: String,
    /// Hash of the name.
    pub key: Vec<u8>,
    /// Hash of what is sent under it.
    pub digest: Vec<u8>,
    /// What the sender will ask for it by.
    pub id: Uuid,
    /// Sealed by the caller: what its answer needs to be given once more.
    pub note: Vec<u8>,
    /// When the name may be forgotten; `None` is never.
    pub expires_us: Option<i64>,
    /// What came in.
    pub item: NewIntake,
}

/// What is remembered of a name.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct IntakeKey {
    /// Who gave the name.
    pub scope: String,
    /// Hash of the name.
    pub key: Vec<u8>,
    /// Hash of what was sent under it.
    pub digest: Vec<u8>,
    /// What the sender asks for it by.
    pub id: Uuid,
    /// Its place in the intake log.
    pub seq: i64,
    /// What the answer needs, sealed.
    pub note: Vec<u8>,
    /// When it came in.
    pub at_us: i64,
}

/// What became of a [`KeyedIntake`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keyed {
    /// It is new and durable.
    Stored {
        /// Its place in the log.
        seq: i64,
    },
    /// The same was sent under this name before; nothing is stored again.
    Known(IntakeKey),
    /// Something else was sent under this name before; nothing is stored.
    Differs,
}

/// A key for a partner, about to be kept.
#[derive(Debug, Clone)]
pub struct NewPartnerKey {
    /// Its id, by which it is revoked.
    pub id: Uuid,
    /// Hash of the key.
    pub key_hash: Vec<u8>,
    /// Whose it is.
    pub partner: String,
    /// JSON list of what it may do.
    pub scopes: String,
    /// Reports a minute; `None` is unlimited.
    pub per_minute: Option<i64>,
    /// When it ends by itself.
    pub expires_us: Option<i64>,
}

/// A partner's key, without its hash.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct PartnerKey {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub partner: String,
    /// JSON list of what it may do.
    pub scopes: String,
    /// Reports a minute; `None` is unlimited.
    pub per_minute: Option<i64>,
    /// When it was made.
    pub created_us: i64,
    /// When it ends by itself.
    pub expires_us: Option<i64>,
    /// When it was revoked.
    pub revoked_us: Option<i64>,
}

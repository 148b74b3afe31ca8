//! Staff, sessions and the audit trail.

use uuid::Uuid;

/// A member of staff.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct StaffRow {
    /// Id.
    pub id: Uuid,
    /// Name to sign in with.
    pub login: String,
    /// Name to show.
    pub name: String,
    /// Id of the role.
    pub role: String,
    /// Police unit, for police.
    pub unit: Option<String>,
    /// argon2 string.
    pub password_hash: String,
    /// May no longer sign in.
    pub is_disabled: bool,
    /// Since when.
    pub created_us: i64,
}

/// One entry of the audit trail.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AuditRow {
    /// Its place.
    pub id: i64,
    /// When.
    pub at_us: i64,
    /// Who: `system`, `holder`, `operator:<id>`, `staff:<user id>`.
    pub actor: String,
    /// What.
    pub action: String,
    /// On what: `case:<number>`, `report:<seq>`, `staff:<id>`, `bulletin:<id>`.
    pub object: String,
    /// Why, or how.
    pub detail: String,
}

/// An entry to be written into the audit trail.
#[derive(Debug, Clone)]
pub struct NewAudit {
    /// When.
    pub at_us: i64,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// On what.
    pub object: String,
    /// Why, or how. Never a reporter's number or words.
    pub detail: String,
}

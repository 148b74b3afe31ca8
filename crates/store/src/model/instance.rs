//! Processes on one database and what they hold.

use uuid::Uuid;

/// Work or a link that one process at a time holds, until its lease runs out unless renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What is held.
    pub name: String,
    /// Who holds it.
    pub instance: Uuid,
    /// Counts holders of this name: a lease with an older one has been taken over.
    pub epoch: i64,
}

/// A process as the others know it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct InstanceRow {
    /// Its id.
    pub id: Uuid,
    /// What it does.
    pub roles: String,
    /// Since when it is known, by the database's clock.
    pub started_us: i64,
    /// Until when unless it renews itself.
    pub until_us: i64,
    /// Whether that is still to come.
    pub is_alive: bool,
}

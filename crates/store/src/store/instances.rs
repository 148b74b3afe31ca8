//! Processes on one database: who is there, who holds which lease, what they must have in common.

use uuid::Uuid;

use super::{Backend, Store, both};
use crate::{InstanceRow, Lease, StoreError};

impl Store {
    /// Whether several processes may work on this database at once.
    pub fn is_shared(&self) -> bool {
        match &self.backend {
            Backend::Sqlite(_) => false,
            Backend::Postgres(_) => true,
        }
    }

    /// Makes a process known, or renews it: unless it does so again within `ttl_us`, it counts as gone.
    ///
    /// # Errors
    /// What the database said.
    pub async fn register_instance(&self, id: Uuid, roles: &str, ttl_us: i64) -> Result<(), StoreError> {
        both!(self, register_instance(id, roles, ttl_us))
    }

    /// Takes a process off: nobody waits for it any more.
    ///
    /// # Errors
    /// What the database said.
    pub async fn remove_instance(&self, id: Uuid) -> Result<(), StoreError> {
        both!(self, remove_instance(id))
    }

    /// Processes that are or were there, oldest first.
    ///
    /// # Errors
    /// What the database said.
    pub async fn instances(&self) -> Result<Vec<InstanceRow>, StoreError> {
        both!(self, instances())
    }

    /// Takes what `name` stands for, for `ttl_us`, unless someone holds it.
    ///
    /// # Errors
    /// What the database said.
    pub async fn acquire_lease(
        &self,
        name: &str,
        instance: Uuid,
        ttl_us: i64,
    ) -> Result<Option<Lease>, StoreError> {
        both!(self, acquire_lease(name, instance, ttl_us))
    }

    /// Holds it for `ttl_us` more from now; false when it ran out or was taken over.
    ///
    /// # Errors
    /// What the database said: then it is not known.
    pub async fn renew_lease(&self, lease: &Lease, ttl_us: i64) -> Result<bool, StoreError> {
        both!(self, renew_lease(lease, ttl_us))
    }

    /// Gives it back, unless another has taken it over.
    ///
    /// # Errors
    /// What the database said.
    pub async fn release_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        both!(self, release_lease(lease))
    }

    /// Sets a mark unless it is set, and gives what it is.
    ///
    /// # Errors
    /// What the database said.
    pub async fn settle_mark(&self, name: &str, value: &str) -> Result<String, StoreError> {
        both!(self, settle_mark(name, value))
    }
}

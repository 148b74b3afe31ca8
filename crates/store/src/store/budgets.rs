//! How often something may be done, and codes that prove a number.

use super::{Backend, Store, both};
use crate::StoreError;

impl Store {
    /// Counts one more use of `key` on `day` (days since 1970) and says how many there are now. Survives a
    /// restart and is one count for all processes.
    ///
    /// # Errors
    /// What the database said.
    pub async fn spend_budget(&self, key: &[u8], day: i64) -> Result<i64, StoreError> {
        both!(self, spend_budget(key, day))
    }

    /// How often `key` was used on `day`.
    ///
    /// # Errors
    /// What the database said.
    pub async fn budget_used(&self, key: &[u8], day: i64) -> Result<i64, StoreError> {
        both!(self, budget_used(key, day))
    }

    /// Keeps a code texted to a number for one form; replaces an earlier one.
    ///
    /// # Errors
    /// What the database said.
    pub async fn save_phone_code(
        &self,
        number_hash: &[u8],
        form: &[u8],
        code_hash: &[u8],
        expires_us: i64,
    ) -> Result<(), StoreError> {
        both!(self, save_phone_code(number_hash, form, code_hash, expires_us))
    }

    /// Whether the code is right for this number and form, in time, and not tried more than `max_attempts`
    /// times; a right one is used up.
    ///
    /// # Errors
    /// What the database said.
    pub async fn use_phone_code(
        &self,
        number_hash: &[u8],
        form: &[u8],
        code_hash: &[u8],
        max_attempts: i64,
        now_us: i64,
    ) -> Result<bool, StoreError> {
        both!(self, use_phone_code(number_hash, form, code_hash, max_attempts, now_us))
    }

    /// How many codes a number was texted since `since_us`, and when the last.
    ///
    /// # Errors
    /// What the database said.
    pub async fn codes_sent(
        &self,
        number_hash: &[u8],
        since_us: i64,
    ) -> Result<(i64, Option<i64>), StoreError> {
        both!(self, codes_sent(number_hash, since_us))
    }
}

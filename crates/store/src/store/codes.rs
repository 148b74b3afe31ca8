//! Codes sent to a phone that open a report's page.

use super::{Backend, Store, both};
use crate::StoreError;

impl Store {
    /// Keeps a code sent to a phone that opens a report's page; replaces an earlier one.
    ///
    /// # Errors
    /// What the database said.
    pub async fn save_one_time_code(
        &self,
        report_seq: i64,
        hash: &[u8],
        expires_us: i64,
    ) -> Result<(), StoreError> {
        both!(self, save_one_time_code(report_seq, hash, expires_us))
    }

    /// Whether the code is right, in time, and not tried more than `max_attempts` times; a right one
    /// is used up, and gives the report a secret link with this token.
    ///
    /// # Errors
    /// What the database said.
    pub async fn use_one_time_code(
        &self,
        report_seq: i64,
        hash: &[u8],
        max_attempts: i64,
        now_us: i64,
        token_hash: &[u8],
    ) -> Result<bool, StoreError> {
        both!(self, use_one_time_code(report_seq, hash, max_attempts, now_us, token_hash))
    }
}

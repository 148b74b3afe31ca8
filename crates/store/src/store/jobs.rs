//! Jobs: claimed by lease, retried with backoff, set aside with their reason when they fail for good.

use super::{Backend, Store, both};
use crate::{JobRow, NewAudit, NewJob, NewMessage, Page, ReplyLimit, StoreError};

impl Store {
    /// Writes a job.
    ///
    /// # Errors
    /// What the database said.
    pub async fn add_job(&self, job: &NewJob, now_us: i64) -> Result<(), StoreError> {
        both!(self, add_job(job, now_us))
    }

    /// Claims up to `limit` jobs that are due; they are not claimed again before `lease_us` has passed.
    ///
    /// # Errors
    /// What the database said.
    pub async fn claim_jobs(
        &self,
        limit: i64,
        now_us: i64,
        lease_us: i64,
    ) -> Result<Vec<JobRow>, StoreError> {
        both!(self, claim_jobs(limit, now_us, lease_us))
    }

    /// Ends all leases: for the start of the only process that works on these databases, since whoever held them
    /// is gone. Returns how many were held.
    ///
    /// # Errors
    /// What the database said.
    pub async fn release_jobs(&self) -> Result<u64, StoreError> {
        both!(self, release_jobs())
    }

    /// Ends a job together with the messages it makes. With a limit, replies beyond it are left out.
    ///
    /// # Errors
    /// What the database said; then neither has happened.
    pub async fn finish_job(
        &self,
        seq: i64,
        messages: &[NewMessage],
        limit: Option<&ReplyLimit>,
        now_us: i64,
    ) -> Result<(), StoreError> {
        both!(self, finish_job(seq, messages, limit, now_us))
    }

    /// Puts a failed job back, or aside for good when `run_us` is `None`. One that another worker has
    /// ended in the meantime stays ended.
    ///
    /// # Errors
    /// What the database said.
    pub async fn fail_job(&self, seq: i64, error: &str, run_us: Option<i64>) -> Result<(), StoreError> {
        both!(self, fail_job(seq, error, run_us))
    }

    /// Lets a job that failed for good run again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not one of those.
    pub async fn retry_job(&self, seq: i64, audit: &NewAudit) -> Result<(), StoreError> {
        both!(self, retry_job(seq, audit))
    }

    /// Jobs that failed for good, newest first.
    ///
    /// # Errors
    /// What the database said.
    pub async fn dead_jobs(&self, page: Page) -> Result<Vec<JobRow>, StoreError> {
        both!(self, dead_jobs(page))
    }

    /// Jobs that are due and not done, for readiness and metrics.
    ///
    /// # Errors
    /// What the database said.
    pub async fn jobs_waiting(&self, now_us: i64) -> Result<i64, StoreError> {
        both!(self, jobs_waiting(now_us))
    }
}

//! The one task that commits what came in: drain the queue, commit, answer all.
//!
//! When the log does not answer, the same batch is asked for again under the same id until its fate is clear, so
//! that it is there once or not at all. Those who wait are told after [`CommitLimits::patience`] that it is
//! unclear, and until the log answers again everything that comes is refused at once: never silence, never a
//! false OK.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use canhgiac_store::{NewIntake, Store, StoreError};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::health::{Health, Part};

use super::{COMMIT_LIMIT, IntakeError, Pending};

/// How long a commit may take and what follows when it does not end.
#[derive(Debug, Clone)]
pub(super) struct CommitLimits {
    /// After this long those who wait are told that it is unclear: well before operators' systems give up
    /// waiting for an answer.
    pub(super) patience: Duration,
    /// One try over the network is given up after this long and made again; longer than the store itself waits,
    /// which looks for another server meanwhile.
    pub(super) attempt: Duration,
    /// Pause between two tries.
    pub(super) retry_after: Duration,
    /// How long a stop waits for a batch whose fate is open.
    pub(super) stop_patience: Duration,
}

impl Default for CommitLimits {
    fn default() -> Self {
        CommitLimits {
            patience: Duration::from_secs(15),
            attempt: Duration::from_secs(25),
            retry_after: Duration::from_millis(200),
            stop_patience: Duration::from_secs(5),
        }
    }
}

/// The log as the committer needs it; tests have one that fails.
pub(super) trait Log: Send + Sync {
    /// Appends a batch durably, once however often it is asked for.
    fn append(
        &self,
        batch: Uuid,
        items: &[NewIntake],
    ) -> impl Future<Output = Result<i64, StoreError>> + Send;

    /// Whether it lies behind a network: a try may be given up and made again.
    fn is_remote(&self) -> bool;
}

/// The store's log, each try noted in what is known of its health.
struct Watched {
    store: Store,
    health: Health,
}

impl Log for Watched {
    async fn append(&self, batch: Uuid, items: &[NewIntake]) -> Result<i64, StoreError> {
        self.health.begins(Part::Intake);
        let outcome = self.store.append_intake_batch(batch, items).await;
        match &outcome {
            Ok(_) => self.health.went_well(Part::Intake),
            Err(error) => self.health.went_wrong(Part::Intake, error),
        }
        outcome
    }

    fn is_remote(&self) -> bool {
        self.store.is_shared()
    }
}

/// The other end of the queue: one task that commits.
#[derive(Debug)]
pub struct Committer {
    pub(super) receiver: mpsc::Receiver<Pending>,
    pub(super) is_stuck: Arc<AtomicBool>,
}

type Answers = Vec<oneshot::Sender<Result<i64, IntakeError>>>;

impl Committer {
    /// Commits until `stop` and the queue is empty; wakes the projector after every commit.
    pub async fn run(self, store: Store, health: Health, projector: Arc<Notify>, stop: CancellationToken) {
        self.run_on(&Watched { store, health }, &CommitLimits::default(), projector, stop).await;
    }

    pub(super) async fn run_on<L: Log>(
        mut self,
        log: &L,
        limits: &CommitLimits,
        projector: Arc<Notify>,
        stop: CancellationToken,
    ) {
        let mut batch: Vec<Pending> = Vec::with_capacity(COMMIT_LIMIT);
        loop {
            let received = tokio::select! {
                received = self.receiver.recv_many(&mut batch, COMMIT_LIMIT) => received,
                () = stop.cancelled() => {
                    // Closed first, so that what is taken from here on is all there will be.
                    self.receiver.close();
                    self.receiver.recv_many(&mut batch, COMMIT_LIMIT).await
                }
            };
            if received == 0 {
                return;
            }
            let (items, answers) = batch.drain(..).map(|pending| (pending.item, pending.done)).unzip();
            if !self.commit(log, limits, items, answers, &stop).await {
                return;
            }
            projector.notify_one();
        }
    }

    /// One batch; false when the product stops while its fate is open.
    async fn commit<L: Log>(
        &mut self,
        log: &L,
        limits: &CommitLimits,
        items: Vec<NewIntake>,
        answers: Answers,
        stop: &CancellationToken,
    ) -> bool {
        let started = Instant::now();
        let persisting = persist(log, limits, &items);
        tokio::pin!(persisting);
        let too_late_to_stop = async {
            stop.cancelled().await;
            tokio::time::sleep(limits.stop_patience).await;
        };
        tokio::pin!(too_late_to_stop);
        let mut is_too_late = false;
        let outcome = tokio::select! {
            outcome = &mut persisting => Some(outcome),
            () = tokio::time::sleep(limits.patience) => None,
            () = &mut too_late_to_stop => {
                is_too_late = true;
                None
            }
        };
        let Some(outcome) = outcome else {
            tracing::error!(items = items.len(), "the intake log does not answer; texts are refused for now");
            metrics::counter!("canhgiac_intake_failures_total").increment(1);
            refuse(answers, IntakeError::Unclear);
            self.is_stuck.store(true, Ordering::Relaxed);
            let outcome = tokio::select! {
                outcome = &mut persisting => Some(outcome),
                () = refuse_all(&mut self.receiver) => None,
                () = &mut too_late_to_stop, if !is_too_late => None,
                () = std::future::ready(()), if is_too_late => None,
            };
            self.is_stuck.store(false, Ordering::Relaxed);
            match outcome {
                Some(Ok(_)) => tracing::warn!(
                    items = items.len(),
                    "the intake log answers again; what was told to be unclear is in it"
                ),
                Some(Err(error)) => {
                    tracing::warn!(%error, items = items.len(), "the intake log answers again, with an error");
                }
                None => {
                    tracing::error!(items = items.len(), "it stays unclear whether the last batch is stored");
                    return false;
                }
            }
            return true;
        };
        metrics::histogram!("canhgiac_intake_commit_seconds").record(started.elapsed().as_secs_f64());
        match outcome {
            Ok(first) => {
                metrics::counter!("canhgiac_intake_items_total").increment(items.len() as u64);
                let answered: Vec<_> = (first..).zip(answers).collect();
                // The last first: whoever waits for the oldest of several then finds all of them answered, and
                // tells its peer in one write. Whoever no longer waits finds the item in the log all the same.
                for (seq, done) in answered.into_iter().rev() {
                    let _ = done.send(Ok(seq));
                }
            }
            Err(error) => {
                metrics::counter!("canhgiac_intake_failures_total").increment(1);
                tracing::error!(%error, items = items.len(), "the intake log could not be written");
                // A disk that fails at the wrong moment may have kept it all the same.
                refuse(answers, IntakeError::Unclear);
            }
        }
        true
    }
}

/// Asks for a batch until its fate is clear.
async fn persist<L: Log>(log: &L, limits: &CommitLimits, items: &[NewIntake]) -> Result<i64, StoreError> {
    let batch = Uuid::now_v7();
    if !log.is_remote() {
        return log.append(batch, items).await;
    }
    loop {
        match tokio::time::timeout(limits.attempt, log.append(batch, items)).await {
            Ok(Err(error)) if error.is_unavailable() => {
                tracing::warn!(%error, %batch, "a batch of texts is not stored yet and is tried again");
            }
            Ok(outcome) => return outcome,
            Err(_) => tracing::warn!(%batch, "the database does not answer; a batch of texts is tried again"),
        }
        metrics::counter!("canhgiac_intake_retries_total").increment(1);
        tokio::time::sleep(limits.retry_after).await;
    }
}

fn refuse(answers: Answers, why: IntakeError) {
    for done in answers {
        // Whoever no longer waits needs no answer.
        let _ = done.send(Err(why));
    }
}

/// Refuses everything that comes, until the queue is closed.
async fn refuse_all(receiver: &mut mpsc::Receiver<Pending>) {
    let mut refused = Vec::new();
    while receiver.recv_many(&mut refused, COMMIT_LIMIT).await > 0 {
        for pending in refused.drain(..) {
            let _ = pending.done.send(Err(IntakeError::NotStored));
        }
    }
    std::future::pending().await
}

#[cfg(test)]
#[path = "committer_tests.rs"]
mod tests;

//! The way in for senders that name what they send: an API's idempotency key, an aggregator's message id, a row of
//! an imported file. The name is committed with the row, so that what is sent again, even after a crash between
//! commit and answer, is recognised and answered as before.
//!
//! Like the queue of texts it drains, commits and answers all; it ends when the last handle is dropped.

use std::sync::Arc;

use canhgiac_store::{Keyed, KeyedIntake, Store};
use tokio::sync::{Notify, mpsc, oneshot};

use super::IntakeError;
use crate::clock::Clock;

/// Batches of named items that may wait for a commit.
const WAITING_LIMIT: usize = 512;
/// Items of one commit, unless one batch alone has more.
const COMMIT_LIMIT: usize = 1000;
/// Items one batch may have.
pub(crate) const BATCH_LIMIT: usize = 500;

struct Pending {
    items: Vec<KeyedIntake>,
    done: oneshot::Sender<Result<Vec<Keyed>, IntakeError>>,
}

/// Where named items are handed in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct KeyedQueue {
    sender: mpsc::Sender<Pending>,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pending({})", self.items.len())
    }
}

impl KeyedQueue {
    /// A queue whose committer runs until the last handle is dropped.
    pub(crate) fn start(store: Store, clock: Clock, projector: Arc<Notify>) -> KeyedQueue {
        let (sender, receiver) = mpsc::channel(WAITING_LIMIT);
        tokio::spawn(commit_all(receiver, store, clock, projector));
        KeyedQueue { sender }
    }

    /// Hands items in and waits until what is new among them is durable.
    ///
    /// # Errors
    /// [`IntakeError::Full`] when too many wait; [`IntakeError::NotStored`] when the commit failed. Then the sender
    /// may send the same under the same names again.
    pub(crate) async fn submit(&self, items: Vec<KeyedIntake>) -> Result<Vec<Keyed>, IntakeError> {
        let (done, stored) = oneshot::channel();
        self.sender.try_send(Pending { items, done }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => IntakeError::Full,
            mpsc::error::TrySendError::Closed(_) => IntakeError::NotStored,
        })?;
        stored.await.map_err(|_| IntakeError::NotStored)?
    }
}

async fn commit_all(
    mut receiver: mpsc::Receiver<Pending>,
    store: Store,
    clock: Clock,
    projector: Arc<Notify>,
) {
    while let Some(first) = receiver.recv().await {
        let mut answers = vec![(first.items.len(), first.done)];
        let mut items = first.items;
        while items.len() < COMMIT_LIMIT
            && let Ok(next) = receiver.try_recv()
        {
            answers.push((next.items.len(), next.done));
            items.extend(next.items);
        }
        let outcome = store.append_keyed_intake(&items, clock.now_us()).await;
        match outcome {
            Ok(outcomes) => {
                let stored = outcomes.iter().filter(|one| matches!(one, Keyed::Stored { .. })).count();
                metrics::counter!("canhgiac_intake_items_total").increment(stored as u64);
                let mut outcomes = outcomes.into_iter();
                for (count, done) in answers {
                    // Whoever no longer waits finds it under its name when it asks again.
                    let _ = done.send(Ok(outcomes.by_ref().take(count).collect()));
                }
                projector.notify_one();
            }
            Err(error) => {
                metrics::counter!("canhgiac_intake_failures_total").increment(1);
                tracing::error!(%error, items = items.len(), "named items could not be written to the intake log");
                for (_, done) in answers {
                    let _ = done.send(Err(IntakeError::NotStored));
                }
            }
        }
    }
}

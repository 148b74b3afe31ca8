//! The way in: everything that arrives waits in one bounded queue for a shared durable commit.
//!
//! Drain the queue, commit, answer all: no timer. When the queue is full its users wait or say so;
//! nobody is told *OK* for what is not on the disk.

mod form;
mod pdu;

use std::sync::Arc;

use canhgiac_store::{NewIntake, Store};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

pub use form::{EvidenceForm, FormReceipt, ReportForm, receipt_code_of};
pub(crate) use form::{hex, unhex};
pub(crate) use pdu::PduMeta;

/// Items that may wait for a commit.
pub const QUEUE_LIMIT: usize = 4096;
/// Items of one commit.
pub const COMMIT_LIMIT: usize = 2048;

/// Why an item was not taken. The sender must not be told OK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// Too many wait already.
    #[error("the intake queue is full")]
    Full,
    /// The commit failed, or the product is stopping.
    #[error("the intake log could not be written")]
    NotStored,
}

struct Pending {
    item: NewIntake,
    done: oneshot::Sender<Result<i64, IntakeError>>,
}

/// What becomes of an item: its place in the log once it is durable.
pub type Stored = oneshot::Receiver<Result<i64, IntakeError>>;

/// Where everything that arrives is handed in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct IntakeQueue {
    sender: mpsc::Sender<Pending>,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pending(..)")
    }
}

/// The other end of the queue: one task that commits.
#[derive(Debug)]
pub struct Committer {
    receiver: mpsc::Receiver<Pending>,
}

impl IntakeQueue {
    /// A queue and its committer.
    pub fn new() -> (IntakeQueue, Committer) {
        IntakeQueue::with_limit(QUEUE_LIMIT)
    }

    fn with_limit(limit: usize) -> (IntakeQueue, Committer) {
        let (sender, receiver) = mpsc::channel(limit);
        (IntakeQueue { sender }, Committer { receiver })
    }

    /// Hands an item in without waiting for room.
    ///
    /// # Errors
    /// [`IntakeError::Full`] when there is no room; [`IntakeError::NotStored`] when the product is stopping.
    pub fn try_submit(&self, item: NewIntake) -> Result<Stored, IntakeError> {
        let (done, stored) = oneshot::channel();
        match self.sender.try_send(Pending { item, done }) {
            Ok(()) => Ok(stored),
            Err(mpsc::error::TrySendError::Full(_)) => Err(IntakeError::Full),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(IntakeError::NotStored),
        }
    }

    /// Waits for room, hands the item in and waits until it is durable; gives its place in the log.
    ///
    /// # Errors
    /// [`IntakeError::NotStored`] when the commit failed or the product is stopping.
    pub async fn submit(&self, item: NewIntake) -> Result<i64, IntakeError> {
        let (done, stored) = oneshot::channel();
        self.sender.send(Pending { item, done }).await.map_err(|_| IntakeError::NotStored)?;
        stored.await.map_err(|_| IntakeError::NotStored)?
    }

    /// Waits until there is room for one more, without handing anything in: what a reader does
    /// instead of reading on.
    pub async fn wait_for_room(&self) {
        // An error means the product is stopping; whoever waits finds out when it hands in.
        let _room = self.sender.reserve().await;
    }

    /// Items that wait for a commit.
    pub fn waiting(&self) -> usize {
        self.sender.max_capacity() - self.sender.capacity()
    }
}

impl Committer {
    /// Commits until `stop` and the queue is empty; wakes the projector after every commit.
    pub async fn run(mut self, store: Store, projector: Arc<Notify>, stop: CancellationToken) {
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
            commit(&store, &mut batch).await;
            projector.notify_one();
        }
    }
}

async fn commit(store: &Store, batch: &mut Vec<Pending>) {
    let (items, answers): (Vec<NewIntake>, Vec<_>) =
        batch.drain(..).map(|pending| (pending.item, pending.done)).unzip();
    let started = std::time::Instant::now();
    let outcome = store.append_intake(&items).await;
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
            for done in answers {
                let _ = done.send(Err(IntakeError::NotStored));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(body: &[u8]) -> NewIntake {
        NewIntake {
            received_us: 1,
            channel: "smpp".to_owned(),
            link: "l".to_owned(),
            meta: "{}".to_owned(),
            body: body.to_vec(),
            reporter: None,
        }
    }

    #[tokio::test]
    async fn items_are_durable_in_the_order_they_were_handed_in() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let (queue, committer) = IntakeQueue::new();
        let stop = CancellationToken::new();
        let task = tokio::spawn(committer.run(store.clone(), Arc::new(Notify::new()), stop.clone()));
        let waiting: Vec<Stored> = (0..100u8).map(|n| queue.try_submit(item(&[n])).unwrap()).collect();
        for (place, stored) in (1..).zip(waiting) {
            assert_eq!(stored.await.unwrap(), Ok(place));
        }
        stop.cancel();
        task.await.unwrap();
        assert_eq!(queue.submit(item(b"late")).await, Err(IntakeError::NotStored));
        let rows = store.read_intake(0, 1000).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.body[0]).collect::<Vec<_>>(), (0..100).collect::<Vec<u8>>());
    }

    #[tokio::test]
    async fn a_full_queue_says_so_instead_of_losing_anything() {
        let (queue, committer) = IntakeQueue::with_limit(2);
        let first = queue.try_submit(item(b"1")).unwrap();
        let _second = queue.try_submit(item(b"2")).unwrap();
        assert_eq!(queue.try_submit(item(b"3")).unwrap_err(), IntakeError::Full);
        assert_eq!(queue.waiting(), 2);
        drop(committer);
        assert!(first.await.is_err(), "nobody is told OK when the committer is gone");
    }
}

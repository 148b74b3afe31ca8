//! The way in: everything that arrives waits in one bounded queue for a shared durable commit.
//!
//! Drain the queue, commit, answer all: no timer. When the queue is full its users wait or say so;
//! nobody is told *OK* for what is not on the disk.

mod committer;
mod form;
mod keyed;
mod outside;
mod pdu;
mod taking;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use canhgiac_store::NewIntake;
use tokio::sync::{mpsc, oneshot};

pub use committer::Committer;
pub use form::{EvidenceForm, FormReceipt, FormWay, ReportForm, receipt_code_of};
pub(crate) use form::{hex, unhex};
pub(crate) use keyed::BATCH_LIMIT;
pub use keyed::KeyedQueue;
pub(crate) use outside::{FIELDS, FieldError, SentForm, kind_of, read_report};
pub(crate) use pdu::PduMeta;
pub(crate) use taking::{Origin, SentReceipt, canonical};

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
    /// It never reached the log: that does not answer, or the product is stopping.
    #[error("the intake log could not be written")]
    NotStored,
    /// The commit failed or took too long: it may be in the log or come into it yet.
    #[error("it is not known whether the intake log was written")]
    Unclear,
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
    is_stuck: Arc<AtomicBool>,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pending(..)")
    }
}

impl IntakeQueue {
    /// A queue and its committer.
    pub fn new() -> (IntakeQueue, Committer) {
        IntakeQueue::with_limit(QUEUE_LIMIT)
    }

    fn with_limit(limit: usize) -> (IntakeQueue, Committer) {
        let (sender, receiver) = mpsc::channel(limit);
        let is_stuck = Arc::new(AtomicBool::new(false));
        (IntakeQueue { sender, is_stuck: Arc::clone(&is_stuck) }, Committer { receiver, is_stuck })
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
    /// [`IntakeError::Unclear`] when the commit failed or took too long, [`IntakeError::NotStored`] when it was
    /// not tried.
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

    /// Whether the log has not answered for so long that everything is refused until it does.
    pub fn is_stuck(&self) -> bool {
        self.is_stuck.load(Ordering::Relaxed)
    }

    /// Items that wait for a commit.
    pub fn waiting(&self) -> usize {
        self.sender.max_capacity() - self.sender.capacity()
    }
}

#[cfg(test)]
mod tests {
    use crate::health::Health;
    use canhgiac_store::Store;
    use tokio::sync::Notify;
    use tokio_util::sync::CancellationToken;

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
        let task = tokio::spawn(committer.run(
            store.clone(),
            Health::default(),
            Arc::new(Notify::new()),
            stop.clone(),
        ));
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

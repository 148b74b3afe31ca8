//! What an operator still has to send: citizens' texts and delivery receipts, each with its time.
//!
//! It outlives connections: what a broken one had on the way comes back here and is sent again, as SMSCs do.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use canhgiac_smpp::pdu::ShortMessage;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

/// Messages that wait or are on the way at most; further ones wait to be taken in.
pub(crate) const OUTBOX_MAX: usize = 4_000;

/// One message to send.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    pub(crate) message: ShortMessage,
    /// How often it was sent.
    pub(crate) attempts: u32,
    /// Whether it is a delivery receipt and not a citizen's text.
    pub(crate) is_receipt: bool,
}

/// What waits, by when it is due; the count keeps those of one instant in order.
#[derive(Debug, Default)]
struct Waiting {
    parcels: BTreeMap<(Instant, u64), Parcel>,
    count: u64,
}

/// The messages of one operator in the order they are due.
#[derive(Debug)]
pub(crate) struct Outbox {
    waiting: Mutex<Waiting>,
    room: Semaphore,
    changes: watch::Sender<u64>,
}

impl Outbox {
    pub(crate) fn new() -> Self {
        Self { waiting: Mutex::default(), room: Semaphore::new(OUTBOX_MAX), changes: watch::Sender::new(0) }
    }

    /// Takes a message in, when there is room.
    pub(crate) async fn put(&self, message: ShortMessage) {
        // The semaphore is never closed: waiting is the only outcome but success.
        if let Ok(permit) = self.room.acquire().await {
            permit.forget();
            self.insert(Instant::now(), Parcel { message, attempts: 0, is_receipt: false });
        }
    }

    /// Takes a receipt in; says whether there was room.
    pub(crate) fn put_receipt(&self, message: ShortMessage, due: Instant) -> bool {
        let Ok(permit) = self.room.try_acquire() else {
            return false;
        };
        permit.forget();
        self.insert(due, Parcel { message, attempts: 0, is_receipt: true });
        true
    }

    /// Takes back what was not answered, to be sent again.
    pub(crate) fn put_back(&self, parcel: Parcel, due: Instant) {
        self.insert(due, parcel);
    }

    /// A message is done with, one way or the other.
    pub(crate) fn finish(&self) {
        self.room.add_permits(1);
    }

    /// The next message that is due.
    pub(crate) fn take_due(&self, now: Instant) -> Option<Parcel> {
        let mut waiting = self.lock();
        let key = *waiting.parcels.first_key_value()?.0;
        if key.0 > now { None } else { waiting.parcels.remove(&key) }
    }

    /// When the next message is due.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.lock().parcels.first_key_value().map(|((due, _), _)| *due)
    }

    /// Messages waiting or on the way.
    pub(crate) fn len(&self) -> usize {
        OUTBOX_MAX - self.room.available_permits()
    }

    /// Tells of every message taken in.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn insert(&self, due: Instant, parcel: Parcel) {
        let mut waiting = self.lock();
        waiting.count += 1;
        let key = (due, waiting.count);
        waiting.parcels.insert(key, parcel);
        drop(waiting);
        self.changes.send_modify(|count| *count += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing panics while it is held; a poisoned map would still be whole.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn messages_come_when_due_and_the_outbox_has_a_bound() {
        let outbox = Outbox::new();
        let now = Instant::now();
        assert!(outbox.put_receipt(ShortMessage::default(), now + Duration::from_secs(5)));
        for _ in 1..OUTBOX_MAX {
            outbox.put(ShortMessage::default()).await;
        }
        assert!(!outbox.put_receipt(ShortMessage::default(), now), "full");
        let put = outbox.put(ShortMessage::default());
        assert!(tokio::time::timeout(Duration::from_millis(20), put).await.is_err(), "waits for room");
        let mut taken = 0;
        while let Some(parcel) = outbox.take_due(Instant::now()) {
            assert!(!parcel.is_receipt);
            taken += 1;
        }
        assert_eq!(taken, OUTBOX_MAX - 1);
        assert_eq!(outbox.next_due(), Some(now + Duration::from_secs(5)));
        outbox.finish();
        outbox.put(ShortMessage::default()).await;
        assert_eq!(outbox.len(), OUTBOX_MAX);
    }
}

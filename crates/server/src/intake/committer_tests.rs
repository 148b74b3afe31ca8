//! A log that stalls, fails and forgets what it said.

use std::collections::HashMap;
use std::sync::Mutex;

use super::*;
use crate::intake::{IntakeQueue, Stored};

/// What one try does.
#[derive(Debug, Clone, Copy)]
enum Try {
    /// Kept, and said so.
    Well,
    /// Kept, but the connection broke before that was said.
    KeptUnsaid,
    /// Not kept; the connection broke.
    Broken,
    /// No answer until the try is given up.
    Silent,
    /// Refused for good.
    Refused,
}

/// Follows a plan, then does well.
#[derive(Debug, Default)]
struct Planned {
    plan: Mutex<Vec<Try>>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    first_of: HashMap<Uuid, i64>,
    rows: i64,
}

impl Planned {
    fn new(plan: &[Try]) -> Planned {
        Planned { plan: Mutex::new(plan.iter().rev().copied().collect()), ..Planned::default() }
    }

    fn keep(&self, batch: Uuid, count: usize) -> i64 {
        let mut kept = self.kept.lock().unwrap();
        if let Some(first) = kept.first_of.get(&batch) {
            return *first;
        }
        let first = kept.rows + 1;
        kept.rows += i64::try_from(count).unwrap();
        kept.first_of.insert(batch, first);
        first
    }

    fn rows(&self) -> i64 {
        self.kept.lock().unwrap().rows
    }
}

/// An error that says nothing about what became of a commit.
fn broken() -> StoreError {
    StoreError::from(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
}

/// Limits with which three tries fall into the patience.
fn quick() -> CommitLimits {
    CommitLimits {
        patience: Duration::from_millis(500),
        attempt: Duration::from_millis(150),
        retry_after: Duration::from_millis(5),
        stop_patience: Duration::from_millis(100),
    }
}

impl Log for Planned {
    async fn append(&self, batch: Uuid, items: &[NewIntake]) -> Result<i64, StoreError> {
        let now = self.plan.lock().unwrap().pop().unwrap_or(Try::Well);
        match now {
            Try::Well => Ok(self.keep(batch, items.len())),
            Try::KeptUnsaid => {
                self.keep(batch, items.len());
                Err(broken())
            }
            Try::Broken => Err(broken()),
            Try::Silent => std::future::pending().await,
            Try::Refused => Err(StoreError::Conflict),
        }
    }

    fn is_remote(&self) -> bool {
        true
    }
}

fn item() -> NewIntake {
    NewIntake {
        received_us: 1,
        channel: "smpp".to_owned(),
        link: "l".to_owned(),
        meta: "{}".to_owned(),
        body: vec![1],
        reporter: None,
    }
}

/// Hands in one item after another against this plan; gives the answers and the rows kept.
async fn answers_of(plan: &[Try], items: usize) -> (Vec<Result<i64, IntakeError>>, i64) {
    let (queue, committer) = IntakeQueue::new();
    let log = Planned::new(plan);
    let (limits, stop) = (quick(), CancellationToken::new());
    let run = committer.run_on(&log, &limits, Arc::new(Notify::new()), stop.clone());
    let ask = async {
        let mut answers = Vec::new();
        for _ in 0..items {
            answers.push(queue.submit(item()).await);
        }
        stop.cancel();
        answers
    };
    let ((), answers) = tokio::join!(run, ask);
    (answers, log.rows())
}

#[tokio::test]
async fn a_batch_whose_fate_is_unclear_is_asked_for_again_and_kept_once() {
    let plan = [Try::KeptUnsaid, Try::Silent, Try::Broken, Try::Well, Try::Broken, Try::KeptUnsaid];
    let (answers, rows) = answers_of(&plan, 2).await;
    assert_eq!(answers, [Ok(1), Ok(2)]);
    assert_eq!(rows, 2);
}

#[tokio::test]
async fn a_refusal_for_good_is_no_ok() {
    let (answers, rows) = answers_of(&[Try::Refused], 2).await;
    assert_eq!(answers, [Err(IntakeError::Unclear), Ok(1)]);
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn a_log_that_stays_silent_makes_nobody_wait_for_long_and_recovers_by_itself() {
    let limits = quick();
    // Three tries fall into the patience, and three more come after it.
    let log = Planned::new(&[Try::Silent; 6]);
    let (queue, committer) = IntakeQueue::new();
    let stop = CancellationToken::new();
    let run = committer.run_on(&log, &limits, Arc::new(Notify::new()), stop.clone());
    let ask = async {
        let begun = Instant::now();
        let first = queue.try_submit(item()).unwrap();
        while queue.waiting() > 0 {
            tokio::task::yield_now().await;
        }
        let behind: Vec<Stored> = (0..10).map(|_| queue.try_submit(item()).unwrap()).collect();
        assert_eq!(first.await.unwrap(), Err(IntakeError::Unclear));
        assert!(begun.elapsed() <= limits.patience * 2, "{:?}", begun.elapsed());
        for one in behind {
            assert_eq!(one.await.unwrap(), Err(IntakeError::NotStored));
        }
        assert!(queue.is_stuck());
        assert_eq!(queue.submit(item()).await, Err(IntakeError::NotStored), "refused at once");
        assert!(begun.elapsed() <= limits.patience * 2, "{:?}", begun.elapsed());
        while queue.is_stuck() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(queue.submit(item()).await, Ok(2));
        stop.cancel();
    };
    tokio::join!(run, ask);
    assert_eq!(log.rows(), 2, "the unclear one was stored once it could be");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_ever_for_a_silent_log() {
    let limits = quick();
    let log = Planned::new(&[Try::Silent; 100]);
    let (queue, committer) = IntakeQueue::new();
    let stop = CancellationToken::new();
    let stored = queue.try_submit(item()).unwrap();
    stop.cancel();
    let begun = Instant::now();
    committer.run_on(&log, &limits, Arc::new(Notify::new()), stop).await;
    assert!(begun.elapsed() <= limits.patience, "{:?}", begun.elapsed());
    assert_eq!(stored.await.unwrap(), Err(IntakeError::Unclear));
}

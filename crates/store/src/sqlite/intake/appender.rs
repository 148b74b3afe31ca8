//! The one writer of the intake log.
//!
//! A commit is one trip to its connection's thread: everything from BEGIN to COMMIT goes there as one text of a
//! few fixed sizes, prepared once each. The journal is copied into the file on another connection, so that no
//! commit waits for that.

use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqlitePool};
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection};
use uuid::Uuid;

use crate::{NewIntake, StoreError};

/// How long the copying of the journal waits for readers: meanwhile nothing is appended.
pub(in crate::sqlite) const CHECKPOINT_PATIENCE: Duration = Duration::from_millis(50);
/// Octets in the journal, about, after which it is copied into the file.
const CHECKPOINT_AFTER: usize = 16 << 20;
/// Octets that a row takes beside its texts, and a commit beside its rows: about.
const ROW_OCTETS: usize = 32;
const COMMIT_OCTETS: usize = 8 << 10;
/// Rows of one INSERT; SQLite allows 32,766 parameters, eight a row.
const ROWS_MAX: usize = 2048;

/// Rows of the prepared statements: a batch takes the next larger one, and what is left over is empty.
static SIZES: LazyLock<Vec<(usize, Statements)>> = LazyLock::new(|| {
    let sizes = (0..=ROWS_MAX.ilog2()).flat_map(|power| {
        let size = 1_usize << power;
        [size, size + size / 2]
    });
    let mut sizes: Vec<usize> = sizes.filter(|size| *size <= ROWS_MAX).collect();
    sizes.dedup();
    sizes.into_iter().map(|size| (size, Statements::of(size))).collect()
});

/// The texts of one size.
struct Statements {
    /// The rows alone, within a transaction.
    insert: String,
    /// A whole transaction.
    commit: String,
    /// The same, remembering the batch.
    commit_batch: String,
}

const REMEMBER: &str = "DELETE FROM batch; INSERT INTO batch (id, first) VALUES (?, ?)";

impl Statements {
    fn of(rows: usize) -> Statements {
        let columns = "INSERT INTO intake (seq, received_us, channel, link, meta, body, reporter_hash, reporter_sealed)";
        let values = vec!["(?, ?, ?, ?, ?, ?, ?, ?)"; rows].join(", ");
        let insert = format!("{columns} SELECT * FROM (VALUES {values}) WHERE column1 IS NOT NULL");
        Statements {
            commit: format!("BEGIN IMMEDIATE; {insert}; COMMIT"),
            commit_batch: format!("BEGIN IMMEDIATE; {insert}; {REMEMBER}; COMMIT"),
            insert,
        }
    }
}

/// The writer. After a failure, or an append that was given up halfway, it looks again where the log stands.
#[derive(Debug)]
pub(in crate::sqlite) struct Appender {
    options: SqliteConnectOptions,
    open: Option<Open>,
    is_closed: bool,
    journal_octets: usize,
    is_checkpointing: Arc<AtomicBool>,
}

/// A connection that stands between two transactions, and where the log ends.
#[derive(Debug)]
struct Open {
    connection: SqliteConnection,
    next: i64,
    batch: Option<(Uuid, i64)>,
}

impl Appender {
    pub(in crate::sqlite) fn new(options: SqliteConnectOptions) -> Appender {
        Appender {
            options: options.pragma("wal_autocheckpoint", "0"),
            open: None,
            is_closed: false,
            journal_octets: 0,
            is_checkpointing: Arc::default(),
        }
    }

    pub(super) async fn append(
        &mut self,
        batch: Option<Uuid>,
        items: &[NewIntake],
    ) -> Result<i64, StoreError> {
        // Taken, so that whatever ends this early leaves no connection in the middle of a transaction.
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.connect().await?,
        };
        let first = match (batch, open.batch) {
            (Some(asked), Some((stored, first))) if asked == stored => first,
            _ if items.is_empty() => open.next,
            _ => {
                let first = open.next;
                open.commit(batch, items).await?;
                self.journal_octets += COMMIT_OCTETS + items.iter().map(octets_of).sum::<usize>();
                first
            }
        };
        self.open = Some(open);
        Ok(first)
    }

    async fn connect(&self) -> Result<Open, StoreError> {
        if self.is_closed {
            return Err(sqlx::Error::PoolClosed.into());
        }
        let mut connection = self.options.connect().await?;
        let last: Option<i64> =
            sqlx::query_scalar("SELECT MAX(seq) FROM intake").fetch_one(&mut connection).await?;
        let batch = sqlx::query_as("SELECT id, first FROM batch").fetch_optional(&mut connection).await?;
        Ok(Open { connection, next: last.unwrap_or(0) + 1, batch })
    }

    /// Copies the journal into the file in the background when it has grown long. A journal that is copied whole
    /// is written over from its beginning.
    pub(super) fn checkpoint_when_due(&mut self, pool: &SqlitePool) {
        if self.journal_octets < CHECKPOINT_AFTER || self.is_checkpointing.swap(true, Ordering::AcqRel) {
            return;
        }
        self.journal_octets = 0;
        let (pool, is_checkpointing) = (pool.clone(), Arc::clone(&self.is_checkpointing));
        tokio::spawn(async move {
            // The first stops nobody and copies most; the second holds appending up for the little that came since.
            for mode in ["PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA wal_checkpoint(RESTART)"] {
                // What could not be copied now is copied the next time; commits fail by themselves if they must.
                if sqlx::query(mode).execute(&pool).await.is_err() {
                    break;
                }
            }
            is_checkpointing.store(false, Ordering::Release);
        });
    }

    /// The log grows by another hand: the next append looks where it ends.
    pub(super) async fn look_again(&mut self) {
        if let Some(open) = self.open.take() {
            // What was appended is durable already.
            let _ = open.connection.close().await;
        }
    }

    pub(in crate::sqlite) async fn close(&mut self) {
        self.is_closed = true;
        self.look_again().await;
    }
}

impl Open {
    async fn commit(&mut self, batch: Option<Uuid>, items: &[NewIntake]) -> Result<(), StoreError> {
        let first = self.next;
        if let Some((size, statements)) = size_for(items.len()) {
            let query = match batch {
                None => rows(&statements.commit, *size, first, items),
                Some(id) => rows(&statements.commit_batch, *size, first, items).bind(id).bind(first),
            };
            query.execute(&mut self.connection).await?;
        } else {
            self.commit_in_pieces(batch, items).await?;
        }
        self.next = first + items.len() as i64;
        if let Some(id) = batch {
            self.batch = Some((id, first));
        }
        Ok(())
    }

    async fn commit_in_pieces(&mut self, batch: Option<Uuid>, items: &[NewIntake]) -> Result<(), StoreError> {
        let mut tx = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        for (piece, first) in items.chunks(ROWS_MAX).zip((self.next..).step_by(ROWS_MAX)) {
            if let Some((size, statements)) = size_for(piece.len()) {
                rows(&statements.insert, *size, first, piece).execute(&mut *tx).await?;
            }
        }
        if let Some(id) = batch {
            sqlx::query(REMEMBER).bind(id).bind(self.next).execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }
}

fn size_for(rows: usize) -> Option<&'static (usize, Statements)> {
    SIZES.get(SIZES.partition_point(|(size, _)| *size < rows))
}

/// A statement with its rows; those beyond the items are NULL.
fn rows<'q>(
    sql: &'static str,
    size: usize,
    first: i64,
    items: &'q [NewIntake],
) -> Query<'q, Sqlite, SqliteArguments> {
    let mut query = sqlx::query(sql);
    for (item, seq) in items.iter().zip(first..) {
        query = query
            .bind(seq)
            .bind(item.received_us)
            .bind(item.channel.as_str())
            .bind(item.link.as_str())
            .bind(item.meta.as_str())
            .bind(item.body.as_slice())
            .bind(item.reporter.as_ref().map(|reporter| reporter.hash.as_slice()))
            .bind(item.reporter.as_ref().map(|reporter| reporter.sealed.as_slice()));
    }
    for _ in 0..(size - items.len()) * 8 {
        query = query.bind(None::<i64>);
    }
    query
}

fn octets_of(item: &NewIntake) -> usize {
    let reporter = item.reporter.as_ref().map_or(0, |reporter| reporter.hash.len() + reporter.sealed.len());
    ROW_OCTETS + item.channel.len() + item.link.len() + item.meta.len() + item.body.len() + reporter
}

//! Moving everything from SQLite into an empty PostgreSQL database: in one transaction, so that an interrupted
//! move leaves nothing behind and is simply begun again, and committed only when every table reads back as it was.
//!
//! Which tables there are, their columns and their order is asked of the databases: a new table is moved without
//! a word here.

mod table;

use std::path::Path;

use sqlx::{Connection, PgConnection, Postgres, Sqlite, Transaction};

use crate::postgres::copy::Rows;
use crate::{PostgresOptions, StoreError, postgres, sqlite};
use table::{Digest, Table, Value};

/// Rows read and sent at once.
const PAGE: i64 = 2_000;
/// What belongs to the processes that worked on the files and to nobody else.
const LEFT_OUT: [&str; 4] = ["batch", "instance", "lease", "_sqlx_migrations"];

/// What was moved of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedTable {
    /// Its name.
    pub name: String,
    /// Rows, the same on both sides.
    pub rows: u64,
    /// SHA-256 over all rows in the order of their keys, the same on both sides.
    pub sha256: Vec<u8>,
}

/// Moves everything in the SQLite files of `directory` into an empty PostgreSQL database, and says what. Neither may
/// be in use by a process of the product. `progress` is told the table, how many of its rows are moved and how many
/// there are.
///
/// # Errors
/// [`StoreError::NotEmpty`] when there is something at the target, [`StoreError::NotTheSame`] when a table does not
/// read back; nothing is moved then, nor when anything else goes wrong on the way.
pub async fn move_to(
    directory: &Path,
    target: &PostgresOptions,
    mut progress: impl FnMut(&str, u64, u64),
) -> Result<Vec<MovedTable>, StoreError> {
    let from = sqlite::Database::open(directory).await?;
    let to = postgres::Database::connect(target).await?;
    let (mut intake, mut state) = from.hold().await?;
    let mut own = to.own_connection().await?;
    let mut tx = own.begin().await?;
    // No gateway appends and no projector works while this lasts.
    sqlx::raw_sql("LOCK TABLE intake_counter, cursor IN EXCLUSIVE MODE").execute(&mut *tx).await?;
    let in_log = names(&mut intake).await?;
    let in_state = names(&mut state).await?;
    let wanted = [in_log.as_slice(), in_state.as_slice()].concat();
    let tables = table::in_order(&mut tx, &wanted).await?;
    if let Some(lost) = wanted.iter().find(|name| !tables.iter().any(|table| table.name == **name)) {
        return Err(StoreError::NotTheSame(lost.clone()));
    }
    // What a look at readiness leaves behind is nobody's.
    sqlx::raw_sql("DELETE FROM mark WHERE name = 'probe'").execute(&mut *tx).await?;
    refuse_unless_empty(&mut tx, &tables).await?;
    sqlx::raw_sql("DELETE FROM cursor").execute(&mut *tx).await?;
    let mut moved = Vec::new();
    for table in &tables {
        let source = if in_log.contains(&table.name) { &mut intake } else { &mut state };
        moved.push(move_table(source, &mut tx, table, &mut progress).await?);
    }
    let last: Option<i64> = sqlx::query_scalar("SELECT MAX(seq) FROM intake").fetch_one(&mut *tx).await?;
    sqlx::query("UPDATE intake_counter SET seq = $1").bind(last.unwrap_or(0)).execute(&mut *tx).await?;
    table::continue_numbers(&mut tx).await?;
    for (table, moved) in tables.iter().zip(&moved) {
        if read_back(&mut tx, table).await? != *moved {
            return Err(StoreError::NotTheSame(table.name.clone()));
        }
    }
    tx.commit().await?;
    own.close().await?;
    drop((intake, state));
    from.close().await;
    to.close().await;
    Ok(moved)
}

/// The tables of one of the files.
async fn names(source: &mut Transaction<'static, Sqlite>) -> Result<Vec<String>, StoreError> {
    let mut names: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    .fetch_all(&mut **source)
    .await?;
    names.retain(|name| !LEFT_OUT.contains(&name.as_str()));
    Ok(names)
}

async fn refuse_unless_empty(tx: &mut Transaction<'_, Postgres>, tables: &[Table]) -> Result<(), StoreError> {
    for table in tables {
        // Where nobody has worked yet the cursor stands at the beginning.
        let of_nobody = if table.name == "cursor" { " WHERE seq > 0" } else { "" };
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {}{of_nobody})", table.name);
        let has_rows: bool = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut **tx).await?;
        if has_rows {
            return Err(StoreError::NotEmpty(table.name.clone()));
        }
    }
    Ok(())
}

async fn move_table(
    source: &mut Transaction<'static, Sqlite>,
    tx: &mut Transaction<'_, Postgres>,
    table: &Table,
    progress: &mut impl FnMut(&str, u64, u64),
) -> Result<MovedTable, StoreError> {
    let sql = format!("SELECT COUNT(*) FROM {}", table.name);
    let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut **source).await?;
    let count = count.unsigned_abs();
    let copy = format!("COPY {} ({}) FROM STDIN", table.name, table.column_list());
    let mut digest = Digest::default();
    let mut last: Option<Vec<Value>> = None;
    loop {
        progress(&table.name, digest.rows(), count);
        let page = table.page_of_sqlite(source, last.as_deref(), PAGE).await?;
        let Some(row) = page.last() else { break };
        table.make_room(tx, row).await?;
        last = Some(table.key_of(row));
        let mut rows = Rows::default();
        for row in &page {
            digest.add(row);
            table.put(&mut rows, row);
        }
        rows.send(tx, &copy).await?;
    }
    Ok(digest.of(&table.name))
}

async fn read_back(tx: &mut PgConnection, table: &Table) -> Result<MovedTable, StoreError> {
    let mut digest = Digest::default();
    let mut last: Option<Vec<Value>> = None;
    loop {
        let page = table.page_of_postgres(tx, last.as_deref(), PAGE).await?;
        let Some(row) = page.last() else { break };
        last = Some(table.key_of(row));
        for row in &page {
            digest.add(row);
        }
    }
    Ok(digest.of(&table.name))
}

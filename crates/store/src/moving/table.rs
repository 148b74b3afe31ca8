//! A table as both databases have it, and its rows in one form whichever they come from.

use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row, Sqlite, Transaction};
use uuid::Uuid;

use super::MovedTable;
use crate::StoreError;
use crate::postgres::copy::Rows;
use crate::postgres::words::{spoken, words};

/// What a column holds in PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Is,
    Text,
    Bytes,
    Id,
}

/// A value as both know it; yes and no are 1 and 0, an id is its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Absent,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A table of PostgreSQL that SQLite has too.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    columns: Vec<(String, Kind)>,
    /// Places of the key's columns among all.
    key: Vec<usize>,
}

/// Those of PostgreSQL's tables that are `wanted`, each after those it refers to.
pub(super) async fn in_order(tx: &mut PgConnection, wanted: &[String]) -> Result<Vec<Table>, StoreError> {
    let mut names: Vec<String> = sqlx::query_scalar(
        "SELECT relname::TEXT FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
             AND relnamespace = current_schema()::regnamespace ORDER BY relname",
    )
    .fetch_all(&mut *tx)
    .await?;
    let needs: Vec<(String, String)> = sqlx::query_as(
        "SELECT DISTINCT a.relname::TEXT, b.relname::TEXT FROM pg_constraint c
         JOIN pg_class a ON a.oid = c.conrelid JOIN pg_class b ON b.oid = c.confrelid
         WHERE c.contype = 'f' AND c.conrelid <> c.confrelid",
    )
    .fetch_all(&mut *tx)
    .await?;
    names.retain(|name| wanted.contains(name));
    let mut left = names;
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let waits = |name: &String| needs.iter().any(|(of, on)| of == name && left.contains(on));
        let (later, now): (Vec<String>, Vec<String>) = left.iter().cloned().partition(waits);
        if now.is_empty() {
            return Err(StoreError::Corrupt("tables refer to each other in a circle"));
        }
        for name in now {
            ordered.push(describe(tx, name).await?);
        }
        left = later;
    }
    Ok(ordered)
}

async fn describe(tx: &mut PgConnection, name: String) -> Result<Table, StoreError> {
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT attname::TEXT, format_type(atttypid, NULL) FROM pg_attribute
         WHERE attrelid = $1::TEXT::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
    )
    .bind(&name)
    .fetch_all(&mut *tx)
    .await?;
    let keys: Vec<String> = sqlx::query_scalar(
        "SELECT a.attname::TEXT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
             AND a.attnum = ANY(i.indkey)
         WHERE i.indrelid = $1::TEXT::regclass AND i.indisprimary ORDER BY array_position(i.indkey, a.attnum)",
    )
    .bind(&name)
    .fetch_all(&mut *tx)
    .await?;
    let columns: Vec<(String, Kind)> = columns
        .into_iter()
        .map(|(column, kind)| {
            let kind = match kind.as_str() {
                "bigint" => Kind::Number,
                "boolean" => Kind::Is,
                "text" => Kind::Text,
                "bytea" => Kind::Bytes,
                "uuid" => Kind::Id,
                _ => return Err(StoreError::Corrupt("a column of a kind that cannot be moved")),
            };
            Ok((column, kind))
        })
        .collect::<Result<_, _>>()?;
    let place = |key: &String| columns.iter().position(|(column, _)| column == key);
    let key = keys.iter().filter_map(place).collect();
    Ok(Table { name, columns, key })
}

/// Numbers that the database gives go on after the greatest that was moved.
pub(super) async fn continue_numbers(tx: &mut PgConnection) -> Result<(), StoreError> {
    let counted: Vec<(String, String)> = sqlx::query_as(
        "SELECT table_name::TEXT, column_name::TEXT FROM information_schema.columns
         WHERE table_schema = current_schema() AND is_identity = 'YES'",
    )
    .fetch_all(&mut *tx)
    .await?;
    for (table, column) in counted {
        let sql = format!(
            "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), (SELECT MAX({column}) FROM {table}))"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await?;
    }
    Ok(())
}

impl Table {
    pub(super) fn column_list(&self) -> String {
        self.columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn key_list(&self) -> String {
        self.key.iter().map(|place| self.columns[*place].0.as_str()).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn key_of(&self, row: &[Value]) -> Vec<Value> {
        self.key.iter().map(|place| row[*place].clone()).collect()
    }

    /// The next rows of SQLite by key.
    pub(super) async fn page_of_sqlite(
        &self,
        source: &mut Transaction<'static, Sqlite>,
        after: Option<&[Value]>,
        limit: i64,
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
        query.push(self.column_list()).push(" FROM ").push(&self.name);
        if let Some(after) = after {
            query.push(" WHERE (").push(self.key_list()).push(") > (");
            let mut list = query.separated(", ");
            for value in after {
                match value {
                    Value::Absent => list.push_bind(None::<i64>),
                    Value::Number(number) => list.push_bind(*number),
                    Value::Text(text) => list.push_bind(text.clone()),
                    Value::Bytes(bytes) => list.push_bind(bytes.clone()),
                };
            }
            query.push(")");
        }
        query.push(" ORDER BY ").push(self.key_list()).push(" LIMIT ").push_bind(limit);
        let rows = query.build().fetch_all(&mut **source).await?;
        rows.iter().map(|row| self.of_sqlite(row)).collect()
    }

    fn of_sqlite(&self, row: &SqliteRow) -> Result<Vec<Value>, StoreError> {
        let value = |(n, (_, kind)): (usize, &(String, Kind))| {
            let value = match kind {
                Kind::Number | Kind::Is => row.try_get::<Option<i64>, _>(n)?.map(Value::Number),
                Kind::Text => row.try_get::<Option<String>, _>(n)?.map(Value::Text),
                Kind::Bytes | Kind::Id => row.try_get::<Option<Vec<u8>>, _>(n)?.map(Value::Bytes),
            };
            Ok(value.unwrap_or(Value::Absent))
        };
        self.columns.iter().enumerate().map(value).collect()
    }

    /// The next rows of PostgreSQL by key.
    pub(super) async fn page_of_postgres(
        &self,
        tx: &mut PgConnection,
        after: Option<&[Value]>,
        limit: i64,
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new("SELECT ");
        query.push(self.column_list()).push(" FROM ").push(&self.name);
        if let Some(after) = after {
            query.push(" WHERE (").push(self.key_list()).push(") > (");
            let mut list = query.separated(", ");
            for (value, place) in after.iter().zip(&self.key) {
                match (value, self.columns[*place].1) {
                    (Value::Number(number), Kind::Is) => list.push_bind(*number != 0),
                    (Value::Number(number), _) => list.push_bind(*number),
                    (Value::Text(text), _) => list.push_bind(words(text).into_owned()),
                    (Value::Bytes(bytes), Kind::Id) => list.push_bind(id(bytes)?),
                    (Value::Bytes(bytes), _) => list.push_bind(bytes.clone()),
                    (Value::Absent, _) => return Err(StoreError::Corrupt("a key without a value")),
                };
            }
            query.push(")");
        }
        query.push(" ORDER BY ").push(self.key_list()).push(" LIMIT ").push_bind(limit);
        let rows = query.build().fetch_all(&mut *tx).await?;
        rows.iter().map(|row| self.of_postgres(row)).collect()
    }

    fn of_postgres(&self, row: &PgRow) -> Result<Vec<Value>, StoreError> {
        let value = |(n, (_, kind)): (usize, &(String, Kind))| {
            let value = match kind {
                Kind::Number => row.try_get::<Option<i64>, _>(n)?.map(Value::Number),
                Kind::Is => row.try_get::<Option<bool>, _>(n)?.map(|is_so| Value::Number(is_so.into())),
                Kind::Text => row.try_get::<Option<String>, _>(n)?.map(|mut text| {
                    spoken(&mut text);
                    Value::Text(text)
                }),
                Kind::Bytes => row.try_get::<Option<Vec<u8>>, _>(n)?.map(Value::Bytes),
                Kind::Id => row.try_get::<Option<Uuid>, _>(n)?.map(|id| Value::Bytes(id.as_bytes().to_vec())),
            };
            Ok(value.unwrap_or(Value::Absent))
        };
        self.columns.iter().enumerate().map(value).collect()
    }

    /// Rows up to this one have their partition.
    pub(super) async fn make_room(
        &self,
        tx: &mut Transaction<'_, Postgres>,
        last: &[Value],
    ) -> Result<(), StoreError> {
        if !matches!(self.name.as_str(), "intake" | "report") {
            return Ok(());
        }
        let Some(Value::Number(seq)) = self.key_of(last).first().cloned() else { return Ok(()) };
        sqlx::query("SELECT ensure_partitions($1, $2)").bind(&self.name).bind(seq).execute(&mut **tx).await?;
        Ok(())
    }

    /// Writes a row for COPY.
    pub(super) fn put(&self, rows: &mut Rows, row: &[Value]) {
        for (value, (_, kind)) in row.iter().zip(&self.columns) {
            match (value, kind) {
                (Value::Absent, _) => rows.null(),
                (Value::Number(number), Kind::Is) => rows.is(*number != 0),
                (Value::Number(number), _) => rows.number(*number),
                (Value::Text(text), _) => rows.text(text),
                (Value::Bytes(bytes), Kind::Id) => match id(bytes) {
                    Ok(id) => rows.id(id),
                    // Refused by the database: it is no id.
                    Err(_) => rows.bytes(bytes),
                },
                (Value::Bytes(bytes), _) => rows.bytes(bytes),
            };
        }
        rows.end();
    }
}

fn id(bytes: &[u8]) -> Result<Uuid, StoreError> {
    Uuid::from_slice(bytes).map_err(|_| StoreError::Corrupt("an id that has not 16 bytes"))
}

/// Counts rows and hashes them in the form both databases share.
#[derive(Default)]
pub(super) struct Digest {
    rows: u64,
    hash: Sha256,
}

impl Digest {
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn add(&mut self, row: &[Value]) {
        self.rows += 1;
        for value in row {
            let (tag, bytes): (u8, &[u8]) = match value {
                Value::Absent => (0, &[]),
                Value::Number(number) => (1, &number.to_be_bytes()),
                Value::Text(text) => (2, text.as_bytes()),
                Value::Bytes(bytes) => (3, bytes),
            };
            self.hash.update([tag]);
            self.hash.update((bytes.len() as u64).to_be_bytes());
            self.hash.update(bytes);
        }
    }

    pub(super) fn of(self, name: &str) -> MovedTable {
        MovedTable { name: name.to_owned(), rows: self.rows, sha256: self.hash.finalize().to_vec() }
    }
}

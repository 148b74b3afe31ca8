//! Which kind of file it is, and its rows in batches.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::atomic::AtomicU64;

use anyhow::bail;
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::{sheet, text};
use crate::intake::BATCH_LIMIT;

/// Columns of one row.
pub(super) const COLUMNS_LIMIT: usize = 200;
/// Characters of one cell; Excel holds no more.
pub(super) const CELL_LIMIT: usize = 32_767;

/// A row as it stood in the file.
#[derive(Debug, Clone)]
pub(super) struct Record {
    /// Its line, from 1.
    pub(super) line: u64,
    /// What it holds, or why it does not read.
    pub(super) row: Result<Row, String>,
}

/// What a row holds.
#[derive(Debug, Clone)]
pub(super) enum Row {
    /// Cells in the order of the header.
    Cells(Vec<String>),
    /// A JSON object.
    Object(Map<String, Value>),
}

/// Hands rows on in batches, up to the limit of one commit.
pub(super) struct Batches<'a> {
    sender: &'a mpsc::Sender<Vec<Record>>,
    batch: Vec<Record>,
}

impl Batches<'_> {
    /// Hands one row on.
    ///
    /// # Errors
    /// When nobody takes rows any more.
    pub(super) fn add(&mut self, record: Record) -> anyhow::Result<()> {
        let record = match record.row {
            Ok(Row::Cells(cells)) if cells.len() > COLUMNS_LIMIT => Record {
                row: Err(format!("quá {COLUMNS_LIMIT} cột / more than {COLUMNS_LIMIT} columns")),
                ..record
            },
            Ok(Row::Cells(cells)) if cells.iter().any(|cell| cell.chars().count() > CELL_LIMIT) => Record {
                row: Err(format!(
                    "một ô quá {CELL_LIMIT} ký tự / a cell of more than {CELL_LIMIT} characters"
                )),
                ..record
            },
            row => Record { row, ..record },
        };
        self.batch.push(record);
        if self.batch.len() >= BATCH_LIMIT { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        let batch = std::mem::take(&mut self.batch);
        if !batch.is_empty() && self.sender.blocking_send(batch).is_err() {
            bail!("the import has ended");
        }
        Ok(())
    }
}

/// Reads the whole file; blocks.
///
/// # Errors
/// When it is of no kind we read, or breaks off.
pub(super) fn all(
    mut file: File,
    sheet: Option<&str>,
    position: &AtomicU64,
    sender: &mpsc::Sender<Vec<Record>>,
) -> anyhow::Result<()> {
    let mut head = Vec::new();
    (&mut file).take(64 * 1024).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    let mut batches = Batches { sender, batch: Vec::new() };
    if head.starts_with(b"PK\x03\x04") {
        sheet::read(file, sheet, &mut batches)?;
    } else if head.starts_with(b"\xd0\xcf\x11\xe0") {
        bail!("this is an old Excel file (.xls): open it and save it as Excel Workbook (.xlsx)");
    } else if head.is_empty() {
        bail!("the file is empty");
    } else {
        text::read(file, &head, position, &mut batches)?;
    }
    batches.flush()
}

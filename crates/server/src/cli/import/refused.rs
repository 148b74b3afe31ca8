//! The file of rows that were not taken: the columns they came with, and why.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;

use super::columns::{Columns, LINE, REASON, guarded};
use super::read::{Record, Row};

/// Made with the first row that is refused.
pub(super) struct RefusedFile {
    path: PathBuf,
    writer: Option<csv::Writer<File>>,
}

impl RefusedFile {
    pub(super) fn new(path: PathBuf) -> RefusedFile {
        RefusedFile { path, writer: None }
    }

    /// Adds a row with the reason.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn add(&mut self, columns: &Columns, record: &Record, reason: &str) -> anyhow::Result<()> {
        let cannot = || format!("cannot write {}", self.path.display());
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => {
                let mut file = File::create(&self.path).with_context(cannot)?;
                // Excel reads UTF-8 by this mark alone.
                file.write_all("\u{feff}".as_bytes()).with_context(cannot)?;
                let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(file);
                let is_ndjson = columns.header.is_empty();
                let header: Vec<&str> = match is_ndjson {
                    true => crate::intake::FIELDS.to_vec(),
                    false => {
                        columns.header.iter().map(String::as_str).filter(|name| *name != REASON).collect()
                    }
                };
                writer.write_record(header.into_iter().chain([LINE, REASON])).with_context(cannot)?;
                self.writer.insert(writer)
            }
        };
        let mut cells: Vec<String> = match &record.row {
            Ok(Row::Cells(cells)) => columns
                .header
                .iter()
                .enumerate()
                .filter(|(_, name)| !is_ours(name))
                .map(|(at, _)| cells.get(at).map_or(String::new(), |cell| guarded(cell)))
                .collect(),
            Ok(Row::Object(_)) => {
                let map = columns.report_of(record).unwrap_or_default();
                crate::intake::FIELDS
                    .iter()
                    .map(|field| map.get(*field).map_or(String::new(), shown))
                    .collect()
            }
            Err(_) => {
                let width = columns.header.iter().filter(|name| !is_ours(name)).count();
                vec![String::new(); if width == 0 { crate::intake::FIELDS.len() } else { width }]
            }
        };
        cells.push(record.line.to_string());
        cells.push(reason.to_owned());
        writer.write_record(&cells).with_context(cannot)
    }

    /// Writes out what is left.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn finish(&mut self) -> anyhow::Result<()> {
        if let Some(writer) = &mut self.writer {
            writer.flush().with_context(|| format!("cannot write {}", self.path.display()))?;
        }
        Ok(())
    }
}

/// Whether a column was added by an earlier import.
fn is_ours(name: &str) -> bool {
    name == REASON || name == LINE
}

fn shown(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => guarded(text),
        serde_json::Value::Array(items) => {
            let items: Vec<&str> = items.iter().filter_map(|item| item.as_str()).collect();
            guarded(&items.join("; "))
        }
        other => other.to_string(),
    }
}

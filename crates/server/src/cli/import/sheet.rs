//! Spreadsheets (XLSX), a row at a time. What the archive says of its sizes is not believed: it is unpacked once
//! into nothing and counted before anything is read. Formulas are never evaluated; what the file has stored as
//! their result is taken, and an error there refuses the row.

use std::fs::File;
use std::io::{BufReader, Read};

use anyhow::{Context, bail};
use calamine::{DataRef, Reader, Xlsx};

use super::read::{Batches, COLUMNS_LIMIT, Record, Row};

/// Bytes of all parts together, unpacked.
const UNPACKED_LIMIT: u64 = 1024 * 1024 * 1024;
/// Bytes of the shared words, unpacked: they are held in memory.
const WORDS_LIMIT: u64 = 128 * 1024 * 1024;
/// Bytes of any other part but a sheet, unpacked.
const PART_LIMIT: u64 = 32 * 1024 * 1024;
/// Parts of the archive.
const PARTS_LIMIT: usize = 10_000;
/// Shared words it may announce.
const ANNOUNCED_LIMIT: u64 = 4_000_000;

/// Reads rows and hands them on.
///
/// # Errors
/// When it is no workbook, too large when unpacked, or has no such sheet.
pub(super) fn read(file: File, sheet: Option<&str>, batches: &mut Batches<'_>) -> anyhow::Result<()> {
    check(&file)?;
    let mut book: Xlsx<_> =
        Xlsx::new(BufReader::new(file)).context("the file is no Excel workbook (.xlsx)")?;
    let names = book.sheet_names();
    let name = match sheet {
        Some(sheet) if names.iter().any(|name| name == sheet) => sheet.to_owned(),
        Some(sheet) => bail!("there is no sheet '{sheet}'; there are: {}", names.join(", ")),
        None => names.into_iter().next().context("the workbook has no sheet")?,
    };
    let mut reader =
        book.worksheet_cells_reader(&name).with_context(|| format!("the sheet '{name}' does not read"))?;
    let mut row = Open { number: 0, cells: Vec::new(), trouble: None };
    while let Some(cell) =
        reader.next_cell().with_context(|| format!("the sheet breaks off after row {}", row.number + 1))?
    {
        let (number, column) = cell.get_position();
        if number != row.number {
            row.end(batches)?;
            row.number = number;
        }
        row.put(usize::try_from(column).unwrap_or(usize::MAX), cell.get_value());
    }
    row.end(batches)
}

/// A row whose cells are still coming.
struct Open {
    number: u32,
    cells: Vec<String>,
    trouble: Option<String>,
}

impl Open {
    fn put(&mut self, column: usize, value: &DataRef<'_>) {
        if matches!(value, DataRef::Empty) {
            return;
        }
        if column >= COLUMNS_LIMIT {
            self.trouble = Some(format!("quá {COLUMNS_LIMIT} cột / more than {COLUMNS_LIMIT} columns"));
            return;
        }
        if let DataRef::Error(_) = value {
            self.trouble = Some(format!(
                "ô ở cột {0} báo lỗi công thức / the formula in column {0} is in error",
                column + 1
            ));
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        self.cells[column] = words(value);
    }

    fn end(&mut self, batches: &mut Batches<'_>) -> anyhow::Result<()> {
        let cells = std::mem::take(&mut self.cells);
        let trouble = self.trouble.take();
        if cells.iter().all(|cell| cell.trim().is_empty()) && trouble.is_none() {
            return Ok(());
        }
        let row = trouble.map_or(Ok(Row::Cells(cells)), Err);
        batches.add(Record { line: u64::from(self.number) + 1, row })
    }
}

fn words(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        // A telephone number typed as a number: no exponent, no trailing zeros.
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(is_true) => is_true.to_string(),
        DataRef::DateTime(at) => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

/// Unpacks every part into nothing and counts.
fn check(file: &File) -> anyhow::Result<()> {
    let mut archive =
        zip::ZipArchive::new(BufReader::new(file)).context("the file is a broken ZIP archive")?;
    if archive.len() > PARTS_LIMIT {
        bail!("the workbook has {} parts; at most {PARTS_LIMIT} are taken", archive.len());
    }
    let mut total = 0;
    for index in 0..archive.len() {
        let part = archive.by_index(index).context("a part of the workbook does not unpack")?;
        let name = part.name().context("a part of the workbook has no name")?.into_owned();
        let is_words = name.ends_with("sharedStrings.xml");
        let limit = match name.contains("worksheets/") {
            _ if is_words => WORDS_LIMIT,
            true => UNPACKED_LIMIT,
            false => PART_LIMIT,
        };
        let limit = limit.min(UNPACKED_LIMIT - total);
        let mut part = part.take(limit + 1);
        let mut head = Vec::new();
        (&mut part).take(4096).read_to_end(&mut head).context("a part of the workbook does not unpack")?;
        let rest = std::io::copy(&mut part, &mut std::io::sink())
            .context("a part of the workbook does not unpack")?;
        let size = head.len() as u64 + rest;
        if size > limit {
            bail!(
                "'{name}' unpacks to more than {limit} bytes: this is no list of reports; split it or save it as CSV"
            );
        }
        if is_words && announced(&head) > ANNOUNCED_LIMIT {
            bail!("'{name}' announces more than {ANNOUNCED_LIMIT} words: split the file or save it as CSV");
        }
        total += size;
    }
    Ok(())
}

/// How many shared words the part announces: a reader makes room for as many.
fn announced(head: &[u8]) -> u64 {
    let head = String::from_utf8_lossy(head);
    let counts = head.split("ount=").skip(1).filter_map(|rest| {
        let digits: String = rest.chars().skip(1).take_while(char::is_ascii_digit).collect();
        if digits.is_empty() { None } else { Some(digits.parse().unwrap_or(u64::MAX)) }
    });
    counts.max().unwrap_or(0)
}

//! CSV and NDJSON, in UTF-8 or UTF-16, a row at a time: however large the file, memory stays flat.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, bail};
use serde_json::Value;

use super::read::{Batches, Record, Row};

/// Bytes of one row: a quote that is never closed must not read the whole file into one cell.
const ROW_BYTES: usize = 1024 * 1024;

/// How the bytes of a file are text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// Reads rows and hands them on.
///
/// # Errors
/// When the encoding is none we read, or a row is too long to be one.
pub(super) fn read(
    file: impl Read,
    head: &[u8],
    position: &AtomicU64,
    batches: &mut Batches<'_>,
) -> anyhow::Result<()> {
    let encoding = encoding_of(head)?;
    let counted = Counted { inner: BufReader::new(file), position };
    match encoding {
        Encoding::Utf8 => rows(skip_mark(counted)?, batches),
        Encoding::Utf16Le => rows(skip_mark(Utf16::new(counted, false))?, batches),
        Encoding::Utf16Be => rows(skip_mark(Utf16::new(counted, true))?, batches),
    }
}

fn encoding_of(head: &[u8]) -> anyhow::Result<Encoding> {
    if head.starts_with(&[0xff, 0xfe]) {
        return Ok(Encoding::Utf16Le);
    }
    if head.starts_with(&[0xfe, 0xff]) {
        return Ok(Encoding::Utf16Be);
    }
    let zeros = |from: usize| head.iter().skip(from).step_by(2).take(200).filter(|byte| **byte == 0).count();
    if head.len() >= 16 && zeros(1) > head.len().min(400) / 4 {
        return Ok(Encoding::Utf16Le);
    }
    if head.len() >= 16 && zeros(0) > head.len().min(400) / 4 {
        return Ok(Encoding::Utf16Be);
    }
    match std::str::from_utf8(head) {
        Ok(_) => Ok(Encoding::Utf8),
        // The head may end within a letter.
        Err(error) if error.error_len().is_none() => Ok(Encoding::Utf8),
        Err(error) => {
            let line = head
                .get(..error.valid_up_to())
                .unwrap_or_default()
                .iter()
                .filter(|byte| **byte == b'\n')
                .count();
            bail!("{}", not_utf8(line as u64 + 1))
        }
    }
}

fn not_utf8(line: u64) -> String {
    format!(
        "line {line} is not UTF-8: the file looks like Windows-1258, TCVN3 or VNI. Nothing can be guessed safely: \
         open it in Excel or LibreOffice and save it as 'CSV UTF-8', then import that"
    )
}

fn skip_mark(reader: impl Read) -> io::Result<impl BufRead> {
    let mut reader = BufReader::new(reader);
    if reader.fill_buf()?.starts_with("\u{feff}".as_bytes()) {
        reader.consume(3);
    }
    Ok(reader)
}

fn rows(mut reader: impl BufRead, batches: &mut Batches<'_>) -> anyhow::Result<()> {
    let head = reader.fill_buf()?;
    let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'{') {
        return objects(reader, batches);
    }
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |mark: u8| line.iter().filter(|byte| **byte == mark).count();
    let delimiter = [b',', b';', b'\t', b'|'].into_iter().max_by_key(|mark| (count(*mark), *mark == b','));
    cells(reader, delimiter.unwrap_or(b','), batches)
}

fn objects(mut reader: impl BufRead, batches: &mut Batches<'_>) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        if (&mut reader).take(ROW_BYTES as u64 + 1).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(());
        }
        if bytes.len() > ROW_BYTES {
            bail!("line {line} is longer than {ROW_BYTES} bytes: it is no row");
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let row = match serde_json::from_slice(&bytes) {
            Ok(Value::Object(map)) => Ok(Row::Object(map)),
            Ok(_) => Err("dòng không phải đối tượng JSON / the line is no JSON object".to_owned()),
            Err(error) => Err(format!("không đọc được JSON, cột {0} / no JSON, column {0}", error.column())),
        };
        batches.add(Record { line, row })?;
    }
    Ok(())
}

fn cells(reader: impl BufRead, delimiter: u8, batches: &mut Batches<'_>) -> anyhow::Result<()> {
    let taken = Rc::new(Cell::new(0));
    let bounded = Bounded { inner: reader, taken: Rc::clone(&taken) };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(bounded);
    let mut record = csv::ByteRecord::new();
    loop {
        taken.set(0);
        let line = reader.position().line();
        if !reader.read_byte_record(&mut record).with_context(|| format!("line {line}"))? {
            return Ok(());
        }
        let line = record.position().map_or(line, csv::Position::line);
        let mut cells = Vec::with_capacity(record.len());
        for cell in &record {
            match std::str::from_utf8(cell) {
                Ok(cell) => cells.push(cell.to_owned()),
                Err(_) => bail!("{}; rows before it are stored and are not stored again", not_utf8(line)),
            }
        }
        if cells.iter().any(|cell| !cell.trim().is_empty()) {
            batches.add(Record { line, row: Ok(Row::Cells(cells)) })?;
        }
    }
}

/// Notes how far the file has been read.
struct Counted<'a, R> {
    inner: R,
    position: &'a AtomicU64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.position.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Ends when one row takes too many bytes.
struct Bounded<R> {
    inner: R,
    taken: Rc<Cell<usize>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken.get() > ROW_BYTES {
            let what = format!("a row is longer than {ROW_BYTES} bytes: a quote is opened and never closed");
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        let count = self.inner.read(buffer)?;
        self.taken.set(self.taken.get() + count);
        Ok(count)
    }
}

/// UTF-16 as UTF-8; what is no character becomes the replacement character.
struct Utf16<R> {
    inner: R,
    is_big: bool,
    pending: Option<u16>,
    ready: Vec<u8>,
    at: usize,
}

impl<R: Read> Utf16<R> {
    fn new(inner: R, is_big: bool) -> Utf16<R> {
        Utf16 { inner, is_big, pending: None, ready: Vec::new(), at: 0 }
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(8192);
        (&mut self.inner).take(8192).read_to_end(&mut bytes)?;
        let units = bytes.chunks(2).map(|pair| {
            let pair = [pair[0], pair.get(1).copied().unwrap_or(0)];
            if self.is_big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
        });
        let mut units: Vec<u16> = self.pending.take().into_iter().chain(units).collect();
        // A pair that is cut in the middle waits for its second half.
        if !bytes.is_empty() && units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            self.pending = units.pop();
        }
        let text: String =
            char::decode_utf16(units).map(|read| read.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        self.ready = text.into_bytes();
        self.at = 0;
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.ready.len() {
            self.fill()?;
        }
        let rest = self.ready.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart_and_old_ones_named() {
        let utf16: Vec<u8> = "số;nội dung".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(encoding_of(&[&[0xff, 0xfe], utf16.as_slice()].concat()).unwrap(), Encoding::Utf16Le);
        let plain: Vec<u8> = "so;noi dung;loai".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(encoding_of(&plain).unwrap(), Encoding::Utf16Be);
        assert_eq!(encoding_of("số,nội dung".as_bytes()).unwrap(), Encoding::Utf8);
        let cut = "nội".as_bytes();
        assert_eq!(encoding_of(&cut[..3]).unwrap(), Encoding::Utf8, "the head may end within a letter");
        let error = encoding_of(b"so,noi dung\n0912345678,m\xf0t\n").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("Windows-1258"), "{error}");
    }

    #[test]
    fn utf16_reads_as_utf8_across_blocks() {
        let words = "đường 🇻🇳 ".repeat(3000);
        let bytes: Vec<u8> = words.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut read = String::new();
        Utf16::new(bytes.as_slice(), false).read_to_string(&mut read).unwrap();
        assert_eq!(read, words);
    }
}

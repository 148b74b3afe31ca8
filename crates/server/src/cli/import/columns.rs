//! Which column of a file is which field of a report.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use canhgiac_domain::text::fold;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::read::{Record, Row};

/// The column that says why a row was refused: written by us, ignored when it comes back.
pub(super) const REASON: &str = "ly_do";
/// The column with the line a refused row stood on.
pub(super) const LINE: &str = "dong";

/// What columns are called, folded: Vietnamese with or without accents, and English.
const NAMES: [(&str, &[&str]); 9] = [
    (
        "sources",
        &[
            "so",
            "sdt",
            "so dien thoai",
            "so bi phan anh",
            "so dien thoai bi phan anh",
            "so goi den",
            "so lua dao",
            "nguon",
            "nguon bi phan anh",
            "ten nguoi gui",
            "number",
            "phone",
            "phone number",
            "reported number",
            "source",
            "sources",
            "dien thoai",
        ],
    ),
    ("kind", &["loai", "loai phan anh", "phan loai", "kind", "type", "category"]),
    (
        "content",
        &[
            "noi dung",
            "noi dung phan anh",
            "noi dung tin nhan",
            "noi dung cuoc goi",
            "mo ta",
            "content",
            "description",
            "text",
            "message",
        ],
    ),
    (
        "money_lost",
        &[
            "so tien",
            "so tien mat",
            "so tien bi mat",
            "tien mat",
            "thiet hai",
            "so tien thiet hai",
            "money lost",
            "amount",
            "loss",
        ],
    ),
    ("commune", &["xa", "phuong", "xa phuong", "xa phuong thi tran", "commune", "ward"]),
    ("place", &["dia diem", "noi", "dia chi", "place", "location", "address"]),
    (
        "reporter_phone",
        &[
            "nguoi phan anh",
            "so nguoi phan anh",
            "sdt nguoi phan anh",
            "dien thoai nguoi phan anh",
            "so dien thoai nguoi phan anh",
            "so nguoi gui",
            "reporter",
            "reporter phone",
            "sender",
        ],
    ),
    (
        "happened_at",
        &[
            "thoi gian",
            "thoi diem",
            "ngay",
            "ngay gio",
            "ngay phan anh",
            "thoi gian phan anh",
            "time",
            "date",
            "happened at",
            "received at",
        ],
    ),
    ("reference", &["ma", "ma phan anh", "ma so", "so phieu", "id", "reference", "code"]),
];

/// Columns named by a mapping file: folded name to field.
#[derive(Debug)]
pub(super) struct Mapping {
    fields: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MappingFile {
    columns: BTreeMap<String, String>,
}

/// Reads a mapping file.
///
/// # Errors
/// When it does not read or names a field that is none.
pub(super) fn read_mapping(path: &Path) -> anyhow::Result<Mapping> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let file: MappingFile =
        toml::from_str(&text).with_context(|| format!("{} does not read", path.display()))?;
    for field in file.columns.values() {
        if !field.is_empty() && !NAMES.iter().any(|(known, _)| known == field) {
            let known: Vec<&str> = NAMES.iter().map(|(known, _)| *known).collect();
            bail!(
                "{}: '{field}' is no field; take {} or \"\" to leave a column out",
                path.display(),
                known.join(", ")
            );
        }
    }
    Ok(Mapping { fields: file.columns.into_iter().map(|(name, field)| (plain(&name), field)).collect() })
}

/// The columns of one file.
#[derive(Debug)]
pub(super) struct Columns {
    /// The header as it stood there; empty for NDJSON.
    pub(super) header: Vec<String>,
    fields: Vec<Option<String>>,
    mapped: BTreeMap<String, String>,
    kind: Option<String>,
}

impl Columns {
    /// Reads the header; NDJSON has none and names its members itself.
    ///
    /// # Errors
    /// When what a report needs is not there, with what was found.
    pub(super) fn of(
        header: Option<Record>,
        mapping: Option<&Mapping>,
        kind: Option<&str>,
    ) -> anyhow::Result<Columns> {
        let mapped = mapping.map(|mapping| mapping.fields.clone()).unwrap_or_default();
        let mut columns =
            Columns { header: Vec::new(), fields: Vec::new(), mapped, kind: kind.map(str::to_owned) };
        let Some(Record { row: Ok(Row::Cells(header)), .. }) = header else { return Ok(columns) };
        columns.fields = header.iter().map(|name| columns.field_of(name)).collect();
        columns.header = header;
        for (at, field) in columns.fields.iter().enumerate() {
            if let Some(field) = field
                && let Some(first) =
                    columns.fields.iter().take(at).position(|one| one.as_ref() == Some(field))
            {
                bail!(
                    "columns '{}' and '{}' would both be {field}: say which with --map",
                    columns.header[first],
                    columns.header[at]
                );
            }
        }
        let has = |field: &str| columns.fields.iter().any(|one| one.as_deref() == Some(field));
        let mut missing: Vec<&str> = ["sources", "content"].into_iter().filter(|field| !has(field)).collect();
        if !has("kind") && columns.kind.is_none() {
            missing.push("kind (or --kind)");
        }
        if !missing.is_empty() {
            bail!(
                "the first row must name the columns; missing: {}. Found: {}. Known names: {}; others can be given \
                 with --map",
                missing.join(", "),
                columns.header.join(" | "),
                NAMES
                    .iter()
                    .map(|(field, names)| format!("{field} = {}", names[..names.len().min(3)].join("/")))
                    .collect::<Vec<_>>()
                    .join("; ")
            );
        }
        Ok(columns)
    }

    fn field_of(&self, name: &str) -> Option<String> {
        let plain = plain(name);
        if let Some(field) = self.mapped.get(&plain) {
            return Some(field.clone()).filter(|field| !field.is_empty());
        }
        NAMES.iter().find(|(_, names)| names.contains(&plain.as_str())).map(|(field, _)| (*field).to_owned())
    }

    /// The report of a row, as the API takes it; empty for a row without anything.
    ///
    /// # Errors
    /// Why the row does not read.
    pub(super) fn report_of(&self, record: &Record) -> Result<Map<String, Value>, String> {
        let mut map = Map::new();
        match record.row.as_ref().map_err(Clone::clone)? {
            Row::Cells(cells) => {
                for (field, cell) in self.fields.iter().zip(cells) {
                    if let Some(field) = field {
                        put(&mut map, field, unguarded(cell).trim());
                    }
                }
            }
            Row::Object(object) => {
                for (name, value) in object {
                    let Some(field) = self.field_of(name) else { continue };
                    match value {
                        Value::String(text) => put(&mut map, &field, text.trim()),
                        Value::Null => {}
                        Value::Number(number) if field != "money_lost" => {
                            put(&mut map, &field, &number.to_string())
                        }
                        other => {
                            map.insert(field, other.clone());
                        }
                    }
                }
            }
        }
        if !map.is_empty()
            && !map.contains_key("kind")
            && let Some(kind) = &self.kind
        {
            map.insert("kind".to_owned(), Value::String(kind.clone()));
        }
        Ok(map)
    }
}

fn put(map: &mut Map<String, Value>, field: &str, text: &str) {
    if text.is_empty() {
        return;
    }
    let value = match field {
        "sources" => text.split([',', ';', '\n', '/']).map(str::trim).filter(|one| !one.is_empty()).collect(),
        _ => Value::String(text.to_owned()),
    };
    map.insert(field.to_owned(), value);
}

/// A cell whose first letter could be taken for a formula stands behind an apostrophe.
pub(super) fn guarded(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest,
        _ => cell,
    }
}

fn plain(name: &str) -> String {
    let folded = fold(name);
    let words: String = folded.chars().map(|ch| if ch.is_alphanumeric() { ch } else { ' ' }).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Option<Record> {
        let cells = names.iter().map(|name| (*name).to_owned()).collect();
        Some(Record { line: 1, row: Ok(Row::Cells(cells)) })
    }

    fn row(cells: &[&str]) -> Record {
        header(cells).unwrap()
    }

    #[test]
    fn headers_read_with_and_without_accents_and_in_english() {
        for names in [
            ["Loại", "Số điện thoại", "Nội dung phản ánh"],
            ["LOAI", "so_dien_thoai", "noi-dung"],
            ["Type", "Phone number", "Description"],
        ] {
            let columns = Columns::of(header(&names), None, None).unwrap();
            let map = columns.report_of(&row(&["LD", "'+84912345678; 0900000009", "'=1+1"])).unwrap();
            assert_eq!(map["sources"], serde_json::json!(["+84912345678", "0900000009"]));
            assert_eq!((map["kind"].as_str(), map["content"].as_str()), (Some("LD"), Some("=1+1")));
        }
    }

    #[test]
    fn what_is_missing_is_said_with_what_was_found() {
        let error = Columns::of(header(&["STT", "Số"]), None, None).unwrap_err().to_string();
        assert!(
            error.contains("content") && error.contains("--kind") && error.contains("STT | Số"),
            "{error}"
        );
        let twice =
            Columns::of(header(&["Số", "Phone", "Nội dung"]), None, Some("LD")).unwrap_err().to_string();
        assert!(twice.contains("'Số' and 'Phone'"), "{twice}");
    }

    #[test]
    fn what_could_be_a_formula_is_guarded_and_comes_back() {
        for cell in ["=cmd()", "+84912345678", "-1", "@x", "plain", "'quoted"] {
            assert_eq!(unguarded(&guarded(cell)), cell);
        }
        assert_eq!(guarded("=cmd()"), "'=cmd()");
    }
}

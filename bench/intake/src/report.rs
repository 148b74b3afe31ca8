//! Tables in Markdown, and where they stand in `docs/performance.md`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// A table under construction.
#[derive(Debug)]
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    pub fn new<S: Into<String>>(columns: impl IntoIterator<Item = S>) -> Table {
        Table { rows: vec![columns.into_iter().map(Into::into).collect()] }
    }

    /// Adds a row.
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The table in Markdown, its columns aligned.
    #[must_use]
    pub fn markdown(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |row: &Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
        let widths: Vec<usize> = (0..columns)
            .map(|column| self.rows.iter().map(|row| cell(row, column).chars().count()).max().unwrap_or(0))
            .collect();
        let mut text = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            for (column, width) in widths.iter().enumerate() {
                let cell = cell(row, column);
                let pad = " ".repeat(width - cell.chars().count());
                // Words to the left, figures to the right.
                text += &if column == 0 { format!("| {cell}{pad} ") } else { format!("| {pad}{cell} ") };
            }
            text += "|\n";
            if number == 0 {
                for (column, width) in widths.iter().enumerate() {
                    let line = "-".repeat(*width);
                    text += &if column == 0 {
                        format!("| {line} ")
                    } else {
                        format!("| {}: ", &line[1.min(line.len())..])
                    };
                }
                text += "|\n";
            }
        }
        text
    }
}

/// A rate in few digits: `950`, `8.5k`, `163k`, `2.18M`.
#[must_use]
pub fn rate(per_s: f64) -> String {
    match per_s {
        r if r >= 999_500.0 => format!("{:.2}M", r / 1e6),
        r if r >= 99_950.0 => format!("{:.0}k", r / 1e3),
        r if r >= 999.5 => format!("{:.1}k", r / 1e3),
        r => format!("{r:.0}"),
    }
}

/// A duration in few digits.
#[must_use]
pub fn time(seconds: f64) -> String {
    match seconds {
        s if s >= 1.0 => format!("{s:.2} s"),
        s if s >= 0.01 => format!("{:.0} ms", s * 1e3),
        s if s >= 0.001 => format!("{:.1} ms", s * 1e3),
        s => format!("{:.0} µs", s * 1e6),
    }
}

/// What is wanted of a figure, and what came out.
#[derive(Debug)]
pub struct Aim {
    /// In words.
    pub what: String,
    /// What came out; `None` when it was not measured.
    pub got: Option<f64>,
    /// The figure in words.
    pub shown: String,
    /// Whether it holds.
    pub holds: bool,
}

/// The table of aims.
#[must_use]
pub fn aims(aims: &[Aim]) -> String {
    let mut table = Table::new(["aim", "measured", "holds"]);
    for aim in aims {
        let verdict = match (aim.got, aim.holds) {
            (None, _) => "not measured",
            (Some(_), true) => "yes",
            (Some(_), false) => "**no**",
        };
        let shown = if aim.got.is_some() { aim.shown.clone() } else { "–".to_owned() };
        table.row([aim.what.clone(), shown, verdict.to_owned()]);
    }
    table.markdown()
}

/// The folder with the project's documents.
#[must_use]
pub fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

/// Puts `text` between the marks of `part` in `docs/performance.md`.
///
/// # Errors
/// When the file or the marks are not there.
pub fn write_part(part: &str, text: &str) -> anyhow::Result<()> {
    let path = docs().join("performance.md");
    let old = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let new = replace_part(&old, part, text)
        .with_context(|| format!("no marks of {part} in {}", path.display()))?;
    fs::write(&path, new).with_context(|| path.display().to_string())
}

fn replace_part(document: &str, part: &str, text: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {part}: begin -->\n"), format!("<!-- {part}: end -->"));
    let from = document.find(&begin)? + begin.len();
    let to = from + document[from..].find(&end)?;
    Some(format!("{}\n{}\n{}", &document[..from], text.trim(), &document[to..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_replaced_and_the_rest_stays() {
        let document = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n";
        let new = replace_part(document, "x", "new\n").unwrap();
        assert_eq!(new, "a\n<!-- x: begin -->\n\nnew\n<!-- x: end -->\nb\n");
        assert_eq!(replace_part(&new, "x", "new\n").unwrap(), new);
        assert_eq!(replace_part(document, "y", "new"), None);
    }

    #[test]
    fn figures_are_short() {
        assert_eq!(
            [0.4, 950.0, 8_540.0, 163_400.0, 2_180_000.0].map(rate),
            ["0", "950", "8.5k", "163k", "2.18M"]
        );
        assert_eq!([0.000_12, 0.002, 0.05, 1.5].map(time), ["120 µs", "2.0 ms", "50 ms", "1.50 s"]);
    }

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(["name", "rate"]);
        table.row(["á", "1"]);
        assert_eq!(table.markdown(), "| name | rate |\n| ---- | ---: |\n| á    |    1 |\n");
    }
}

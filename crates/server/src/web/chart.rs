//! Small charts drawn by the server: stacked columns and bars as SVG.
//!
//! The policy forbids inline style and script, so geometry stands in presentation attributes
//! and colour in classes of the style sheet. Widths are percentages and heights pixels: a chart
//! fills its panel while its text keeps its size, on a phone as on a wall. Every chart carries a
//! title that states the finding, named axes and its table; the table is the truth, the drawing
//! helps. Nothing here fetches or rounds figures.

use askama::Template;

use super::format;

/// Height of the plotted part of a column chart, in pixels.
const PLOT_HEIGHT: u64 = 148;
/// Room above the plot for the name of the vertical axis, in pixels.
const PLOT_TOP: u64 = 22;
/// Where the plot begins and how wide it is, in percent of the chart: the rest holds the scale.
const PLOT_LEFT: f64 = 9.0;
const PLOT_WIDTH: f64 = 91.0;
/// Part of a column's place that stays empty, so that columns stand apart.
const GAP: f64 = 0.22;
/// The style sheet knows so many series; further ones share the last look.
const LOOKS: usize = 4;

/// One kind of thing counted along the horizontal axis.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    /// What is counted.
    pub(crate) name: String,
    /// One value a label.
    pub(crate) values: Vec<u64>,
}

/// Stacked columns, for counts over time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns {
    /// The finding, a sentence.
    pub(crate) title: String,
    /// Name of the horizontal axis, `giờ`.
    pub(crate) x_name: String,
    /// Name of the vertical axis, `phản ánh`.
    pub(crate) y_name: String,
    /// One label a column.
    pub(crate) labels: Vec<String>,
    /// Every how many columns the label is written under the chart.
    pub(crate) label_every: usize,
    /// What is stacked, from the bottom.
    pub(crate) series: Vec<Series>,
}

impl Columns {
    /// The sum of one column over all series.
    pub(crate) fn column_sum(&self, column: usize) -> u64 {
        self.series.iter().filter_map(|one| one.values.get(column)).sum()
    }

    /// The sum of everything.
    pub(crate) fn total(&self) -> u64 {
        self.series.iter().flat_map(|one| &one.values).sum()
    }

    /// The label and size of the highest column; none when nothing was counted.
    pub(crate) fn peak(&self) -> Option<(&str, u64)> {
        self.labels
            .iter()
            .enumerate()
            .map(|(column, label)| (label.as_str(), self.column_sum(column)))
            .filter(|(_, sum)| *sum > 0)
            .max_by_key(|(_, sum)| *sum)
    }

    /// The drawing with its table, as HTML ready to stand in a page.
    pub(crate) fn draw(&self) -> impl Template + '_ {
        let highest = (0..self.labels.len()).map(|column| self.column_sum(column)).max();
        let scale = Scale::for_highest(highest.unwrap_or(0));
        ColumnsDrawing {
            chart: self,
            is_empty: self.total() == 0,
            height: PLOT_TOP + PLOT_HEIGHT + 34,
            base: PLOT_TOP + PLOT_HEIGHT,
            grid: scale.grid(),
            rects: self.rects(&scale),
            ticks: self.ticks(),
            rows: self.table(),
            foot: TableRow {
                label: "Tổng".to_owned(),
                cells: cells(self.series.iter().map(|one| one.values.iter().sum()), self.total()),
            },
        }
    }

    /// The figures of the columns in which something was counted.
    fn table(&self) -> Vec<TableRow> {
        (0..self.labels.len())
            .filter(|column| self.column_sum(*column) > 0)
            .map(|column| TableRow {
                label: self.labels[column].clone(),
                cells: cells(
                    self.series.iter().map(|one| one.values.get(column).copied().unwrap_or(0)),
                    self.column_sum(column),
                ),
            })
            .collect()
    }

    fn rects(&self, scale: &Scale) -> Vec<Rect> {
        let place = PLOT_WIDTH / self.labels.len().max(1) as f64;
        let mut rects = Vec::new();
        for column in 0..self.labels.len() {
            let mut below = 0;
            for (index, one) in self.series.iter().enumerate() {
                let value = one.values.get(column).copied().unwrap_or(0);
                if value == 0 {
                    continue;
                }
                let bottom = scale.height(below);
                let top = scale.height(below + value);
                below += value;
                rects.push(Rect {
                    x: percent(PLOT_LEFT + place * (column as f64 + GAP / 2.0)),
                    width: percent(place * (1.0 - GAP)),
                    y: pixels((PLOT_TOP + PLOT_HEIGHT) as f64 - top),
                    height: pixels((top - bottom).max(1.0)),
                    look: look(index),
                    said: format!("{} {}: {} {}", self.x_name, self.labels[column], one.name, value),
                });
            }
        }
        rects
    }

    fn ticks(&self) -> Vec<Tick> {
        let place = PLOT_WIDTH / self.labels.len().max(1) as f64;
        self.labels
            .iter()
            .enumerate()
            .step_by(self.label_every.max(1))
            .map(|(column, label)| Tick {
                x: percent(PLOT_LEFT + place * (column as f64 + 0.5)),
                y: String::new(),
                label: label.clone(),
            })
            .collect()
    }
}

/// One bar with its words.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    /// What is counted.
    pub(crate) label: String,
    /// How many.
    pub(crate) value: u64,
    /// Where the things counted are listed.
    pub(crate) href: Option<String>,
}

/// Horizontal bars, for counts of a few kinds, in the order given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bars {
    /// The finding, a sentence.
    pub(crate) title: String,
    /// What the labels are, `nội dung tin nhắn`.
    pub(crate) label_name: String,
    /// What the values are, `số tin`.
    pub(crate) value_name: String,
    /// The bars.
    pub(crate) bars: Vec<Bar>,
}

impl Bars {
    /// The drawing with its table, as HTML ready to stand in a page.
    pub(crate) fn draw(&self) -> impl Template + '_ {
        let highest = self.bars.iter().map(|bar| bar.value).max().unwrap_or(0);
        let rows = self
            .bars
            .iter()
            .map(|bar| BarRow {
                label: &bar.label,
                href: bar.href.as_deref(),
                shown: grouped(bar.value),
                width: percent(share(bar.value, highest) * 100.0),
            })
            .collect();
        BarsDrawing { chart: self, is_empty: highest == 0, rows }
    }
}

#[derive(Template)]
#[template(path = "chart/columns.html")]
struct ColumnsDrawing<'a> {
    chart: &'a Columns,
    is_empty: bool,
    height: u64,
    base: u64,
    grid: Vec<Tick>,
    rects: Vec<Rect>,
    ticks: Vec<Tick>,
    rows: Vec<TableRow>,
    foot: TableRow,
}

/// A line of the table: one cell a series and the sum.
struct TableRow {
    label: String,
    cells: Vec<String>,
}

#[derive(Template)]
#[template(path = "chart/bars.html")]
struct BarsDrawing<'a> {
    chart: &'a Bars,
    is_empty: bool,
    rows: Vec<BarRow<'a>>,
}

/// A rectangle of a column, all lengths ready for attributes.
struct Rect {
    x: String,
    y: String,
    width: String,
    height: String,
    look: usize,
    said: String,
}

/// A label on an axis.
struct Tick {
    x: String,
    y: String,
    label: String,
}

struct BarRow<'a> {
    label: &'a str,
    href: Option<&'a str>,
    shown: String,
    width: String,
}

/// A vertical scale from zero to a round number.
struct Scale {
    step: u64,
    top: u64,
}

impl Scale {
    /// Steps of 1, 2 or 5 times a power of ten, at most five of them.
    fn for_highest(highest: u64) -> Self {
        let highest = highest.max(1);
        let mut step = 1;
        for factor in [2, 5, 10].iter().cycle() {
            if highest.div_ceil(step) <= 5 {
                break;
            }
            let power = 10_u64.pow(step.ilog10());
            step = power.saturating_mul(*factor);
        }
        Self { step, top: highest.div_ceil(step) * step }
    }

    fn height(&self, value: u64) -> f64 {
        share(value, self.top) * PLOT_HEIGHT as f64
    }

    fn grid(&self) -> Vec<Tick> {
        (0..=self.top / self.step)
            .map(|index| {
                let value = index * self.step;
                Tick {
                    x: String::new(),
                    y: pixels((PLOT_TOP + PLOT_HEIGHT) as f64 - self.height(value)),
                    label: grouped(value),
                }
            })
            .collect()
    }
}

fn share(value: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { value as f64 / of as f64 }
}

fn percent(value: f64) -> String {
    format!("{value:.2}%")
}

fn pixels(value: f64) -> String {
    format!("{value:.1}")
}

fn cells(values: impl Iterator<Item = u64>, sum: u64) -> Vec<String> {
    values.chain([sum]).map(grouped).collect()
}

fn look(index: usize) -> usize {
    index.min(LOOKS - 1) + 1
}

/// A count as Vietnamese writes it.
fn grouped(value: u64) -> String {
    format::number(i64::try_from(value).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(values: &[u64]) -> Columns {
        Columns {
            title: "Nhiều nhất lúc 1 giờ".to_owned(),
            x_name: "giờ".to_owned(),
            y_name: "phản ánh".to_owned(),
            labels: (0..values.len()).map(|hour| hour.to_string()).collect(),
            label_every: 1,
            series: vec![Series { name: "gọi <lừa>".to_owned(), values: values.to_vec() }],
        }
    }

    #[test]
    fn a_scale_ends_at_a_round_number_not_below_the_highest_value() {
        for highest in [0, 1, 3, 5, 6, 7, 11, 99, 101, 12_345, u64::from(u32::MAX)] {
            let scale = Scale::for_highest(highest);
            assert!(scale.top >= highest, "{highest}: {}", scale.top);
            assert!(scale.top / scale.step <= 5, "{highest}: {} steps", scale.top / scale.step);
            let first = scale.step / 10_u64.pow(scale.step.ilog10());
            assert!([1, 2, 5].contains(&first), "{highest}: step {}", scale.step);
        }
    }

    #[test]
    fn the_highest_column_is_the_finding() {
        assert_eq!(hours(&[0, 7, 3]).peak(), Some(("1", 7)));
        assert_eq!(hours(&[0, 0]).peak(), None);
    }

    #[test]
    fn a_chart_says_its_figures_in_a_table_and_escapes_names() {
        let html = hours(&[0, 1_500, 3]).draw().render().unwrap();
        assert!(html.contains("<table"), "{html}");
        assert!(html.contains("1.500") || html.contains(">1500<"), "{html}");
        assert!(!html.contains("<lừa>"), "{html}");
        assert!(!html.contains("style="), "the policy forbids inline style: {html}");
    }

    #[test]
    fn nothing_counted_is_said_in_words_instead_of_an_empty_plot() {
        let html = hours(&[0, 0, 0]).draw().render().unwrap();
        assert!(html.contains("Chưa có số liệu"), "{html}");
        assert!(!html.contains("<rect"), "{html}");
    }
}

//! The drawn chart: grouped bars over a logarithmic scale, as SVG.

use std::fmt::Write;

/// One group of bars.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: String,
    /// One bar a series, in the order of the series; its height and what stands above it.
    pub(crate) bars: Vec<Option<(f64, String)>>,
}

/// A row of groups under one heading.
#[derive(Debug)]
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) groups: Vec<Group>,
}

/// One colour and its name.
pub(crate) struct Series {
    pub(crate) name: &'static str,
    pub(crate) colour: &'static str,
}

const BAR: f64 = 34.0;
const GAP: f64 = 28.0;
const LEFT: f64 = 56.0;
const PANEL_HEIGHT: f64 = 240.0;
const PANEL_TOP: f64 = 40.0;
const LEGEND: f64 = 34.0;

/// Draws the panels one below the other.
pub(crate) fn draw(title: &str, series: &[Series], panels: &[Panel]) -> String {
    let count = |panel: &Panel| panel.groups.len() as f64;
    let widest = panels.iter().map(count).fold(1.0, f64::max);
    let width = (LEFT + widest * (series.len() as f64 * BAR + GAP) + 16.0).max(760.0);
    let height = LEGEND + 30.0 + panels.len() as f64 * (PANEL_TOP + PANEL_HEIGHT + 30.0);
    let values =
        || panels.iter().flat_map(|panel| &panel.groups).flat_map(|group| group.bars.iter().flatten());
    let low = values().map(|(value, _)| value.log10().floor()).fold(f64::INFINITY, f64::min).clamp(0.0, 9.0);
    let high = values().map(|(value, _)| value.log10().ceil()).fold(low + 1.0, f64::max);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>{title}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"12\" y=\"22\" font-size=\"16\" font-weight=\"bold\">{title}</text>\n"
    );
    let mut x = 12.0;
    for one in series {
        // Writing to a String does not fail.
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.0}\" y=\"36\" width=\"12\" height=\"12\" fill=\"{}\"/><text x=\"{:.0}\" y=\"46\">{}</text>",
            one.colour,
            x + 16.0,
            one.name
        );
        x += 30.0 + one.name.chars().count() as f64 * 6.6;
    }
    for (number, panel) in panels.iter().enumerate() {
        let top = LEGEND + 30.0 + number as f64 * (PANEL_TOP + PANEL_HEIGHT + 30.0);
        draw_panel(&mut svg, panel, series, top, width, (low, high));
    }
    svg + "</svg>\n"
}

fn draw_panel(
    svg: &mut String,
    panel: &Panel,
    series: &[Series],
    top: f64,
    width: f64,
    (low, high): (f64, f64),
) {
    let floor = top + PANEL_TOP + PANEL_HEIGHT;
    let height_of =
        |value: f64| (value.max(1.0).log10() - low).max(0.0) / (high - low) * (PANEL_HEIGHT - 20.0);
    let _ = writeln!(
        svg,
        "<text x=\"{LEFT:.0}\" y=\"{:.0}\" font-weight=\"bold\">{}</text>",
        top + 20.0,
        panel.title
    );
    let mut power = low;
    while power <= high {
        let y = floor - height_of(10_f64.powf(power));
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT:.0}\" x2=\"{:.0}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#ccc\"/><text x=\"{:.0}\" y=\"{:.1}\" \
             text-anchor=\"end\">{}</text>",
            width - 8.0,
            LEFT - 6.0,
            y + 4.0,
            crate::report::rate(10_f64.powf(power)).replace(".0k", "k").replace(".00M", "M")
        );
        power += 1.0;
    }
    for (number, group) in panel.groups.iter().enumerate() {
        let left = LEFT + GAP / 2.0 + number as f64 * (series.len() as f64 * BAR + GAP);
        for (place, (bar, one)) in group.bars.iter().zip(series).enumerate() {
            let Some((value, label)) = bar else { continue };
            let (x, height) = (left + place as f64 * BAR, height_of(*value));
            let _ = writeln!(
                svg,
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"{}\"/><text x=\"{:.1}\" \
                 y=\"{:.1}\" text-anchor=\"middle\" font-size=\"10\">{label}</text>",
                x + 2.0,
                floor - height,
                BAR - 4.0,
                one.colour,
                x + BAR / 2.0,
                floor - height - 4.0
            );
        }
        let middle = left + series.len() as f64 * BAR / 2.0;
        let _ = writeln!(
            svg,
            "<text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            floor + 16.0,
            group.name
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_a_bar_for_each_figure_and_its_words() {
        let series = [Series { name: "one", colour: "#123456" }, Series { name: "two", colour: "#654321" }];
        let group = Group { name: "window 1".to_owned(), bars: vec![Some((950.0, "950".to_owned())), None] };
        let svg = draw("rates", &series, &[Panel { title: "1 bind".to_owned(), groups: vec![group] }]);
        assert_eq!(svg.matches("#123456").count(), 2, "legend and bar");
        assert_eq!(svg.matches("#654321").count(), 1, "legend only");
        for words in ["rates", "1 bind", "window 1", ">950<", ">1k<"] {
            assert!(svg.contains(words), "{words}: {svg}");
        }
    }
}

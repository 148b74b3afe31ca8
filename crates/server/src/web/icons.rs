//! Line icons, drawn for this product on a 24-unit grid and put into pages as inline SVG.
//!
//! An icon never stands alone: a word is always beside it, so icons are hidden from screen readers.

use askama::filters::HtmlSafeOutput;

/// The icon of this name as SVG. An unknown name draws a plain dot.
pub(crate) fn icon(name: &str) -> HtmlSafeOutput<String> {
    HtmlSafeOutput(svg("icon", name))
}

/// The same at banner size.
pub(crate) fn large(name: &str) -> HtmlSafeOutput<String> {
    HtmlSafeOutput(svg("icon icon--l", name))
}

fn svg(class: &str, name: &str) -> String {
    let paths = paths(name);
    format!(r#"<svg class="{class}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{paths}</svg>"#)
}

fn paths(name: &str) -> &'static str {
    match name {
        "alert" => r#"<path d="M12 3 2.5 20.5h19z"/><path d="M12 10v5M12 17.8v.1"/>"#,
        "stop" => r#"<path d="M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8z"/><path d="M12 7.5v5.5M12 16.4v.1"/>"#,
        "people" => {
            r#"<circle cx="9" cy="8" r="3.5"/><path d="M2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.6c2 .8 3.2 2.6 3.5 5.4"/>"#
        }
        "question" => {
            r#"<circle cx="12" cy="12" r="9.5"/><path d="M9 9.5c.3-1.8 1.5-2.7 3-2.7 1.7 0 3 1 3 2.6 0 2.4-3 2.5-3 4.8M12 17.2v.1"/>"#
        }
        "building" => {
            r#"<path d="M3 9.5 12 4l9 5.5zM5 9.5V18M9.7 9.5V18M14.3 9.5V18M19 9.5V18M3 20.5h18M4 18h16"/>"#
        }
        "document" => r#"<path d="M6 2.5h8.5L19 7v14.5H6zM14 2.5V7.5h5M9 12.5h7M9 16.5h5"/>"#,
        "phone" => {
            r#"<path d="M6.5 2.5 10 7 8 9.5c1 2.5 4 5.5 6.5 6.5L17 14l4.5 3.5-1.5 4C10 21.5 2.5 14 2.5 4z"/>"#
        }
        "message" => r#"<path d="M3 4.5h18v12h-10l-5 4v-4H3zM7.5 9h9M7.5 12.5h6"/>"#,
        "poster" => r#"<path d="M5 2.5h14v13H5zM8.5 6.5h7M8.5 10h4M12 15.5v6"/>"#,
        "money" => {
            r#"<path d="M2.5 6h19v12h-19z"/><circle cx="12" cy="12" r="3"/><path d="M6 12h.1M18 12h.1"/>"#
        }
        "search" => r#"<circle cx="10.5" cy="10.5" r="7"/><path d="m16 16 5.5 5.5"/>"#,
        "check" => r#"<path d="m4 12.5 5.5 5.5L20.5 6.5"/>"#,
        "cross" => r#"<path d="m5 5 14 14M19 5 5 19"/>"#,
        "clock" => r#"<circle cx="12" cy="12" r="9.5"/><path d="M12 6.5V12l4 2.5"/>"#,
        "arrow" => r#"<path d="M4 12h16M14 6l6 6-6 6"/>"#,
        "back" => r#"<path d="M20 12H4M10 6l-6 6 6 6"/>"#,
        "feed" => {
            r#"<path d="M4 4.5A15.5 15.5 0 0 1 19.5 20M4 11a9 9 0 0 1 9 9"/><circle cx="5.5" cy="18.5" r="1.2"/>"#
        }
        "print" => r#"<path d="M7 8.5v-6h10v6M7 17H3V8.5h18V17h-4M7 14h10v7.5H7z"/>"#,
        "copy" => r#"<path d="M8 8h13v13.5H8zM16 8V2.5H3V16h5"/>"#,
        "shield" => {
            r#"<path d="M12 2.5 20 5.5v6c0 5-3.3 8.3-8 10-4.7-1.7-8-5-8-10v-6z"/><path d="m8.5 12 2.5 2.5 4.5-5"/>"#
        }
        "bell" => {
            r#"<path d="M5 17.5c1.2-1.5 1.5-3 1.5-6.5a5.5 5.5 0 0 1 11 0c0 3.5.3 5 1.5 6.5zM10 20.5c1 1.3 3 1.3 4 0"/>"#
        }
        "lock" => r#"<path d="M5 10.5h14v11H5zM8 10.5V7a4 4 0 0 1 8 0v3.5M12 15v2.5"/>"#,
        "user" => r#"<circle cx="12" cy="8" r="4.5"/><path d="M3.5 21.5c.7-4.7 3.7-7 8.5-7s7.8 2.3 8.5 7"/>"#,
        "file" => {
            r#"<path d="m20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.5 3.5 0 0 1 5 5l-8.5 8.5a1.8 1.8 0 0 1-2.5-2.5L14 8"/>"#
        }
        "place" => {
            r#"<path d="M12 21.5c-5-5-7-8.5-7-11.5a7 7 0 0 1 14 0c0 3-2 6.5-7 11.5z"/><circle cx="12" cy="10" r="2.5"/>"#
        }
        _ => r#"<circle cx="12" cy="12" r="3"/>"#,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn icons_are_hidden_from_screen_readers_and_carry_no_style() {
        let drawn = icon("alert").0;
        assert!(drawn.contains("aria-hidden=\"true\"") && !drawn.contains("style="));
        assert_ne!(paths("alert"), paths("no such icon"));
    }
}

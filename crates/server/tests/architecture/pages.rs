//! What pages, styles and scripts may contain: all of it must work under a strict content security policy.

use crate::{SourceFile, demand, files};

/// The tags of a page, each with its line (from 1); text between them is left out.
fn tags(page: &str) -> Vec<(usize, &str)> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(open) = page[at..].find('<') {
        let begin = at + open;
        let end = page[begin..].find('>').map_or(page.len(), |close| begin + close + 1);
        let line = page[..begin].matches('\n').count() + 1;
        tags.push((line, &page[begin..end]));
        at = end;
    }
    tags
}

/// What is wrong with one tag, if anything.
fn inline(tag: &str) -> Option<&'static str> {
    let lower = tag.to_lowercase();
    let attribute = |name: &str| {
        lower.match_indices(name).any(|(at, _)| lower[..at].ends_with(|before: char| before.is_whitespace()))
    };
    if lower.starts_with("<style") || attribute("style=") {
        return Some("style inside the page");
    }
    if lower.starts_with("<script") && !attribute("src=") {
        return Some("script inside the page");
    }
    if lower.contains("javascript:") {
        return Some("script in a link");
    }
    let handler = lower.split_whitespace().any(|word| {
        let name = word.split('=').next().unwrap_or_default();
        word.contains('=')
            && name.len() > 4
            && name.starts_with("on")
            && name.chars().all(char::is_alphabetic)
    });
    handler.then_some("script in an attribute")
}

/// Whether a tag makes the browser fetch from somewhere else.
fn fetches_elsewhere(tag: &str) -> bool {
    let lower = tag.to_lowercase();
    let loads = ["<script", "<img", "<iframe", "<source", "<audio", "<video", "<link"];
    let address = ["src=\"http", "src=\"//", "href=\"http", "href=\"//", "srcset=\"http"];
    // A link that only states a relation loads nothing.
    let states = lower.contains("rel=\"canonical\"") || lower.contains("rel=\"alternate\"");
    !states
        && loads.iter().any(|tag| lower.starts_with(tag))
        && address.iter().any(|part| lower.contains(part))
}

fn pages() -> Vec<SourceFile> {
    files("crates/server/templates", &["html", "svg"])
}

#[test]
fn no_page_has_script_or_style_inside() {
    let mut broken = Vec::new();
    for page in pages() {
        for (line, tag) in tags(&page.text) {
            if let Some(what) = inline(tag) {
                broken.push(format!("{}:{line}: {what}: {tag}", page.path));
            }
        }
    }
    demand(
        &broken,
        "the content security policy forbids it, so that a report's words can never run on an officer's screen",
        "a class in static/*.css, a data attribute read by static/*.js",
    );
}

#[test]
fn nothing_is_fetched_from_elsewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        let found = tags(&page.text).into_iter().filter(|(_, tag)| fetches_elsewhere(tag));
        broken.extend(found.map(|(line, tag)| format!("{}:{line}: {tag}", page.path)));
    }
    for asset in files("crates/server/static", &["css", "js"]) {
        for (number, line) in asset.text.lines().enumerate() {
            let squeezed: String = line.split_whitespace().collect();
            let far = [
                "url(http",
                "url(\"http",
                "url('http",
                "url(//",
                "@import",
                "fetch(\"http",
                "fetch('http",
                "importScripts(",
            ];
            if far.iter().any(|part| squeezed.contains(part)) {
                broken.push(format!("{}:{}: {}", asset.path, number + 1, line.trim()));
            }
        }
    }
    demand(
        &broken,
        "who looks up a scam must not be told to a third party",
        "keep the file in crates/server/static",
    );
}

#[test]
fn what_these_checks_must_catch_they_catch() {
    assert_eq!(inline("<p style=\"color:red\">"), Some("style inside the page"));
    assert_eq!(inline("<button\n onclick=\"x()\">"), Some("script in an attribute"));
    assert_eq!(inline("<script>"), Some("script inside the page"));
    assert_eq!(inline("<script src=\"/a.js\" defer>"), None);
    assert_eq!(inline("<p data-style=\"a\" class=\"on\">"), None);
    assert!(fetches_elsewhere("<img src=\"https://example.org/a.png\">"));
    assert!(!fetches_elsewhere("<a href=\"https://example.org\">"));
}

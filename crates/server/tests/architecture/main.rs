//! The invariants of ARCHITECTURE.md as tests: what a crate may depend on, name and contain.
//!
//! They read manifests (by `cargo metadata`) and sources; they do not run the product.
//! Every failure says which rule was broken, why the rule is there and what to do instead.

mod crates;
mod lexer;
mod pages;
mod sources;

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold nothing of ours.
const FOREIGN: [&str; 4] = ["target", "node_modules", ".git", "__pycache__"];

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace has a root")
}

/// A text file of ours: its path from the root, with `/`, and its text.
struct SourceFile {
    path: String,
    text: String,
}

/// Every file under `folder` (from the root) with one of these extensions, in the order of their paths.
fn files(folder: &str, extensions: &[&str]) -> Vec<SourceFile> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        // A folder that is gone must not make a rule pass by finding nothing.
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.expect("a readable folder").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            if path.is_dir() && !FOREIGN.contains(&name) {
                folders.push(path);
            } else if path.is_file() && extensions.contains(&extension) {
                let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                let path = path.strip_prefix(&root).expect("under the root").display().to_string();
                found.push(SourceFile { path: path.replace('\\', "/"), text });
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// Fails with every place that breaks one rule, why the rule is there and what to do.
fn demand(broken: &[String], why: &str, instead: &str) {
    assert!(broken.is_empty(), "\n{}\nwhy: {why}\ninstead: {instead}\n", broken.join("\n"));
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    const LIMIT: usize = 600;
    let broken: Vec<_> = [".", ".ci"]
        .iter()
        .flat_map(|folder| files(folder, &["rs", "html", "css", "js", "mjs", "py"]))
        .filter_map(|file| {
            let lines = file.text.lines().count();
            (lines > LIMIT).then(|| format!("{}: {lines} lines, more than {LIMIT}", file.path))
        })
        .collect();
    demand(&broken, "one idea a file", "split it by idea, public things first");
}

#[test]
fn the_map_names_every_crate_and_every_decision_has_a_date() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md at the root");
    let mut broken: Vec<_> = crates::members()
        .iter()
        .map(|member| member.folder.clone())
        .filter(|folder| !map.contains(&format!("`{folder}`")))
        .map(|folder| format!("ARCHITECTURE.md does not name `{folder}`"))
        .collect();
    for decision in files("docs/decisions", &["md"]) {
        let dated = decision.text.lines().any(|line| line.starts_with("Date: 20"));
        if !dated {
            broken.push(format!("{} has no line `Date: YYYY-MM-DD`", decision.path));
        }
    }
    demand(
        &broken,
        "the map is only useful when it is whole, a decision only when one knows how old it is",
        "add the crate to the code map, the date under the decision's title",
    );
}

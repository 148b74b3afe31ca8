//! Which crate may depend on which, ours and others'.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::{demand, root};

/// The arrows of the design: a crate and those of ours it may know.
const ARROWS: &[(&str, &[&str])] = &[
    ("canhgiac-domain", &[]),
    ("canhgiac-smpp", &[]),
    ("canhgiac-analysis", &["canhgiac-domain"]),
    ("canhgiac-store", &["canhgiac-domain"]),
    ("canhgiac-letters", &["canhgiac-domain"]),
    ("canhgiac-simulator", &["canhgiac-smpp", "canhgiac-domain"]),
    (
        "canhgiac",
        &[
            "canhgiac-store",
            "canhgiac-letters",
            "canhgiac-analysis",
            "canhgiac-smpp",
            "canhgiac-domain",
            "canhgiac-simulator",
        ],
    ),
    ("canhgiac-bench-intake", &["canhgiac-simulator", "canhgiac-smpp", "canhgiac-store", "canhgiac-domain"]),
    ("canhgiac-fuzz", &["canhgiac-domain", "canhgiac-smpp", "canhgiac-analysis"]),
];

/// Crates without clock, chance, file, network or runtime.
const PURE: [&str; 3] = ["canhgiac-domain", "canhgiac-analysis", "canhgiac-smpp"];

/// What brings those in.
const IMPURE: [&str; 17] = [
    "async-std",
    "axum",
    "chrono",
    "fastrand",
    "getrandom",
    "hyper",
    "libc",
    "mio",
    "rand",
    "reqwest",
    "rusqlite",
    "smol",
    "socket2",
    "sqlx",
    "time",
    "tokio",
    "tokio-util",
];

/// A crate of the workspace as cargo sees it.
pub(crate) struct Member {
    pub(crate) name: String,
    /// From the root, for example `crates/domain`.
    pub(crate) folder: String,
    /// Names of dependencies with their kind: `normal`, `dev` or `build`.
    dependencies: Vec<(String, String)>,
}

/// Every crate of the workspace.
pub(crate) fn members() -> Vec<Member> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    packages.iter().map(member).collect()
}

fn member(package: &Value) -> Member {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let manifest = text(&package["manifest_path"]);
    let folder = Path::new(&manifest).parent().expect("a manifest lies in a folder");
    let folder = folder.strip_prefix(root()).expect("a member lies under the root").display().to_string();
    let dependencies = package["dependencies"].as_array().expect("dependencies");
    let dependencies = dependencies.iter().map(|dependency| {
        let kind = dependency["kind"].as_str().unwrap_or("normal");
        (text(&dependency["name"]), kind.to_owned())
    });
    Member { name: text(&package["name"]), folder, dependencies: dependencies.collect() }
}

#[test]
fn arrows_between_our_crates_are_those_of_the_design() {
    let mut broken = Vec::new();
    for member in members() {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == member.name) else {
            broken.push(format!("{} stands in no arrow", member.name));
            continue;
        };
        for (dependency, kind) in &member.dependencies {
            let ours = dependency == "canhgiac" || dependency.starts_with("canhgiac-");
            if ours && !allowed.contains(&dependency.as_str()) {
                broken.push(format!("{} → {dependency} ({kind})", member.name));
            }
        }
    }
    demand(
        &broken,
        "server → store, letters, analysis, smpp, domain; store, analysis, letters → domain; simulator → smpp, domain; \
         smpp and domain → nothing of ours: what a crate cannot see it cannot come to need",
        "move the code to the crate that may know both, pass values in as arguments, or change the design first \
         (ARCHITECTURE.md, a decision, and ARROWS here)",
    );
}

#[test]
fn pure_crates_depend_on_nothing_that_touches_the_world() {
    let mut broken = Vec::new();
    for member in members().into_iter().filter(|member| PURE.contains(&member.name.as_str())) {
        for (dependency, kind) in &member.dependencies {
            if kind != "dev" && IMPURE.contains(&dependency.as_str()) {
                broken.push(format!("{} → {dependency}", member.name));
            }
        }
    }
    demand(
        &broken,
        "the same code serves intake, commands, benches and fuzzing; it must give the same answer everywhere",
        "take `now`, seeds and bytes as arguments and do the touching in server or store",
    );
}

#[test]
fn only_the_store_knows_a_database() {
    const DATABASES: [&str; 6] =
        ["sqlx", "rusqlite", "libsqlite3-sys", "tokio-postgres", "diesel", "sea-orm"];
    let mut broken = Vec::new();
    for member in members().into_iter().filter(|member| member.name != "canhgiac-store") {
        for (dependency, kind) in &member.dependencies {
            if DATABASES.contains(&dependency.as_str()) {
                broken.push(format!("{} → {dependency} ({kind})", member.name));
            }
        }
    }
    demand(
        &broken,
        "a second database must be a second module of one crate; callers see neither pool nor dialect",
        "add a use case to Store",
    );
}

#[test]
fn no_crate_is_a_drawer_for_everything() {
    const DRAWERS: [&str; 9] =
        ["common", "utils", "util", "types", "errors", "error", "helpers", "misc", "shared"];
    let drawer = |member: &Member| {
        let last = member.folder.rsplit('/').next().unwrap_or_default();
        DRAWERS.contains(&last) || member.name.split('-').any(|word| DRAWERS.contains(&word))
    };
    let broken: Vec<_> =
        members().iter().filter(|member| drawer(member)).map(|one| one.folder.clone()).collect();
    demand(&broken, "everything ends up depending on such a crate", "put each thing where its idea lives");
}

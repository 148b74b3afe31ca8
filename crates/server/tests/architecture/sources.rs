//! What the sources of a crate may say.

use crate::lexer::take_apart;
use crate::{SourceFile, demand, files};

/// Sources of the crates that must not touch the world.
fn pure() -> Vec<SourceFile> {
    ["crates/domain/src", "crates/analysis/src", "crates/smpp/src"]
        .iter()
        .flat_map(|folder| files(folder, &["rs"]))
        .collect()
}

/// `path:line: what` for every line of code (no comments, no strings) that `offends` says something about.
fn offences(files: &[SourceFile], offends: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut broken = Vec::new();
    for file in files {
        for (number, line) in take_apart(&file.text).code.lines().enumerate() {
            if let Some(what) = offends(line) {
                broken.push(format!("{}:{}: {what}", file.path, number + 1));
            }
        }
    }
    broken
}

/// Whether `word` stands in `line` with no letter, digit or `_` directly before or after it.
fn has_word(line: &str, word: &str) -> bool {
    let part_of_word = |one: char| one.is_alphanumeric() || one == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].chars().next_back().is_some_and(part_of_word)
            && !line[at + word.len()..].chars().next().is_some_and(part_of_word)
    })
}

#[test]
fn pure_crates_touch_no_clock_chance_file_network_or_runtime() {
    const WORDS: [&str; 16] = [
        "tokio",
        "sqlx",
        "axum",
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "std::thread",
        "std::io::stdin",
        "SystemTime",
        "Instant",
        "now_v7",
        "new_v4",
        "thread_rng",
        "getrandom",
        "println",
    ];
    const GROUPED: [&str; 5] = ["fs", "net", "env", "process", "thread"];
    let broken = offences(&pure(), |line| {
        if line.contains("::now(") {
            return Some("asks the clock".to_owned());
        }
        if line.contains("use std::{") {
            return GROUPED.iter().find(|word| has_word(line, word)).map(|word| format!("uses std::{word}"));
        }
        WORDS.iter().find(|word| has_word(line, word)).map(|word| format!("uses {word}"))
    });
    demand(
        &broken,
        "understanding is bytes and text in, values out: the same answer in intake, commands, benches and fuzzing",
        "take `now`, seeds and bytes as arguments; read and write in server or store",
    );
}

#[test]
fn smpp_does_not_know_what_a_report_is() {
    const WORDS: [&str; 4] = ["report", "citizen", "scam", "taxonomy"];
    let broken = offences(&files("crates/smpp", &["rs"]), |line| {
        let line = line.to_lowercase();
        let mut parts = line.split(|one: char| !one.is_alphabetic()).filter(|part| *part != "reported");
        let part = parts.find(|part| WORDS.iter().any(|word| part.starts_with(word)))?;
        Some(format!("says {part}"))
    });
    demand(
        &broken,
        "the protocol layer must be usable, testable and replaceable without the product",
        "name it in SMPP's words (message, receipt); join the two in crates/server/src/gateway",
    );
}

#[test]
fn domain_does_not_know_what_a_pdu_is() {
    const WORDS: [&str; 7] = ["pdu", "smpp", "deliver_sm", "submit_sm", "esm_class", "data_coding", "udh"];
    let broken = offences(&files("crates/domain", &["rs"]), |line| {
        let line = line.to_lowercase();
        WORDS.iter().find(|word| line.contains(**word)).map(|word| format!("says {word}"))
    });
    demand(
        &broken,
        "reports also come by web, API and file; the rules are the same for all",
        "take text, numbers and times as arguments; join the two in crates/server/src/gateway",
    );
}

#[test]
fn domain_types_have_no_row_or_wire_format() {
    let mut broken = Vec::new();
    for file in files("crates/domain/src", &["rs"]) {
        let code = take_apart(&file.text).code;
        let lines: Vec<_> = code.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let place = format!("{}:{}", file.path, number + 1);
            if has_word(line, "Serialize") || has_word(line, "FromRow") {
                broken.push(format!("{place}: writes a format"));
            }
            // A list of bare names may be read as it stands: a renamed one no longer reads its own file.
            let reads = has_word(line, "Deserialize") && line.contains("derive(");
            let item = lines[number..].iter().find(|line| has_word(line, "struct") || has_word(line, "enum"));
            let public = item.is_some_and(|item| item.trim_start().starts_with("pub struct "));
            if reads && public {
                broken.push(format!("{place}: a public type is its own file format"));
            }
        }
    }
    demand(
        &broken,
        "a renamed field must not change a stored row, an API answer or a data file unseen",
        "write a private raw struct beside the reader (domain), a row in store, a wire struct in server",
    );
}

#[test]
fn sql_stands_only_in_the_store() {
    const SQL: [&str; 7] =
        ["SELECT ", "INSERT INTO", "INSERT OR", "DELETE FROM", "CREATE TABLE", "ALTER TABLE", "PRAGMA "];
    let mut broken = Vec::new();
    let outside = |file: &SourceFile| !file.path.starts_with("crates/store/");
    for file in files("crates", &["rs"]).into_iter().filter(outside) {
        if file.path.starts_with("crates/server/tests/architecture/") {
            continue;
        }
        let taken = take_apart(&file.text);
        if taken.code.lines().any(|line| has_word(line, "sqlx")) {
            broken.push(format!("{}: names sqlx", file.path));
        }
        for (line, text) in &taken.strings {
            if let Some(sql) = SQL.iter().find(|sql| text.contains(**sql)) {
                broken.push(format!("{}:{line}: a string with {sql}", file.path));
            }
        }
    }
    broken.extend(files(".", &["sql"]).into_iter().filter(outside).map(|file| file.path));
    demand(
        &broken,
        "callers see neither pool nor dialect; one crate is checked on two databases",
        "add a use case to Store",
    );
}

#[test]
fn only_the_gateway_joins_smpp_and_reports() {
    let elsewhere = |file: &SourceFile| {
        let path = file.path.strip_prefix("crates/server/src/").unwrap_or_default();
        // intake/pdu.rs makes a PDU ready to be stored and understand is the pure step from stored PDUs to reports;
        // config.rs names the alphabets of a link.
        let joins = ["gateway", "demo", "intake/pdu.rs", "understand", "config.rs"];
        !joins.iter().any(|place| path.starts_with(place))
            && !path.contains("/tests/")
            && !path.ends_with("_tests.rs")
    };
    let server: Vec<_> = files("crates/server/src", &["rs"]).into_iter().filter(elsewhere).collect();
    let broken = offences(&server, |line| {
        ["canhgiac_smpp", "canhgiac_simulator"]
            .iter()
            .find(|word| has_word(line, word))
            .map(|word| format!("uses {word}"))
    });
    demand(
        &broken,
        "SMPP is one way in among several, the simulator a guest of `canhgiac demo` alone",
        "speak to the gateway in the product's words (crates/server/src/gateway), to the simulator from src/demo",
    );
}

#[test]
fn no_lint_is_switched_off_and_nothing_is_left_undone() {
    let all: Vec<_> = ["crates", "fuzz"].iter().flat_map(|folder| files(folder, &["rs"])).collect();
    let broken = offences(&all, |line| {
        let squeezed: String = line.split_whitespace().collect();
        let allows = squeezed.contains("#[allow(") || squeezed.contains("#![allow(");
        let undone = ["todo!(", "unimplemented!("].iter().any(|one| squeezed.contains(one));
        let ignored = squeezed.contains("#[ignore");
        (allows || undone || ignored).then(|| line.trim().to_owned())
    });
    demand(
        &broken,
        "a lint that is silently off protects nobody, and a stub is not a feature",
        "mend it, or `#[expect(lint, reason = \"why it is right here\")]`; a test that cannot run is not written",
    );
}

#[test]
fn every_module_opens_with_its_purpose() {
    let broken: Vec<_> = ["crates", "fuzz"]
        .iter()
        .flat_map(|folder| files(folder, &["rs"]))
        .filter(|file| file.path.contains("/src/"))
        .filter(|file| !file.path.ends_with("tests.rs"))
        .filter(|file| !file.text.starts_with("//!"))
        .map(|file| file.path)
        .collect();
    demand(
        &broken,
        "a reader decides by the head whether to read on",
        "say what it is for and what it deliberately does not do",
    );
}

//! The commands that need no running product: `parse`, `check-config`, `migrate`, `admin`.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::{Value, json};

use crate::support::{Installation, binary, copies};

/// Runs `parse` with `input` on its standard input.
fn parse(flags: &[&str], input: &[u8]) -> Output {
    let installation = Installation::new(&[]);
    let mut child = installation
        .command()
        .arg("parse")
        .args(flags)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let input = input.to_vec();
    // In a thread: a child that writes while we write would stop both.
    let writer = thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("it ends");
    let written = writer.join().expect("the writer does not panic");
    assert!(written.is_ok() || !output.status.success(), "it did not read everything: {written:?}");
    output
}

fn lines(output: &Output) -> Vec<Value> {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
    let text = std::str::from_utf8(&output.stdout).expect("output is UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("a line is a JSON object")).collect()
}

#[test]
fn parse_writes_one_object_a_line_in_order() {
    let texts = "LD (0912345678) (mao danh cong an)\nS VIETTELKM trung thuong\r\n0912345678 lua dao\n\
                 toi bi lua dao phai lam sao\n\nLD co nguoi goi\nKQ 4827 1935\nDK CB\nv 1900.1234, 0987654321";
    let read = lines(&parse(&[], texts.as_bytes()));
    let expected = [
        json!({ "intent": "report", "kind": "scam_call", "sources": ["+84912345678"], "content": "mao danh cong an", "problem": null }),
        json!({ "intent": "report", "kind": "spam_sms", "sources": ["VIETTELKM"], "content": "trung thuong", "problem": null }),
        json!({ "intent": "report", "kind": null, "sources": ["+84912345678"], "content": "lua dao", "problem": "missing_kind" }),
        json!({ "intent": "unknown", "kind": null, "sources": [], "content": "toi bi lua dao phai lam sao", "problem": "not_a_report" }),
        json!({ "intent": "unknown", "kind": null, "sources": [], "content": "", "problem": "empty" }),
        json!({ "intent": "report", "kind": "scam_call", "sources": [], "content": "co nguoi goi", "problem": "missing_source" }),
        json!({ "intent": "result", "kind": null, "sources": [], "content": "", "problem": null }),
        json!({ "intent": "subscribe", "kind": null, "sources": [], "content": "", "problem": null }),
        json!({ "intent": "report", "kind": "spam_call", "sources": ["19001234", "+84987654321"], "content": "", "problem": null }),
    ];
    assert_eq!(read.len(), expected.len(), "{read:#?}");
    for (line, wanted) in read.iter().zip(&expected) {
        for (name, value) in wanted.as_object().unwrap() {
            assert_eq!(&line[name], value, "{name} of {line}");
        }
    }
}

#[test]
fn parse_reads_objects_for_texts_with_line_breaks() {
    let text = "LD\n0912345678\r\nmao danh\ncong an";
    let input =
        format!("{}\n{}\n", json!({ "text": text }), json!({ "text": "LĐ 0912345678 \u{1F600}", "id": 7 }));
    let read = lines(&parse(&["--ndjson"], input.as_bytes()));
    assert_eq!(read.len(), 2);
    assert_eq!(read[0]["kind"], "scam_call");
    assert_eq!(read[0]["sources"], json!(["+84912345678"]));
    assert_eq!(read[0]["content"], "mao danh\ncong an");
    assert_eq!(read[1]["content"], "\u{1F600}");
}

#[test]
fn parse_says_which_line_is_no_object() {
    for bad in ["{\"text\":1}", "no json", "{\"txt\":\"LD\"}"] {
        let output = parse(&["--ndjson"], format!("{{\"text\":\"KQ\"}}\n{bad}\n").as_bytes());
        assert!(!output.status.success(), "{bad}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("line 2"), "{said}");
    }
}

#[test]
fn parse_survives_whatever_octets_come() {
    let input = b"LD 0912345678 \xff\xfe\nS\x000912345678 x\n\xc3\nLD \xf0\x9f\x98 0912345678\n\x80\x80\xed\xa0\x80\n";
    let read = lines(&parse(&[], input));
    assert_eq!(read.len(), 5);
    assert_eq!(read[0]["sources"], json!(["+84912345678"]));
    assert!(read.iter().all(|line| line["content"].is_string() && line["sources"].is_array()), "{read:#?}");
}

#[test]
fn parse_answers_each_line_before_the_next_is_written() {
    let installation = Installation::new(&[]);
    let mut child =
        installation.command().arg("parse").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for number in 0..3 {
        writeln!(stdin, "LD 091234567{number} x").unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["sources"], json!([format!("+8491234567{number}")]));
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn parse_follows_the_day_and_the_links_prefix() {
    let read = lines(&parse(&["--prefix", "DLK"], b"DLK LD 0912345678 x\n"));
    assert_eq!(read[0]["kind"], "scam_call");
    let output = parse(&["--on", "yesterday"], b"");
    assert!(!output.status.success(), "a day is a date");
}

#[test]
fn many_texts_are_parsed_in_order() {
    let input: String = (0..20_000).map(|number| format!("LD 0912345678 tin {number}\n")).collect();
    let read = lines(&parse(&[], input.as_bytes()));
    assert_eq!(read.len(), 20_000);
    for (number, line) in read.iter().enumerate() {
        assert_eq!(line["content"], format!("tin {number}"));
    }
}

fn check(text: &str) -> (bool, String) {
    let installation = Installation::new(&[]);
    std::fs::write(installation.config_path(), text).expect("the configuration is written");
    let output = installation.run(&["check-config"]);
    assert!(!installation.data_dir().exists(), "checking makes nothing");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).expect("output is UTF-8"))
}

const LINK: &str = "[[link]]\nname = \"viettel\"\nrole = \"client\"\naddress = \"127.0.0.1:2775\"\nsystem_id = \"cg\"\n\
                    password = \"pw-never-shown\"\nbind = \"transceiver\"\ndefault_alphabet = \"gsm7\"\nwindow = 10\n";

#[test]
fn the_example_and_the_smallest_configuration_are_in_order() {
    let example = include_str!("../../../../canhgiac.example.toml");
    for good in [example, LINK, ""] {
        let (is_good, said) = check(good);
        assert!(is_good, "{said}");
        assert!(!said.contains("pw-never-shown"), "{said}");
    }
    let (_, said) = check(example);
    for word in ["viettel", "vinaphone", "quoc-gia-5656", "switched off"] {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[test]
fn everything_wrong_is_told_with_its_name() {
    let operator = format!("{LINK}operator = \"nokia\"\n");
    let cases: [(String, &[&str]); 12] = [
        (LINK.replace("gsm7", "ebcdic"), &["viettel", "default_alphabet"]),
        (LINK.replace("window = 10", "window = 0"), &["viettel", "window"]),
        (LINK.replace("\"client\"", "\"both\""), &["role"]),
        (LINK.replace("system_id = \"cg\"\n", ""), &["system_id"]),
        (LINK.replace("127.0.0.1:2775", "nowhere").replace("client", "server"), &["viettel", "address"]),
        (format!("{LINK}{LINK}"), &["viettel", "two"]),
        (format!("{LINK}colour = \"red\"\n"), &["colour"]),
        (operator, &["viettel", "nokia", "agencies"]),
        ("http = \"8080\"\n".to_owned(), &["http"]),
        ("replies_per_day = 1\n".to_owned(), &["replies_per_day"]),
        ("public_url = \"canhgiac.vn\"\n".to_owned(), &["public_url"]),
        ("master_key = \"abc".to_owned(), &["canhgiac.toml"]),
    ];
    for (text, words) in cases {
        let (is_good, said) = check(&text);
        assert!(!is_good, "{text}: {said}");
        assert!(words.iter().all(|word| said.contains(word)), "{words:?} in {said}");
        assert!(!said.contains("pw-never-shown"), "{said}");
    }
}

#[test]
fn a_configuration_that_is_not_there_is_said() {
    let installation = Installation::new(&[]);
    let output = installation.command().args(["serve", "--config", "no-such.toml"]).output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("no-such.toml"), "{said}");
}

#[test]
fn migrate_makes_the_databases_and_may_run_again() {
    let installation = Installation::new(&[]);
    for _ in 0..2 {
        let said = installation.run_well(&["migrate"]);
        assert!(said.contains("up to date"), "{said}");
    }
    for file in ["intake.db", "state.db"] {
        assert!(installation.data_dir().join(file).is_file(), "{file}");
    }
    assert_eq!(installation.export(&["--with-service"]), Vec::<Value>::new());
}

#[test]
fn people_and_keys_are_made_from_the_terminal() {
    let installation = Installation::new(&[]);
    let add = |login: &str, role: &str, more: &[&str]| {
        let arguments =
            [&["admin", "add-user", "--login", login, "--name", "Cán bộ thử", "--role", role], more].concat();
        installation.run(&arguments)
    };
    let output = add("canbo", "officer", &[]);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let password = said.trim().rsplit("password: ").next().unwrap().to_owned();
    assert!(password.len() >= 16, "{said}");
    let again = add("canbo", "officer", &[]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("taken"), "{again:?}");
    for (role, more) in [("boss", &[][..]), ("police", &[]), ("police", &["--unit", "nobody"])] {
        assert!(!add("khac", role, more).status.success(), "{role} {more:?}");
    }
    let users = installation.run_well(&["admin", "users"]);
    assert_eq!(users.lines().count(), 1);
    assert!(users.contains("canbo") && users.contains("Cán bộ thử") && !users.contains(&password), "{users}");
    let key = installation.run_well(&["admin", "operator-key", "--operator", "viettel"]);
    assert!(key.starts_with("viettel: ") && key.trim().len() >= "viettel: ".len() + 26, "{key}");
    assert!(!installation.run(&["admin", "operator-key", "--operator", "nokia"]).status.success());
    for secret in [password.as_str(), key.trim().trim_start_matches("viettel: ")] {
        let found = copies(secret.as_bytes(), &installation.data_dir(), &[]);
        assert!(found.is_empty(), "a secret lies in clear: {found:?}");
    }
}

#[test]
fn help_names_every_command() {
    let output = Command::new(binary()).arg("--help").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    for command in ["serve", "demo", "parse", "export", "admin", "check-config", "migrate"] {
        assert!(said.lines().any(|line| line.trim_start().starts_with(command)), "{command}: {said}");
    }
}

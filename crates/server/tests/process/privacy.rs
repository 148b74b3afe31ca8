//! The reporter's number lies nowhere in clear: not in a database, not in its write-ahead log, not in the logs.

use std::os::unix::fs::PermissionsExt;

use crate::support::{Installation, Ledger, Link, Load, Text, copies, wait_until_settled};

/// The reporter, made up; what stands in files would be one of these forms.
const REPORTER: &str = "84968111222";
const FORMS: [&[u8]; 2] = [b"968111222", b"968 111 222"];

fn no_copies(installation: &Installation, when: &str) {
    for form in FORMS {
        let found = copies(form, &installation.data_dir(), &[installation.log_path()]);
        assert!(found.is_empty(), "{when}: {found:?}");
    }
}

#[test]
fn the_reporters_number_is_in_no_file_and_no_log() {
    let mut installation = Installation::new(&[Link::Server("")]);
    // Everything that is ever logged, so that nothing hides behind a level.
    let running = installation.start_with(&[("CANHGIAC_LOG", "trace")]);
    let texts = [
        Text::new(REPORTER, "LD 0912345678 mao danh cong an, doi chuyen tien"),
        Text::new(REPORTER, "KQ"),
        Text::new(REPORTER, "DK CB"),
        Text::new(&format!("+{REPORTER}"), "LD co nguoi goi doi tien"),
        Text::new(&format!("0{}", &REPORTER[2..]), "xin chao"),
        Text::undecodable(REPORTER, false),
        Text::undecodable(REPORTER, true),
    ];
    let ledger = Ledger::of(texts.to_vec());
    let load = Load::start(installation.smpp_port(), 1, &ledger);
    ledger.wait("all are answered", |state| state.answered.len() == texts.len());
    // All but the last, whose sender cannot be told.
    ledger.wait("they have a reply", |state| {
        state.replies.get(REPORTER).map_or(0, Vec::len) == texts.len() - 1
    });
    no_copies(&installation, "while it runs");
    wait_until_settled(&installation.data_dir());
    running.kill();
    load.stop();
    no_copies(&installation, "after kill -9, with the write-ahead logs");
    let kept = installation.export(&["--with-service"]);
    assert_eq!(kept.len(), texts.len());
    assert!(kept.iter().any(|line| line["problem"] == "unreadable"), "{kept:#?}");
    installation.start().stop();
    no_copies(&installation, "after a stop");
    let written = serde_json::to_string(&kept).expect("values are written");
    assert!(!written.contains("968111222"), "an export never has the reporter's number");
    // It is not the reported number that is hidden, and the search does find what is there.
    assert!(!copies(b"912345678", &installation.data_dir(), &[]).is_empty());
}

#[test]
fn the_key_is_made_readable_by_its_owner_alone_and_refused_otherwise() {
    let mut installation = Installation::new(&[]);
    installation.start().stop();
    let path = installation.data_dir().join("master.key");
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    let key = std::fs::read_to_string(&path).unwrap();
    installation.start().stop();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), key, "the next start uses the same key");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let said = installation.try_start(&[]).err().expect("a key that others can read is refused");
    assert!(said.contains("chmod 600"), "{said}");
}

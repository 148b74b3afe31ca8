//! Backups of the running product: made under load, read back, restored, and worked on.

use std::fs;
use std::path::{Path, PathBuf};

use canhgiac_store::{Page, Store};

use crate::support::{Installation, Ledger, Link, Load, Text};

/// Texts that are answered before the backup begins and after it has ended.
const TEXTS: usize = 300;

fn text(number: u32) -> Text {
    Text::new(&format!("8490{number:07}"), &format!("LD 0912345678 tin {number}"))
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// The only folder in a directory.
fn only_folder(directory: &Path) -> PathBuf {
    let mut folders =
        fs::read_dir(directory).expect("the folder of backups").map(|entry| entry.expect("a backup").path());
    let first = folders.next().expect("one folder");
    assert_eq!(folders.next(), None);
    first
}

#[test]
fn a_backup_made_under_load_restores_everything_that_was_answered_before_it() {
    let mut installation = Installation::new(&[Link::Server("")]);
    let running = installation.start();
    let ledger = Ledger::making(text);
    let load = Load::start(installation.smpp_port(), 2, &ledger);
    ledger.allow(u32::try_from(TEXTS).unwrap() * 20);
    ledger.wait("the first texts are answered", |state| state.answered.len() >= TEXTS);
    let before = ledger.look(|state| state.answered.clone());
    let place = tempfile::tempdir().unwrap();
    // Texts go on coming meanwhile.
    let said = installation.run_well(&["backup", path(place.path())]);
    assert!(said.contains("backup made and read again"), "{said}");
    let during = ledger.look(|state| state.answered.len());
    ledger.wait("texts are answered after it too", |state| state.answered.len() > during);
    load.stop();
    running.kill();

    let folder = only_folder(place.path());
    assert!(!folder.join("master.key").exists(), "the key is never in it");
    let key = installation.data_dir().join("master.key");
    let other = Installation::new(&[Link::Server("")]);
    let refused = other.run(&["restore", path(&folder)]);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--key-file"), "{refused:?}");
    let said = other.run_well(&["restore", path(&folder), "--key-file", path(&key)]);
    assert!(said.contains("restored into"), "{said}");
    let texts: Vec<String> =
        other.export(&[]).iter().map(|line| line["text"].as_str().unwrap().to_owned()).collect();
    for number in before {
        let wanted = format!("LD 0912345678 tin {number}");
        let times = texts.iter().filter(|text| **text == wanted).count();
        assert_eq!(times, 1, "{wanted}");
    }
    let again = other.run(&["restore", path(&folder), "--key-file", path(&key)]);
    assert!(!again.status.success(), "what is there is never overwritten");
    assert!(String::from_utf8_lossy(&again.stderr).contains("is there already"), "{again:?}");
}

/// Messages of a stopped installation in these states.
async fn messages(installation: &Installation, states: &[&str]) -> usize {
    let store = Store::open(&installation.data_dir()).await.expect("the databases open");
    let found =
        store.messages(states, Page { offset: 0, limit: 1000 }).await.expect("messages are read").len();
    store.close().await;
    found
}

#[tokio::test]
async fn a_restored_product_takes_texts_and_sends_nothing_that_may_have_been_sent() {
    let mut installation = Installation::new(&[Link::Server("")]);
    let running = installation.start();
    let ledger = Ledger::making(text);
    let load = Load::start(installation.smpp_port(), 1, &ledger);
    ledger.allow(200);
    ledger.wait("some texts are answered", |state| state.answered.len() >= 100);
    // In the middle of its replies.
    running.kill();
    load.stop();
    installation.export(&[]);
    let waiting = messages(&installation, &["planned", "sending"]).await;
    let uncertain = messages(&installation, &["uncertain"]).await;
    let place = tempfile::tempdir().unwrap();
    installation.run_well(&["backup", path(place.path())]);
    let mut other = Installation::new(&[Link::Server("")]);
    let key = installation.data_dir().join("master.key");
    let folder = only_folder(place.path());
    let said = other.run_well(&["restore", path(&folder), "--key-file", path(&key)]);
    println!("{waiting} messages waited");
    assert_eq!(said.contains(&format!("{waiting} messages waited")), waiting > 0, "{said}");
    assert_eq!(messages(&other, &["planned", "sending"]).await, 0);
    assert_eq!(messages(&other, &["uncertain"]).await, waiting + uncertain);
    let restored = other.export(&[]).len();
    let running = other.start();
    let later = Ledger::making(|number| text(number + 1000));
    let load = Load::start(other.smpp_port(), 1, &later);
    later.allow(20);
    later.wait("new texts are answered", |state| state.answered.len() == 20);
    load.stop();
    running.stop();
    assert_eq!(other.export(&[]).len(), restored + 20);
}

#[test]
fn a_damaged_or_unfinished_backup_is_refused_and_nothing_is_restored() {
    let installation = Installation::new(&[]);
    installation.run_well(&["migrate"]);
    fs::write(installation.data_dir().join("master.key"), format!("{}\n", "ab".repeat(32))).unwrap();
    let refused = installation.run(&["backup", "/nowhere/at/all"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("chmod 600"), "{refused:?}");
    fs::remove_file(installation.data_dir().join("master.key")).unwrap();

    let place = tempfile::tempdir().unwrap();
    installation.run_well(&["backup", path(place.path())]);
    let folder = only_folder(place.path());
    let said = installation.run_well(&["backup", "--check", path(&folder)]);
    assert!(said.contains("is sound"), "{said}");
    let log = folder.join("intake.db");
    let mut bytes = fs::read(&log).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&log, bytes).unwrap();
    let other = Installation::new(&[]);
    let key = installation.data_dir().join("master.key");
    let refused = other.run(&["restore", path(&folder), "--key-file", path(&key)]);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("intake.db is not what"), "{refused:?}");
    assert!(!other.data_dir().join("state.db").exists());
    fs::remove_file(folder.join("manifest.json")).unwrap();
    let refused = other.run(&["restore", path(&folder), "--key-file", path(&key)]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("no finished backup"), "{refused:?}");
}

#[test]
fn only_the_newest_backups_are_kept_when_that_is_asked_for() {
    let installation = Installation::new(&[]);
    installation.run_well(&["migrate"]);
    let place = tempfile::tempdir().unwrap();
    for old in ["2020-01-01T000000Z", "2020-01-02T000000Z"] {
        fs::create_dir(place.path().join(old)).unwrap();
        fs::write(place.path().join(old).join("manifest.json"), "{}").unwrap();
    }
    fs::create_dir(place.path().join("something-else")).unwrap();
    let said = installation.run_well(&["backup", path(place.path()), "--keep", "2"]);
    assert!(said.contains("2020-01-01T000000Z"), "{said}");
    assert!(!place.path().join("2020-01-01T000000Z").exists());
    assert!(place.path().join("2020-01-02T000000Z").exists());
    assert!(place.path().join("something-else").exists(), "what is no backup is left alone");
}

//! What a link's table may say besides the eight keys: whether it is answered through, what it carries, and a word
//! before every text.

use serde_json::{Value, json};

use crate::support::{Authority, Installation, Ledger, Link, Load, Text, reply_text, wait_until_settled};

const CITIZEN: &str = "84900000061";

/// Sends these texts over a server link with `settings` and gives the export and the replies.
fn after(settings: &'static str, texts: &[&str]) -> (Vec<Value>, Vec<String>) {
    let mut installation = Installation::new(&[Link::Server(settings)]);
    let running = installation.start();
    let ledger = Ledger::of(texts.iter().map(|text| Text::new(CITIZEN, text)).collect());
    let load = Load::start(installation.smpp_port(), 1, &ledger);
    ledger.wait("all are answered OK", |state| state.answered.len() == texts.len());
    wait_until_settled(&installation.data_dir());
    load.stop();
    running.stop();
    let replies = ledger.look(|state| state.replies.get(CITIZEN).cloned().unwrap_or_default());
    (installation.export(&["--with-service"]), replies)
}

#[test]
fn a_link_that_forbids_replies_is_sent_none() {
    let (kept, replies) = after("replies = false", &["LD 0912345678 mao danh", "KQ", "xin chao"]);
    assert_eq!(kept.len(), 3);
    assert_eq!(replies, Vec::<String>::new());
}

#[test]
fn a_link_that_carries_no_kq_does_not_promise_it() {
    let (kept, replies) = after("carries = [\"S\", \"V\", \"LD\"]", &["LD 0912345678 mao danh"]);
    assert_eq!(replies, [reply_text("receipt_no_result", &kept[0])]);
}

#[test]
fn the_word_before_every_text_is_taken_off() {
    let texts = ["DLK LD 0912345678 mao danh", "dlk V (0912345678) (moi vay)", "LD 0912345678 quen chu dau"];
    let (kept, replies) = after("keyword_prefix = \"DLK\"", &texts);
    let kinds: Vec<&Value> = kept.iter().map(|line| &line["kind"]).collect();
    assert_eq!(kinds, ["scam_call", "spam_call", "scam_call"]);
    let contents: Vec<&Value> = kept.iter().map(|line| &line["content"]).collect();
    assert_eq!(contents, ["mao danh", "moi vay", "quen chu dau"]);
    assert_eq!(kept[0]["text"], json!(texts[0]), "the text stays as received");
    assert_eq!(replies.len(), 3);
}

#[test]
fn what_coding_zero_means_is_the_links_word() {
    let texts = ["LĐ 0912345678 giả danh công an"];
    let (kept, _) = after("", &texts);
    assert_eq!(kept[0]["text"], json!(texts[0]), "UTF-8 on a GSM 7 link is seen for what it is");
    assert_eq!(kept[0]["kind"], "scam_call");
    assert!(
        kept[0]["flags"].as_array().is_some_and(|flags| flags.contains(&json!("fell_back"))),
        "{}",
        kept[0]
    );
}

#[test]
fn check_config_reads_the_files_of_tls_and_names_the_one_that_is_wrong() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let authority = Authority::new(directory.path(), "ours");
    let pair = authority.issue("server", &["localhost"]);
    let (certificate, key) = (pair.certificate.display(), pair.key.display());
    let settings = |key: String| {
        let table = format!("[link.tls]\ncertificate = \"{certificate}\"\nkey = \"{key}\"");
        Installation::new(&[Link::Server(table.leak())]).run(&["check-config"])
    };
    let good = settings(key.to_string());
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    assert!(String::from_utf8_lossy(&good.stdout).contains("with TLS"));
    let wrong = settings(certificate.to_string());
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(
        !wrong.status.success() && said.contains("link 'link'") && said.contains("is not a key file"),
        "{said}"
    );
}

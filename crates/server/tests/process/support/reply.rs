//! What a reply must say: the words of `data/replies.toml` with the fields filled by the tests' own hand, so that
//! a wrong choice of text or field is seen.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use super::CODE;

/// Septets of one SMS (3GPP TS 23.038 §6.1.2).
const SEGMENT: usize = 160;

#[derive(Deserialize)]
struct File {
    reply: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    text: String,
}

static TEXTS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let file: File =
        toml::from_str(include_str!("../../../../../data/replies.toml")).expect("replies.toml reads");
    file.reply.into_iter().map(|entry| (entry.id, entry.text)).collect()
});

fn template(id: &str) -> &'static str {
    TEXTS.get(id).unwrap_or_else(|| panic!("replies.toml has no '{id}'"))
}

/// The reply `id` about a line of the export, sent from [`CODE`].
pub(crate) fn reply_text(id: &str, line: &Value) -> String {
    let code = line["code"].as_str().expect("a report has a code");
    let text = template(id)
        .replace("{so}", &called(&line["sources"]))
        .replace("{ma}", &format!("{} {}", &code[..4], &code[4..]))
        .replace("{ma_lien}", code)
        .replace("{dau_so}", CODE);
    assert!(!text.contains('{'), "a field of '{id}' is not filled: {text}");
    text
}

/// Whether `text` is the reply `id` with anything in its fields.
pub(crate) fn template_matches(id: &str, text: &str) -> bool {
    let mut rest = text;
    let mut pieces =
        template(id).split('{').map(|piece| piece.split_once('}').map_or(piece, |(_, after)| after));
    let Some(start) = pieces.next() else { return false };
    let Some(after) = rest.strip_prefix(start) else { return false };
    rest = after;
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}

/// How an SMS calls the first of these sources: a number as dialled in Viet Nam, a name as it is.
fn called(sources: &Value) -> String {
    match sources[0].as_str() {
        None => "bi phan anh".to_owned(),
        Some(first) => match first.strip_prefix("+84") {
            Some(rest) => format!("0{rest}"),
            None => first.to_owned(),
        },
    }
}

/// Whether a `submit` or `deliver` event is one SMS of unaccented text.
pub(crate) fn is_one_segment(event: &Value) -> bool {
    let is_plain = |text: &str| text.len() <= SEGMENT && text.bytes().all(|byte| matches!(byte, b' '..=b'z'));
    event["data_coding"] == 0 && event["udh"].is_null() && event["text"].as_str().is_some_and(is_plain)
}

//! The texts a foreign SMSC sends: the grammar's own corpus, and the ways a text can travel.

use serde::Deserialize;
use serde_json::{Value, json};

/// A text and what must become of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What the citizen wrote.
    pub(crate) text: String,
    #[serde(default = "report")]
    pub(crate) intent: String,
    pub(crate) kind: Option<String>,
    #[serde(default)]
    pub(crate) sources: Vec<String>,
    pub(crate) content: Option<String>,
    pub(crate) problem: Option<String>,
    pub(crate) code: Option<String>,
    /// How it travels, as `tests/peers/README.md` names it.
    #[serde(skip)]
    pub(crate) way: Value,
}

#[derive(Deserialize)]
struct Corpus {
    case: Vec<Case>,
}

fn report() -> String {
    "report".to_owned()
}

/// Every text of the grammar's corpus, then those whose travel is the point.
pub(crate) fn all() -> Vec<Case> {
    let corpus: Corpus =
        toml::from_str(include_str!("../../../domain/tests/corpus.toml")).expect("the corpus reads");
    let mut cases = corpus.case;
    for case in &mut cases {
        case.way = match case.text.chars().all(|ch| matches!(ch, ' '..='_' | 'a'..='~' | '\n')) {
            true => json!({ "coding": "gsm7" }),
            false => json!({ "coding": "ucs2" }),
        };
    }
    cases.extend(travelling());
    cases
}

/// Bytes sent as they are, with the coding they claim.
fn raw(bytes: &[u8], data_coding: u8) -> Value {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ "hex": hex, "data_coding": data_coding })
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn scam(text: &str, content: &str, way: Value) -> Case {
    Case {
        text: text.to_owned(),
        intent: report(),
        kind: Some("scam_call".to_owned()),
        sources: vec!["+84912345678".to_owned()],
        content: Some(content.to_owned()),
        problem: None,
        code: None,
        way,
    }
}

/// One report in every coding, cut in every way; and brackets as misconfigured links send them.
fn travelling() -> Vec<Case> {
    let accented = "LĐ 0912345678 xưng Công an, dọa bắt vì liên quan ma túy, đòi chuyển tiền";
    let accented_content = "xưng Công an, dọa bắt vì liên quan ma túy, đòi chuyển tiền";
    let decomposed = "LĐ 0912345678 xu\u{31b}ng Co\u{302}ng an"; // NFD: every accent a character of its own
    let story = "goi luc 9h sang, xung la can bo phuong, noi cap nhat dinh danh muc 2. ".repeat(5);
    let story = story.trim_end();
    let long = format!("LD 0912345678 {story}");
    let accented_story = "Họ gọi lúc chín giờ sáng, xưng là cán bộ phường, đòi mã OTP. ".repeat(4);
    let accented_story = accented_story.trim_end();
    let accented_long = format!("LD 0912345678 {accented_story}");
    let ascii = |text: &str, content: &str| scam(text, content, raw(text.as_bytes(), 0));
    let mut cases = vec![
        scam(accented, accented_content, json!({ "coding": "ucs2" })),
        scam(accented, accented_content, raw(&utf16(accented), 0x08)),
        scam(accented, accented_content, raw(&utf16(accented), 0x18)),
        scam(decomposed, "xu\u{31b}ng Co\u{302}ng an", raw(&utf16(decomposed), 0x08)),
        scam(accented, accented_content, raw(accented.as_bytes(), 0x08)),
        scam("LD\n0912345678\nmao danh\ncong an", "mao danh\ncong an", json!({ "coding": "gsm7" })),
        scam("LD 0912345678 caf\u{e9}", "caf\u{e9}", json!({ "coding": "latin1" })),
        scam("LD [0912345678] {no} ~ 5\u{20ac}", "{no} ~ 5\u{20ac}", json!({ "coding": "gsm7" })),
        // ASCII on a GSM 7 link: [ ] { } arrive as Ä Ñ ä ñ.
        ascii("LD [0912345678][mao danh]", "mao danh"),
        ascii("LD{0912345678} {mao danh}", "mao danh"),
        scam("LD [0912345678] (mao danh)", "mao danh", raw(b"LD [0912345678] (mao danh)", 0x01)),
        scam("LD 0912345678 mao danh", "mao danh", raw(b"LD 0912345678 mao danh", 0xF0)),
    ];
    for way in [
        json!({ "udh": 8 }),
        json!({ "udh": 16 }),
        json!({ "udh": 8, "order": [3, 1, 2], "reference": 0 }),
        json!({ "udh": 16, "order": [2, 2, 3, 1], "reference": 4711 }),
        json!({ "sar": true }),
        json!({ "sar": true, "order": [2, 3, 1] }),
        json!({ "payload": true }),
    ] {
        let mut way = way;
        way["coding"] = json!("gsm7");
        cases.push(scam(&long, story, way.clone()));
        way["coding"] = json!("ucs2");
        let parts = way["order"].as_array().map(|_| 3);
        if parts.is_none() {
            cases.push(scam(&accented_long, accented_story, way));
        }
    }
    cases
}

impl Case {
    /// What the export must say, apart from content, which is given only for some.
    pub(crate) fn difference(&self, line: &Value) -> Option<String> {
        let said = |name: &str| line[name].as_str().map(str::to_owned);
        let sources: Vec<&str> =
            line["sources"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let is_right = said("intent").as_deref() == Some(&self.intent)
            && said("kind") == self.kind
            && said("problem") == self.problem
            && sources == self.sources
            && self.content.as_ref().is_none_or(|content| said("content").as_ref() == Some(content));
        (!is_right).then(|| format!("{self:?}\n    → {line}"))
    }

    /// Whether it is one of the texts that only ask for something.
    pub(crate) fn is_service(&self) -> bool {
        !matches!(self.intent.as_str(), "report" | "unknown")
    }

    /// The replies of `data/replies.toml` of which one must answer it.
    pub(crate) fn replies(&self) -> Vec<&'static str> {
        match (self.intent.as_str(), self.problem.as_deref(), self.kind.as_deref()) {
            ("report", Some("missing_source"), _) => vec!["missing_source"],
            ("report", Some("missing_kind"), _) => vec!["missing_kind"],
            ("report", Some("junk_number"), _) => vec!["junk_number"],
            ("report", None, Some("scam_call")) => vec!["receipt_scam_call"],
            ("report", None, Some(_)) => vec!["receipt_spam"],
            // Nobody has reported anything under a code they guess.
            ("result", None, _) if self.code.is_none() => vec!["no_report_yet"],
            ("result", ..) => vec!["unknown_code"],
            ("check", Some(_), _) => vec!["nothing_to_check"],
            // The verdict hangs on what arrived before; the words of each are tested where it is made.
            ("check", ..) => vec![
                "check_signs",
                "check_signs_plain",
                "check_verified",
                "check_reported",
                "check_reported_plain",
                "check_unknown",
                "check_official",
                "check_text_signs",
                "check_text_unknown",
            ],
            ("help", ..) => vec!["help"],
            ("subscribe", ..) => vec!["subscribed"],
            ("unsubscribe", ..) => vec!["unsubscribed"],
            ("dnc", ..) => vec!["dnc"],
            ("forward", ..) => vec!["forward"],
            _ => vec!["not_a_report"],
        }
    }
}

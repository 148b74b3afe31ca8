//! A foreign SMSC (node `smpp`) sends what citizens write: each text is answered OK, kept once and understood,
//! answered once with the right words, and readable by `KQ`.

use std::collections::HashMap;

use serde_json::Value;

use crate::spellings::{self, Case};
use crate::support::{
    CODE, Peer, bound_to_smsc, foreign_peers_are_here, mobile, reply_text, template_matches,
};

/// The lines of an export by receipt code, and the index of the text each belongs to.
fn lines_by_text(export: Vec<Value>, cases: &[Case]) -> HashMap<usize, Vec<Value>> {
    let mut by_text: HashMap<usize, Vec<Value>> = HashMap::new();
    // The export does not name reporters: equal texts are dealt out in the order they were sent.
    let mut wanted: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, case) in cases.iter().enumerate().rev() {
        wanted.entry(arrived(case)).or_default().push(index);
    }
    for line in export {
        let text = line["text"].as_str().expect("a text").to_owned();
        let index = wanted
            .get_mut(&text)
            .and_then(|list| if list.len() > 1 { list.pop() } else { list.last().copied() });
        let index = index.unwrap_or_else(|| panic!("nobody sent {text:?}"));
        by_text.entry(index).or_default().push(line);
    }
    by_text
}

/// The text as it must read here: brackets in ASCII are GSM 7 letters on a GSM 7 link.
fn arrived(case: &Case) -> String {
    let is_misread = case.way["data_coding"] == 0 && case.way.get("hex").is_some();
    match is_misread {
        true => case.text.replace('[', "Ä").replace(']', "Ñ").replace('{', "ä").replace('}', "ñ"),
        false => case.text.clone(),
    }
}

#[test]
fn every_spelling_is_kept_once_understood_and_answered_once() {
    if !foreign_peers_are_here() {
        return;
    }
    let (mut smsc, installation, running) = bound_to_smsc("");
    let cases = spellings::all();
    assert!(cases.len() >= 240, "only {} texts", cases.len());
    for (index, case) in cases.iter().enumerate() {
        smsc.deliver(&mobile(index), &case.text, &case.way);
    }
    for (index, case) in cases.iter().enumerate() {
        smsc.hear_ok(&mobile(index), &case.way);
    }
    let replies: Vec<String> = (0..cases.len()).map(|index| smsc.hear_reply(&mobile(index))).collect();

    let by_text = lines_by_text(installation.export(&["--with-service"]), &cases);
    let mut wrong = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        let lines = by_text.get(&index).map(Vec::as_slice).unwrap_or_default();
        let [line] = lines else {
            wrong.push(format!("{} times: {case:?}", lines.len()));
            continue;
        };
        wrong.extend(case.difference(line));
        let reply = &replies[index];
        let ids = case.replies();
        let is_right = match ids[..] {
            // A sender name is called as whoever reported it first wrote it.
            [id] => reply_text(id, &with_code_of(line, reply)).eq_ignore_ascii_case(reply),
            _ => ids.iter().any(|id| template_matches(id, reply)),
        };
        if !is_right {
            wrong.push(format!("{case:?}\n    ← {reply:?}, not {ids:?}"));
        }
        if line["link"] != "link"
            || line["channel"] != "smpp"
            || line["operator"] != "viettel"
            || line["to"] != CODE
        {
            wrong.push(format!("where it came from: {line}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    let kept = installation.export(&[]);
    assert_eq!(
        kept.len(),
        cases.iter().filter(|case| !case.is_service()).count(),
        "service texts are no reports"
    );

    statuses_are_read_by_kq(&mut smsc, &cases, &replies);
    let second = smsc.unasked_submits();
    assert!(second.is_empty(), "{second:#?}");
    running.stop();
}

/// Equal texts of different people have equal lines but for the code: the reply says whose it is.
fn with_code_of(line: &Value, reply: &str) -> Value {
    let mut line = line.clone();
    if let Some(code) = code_in(reply) {
        line["code"] = Value::String(code);
    }
    line
}

/// The receipt code a receipt names.
fn code_in(reply: &str) -> Option<String> {
    let (_, after) = reply.split_once("soan KQ ")?;
    let code: String = after.chars().take_while(char::is_ascii_digit).collect();
    (code.len() == 8).then_some(code)
}

/// Every third of them, so that the test stays short.
fn statuses_are_read_by_kq(smsc: &mut Peer, cases: &[Case], replies: &[String]) {
    for (index, (case, reply)) in cases.iter().zip(replies).enumerate().step_by(3) {
        if case.is_service() {
            continue;
        }
        let from = mobile(index);
        let status = smsc.ask(&from, "KQ");
        let expected = match (&case.problem, case.kind.as_deref()) {
            (Some(_), _) => "status_needs_officer",
            (None, Some("scam_call")) => "status_open",
            // Spam joins a case where a scam call on the same source has opened one.
            (None, _) if template_matches("status_open", &status) => "status_open",
            (None, _) => "status_new",
        };
        assert!(template_matches(expected, &status), "{case:?}: {status}, not {expected}");
        let Some(code) = code_in(reply) else { continue };
        assert_eq!(smsc.ask(&from, &format!("KQ {code}")), status, "{case:?}");
        // A stranger must not learn of it.
        let spaced = format!("kq {} {}", &code[..4], &code[4..]);
        let unknown = smsc.ask(&mobile(cases.len() + index), &spaced);
        assert!(template_matches("unknown_code", &unknown), "{case:?}: {unknown}");
    }
}

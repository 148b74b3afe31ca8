//! What both databases write in the same words, whatever their SQL.

use canhgiac_domain::procedure::Effect;
use uuid::Uuid;

use crate::CaseChange;

/// Characters of one word.
const WORD_LIMIT: usize = 200;

/// What else the timeline says: the operator or unit the effects go to.
pub(crate) fn describe(change: &CaseChange<'_>) -> String {
    let mut words = Vec::new();
    if let Some(answer) = &change.answer
        && let Some(to) = &answer.ported_to
    {
        words.push(format!("ported_to={to}"));
    }
    for effect in &change.decision.effects {
        match effect {
            Effect::RequestOperator { measure, operator, .. } => {
                words.push(format!("request={}:{operator}", measure.id()));
            }
            Effect::Refer { unit } => words.push(format!("unit={unit}")),
            Effect::TellReporters(notice) => words.push(format!("tell={}", notice.id())),
            Effect::WithdrawRequests | Effect::NoteAcknowledgement | Effect::ExpireAt(_) => {}
        }
    }
    words.join(" ")
}

/// Which signs were seen stays; the words that gave them do not.
pub(crate) fn without_quotes(findings: &str) -> String {
    let Ok(serde_json::Value::Array(mut list)) = serde_json::from_str(findings) else {
        return "[]".to_owned();
    };
    for finding in &mut list {
        if let Some(finding) = finding.as_object_mut() {
            finding.insert("quote".to_owned(), "".into());
        }
    }
    serde_json::Value::Array(list).to_string()
}

/// A word as a pattern of LIKE that finds it anywhere; its wildcards are ordinary characters.
pub(crate) fn like_pattern(word: &str) -> String {
    let mut pattern = String::with_capacity(word.len() + 2);
    pattern.push('%');
    for ch in word.chars().take(WORD_LIMIT) {
        if matches!(ch, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(ch);
    }
    pattern.push('%');
    pattern
}

/// The warning a message belongs to: what is withdrawn while its broadcast goes out goes out no further.
pub(crate) fn bulletin_of(object: &str) -> Option<Uuid> {
    Uuid::parse_str(object.strip_prefix("bulletin:")?).ok()
}

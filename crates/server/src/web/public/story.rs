//! What a reporter is told about a report: its state, who holds it, what was done.
//!
//! Pure. Staff's notes, reconsiderations and everything that could harm an investigation stay out.

use canhgiac_domain::procedure::{CaseState, ClosedAs};
use canhgiac_store::{CaseEventRow, CaseRow, Report};

use super::view::Entry;
use crate::web::format;
use crate::web::texts::Lang;

/// Where a report stands, as keys of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The key of the state.
    pub(crate) state: &'static str,
    /// The key of what it means.
    pub(crate) meaning: &'static str,
    /// The key of who holds it.
    pub(crate) holder: &'static str,
    /// The key of how it ended, when it did.
    pub(crate) outcome: Option<&'static str>,
    /// Colour family.
    pub(crate) tone: &'static str,
    /// Icon.
    pub(crate) icon: &'static str,
}

impl Standing {
    const fn new(state: &'static str, meaning: &'static str, holder: &'static str) -> Self {
        Self { state, meaning, holder, outcome: None, tone: "info", icon: "clock" }
    }

    const fn ended(self, outcome: &'static str, tone: &'static str, icon: &'static str) -> Self {
        Self { outcome: Some(outcome), tone, icon, ..self }
    }
}

/// Where a report without a case stands.
pub(crate) fn of_report(report: &Report) -> Standing {
    match report.state.as_str() {
        "done" => Standing::new("state-done", "state-done-meaning", "holder-closed").ended(
            "outcome-done",
            "mute",
            "check",
        ),
        "needs_officer" => {
            Standing::new("state-needs-officer", "state-needs-officer-meaning", "holder-officer")
        }
        _ => Standing::new("state-new", "state-new-meaning", "holder-officer"),
    }
}

/// Where a report stands whose case stands here.
pub(crate) fn of_case(state: &CaseState) -> Standing {
    match state {
        CaseState::Open => Standing::new("state-open", "state-open-meaning", "holder-officer"),
        CaseState::Confirmed => Standing::new("state-confirmed", "state-confirmed-meaning", "holder-officer"),
        CaseState::BlockRequested { .. } => {
            Standing::new("state-asked", "state-asked-meaning", "holder-operator")
        }
        CaseState::Blocked { .. } => Standing::new(
            "state-blocked",
            "state-blocked-meaning",
            "holder-officer",
        )
        .ended("outcome-blocked", "ok", "lock"),
        CaseState::Kept { .. } => Standing::new("state-kept", "state-kept-meaning", "holder-closed").ended(
            "outcome-kept",
            "ok",
            "lock",
        ),
        CaseState::Restoring { .. } => {
            Standing::new("state-restoring", "state-restoring-meaning", "holder-operator")
        }
        CaseState::Restored { .. } => Standing::new(
            "state-restored",
            "state-restored-meaning",
            "holder-closed",
        )
        .ended("outcome-restored", "mute", "check"),
        CaseState::Closed { outcome } => {
            let key = match outcome {
                ClosedAs::NotEnoughGround => "outcome-not-enough",
                ClosedAs::Forged => "outcome-forged",
                ClosedAs::NoOperator => "outcome-no-operator",
                ClosedAs::Reconsidered => "outcome-reconsidered",
            };
            Standing::new("state-closed", "state-closed-meaning", "holder-closed").ended(key, "mute", "check")
        }
    }
}

/// The key of what an action of a case is called in public; `None` for what is not told.
fn event_key(action: &str) -> Option<&'static str> {
    Some(match action {
        "confirmed" => "event-confirmed",
        "referred" => "event-referred",
        "referral_acknowledged" => "event-acknowledged",
        "block_requested" => "event-asked",
        "answered_blocked" => "event-blocked",
        "answered_not_found" => "event-not-found",
        "answered_refused" => "event-refused",
        "answered_ported" => "event-ported",
        "answered_restored" => "event-restored",
        "kept" => "event-kept",
        "expired" => "event-expired",
        "lifted" => "event-lifted",
        "closed" => "event-closed",
        _ => return None,
    })
}

/// What was done, newest first; the report's own arrival is the oldest entry told.
pub(crate) fn timeline(lang: Lang, report: &Report, events: &[CaseEventRow]) -> Vec<Entry> {
    let came_by = if matches!(report.channel.as_str(), "web" | "api" | "import") {
        "event-received-web"
    } else {
        "event-received-sms"
    };
    let mut entries = vec![(report.received_us, lang.t("event-received"), lang.t(came_by))];
    for event in events.iter().filter(|event| event.at_us >= report.received_us) {
        if let Some(key) = event_key(&event.action) {
            entries.push((event.at_us, lang.t(key), String::new()));
        }
    }
    // Stable, so that what happened in one instant keeps its order.
    entries.sort_by_key(|(at_us, _, _)| std::cmp::Reverse(*at_us));
    entries
        .into_iter()
        .map(|(at_us, what, more)| Entry { at: format::date_time(at_us), what, more })
        .collect()
}

/// Since when it stands where it stands.
pub(crate) fn since_us(report: &Report, case: Option<&CaseRow>, events: &[CaseEventRow]) -> i64 {
    let told =
        events.iter().filter(|event| event_key(&event.action).is_some()).map(|event| event.at_us).max();
    match case {
        Some(case) => told.unwrap_or(case.opened_us).max(report.received_us),
        None => report.received_us,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at_us: i64, action: &str) -> CaseEventRow {
        CaseEventRow {
            id: at_us,
            at_us,
            actor: "staff:x".to_owned(),
            action: action.to_owned(),
            note: "ghi chú nội bộ".to_owned(),
            detail: "nội bộ".to_owned(),
        }
    }

    fn report() -> Report {
        Report {
            seq: 1,
            id: uuid::Uuid::nil(),
            received_us: 100,
            channel: "web".to_owned(),
            link: "web".to_owned(),
            operator: None,
            to_code: None,
            reporter_hash: None,
            reporter_sealed: None,
            is_proven: false,
            is_mobile: false,
            intent: "report".to_owned(),
            kind: None,
            problem: None,
            argument: None,
            text: String::new(),
            content: String::new(),
            leniencies: "[]".to_owned(),
            findings: "[]".to_owned(),
            flags: "[]".to_owned(),
            near_key: None,
            parts: "[]".to_owned(),
            code: 48_271_935,
            commune: None,
            place: None,
            money_lost: None,
            duplicate_of: None,
            state: "new".to_owned(),
            corrected_us: None,
            taken_by: None,
            purged_us: None,
        }
    }

    #[test]
    fn staff_notes_and_the_holders_matters_are_not_told() {
        let events = [
            event(300, "answered_blocked"),
            event(250, "reconsideration_filed"),
            event(200, "referred"),
            event(50, "confirmed"),
        ];
        let told = timeline(Lang::Vi, &report(), &events);
        let words: Vec<&str> = told.iter().map(|entry| entry.what.as_str()).collect();
        assert_eq!(words, ["Nhà mạng đã tạm khóa số", "Đã chuyển công an", "Đã nhận phản ánh"]);
        assert!(told.iter().all(|entry| !entry.more.contains("nội bộ")));
    }

    #[test]
    fn a_report_stands_where_it_is_since_the_last_thing_told() {
        let report = report();
        assert_eq!(since_us(&report, None, &[]), 100);
        assert_eq!(of_report(&report).state, "state-new");
        assert_eq!(of_report(&report).outcome, None);
    }
}

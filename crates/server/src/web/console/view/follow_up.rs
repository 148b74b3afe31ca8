//! What follows a case elsewhere: referrals to the police, requests to operators,
//! reconsiderations asked by holders.

use super::cases::CaseReport;
use super::common::{Action, Event, Fact, Mark, Pager, Shell, When};
use super::reports::View;
use askama::Template;

/// Referrals this person may see.
#[derive(Debug, Template)]
#[template(path = "console/referrals.html")]
pub(crate) struct ReferralsPage {
    pub(crate) page: Shell,
    pub(crate) views: Vec<View>,
    pub(crate) rows: Vec<ReferralRow>,
    pub(crate) pager: Pager,
}

/// One referral in the list.
#[derive(Debug, Clone)]
pub(crate) struct ReferralRow {
    pub(crate) href: String,
    pub(crate) number: String,
    pub(crate) source: String,
    pub(crate) unit: String,
    pub(crate) reports: String,
    pub(crate) at: When,
    pub(crate) state: Mark,
}

/// One referral with its reports.
#[derive(Debug, Template)]
#[template(path = "console/referral.html")]
pub(crate) struct ReferralPage {
    pub(crate) page: Shell,
    pub(crate) number: String,
    pub(crate) source: String,
    pub(crate) state: Mark,
    pub(crate) facts: Vec<Fact>,
    pub(crate) note: String,
    pub(crate) reports: Vec<CaseReport>,
    pub(crate) actions: Vec<Action>,
    pub(crate) events: Vec<Event>,
}

/// Requests to operators with their answers.
#[derive(Debug, Template)]
#[template(path = "console/requests.html")]
pub(crate) struct RequestsPage {
    pub(crate) page: Shell,
    pub(crate) views: Vec<View>,
    pub(crate) rows: Vec<RequestRow>,
    pub(crate) pager: Pager,
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct RequestRow {
    pub(crate) number: String,
    pub(crate) case_href: String,
    pub(crate) source: String,
    pub(crate) operator: String,
    /// `Tạm khóa hai chiều`, `Khôi phục`.
    pub(crate) asks: String,
    pub(crate) sent: When,
    /// How long it waits or waited.
    pub(crate) age: Mark,
    pub(crate) state: Mark,
    /// What the operator answered, when, and where it went on to.
    pub(crate) answer: String,
}

/// Reconsiderations asked for.
#[derive(Debug, Template)]
#[template(path = "console/reconsiderations.html")]
pub(crate) struct ReconsiderationsPage {
    pub(crate) page: Shell,
    pub(crate) views: Vec<View>,
    pub(crate) rows: Vec<ReconsiderationRow>,
    pub(crate) pager: Pager,
}

/// One line of that list.
#[derive(Debug, Clone)]
pub(crate) struct ReconsiderationRow {
    pub(crate) href: String,
    pub(crate) number: String,
    pub(crate) source: String,
    pub(crate) first_words: String,
    pub(crate) at: When,
    pub(crate) clock: Mark,
    pub(crate) state: Mark,
}

/// One reconsideration: what the holder says beside what the case rests on.
#[derive(Debug, Template)]
#[template(path = "console/reconsideration.html")]
pub(crate) struct ReconsiderationPage {
    pub(crate) page: Shell,
    pub(crate) number: String,
    pub(crate) source: String,
    pub(crate) state: Mark,
    pub(crate) clock: Mark,
    /// The holder's words.
    pub(crate) text: String,
    /// Who asks, how to reach them (masked), when.
    pub(crate) asker: Vec<Fact>,
    /// What the block rests on.
    pub(crate) case_facts: Vec<Fact>,
    pub(crate) case_href: String,
    pub(crate) actions: Vec<Action>,
    pub(crate) events: Vec<Event>,
}

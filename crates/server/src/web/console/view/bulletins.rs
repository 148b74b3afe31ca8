//! Warnings: the list, the draft, the approval, and how far it reached people.

use super::common::{Action, Chip, Event, Fact, Field, Mark, Pager, Shell, When};
use super::reports::View;
use crate::web::chart::Bars;
use askama::Template;

/// All warnings.
#[derive(Debug, Template)]
#[template(path = "console/bulletins.html")]
pub(crate) struct BulletinsPage {
    pub(crate) page: Shell,
    pub(crate) views: Vec<View>,
    pub(crate) rows: Vec<BulletinRow>,
    pub(crate) pager: Pager,
    pub(crate) may_write: bool,
}

/// One line of the list.
#[derive(Debug, Clone)]
pub(crate) struct BulletinRow {
    pub(crate) href: String,
    pub(crate) title: String,
    pub(crate) state: Mark,
    pub(crate) author: String,
    pub(crate) at: When,
    /// `1.204 / 1.310 máy đã nhận`; empty before the broadcast.
    pub(crate) reached: String,
}

/// Writing a warning.
#[derive(Debug, Template)]
#[template(path = "console/bulletin_edit.html")]
pub(crate) struct BulletinEditPage {
    pub(crate) page: Shell,
    /// Where the form is sent.
    pub(crate) path: String,
    pub(crate) version: i64,
    pub(crate) title_field: Field,
    pub(crate) text_field: Field,
    pub(crate) sms_field: Field,
    /// The case it is drafted from, as a hidden field; empty when none.
    pub(crate) case_id: String,
    /// What the SMS costs in segments, as the server counts.
    pub(crate) sms: SmsCount,
    /// Figures of the case, for writing from.
    pub(crate) case_facts: Vec<Fact>,
    pub(crate) chips: Vec<Chip>,
}

impl BulletinEditPage {
    fn fields(&self) -> [&Field; 3] {
        [&self.title_field, &self.text_field, &self.sms_field]
    }

    fn has_errors(&self) -> bool {
        self.fields().iter().any(|field| !field.error.is_empty())
    }
}

/// How an SMS text is sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct SmsCount {
    /// `132 ký tự, 1 bản tin (GSM 7)`.
    pub(crate) summary: String,
    /// Characters that force a costlier coding, or links; empty when none.
    pub(crate) problem: String,
}

/// One warning.
#[derive(Debug, Template)]
#[template(path = "console/bulletin.html")]
pub(crate) struct BulletinPage {
    pub(crate) page: Shell,
    pub(crate) title: String,
    pub(crate) state: Mark,
    pub(crate) paragraphs: Vec<String>,
    pub(crate) sms_text: String,
    pub(crate) sms: SmsCount,
    pub(crate) facts: Vec<Fact>,
    pub(crate) actions: Vec<Action>,
    pub(crate) edit_href: Option<String>,
    /// The page people see; none before publication.
    pub(crate) public_href: Option<String>,
    pub(crate) broadcast: Option<Broadcast>,
    pub(crate) events: Vec<Event>,
}

/// How far the SMS went.
#[derive(Debug, Clone)]
pub(crate) struct Broadcast {
    /// `1.204 trong 1.310 máy đã nhận`.
    pub(crate) summary: String,
    /// Delivered, sent without receipt, waiting, failed, uncertain.
    pub(crate) drawing: Bars,
    pub(crate) recipients: Vec<RecipientRow>,
    pub(crate) pager: Pager,
    /// True while deliveries are still going on.
    pub(crate) is_running: bool,
}

/// One recipient, masked.
#[derive(Debug, Clone)]
pub(crate) struct RecipientRow {
    pub(crate) masked: String,
    pub(crate) link: String,
    pub(crate) state: Mark,
    pub(crate) at: When,
    pub(crate) detail: String,
}

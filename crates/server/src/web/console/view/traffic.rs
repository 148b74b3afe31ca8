//! SMPP links and outgoing texts.

use super::common::{Action, Fact, Mark, Pager, Shell, When};
use super::reports::View;
use crate::web::chart::Columns;
use askama::Template;

/// All links.
#[derive(Debug, Template)]
#[template(path = "console/links.html")]
pub(crate) struct LinksPage {
    pub(crate) page: Shell,
    pub(crate) links: Vec<LinkCard>,
}

/// One SMPP link.
#[derive(Debug, Clone)]
pub(crate) struct LinkCard {
    pub(crate) name: String,
    pub(crate) state: Mark,
    /// Direction, address, bind, operator, alphabet, window.
    pub(crate) facts: Vec<Fact>,
    /// In, out, answered, refused, queued, waiting for an answer.
    pub(crate) counts: Vec<Fact>,
    /// The last hour, minute by minute.
    pub(crate) hour: Columns,
    pub(crate) last_seen: When,
    /// The last errors, newest first.
    pub(crate) errors: Vec<String>,
}

/// Outgoing texts and dead jobs.
#[derive(Debug, Template)]
#[template(path = "console/outbox.html")]
pub(crate) struct OutboxPage {
    pub(crate) page: Shell,
    pub(crate) views: Vec<View>,
    pub(crate) rows: Vec<OutgoingRow>,
    pub(crate) pager: Pager,
    pub(crate) dead: Vec<DeadJob>,
}

/// One outgoing SMS.
#[derive(Debug, Clone)]
pub(crate) struct OutgoingRow {
    /// Masked.
    pub(crate) recipient: String,
    pub(crate) purpose: String,
    pub(crate) text: String,
    pub(crate) link: String,
    pub(crate) state: Mark,
    pub(crate) at: When,
    pub(crate) detail: String,
}

/// A job that gave up.
#[derive(Debug, Clone)]
pub(crate) struct DeadJob {
    pub(crate) kind: String,
    pub(crate) reason: String,
    pub(crate) attempts: String,
    pub(crate) at: When,
    pub(crate) retry: Option<Action>,
}

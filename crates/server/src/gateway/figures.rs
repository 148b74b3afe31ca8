//! One link's figures, counted once for the links page and for the metrics.

use std::net::SocketAddr;

use super::board::{LinkBoard, LinkState, LinkStatus};

/// Where one link's figures go. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Figures {
    board: LinkBoard,
    link: String,
}

impl Figures {
    pub(super) fn new(board: LinkBoard, link: &str) -> Figures {
        Figures { board, link: link.to_owned() }
    }

    pub(super) fn listening(&self, address: SocketAddr) {
        self.board.update(&self.link, |status| status.listening = Some(address));
    }

    pub(super) fn connecting(&self) {
        self.board.update(&self.link, |status| status.state = LinkState::Connecting);
    }

    pub(super) fn bound(&self) {
        self.board.update(&self.link, |status| {
            status.sessions += 1;
            status.state = LinkState::Bound;
            status.last_error = None;
        });
        metrics::gauge!("canhgiac_link_sessions", "link" => self.link.clone()).increment(1.0);
    }

    pub(super) fn unbound(&self) {
        self.board.update(&self.link, |status| {
            status.sessions = status.sessions.saturating_sub(1);
            if status.sessions == 0 {
                status.state = LinkState::Down;
            }
        });
        metrics::gauge!("canhgiac_link_sessions", "link" => self.link.clone()).decrement(1.0);
    }

    /// The connection was lost, or a bind refused, for this reason.
    pub(super) fn failed(&self, reason: String) {
        self.board.update(&self.link, |status| {
            status.failures += 1;
            status.last_error = Some(reason);
            if status.sessions == 0 {
                status.state = LinkState::Down;
            }
        });
        self.count("canhgiac_link_failures_total", 1);
    }

    pub(super) fn heard(&self, now_us: i64) {
        self.board.update(&self.link, |status| status.last_seen_us = Some(now_us));
    }

    pub(super) fn texts_in(&self, count: u64) {
        self.add("canhgiac_link_texts_in_total", count, |status| &mut status.texts_in);
    }

    pub(super) fn refused_in(&self, count: u64) {
        self.add("canhgiac_link_texts_refused_total", count, |status| &mut status.refused_in);
    }

    pub(super) fn undecodable_in(&self) {
        self.add("canhgiac_link_undecodable_total", 1, |status| &mut status.undecodable_in);
    }

    pub(super) fn suspected_in(&self) {
        self.count("canhgiac_link_suspected_redeliveries_total", 1);
    }

    pub(super) fn receipts_in(&self) {
        self.add("canhgiac_link_receipts_in_total", 1, |status| &mut status.receipts_in);
    }

    pub(super) fn messages_out(&self) {
        self.add("canhgiac_link_messages_out_total", 1, |status| &mut status.messages_out);
    }

    pub(super) fn refused_out(&self) {
        self.add("canhgiac_link_messages_refused_total", 1, |status| &mut status.refused_out);
    }

    pub(super) fn uncertain_out(&self) {
        self.count("canhgiac_link_messages_uncertain_total", 1);
    }

    /// Nothing is sent until then; `None` when sending goes on.
    pub(super) fn paused_until(&self, until_us: Option<i64>) {
        self.board.update(&self.link, |status| status.paused_until_us = until_us);
        if until_us.is_some() {
            self.count("canhgiac_link_pauses_total", 1);
        }
    }

    fn add(&self, metric: &'static str, count: u64, field: fn(&mut LinkStatus) -> &mut u64) {
        if count > 0 {
            self.board.update(&self.link, |status| *field(status) += count);
            self.count(metric, count);
        }
    }

    fn count(&self, metric: &'static str, count: u64) {
        metrics::counter!(metric, "link" => self.link.clone()).increment(count);
    }
}

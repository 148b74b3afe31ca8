//! One link's figures, counted once for the links page and for the metrics.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use canhgiac_smpp::throttle::Verdict;

use super::board::{LinkBoard, LinkState, LinkStatus};
use super::waiting::Waiting;

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
            status.binds += 1;
            status.state = LinkState::Bound;
            status.last_error = None;
        });
        self.count("canhgiac_link_binds_total", 1);
    }

    pub(super) fn unbound(&self) {
        self.board.update(&self.link, |status| {
            status.sessions = status.sessions.saturating_sub(1);
            if status.sessions == 0 {
                status.state = LinkState::Down;
            }
        });
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

    /// Someone was turned away before it was known who it is: shown where nobody is bound.
    pub(super) fn turned_away(&self, reason: &str) {
        self.board.update(&self.link, |status| {
            if status.sessions == 0 {
                status.last_error = Some(reason.to_owned());
            }
        });
    }

    pub(super) fn heard(&self, now_us: i64) {
        self.board.update(&self.link, |status| status.last_seen_us = Some(now_us));
    }

    /// A place where a session shows the texts that it has not answered yet.
    pub(super) fn session_waits(&self) -> Arc<Waiting> {
        self.board.session_waits(&self.link)
    }

    /// A place where the sender shows the messages that the peer has not answered yet.
    pub(super) fn sender_waits(&self) -> Arc<Waiting> {
        self.board.sender_waits(&self.link)
    }

    /// Texts that were answered OK, and how long each had waited for it.
    pub(super) fn texts_in(&self, took: &[Duration]) {
        if took.is_empty() {
            return;
        }
        let count = took.len() as u64;
        self.board.update(&self.link, |status| {
            status.texts_in += count;
            let minute = status.recent.running();
            minute.texts_in += count;
            took.iter().for_each(|took| minute.answered(*took));
        });
        self.count("canhgiac_link_texts_in_total", count);
        let answers = metrics::histogram!("canhgiac_link_answer_seconds", "link" => self.link.clone());
        took.iter().for_each(|took| answers.record(took.as_secs_f64()));
    }

    pub(super) fn refused_in(&self, count: u64) {
        if count > 0 {
            self.board.update(&self.link, |status| {
                status.refused_in += count;
                status.recent.running().refused_in += count;
            });
            self.count("canhgiac_link_texts_refused_total", count);
        }
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

    /// The peer took a message.
    pub(super) fn messages_out(&self) {
        self.board.update(&self.link, |status| {
            status.messages_out += 1;
            status.recent.running().messages_out += 1;
        });
        self.count("canhgiac_link_messages_out_total", 1);
    }

    /// The peer answered a message, after so long.
    pub(super) fn answered_out(&self, verdict: Verdict, took: Duration) {
        let refusal = reason(verdict);
        let is_refused = refusal.is_some();
        self.board.update(&self.link, |status| {
            status.refused_out += u64::from(is_refused);
            status.throttled_out += u64::from(verdict == Verdict::PauseLink);
            let minute = status.recent.running();
            minute.refused_out += u64::from(is_refused);
            minute.submitted(took);
        });
        if let Some(reason) = refusal {
            let link = self.link.clone();
            metrics::counter!("canhgiac_link_messages_refused_total", "link" => link, "reason" => reason)
                .increment(1);
        }
        metrics::histogram!("canhgiac_link_submit_seconds", "link" => self.link.clone())
            .record(took.as_secs_f64());
    }

    pub(super) fn uncertain_out(&self) {
        self.add("canhgiac_link_messages_uncertain_total", 1, |status| &mut status.uncertain_out);
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

/// What a refusal asks of us, as the metrics call it.
pub(crate) const REFUSALS: [&str; 4] = ["throttled", "temporary", "not_bound", "permanent"];

fn reason(verdict: Verdict) -> Option<&'static str> {
    let [throttled, temporary, not_bound, permanent] = REFUSALS;
    match verdict {
        Verdict::Accepted => None,
        Verdict::PauseLink => Some(throttled),
        Verdict::BackOff => Some(temporary),
        Verdict::Rebind => Some(not_bound),
        Verdict::Permanent => Some(permanent),
    }
}

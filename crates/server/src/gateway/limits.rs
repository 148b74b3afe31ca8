//! Every bound of the gateway, by name. The protocol's own are in [`canhgiac_smpp::session::Limits`].

use std::time::Duration;

use canhgiac_smpp::session::Limits;
use canhgiac_smpp::throttle::Backoff;

use crate::app::App;

/// How often due messages are looked for when other processes plan them.
const POLL_SHARED_EVERY: Duration = Duration::from_millis(200);

/// The bounds of the gateway; the defaults are what the product runs with.
#[derive(Debug, Clone)]
pub struct GatewayLimits {
    /// Sessions bound at once on one server link.
    pub sessions_per_link: usize,
    /// Connections to one address that have not bound yet; further ones are closed at once.
    pub unbound_connections: usize,
    /// How long connecting to an operator may take.
    pub connect_timeout: Duration,
    /// From the connection to the end of binding.
    pub bind_timeout: Duration,
    /// Texts of one session that wait for the commit; at this number nothing more is read.
    pub texts_unanswered: usize,
    /// How long a full intake queue may stop the reading before texts are refused for now.
    pub room_wait: Duration,
    /// How long the answer to a message we sent may take.
    pub response_timeout: Duration,
    /// Silence after which the peer is asked for a sign of life.
    pub enquire_interval: Duration,
    /// How long it may take to show one.
    pub enquire_timeout: Duration,
    /// How long an orderly end waits for answers in both directions.
    pub drain_timeout: Duration,
    /// How long our `unbind` waits for its answer.
    pub unbind_timeout: Duration,
    /// How long the last answers may take to be written once a session is over.
    pub flush_within: Duration,
    /// How long we wait for the peer to close after we did, so that it still reads the last answers.
    pub linger: Duration,
    /// How long the whole gateway may take to stop: the four before it together, and less than the product's
    /// own patience with its parts.
    pub stop_within: Duration,
    /// Pauses before connecting again.
    pub reconnect: Backoff,
    /// A session bound this long counts as a success: the next pause is the shortest again.
    pub steady_after: Duration,
    /// Pauses of a whole link that was throttled.
    pub throttle_pause: Backoff,
    /// Pauses before one message is sent again.
    pub retry_pause: Backoff,
    /// How often one message is tried when its recipient's side is at fault.
    pub attempts: u32,
    /// Messages claimed at once: so many are uncertain without having left when we are killed in between.
    pub claim: usize,
    /// How often due messages are looked for when nothing wakes the sender.
    pub poll_every: Duration,
    /// Pause after the store refused before it is asked again.
    pub store_retry: Duration,
    /// Texts of one link whose answer may not have arrived, the newest.
    pub unconfirmed_texts: usize,
    /// How long such a text may come again.
    pub unconfirmed_for: Duration,
    /// Something from the peer this long after an answer was written means that the answer arrived:
    /// what was under way already when we wrote says nothing.
    pub answer_settles: Duration,
}

impl Default for GatewayLimits {
    fn default() -> Self {
        GatewayLimits {
            sessions_per_link: 8,
            unbound_connections: 64,
            connect_timeout: Duration::from_secs(10),
            bind_timeout: Duration::from_secs(15),
            texts_unanswered: 1_000,
            room_wait: Duration::from_secs(5),
            response_timeout: Duration::from_secs(60),
            enquire_interval: Duration::from_secs(30),
            enquire_timeout: Duration::from_secs(15),
            drain_timeout: Duration::from_secs(8),
            unbind_timeout: Duration::from_secs(3),
            flush_within: Duration::from_secs(2),
            linger: Duration::from_secs(1),
            stop_within: Duration::from_secs(14),
            reconnect: Backoff::default(),
            steady_after: Duration::from_secs(10),
            throttle_pause: Backoff::default(),
            retry_pause: Backoff { base: Duration::from_secs(30), cap: Duration::from_secs(1800) },
            attempts: 10,
            claim: 32,
            poll_every: Duration::from_secs(1),
            store_retry: Duration::from_secs(1),
            unconfirmed_texts: 10_000,
            unconfirmed_for: Duration::from_secs(30 * 60),
            answer_settles: Duration::from_millis(250),
        }
    }
}

impl GatewayLimits {
    /// The bounds in a process of this kind: other processes plan messages without waking the senders of this one.
    pub(crate) fn of(app: &App) -> GatewayLimits {
        let mut limits = GatewayLimits::default();
        if app.instance.is_shared() {
            limits.poll_every = POLL_SHARED_EVERY;
        }
        limits
    }

    /// The bounds of one session that may have `window` of our messages unanswered.
    pub(super) fn session(&self, window: usize) -> Limits {
        Limits {
            max_inbound: self.texts_unanswered,
            full_grace: self.room_wait,
            window,
            response_timeout: self.response_timeout,
            bind_timeout: self.bind_timeout,
            enquire_interval: self.enquire_interval,
            enquire_timeout: self.enquire_timeout,
            drain_timeout: self.drain_timeout,
            unbind_timeout: self.unbind_timeout,
            ..Limits::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_orderly_end_fits_into_the_time_of_stopping() {
        let limits = GatewayLimits::default();
        let session = limits.drain_timeout + limits.unbind_timeout + limits.flush_within + limits.linger;
        assert!(session <= limits.stop_within, "{session:?}");
    }
}

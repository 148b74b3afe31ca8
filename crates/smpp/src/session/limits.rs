//! Every bound of a session, by name.

use core::time::Duration;

use crate::pdu::MAX_PDU_LEN;

/// The bounds of one session. All of them are reached by a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest PDU accepted, in octets; a longer one ends the session.
    pub max_pdu_len: usize,
    /// Messages handed to the caller and not answered yet. At this number the session stops wanting input.
    pub max_inbound: usize,
    /// Messages already received beyond `max_inbound` that wait their turn; further ones are answered with
    /// `ESME_RX_T_APPN`.
    pub max_parked: usize,
    /// How long the session may stay full before waiting and further messages are answered with
    /// `ESME_RX_T_APPN`: the peer is never left without an answer.
    pub full_grace: Duration,
    /// Our messages sent and not answered yet.
    pub window: usize,
    /// Timed out messages remembered, the newest ones, so that a late answer finds its token.
    pub max_given_up: usize,
    /// Octets waiting to be written before the session stops wanting input.
    pub max_output: usize,
    /// Our response timeout for messages (the `response_timer` of SMPP 3.4 §7.2).
    pub response_timeout: Duration,
    /// From the connection to the end of binding (`session_init_timer`).
    pub bind_timeout: Duration,
    /// Silence after which we ask `enquire_link` (`enquire_link_timer`).
    pub enquire_interval: Duration,
    /// How long the peer may take to show a sign of life after that.
    pub enquire_timeout: Duration,
    /// How long an unbind waits for messages on the way.
    pub drain_timeout: Duration,
    /// How long our `unbind` waits for its answer.
    pub unbind_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_pdu_len: MAX_PDU_LEN,
            max_inbound: 1_000,
            max_parked: 4_096,
            full_grace: Duration::from_secs(5),
            window: 10,
            max_given_up: 1_000,
            max_output: 1024 * 1024,
            response_timeout: Duration::from_secs(60),
            bind_timeout: Duration::from_secs(15),
            enquire_interval: Duration::from_secs(30),
            enquire_timeout: Duration::from_secs(15),
            drain_timeout: Duration::from_secs(10),
            // Longer than a peer like us takes to drain before it answers.
            unbind_timeout: Duration::from_secs(15),
        }
    }
}

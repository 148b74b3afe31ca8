//! Texts that are durable while their sender may not know it (SMPP has no id of a message that survives a
//! broken session): when such a text comes again on a later session it is marked as a suspected redelivery.
//!
//! A text counts as unconfirmed from its arrival until its answer arrived. It is matched only once its session
//! is over, or by sessions that were bound after it came, so that two equal texts on one session, or on two
//! that stand side by side, are two texts. Links of one group share this: what is not answered on one may come
//! again on another. Nothing is ever dropped here; what a suspicion means is decided elsewhere.
//!
//! Where several processes take texts in, one that broke down or lost a session may have stored a text that its
//! sender brings to another, which cannot know: there, for a while after a session was bound, every text that is
//! new on it is suspected, and whether an equal one is in the log decides.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use canhgiac_smpp::pdu::{Body, CommandId, Frame, HEADER_LEN, ShortMessage, decode, tag};
use canhgiac_store::IntakeRow;

use super::limits::GatewayLimits;
use crate::app::App;

/// What two deliveries of one text have in common: sender, recipient, coding and octets, hashed.
pub(super) type Print = u64;

/// Names an unconfirmed text.
pub(super) type TextId = u64;

/// The session on which a text came.
#[derive(Debug, Clone, Copy)]
pub(super) struct SessionKey {
    pub(super) number: u64,
    pub(super) bound_us: i64,
}

/// A text was noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arrival {
    pub(super) id: TextId,
    pub(super) is_suspected: bool,
}

/// The unconfirmed texts of one group of links.
#[derive(Debug)]
pub(super) struct Redelivery {
    sessions: AtomicU64,
    texts: Mutex<Texts>,
    hasher: RandomState,
    limit: usize,
    valid_us: i64,
    /// Other processes take in texts of the same senders.
    is_shared: bool,
}

#[derive(Debug, Default)]
struct Texts {
    next: TextId,
    /// In the order they came.
    by_id: BTreeMap<TextId, Unconfirmed>,
    by_print: HashMap<Print, Vec<TextId>>,
    /// What came lately, and on which session last; only where several processes take texts in.
    lately: HashMap<Print, (u64, i64)>,
}

#[derive(Debug)]
struct Unconfirmed {
    print: Print,
    /// 0 when its session is over, or was one of an earlier run.
    session: u64,
    at_us: i64,
    /// An equal text came before it and was unconfirmed too.
    came_before: bool,
    /// It was refused for now although it may be in the log: it comes again on any session.
    is_unclear: bool,
}

impl Redelivery {
    pub(super) fn new(limits: &GatewayLimits, is_shared: bool) -> Redelivery {
        Redelivery {
            // 0 is nobody's session.
            sessions: AtomicU64::new(1),
            texts: Mutex::default(),
            hasher: RandomState::new(),
            limit: limits.unconfirmed_texts,
            valid_us: i64::try_from(limits.unconfirmed_for.as_micros()).unwrap_or(i64::MAX),
            is_shared,
        }
    }

    /// A number no other session of this group has.
    pub(super) fn next_session(&self) -> u64 {
        self.sessions.fetch_add(1, Ordering::Relaxed)
    }

    /// The session is over: whoever comes with an unconfirmed text of it brings it again.
    pub(super) fn ended(&self, session: SessionKey) {
        for text in self.lock().by_id.values_mut().filter(|text| text.session == session.number) {
            text.session = 0;
        }
    }

    /// The print of a PDU as it is stored (its sender taken out), with the keyed hash of that sender.
    pub(super) fn print(&self, reporter: Option<&[u8]>, pdu: &[u8]) -> Print {
        let frame = Frame::from_bytes(Bytes::copy_from_slice(pdu));
        let message = frame.as_ref().ok().and_then(message_of);
        match message {
            Some(message) => {
                let sar = [tag::SAR_MSG_REF_NUM, tag::SAR_TOTAL_SEGMENTS, tag::SAR_SEGMENT_SEQNUM]
                    .map(|tag| message.tlvs.number(tag));
                self.hasher.hash_one((
                    reporter,
                    message.destination.bytes.as_ref(),
                    message.data_coding,
                    message.user_data().as_ref(),
                    sar,
                ))
            }
            // The header holds the sequence number, which differs when it is sent again.
            None => self.hasher.hash_one((reporter, pdu.get(HEADER_LEN..))),
        }
    }

    /// The print of a stored row; `None` when it is no text or does not open.
    pub(super) fn print_of_row(&self, app: &App, row: &IntakeRow) -> Option<Print> {
        if Frame::from_bytes(Bytes::copy_from_slice(&row.body)).is_ok() {
            return Some(self.print(row.reporter_hash.as_deref(), &row.body));
        }
        let opened = app.keys.open_sealed(&row.body).ok()?;
        Some(self.print(None, &opened))
    }

    /// Notes a text that has just come.
    pub(super) fn arrived(&self, print: Print, session: SessionKey, now_us: i64) -> Arrival {
        let mut texts = self.lock();
        texts.forget_old(now_us.saturating_sub(self.valid_us));
        let earlier = texts.by_print.get(&print).and_then(|ids| {
            ids.iter().copied().find(|id| {
                let text = &texts.by_id[id];
                text.is_unclear
                    || text.session == 0
                    || (text.session != session.number && text.at_us <= session.bound_us)
            })
        });
        let came_before = earlier.is_some();
        if let Some(earlier) = earlier {
            texts.remove(earlier);
        }
        let id = texts.add(Unconfirmed {
            print,
            session: session.number,
            at_us: now_us,
            came_before,
            is_unclear: false,
        });
        texts.forget_beyond(self.limit);
        let may_be_known_elsewhere = self.is_shared
            && now_us.saturating_sub(session.bound_us) <= self.valid_us
            && texts.is_new_on(print, session.number, now_us, self.limit);
        Arrival { id, is_suspected: came_before || may_be_known_elsewhere }
    }

    /// Notes a text of an earlier run.
    pub(super) fn remember(&self, print: Print, at_us: i64) {
        let mut texts = self.lock();
        texts.add(Unconfirmed { print, session: 0, at_us, came_before: false, is_unclear: false });
        texts.forget_beyond(self.limit);
    }

    /// The answers to these texts arrived.
    pub(super) fn confirmed(&self, ids: impl IntoIterator<Item = TextId>) {
        let mut texts = self.lock();
        for id in ids {
            texts.remove(id);
        }
    }

    /// The text could not be made durable, so it is not ours; an equal one before it still is.
    pub(super) fn not_stored(&self, id: TextId) {
        let mut texts = self.lock();
        match texts.by_id.get_mut(&id) {
            Some(text) if text.came_before => text.session = 0,
            _ => texts.remove(id),
        }
    }

    /// The text was refused for now, but nobody knows whether it was made durable.
    pub(super) fn unclear(&self, id: TextId) {
        if let Some(text) = self.lock().by_id.get_mut(&id) {
            text.is_unclear = true;
        }
    }

    /// Whether nothing is unconfirmed now.
    pub(super) fn is_empty(&self, now_us: i64) -> bool {
        let mut texts = self.lock();
        texts.forget_old(now_us.saturating_sub(self.valid_us));
        texts.by_id.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Texts> {
        // A panic in between leaves at worst one suspicion too few or too many.
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Texts {
    fn add(&mut self, text: Unconfirmed) -> TextId {
        let id = self.next;
        self.next += 1;
        self.by_print.entry(text.print).or_default().push(id);
        self.by_id.insert(id, text);
        id
    }

    /// Whether nothing equal came on this session. One that was forgotten since counts as new: a suspicion too many.
    fn is_new_on(&mut self, print: Print, session: u64, now_us: i64, limit: usize) -> bool {
        if self.lately.len() >= limit {
            let mut times: Vec<i64> = self.lately.values().map(|(_, at_us)| *at_us).collect();
            let (_, middle, _) = times.select_nth_unstable(limit / 2);
            let middle = *middle;
            self.lately.retain(|_, (_, at_us)| *at_us > middle);
        }
        !matches!(self.lately.insert(print, (session, now_us)), Some((last, _)) if last == session)
    }

    fn remove(&mut self, id: TextId) {
        let Some(text) = self.by_id.remove(&id) else { return };
        if let Some(ids) = self.by_print.get_mut(&text.print) {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                self.by_print.remove(&text.print);
            }
        }
    }

    fn forget_old(&mut self, before_us: i64) {
        while let Some((id, text)) = self.by_id.first_key_value()
            && text.at_us < before_us
        {
            self.remove(*id);
        }
    }

    fn forget_beyond(&mut self, limit: usize) {
        while self.by_id.len() > limit
            && let Some((id, _)) = self.by_id.first_key_value()
        {
            self.remove(*id);
        }
    }
}

fn message_of(frame: &Frame) -> Option<ShortMessage> {
    let command = frame.header().command;
    if ![CommandId::DELIVER_SM, CommandId::SUBMIT_SM, CommandId::DATA_SM].contains(&command) {
        return None;
    }
    match decode(frame).ok()?.body {
        Body::DeliverSm(message) | Body::SubmitSm(message) => Some(message),
        Body::DataSm(message) => Some(message.into_short_message()),
        _ => None,
    }
}

#[cfg(test)]
#[path = "redelivery_simulation.rs"]
mod simulation;

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_US: i64 = 60_000_000;

    fn session(number: u64, bound_us: i64) -> SessionKey {
        SessionKey { number, bound_us }
    }

    #[test]
    fn a_text_is_suspected_on_a_later_session_only_and_only_once() {
        let redelivery = Redelivery::new(&GatewayLimits::default(), false);
        let first = redelivery.arrived(7, session(1, 0), 10);
        assert!(!first.is_suspected);
        assert!(!redelivery.arrived(7, session(1, 0), 11).is_suspected, "one session, two texts");
        assert!(!redelivery.arrived(7, session(2, 5), 12).is_suspected, "side by side");
        redelivery.confirmed([first.id]);
        assert!(redelivery.arrived(7, session(3, 20), 21).is_suspected);
        assert!(redelivery.arrived(7, session(3, 20), 22).is_suspected, "the other unconfirmed one");
        assert!(!redelivery.arrived(7, session(3, 20), 23).is_suspected, "no more of them");
        assert!(!redelivery.arrived(8, session(3, 20), 23).is_suspected);
    }

    #[test]
    fn a_confirmed_text_is_none_and_an_old_one_is_forgotten() {
        let redelivery = Redelivery::new(&GatewayLimits::default(), false);
        let one = redelivery.arrived(1, session(1, 0), 0);
        redelivery.arrived(2, session(1, 0), 0);
        redelivery.confirmed([one.id]);
        assert!(!redelivery.arrived(1, session(2, 1), 1).is_suspected);
        assert!(!redelivery.is_empty(30 * MINUTE_US));
        assert!(!redelivery.arrived(2, session(2, 1), 31 * MINUTE_US).is_suspected);
        redelivery.remember(3, 31 * MINUTE_US);
        assert!(redelivery.arrived(3, session(4, 32 * MINUTE_US), 33 * MINUTE_US).is_suspected);
        assert!(redelivery.is_empty(90 * MINUTE_US));
    }

    #[test]
    fn a_text_that_was_not_stored_leaves_the_earlier_one_suspect() {
        let redelivery = Redelivery::new(&GatewayLimits::default(), false);
        let lost = redelivery.arrived(1, session(1, 0), 1);
        redelivery.not_stored(lost.id);
        assert!(!redelivery.arrived(1, session(2, 2), 3).is_suspected, "it is not in the log");
        let again = redelivery.arrived(1, session(3, 4), 5);
        assert!(again.is_suspected);
        redelivery.not_stored(again.id);
        assert!(redelivery.arrived(1, session(4, 6), 7).is_suspected, "the one of session 2 is");
    }

    #[test]
    fn a_text_of_unclear_fate_is_suspected_when_it_comes_again_on_the_same_session() {
        let redelivery = Redelivery::new(&GatewayLimits::default(), false);
        let first = redelivery.arrived(1, session(1, 0), 1);
        redelivery.unclear(first.id);
        assert!(redelivery.arrived(1, session(1, 0), 2).is_suspected);
        assert!(!redelivery.arrived(1, session(1, 0), 3).is_suspected, "once");
    }

    #[test]
    fn where_others_take_texts_in_what_is_new_on_a_fresh_session_is_suspected() {
        let redelivery =
            Redelivery::new(&GatewayLimits { unconfirmed_texts: 4, ..GatewayLimits::default() }, true);
        let first = redelivery.arrived(1, session(1, 0), 1);
        assert!(first.is_suspected, "another process may have it");
        redelivery.confirmed([first.id]);
        assert!(!redelivery.arrived(1, session(1, 0), 2).is_suspected, "one session, two texts");
        assert!(!redelivery.arrived(2, session(1, 0), 31 * MINUTE_US).is_suspected, "the session is old");
        for print in 10..100 {
            assert!(redelivery.arrived(print, session(2, 0), 3).is_suspected);
        }
        assert!(redelivery.lock().lately.len() <= 5, "bounded");
    }

    #[test]
    fn a_session_that_stood_beside_a_broken_one_gets_its_texts_again() {
        let redelivery = Redelivery::new(&GatewayLimits::default(), false);
        let (first, beside) = (session(redelivery.next_session(), 0), session(redelivery.next_session(), 0));
        redelivery.arrived(7, first, 10);
        let equal = redelivery.arrived(7, beside, 11);
        assert!(!equal.is_suspected, "both stand");
        redelivery.confirmed([equal.id]);
        redelivery.ended(first);
        assert!(redelivery.arrived(7, beside, 12).is_suspected);
        assert!(!redelivery.arrived(7, beside, 13).is_suspected, "once");
    }

    #[test]
    fn only_the_newest_are_kept() {
        let limits = GatewayLimits { unconfirmed_texts: 2, ..GatewayLimits::default() };
        let redelivery = Redelivery::new(&limits, false);
        for print in 1..=3 {
            redelivery.arrived(print, session(1, 0), 1);
        }
        assert!(!redelivery.arrived(1, session(2, 2), 3).is_suspected);
        assert!(redelivery.arrived(3, session(3, 4), 5).is_suspected);
    }
}

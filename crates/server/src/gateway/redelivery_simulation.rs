//! Many seeds of an operator who sends again what it got no answer to: no second copy of a text goes unmarked, and
//! none is marked that never came before, whatever was stored late, refused, answered into nothing, or heard of.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::super::answers::Answers;
use super::super::limits::GatewayLimits;
use super::{Redelivery, SessionKey, TextId};

const SEEDS: u64 = 3_000;
const MS: i64 = 1_000;
/// One way through the network takes less than an answer takes to settle.
const LATENCY_MS: i64 = 40;
const SETTLES_MS: u64 = 100;
const ANSWER_OCTETS: u64 = 17;

/// What happens on a connection or beside it, later.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// A text comes to us.
    Arrives { text: u64 },
    /// Its fate is known; the session it came on.
    Stored { text: u64, id: TextId, session: u64, is_kept: bool },
    /// Our answer comes to the operator.
    Answered { text: u64, is_ok: bool },
    /// Something of the operator comes to us.
    Heard,
    /// We notice that a session is over.
    Ended { session: u64 },
}

struct World {
    redelivery: Redelivery,
    random: StdRng,
    now_us: i64,
    events: BTreeMap<(i64, u64), Event>,
    numbers: u64,
    session: SessionKey,
    answers: Answers,
    octets: u64,
    /// What the operator still has to deliver, and what is on its way.
    waiting: Vec<u64>,
    sent: Vec<u64>,
    /// Texts become durable in the order they came.
    stored_until_us: i64,
    /// What came, in order: which text, whether it was marked, and whether it was kept.
    came: Vec<(u64, bool, bool)>,
}

impl World {
    fn new(seed: u64) -> World {
        let redelivery = Redelivery::new(&GatewayLimits::default(), false);
        let session = SessionKey { number: redelivery.next_session(), bound_us: 0 };
        let mut random = StdRng::seed_from_u64(seed);
        let texts = random.random_range(1..20);
        World {
            redelivery,
            random,
            now_us: 0,
            events: BTreeMap::new(),
            numbers: 0,
            session,
            answers: Answers::new(Duration::from_millis(SETTLES_MS)),
            octets: 0,
            waiting: (0..texts).collect(),
            sent: Vec::new(),
            stored_until_us: 0,
            came: Vec::new(),
        }
    }

    fn later(&mut self, most_ms: i64, event: Event) {
        self.numbers += 1;
        let at = self.now_us + self.random.random_range(1..=most_ms * MS);
        self.events.insert((at, self.numbers), event);
    }

    fn since_start(&self) -> Duration {
        Duration::from_micros(self.now_us.unsigned_abs())
    }

    fn deliver(&mut self) {
        if let Some(text) = self.waiting.pop() {
            self.sent.push(text);
            self.later(LATENCY_MS, Event::Arrives { text });
        }
    }

    /// The connection breaks: what was on its way is gone, and the operator will send it again.
    fn break_off(&mut self) {
        self.events.retain(|_, event| matches!(event, Event::Stored { .. } | Event::Ended { .. }));
        let session = self.session.number;
        if self.random.random_bool(0.5) {
            self.redelivery.ended(self.session);
        } else {
            self.later(500, Event::Ended { session });
        }
        self.waiting.append(&mut self.sent);
        self.now_us += self.random.random_range(1..1_000) * MS;
        self.session = SessionKey { number: self.redelivery.next_session(), bound_us: self.now_us };
        self.answers = Answers::new(Duration::from_millis(SETTLES_MS));
        self.octets = 0;
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrives { text } => {
                let arrival = self.redelivery.arrived(text, self.session, self.now_us);
                let (session, is_kept) = (self.session.number, self.random.random_bool(0.9));
                self.came.push((text, arrival.is_suspected, is_kept));
                let slow_ms = if self.random.random_bool(0.1) { 3_000 } else { 20 };
                let takes = self.random.random_range(1..=slow_ms * MS);
                self.stored_until_us = self.stored_until_us.max(self.now_us + takes);
                self.numbers += 1;
                let stored = Event::Stored { text, id: arrival.id, session, is_kept };
                self.events.insert((self.stored_until_us, self.numbers), stored);
            }
            Event::Stored { text, id, session, is_kept } => {
                if !is_kept {
                    self.redelivery.not_stored(id);
                }
                if session == self.session.number {
                    if is_kept {
                        self.answers.given(id);
                    }
                    self.octets += ANSWER_OCTETS;
                    self.answers.queued(self.octets);
                    self.answers.written(self.octets, self.since_start());
                    self.later(LATENCY_MS, Event::Answered { text, is_ok: is_kept });
                }
            }
            Event::Answered { text, is_ok } => {
                self.sent.retain(|other| *other != text);
                if !is_ok {
                    self.waiting.push(text);
                }
            }
            Event::Heard => {
                let arrived = self.answers.heard(self.since_start());
                self.redelivery.confirmed(arrived);
            }
            Event::Ended { session } => self.redelivery.ended(SessionKey { number: session, bound_us: 0 }),
        }
    }
}

/// Gives how many copies were stored beyond the first.
fn run(seed: u64) -> usize {
    let mut world = World::new(seed);
    let mut breaks = world.random.random_range(0..6);
    while !(world.waiting.is_empty() && world.sent.is_empty()) {
        match world.random.random_range(0..10) {
            0..4 => world.deliver(),
            4 => world.later(LATENCY_MS, Event::Heard),
            5 if breaks > 0 => {
                breaks -= 1;
                world.break_off();
            }
            _ => {
                if let Some(((at, _), event)) = world.events.pop_first() {
                    world.now_us = world.now_us.max(at);
                    world.happen(event);
                }
            }
        }
    }
    let mut copies = 0;
    for (at, (text, is_marked, is_kept)) in world.came.iter().enumerate() {
        let mut earlier = world.came[..at].iter().filter(|(other, ..)| other == text).peekable();
        assert!(!is_marked || earlier.peek().is_some(), "text {text} never came before: {:?}", world.came);
        if *is_kept && earlier.any(|(.., was_kept)| *was_kept) {
            assert!(is_marked, "a copy of text {text} goes unmarked: {:?}", world.came);
            copies += 1;
        }
    }
    copies
}

#[test]
fn every_copy_is_marked_and_nothing_that_is_none() {
    if let Ok(seed) = std::env::var("REDELIVERY_SIM_SEED") {
        run(seed.parse().unwrap());
        return;
    }
    let mut copies = 0;
    for seed in 0..SEEDS {
        let outcome = std::panic::catch_unwind(|| run(seed));
        copies +=
            outcome.unwrap_or_else(|_| panic!("seed {seed} fails: REDELIVERY_SIM_SEED={seed} runs it alone"));
    }
    assert!(copies > 1_000, "only {copies} copies: it no longer simulates");
}

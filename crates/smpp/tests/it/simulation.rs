//! Two sessions over a link that delays, splits, stalls and breaks, on a virtual clock, with stores that are
//! slow and refuse. A failing seed is printed; `SMPP_SIM_SEED=<seed>` runs it alone.
//!
//! What must hold for every seed: each accepted message has exactly one outcome; an OK names what the other
//! side really answered OK; nothing arrives twice, altered or out of order; on a link that does not break
//! everything is answered and both sides end cleanly; no timer spins.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use bytes::{Bytes, BytesMut};
use canhgiac_smpp::pdu::{Address, Bind, BindKind, ShortMessage, Status};
use canhgiac_smpp::session::{CloseReason, Event, Limits, Outcome, RequestId, Session, SubmitError};

const SEEDS: u64 = 3_000;
const MAX_STEPS: u32 = 50_000;

/// SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(crate) fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    pub(crate) fn ms(&mut self, bound: u64) -> Duration {
        Duration::from_millis(self.below(bound))
    }
}

/// One direction of a TCP connection: in order, with delays, in pieces, with bounded room.
#[derive(Default)]
pub(crate) struct Wire {
    pub(crate) pieces: VecDeque<(Duration, Bytes)>,
    last: Duration,
}

impl Wire {
    const ROOM: usize = 4_096;

    pub(crate) fn has_room(&self) -> bool {
        self.pieces.iter().map(|(_, piece)| piece.len()).sum::<usize>() < Self::ROOM
    }

    pub(crate) fn carry(&mut self, now: Duration, mut octets: BytesMut, random: &mut Random) {
        while !octets.is_empty() {
            let size = (1 + random.below(300) as usize).min(octets.len());
            let delay = if random.one_in(50) { random.ms(3_000) } else { random.ms(20) };
            self.last = self.last.max(now + delay);
            self.pieces.push_back((self.last, octets.split_to(size).freeze()));
        }
    }
}

struct Side {
    name: &'static str,
    session: Session,
    inbox: Wire,
    /// Messages being stored: when done, what to answer, the text, and whether the store refuses.
    storing: Vec<(Duration, RequestId, Bytes, bool)>,
    next_send: Duration,
    to_send: u64,
    sent: u64,
    outcomes: BTreeMap<u64, Outcome>,
    received: Vec<Bytes>,
    answered_ok: Vec<Bytes>,
    closed: Option<CloseReason>,
    is_bound: bool,
}

impl Side {
    fn new(name: &'static str, session: Session, to_send: u64) -> Self {
        Self {
            name,
            session,
            inbox: Wire::default(),
            storing: Vec::new(),
            next_send: Duration::ZERO,
            to_send,
            sent: 0,
            outcomes: BTreeMap::new(),
            received: Vec::new(),
            answered_ok: Vec::new(),
            closed: None,
            is_bound: false,
        }
    }

    fn text(&self, token: u64) -> Bytes {
        Bytes::from(format!("{}-{token}", self.name))
    }

    /// The next moment something happens here by itself.
    fn next(&self, now: Duration) -> Option<Duration> {
        let arrival =
            if self.session.wants_input() { self.inbox.pieces.front().map(|(at, _)| *at) } else { None };
        let stored = self.storing.iter().map(|(at, ..)| *at).min();
        let sends = self.is_bound && self.sent < self.to_send && self.session.window_room() > 0;
        let send = sends.then_some(self.next_send);
        [arrival, stored, send, self.session.next_timeout()].into_iter().flatten().min().map(|at| at.max(now))
    }

    fn step(&mut self, now: Duration, random: &mut Random) {
        if self.session.next_timeout().is_some_and(|at| at <= now) {
            self.session.handle_timeout(now);
            assert!(self.session.next_timeout().is_none_or(|at| at > now), "{} spins", self.name);
        }
        if self.session.wants_input() && self.inbox.pieces.front().is_some_and(|(at, _)| *at <= now) {
            let (_, piece) = self.inbox.pieces.pop_front().unwrap();
            self.session.handle_input(now, &piece);
        }
        self.finish_storing(now);
        self.send(now, random);
        self.take_events(now, random);
    }

    fn finish_storing(&mut self, now: Duration) {
        let (done, waiting) = self.storing.drain(..).partition(|(at, ..)| *at <= now);
        self.storing = waiting;
        let done: Vec<(Duration, RequestId, Bytes, bool)> = done;
        for (_, id, text, refuses) in done {
            let (status, message_id) =
                if refuses { (Status::TEMPORARY_APP_ERROR, None) } else { (Status::OK, Some(&text[..])) };
            if self.session.respond(id, status, message_id).is_ok() && !refuses {
                self.answered_ok.push(text);
            }
        }
    }

    fn send(&mut self, now: Duration, random: &mut Random) {
        while self.is_bound && self.sent < self.to_send && self.next_send <= now {
            let message = ShortMessage {
                source: Address::short_code("156"),
                destination: Address::international("84900000001"),
                short_message: self.text(self.sent),
                ..ShortMessage::default()
            };
            match self.session.submit(now, &message, self.sent) {
                Ok(()) => self.sent += 1,
                Err(SubmitError::WindowFull) => break,
                Err(SubmitError::NotBound) => {
                    self.to_send = self.sent;
                    break;
                }
                Err(error) => panic!("{error}"),
            }
            self.next_send = now + random.ms(40);
        }
    }

    fn take_events(&mut self, now: Duration, random: &mut Random) {
        while let Some(event) = self.session.poll_event() {
            assert_eq!(self.closed, None, "{event:?} after the end");
            match event {
                Event::BindRequested { .. } => self.session.accept_bind(now, "server").unwrap(),
                Event::Bound { .. } => self.is_bound = true,
                Event::Message { id, message, .. } => {
                    let takes = if random.one_in(30) { random.ms(9_000) } else { random.ms(30) };
                    self.received.push(message.short_message.clone());
                    self.storing.push((now + takes, id, message.short_message, random.one_in(20)));
                }
                Event::Outcome { token, outcome } => {
                    assert!(self.outcomes.insert(token, outcome).is_none(), "two outcomes for {token}");
                }
                Event::LateAnswer { token, .. } => {
                    assert_eq!(self.outcomes[&token], Outcome::TimedOut)
                }
                Event::Closed(reason) => self.closed = Some(reason),
                other => panic!("{}: {other:?}", self.name),
            }
        }
    }

    fn write_to(&mut self, other: &mut Wire, now: Duration, random: &mut Random) {
        if other.has_room() || self.session.is_closed() {
            let mut out = BytesMut::new();
            if self.session.poll_output(&mut out) {
                other.carry(now, out, random);
            }
        }
    }
}

/// How often each thing happened, so that the simulation cannot quietly stop simulating.
#[derive(Debug, Default)]
struct Tally {
    ok: u32,
    refused: u32,
    timed_out: u32,
    lost: u32,
    broken: u32,
}

fn run(seed: u64, tally: &mut Tally) {
    let mut random = Random(seed);
    let limits = Limits {
        max_inbound: 1 + random.below(5) as usize,
        max_parked: random.below(4) as usize,
        full_grace: Duration::from_secs(2),
        window: 1 + random.below(12) as usize,
        max_output: 600,
        response_timeout: Duration::from_secs(if random.one_in(4) { 4 } else { 600 }),
        drain_timeout: Duration::from_secs(60),
        unbind_timeout: Duration::from_secs(200),
        ..Limits::default()
    };
    let start = random.ms(1_000_000);
    let mut client =
        Side::new("client", Session::client(start, limits).starting_at(0x7FFF_FFF0), random.below(40));
    let mut server = Side::new("server", Session::server(start, limits), random.below(40));
    client.session.bind(start, BindKind::Transceiver, Bind::new("sim", "pw")).unwrap();
    let breaks_at = random.one_in(3).then(|| start + random.ms(5_000));
    let unbinds_at = start + random.ms(20_000);
    let client_unbinds = random.one_in(2);
    let mut has_unbound = false;
    let mut now = start;
    for step in 0.. {
        assert!(step < MAX_STEPS, "it never ends: {:?} {:?}", client.session, server.session);
        client.step(now, &mut random);
        server.step(now, &mut random);
        client.write_to(&mut server.inbox, now, &mut random);
        server.write_to(&mut client.inbox, now, &mut random);
        if breaks_at.is_some_and(|at| at <= now) {
            client.session.handle_disconnect(now);
            server.session.handle_disconnect(now);
        }
        if !has_unbound && now >= unbinds_at && client.is_bound && server.is_bound {
            let side = if client_unbinds { &mut client } else { &mut server };
            side.session.unbind(now);
            has_unbound = true;
            continue;
        }
        client.take_events(now, &mut random);
        server.take_events(now, &mut random);
        let both_closed = client.closed.is_some() && server.closed.is_some();
        if both_closed {
            break;
        }
        let unbind = (!has_unbound).then_some(unbinds_at);
        let next = [
            client.next(now),
            server.next(now),
            breaks_at.filter(|at| *at > now),
            unbind.filter(|at| *at > now),
        ];
        let Some(next) = next.into_iter().flatten().min() else { panic!("nothing will happen any more") };
        now = next;
    }
    check(&client, &server);
    check(&server, &client);
    for outcome in client.outcomes.values().chain(server.outcomes.values()) {
        match outcome {
            Outcome::Answered { status: Status::OK, .. } => tally.ok += 1,
            Outcome::Answered { .. } => tally.refused += 1,
            Outcome::TimedOut => tally.timed_out += 1,
            Outcome::Lost => tally.lost += 1,
        }
    }
    tally.broken += u32::from(client.closed == Some(CloseReason::ConnectionLost));
    if breaks_at.is_none() {
        let reasons = (client.closed, server.closed);
        let expected = (Some(CloseReason::Unbound), Some(CloseReason::PeerUnbound));
        assert!(reasons == expected || reasons == (expected.1, expected.0), "{reasons:?}");
        // The side that asked to unbind waited for all its answers, unless patience ended.
        let asker = if client_unbinds { &client } else { &server };
        assert!(asker.outcomes.values().all(|outcome| *outcome != Outcome::Lost), "{:?}", asker.outcomes);
    }
}

fn check(sender: &Side, receiver: &Side) {
    let tokens: Vec<u64> = sender.outcomes.keys().copied().collect();
    assert_eq!(tokens, (0..sender.sent).collect::<Vec<_>>(), "one outcome for each message sent");
    let mut next = 0;
    for text in &receiver.received {
        let number: u64 =
            std::str::from_utf8(text).unwrap().strip_prefix(sender.name).unwrap()[1..].parse().unwrap();
        assert!(number >= next, "{} came twice or out of order", number);
        next = number + 1;
    }
    for (token, outcome) in &sender.outcomes {
        if let Outcome::Answered { status: Status::OK, message_id } = outcome {
            let text = sender.text(*token);
            assert_eq!(message_id.as_ref(), Some(&text), "the answer is for another message");
            assert!(receiver.answered_ok.contains(&text), "OK for what was not answered OK");
        }
    }
}

#[test]
fn sessions_keep_their_promises_over_a_bad_link() {
    let mut tally = Tally::default();
    if let Ok(seed) = std::env::var("SMPP_SIM_SEED") {
        return run(seed.parse().unwrap(), &mut tally);
    }
    for seed in 0..SEEDS {
        let outcome = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| run(seed, &mut tally)));
        assert!(outcome.is_ok(), "seed {seed} fails: SMPP_SIM_SEED={seed} runs it alone");
    }
    let happened = [tally.ok, tally.refused, tally.timed_out, tally.lost, tally.broken];
    assert!(happened.iter().all(|count| *count > 100), "{tally:?}");
}

//! An SMSC and an ESME over many connections of a link that delays, splits and breaks, losing what was on its way:
//! the SMSC sends again what it got no answer to, under another number; the ESME stores what comes, slowly, and
//! answers when it is stored; it sends replies of its own, which nobody may get twice.
//! A failing seed is printed; `SMPP_REDELIVERY_SEED=<seed>` runs it alone.
//!
//! What must hold for every seed: every text is told OK in the end, and for each OK that was given there is a row
//! of its own; a text has a second row only when the first was not known to be taken; every message sent has
//! exactly one outcome; a reply is taken at most once; what a session holds is bounded; no timer spins.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::{Bytes, BytesMut};
use canhgiac_smpp::pdu::{Address, Bind, BindKind, ShortMessage, Status};
use canhgiac_smpp::session::{Event, Limits, Outcome, RequestId, Session, SubmitError};
use canhgiac_smpp::throttle::{Verdict, classify};

use crate::simulation::{Random, Wire};

const SEEDS: u64 = 10_000;
const MAX_STEPS: u32 = 200_000;
/// Octets a session may hold under the limits here: its output, a half-read PDU, and what waits for room.
const MOST_HELD: usize = 16 * 1024;

fn text(about: &str, number: u64) -> ShortMessage {
    ShortMessage {
        source: Address::international("84900000001"),
        destination: Address::short_code("156"),
        short_message: Bytes::from(format!("{about} {number}")),
        ..ShortMessage::default()
    }
}

fn number_in(octets: &[u8]) -> u64 {
    std::str::from_utf8(octets).unwrap().rsplit(' ').next().unwrap().parse().unwrap()
}

/// One delivery of a text: which connection, which request of it.
type Delivery = (u32, RequestId, u64);

/// A message that is to be sent until it is known what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    /// To be sent from this moment on.
    Waiting(Duration),
    /// On its way.
    Sent,
    Taken,
    /// Nobody knows, and it is not sent again.
    Uncertain,
    Refused,
}

/// One end of the link, over all connections.
struct End {
    session: Option<Session>,
    inbox: Wire,
    /// The inbox ends after its last piece.
    is_cut: bool,
    tasks: Vec<Task>,
    /// What is sent again when nobody knows: texts are, replies are not.
    repeats: bool,
    storing: Vec<(Duration, u32, RequestId, u64, Status)>,
    /// Deliveries made durable, and those answered OK.
    rows: Vec<Delivery>,
    told_ok: Vec<Delivery>,
    /// Submissions without an outcome, by token.
    open: BTreeSet<u64>,
    tokens: u64,
    task_of: BTreeMap<u64, usize>,
    pause_until: Duration,
    is_bound: bool,
}

impl End {
    fn new(tasks: u64, repeats: bool) -> End {
        End {
            session: None,
            inbox: Wire::default(),
            is_cut: false,
            tasks: vec![Task::Waiting(Duration::ZERO); tasks as usize],
            repeats,
            storing: Vec::new(),
            rows: Vec::new(),
            told_ok: Vec::new(),
            open: BTreeSet::new(),
            tokens: 0,
            task_of: BTreeMap::new(),
            pause_until: Duration::ZERO,
            is_bound: false,
        }
    }

    fn is_done(&self) -> bool {
        self.tasks.iter().all(|task| !matches!(task, Task::Waiting(_) | Task::Sent))
            && self.storing.is_empty()
    }

    fn due(&self, now: Duration) -> Option<usize> {
        self.tasks.iter().position(|task| matches!(task, Task::Waiting(at) if *at <= now))
    }

    /// The next moment something happens here by itself.
    fn next(&self, now: Duration) -> Option<Duration> {
        let session = self.session.as_ref()?;
        let arrival = match self.inbox.pieces.front() {
            Some((at, _)) if session.wants_input() => Some(*at),
            None if self.is_cut => Some(now),
            _ => None,
        };
        let stored = self.storing.iter().map(|(at, ..)| *at).min();
        let waiting = self.tasks.iter().filter_map(|task| match task {
            Task::Waiting(at) => Some((*at).max(self.pause_until)),
            _ => None,
        });
        let send = waiting.min().filter(|_| self.is_bound && session.window_room() > 0);
        [arrival, stored, send, session.next_timeout()].into_iter().flatten().min().map(|at| at.max(now))
    }

    fn step(&mut self, now: Duration, connection: u32, random: &mut Random) {
        let Some(mut session) = self.session.take() else {
            return self.store(now, connection, None);
        };
        if session.next_timeout().is_some_and(|at| at <= now) {
            session.handle_timeout(now);
            assert!(session.next_timeout().is_none_or(|at| at > now), "a timer spins");
        }
        if session.wants_input() && self.inbox.pieces.front().is_some_and(|(at, _)| *at <= now) {
            let (_, piece) = self.inbox.pieces.pop_front().unwrap();
            session.handle_input(now, &piece);
        } else if self.is_cut && self.inbox.pieces.is_empty() {
            session.handle_disconnect(now);
        }
        self.store(now, connection, Some(&mut session));
        self.send(now, &mut session, random);
        self.take_events(now, connection, &mut session, random);
        assert!(session.held() <= MOST_HELD, "it holds {} octets", session.held());
        if session.is_closed() {
            self.is_bound = false;
            assert!(self.open.is_empty(), "no outcome for {:?}", self.open);
        } else {
            self.session = Some(session);
        }
    }

    /// What was being stored is stored, whether or not anybody can still be told.
    fn store(&mut self, now: Duration, connection: u32, mut session: Option<&mut Session>) {
        let (done, waiting): (Vec<_>, Vec<_>) = self.storing.drain(..).partition(|(at, ..)| *at <= now);
        self.storing = waiting;
        for (_, on, request, number, status) in done {
            if status.is_ok() {
                self.rows.push((on, request, number));
            }
            let told = match &mut session {
                Some(session) if on == connection => session.respond(request, status, None).is_ok(),
                _ => false,
            };
            if told && status.is_ok() {
                self.told_ok.push((on, request, number));
            }
        }
    }

    fn send(&mut self, now: Duration, session: &mut Session, random: &mut Random) {
        while self.is_bound && self.pause_until <= now {
            let Some(task) = self.due(now) else { return };
            self.tokens += 1;
            let about = if self.repeats { "text" } else { "reply" };
            match session.submit(now, &text(about, task as u64), self.tokens) {
                Ok(()) => {
                    self.tasks[task] = Task::Sent;
                    self.task_of.insert(self.tokens, task);
                    assert!(self.open.insert(self.tokens));
                }
                Err(SubmitError::WindowFull | SubmitError::NotBound) => return,
                Err(error) => panic!("{error}"),
            }
            if random.one_in(3) {
                self.pause_until = now + random.ms(40);
            }
        }
    }

    fn take_events(&mut self, now: Duration, connection: u32, session: &mut Session, random: &mut Random) {
        while let Some(event) = session.poll_event() {
            match event {
                Event::BindRequested { .. } => session.accept_bind(now, "smsc").unwrap(),
                Event::Bound { .. } => self.is_bound = true,
                Event::Message { id, message, .. } => {
                    let takes = if random.one_in(20) { random.ms(6_000) } else { random.ms(30) };
                    let status = match random.below(24) {
                        0 if self.repeats => Status::THROTTLED,
                        1 if self.repeats => Status(0x400),
                        0 | 1 => Status::TEMPORARY_APP_ERROR,
                        _ => Status::OK,
                    };
                    self.storing.push((
                        now + takes,
                        connection,
                        id,
                        number_in(&message.short_message),
                        status,
                    ));
                }
                Event::Outcome { token, outcome } => self.outcome(now, token, &outcome, random),
                Event::LateAnswer { token, status, .. } => {
                    // It may have been sent again meanwhile; then it is taken twice, as SMPP cannot prevent.
                    let task = self.task_of[&token];
                    if status.is_ok() && !self.repeats {
                        assert_eq!(self.tasks[task], Task::Uncertain);
                        self.tasks[task] = Task::Taken;
                    }
                }
                Event::Closed(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    fn outcome(&mut self, now: Duration, token: u64, outcome: &Outcome, random: &mut Random) {
        assert!(self.open.remove(&token), "two outcomes for {token}");
        let task = &mut self.tasks[self.task_of[&token]];
        assert_eq!(*task, Task::Sent);
        *task = match outcome {
            Outcome::Answered { status, .. } => match classify(*status) {
                Verdict::Accepted => Task::Taken,
                Verdict::PauseLink => {
                    self.pause_until = now + Duration::from_millis(200);
                    Task::Waiting(self.pause_until)
                }
                Verdict::BackOff | Verdict::Rebind => Task::Waiting(now + random.ms(500)),
                Verdict::Permanent => Task::Refused,
            },
            Outcome::TimedOut | Outcome::Lost if self.repeats => Task::Waiting(now),
            Outcome::TimedOut | Outcome::Lost => Task::Uncertain,
        };
    }

    fn write_to(&mut self, other: &mut Wire, other_is_cut: bool, now: Duration, random: &mut Random) {
        let Some(session) = &mut self.session else { return };
        let mut out = BytesMut::new();
        if other.has_room() && session.poll_output(&mut out) && !other_is_cut {
            other.carry(now, out, random);
        }
    }

    /// The connection breaks: a part of what was on its way still arrives, then the end.
    fn cut(&mut self, random: &mut Random) {
        let keeps = random.below(self.inbox.pieces.len() as u64 + 1) as usize;
        self.inbox.pieces.truncate(keeps);
        self.is_cut = true;
    }

    fn connect(&mut self, session: Session) {
        self.session = Some(session);
        self.inbox = Wire::default();
        self.is_cut = false;
    }
}

/// How often each thing happened, so that the simulation cannot quietly stop simulating.
#[derive(Debug, Default)]
struct Tally {
    connections: u64,
    twice: u64,
    uncertain: u64,
    throttled_or_refused: u64,
}

fn run(seed: u64, tally: &mut Tally) {
    let mut random = Random(seed);
    let limits = Limits {
        max_inbound: 1 + random.below(6) as usize,
        max_parked: random.below(4) as usize,
        window: 1 + random.below(12) as usize,
        max_output: 600,
        response_timeout: Duration::from_secs(if random.one_in(4) { 3 } else { 600 }),
        ..Limits::default()
    };
    let mut smsc = End::new(random.below(30), true);
    let mut esme = End::new(random.below(20), false);
    let mut breaks = VecDeque::new();
    let mut now = random.ms(1_000_000);
    let mut at = now;
    for _ in 0..random.below(6) {
        at += random.ms(3_000);
        breaks.push_back(at);
    }
    let mut connection = 0;
    for step in 0.. {
        assert!(step < MAX_STEPS, "it never ends: {:?} {:?}", smsc.tasks, esme.tasks);
        if smsc.session.is_none() && esme.session.is_none() {
            if smsc.is_done() && esme.is_done() {
                break;
            }
            // Whatever was being stored is stored while nobody is connected, sometimes only later.
            connection += 1;
            now += random.ms(2_000);
            let mut client = Session::client(now, limits);
            client.bind(now, BindKind::Transceiver, Bind::new("sim", "pw")).unwrap();
            esme.connect(client);
            smsc.connect(Session::server(now, limits).starting_at(0x7FFF_FFFA));
        }
        smsc.step(now, connection, &mut random);
        esme.step(now, connection, &mut random);
        smsc.write_to(&mut esme.inbox, esme.is_cut, now, &mut random);
        esme.write_to(&mut smsc.inbox, smsc.is_cut, now, &mut random);
        let is_over = smsc.is_done() && esme.is_done();
        if breaks.front().is_some_and(|at| *at <= now) || is_over {
            breaks.pop_front();
            smsc.cut(&mut random);
            esme.cut(&mut random);
            continue;
        }
        if smsc.session.is_none() != esme.session.is_none() {
            // One side has seen the end; the other will.
            smsc.is_cut = true;
            esme.is_cut = true;
        }
        let next = [smsc.next(now), esme.next(now), breaks.front().copied()];
        now = next.into_iter().flatten().min().unwrap_or(now).max(now);
    }
    check(&smsc, &esme);
    tally.connections += u64::from(connection);
    tally.twice += esme.rows.len() as u64 - smsc.tasks.len() as u64;
    tally.uncertain += esme.tasks.iter().filter(|task| **task == Task::Uncertain).count() as u64;
    tally.throttled_or_refused += esme.tokens - esme.tasks.len() as u64;
}

fn check(smsc: &End, esme: &End) {
    assert!(smsc.tasks.iter().all(|task| *task == Task::Taken), "every text is told OK: {:?}", smsc.tasks);
    let rows: BTreeSet<_> = esme.rows.iter().map(|(on, request, _)| (*on, *request)).collect();
    assert_eq!(rows.len(), esme.rows.len(), "one row for one delivery");
    let told: BTreeSet<_> = esme.told_ok.iter().map(|(on, request, _)| (*on, *request)).collect();
    assert_eq!(told.len(), esme.told_ok.len(), "one OK for one delivery");
    assert!(told.is_subset(&rows), "OK is told of what is durable only");
    for number in 0..smsc.tasks.len() as u64 {
        assert!(esme.rows.iter().any(|(.., of)| *of == number), "text {number} is lost");
    }
    for (number, task) in esme.tasks.iter().enumerate() {
        let taken = smsc.rows.iter().filter(|(.., of)| *of == number as u64).count();
        match task {
            Task::Taken => assert_eq!(taken, 1, "reply {number}"),
            Task::Uncertain => assert!(taken <= 1, "reply {number} was taken {taken} times"),
            Task::Refused => assert_eq!(taken, 0, "reply {number}"),
            Task::Waiting(_) | Task::Sent => panic!("reply {number} has no end"),
        }
    }
}

#[test]
fn nothing_told_ok_is_lost_and_no_reply_is_taken_twice_over_any_breaks() {
    let mut tally = Tally::default();
    if let Ok(seed) = std::env::var("SMPP_REDELIVERY_SEED") {
        return run(seed.parse().unwrap(), &mut tally);
    }
    for seed in 0..SEEDS {
        let outcome = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| run(seed, &mut tally)));
        assert!(outcome.is_ok(), "seed {seed} fails: SMPP_REDELIVERY_SEED={seed} runs it alone");
    }
    let happened = [tally.connections - SEEDS, tally.twice, tally.uncertain, tally.throttled_or_refused];
    assert!(happened.iter().all(|count| *count > 100), "{tally:?}");
}

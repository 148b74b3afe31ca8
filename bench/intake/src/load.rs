//! The operator's side: accepts binds, keeps a window of texts on the way on each, and counts answers.
//!
//! One thread a bind, one write and one read for as many texts as are free: what it costs itself shows at the
//! receiver that stores nothing.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use canhgiac_smpp::pdu::CommandId;

use crate::histogram::Histogram;
use crate::texts::Texts;
use crate::wire::{Wire, answer};

/// How long a receiver may take to connect and bind.
const BIND_WITHIN: Duration = Duration::from_secs(30);
/// How long an answer may take before the receiver counts as broken.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// Sequence numbers whose times are remembered; far more than any window.
const REMEMBERED: usize = 1 << 16;
/// Numbers of texts one bind may use.
const NUMBERS_PER_BIND: u64 = 20_000_000;

/// What to send.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) binds: usize,
    /// Texts unanswered on each bind.
    pub(crate) window: u32,
    /// The number of the first text.
    pub(crate) first: u64,
    /// Answers in this first time are not counted.
    pub(crate) warm_up: Duration,
    /// Answers in this time are.
    pub(crate) measured: Duration,
}

/// What came back.
#[derive(Debug, Default)]
pub(crate) struct Load {
    /// Texts answered OK in the measured time.
    pub(crate) answered: u64,
    /// Texts answered OK in all.
    pub(crate) answered_ever: u64,
    /// Texts refused in all.
    pub(crate) refused: u64,
    /// From the write of a text to the read of its answer, in the measured time.
    pub(crate) latency: Histogram,
}

/// Accepts the plan's binds, sends for its time and waits for the last answers.
pub(crate) fn run(listener: &TcpListener, texts: &Arc<Texts>, plan: Plan) -> anyhow::Result<Load> {
    let wires = accept(listener, plan.binds)?;
    let begin = Instant::now() + plan.warm_up;
    let mut binds = Vec::new();
    for (wire, first) in wires.into_iter().zip((plan.first..).step_by(NUMBERS_PER_BIND as usize)) {
        let texts = Arc::clone(texts);
        binds.push(thread::spawn(move || Drive::new(wire, plan, begin).run(&texts, first)));
    }
    let mut sum = Load::default();
    for bind in binds {
        let load = bind.join().map_err(|_| anyhow::anyhow!("a bind of the load panicked"))??;
        sum.answered += load.answered;
        sum.answered_ever += load.answered_ever;
        sum.refused += load.refused;
        sum.latency.merge(&load.latency);
    }
    Ok(sum)
}

fn accept(listener: &TcpListener, binds: usize) -> anyhow::Result<Vec<Wire>> {
    listener.set_nonblocking(true)?;
    let until = Instant::now() + BIND_WITHIN;
    let mut wires = Vec::new();
    while wires.len() < binds {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false)?;
                stream.set_read_timeout(Some(ANSWER_WITHIN))?;
                let mut wire = Wire::new(stream)?;
                wire.accept_bind()?;
                wires.push(wire);
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                anyhow::ensure!(
                    Instant::now() < until,
                    "{} of {binds} binds came within {BIND_WITHIN:?}",
                    wires.len()
                );
                thread::sleep(Duration::from_millis(2));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(wires)
}

/// One bind at work.
struct Drive {
    wire: Wire,
    plan: Plan,
    begin: Instant,
    sequence: u32,
    on_the_way: u32,
    sent_at: Vec<Instant>,
    out: Vec<u8>,
    load: Load,
}

impl Drive {
    fn new(wire: Wire, plan: Plan, begin: Instant) -> Drive {
        let sent_at = vec![begin; REMEMBERED];
        Drive {
            wire,
            plan,
            begin,
            sequence: 0,
            on_the_way: 0,
            sent_at,
            out: Vec::new(),
            load: Load::default(),
        }
    }

    fn run(mut self, texts: &Texts, first: u64) -> anyhow::Result<Load> {
        let end = self.begin + self.plan.measured;
        loop {
            let now = Instant::now();
            if now < end {
                self.fill(texts, first, now);
            } else if self.on_the_way == 0 {
                return Ok(self.load);
            }
            if !self.out.is_empty() {
                self.wire.write(&self.out)?;
                self.out.clear();
            }
            let is_open = self.wire.read().context("no answer in time")?;
            anyhow::ensure!(is_open, "the receiver closed the connection");
            self.take(Instant::now(), end)?;
        }
    }

    fn fill(&mut self, texts: &Texts, first: u64, now: Instant) {
        while self.on_the_way < self.plan.window {
            self.sequence += 1;
            self.sent_at[self.sequence as usize % REMEMBERED] = now;
            texts.append(first + u64::from(self.sequence), self.sequence, &mut self.out);
            self.on_the_way += 1;
        }
    }

    fn take(&mut self, now: Instant, end: Instant) -> anyhow::Result<()> {
        while let Some((head, _)) = self.wire.frame() {
            match CommandId(head.command) {
                CommandId::DELIVER_SM_RESP => {
                    anyhow::ensure!(self.on_the_way > 0, "an answer to nothing");
                    self.on_the_way -= 1;
                    if head.status != 0 {
                        self.load.refused += 1;
                        continue;
                    }
                    self.load.answered_ever += 1;
                    if now >= self.begin && now < end {
                        self.load.answered += 1;
                        let sent_at = self.sent_at[head.sequence as usize % REMEMBERED];
                        self.load.latency.add(now - sent_at);
                    }
                }
                CommandId::ENQUIRE_LINK => answer(&mut self.out, head),
                other => anyhow::bail!("the receiver sent {other}"),
            }
        }
        Ok(())
    }
}

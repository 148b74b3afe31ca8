//! A bounded load for tests: several binds, a window each, numbered texts, and a record of what was answered OK.
//!
//! After a broken connection it connects (or is connected to) again and re-sends what was not answered, as an
//! operator does: a text may then have reached the product twice, and [`AckedText::sendings`] says how often it was
//! sent. Refusals for now (0x64, 0x58, 0x14) are sent again after a pause.

mod feed;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use canhgiac_smpp::pdu::{Address, BindKind, ShortMessage, npi, ton};
use canhgiac_smpp::session::{CloseReason, Event, Limits, Outcome, Session, SubmitError};
use canhgiac_smpp::throttle::{Backoff, Verdict, classify};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex as AsyncMutex;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::operator::{bind, line::Line};
use feed::Feed;

/// Binds at most.
pub const BINDS_MAX: usize = 64;
/// Texts at most.
pub const TEXTS_MAX: u64 = 5_000_000;
/// The pauses between connections and after refusals: short, a test waits for them.
const AGAIN: Backoff = Backoff { base: Duration::from_millis(20), cap: Duration::from_millis(500) };

/// Where the product is.
#[derive(Debug)]
pub enum Peer {
    /// The product listens here, and we bind to it.
    Connect(SocketAddr),
    /// The product connects here and binds to us; it makes as many binds as it is configured for.
    Listen(TcpListener),
}

/// What to send.
#[derive(Debug, Clone)]
pub struct LoadPlan {
    /// Connections at once, at most [`BINDS_MAX`].
    pub binds: usize,
    /// Texts on the way for each of them.
    pub window: usize,
    /// How many texts, at most [`TEXTS_MAX`].
    pub texts: u64,
    /// The number of the first; further runs against the same product go on where the last ended.
    pub first: u64,
    /// Name for binding; with several binds each uses the same.
    pub system_id: String,
    /// Password for binding.
    pub password: String,
    /// The short code written to.
    pub to: String,
}

/// A text that was answered OK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AckedText {
    /// Its number.
    pub number: u64,
    /// Its words: unique in a run.
    pub text: String,
    /// Who sent it, `84…`.
    pub from: String,
    /// How often it was sent until it was answered OK; more than once means that it may be there more than once.
    pub sendings: u32,
    /// When the answer came, since the run began.
    pub at: Duration,
}

/// The words of the text with this number: a report that is understood, with its number in it.
#[must_use]
pub fn words(number: u64) -> String {
    format!("LD 096999{:04} tai trong so {number:08} mao danh Cong an", 1_000 + number % 8_999)
}

/// The sender of the text with this number.
#[must_use]
pub fn sender(number: u64) -> String {
    format!("8496000{:04}", number % 10_000)
}

/// Sends the plan's texts until each was answered OK, or `stop`. What was answered comes back in the order of the
/// answers, also when it was stopped.
///
/// # Errors
/// The plan is beyond its bounds, or the product refused a text for good.
pub async fn run(peer: Peer, plan: LoadPlan, stop: CancellationToken) -> anyhow::Result<Vec<AckedText>> {
    anyhow::ensure!((1..=BINDS_MAX).contains(&plan.binds), "between 1 and {BINDS_MAX} binds");
    anyhow::ensure!(plan.texts <= TEXTS_MAX, "at most {TEXTS_MAX} texts");
    let feed = Arc::new(Feed::new(plan.first, plan.texts));
    let door = Arc::new(Door::new(peer));
    let plan = Arc::new(plan);
    let mut binds = JoinSet::new();
    for number in 0..plan.binds {
        let (feed, door, plan, stop) = (feed.clone(), door.clone(), plan.clone(), stop.clone());
        binds.spawn(async move { one_bind(number as u64, &feed, &door, &plan, &stop).await });
    }
    while let Some(ended) = binds.join_next().await {
        ended.context("a bind of the load panicked")??;
    }
    Ok(feed.take_acked())
}

/// How connections come about.
enum Door {
    Connect(SocketAddr),
    Listen(AsyncMutex<TcpListener>),
}

impl Door {
    fn new(peer: Peer) -> Self {
        match peer {
            Peer::Connect(address) => Door::Connect(address),
            Peer::Listen(listener) => Door::Listen(AsyncMutex::new(listener)),
        }
    }

    async fn bound(&self, plan: &LoadPlan, stop: &CancellationToken) -> anyhow::Result<Line> {
        let limits = Limits { window: plan.window, ..Limits::default() };
        match self {
            Door::Connect(address) => {
                let stream = TcpStream::connect(address).await?;
                let mut line = Line::new(stream, |now| Session::client(now, limits))?;
                bind(&mut line, BindKind::Transceiver, &plan.system_id, &plan.password, stop).await?;
                Ok(line)
            }
            Door::Listen(listener) => {
                let (stream, _) = listener.lock().await.accept().await?;
                let mut line = Line::new(stream, |now| Session::server(now, limits))?;
                accept_bind(&mut line, plan).await?;
                Ok(line)
            }
        }
    }
}

async fn accept_bind(line: &mut Line, plan: &LoadPlan) -> anyhow::Result<()> {
    loop {
        while let Some(event) = line.event() {
            match event {
                Event::BindRequested { .. } => {
                    let now = line.now();
                    line.session.accept_bind(now, &plan.system_id)?;
                }
                Event::Bound { .. } => return Ok(()),
                Event::Closed(reason) => anyhow::bail!("not bound: {reason}"),
                other => tracing::debug!(event = ?other, "nothing to do before the bind"),
            }
        }
        line.advance().await;
    }
}

async fn one_bind(
    number: u64,
    feed: &Feed,
    door: &Door,
    plan: &LoadPlan,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let mut failures = 0;
    loop {
        // Before the question, so that no end is missed between the two.
        let done = feed.progress.notified();
        if feed.is_done() || stop.is_cancelled() {
            return Ok(());
        }
        let bound = tokio::select! {
            bound = door.bound(plan, stop) => bound,
            // Another bind may finish everything while this one waits for the product to come back.
            () = done => continue,
            () = stop.cancelled() => return Ok(()),
        };
        match bound {
            Ok(mut line) => {
                failures = 0;
                let ended = exchange(&mut line, feed, plan, stop).await;
                line.close().await;
                let reason = ended?;
                tracing::debug!(bind = number, %reason, "a bind of the load has ended");
            }
            Err(error) => {
                failures += 1;
                tracing::debug!(bind = number, %error, "a bind of the load does not stand");
            }
        }
        if feed.is_done() {
            return Ok(());
        }
        tokio::select! {
            () = tokio::time::sleep(AGAIN.pause(failures.max(1), number)) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// One bound connection; an error is a text refused for good.
async fn exchange(
    line: &mut Line,
    feed: &Feed,
    plan: &LoadPlan,
    stop: &CancellationToken,
) -> anyhow::Result<CloseReason> {
    let mut on_the_way: Vec<u64> = Vec::new();
    let mut rest_until: Option<Instant> = None;
    let mut refusals = 0;
    let mut is_stopping = false;
    loop {
        let progress = feed.progress.notified();
        while let Some(event) = line.event() {
            match event {
                Event::Outcome { token, outcome } => {
                    on_the_way.retain(|number| *number != token);
                    let Outcome::Answered { status, .. } = outcome else {
                        feed.again(token);
                        continue;
                    };
                    match classify(status) {
                        Verdict::Accepted => {
                            refusals = 0;
                            feed.acknowledge(token);
                        }
                        Verdict::Permanent => anyhow::bail!("text {token} was refused for good: {status}"),
                        Verdict::BackOff | Verdict::PauseLink | Verdict::Rebind => {
                            refusals += 1;
                            rest_until = Some(Instant::now() + AGAIN.pause(refusals, token));
                            feed.again(token);
                        }
                    }
                }
                // Replies of the product: taken, not looked at.
                Event::Message { id, .. } | Event::UndecodableDeliver { id, .. } => {
                    let answered = line.session.respond(id, canhgiac_smpp::pdu::Status::OK, Some(b"1"));
                    if let Err(error) = answered {
                        tracing::debug!(%error, "a reply was not answered");
                    }
                }
                Event::Closed(reason) => {
                    on_the_way.drain(..).for_each(|number| feed.again(number));
                    return Ok(reason);
                }
                other => tracing::debug!(event = ?other, "nothing to do"),
            }
        }
        if !is_stopping && feed.is_done() {
            is_stopping = true;
            let now = line.now();
            line.session.unbind(now);
        }
        let is_resting = rest_until.is_some_and(|until| until > Instant::now());
        if !is_resting {
            rest_until = None;
            fill(line, feed, &plan.to, &mut on_the_way)?;
        }
        tokio::select! {
            () = line.advance() => {}
            // Something came back from another bind, or everything is done.
            () = progress => {}
            () = tokio::time::sleep_until(rest_until.unwrap_or_else(Instant::now)), if is_resting => {}
            () = stop.cancelled(), if !is_stopping => {
                is_stopping = true;
                let now = line.now();
                line.session.unbind(now);
            }
        }
    }
}

fn fill(line: &mut Line, feed: &Feed, to: &str, on_the_way: &mut Vec<u64>) -> anyhow::Result<()> {
    while line.session.window_room() > 0 {
        let Some(number) = feed.take() else {
            return Ok(());
        };
        match line.submit(&message(number, to), number) {
            Ok(()) => on_the_way.push(number),
            Err(SubmitError::WindowFull | SubmitError::NotBound) => {
                feed.put_back(number);
                return Ok(());
            }
            Err(SubmitError::Encode(error)) => return Err(error.into()),
        }
    }
    Ok(())
}

fn message(number: u64, to: &str) -> ShortMessage {
    ShortMessage {
        source: Address::international(&sender(number)),
        destination: Address::new(ton::NETWORK_SPECIFIC, npi::UNKNOWN, to.as_bytes().to_vec()),
        short_message: words(number).into_bytes().into(),
        ..ShortMessage::default()
    }
}

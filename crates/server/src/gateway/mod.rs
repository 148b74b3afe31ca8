//! SMPP links: the only place that knows both what a PDU is and what an intake row is.
//!
//! One task a client link, one a listening address, one a session, and one a link that sends:
//!
//! ```text
//!   client / server ── a connection ──▶ session_io ── bound ──▶ inbound ──▶ intake queue, receipts
//!                                           ▲ membership
//!   outbox ── claim ──▶ outbound (a link's sender) ── what became of it ──▶ outbox
//! ```
//!
//! The protocol is [`canhgiac_smpp`]'s, storing is the store's, and what a text means is decided elsewhere.

mod answers;
mod board;
mod client;
mod compose;
mod connection;
mod figures;
mod inbound;
mod limits;
mod link;
mod marker;
mod membership;
mod outbound;
mod receipts;
mod recent;
mod redelivery;
mod server;
mod session_io;
mod tls;
mod waiting;
mod wire;
mod words;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use canhgiac_store::IntakeRow;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app::{App, AppState};
use crate::config::LinkRole;
use crate::lease;
use figures::Figures;
use link::Link;
use marker::Marker;
use outbound::Sender;
use redelivery::Redelivery;
use tls::{Dialer, Doorman, dialer, doorman};

/// Septets a text takes in an SMS; `None` when GSM 7 cannot carry it.
pub(crate) use canhgiac_smpp::text::gsm7_len;

pub use board::{LinkBoard, LinkState, LinkStatus};
pub(crate) use figures::REFUSALS;
pub use limits::GatewayLimits;
pub(crate) use marker::mark_unclean;
pub use recent::{LATENCY_EDGES_S, Latencies, MINUTES, Minute, Recent};
pub use tls::check_tls;

/// The addresses of the server links, listening, and the TLS of all links, read.
#[derive(Debug, Default)]
pub struct Listeners {
    by_address: BTreeMap<String, (TcpListener, Option<Doorman>)>,
    dialers: BTreeMap<String, Dialer>,
}

impl Listeners {
    /// Where the links with this `address` really listen (a configured port 0 is any free one).
    pub fn local_address(&self, address: &str) -> Option<SocketAddr> {
        self.by_address.get(address)?.0.local_addr().ok()
    }
}

/// Listens on the address of every server link and shows it on the board; links may share one.
/// Peers that connect now wait until [`run_with`].
///
/// # Errors
/// Which address cannot be listened on, or which file of a link's TLS is wrong, and why.
pub async fn bind_listeners(app: &AppState) -> anyhow::Result<Listeners> {
    let mut listeners = Listeners::default();
    for config in app.config.links.iter().filter(|link| link.role == LinkRole::Client) {
        if let Some(dialer) = dialer(config)? {
            listeners.dialers.insert(config.name.clone(), dialer);
        }
    }
    for config in app.config.links.iter().filter(|link| link.role == LinkRole::Server) {
        if !listeners.by_address.contains_key(&config.address) {
            let listener = TcpListener::bind(&config.address)
                .await
                .with_context(|| format!("link '{}' cannot listen on {}", config.name, config.address))?;
            listeners.by_address.insert(config.address.clone(), (listener, doorman(config)?));
        }
        if let Some(address) = listeners.local_address(&config.address) {
            Figures::new(app.links.clone(), &config.name).listening(address);
        }
    }
    Ok(listeners)
}

/// Runs all links until `stop`: [`bind_listeners`] and [`run_with`] with the product's limits.
///
/// # Errors
/// As those two.
pub async fn run(app: AppState, stop: CancellationToken) -> anyhow::Result<()> {
    let listeners = bind_listeners(&app).await?;
    run_with(app, listeners, GatewayLimits::default(), stop).await
}

/// Runs all links until `stop`, then unbinds them in order: texts that are durable are still answered, and
/// messages on the way get their answers, within a bounded time. The intake queue's committer must run for
/// as long as this does.
///
/// # Errors
/// When the store cannot be asked what the last run left behind, or the data directory cannot be written.
pub async fn run_with(
    app: AppState,
    mut listeners: Listeners,
    limits: GatewayLimits,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let redeliveries: BTreeMap<String, Arc<Redelivery>> = (app.config.links.iter())
        .map(|config| {
            let redelivery = Redelivery::new(&limits, app.instance.is_shared());
            (config.group().to_owned(), Arc::new(redelivery))
        })
        .collect();
    let marker = match app.instance.is_shared() {
        // Others are there: `instance` sees to messages, `redelivery` to texts of those that are gone.
        true => None,
        false => Some(look_back(&app, &limits, &redeliveries).await?),
    };

    let mut tasks = JoinSet::new();
    let mut wakes = Vec::new();
    let mut by_address: BTreeMap<String, Vec<Arc<Link>>> = BTreeMap::new();
    for config in &app.config.links {
        let (notices, heard) = mpsc::unbounded_channel();
        if config.can_send() {
            let wake = Arc::new(Notify::new());
            wakes.push(wake.clone());
            let sender = Sender::new(app.clone(), config.clone(), limits.clone(), heard, wake);
            tasks.spawn(sender.run(stop.clone()));
        }
        let redelivery = redeliveries[config.group()].clone();
        let link = Arc::new(Link::new(app.clone(), config.clone(), limits.clone(), redelivery, notices));
        match config.role {
            LinkRole::Client => {
                let dialer = listeners.dialers.remove(&config.name);
                tasks.spawn(keep_bound(link, dialer, stop.clone()));
            }
            LinkRole::Server => by_address.entry(config.address.clone()).or_default().push(link),
        }
    }
    for (address, links) in by_address {
        let listener = listeners.by_address.remove(&address);
        let (listener, doorman) = listener.with_context(|| format!("nothing listens on {address}"))?;
        tasks.spawn(server::run(listener, doorman, links, limits.clone(), stop.clone()));
    }
    tasks.spawn(spread_wakes(app.clone(), wakes, stop.clone()));
    finish(tasks, &limits, &stop).await?;

    let Some(marker) = marker else { return Ok(()) };
    if redeliveries.values().all(|redelivery| redelivery.is_empty(app.clock.steady_us())) {
        marker.clear()?;
    } else {
        tracing::info!(
            "some answers may not have arrived; the next start looks out for texts that come again"
        );
    }
    Ok(())
}

/// A client link is bound by one process at a time: the one that holds its lease.
async fn keep_bound(link: Arc<Link>, dialer: Option<Dialer>, stop: CancellationToken) {
    let name = format!("link:{}", link.name());
    lease::while_held(&link.app, &name, &stop, |until| client::run(link.clone(), dialer.clone(), until))
        .await;
}

/// What the last run of the only process left behind.
async fn look_back(
    app: &App,
    limits: &GatewayLimits,
    redeliveries: &BTreeMap<String, Arc<Redelivery>>,
) -> anyhow::Result<Marker> {
    let interrupted = app.store.mark_interrupted_messages(app.clock.now_us()).await?;
    if interrupted > 0 {
        tracing::warn!(
            messages = interrupted,
            "messages were being sent when the last run ended; they are uncertain"
        );
    }
    let (marker, was_unclean) = Marker::set(&app.config.data_dir)?;
    if was_unclean {
        remember_texts(app, limits, redeliveries).await?;
    }
    Ok(marker)
}

/// Waits for the tasks; once `stop` is given, not for ever.
async fn finish(
    mut tasks: JoinSet<()>,
    limits: &GatewayLimits,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let too_late = async {
        stop.cancelled().await;
        tokio::time::sleep(limits.stop_within).await;
    };
    tokio::pin!(too_late);
    loop {
        tokio::select! {
            ended = tasks.join_next() => match ended {
                Some(ended) => ended.context("a task of the gateway ended by an error in the program")?,
                None => return Ok(()),
            },
            () = &mut too_late => {
                tasks.shutdown().await;
                anyhow::bail!("the links did not end in time; what was under way is settled at the next start");
            }
        }
    }
}

/// Passes a wake-up of the outbox on to every sender.
async fn spread_wakes(app: AppState, wakes: Vec<Arc<Notify>>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = app.outbox.notified() => wakes.iter().for_each(|wake| wake.notify_one()),
            () = stop.cancelled() => return,
        }
    }
}

/// After an unclean stop nobody knows which answers arrived: the newest texts of the log count as unconfirmed.
async fn remember_texts(
    app: &App,
    limits: &GatewayLimits,
    redeliveries: &BTreeMap<String, Arc<Redelivery>>,
) -> anyhow::Result<()> {
    const ROWS_AT_ONCE: i64 = 1_000;
    let valid_us = i64::try_from(limits.unconfirmed_for.as_micros())?;
    let now_us = app.clock.steady_us();
    let end = app.store.intake_end().await?;
    // Ages are told from the end of the log: the clock may have been set since, and an operator sends again what
    // it has kept for as long as we were away.
    let newest = app.store.read_intake(end.saturating_sub(1), 1).await?;
    let Some(newest_us) = newest.first().map(|row| row.received_us) else { return Ok(()) };
    let age_us = |row: &IntakeRow| newest_us.saturating_sub(row.received_us).max(0);
    let mut after = end.saturating_sub(i64::try_from(limits.unconfirmed_texts)?).max(0);
    let mut remembered = 0_u64;
    loop {
        let rows = app.store.read_intake(after, ROWS_AT_ONCE).await?;
        let Some(last) = rows.last() else { break };
        after = last.seq;
        for row in rows.iter().filter(|row| row.channel == "smpp" && age_us(row) <= valid_us) {
            let group = app.config.link(&row.link).map(|link| link.group());
            if let Some(redelivery) = group.and_then(|group| redeliveries.get(group))
                && let Some(print) = redelivery.print_of_row(app, row)
            {
                redelivery.remember(print, now_us.saturating_sub(age_us(row)));
                remembered += 1;
            }
        }
    }
    tracing::warn!(texts = remembered, "the last stop was not clean; looking out for texts that come again");
    Ok(())
}

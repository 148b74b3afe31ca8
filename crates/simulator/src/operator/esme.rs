//! An operator that connects and binds to the product's server link.
//!
//! By the standard an ESME sends `submit_sm`; operators that run their own SMSC as the client often send
//! `deliver_sm` on such a link. [`Carry`] chooses.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use canhgiac_smpp::pdu::{Bind, BindKind};
use canhgiac_smpp::session::{CloseReason, Event, Limits, Session};
use canhgiac_smpp::text::DefaultAlphabet;
use canhgiac_smpp::throttle::Backoff;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::line::Line;
use super::receipts::IdStyle;
use super::station::Station;
use super::{Carry, Handle, Heard};
use crate::citizens::Network;

/// How long a connection may take to come up.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// The pauses between connections.
const RECONNECT: Backoff = Backoff { base: Duration::from_millis(250), cap: Duration::from_secs(15) };

/// What a connecting operator is.
#[derive(Clone)]
pub struct EsmePlan {
    /// Where the product listens.
    pub connect: SocketAddr,
    /// Whose subscribers it serves.
    pub network: Network,
    /// The name it binds with.
    pub system_id: String,
    /// And its password.
    pub password: String,
    /// Which way texts travel; replies need a transceiver.
    pub bind: BindKind,
    /// What `data_coding` 0 means.
    pub alphabet: DefaultAlphabet,
    /// Texts sent and not answered yet.
    pub window: usize,
    /// The command that carries texts and receipts.
    pub carry: Carry,
    /// How message ids are written.
    pub ids: IdStyle,
    /// Of ids, fates and pauses.
    pub seed: u64,
}

impl std::fmt::Debug for EsmePlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { connect, network, system_id, .. } = self;
        f.debug_struct("EsmePlan")
            .field("connect", connect)
            .field("network", network)
            .field("system_id", system_id)
            .finish_non_exhaustive()
    }
}

/// An operator that connects to the product.
#[derive(Debug)]
pub struct Esme;

impl Esme {
    /// Connects, binds, and does so again whenever the connection ends, until it is stopped. Replies to citizens go
    /// to `heard`.
    #[must_use]
    pub fn start(plan: EsmePlan, heard: mpsc::Sender<Heard>) -> Handle {
        let station = Station::new(plan.network, plan.alphabet, plan.seed, plan.ids, plan.carry, heard);
        let handle = Handle::new(Arc::new(station), plan.connect);
        handle.tasks.spawn(keep_bound(plan, handle.station.clone(), handle.stop.clone()));
        handle.tasks.close();
        handle
    }
}

async fn keep_bound(plan: EsmePlan, station: Arc<Station>, stop: CancellationToken) {
    let mut failures = 0;
    while !stop.is_cancelled() {
        match once(&plan, &station, &stop).await {
            Ok(reason) => {
                tracing::info!(operator = plan.network.id(), %reason, "the operator's bind has ended");
                failures = 0;
            }
            Err(error) => tracing::debug!(operator = plan.network.id(), %error, "the operator is not bound"),
        }
        failures += 1;
        let pause = RECONNECT.pause(failures, plan.seed);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// One connection from beginning to end.
async fn once(plan: &EsmePlan, station: &Station, stop: &CancellationToken) -> anyhow::Result<CloseReason> {
    let connecting = tokio::time::timeout(CONNECT_WITHIN, TcpStream::connect(plan.connect));
    let stream = tokio::select! {
        connected = connecting => connected??,
        () = stop.cancelled() => anyhow::bail!("stopped before it was connected"),
    };
    let limits = Limits { window: plan.window, ..Limits::default() };
    let mut line = Line::new(stream, |now| Session::client(now, limits))?;
    let outcome = bind(&mut line, plan.bind, &plan.system_id, &plan.password, stop).await;
    let reason = match outcome {
        Ok(()) => {
            tracing::info!(operator = plan.network.id(), "the operator has bound to the product");
            Ok(station.carry(&mut line, stop).await)
        }
        Err(error) => Err(error),
    };
    line.close().await;
    reason
}

/// Binds a fresh client line.
pub(crate) async fn bind(
    line: &mut Line,
    kind: BindKind,
    system_id: &str,
    password: &str,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let now = line.now();
    line.session.bind(now, kind, Bind::new(system_id, password))?;
    loop {
        while let Some(event) = line.event() {
            match event {
                Event::Bound { .. } => return Ok(()),
                Event::Closed(reason) => anyhow::bail!("not bound: {reason}"),
                other => tracing::debug!(event = ?other, "nothing to do before the bind"),
            }
        }
        tokio::select! {
            () = line.advance() => {}
            () = stop.cancelled() => anyhow::bail!("stopped before it was bound"),
        }
    }
}

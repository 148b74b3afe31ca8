//! An operator's SMSC: listens, lets the product bind, hands it citizens' texts and takes its replies.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use canhgiac_smpp::pdu::{Bind, Status};
use canhgiac_smpp::session::{Event, Limits, Session};
use canhgiac_smpp::text::DefaultAlphabet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::line::Line;
use super::receipts::IdStyle;
use super::station::{Station, octets};
use super::{Carry, Handle, Heard};
use crate::citizens::Network;

/// Connections at once; further ones wait to be accepted.
const CONNECTIONS_MAX: usize = 16;
/// How long accepting rests after it failed (no file handles left, mostly).
const ACCEPT_REST: Duration = Duration::from_millis(200);

/// What an SMSC is.
#[derive(Clone)]
pub struct SmscPlan {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Whose subscribers it serves.
    pub network: Network,
    /// The name the product binds with.
    pub system_id: String,
    /// And its password.
    pub password: String,
    /// What `data_coding` 0 means.
    pub alphabet: DefaultAlphabet,
    /// Texts sent and not answered yet.
    pub window: usize,
    /// How message ids are written.
    pub ids: IdStyle,
    /// Of ids, fates and pauses.
    pub seed: u64,
}

impl std::fmt::Debug for SmscPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { listen, network, system_id, .. } = self;
        f.debug_struct("SmscPlan")
            .field("listen", listen)
            .field("network", network)
            .field("system_id", system_id)
            .finish_non_exhaustive()
    }
}

/// An operator's SMSC.
#[derive(Debug)]
pub struct Smsc;

impl Smsc {
    /// Begins to listen. Replies to citizens go to `heard`.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(plan: SmscPlan, heard: mpsc::Sender<Heard>) -> io::Result<Handle> {
        let listener = TcpListener::bind(plan.listen).await?;
        Self::on(listener, plan, heard)
    }

    /// Listens on a socket that is bound already.
    ///
    /// # Errors
    /// The socket's address cannot be read.
    pub fn on(listener: TcpListener, plan: SmscPlan, heard: mpsc::Sender<Heard>) -> io::Result<Handle> {
        let address = listener.local_addr()?;
        let station = Station::new(plan.network, plan.alphabet, plan.seed, plan.ids, Carry::Usual, heard);
        let handle = Handle::new(Arc::new(station), address);
        let (stop, tasks) = (handle.stop.clone(), handle.tasks.clone());
        handle.tasks.spawn(accept(listener, Arc::new(plan), handle.station.clone(), stop, tasks));
        handle.tasks.close();
        Ok(handle)
    }
}

async fn accept(
    listener: TcpListener,
    plan: Arc<SmscPlan>,
    station: Arc<Station>,
    stop: CancellationToken,
    tasks: TaskTracker,
) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let connected = async {
            let permit = Arc::clone(&room).acquire_owned().await.ok()?;
            Some((listener.accept().await, permit))
        };
        let (accepted, permit) = tokio::select! {
            connected = connected => match connected {
                Some(connected) => connected,
                None => return,
            },
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                let (plan, station, stop) = (plan.clone(), station.clone(), stop.clone());
                tasks.spawn(async move {
                    serve(stream, &plan, &station, &stop).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, operator = station.network.id(), "the SMSC cannot accept a connection");
                tokio::time::sleep(ACCEPT_REST).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, plan: &SmscPlan, station: &Station, stop: &CancellationToken) {
    let limits = Limits { window: plan.window, ..Limits::default() };
    let mut line = match Line::new(stream, |now| Session::server(now, limits)) {
        Ok(line) => line,
        Err(error) => return tracing::debug!(%error, "the connection broke at once"),
    };
    if is_let_in(&mut line, plan, stop).await {
        tracing::info!(operator = station.network.id(), "the product has bound to the SMSC");
        let reason = station.carry(&mut line, stop).await;
        tracing::info!(operator = station.network.id(), %reason, "the bind to the SMSC has ended");
    }
    line.close().await;
}

/// Waits for the bind and decides it.
async fn is_let_in(line: &mut Line, plan: &SmscPlan, stop: &CancellationToken) -> bool {
    loop {
        while let Some(event) = line.event() {
            match event {
                Event::BindRequested { bind, .. } => {
                    let now = line.now();
                    let decided = match refusal(plan, &bind) {
                        None => line.session.accept_bind(now, &plan.system_id),
                        Some(status) => line.session.reject_bind(now, status),
                    };
                    if decided.is_err() {
                        return false;
                    }
                }
                Event::Bound { .. } => return true,
                Event::Closed(reason) => {
                    tracing::debug!(%reason, "a connection to the SMSC ended before it was bound");
                    return false;
                }
                other => tracing::debug!(event = ?other, "nothing to do before the bind"),
            }
        }
        tokio::select! {
            () = line.advance() => {}
            () = stop.cancelled() => return false,
        }
    }
}

fn refusal(plan: &SmscPlan, bind: &Bind) -> Option<Status> {
    if bind.system_id != octets(&plan.system_id) {
        return Some(Status::INVALID_SYSTEM_ID);
    }
    (bind.password != octets(&plan.password)).then_some(Status::INVALID_PASSWORD)
}

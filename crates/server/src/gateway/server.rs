//! An address on which operators connect and bind to us; links that share it differ in their `system_id`.

use std::sync::Arc;
use std::time::Duration;

use canhgiac_smpp::pdu::{Bind, BindKind, Status};
use canhgiac_smpp::session::{CloseReason, Session};
use sha2::{Digest, Sha256};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::connection::Connection;
use super::limits::GatewayLimits;
use super::link::{Link, bind_kind};
use super::session_io::{run_bound, until_bound};
use super::tls::Doorman;
use super::wire::Wire;
use super::words;

/// Pause after the system refused a connection (out of descriptors), so that refusing does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Takes connections until `stop`, then waits for the sessions to end.
pub(super) async fn run(
    listener: TcpListener,
    tls: Option<Doorman>,
    links: Vec<Arc<Link>>,
    limits: GatewayLimits,
    stop: CancellationToken,
) {
    let links = Arc::new(links);
    let waiting_room = Arc::new(Semaphore::new(limits.unbound_connections));
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => match waiting_room.clone().try_acquire_owned() {
                    Ok(place) => {
                        let (links, tls) = (links.clone(), tls.clone());
                        let (limits, stop) = (limits.clone(), stop.clone());
                        sessions.spawn(async move {
                            if let Some(connection) = enter(stream, tls, &links, &limits, &stop).await {
                                converse(links, connection, limits, place, stop).await;
                            }
                        });
                    }
                    Err(_) => {
                        metrics::counter!("canhgiac_connections_refused_total").increment(1);
                        tracing::warn!("too many connections wait to bind; one was closed");
                    }
                },
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(ended) = sessions.join_next() => report(ended),
            () = stop.cancelled() => break,
        }
    }
    drop(listener);
    while let Some(ended) = sessions.join_next().await {
        report(ended);
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a session ended by an error in the program");
    }
}

/// The connection, once TLS stands where it is wanted.
async fn enter(
    stream: TcpStream,
    tls: Option<Doorman>,
    links: &[Arc<Link>],
    limits: &GatewayLimits,
    stop: &CancellationToken,
) -> Option<Connection> {
    let taken = tokio::select! {
        taken = tokio::time::timeout(limits.bind_timeout, Connection::taken(stream, tls.as_ref())) => taken,
        () = stop.cancelled() => return None,
    };
    let error = match taken {
        Ok(Ok(connection)) => return Some(connection),
        Ok(Err(error)) => error,
        Err(_) => std::io::ErrorKind::TimedOut.into(),
    };
    metrics::counter!("canhgiac_tls_refused_total").increment(1);
    tracing::warn!(%error, "a connection was closed: TLS could not be agreed on");
    // Whose it would have been is not known; it matters where nobody is bound.
    for link in links {
        link.figures.turned_away(&words::not_connected(&error));
    }
    None
}

async fn converse(
    links: Arc<Vec<Arc<Link>>>,
    connection: Connection,
    limits: GatewayLimits,
    place: OwnedSemaphorePermit,
    stop: CancellationToken,
) {
    let window = links.iter().map(|link| link.window()).max().unwrap_or(1);
    let session_limits = limits.session(window);
    let mut wire = Wire::new(connection, |now| Session::server(now, session_limits).keeping_undecodable());
    let mut admitted = None;
    let bound = until_bound(&mut wire, &stop, |kind, bind| {
        admitted = Some(admit(&links, kind, bind)?);
        Ok(())
    })
    .await;
    match (bound, admitted) {
        (Ok(()), Some((link, seat))) => {
            drop(place);
            let reason = run_bound(wire, link.clone(), Some(seat), &stop).await;
            let is_orderly = matches!(reason, CloseReason::PeerUnbound | CloseReason::Unbound);
            if !is_orderly {
                link.figures.failed(words::closed(&reason));
            }
        }
        _ => {
            wire.finish(limits.flush_within, limits.linger).await;
            drop(place);
        }
    }
}

/// The link of the peer, with a seat on it, or the status that refuses it (SMPP 3.4 §5.1.3).
fn admit(
    links: &[Arc<Link>],
    kind: BindKind,
    bind: &Bind,
) -> Result<(Arc<Link>, OwnedSemaphorePermit), Status> {
    let Some(link) = links.iter().find(|link| link.config.system_id.as_bytes() == bind.system_id) else {
        tracing::warn!("someone tried to bind under a system_id that no link has");
        metrics::counter!("canhgiac_unknown_binds_total").increment(1);
        return Err(Status::INVALID_SYSTEM_ID);
    };
    let refuse = |status: Status| {
        tracing::warn!(link = link.name(), %status, "a bind was refused");
        link.figures.failed(words::closed(&CloseReason::BindRejected(status)));
        status
    };
    // Of equal length, so that the time of comparing says nothing.
    if Sha256::digest(link.config.password.as_bytes()) != Sha256::digest(&bind.password) {
        return Err(refuse(Status::INVALID_PASSWORD));
    }
    let allowed = bind_kind(link.config.bind);
    if allowed != BindKind::Transceiver && allowed != kind {
        return Err(refuse(Status::BIND_FAILED));
    }
    let seat = link.seats.clone().try_acquire_owned().map_err(|_| refuse(Status::ALREADY_BOUND))?;
    Ok((link.clone(), seat))
}

//! A link on which we are the client: connect, bind, and when it ends, again after a pause with jitter.

use std::sync::Arc;
use std::time::Duration;

use canhgiac_smpp::pdu::Bind;
use canhgiac_smpp::session::{CloseReason, Session};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::connection::Connection;
use super::link::{Link, bind_kind};
use super::session_io::{run_bound, until_bound};
use super::tls::Dialer;
use super::wire::Wire;
use super::words;

/// Keeps the link bound until `stop`.
pub(super) async fn run(link: Arc<Link>, tls: Option<Dialer>, stop: CancellationToken) {
    let seed: u64 = rand::random();
    let mut failures: u32 = 0;
    while !stop.is_cancelled() {
        link.figures.connecting();
        let bound_for = attempt(&link, tls.as_ref(), &stop).await;
        if stop.is_cancelled() {
            break;
        }
        failures = if bound_for >= link.limits.steady_after { 1 } else { failures.saturating_add(1) };
        let pause = link.limits.reconnect.pause(failures, seed);
        tracing::info!(link = link.name(), ?pause, "connecting again after a pause");
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// One connection; gives how long it was bound. A panic in it ends the session, not the link.
async fn attempt(link: &Arc<Link>, tls: Option<&Dialer>, stop: &CancellationToken) -> Duration {
    let connection = tokio::select! {
        connected = connect(link, tls) => match connected {
            Ok(connection) => connection,
            Err(error) => {
                tracing::warn!(link = link.name(), %error, "cannot connect");
                link.figures.failed(words::not_connected(&error));
                return Duration::ZERO;
            }
        },
        () = stop.cancelled() => return Duration::ZERO,
    };
    // Aborted with this task, so that a gateway cut short leaves no session behind.
    let mut session = tokio::task::JoinSet::new();
    session.spawn(converse(link.clone(), connection, stop.clone()));
    match session.join_next().await {
        Some(Ok(bound_for)) => bound_for,
        Some(Err(error)) => {
            tracing::error!(link = link.name(), %error, "a session ended by an error in the program");
            link.figures.failed(words::broken_off());
            Duration::ZERO
        }
        None => Duration::ZERO,
    }
}

async fn connect(link: &Link, tls: Option<&Dialer>) -> std::io::Result<Connection> {
    let connecting = async {
        let stream = TcpStream::connect(&link.config.address).await?;
        Connection::dialled(stream, tls).await
    };
    match tokio::time::timeout(link.limits.connect_timeout, connecting).await {
        Ok(connected) => connected,
        Err(_) => Err(std::io::ErrorKind::TimedOut.into()),
    }
}

async fn converse(link: Arc<Link>, connection: Connection, stop: CancellationToken) -> Duration {
    let limits = link.limits.session(link.window());
    let mut wire = Wire::new(connection, |now| Session::client(now, limits).keeping_undecodable());
    let bind = Bind::new(&link.config.system_id, &link.config.password);
    let now = wire.now();
    let bound = match wire.session.bind(now, bind_kind(link.config.bind), bind) {
        Ok(()) => until_bound(&mut wire, &stop, |_, _| Ok(())).await,
        // Only a NUL in the name or password does this.
        Err(_) => Err(CloseReason::BindTimeout),
    };
    if let Err(reason) = bound {
        let trouble = wire.trouble.as_ref().map(tracing::field::display);
        tracing::warn!(link = link.name(), %reason, trouble, "the link could not be bound");
        if !stop.is_cancelled() {
            // A server that wants a certificate of ours says so only now, by an alert of TLS.
            let alert = wire.trouble.as_ref().and_then(words::tls);
            link.figures.failed(alert.unwrap_or_else(|| words::closed(&reason)));
        }
        wire.finish(link.limits.flush_within, link.limits.linger).await;
        return Duration::ZERO;
    }
    let since = Instant::now();
    let reason = run_bound(wire, link.clone(), None, &stop).await;
    if !stop.is_cancelled() {
        link.figures.failed(words::closed(&reason));
    }
    since.elapsed()
}

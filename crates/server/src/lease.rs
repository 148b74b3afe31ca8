//! Work that one process at a time does: whoever holds its lease. On a database of our own nobody else can want it.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use canhgiac_store::Lease;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::instance::{MARGIN, RENEW_EVERY, TTL, ask, micros};

/// How often a lease that another holds is asked for.
const TRY_EVERY: Duration = Duration::from_millis(500);
/// Whoever holds leases already waits this much longer for each before asking for a further one, so that they
/// spread over the processes that start together.
const WAIT_PER_LEASE: Duration = Duration::from_millis(250);

/// How long work may take to end once its lease is no longer certain: less than the margin, for clocks that differ.
const END_WITHIN: Duration = Duration::from_millis(1_500);

/// How many leases this process holds.
static HELD: AtomicU32 = AtomicU32::new(0);

/// What became of a renewal.
enum Renewal {
    Done,
    Lost,
    /// Not known; the lease still runs.
    Failed,
}

/// Does `work` whenever this process holds the lease `name`, until `stop`. `work` ends when the token it is given
/// is cancelled; when it does not end before the lease may be another's, it is cut off.
pub(crate) async fn while_held<W>(
    app: &App,
    name: &str,
    stop: &CancellationToken,
    mut work: impl FnMut(CancellationToken) -> W,
) where
    W: Future<Output = ()> + Send,
{
    if !app.instance.is_shared() {
        return work(stop.clone()).await;
    }
    app.instance.known().await;
    while !stop.is_cancelled() {
        let wait = WAIT_PER_LEASE * HELD.load(Ordering::Relaxed);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => break,
        }
        let asked = Instant::now();
        let asking = app.store.acquire_lease(name, app.instance.id(), micros(TTL));
        if let Some(Some(lease)) = ask("a lease could not be asked for", asking).await {
            tracing::info!(lease = name, epoch = lease.epoch, "this process has taken over");
            HELD.fetch_add(1, Ordering::Relaxed);
            let is_ours = work_on(app, &lease, asked, stop, &mut work).await;
            HELD.fetch_sub(1, Ordering::Relaxed);
            if is_ours {
                ask("a lease could not be given back", app.store.release_lease(&lease)).await;
            }
        }
        tokio::select! {
            () = tokio::time::sleep(TRY_EVERY) => {}
            () = stop.cancelled() => break,
        }
    }
}

/// Works while the lease is ours; says whether it still is.
async fn work_on<W>(
    app: &App,
    lease: &Lease,
    asked: Instant,
    stop: &CancellationToken,
    work: &mut impl FnMut(CancellationToken) -> W,
) -> bool
where
    W: Future<Output = ()> + Send,
{
    let token = stop.child_token();
    let working = work(token.clone());
    tokio::pin!(working);
    let mut until = asked + TTL - MARGIN;
    let mut renewal = next_renewal(app, lease);
    loop {
        tokio::select! {
            () = &mut working => return true,
            (asked, renewed) = &mut renewal => match renewed {
                Renewal::Done => {
                    until = asked + TTL - MARGIN;
                    renewal = next_renewal(app, lease);
                }
                Renewal::Failed => renewal = next_renewal(app, lease),
                Renewal::Lost => break,
            },
            () = tokio::time::sleep_until(until) => break,
        }
    }
    tracing::warn!(lease = lease.name, "the lease is no longer certain; its work stops here");
    token.cancel();
    if tokio::time::timeout(END_WITHIN, &mut working).await.is_err() {
        tracing::warn!(lease = lease.name, "the work did not end in time and is cut off");
    }
    false
}

type Renewing<'a> = Pin<Box<dyn Future<Output = (Instant, Renewal)> + Send + 'a>>;

fn next_renewal<'a>(app: &'a App, lease: &'a Lease) -> Renewing<'a> {
    Box::pin(async move {
        tokio::time::sleep(RENEW_EVERY).await;
        let asked = Instant::now();
        let renewed = ask("a lease could not be renewed", app.store.renew_lease(lease, micros(TTL))).await;
        let renewal = match renewed {
            Some(true) => Renewal::Done,
            Some(false) => Renewal::Lost,
            None => Renewal::Failed,
        };
        (asked, renewal)
    })
}

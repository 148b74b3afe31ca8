//! The product, or the part of it that one process does: the way in, the projector, jobs, links and pages.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app::{App, AppState, wait_for_database};
use crate::clock::Clock;
use crate::config::Config;
use crate::gateway::GatewayLimits;
use crate::intake::Committer;
use crate::lock::DirectoryLock;
use crate::roles::{Role, Roles};
use crate::{api, gateway, health, instance, jobs, lease, projector, web};

/// How long a stop waits for what is under way.
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// The lease of the one projector.
const PROJECTOR_LEASE: &str = "projector";

/// A running product.
#[derive(Debug)]
pub struct Running {
    /// Its parts.
    pub app: AppState,
    /// Where pages and the API are served.
    pub http: SocketAddr,
    stop: CancellationToken,
    commit_stop: CancellationToken,
    tasks: JoinSet<anyhow::Result<()>>,
    committer: tokio::task::JoinHandle<()>,
    renewing: tokio::task::JoinHandle<()>,
    _lock: DirectoryLock,
}

/// Starts everything and returns once pages are served and links begin to bind.
///
/// # Errors
/// When the data directory is in use, or an address cannot be listened on.
pub async fn start(config: Config, clock: Clock) -> anyhow::Result<Running> {
    start_in(config, Roles::all(), clock).await
}

/// Starts what belongs to these roles.
///
/// # Errors
/// As [`start`], and when the roles need another configuration.
pub async fn start_in(config: Config, roles: Roles, clock: Clock) -> anyhow::Result<Running> {
    roles.check(&config)?;
    let lock = DirectoryLock::take(&config.data_dir)?;
    api::recorder();
    wait_for_database(&config).await?;
    let http_address = config.http;
    let (app, committer): (AppState, Committer) = App::open_in(config, roles, clock).await?;
    let listener = TcpListener::bind(http_address)
        .await
        .with_context(|| format!("cannot serve pages on {http_address}; choose another with --http"))?;
    let http = listener.local_addr()?;
    let roles = app.roles.clone();
    let listeners = match roles.has(Role::Gateway) {
        true => Some(gateway::bind_listeners(&app).await?),
        false => None,
    };
    let stop = CancellationToken::new();
    // The committer stops last: what the links have taken in must still become durable.
    let commit_stop = CancellationToken::new();
    let committer = tokio::spawn(committer.run(
        app.store.clone(),
        app.health.clone(),
        Arc::clone(&app.projector),
        commit_stop.clone(),
    ));
    let renewing = tokio::spawn(instance::run(Arc::clone(&app), commit_stop.clone()));
    let mut tasks = JoinSet::new();
    spawn(&mut tasks, health::watch(Arc::clone(&app), stop.clone()));
    if roles.has(Role::Worker) {
        spawn(&mut tasks, project(Arc::clone(&app), stop.clone()));
        spawn(&mut tasks, jobs::run(Arc::clone(&app), stop.clone()));
    }
    if let Some(listeners) = listeners {
        let limits = GatewayLimits::of(&app);
        tasks.spawn(gateway::run_with(Arc::clone(&app), listeners, limits, stop.clone()));
    }
    let router = router(Arc::clone(&app))?;
    let web_stop = stop.clone();
    tasks.spawn(async move {
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, service).with_graceful_shutdown(web_stop.cancelled_owned()).await?;
        Ok(())
    });
    Ok(Running { app, http, stop, commit_stop, tasks, committer, renewing, _lock: lock })
}

/// Projects whenever the work is ours: one projector at a time follows a log.
async fn project(app: AppState, stop: CancellationToken) {
    lease::while_held(&app, PROJECTOR_LEASE, &stop, |until| projector::run(Arc::clone(&app), until)).await;
}

impl Running {
    /// Runs until `until` is done or a part fails; then stops the rest in order.
    ///
    /// # Errors
    /// Why a part failed.
    pub async fn run_until(mut self, until: impl Future<Output = ()>) -> anyhow::Result<()> {
        let outcome = tokio::select! {
            () = until => Ok(()),
            ended = self.tasks.join_next() => match ended {
                Some(Ok(Err(error))) => Err(error),
                Some(Err(error)) => Err(anyhow::anyhow!("a part of the product panicked: {error}")),
                Some(Ok(Ok(()))) | None => Err(anyhow::anyhow!("a part of the product ended by itself")),
            },
        };
        self.stop().await;
        outcome
    }

    /// Stops: links unbind, pages finish, what was taken in becomes durable, the databases close.
    pub async fn stop(mut self) {
        self.stop.cancel();
        let drained = tokio::time::timeout(STOP_LIMIT, async {
            while let Some(ended) = self.tasks.join_next().await {
                if let Ok(Err(error)) = ended {
                    tracing::warn!(error = %format!("{error:#}"), "a part of the product ended with an error");
                }
            }
        });
        if drained.await.is_err() {
            tracing::warn!("not everything ended in time; the rest is cut off");
            self.tasks.abort_all();
        }
        self.commit_stop.cancel();
        if self.committer.await.is_err() {
            tracing::error!("the committer of the intake log panicked");
        }
        if self.renewing.await.is_err() {
            tracing::error!("the renewal of this process panicked");
        }
        instance::leave(&self.app).await;
        self.app.store.close().await;
    }
}

fn spawn(tasks: &mut JoinSet<anyhow::Result<()>>, task: impl Future<Output = ()> + Send + 'static) {
    tasks.spawn(async move {
        task.await;
        Ok(())
    });
}

/// Every route of this process: pages and interfaces where they are served, and everywhere how it is.
pub(crate) fn router(app: AppState) -> anyhow::Result<Router> {
    let routes = match app.roles.has(Role::Web) {
        true => web::router(&app)?.merge(api::router()).merge(crate::push::router()),
        false => Router::new(),
    };
    Ok(routes.merge(api::health_router()).with_state(app))
}

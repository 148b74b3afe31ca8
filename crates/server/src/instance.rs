//! This process among the others that work on one database: it is registered there and renews itself, and it takes
//! itself out (fences) before the others may think it gone.
//!
//! Times are counted from before each request by the clock that never jumps, so however slow the database was,
//! this process stops before its lease has run out there.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use canhgiac_store::StoreError;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::app::App;
use crate::roles::Role;

/// A registration or lease that is not renewed for this long is gone: how long others wait before they take over.
pub(crate) const TTL: Duration = Duration::from_secs(6);
/// How often it is renewed.
pub(crate) const RENEW_EVERY: Duration = Duration::from_secs(1);
/// What it holds is let go this long before it is gone.
pub(crate) const MARGIN: Duration = Duration::from_secs(2);
/// How long one request for it may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// This process.
#[derive(Debug)]
pub struct Instance {
    id: Uuid,
    is_shared: bool,
    /// Until when the others know us.
    until: watch::Sender<Option<Instant>>,
}

impl Instance {
    /// A process with a fresh id; alone on its database, or one of several.
    pub fn new(is_shared: bool) -> Instance {
        Instance { id: Uuid::now_v7(), is_shared, until: watch::Sender::new(None) }
    }

    /// Its id.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Whether others may work on the same database.
    pub fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// Whether it may still act towards the outside: true when it is alone.
    pub fn is_valid(&self) -> bool {
        !self.is_shared || self.until.borrow().is_some_and(|until| Instant::now() < until)
    }

    /// Waits until it is known to the others.
    pub(crate) async fn known(&self) {
        if self.is_shared {
            // The sender lives as long as this does.
            let _ = self.until.subscribe().wait_for(Option::is_some).await;
        }
    }

    fn renewed(&self, asked: Instant) {
        self.until.send_replace(Some(asked + TTL - MARGIN));
    }
}

/// A request of this process about itself, bounded in time; `None` when it failed, which is noted.
pub(crate) async fn ask<T>(what: &str, request: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
    match tokio::time::timeout(ANSWER_WITHIN, request).await {
        Ok(Ok(answer)) => Some(answer),
        Ok(Err(error)) => {
            tracing::warn!(%error, "{what}: the database refused");
            None
        }
        Err(_) => {
            tracing::warn!("{what}: the database did not answer in time");
            None
        }
    }
}

/// A duration as the store counts it.
pub(crate) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Keeps this process registered until `stop`; then takes it off, so that nobody waits for it.
pub(crate) async fn run(app: Arc<App>, stop: CancellationToken) {
    let instance = &app.instance;
    if !instance.is_shared {
        return stop.cancelled().await;
    }
    let roles = app.roles.names();
    let mut was_valid = true;
    let mut tick = tokio::time::interval(RENEW_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = stop.cancelled() => break,
        }
        let asked = Instant::now();
        let renewing = app.store.register_instance(instance.id, &roles, micros(TTL));
        if ask("this process could not be renewed", renewing).await.is_some() {
            instance.renewed(asked);
        }
        let is_valid = instance.is_valid();
        if is_valid != was_valid {
            was_valid = is_valid;
            if is_valid {
                tracing::info!(instance = %instance.id, "the database knows this process again; it works on");
            } else {
                tracing::error!(
                    instance = %instance.id,
                    "this process could not be renewed in time; it sends nothing until it is"
                );
            }
        }
        metrics::gauge!("canhgiac_instance_valid").set(if is_valid { 1.0 } else { 0.0 });
        if is_valid && (app.roles.has(Role::Gateway) || app.roles.has(Role::Worker)) {
            settle_for_the_gone(&app).await;
        }
    }
}

/// Takes this process off, so that nobody waits for it. To be called when nothing of it works any more.
pub(crate) async fn leave(app: &App) {
    if app.instance.is_shared {
        ask("this process could not be taken off", app.store.remove_instance(app.instance.id)).await;
    }
}

/// What processes that are gone were sending is uncertain; any of those that live may note it.
async fn settle_for_the_gone(app: &App) {
    let marking = app.store.mark_interrupted_messages(app.clock.now_us());
    if let Some(messages @ 1..) = ask("messages of processes that are gone could not be noted", marking).await
    {
        metrics::counter!("canhgiac_messages_interrupted_total").increment(messages);
        tracing::warn!(messages, "messages were being sent by a process that is gone; they are uncertain");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_fences_itself_before_the_others_think_it_gone() {
        let instance = Instance::new(true);
        assert!(!instance.is_valid(), "nobody knows it yet");
        // The answer was slow: what counts is when it was asked for.
        instance.renewed(Instant::now() - RENEW_EVERY);
        assert!(instance.is_valid());
        instance.renewed(Instant::now() - (TTL - MARGIN));
        assert!(!instance.is_valid(), "a margin before {TTL:?} have passed");
    }

    #[test]
    fn a_process_that_is_alone_is_always_valid() {
        assert!(Instance::new(false).is_valid());
    }

    #[test]
    fn there_is_time_for_several_tries_before_the_fence() {
        assert!(RENEW_EVERY + ANSWER_WITHIN < TTL - MARGIN);
    }
}

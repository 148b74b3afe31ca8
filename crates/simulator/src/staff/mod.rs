//! Officer, approver and police as people at the console: they sign in, read pages, fill in forms.
//!
//! They tell one story: the number that many report is confirmed, referred, blocked and warned of; a second person
//! approves and keeps; the police acknowledge. Whatever page is not as expected, the person says so in the log and
//! goes on with the rest.

mod forms;
mod person;
mod story;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::citizens::Mobile;
use crate::pace::Pace;
use crate::web::Browser;
use person::Person;

/// A person's account at the console.
#[derive(Clone)]
pub struct Login {
    /// Account name.
    pub account: String,
    /// Password.
    pub password: String,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("account", &self.account).finish_non_exhaustive()
    }
}

/// Who is at work.
#[derive(Debug, Clone)]
pub struct StaffLogins {
    /// Confirms, refers, asks for the block, drafts the warning.
    pub officer: Login,
    /// Approves the warning, keeps the block.
    pub approver: Login,
    /// Acknowledges referrals.
    pub police: Login,
}

/// What the staff do.
#[derive(Debug, Clone)]
pub struct StaffPlan {
    /// Where the product serves HTTP.
    pub base_url: String,
    /// Their accounts.
    pub logins: StaffLogins,
    /// The number of the story: gets every step.
    pub star: Mobile,
    /// Different people who must have reported a number before the officer confirms.
    pub voices_wanted: u32,
    /// A number that is blocked too, and whose holder will ask for reconsideration; nothing further is done with it.
    pub wronged: Mobile,
    /// How long after the block the approver keeps it.
    pub keep_after: Duration,
    /// How fast they are.
    pub pace: Pace,
}

/// A step of the story that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Who: `officer`, `approver`, `police`.
    pub who: &'static str,
    /// What, for people who read logs.
    pub what: &'static str,
}

/// The staff at work. Dropping it sends them home.
#[derive(Debug)]
pub struct StaffHandle {
    steps: watch::Receiver<Vec<Step>>,
    stop: CancellationToken,
    people: JoinSet<()>,
}

/// Officer, approver and police.
#[derive(Debug)]
pub struct Staff;

impl Staff {
    /// Everyone sits down and begins.
    ///
    /// # Errors
    /// There is no HTTP client.
    pub fn start(plan: StaffPlan) -> anyhow::Result<StaffHandle> {
        let (sender, steps) = watch::channel(Vec::new());
        let sender = Arc::new(sender);
        let stop = CancellationToken::new();
        let plan = Arc::new(plan);
        let mut people = JoinSet::new();
        let person = |who, login: &Login| -> anyhow::Result<Person> {
            let browser = Browser::new(&plan.base_url)?;
            Ok(Person { who, login: login.clone(), browser, pace: plan.pace, steps: sender.clone() })
        };
        let officer = person("officer", &plan.logins.officer)?;
        let approver = person("approver", &plan.logins.approver)?;
        let police = person("police", &plan.logins.police)?;
        let (star, wronged) = (plan.clone(), plan.clone());
        people.spawn(until(stop.clone(), async move { story::officer(&officer, &star).await }));
        people.spawn(until(stop.clone(), async move { story::approver(&approver, &wronged).await }));
        people.spawn(until(stop.clone(), async move { story::police(&police).await }));
        Ok(StaffHandle { steps, stop, people })
    }
}

async fn until(stop: CancellationToken, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        () = stop.cancelled() => {}
    }
}

impl StaffHandle {
    /// The steps done so far, in order, and whenever one is added.
    #[must_use]
    pub fn steps(&self) -> watch::Receiver<Vec<Step>> {
        self.steps.clone()
    }

    /// Everyone goes home.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.people.join_next().await {
            if let Err(error) = ended {
                tracing::warn!(%error, "one of the staff ended badly");
            }
        }
    }
}

impl Drop for StaffHandle {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

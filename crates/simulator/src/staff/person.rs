//! One person at the console: signs in, looks until something is there, does it, and says what went wrong.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::watch;

use super::forms::{ACCOUNT, PASSWORD, SIGN_IN};
use super::{Login, Step};
use crate::pace::Pace;
use crate::web::{Browser, Form, Page};

/// Between two looks at a page.
const LOOK: Duration = Duration::from_millis(1_200);
/// Looks before a person gives something up. At the demo's pace that is half an hour: the visitor may play along.
const LOOKS_MAX: u32 = 1_500;
/// Looks in a row that fail before it is said in the log, and again after as many.
const COMPLAINTS_EVERY: u32 = 25;
/// Steps remembered for whoever watches.
const STEPS_MAX: usize = 200;

/// A person with a browser.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) who: &'static str,
    pub(super) login: Login,
    pub(super) browser: Browser,
    pub(super) pace: Pace,
    pub(super) steps: Arc<watch::Sender<Vec<Step>>>,
}

impl Person {
    /// Signs in through the page.
    pub(super) async fn sign_in(&self) -> anyhow::Result<()> {
        let page = self.browser.open(SIGN_IN).await?.or_error()?;
        let mut form =
            page.form_to(SIGN_IN).with_context(|| format!("no form to sign in on {}", page.gist()))?;
        anyhow::ensure!(
            form.has(ACCOUNT) && form.has(PASSWORD),
            "the form to sign in asks for something else"
        );
        form.answer(ACCOUNT, &self.login.account);
        form.answer(PASSWORD, &self.login.password);
        let page = self.browser.submit(&form, None).await?.or_error()?;
        anyhow::ensure!(page.form_to(SIGN_IN).is_none(), "not let in: {}", page.gist());
        Ok(())
    }

    /// Opens a page, signing in (again) when the console asks for it.
    pub(super) async fn open(&self, path: &str) -> anyhow::Result<Page> {
        let page = self.browser.open(path).await?;
        if page.path != SIGN_IN {
            return page.or_error();
        }
        self.sign_in().await?;
        let page = self.browser.open(path).await?.or_error()?;
        anyhow::ensure!(page.path != SIGN_IN, "signed in, and asked to sign in again");
        Ok(page)
    }

    /// Sends a form; what is demanded and not answered gets `words`.
    pub(super) async fn send(
        &self,
        mut form: Form,
        answers: &[(&str, &str)],
        words: &str,
        button: Option<(&str, &str)>,
    ) -> anyhow::Result<Page> {
        for (name, value) in answers {
            form.answer(name, value);
        }
        form.answer_demands(words);
        self.pause(Duration::from_millis(400)).await;
        self.browser.submit(&form, button).await?.or_error()
    }

    /// Tries `attempt` again and again until it gives something. A failure is no reason to stop: the page may be as
    /// expected the next time. `None` when it was given up; the log says why.
    pub(super) async fn until<T, F: Future<Output = anyhow::Result<Option<T>>>>(
        &self,
        what: &'static str,
        attempt: impl Fn() -> F,
    ) -> Option<T> {
        let mut failures = 0;
        for _ in 0..LOOKS_MAX {
            match attempt().await {
                Ok(Some(found)) => return Some(found),
                Ok(None) => failures = 0,
                Err(error) => {
                    if failures % COMPLAINTS_EVERY == 2 {
                        tracing::warn!(who = self.who, what, error = %format!("{error:#}"), "a page is not as expected");
                    }
                    failures += 1;
                }
            }
            self.pause(LOOK).await;
        }
        tracing::warn!(who = self.who, what, "waited too long; left out");
        None
    }

    /// As [`until`](Self::until), and tells that it was done.
    pub(super) async fn step<T, F: Future<Output = anyhow::Result<Option<T>>>>(
        &self,
        what: &'static str,
        attempt: impl Fn() -> F,
    ) -> Option<T> {
        let done = self.until(what, attempt).await?;
        tracing::info!(who = self.who, what, "done at the console");
        self.steps.send_modify(|steps| {
            if steps.len() < STEPS_MAX {
                steps.push(Step { who: self.who, what });
            }
        });
        Some(done)
    }

    pub(super) async fn pause(&self, pause: Duration) {
        tokio::time::sleep(self.pace.of(pause)).await;
    }
}

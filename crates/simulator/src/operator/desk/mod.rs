//! An operator's back office: fetches the product's requests by HTTP, does what they ask, and answers.
//!
//! Its behaviour depends on the seed and the number alone, so that two operators agree on where a ported number is.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use reqwest::{Client, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::citizens::Network;
use crate::dice::mix;
use crate::pace::Pace;

#[cfg(test)]
mod tests;

/// Requests worked on at once; further ones stay with the product until the next look.
const IN_WORK_MAX: usize = 1_000;
/// Answered requests remembered, so that one that is fetched again is not worked on twice.
const DONE_MAX: usize = 10_000;
/// How often one answer is sent when the product does not take it for reasons of its own.
const ANSWERS_MAX: u32 = 20;
/// Looks in a row that must fail before it is said in the log.
const FAILURES_SAID: u32 = 10;
/// How long an HTTP exchange may take.
const WITHIN: Duration = Duration::from_secs(20);
/// Between two looks for requests.
const LOOK: Duration = Duration::from_millis(1_000);

/// What a back office is.
#[derive(Clone)]
pub struct DeskPlan {
    /// Where the product serves HTTP, `http://127.0.0.1:8080`.
    pub base_url: String,
    /// Whose back office it is.
    pub network: Network,
    /// Its key.
    pub key: String,
    /// Numbers, as the product writes them, that are always found and blocked here.
    pub certain: Vec<String>,
    /// Of every decision.
    pub seed: u64,
    /// How fast its people are.
    pub pace: Pace,
}

impl std::fmt::Debug for DeskPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeskPlan")
            .field("base_url", &self.base_url)
            .field("network", &self.network)
            .finish_non_exhaustive()
    }
}

/// A request as the product's interface gives it; fields that are not needed here are not read.
#[derive(Debug, Clone, Deserialize)]
struct Request {
    id: String,
    measure: String,
    source: RequestSource,
}

#[derive(Debug, Clone, Deserialize)]
struct RequestSource {
    number: String,
}

#[derive(Debug, Deserialize)]
struct Requests {
    requests: Vec<Request>,
}

/// An answer as the interface takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Answer {
    answer: &'static str,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'static str>,
    note: &'static str,
}

/// What the operator does about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    Blocked,
    Restored,
    NotFound,
    Ported(Network),
}

/// An operator's back office.
#[derive(Debug)]
pub struct Desk;

/// A running back office. Dropping it stops it.
#[derive(Debug)]
pub struct DeskHandle {
    network: Network,
    answered: Arc<AtomicU64>,
    blocked: watch::Receiver<BTreeSet<String>>,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Desk {
    /// Begins to look for requests.
    ///
    /// # Errors
    /// There is no HTTP client.
    pub fn start(plan: DeskPlan) -> anyhow::Result<DeskHandle> {
        let client = Client::builder().timeout(WITHIN).build().context("no HTTP client")?;
        let (sender, blocked) = watch::channel(BTreeSet::new());
        let stop = CancellationToken::new();
        let answered = Arc::new(AtomicU64::new(0));
        let office = Office {
            network: plan.network,
            client,
            plan,
            in_work: HashMap::new(),
            done: HashSet::new(),
            answered: answered.clone(),
            blocked: sender,
            failures: 0,
        };
        let network = office.network;
        let task = tokio::spawn(office.work(stop.clone()));
        Ok(DeskHandle { network, answered, blocked, stop, task: Some(task) })
    }
}

impl DeskHandle {
    /// Whose back office it is.
    #[must_use]
    pub fn network(&self) -> Network {
        self.network
    }

    /// Requests answered and accepted so far.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// The numbers that are blocked here now, as the product writes them.
    #[must_use]
    pub fn blocked(&self) -> watch::Receiver<BTreeSet<String>> {
        self.blocked.clone()
    }

    /// Ends it.
    pub async fn stop(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take()
            && let Err(error) = task.await
        {
            tracing::warn!(%error, operator = self.network.id(), "a back office ended badly");
        }
    }
}

impl Drop for DeskHandle {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A request being worked on.
#[derive(Debug)]
struct Work {
    request: Request,
    due: Instant,
    attempts: u32,
}

#[derive(Debug)]
struct Office {
    network: Network,
    client: Client,
    plan: DeskPlan,
    in_work: HashMap<String, Work>,
    done: HashSet<String>,
    answered: Arc<AtomicU64>,
    blocked: watch::Sender<BTreeSet<String>>,
    /// Looks in a row that failed.
    failures: u32,
}

impl Office {
    async fn work(mut self, stop: CancellationToken) {
        loop {
            let round = async {
                let looked = self.look().await;
                self.tell(looked);
                self.answer_due().await;
            };
            tokio::select! {
                () = round => {}
                () = stop.cancelled() => return,
            }
            let pause = self.plan.pace.of(LOOK);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// A product that is being started or restarted is nothing to complain about; one that stays away is.
    fn tell(&mut self, looked: anyhow::Result<()>) {
        let operator = self.network.id();
        match looked {
            Ok(()) => {
                if self.failures >= FAILURES_SAID {
                    tracing::info!(operator, "the back office gets requests again");
                }
                self.failures = 0;
            }
            Err(error) => {
                self.failures += 1;
                if self.failures == FAILURES_SAID {
                    tracing::warn!(operator, error = %format!("{error:#}"), "the back office gets no requests");
                }
            }
        }
    }

    async fn look(&mut self) -> anyhow::Result<()> {
        let url = format!("{}/api/v1/operator/requests", self.plan.base_url.trim_end_matches('/'));
        let response = self.client.get(url).bearer_auth(&self.plan.key).send().await?;
        let status = response.status();
        anyhow::ensure!(status.is_success(), "the product answers {status}");
        let open: Requests = response.json().await.context("the list of requests does not read")?;
        for request in open.requests {
            if self.done.contains(&request.id)
                || self.in_work.contains_key(&request.id)
                || self.in_work.len() >= IN_WORK_MAX
            {
                continue;
            }
            // Two to six seconds, as fast as an automatic back office may be.
            let takes = Duration::from_millis(2_000 + mix(self.plan.seed, &request.id) % 4_000);
            let due = Instant::now() + self.plan.pace.of(takes);
            self.in_work.insert(request.id.clone(), Work { request, due, attempts: 0 });
        }
        Ok(())
    }

    async fn answer_due(&mut self) {
        let now = Instant::now();
        let due: Vec<String> =
            self.in_work.iter().filter(|(_, work)| work.due <= now).map(|(id, _)| id.clone()).collect();
        for id in due {
            let Some(mut work) = self.in_work.remove(&id) else {
                continue;
            };
            let decision = self.decide(&work.request);
            work.attempts += 1;
            match self.send(&work.request.id, decision).await {
                Ok(status) if status.is_success() => {
                    self.answered.fetch_add(1, Ordering::Relaxed);
                    self.note(&work.request.source.number, decision);
                    self.finish(id);
                }
                // It does not fit the request, or there is no such request any more: asking again changes nothing.
                Ok(status) if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {
                    tracing::warn!(operator = self.network.id(), request = id, %status, "the product does not take an answer");
                    self.finish(id);
                }
                other => {
                    let problem =
                        other.map_or_else(|error| format!("{error:#}"), |status| status.to_string());
                    if work.attempts >= ANSWERS_MAX {
                        tracing::warn!(
                            operator = self.network.id(),
                            request = id,
                            problem,
                            "an answer is given up"
                        );
                        self.finish(id);
                    } else {
                        work.due = Instant::now() + self.plan.pace.of(LOOK * work.attempts);
                        self.in_work.insert(id, work);
                    }
                }
            }
        }
    }

    fn finish(&mut self, id: String) {
        if self.done.len() >= DONE_MAX {
            self.done.clear();
        }
        self.done.insert(id);
    }

    fn note(&self, number: &str, decision: Decision) {
        tracing::info!(operator = self.network.id(), ?decision, "a request is answered");
        match decision {
            Decision::Blocked => self.blocked.send_modify(|blocked| {
                blocked.insert(number.to_owned());
            }),
            Decision::Restored => self.blocked.send_modify(|blocked| {
                blocked.remove(number);
            }),
            Decision::NotFound | Decision::Ported(_) => {}
        }
    }

    async fn send(&self, id: &str, decision: Decision) -> anyhow::Result<StatusCode> {
        let base = self.plan.base_url.trim_end_matches('/');
        let url = format!("{base}/api/v1/operator/requests/{id}/answer");
        let answer = answer(decision);
        let response = self.client.post(url).bearer_auth(&self.plan.key).json(&answer).send().await?;
        Ok(response.status())
    }

    fn decide(&self, request: &Request) -> Decision {
        if request.measure == "restore" {
            return Decision::Restored;
        }
        let number = &request.source.number;
        if self.plan.certain.contains(number) {
            return Decision::Blocked;
        }
        // A fact about the number, the same for every operator: where it is today, if anywhere.
        let chance = mix(self.plan.seed, number);
        if chance % 100 < 8 {
            return Decision::NotFound;
        }
        if chance % 100 < 22 {
            let home = if (chance >> 32).is_multiple_of(2) { Network::Viettel } else { Network::Vinaphone };
            if home != self.network {
                return Decision::Ported(home);
            }
        }
        Decision::Blocked
    }
}

fn answer(decision: Decision) -> Answer {
    let (answer, to, note) = match decision {
        Decision::Blocked => ("blocked", None, "Đã khóa hai chiều."),
        Decision::Restored => ("restored", None, "Đã mở lại hai chiều."),
        Decision::NotFound => ("not_found", None, "Số không có trên mạng."),
        Decision::Ported(to) => ("ported", Some(to.id()), "Thuê bao đã chuyển mạng giữ số."),
    };
    Answer { answer, at: Timestamp::now().to_string(), to, note }
}

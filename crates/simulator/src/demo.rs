//! Everyone at once: two operators, their subscribers, their back offices, the staff, and two people at the public
//! site. What `canhgiac demo` shows.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::citizens::{CitizenText, Citizens, CitizensPlan, Mobile, Network};
use crate::operator::{Counts, Desk, DeskHandle, DeskPlan, Esme, EsmePlan, Handle, Heard, Smsc, SmscPlan};
use crate::pace::Pace;
use crate::public::{self, Appeal, WebReport};
use crate::staff::{Staff, StaffHandle, StaffLogins, StaffPlan, Step};

/// Replies on their way from the operators to the citizens at most; further ones are counted as unheard.
const EARS: usize = 4_000;
/// How long the two links may take to be bound before the citizens begin all the same.
const LINKS_WITHIN: Duration = Duration::from_secs(20);
/// When the citizen at the public site files a report.
const WEB_REPORT_AFTER: Duration = Duration::from_secs(12);
/// How long the holder of the blocked number takes to notice and write.
const APPEAL_AFTER: Duration = Duration::from_secs(8);
/// How often a person at the public site tries again.
const TRIES_MAX: u32 = 5;
const TRY_AGAIN: Duration = Duration::from_secs(5);

/// The key of an operator's back office.
#[derive(Clone)]
pub struct OperatorKey {
    /// Whose.
    pub network: Network,
    /// The key.
    pub key: String,
}

impl std::fmt::Debug for OperatorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OperatorKey").field("network", &self.network).finish_non_exhaustive()
    }
}

/// What a demo is made of.
#[derive(Debug, Clone)]
pub struct DemoPlan {
    /// The operator the product binds to.
    pub smsc_listen: SmscPlan,
    /// The operator that binds to the product.
    pub esme_connect: EsmePlan,
    /// Where the product serves HTTP, `http://127.0.0.1:8080`.
    pub base_url: String,
    /// Back offices that answer requests.
    pub operator_keys: Vec<OperatorKey>,
    /// The staff that plays the story; without them the visitor plays it.
    pub staff: Option<StaffLogins>,
    /// Of everything that is left to chance.
    pub seed: u64,
    /// How fast everyone is.
    pub pace: Pace,
}

/// What has happened so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stats {
    /// Texts that citizens have sent.
    pub texts_sent: u64,
    /// Messages that carried them and were answered OK by the product.
    pub messages_acknowledged: u64,
    /// Messages that wait or are on the way.
    pub unanswered: u64,
    /// Replies that reached a phone.
    pub replies_received: u64,
    /// Requests that operators have answered.
    pub requests_answered: u64,
    /// Reports and requests for reconsideration filed at the public site.
    pub filed_on_the_web: u64,
    /// Steps of the story that the staff have done, in order.
    pub steps: Vec<Step>,
    /// Whether both links are bound now.
    pub are_links_bound: bool,
}

/// Everyone at once.
#[derive(Debug)]
pub struct Demo;

/// A running demo. Dropping it ends it without a farewell.
#[derive(Debug)]
pub struct DemoHandle {
    shared: Arc<Shared>,
    desks: Vec<DeskHandle>,
    staff: Option<StaffHandle>,
    stop: CancellationToken,
    people: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    smsc: Handle,
    esme: Handle,
    base_url: String,
    pace: Pace,
    texts: AtomicU64,
    filed: AtomicU64,
}

impl Demo {
    /// Begins: the SMSC listens at once, so that the product can bind to it; everything else waits for the product
    /// as long as it takes.
    ///
    /// # Errors
    /// The SMSC cannot listen, or there is no HTTP client.
    pub async fn start(plan: DemoPlan) -> anyhow::Result<DemoHandle> {
        let (heard, ears) = mpsc::channel(EARS);
        let listen = plan.smsc_listen.listen;
        let networks = vec![plan.smsc_listen.network, plan.esme_connect.network];
        let smsc = Smsc::start(plan.smsc_listen, heard.clone())
            .await
            .with_context(|| format!("the simulated operator cannot listen on {listen}"))?;
        let esme = Esme::start(plan.esme_connect, heard);
        let stream = CitizensPlan { networks, ..CitizensPlan::demo(plan.seed) };
        let (star, wronged) = (stream.star.clone(), stream.wronged.clone());
        let desks = desks(&plan.operator_keys, &plan.base_url, [&star, &wronged], plan.seed, plan.pace)?;
        let staff = plan.staff.map(|logins| {
            Staff::start(StaffPlan {
                base_url: plan.base_url.clone(),
                logins,
                star: star.clone(),
                voices_wanted: 8,
                wronged: wronged.clone(),
                keep_after: Duration::from_secs(10),
                pace: plan.pace,
            })
        });
        let shared = Arc::new(Shared {
            smsc,
            esme,
            base_url: plan.base_url,
            pace: plan.pace,
            texts: AtomicU64::new(0),
            filed: AtomicU64::new(0),
        });
        let stop = CancellationToken::new();
        let mut people = JoinSet::new();
        people.spawn(until(stop.clone(), street(shared.clone(), Citizens::new(stream), ears)));
        people.spawn(until(stop.clone(), web_reporter(shared.clone(), star)));
        for desk in &desks {
            people.spawn(until(stop.clone(), holder(shared.clone(), wronged.clone(), desk.blocked())));
        }
        Ok(DemoHandle { shared, desks, staff: staff.transpose()?, stop, people })
    }
}

impl DemoHandle {
    /// Where the simulated SMSC listens.
    #[must_use]
    pub fn smsc_address(&self) -> std::net::SocketAddr {
        self.shared.smsc.address()
    }

    /// What has happened so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let [smsc, esme]: [Counts; 2] = [self.shared.smsc.counts(), self.shared.esme.counts()];
        Stats {
            texts_sent: self.shared.texts.load(Ordering::Relaxed),
            messages_acknowledged: smsc.messages_acknowledged + esme.messages_acknowledged,
            unanswered: (self.shared.smsc.unanswered() + self.shared.esme.unanswered()) as u64,
            replies_received: smsc.replies + esme.replies,
            requests_answered: self.desks.iter().map(DeskHandle::answered).sum(),
            filed_on_the_web: self.shared.filed.load(Ordering::Relaxed),
            steps: self.staff.as_ref().map(|staff| staff.steps().borrow().clone()).unwrap_or_default(),
            are_links_bound: smsc.is_bound && esme.is_bound,
        }
    }

    /// Everyone goes home: citizens and staff first, then the back offices, at last the links unbind.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.people.join_next().await {
            if let Err(error) = ended {
                tracing::warn!(%error, "somebody in the demo ended badly");
            }
        }
        if let Some(staff) = self.staff.take() {
            staff.stop().await;
        }
        for desk in std::mem::take(&mut self.desks) {
            desk.stop().await;
        }
        // Nobody else holds it now: its people have ended above.
        if let Some(shared) = Arc::into_inner(self.shared) {
            tokio::join!(shared.smsc.stop(), shared.esme.stop());
        }
    }
}

async fn until(stop: CancellationToken, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        () = stop.cancelled() => {}
    }
}

fn desks(
    keys: &[OperatorKey],
    base_url: &str,
    certain: [&Mobile; 2],
    seed: u64,
    pace: Pace,
) -> anyhow::Result<Vec<DeskHandle>> {
    let certain = certain.map(Mobile::canonical).to_vec();
    let start = |key: &OperatorKey| {
        Desk::start(DeskPlan {
            base_url: base_url.to_owned(),
            network: key.network,
            key: key.key.clone(),
            certain: certain.clone(),
            seed,
            pace,
        })
    };
    keys.iter().map(start).collect()
}

/// Citizens send at their pace, and hear what is replied.
async fn street(shared: Arc<Shared>, mut citizens: Citizens, mut ears: mpsc::Receiver<Heard>) {
    wait_for_links(&shared).await;
    let mut due = tokio::time::Instant::now();
    while let Some((pause, text)) = citizens.next() {
        due += shared.pace.of(pause);
        loop {
            tokio::select! {
                heard = ears.recv() => match heard {
                    Some(heard) => citizens.heard(&heard.citizen, &heard.text),
                    None => return,
                },
                () = tokio::time::sleep_until(due) => break,
            }
        }
        shared.send(&text).await;
        shared.texts.fetch_add(1, Ordering::Relaxed);
        // After a long wait for a slow product, time goes on from now: no flood to catch up.
        due = due.max(tokio::time::Instant::now());
    }
    tracing::info!("the citizens have said all they had to say");
    while let Some(heard) = ears.recv().await {
        citizens.heard(&heard.citizen, &heard.text);
    }
}

async fn wait_for_links(shared: &Shared) {
    let (mut smsc, mut esme) = (shared.smsc.bound(), shared.esme.bound());
    let both = async {
        // An error means that the operator has ended: then there is nothing to wait for.
        for bound in [&mut smsc, &mut esme] {
            if bound.wait_for(|count| *count > 0).await.is_err() {
                return;
            }
        }
    };
    if tokio::time::timeout(LINKS_WITHIN, both).await.is_err() {
        tracing::warn!("a link is not bound yet; the citizens begin all the same");
    }
}

impl Shared {
    async fn send(&self, text: &CitizenText) {
        let operator = if text.network == self.esme.network() { &self.esme } else { &self.smsc };
        operator.send(text).await;
    }
}

/// A citizen who has no patience for texts files a report on the web.
async fn web_reporter(shared: Arc<Shared>, star: Mobile) {
    tokio::time::sleep(shared.pace.of(WEB_REPORT_AFTER)).await;
    let report = WebReport {
        source: star,
        words:
            "Người này tự xưng là Công an tỉnh, nói thuê bao của bố tôi liên quan đường dây ma túy và bắt \
                chuyển tiền ngay. Bố tôi đã chuyển một lần trước khi gọi cho tôi."
                .to_owned(),
        commune: "Buôn Ma Thuột".to_owned(),
        phone: "0960 000 156".to_owned(),
        lost: "5.000.000".to_owned(),
    };
    let filed = tried("a report on the web", shared.pace, || async {
        public::report(&shared.base_url, &report).await.map(drop)
    });
    if filed.await {
        shared.filed.fetch_add(1, Ordering::Relaxed);
    }
}

/// The holder of a number notices that it is dead, and asks for reconsideration.
async fn holder(shared: Arc<Shared>, number: Mobile, mut blocked: watch::Receiver<BTreeSet<String>>) {
    let canonical = number.canonical();
    if blocked.wait_for(|blocked| blocked.contains(&canonical)).await.is_err() {
        return;
    }
    tokio::time::sleep(shared.pace.of(APPEAL_AFTER)).await;
    let appeal = Appeal {
        number,
        contact: "0970 000 386".to_owned(),
        statement:
            "Tôi bán rau ở chợ, dùng số này nhiều năm để khách gọi. Tôi không gọi cho ai đòi tiền. Đề nghị \
                    kiểm tra lại và mở khóa giúp tôi."
                .to_owned(),
    };
    let filed = tried("a request for reconsideration", shared.pace, || async {
        public::reconsider(&shared.base_url, &appeal).await.map(drop)
    });
    if filed.await {
        shared.filed.fetch_add(1, Ordering::Relaxed);
    }
}

/// Tries a few times; whether it worked. What did not is said in the log.
async fn tried<F: Future<Output = anyhow::Result<()>>>(
    what: &'static str,
    pace: Pace,
    attempt: impl Fn() -> F,
) -> bool {
    for tries in 1..=TRIES_MAX {
        match attempt().await {
            Ok(()) => {
                tracing::info!(what, "filed at the public site");
                return true;
            }
            Err(error) => {
                tracing::warn!(what, tries, error = %format!("{error:#}"), "a public page is not as expected");
            }
        }
        tokio::time::sleep(pace.of(TRY_AGAIN)).await;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::{Carry, IdStyle};
    use canhgiac_smpp::pdu::BindKind;
    use canhgiac_smpp::text::DefaultAlphabet;

    #[tokio::test]
    async fn a_demo_whose_product_is_not_there_waits_and_stops() {
        let nowhere = "127.0.0.1:9";
        let plan = DemoPlan {
            smsc_listen: SmscPlan {
                listen: "127.0.0.1:0".parse().unwrap(),
                network: Network::Viettel,
                system_id: "a".to_owned(),
                password: "b".to_owned(),
                alphabet: DefaultAlphabet::Gsm7,
                window: 10,
                ids: IdStyle::HexThenDecimal,
                seed: 1,
            },
            esme_connect: EsmePlan {
                connect: nowhere.parse().unwrap(),
                network: Network::Vinaphone,
                system_id: "a".to_owned(),
                password: "b".to_owned(),
                bind: BindKind::Transceiver,
                alphabet: DefaultAlphabet::Gsm7,
                window: 10,
                carry: Carry::Usual,
                ids: IdStyle::Padded,
                seed: 2,
            },
            base_url: format!("http://{nowhere}"),
            operator_keys: vec![OperatorKey { network: Network::Viettel, key: "k".to_owned() }],
            staff: None,
            seed: 1,
            pace: Pace::default(),
        };
        let demo = Demo::start(plan).await.unwrap();
        assert_ne!(demo.smsc_address().port(), 0);
        assert_eq!(demo.stats(), Stats::default());
        demo.stop().await;
    }
}

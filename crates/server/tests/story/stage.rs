//! The stage the story plays on: the product with one link to an operator's SMSC, and hands to act.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use canhgiac::act::ActError;
use canhgiac::app::App;
use canhgiac::clock::Clock;
use canhgiac::config::{Config, LinkBind, LinkConfig, LinkRole, TemporaryBlockConfig};
use canhgiac::serve::{Running, start};
use canhgiac_domain::account::{Actor, Role};
use canhgiac_domain::id::UserId;
use canhgiac_domain::procedure::Action;
use canhgiac_simulator::citizens::{CitizenText, Mobile, Network};
use canhgiac_simulator::operator::{Handle, Heard, IdStyle, Smsc, SmscPlan};
use canhgiac_smpp::text::DefaultAlphabet;
use canhgiac_store::{CaseEntry, CaseFilter, NewAudit, Page};
use serde_json::Value;
use tokio::sync::mpsc;
use uuid::Uuid;

/// How long anything may take on a busy machine before the test fails.
const WITHIN: Duration = Duration::from_secs(30);
/// Pause between two looks at something that happens elsewhere.
const LOOK: Duration = Duration::from_millis(20);

pub(crate) struct Stage {
    running: Running,
    smsc: Handle,
    heard: mpsc::Receiver<Heard>,
    early: HashMap<String, VecDeque<String>>,
    clock: Clock,
    keys: HashMap<&'static str, String>,
    http: reqwest::Client,
    _directory: tempfile::TempDir,
}

impl Stage {
    pub(crate) async fn open() -> Stage {
        let directory = tempfile::tempdir().unwrap();
        let (sender, heard) = mpsc::channel(1024);
        let plan = SmscPlan {
            listen: "127.0.0.1:0".parse().unwrap(),
            network: Network::Viettel,
            system_id: "canhgiac".to_owned(),
            password: "secret".to_owned(),
            alphabet: DefaultAlphabet::Gsm7,
            window: 10,
            ids: IdStyle::default(),
            seed: 1,
        };
        let smsc = Smsc::start(plan, sender).await.unwrap();
        let link = LinkConfig {
            name: "viettel".to_owned(),
            role: LinkRole::Client,
            address: smsc.address().to_string(),
            system_id: "canhgiac".to_owned(),
            password: "secret".to_owned(),
            bind: LinkBind::Transceiver,
            default_alphabet: "gsm7".to_owned(),
            window: 10,
            operator: Some("viettel".to_owned()),
            rate_per_s: None,
            keyword_prefix: None,
            carries: None,
            replies: true,
            tls: None,
            group: None,
        };
        let config = Config {
            http: "127.0.0.1:0".parse().unwrap(),
            data_dir: directory.path().join("data"),
            is_demo: true,
            temporary_block: Some(TemporaryBlockConfig {
                days: 7,
                issuing_body: "Cơ quan thử nghiệm".to_owned(),
                legal_basis: None,
            }),
            links: vec![link],
            ..Config::default()
        };
        let clock = Clock::system().unwrap();
        let running = start(config, clock.clone()).await.unwrap();
        let mut keys = HashMap::new();
        for operator in ["viettel", "vinaphone"] {
            let key = canhgiac::keys::new_token().unwrap();
            let audit = super::audit_of(&Actor::System, 0);
            running
                .app
                .store
                .set_operator_key(operator, &canhgiac::keys::hash_token(&key), &audit)
                .await
                .unwrap();
            keys.insert(operator, key);
        }
        let mut bound = smsc.bound();
        let is_bound = tokio::time::timeout(WITHIN, bound.wait_for(|count| *count > 0)).await.is_ok();
        assert!(is_bound, "the link binds: {:?}", running.app.links.all());
        Stage {
            running,
            smsc,
            heard,
            early: HashMap::new(),
            clock,
            keys,
            http: reqwest::Client::new(),
            _directory: directory,
        }
    }

    pub(crate) async fn close(self) {
        self.running.stop().await;
        self.smsc.stop().await;
    }

    pub(crate) fn app(&self) -> &App {
        &self.running.app
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn officer(&self) -> Actor {
        staff(1, Role::Officer)
    }

    pub(crate) fn approver(&self) -> Actor {
        staff(2, Role::Approver)
    }

    pub(crate) fn second_approver(&self) -> Actor {
        staff(3, Role::Approver)
    }

    pub(crate) fn police(&self) -> Actor {
        staff(4, Role::Police)
    }

    pub(crate) fn audit(&self, actor: &Actor) -> NewAudit {
        super::audit_of(actor, self.clock.now_us())
    }

    /// A citizen sends a text to 156.
    pub(crate) async fn text(&self, from: &str, words: &str) {
        let from = Mobile::from_dialled(from).expect("a mobile number");
        self.smsc.send(&CitizenText::plain(from, Network::Viettel, words)).await;
    }

    /// The next SMS that reaches a citizen.
    pub(crate) async fn reply_to(&mut self, citizen: &str) -> String {
        loop {
            if let Some(text) = self.early.get_mut(citizen).and_then(VecDeque::pop_front) {
                return text;
            }
            let heard = tokio::time::timeout(WITHIN, self.heard.recv())
                .await
                .unwrap_or_else(|_| panic!("no reply reached {citizen}"))
                .expect("the SMSC runs");
            assert_eq!(heard.from, "156", "replies come from the code the citizen wrote to");
            self.early.entry(heard.citizen.dialled().to_owned()).or_default().push_back(heard.text);
        }
    }

    /// All work that is known is done, and nothing is left for this citizen.
    pub(crate) async fn nothing_more_for(&mut self, citizen: &str) {
        self.until(async |app| {
            app.store.jobs_waiting(app.clock.now_us()).await.unwrap() == 0
                && app.store.messages_planned().await.unwrap().is_empty()
                && app.store.messages(&["sending"], Page::default()).await.unwrap().is_empty()
        })
        .await;
        while let Ok(heard) = self.heard.try_recv() {
            assert_ne!(heard.citizen.dialled().to_owned(), citizen, "an SMS too many: {}", heard.text);
        }
        assert!(self.early.get(citizen).is_none_or(VecDeque::is_empty));
    }

    /// The newest case on a source.
    pub(crate) async fn case_on(&self, canonical: &str) -> CaseEntry {
        self.case_with(canonical, 1).await
    }

    /// The newest case on a source, once it has this many reports.
    pub(crate) async fn case_with(&self, canonical: &str, reports: i64) -> CaseEntry {
        let filter = CaseFilter { source_contains: Some(canonical.to_lowercase()), ..CaseFilter::default() };
        let end = tokio::time::Instant::now() + WITHIN;
        loop {
            let mut cases = self.app().store.cases(&filter, Page::default()).await.unwrap();
            cases.sort_by_key(|case| case.case.number);
            if let Some(case) = cases.pop().filter(|case| case.reports >= reports) {
                return case;
            }
            assert!(
                tokio::time::Instant::now() < end,
                "there is no case on {canonical} with {reports} reports"
            );
            tokio::time::sleep(LOOK).await;
        }
    }

    pub(crate) async fn act(&self, number: i64, action: Action, actor: &Actor) -> Result<(), ActError> {
        let version = self.app().store.case(number).await.unwrap().case.version;
        self.app().act(number, version, action, actor, "vì thử nghiệm").await
    }

    /// A case on `scammer` that is blocked for seven days.
    pub(crate) async fn blocked_case(&mut self, scammer: &str) -> i64 {
        for citizen in ["0960002001", "0960002002", "0960002003"] {
            self.text(citizen, &format!("LD {scammer} doi chuyen tien")).await;
            self.reply_to(citizen).await;
        }
        let number = self.case_on(&format!("+84{}", &scammer[1..])).await.case.number;
        let officer = self.officer();
        self.act(number, Action::Confirm, &officer).await.unwrap();
        self.act(number, Action::RequestBlock, &officer).await.unwrap();
        let request = self.open_request("viettel").await;
        self.answer("viettel", &request, serde_json::json!({ "answer": "blocked" }), 200).await;
        number
    }

    /// The one open request of an operator, as its interface gives it.
    pub(crate) async fn open_request(&self, operator: &str) -> Value {
        let url = format!("http://{}/api/v1/operator/requests", self.running.http);
        let end = tokio::time::Instant::now() + WITHIN;
        loop {
            let answer = self.http.get(&url).bearer_auth(&self.keys[operator]).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            let body: Value = answer.json().await.unwrap();
            if let Some(request) = body["requests"].as_array().unwrap().first() {
                return request.clone();
            }
            assert!(tokio::time::Instant::now() < end, "{operator} has no request");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Answers a request with an operator's key and expects this status.
    pub(crate) async fn answer(&self, operator: &str, request: &Value, answer: Value, status: u16) {
        let id = request["id"].as_str().unwrap();
        let url = format!("http://{}/api/v1/operator/requests/{id}/answer", self.running.http);
        let response =
            self.http.post(&url).bearer_auth(&self.keys[operator]).json(&answer).send().await.unwrap();
        let got = response.status().as_u16();
        assert_eq!(got, status, "{answer}: {}", response.text().await.unwrap());
    }

    /// A page of the public site.
    pub(crate) async fn page(&self, path: &str) -> String {
        let answer = self.http.get(format!("http://{}{path}", self.running.http)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }

    /// Waits until every message about an object has reached its phone.
    pub(crate) async fn delivered(&self, object: &str) {
        self.until(async |app| {
            let counts = app.store.message_counts(object).await.unwrap();
            !counts.is_empty() && counts.iter().all(|count| count.label == "delivered")
        })
        .await;
    }

    async fn until(&self, is_so: impl AsyncFn(&App) -> bool) {
        let end = tokio::time::Instant::now() + WITHIN;
        while !is_so(self.app()).await {
            assert!(tokio::time::Instant::now() < end, "it did not come about in time");
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// The code in a receipt, as `48271935`.
pub(crate) fn code_in(receipt: &str) -> String {
    let after = receipt.split("soan KQ ").nth(1).expect("a receipt names its code");
    after.chars().take_while(char::is_ascii_digit).collect()
}

fn staff(n: u128, role: Role) -> Actor {
    Actor::Staff { id: UserId(Uuid::from_u128(n)), role }
}

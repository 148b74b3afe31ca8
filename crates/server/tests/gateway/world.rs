//! The gateway in this process over real TCP, with a data directory of its own.

use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use canhgiac::app::{App, AppState};
use canhgiac::clock::Clock;
use canhgiac::config::{Config, LinkBind, LinkConfig, LinkRole};
use canhgiac::gateway::{GatewayLimits, LinkStatus, bind_listeners, run_with};
use canhgiac::intake::Committer;
use canhgiac_smpp::throttle::Backoff;
use canhgiac_store::{IntakeRow, MessageRow, NewMessage, Page};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long anything awaited may take on a busy machine.
pub(crate) const WITHIN: Duration = Duration::from_secs(20);
/// The password of every link here.
pub(crate) const PASSWORD: &str = "pw-4711";

/// A link with the eight keys that are a complete configuration.
pub(crate) fn link(name: &str, role: LinkRole, address: &str) -> LinkConfig {
    LinkConfig {
        name: name.to_owned(),
        role,
        address: address.to_owned(),
        system_id: name.to_owned(),
        password: PASSWORD.to_owned(),
        bind: LinkBind::Transceiver,
        default_alphabet: "gsm7".to_owned(),
        window: 10,
        operator: None,
        rate_per_s: None,
        keyword_prefix: None,
        carries: None,
        replies: true,
        tls: None,
        group: None,
    }
}

/// A server link on any free port.
pub(crate) fn server(name: &str) -> LinkConfig {
    link(name, LinkRole::Server, "127.0.0.1:0")
}

/// A client link to this address.
pub(crate) fn client(name: &str, address: SocketAddr) -> LinkConfig {
    link(name, LinkRole::Client, &address.to_string())
}

/// The product's limits with shorter pauses.
pub(crate) fn quick() -> GatewayLimits {
    let ms = Duration::from_millis;
    GatewayLimits {
        reconnect: Backoff { base: ms(20), cap: ms(100) },
        throttle_pause: Backoff { base: ms(200), cap: ms(400) },
        retry_pause: Backoff { base: ms(20), cap: ms(40) },
        poll_every: ms(50),
        linger: ms(200),
        // Peers here do not read while the gateway stops.
        unbind_timeout: ms(200),
        answer_settles: Duration::ZERO,
        ..GatewayLimits::default()
    }
}

/// A running gateway.
pub(crate) struct World {
    pub(crate) app: AppState,
    pub(crate) directory: TempDir,
    stop: CancellationToken,
    gateway: JoinHandle<anyhow::Result<()>>,
    committer: Option<Committer>,
    commits: Option<(CancellationToken, JoinHandle<()>)>,
}

impl World {
    pub(crate) async fn start(links: Vec<LinkConfig>) -> World {
        World::start_with(links, quick()).await
    }

    pub(crate) async fn start_with(links: Vec<LinkConfig>, limits: GatewayLimits) -> World {
        let mut world = World::without_commits(links, limits, tempfile::tempdir().unwrap()).await;
        world.let_commit();
        world
    }

    /// A gateway whose texts wait for their commit until [`World::let_commit`].
    pub(crate) async fn without_commits(
        links: Vec<LinkConfig>,
        limits: GatewayLimits,
        directory: TempDir,
    ) -> World {
        let config = Config { data_dir: directory.path().to_owned(), links, ..Config::default() };
        assert_eq!(config.problems(), [] as [String; 0]);
        let (app, committer) = App::open(config, Clock::system().unwrap()).await.unwrap();
        let listeners = bind_listeners(&app).await.unwrap();
        let stop = CancellationToken::new();
        let gateway = tokio::spawn(run_with(app.clone(), listeners, limits, stop.clone()));
        World { app, directory, stop, gateway, committer: Some(committer), commits: None }
    }

    pub(crate) fn let_commit(&mut self) {
        let committer = self.committer.take().expect("not yet committing");
        let stop = CancellationToken::new();
        let (store, health) = (self.app.store.clone(), self.app.health.clone());
        let run = committer.run(store, health, self.app.projector.clone(), stop.clone());
        self.commits = Some((stop, tokio::spawn(run)));
    }

    /// Begins an orderly stop.
    pub(crate) fn ask_to_stop(&self) {
        self.stop.cancel();
    }

    /// Begins an orderly stop and gives what the gateway says in the end.
    pub(crate) async fn outcome_of_stopping(&mut self) -> anyhow::Result<()> {
        self.stop.cancel();
        tokio::time::timeout(WITHIN, &mut self.gateway).await.expect("stops in time").unwrap()
    }

    /// Stops in order; gives the data directory.
    pub(crate) async fn stop(self) -> TempDir {
        self.stop.cancel();
        tokio::time::timeout(WITHIN, self.gateway).await.expect("stops in time").unwrap().unwrap();
        if let Some((stop, committer)) = self.commits {
            stop.cancel();
            committer.await.unwrap();
        }
        self.app.store.close().await;
        self.directory
    }

    /// Ends without any order, as a power cut would; gives the data directory.
    pub(crate) async fn crash(self) -> TempDir {
        self.gateway.abort();
        assert!(self.gateway.await.unwrap_err().is_cancelled());
        if let Some((_, committer)) = self.commits {
            committer.abort();
        }
        self.app.store.close().await;
        self.directory
    }

    pub(crate) fn status(&self, link: &str) -> LinkStatus {
        self.app.links.link(link).unwrap()
    }

    /// Where a server link listens.
    pub(crate) fn address(&self, link: &str) -> SocketAddr {
        self.status(link).listening.unwrap()
    }

    /// Waits until a link's figures are so.
    pub(crate) async fn until_status(&self, link: &str, is_so: impl Fn(&LinkStatus) -> bool) -> LinkStatus {
        until(|| async { Some(self.status(link)).filter(&is_so) }).await
    }

    pub(crate) async fn intake(&self) -> Vec<IntakeRow> {
        self.app.store.read_intake(0, 10_000).await.unwrap()
    }

    /// Writes a message to a made-up subscriber into the outbox, with this text.
    pub(crate) async fn plan(&self, link: &str, text: &str) {
        let message = NewMessage {
            unique_key: format!("{link}:{text}"),
            purpose: "reply".to_owned(),
            object: "report:1".to_owned(),
            to: self.app.keys.seal_number("+84900000001").unwrap(),
            text: text.to_owned(),
            link: link.to_owned(),
            from_code: "156".to_owned(),
            run_us: 0,
        };
        self.app.store.add_messages(&[message], None, self.app.clock.now_us()).await.unwrap();
        self.app.outbox.notify_one();
    }

    /// The message with this text.
    pub(crate) async fn message(&self, text: &str) -> MessageRow {
        let all = self.app.store.messages(&[], Page { offset: 0, limit: 1000 }).await.unwrap();
        all.into_iter().find(|row| row.text == text).unwrap()
    }

    /// Waits until the message with this text is in this state.
    pub(crate) async fn until_message(&self, text: &str, state: &str) -> MessageRow {
        until(|| async { Some(self.message(text).await).filter(|row| row.state == state) }).await
    }
}

/// Asks until the answer is there; fails when it does not come.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(ask: impl Fn() -> F) -> T {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(WITHIN, asking).await.expect("what was awaited does not come")
}

/// Whether these octets stand in any file below the directory.
pub(crate) fn stands_in_a_file(directory: &Path, octets: &[u8]) -> bool {
    std::fs::read_dir(directory).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return stands_in_a_file(&path, octets);
        }
        std::fs::read(&path).unwrap().windows(octets.len()).any(|window| window == octets)
    })
}

//! What every part of the product is given: store, rules, keys, clock, the way in and the links.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use canhgiac_store::{PostgresOptions, Store};
use tokio::sync::Notify;

use crate::api::Rates;
use crate::clock::Clock;
use crate::config::Config;
use crate::evidence::EvidenceFiles;
use crate::gateway::LinkBoard;
use crate::health::Health;
use crate::instance::Instance;
use crate::intake::{Committer, IntakeQueue, KeyedQueue};
use crate::keys::Keys;
use crate::one_installation;
use crate::roles::Roles;
use crate::rules::Rules;

/// How often a database that does not answer at the start is asked again.
const DATABASE_EVERY: Duration = Duration::from_secs(1);

/// The product's parts, shared.
#[derive(Debug)]
pub struct App {
    /// Databases.
    pub store: Store,
    /// What was configured.
    pub config: Config,
    /// Dated data: numbering, grammar, replies, procedure, agencies, taxonomy.
    pub rules: Rules,
    /// Which part of the work is ours.
    pub roles: Roles,
    /// This process among others.
    pub instance: Instance,
    /// Keys.
    pub keys: Keys,
    /// The time.
    pub clock: Clock,
    /// The way in.
    pub intake: IntakeQueue,
    /// The way in for senders that name what they send.
    pub keyed: KeyedQueue,
    /// What each partner's key may still send.
    pub(crate) rates: Rates,
    /// Files of evidence.
    pub evidence: EvidenceFiles,
    /// What each SMPP link is doing.
    pub links: LinkBoard,
    /// What is wrong now.
    pub health: Health,
    /// Wakes the projector.
    pub projector: Arc<Notify>,
    /// Wakes the workers that run jobs.
    pub jobs: Arc<Notify>,
    /// Wakes the senders of SMS.
    pub outbox: Arc<Notify>,
}

/// [`App`], as handlers hold it.
pub type AppState = Arc<App>;

impl App {
    /// The link and code a text about a report goes out by: those the report came by, or, when it came by
    /// no link, the first that can send.
    pub(crate) fn way_out(&self, link: &str, to_code: Option<&str>) -> Option<(String, String)> {
        let can_answer = |link: &&crate::config::LinkConfig| link.replies && link.can_send();
        let links = &self.config.links;
        if let Some(own) = links.iter().filter(can_answer).find(|known| known.name == link) {
            let code = to_code.filter(|code| !code.is_empty()).unwrap_or(&self.config.short_code);
            return Some((own.name.clone(), code.to_owned()));
        }
        links.iter().find(can_answer).map(|first| (first.name.clone(), self.config.short_code.clone()))
    }

    /// Opens everything for a process that does all the work.
    ///
    /// # Errors
    /// When the directory, the database, a key or a data file cannot be used.
    pub async fn open(config: Config, clock: Clock) -> anyhow::Result<(AppState, Committer)> {
        App::open_in(config, Roles::all(), clock).await
    }

    /// Opens everything for a process in these roles.
    ///
    /// # Errors
    /// When the directory, the database, a key or a data file cannot be used, or the roles need another
    /// configuration.
    pub async fn open_in(
        config: Config,
        roles: Roles,
        clock: Clock,
    ) -> anyhow::Result<(AppState, Committer)> {
        roles.check(&config)?;
        let directory: PathBuf = config.data_dir.clone();
        crate::lock::make_private(&directory)?;
        let keys = Keys::open(config.master_key.as_deref(), &directory)?;
        let rules = Rules::shipped(&config)?;
        let store = open_store(&config).await?;
        one_installation::check_keys(&store, &keys).await?;
        let evidence = EvidenceFiles::open(config.evidence_dir())?;
        if roles.keep_files() {
            one_installation::check_files(&store, &config).await?;
        }
        let links = LinkBoard::new(&config.links);
        let (intake, committer) = IntakeQueue::new();
        let projector: Arc<Notify> = Arc::default();
        let keyed = KeyedQueue::start(store.clone(), clock.clone(), Arc::clone(&projector));
        let app = App {
            store,
            instance: Instance::new(config.is_shared()),
            roles,
            config,
            rules,
            keys,
            clock,
            intake,
            keyed,
            rates: Rates::default(),
            evidence,
            links,
            health: Health::default(),
            projector,
            jobs: Arc::default(),
            outbox: Arc::default(),
        };
        Ok((Arc::new(app), committer))
    }
}

/// Opens the database of this configuration.
///
/// # Errors
/// When it cannot be reached or used.
pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    match &config.database {
        None => Store::open(&config.data_dir)
            .await
            .with_context(|| format!("cannot open the databases in {}", config.data_dir.display())),
        Some(url) => {
            let options: PostgresOptions = url.parse().context("database in the configuration")?;
            // The error names hosts, never the password.
            Store::connect(&options).await.context("cannot use the PostgreSQL database")
        }
    }
}

/// Waits until a database that lies elsewhere answers: after a power cut it may start later than we do.
///
/// # Errors
/// When it answers and cannot be used.
pub(crate) async fn wait_for_database(config: &Config) -> anyhow::Result<()> {
    let Some(url) = &config.database else { return Ok(()) };
    let options: PostgresOptions = url.parse().context("database in the configuration")?;
    loop {
        match Store::connect(&options).await {
            Ok(store) => {
                store.close().await;
                return Ok(());
            }
            Err(error) if error.is_unavailable() => {
                tracing::warn!(%error, "the database does not answer yet; trying again");
                tokio::time::sleep(DATABASE_EVERY).await;
            }
            Err(error) => return Err(error).context("cannot use the PostgreSQL database"),
        }
    }
}

//! What every part of the product is given: store, rules, keys, clock, the way in and the links.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use canhgiac_store::Store;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::config::Config;
use crate::evidence::EvidenceFiles;
use crate::gateway::LinkBoard;
use crate::intake::{Committer, IntakeQueue};
use crate::keys::Keys;
use crate::rules::Rules;

/// The product's parts, shared.
#[derive(Debug)]
pub struct App {
    /// Databases.
    pub store: Store,
    /// What was configured.
    pub config: Config,
    /// Dated data: numbering, grammar, replies, procedure, agencies, taxonomy.
    pub rules: Rules,
    /// Keys.
    pub keys: Keys,
    /// The time.
    pub clock: Clock,
    /// The way in.
    pub intake: IntakeQueue,
    /// Files of evidence.
    pub evidence: EvidenceFiles,
    /// What each SMPP link is doing.
    pub links: LinkBoard,
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
    /// Opens everything below the data directory.
    ///
    /// # Errors
    /// When the directory, a key or a data file cannot be used.
    pub async fn open(config: Config, clock: Clock) -> anyhow::Result<(AppState, Committer)> {
        let directory: PathBuf = config.data_dir.clone();
        crate::lock::make_private(&directory)?;
        let keys = Keys::open(config.master_key.as_deref(), &directory)?;
        let rules = Rules::shipped(&config)?;
        let store = Store::open(&directory)
            .await
            .with_context(|| format!("cannot open the databases in {}", directory.display()))?;
        let evidence = EvidenceFiles::open(directory.join("evidence"))?;
        let links = LinkBoard::new(&config.links);
        let (intake, committer) = IntakeQueue::new();
        let app = App {
            store,
            config,
            rules,
            keys,
            clock,
            intake,
            evidence,
            links,
            projector: Arc::default(),
            jobs: Arc::default(),
            outbox: Arc::default(),
        };
        Ok((Arc::new(app), committer))
    }
}

//! `canhgiac check-store`: whether what lies on the disk is what was written. It repairs nothing.

use anyhow::{Context, bail};
use canhgiac_store::{Fault, Store, StoreError};

use super::{Common, say};
use crate::evidence::EvidenceFiles;

/// What to do about damage.
const ADVICE: &str = "Stop the product, keep a copy of everything as it is, and restore it from the \
                      newest backup that check-store finds whole (docs/operations.md). Have the disk examined.";

/// Looks through everything.
///
/// # Errors
/// When something is damaged, or could not be read.
pub(super) async fn run(common: &Common) -> anyhow::Result<()> {
    let config = common.load()?;
    let directory = &config.data_dir;
    if config.is_shared() {
        let store = crate::app::open_store(&config).await?;
        let found = store.check().await;
        store.close().await;
        return tell(
            found?,
            "every table of the PostgreSQL database reads to its end; pg_amcheck looks at its pages",
        );
    }
    if !directory.join("intake.db").is_file() {
        bail!("there is no database in {}; give its --data-dir", directory.display());
    }
    let mut found = match Store::open(directory).await {
        Ok(store) => {
            let found = store.check().await;
            store.close().await;
            found?
        }
        Err(error) if is_damage(&error) => vec![format!("the databases do not open: {error}")],
        Err(error) => {
            return Err(error)
                .with_context(|| format!("cannot open the databases in {}", directory.display()));
        }
    };
    let (whole, damaged) = EvidenceFiles::open(directory.join("evidence"))?.check()?;
    found.extend(damaged.iter().map(|name| format!("evidence/{name}: its content is not what was kept")));
    tell(found, &format!("{} is whole: both databases and {whole} files of evidence", directory.display()))
}

fn tell(found: Vec<String>, whole: &str) -> anyhow::Result<()> {
    for line in &found {
        say(line)?;
    }
    if found.is_empty() { say(whole) } else { bail!("places that are damaged: {}. {ADVICE}", found.len()) }
}

fn is_damage(error: &StoreError) -> bool {
    match error {
        // A migration that cannot read the file says so in its own way.
        StoreError::Migration(error) => {
            let said = error.to_string();
            said.contains("malformed") || said.contains("not a database")
        }
        other => other.fault() == Some(Fault::Damaged),
    }
}

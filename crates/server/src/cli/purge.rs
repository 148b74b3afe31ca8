//! `canhgiac purge`: removes what is kept no longer, or says what would be removed.

use clap::Args;

use super::{Common, say};
use crate::app::App;
use crate::clock::Clock;

/// What the purge takes.
#[derive(Debug, Clone, Args)]
pub(super) struct PurgeArgs {
    /// Only count what would be removed.
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(common: &Common, args: PurgeArgs) -> anyhow::Result<()> {
    let (app, _committer) = App::open(common.load()?, Clock::system()?).await?;
    let removed = if args.dry_run {
        Some(crate::purge::dry_run(&app).await?)
    } else {
        crate::purge::run_daily(&app).await?
    };
    match removed {
        None => say("today's purge has been done already, or another process is at it")?,
        Some(removed) => {
            let verb = if args.dry_run { "would be removed" } else { "removed" };
            for (kind, count) in removed {
                let days = app.rules.retention.on(kind, app.clock.today()).map_or(0, |period| period.days);
                say(&format!("{:<18} {count:>10} {verb} (kept {days} days)", kind.id()))?;
            }
        }
    }
    app.store.close().await;
    Ok(())
}

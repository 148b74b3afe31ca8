//! A published warning by SMS to everyone who sent `DK CB`: one message each, planned in pages.

use canhgiac_store::{NewMessage, SealedNumber};
use uuid::Uuid;

use crate::app::App;
use crate::intake::hex;

/// Subscribers planned in one commit.
const PAGE: i64 = 1000;

pub(super) async fn run(app: &App, job_seq: i64, id: Uuid) -> anyhow::Result<()> {
    let bulletin = app.store.bulletin(id).await?;
    let now_us = app.clock.now_us();
    if bulletin.state != "published" {
        return Ok(app.store.finish_job(job_seq, &[], None, now_us).await?);
    }
    let mut after = Vec::new();
    loop {
        let subscribers = app.store.subscribers_after(&after, PAGE).await?;
        let Some(last) = subscribers.last() else { break };
        after = last.reporter_hash.clone();
        let messages: Vec<NewMessage> = subscribers
            .into_iter()
            .filter(|row| app.config.link(&row.link).is_some_and(|link| link.can_send()))
            .map(|row| NewMessage {
                unique_key: format!("broadcast:{id}:{}", hex(&row.reporter_hash)),
                purpose: "broadcast".to_owned(),
                object: format!("bulletin:{id}"),
                to: SealedNumber { hash: row.reporter_hash, sealed: row.sealed },
                text: bulletin.sms.clone(),
                link: row.link,
                from_code: if row.to_code.is_empty() { app.config.short_code.clone() } else { row.to_code },
                run_us: now_us,
            })
            .collect();
        // A second run meets the keys of the first and plans nobody twice.
        app.store.add_messages(&messages, None, now_us).await?;
        app.outbox.notify_waiters();
    }
    Ok(app.store.finish_job(job_seq, &[], None, now_us).await?)
}

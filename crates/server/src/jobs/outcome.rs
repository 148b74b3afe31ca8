//! The outcome of a case, told once to each of its reporters who can be told.

use std::collections::HashSet;

use canhgiac_domain::reply::{Fields, ReplyId};
use canhgiac_store::{NewMessage, Page, SealedNumber};

use super::reply::{called_source, code_of, with_report};
use crate::app::App;
use crate::intake::hex;

/// Reports read at once.
const PAGE: i64 = 500;

pub(super) async fn run(
    app: &App,
    job_seq: i64,
    number: i64,
    notice: &str,
    at_us: i64,
    version: i64,
) -> anyhow::Result<()> {
    let id = reply_of(notice).ok_or_else(|| anyhow::anyhow!("there is no text for the notice '{notice}'"))?;
    let case = app.store.case(number).await?;
    let called = called_source(app, &case.source.kind, &case.source.canonical);
    let mut told: HashSet<Vec<u8>> = HashSet::new();
    let mut messages = Vec::new();
    let mut page = Page { offset: 0, limit: PAGE };
    loop {
        // Newest first: whoever reported twice is told with the newer code.
        let reports = app.store.reports_of_case(number, page).await?;
        if reports.is_empty() {
            break;
        }
        page.offset += PAGE;
        for entry in &reports {
            let report = &entry.report;
            let (Some(hash), Some(sealed)) = (&report.reporter_hash, &report.reporter_sealed) else {
                continue;
            };
            // A link that forbids replies is not gone round by another one; a page is no link.
            let own = app.config.link(&report.link);
            let is_silent = own.is_some_and(|link| !link.replies || !link.can_send());
            let is_gone = own.is_none() && report.channel == "smpp";
            let Some((link, _)) = app.way_out(&report.link, report.to_code.as_deref()) else { continue };
            if !report.is_mobile || is_silent || is_gone || !told.insert(hash.clone()) {
                continue;
            }
            let fields = with_report(Fields::new(), entry, &called)
                .with("dau_so", &code_of(app, entry))
                .with("ngay", &app.day_text(at_us));
            messages.push(NewMessage {
                unique_key: format!("outcome:{number}:{version}:{notice}:{}", hex(hash)),
                purpose: "outcome".to_owned(),
                object: format!("case:{number}"),
                to: SealedNumber { hash: hash.clone(), sealed: sealed.clone() },
                text: app.sms(id, &fields)?,
                link,
                from_code: code_of(app, entry),
                run_us: app.clock.now_us(),
            });
        }
    }
    Ok(app.store.finish_job(job_seq, &messages, None, app.clock.now_us()).await?)
}

/// The text that tells a notice of the procedure.
fn reply_of(notice: &str) -> Option<ReplyId> {
    Some(match notice {
        "referred" => ReplyId::OutcomeReferred,
        "blocked" => ReplyId::OutcomeBlocked,
        "kept" => ReplyId::OutcomeKept,
        "not_found" => ReplyId::OutcomeNotFound,
        "not_enough_ground" => ReplyId::OutcomeNotEnoughGround,
        "forged" => ReplyId::OutcomeForged,
        "restored" => ReplyId::OutcomeRestored,
        "no_operator" => ReplyId::OutcomeNoOperator,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use canhgiac_domain::procedure::Notice;

    #[test]
    fn every_notice_of_the_procedure_has_its_text() {
        let at = jiff::Timestamp::UNIX_EPOCH;
        for notice in [
            Notice::Referred,
            Notice::Blocked(at),
            Notice::Kept,
            Notice::NotFound,
            Notice::NotEnoughGround,
            Notice::Forged,
            Notice::Restored,
            Notice::NoOperator,
        ] {
            assert!(reply_of(notice.id()).is_some(), "{notice:?}");
        }
    }
}

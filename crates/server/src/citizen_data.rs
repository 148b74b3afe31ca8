//! What is held on one citizen: handed out, or taken away, at their wish.
//!
//! Whoever has the secret link of a report has a claim to that report; whoever proves a number has a claim to
//! everything that came from it.

use canhgiac_store::{Erased, NewAudit, Page, ReportEntry};
use serde::Serialize;

use crate::app::App;
use crate::intake::hex;
use crate::web::{date_time, receipt_code};

/// Reports of one number handed out at most; a number that sent more is asked to come by.
const REPORTS_LIMIT: i64 = 1_000;
/// Messages about one report handed out at most.
const MESSAGES_LIMIT: i64 = 200;

/// What somebody has a claim to.
#[derive(Debug, Clone)]
pub(crate) enum Claim {
    /// One report, by its number.
    Report(i64),
    /// Everything of a number, by its keyed hash.
    Number(Vec<u8>),
}

/// Everything held.
#[derive(Debug, Serialize)]
pub(crate) struct Held {
    /// When this was put together.
    pub(crate) made_at: String,
    /// The number gets warnings by SMS; unknown when only one report is claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gets_warnings: Option<bool>,
    /// Reports and other texts, oldest first.
    pub(crate) texts: Vec<HeldText>,
}

/// One text with what belongs to it.
#[derive(Debug, Serialize)]
pub(crate) struct HeldText {
    pub(crate) code: String,
    pub(crate) received_at: String,
    pub(crate) channel: String,
    pub(crate) kind: Option<String>,
    pub(crate) about: Vec<String>,
    pub(crate) words: String,
    pub(crate) commune: Option<String>,
    pub(crate) place: Option<String>,
    pub(crate) money_lost: Option<i64>,
    pub(crate) number_is_kept: bool,
    pub(crate) number_is_proven: bool,
    pub(crate) state: String,
    pub(crate) files: Vec<HeldFile>,
    pub(crate) messages: Vec<HeldMessage>,
    pub(crate) erased_at: Option<String>,
}

/// One file.
#[derive(Debug, Serialize)]
pub(crate) struct HeldFile {
    pub(crate) name: String,
    pub(crate) mime: String,
    pub(crate) size: i64,
    pub(crate) sha256: String,
    pub(crate) added_at: String,
}

/// One SMS that was sent.
#[derive(Debug, Serialize)]
pub(crate) struct HeldMessage {
    pub(crate) text: String,
    pub(crate) state: String,
    pub(crate) at: String,
}

/// What became of a wish to erase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Reports erased now.
    pub(crate) erased: usize,
    /// Reports that an open case needs: erased when it ends.
    pub(crate) waiting: usize,
}

impl App {
    /// Everything held under a claim.
    ///
    /// # Errors
    /// What the database said.
    pub(crate) async fn held_on(&self, claim: &Claim) -> anyhow::Result<Held> {
        let mut texts = Vec::new();
        for entry in self.claimed(claim).await? {
            texts.push(self.held_text(entry).await?);
        }
        let gets_warnings = match claim {
            Claim::Report(_) => None,
            Claim::Number(hash) => Some(self.store.is_subscribed(hash).await?),
        };
        Ok(Held { made_at: date_time(self.clock.now_us()), gets_warnings, texts })
    }

    async fn claimed(&self, claim: &Claim) -> anyhow::Result<Vec<ReportEntry>> {
        Ok(match claim {
            Claim::Report(seq) => vec![self.store.report(*seq).await?],
            Claim::Number(hash) => {
                self.store.reports_of_reporter(hash, Page { offset: 0, limit: REPORTS_LIMIT }).await?
            }
        })
    }

    async fn held_text(&self, entry: ReportEntry) -> anyhow::Result<HeldText> {
        let report = entry.report;
        let object = format!("report:{}", report.seq);
        let files = self.store.evidence_of(report.seq).await?;
        let sent = self.store.messages_about(&object, Page { offset: 0, limit: MESSAGES_LIMIT }).await?;
        Ok(HeldText {
            code: receipt_code(&format!("{:08}", report.code)),
            received_at: date_time(report.received_us),
            channel: report.channel,
            kind: report.kind,
            about: entry.sources.iter().map(|source| source.canonical.clone()).collect(),
            words: report.text,
            commune: report.commune,
            place: report.place,
            money_lost: report.money_lost,
            number_is_kept: report.reporter_sealed.is_some(),
            number_is_proven: report.is_proven,
            state: report.state,
            files: files
                .into_iter()
                .map(|file| HeldFile {
                    name: file.name,
                    mime: file.mime,
                    size: file.size,
                    sha256: hex(&file.sha256),
                    added_at: date_time(file.added_us),
                })
                .collect(),
            messages: sent
                .into_iter()
                // A code that opens pages is no business of a file on a disk.
                .filter(|message| message.purpose != "code")
                .map(|message| HeldMessage {
                    text: message.text,
                    state: message.state,
                    at: date_time(message.sent_us.unwrap_or(message.created_us)),
                })
                .collect(),
            erased_at: report.purged_us.map(date_time),
        })
    }

    /// Notes that everything under a claim was handed out.
    ///
    /// # Errors
    /// What the database said.
    pub(crate) async fn note_export(&self, claim: &Claim, by: &str, why: &str) -> anyhow::Result<()> {
        for entry in self.claimed(claim).await? {
            self.store.audit(&self.entry(by, "data_exported", entry.report.seq, why)).await?;
        }
        Ok(())
    }

    /// Erases everything under a claim, now or when the case that needs it ends.
    ///
    /// # Errors
    /// What the database said; what was asked for stays noted and is done later.
    pub(crate) async fn erase(&self, claim: &Claim, by: &str, why: &str) -> anyhow::Result<Outcome> {
        let mut outcome = Outcome { erased: 0, waiting: 0 };
        for entry in self.claimed(claim).await? {
            let seq = entry.report.seq;
            self.store.ask_erasure(&[seq], by, &self.entry(by, "erasure_asked", seq, why)).await?;
            if erase_one(self, seq, by).await? {
                outcome.erased += 1;
            } else {
                outcome.waiting += 1;
            }
        }
        if let Claim::Number(hash) = claim {
            self.store.forget_subscriber(hash).await?;
        }
        Ok(outcome)
    }

    fn entry(&self, by: &str, action: &str, seq: i64, why: &str) -> NewAudit {
        NewAudit {
            at_us: self.clock.now_us(),
            actor: by.to_owned(),
            action: action.to_owned(),
            object: format!("report:{seq}"),
            detail: why.to_owned(),
        }
    }
}

/// Erases one report; false when something open still needs it.
///
/// # Errors
/// What the database said.
pub(crate) async fn erase_one(app: &App, seq: i64, by: &str) -> anyhow::Result<bool> {
    match app.store.erase_report(seq, &app.entry(by, "report_erased", seq, "")).await? {
        Erased::Done(files) => {
            crate::purge::throw_away(app, &files).await;
            Ok(true)
        }
        Erased::Needed => Ok(false),
    }
}

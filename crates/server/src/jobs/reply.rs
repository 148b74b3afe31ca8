//! The one reply to a text: a receipt, the status, the answer to a check, or the specific help.

use canhgiac_domain::receipt::ReceiptCode;
use canhgiac_domain::reply::{Fields, ReplyId};
use canhgiac_store::{CaseEntry, NewMessage, ReplyLimit, ReportEntry, SealedNumber, StoreError};

use crate::app::App;
use crate::check::{Checked, CheckedSource, Verdict};

/// Answers one report, unless its link forbids it or it has been answered.
pub(super) async fn run(app: &App, job_seq: i64, report_seq: i64) -> anyhow::Result<()> {
    let now_us = app.clock.now_us();
    let entry = app.store.report(report_seq).await?;
    let Some(to) = recipient(app, &entry) else {
        return Ok(app.store.finish_job(job_seq, &[], None, now_us).await?);
    };
    let text = app.reply_to(&entry).await?;
    let message = NewMessage {
        unique_key: format!("reply:{report_seq}"),
        purpose: "reply".to_owned(),
        object: format!("report:{report_seq}"),
        to,
        text,
        link: entry.report.link.clone(),
        from_code: code_of(app, &entry),
        run_us: now_us,
    };
    let limit = app.reply_limit()?;
    Ok(app.store.finish_job(job_seq, &[message], Some(&limit), now_us).await?)
}

/// Whom to answer: only mobile subscribers, and only through links that may.
fn recipient(app: &App, entry: &ReportEntry) -> Option<SealedNumber> {
    let report = &entry.report;
    let link = app.config.link(&report.link)?;
    if !report.is_mobile || report.duplicate_of.is_some() || !link.replies || !link.can_send() {
        return None;
    }
    Some(SealedNumber { hash: report.reporter_hash.clone()?, sealed: report.reporter_sealed.clone()? })
}

/// The code the citizen wrote to; the configured one when the link hides it.
pub(super) fn code_of(app: &App, entry: &ReportEntry) -> String {
    match entry.report.to_code.as_deref() {
        Some(code) if !code.is_empty() => code.to_owned(),
        _ => app.config.short_code.clone(),
    }
}

/// What an SMS calls a report's first source: a number as dialled, or a name.
pub(super) fn called(app: &App, entry: &ReportEntry) -> String {
    let Some(first) = entry.sources.first() else { return "bi phan anh".to_owned() };
    called_source(app, &first.kind, &first.canonical)
}

/// What an SMS calls a source.
pub(super) fn called_source(app: &App, kind: &str, canonical: &str) -> String {
    app.source_of(kind, canonical).map_or_else(|_| canonical.to_owned(), |source| source.dialled())
}

impl App {
    /// How many replies a number gets today.
    ///
    /// # Errors
    /// When the text that says so does not render.
    pub fn reply_limit(&self) -> anyhow::Result<ReplyLimit> {
        Ok(ReplyLimit {
            per_day: i64::from(self.config.replies_per_day),
            day_start_us: self.clock.day_start_us(),
            last_text: self.sms(ReplyId::LimitReached, &Fields::new())?,
        })
    }

    /// One text of the data file as it holds today.
    ///
    /// # Errors
    /// When a field is missing.
    pub fn sms(&self, id: ReplyId, fields: &Fields) -> anyhow::Result<String> {
        Ok(self.rules.replies.render(id, fields, self.clock.today())?)
    }

    /// The words of the one reply to a text.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn reply_to(&self, entry: &ReportEntry) -> anyhow::Result<String> {
        let report = &entry.report;
        let base = Fields::new().with("dau_so", &code_of(self, entry));
        match report.intent.as_str() {
            "report" => self.reply_to_report(entry, base),
            "result" => self.reply_to_result(entry, base).await,
            "check" if report.problem.is_some() => self.sms(ReplyId::NothingToCheck, &base),
            "check" => self.reply_to_check(report.argument.as_deref().unwrap_or_default(), base).await,
            "help" => self.sms(ReplyId::Help, &base),
            "subscribe" => self.sms(ReplyId::Subscribed, &base),
            "unsubscribe" => self.sms(ReplyId::Unsubscribed, &base),
            "dnc" => self.sms(ReplyId::Dnc, &base),
            "forward" => self.sms(ReplyId::Forward, &base),
            _ => self.sms(ReplyId::NotAReport, &base),
        }
    }

    fn reply_to_report(&self, entry: &ReportEntry, base: Fields) -> anyhow::Result<String> {
        let report = &entry.report;
        let fields = with_report(base, entry, &called(self, entry));
        let id = match report.problem.as_deref() {
            Some("missing_source") => ReplyId::MissingSource,
            Some("missing_kind") => ReplyId::MissingKind,
            Some("junk_number") => ReplyId::JunkNumber,
            Some(_) => ReplyId::NotAReport,
            // A receipt promises only what the link can deliver.
            None if self.config.link(&report.link).is_some_and(|link| !link.carries("KQ")) => {
                ReplyId::ReceiptNoResult
            }
            None if report.kind.as_deref() == Some("scam_call") => ReplyId::ReceiptScamCall,
            None => ReplyId::ReceiptSpam,
        };
        self.sms(id, &fields)
    }

    async fn reply_to_result(&self, asked: &ReportEntry, base: Fields) -> anyhow::Result<String> {
        let Some(hash) = asked.report.reporter_hash.as_deref() else {
            return self.sms(ReplyId::UnknownCode, &base);
        };
        let (found, missing) = match asked.report.argument.as_deref() {
            Some(typed) => match ReceiptCode::parse(typed) {
                Ok(code) => {
                    let code = code.digits().parse()?;
                    (self.store.report_by_code(code, hash).await, ReplyId::UnknownCode)
                }
                Err(_) => return self.sms(ReplyId::UnknownCode, &base),
            },
            None if asked.report.problem.is_some() => return self.sms(ReplyId::UnknownCode, &base),
            None => (self.store.latest_report_of(hash).await, ReplyId::NoReportYet),
        };
        match found {
            Ok(entry) => self.status_sms(&entry, base).await,
            Err(StoreError::NotFound) => self.sms(missing, &base),
            Err(error) => Err(error.into()),
        }
    }

    /// Where a report stands, in one SMS.
    async fn status_sms(&self, entry: &ReportEntry, base: Fields) -> anyhow::Result<String> {
        let fields = with_report(base, entry, &called(self, entry));
        let Some(number) = entry.case_number else {
            let id = match entry.report.state.as_str() {
                "needs_officer" => ReplyId::StatusNeedsOfficer,
                _ => ReplyId::StatusNew,
            };
            return self.sms(id, &fields);
        };
        let case = self.store.case(number).await?;
        let (id, at_us) = status_of(&case);
        self.sms(id, &fields.with("ngay", &self.day_text(at_us.unwrap_or(case.case.updated_us))))
    }

    /// A day as an SMS writes it: `25/11/2026`.
    pub(crate) fn day_text(&self, at_us: i64) -> String {
        self.clock.date_of_us(at_us).strftime("%d/%m/%Y").to_string()
    }

    async fn reply_to_check(&self, text: &str, base: Fields) -> anyhow::Result<String> {
        if text.trim().is_empty() {
            return self.sms(ReplyId::NothingToCheck, &base);
        }
        let checked = self.check(text).await?;
        self.check_sms(&checked, base)
    }

    fn check_sms(&self, checked: &Checked, base: Fields) -> anyhow::Result<String> {
        // What the words show comes before what is known of a number among them.
        if checked.words.is_some() {
            let id = match checked.verdict {
                Verdict::Verified | Verdict::Signs | Verdict::Reported => ReplyId::CheckTextSigns,
                Verdict::Official | Verdict::Unknown => ReplyId::CheckTextUnknown,
            };
            return self.sms(id, &base);
        }
        let gravest = checked.sources.iter().min_by_key(|source| source.verdict);
        let Some(source) = gravest else { return self.sms(ReplyId::CheckTextUnknown, &base) };
        let fields = base.with("so", &source.source.dialled());
        let who = self.impersonated_sms(source);
        let fields = match &who {
            Some(who) => fields.with("ai", who),
            None => fields,
        };
        let id = match (source.verdict, who.is_some()) {
            (Verdict::Verified, _) => ReplyId::CheckVerified,
            (Verdict::Signs, true) => ReplyId::CheckSigns,
            (Verdict::Signs, false) => ReplyId::CheckSignsPlain,
            (Verdict::Reported, true) => ReplyId::CheckReported,
            (Verdict::Reported, false) => ReplyId::CheckReportedPlain,
            (Verdict::Official, _) => ReplyId::CheckOfficial,
            (Verdict::Unknown, _) => ReplyId::CheckUnknown,
        };
        self.sms(id, &fields)
    }

    fn impersonated_sms(&self, source: &CheckedSource) -> Option<String> {
        let id = source.impersonated_ids.first()?;
        self.rules.replies.who(id).map(str::to_owned)
    }
}

/// Fields every text about a report may name.
pub(super) fn with_report(base: Fields, entry: &ReportEntry, called: &str) -> Fields {
    let digits = entry.report.code.to_string();
    let spaced = ReceiptCode::parse(&digits).map_or_else(|_| digits.clone(), |code| code.to_string());
    base.with("so", called).with("ma", &spaced).with("ma_lien", &digits)
}

/// Which text says where a case stands, and the day it names.
fn status_of(case: &CaseEntry) -> (ReplyId, Option<i64>) {
    let row = &case.case;
    match (row.state.as_str(), row.outcome.as_deref()) {
        ("confirmed", _) if row.referral != "none" => (ReplyId::OutcomeReferred, None),
        ("confirmed", _) => (ReplyId::StatusConfirmed, None),
        ("block_requested", _) => (ReplyId::StatusAsked, None),
        ("blocked", _) => (ReplyId::OutcomeBlocked, row.since_us),
        ("kept", _) => (ReplyId::OutcomeKept, row.since_us),
        ("restoring" | "restored", _) => (ReplyId::OutcomeRestored, None),
        ("closed", Some("forged")) => (ReplyId::OutcomeForged, None),
        ("closed", Some("no_operator")) => (ReplyId::OutcomeNoOperator, None),
        ("closed", _) => (ReplyId::OutcomeNotEnoughGround, None),
        _ => (ReplyId::StatusOpen, None),
    }
}

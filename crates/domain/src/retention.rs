//! How long each kind of data is kept, by the dated file `data/retention.toml`.
//!
//! What an open case or an undecided reconsideration needs is kept whatever the file says: that is a rule
//! of the store, not a period.

use jiff::civil::Date;
use serde::Deserialize;

use crate::datafile::{Confidence, DataProblem};

const FILE: &str = "data/retention.toml";
const SHIPPED: &str = include_str!("../../../data/retention.toml");
/// Longest period that is not a typing error, in days.
const DAYS_LIMIT: u32 = 36_500;

/// A kind of data with a period of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DataKind {
    /// Jobs that are done.
    Jobs,
    /// Sessions of staff that have ended.
    Sessions,
    /// Codes sent to a phone, and budgets of addresses.
    OneTimeCodes,
    /// Delivery receipts that belong to no message.
    ParkedReceipts,
    /// Texts and recipients of SMS; that one was sent stays as a figure.
    Messages,
    /// Rows of the intake log that were worked through: the bytes as received.
    IntakeRows,
    /// Words and numbers of requests that are no reports (KQ, KT, help …).
    ServiceTexts,
    /// Words and numbers of reports that a machine seems to have sent.
    DoubtfulReports,
    /// Files of reports that are in no case.
    Evidence,
    /// Words and numbers of reports that are in no case.
    Reports,
    /// Words, numbers and files of reports in ended cases, from the case's end.
    CaseReports,
    /// Numbers that no longer get warnings.
    Subscribers,
    /// Name, contact and words of holders whose request for reconsideration is decided.
    Reconsiderations,
}

impl DataKind {
    /// Every kind, in the order they are purged.
    pub const ALL: [DataKind; 13] = [
        DataKind::Jobs,
        DataKind::Sessions,
        DataKind::OneTimeCodes,
        DataKind::ParkedReceipts,
        DataKind::Messages,
        DataKind::IntakeRows,
        DataKind::ServiceTexts,
        DataKind::DoubtfulReports,
        DataKind::Evidence,
        DataKind::Reports,
        DataKind::CaseReports,
        DataKind::Subscribers,
        DataKind::Reconsiderations,
    ];

    /// Stable id, in the data file and in storage.
    pub fn id(self) -> &'static str {
        match self {
            DataKind::Jobs => "jobs",
            DataKind::Sessions => "sessions",
            DataKind::OneTimeCodes => "one_time_codes",
            DataKind::ParkedReceipts => "parked_receipts",
            DataKind::Messages => "messages",
            DataKind::IntakeRows => "intake_rows",
            DataKind::ServiceTexts => "service_texts",
            DataKind::DoubtfulReports => "doubtful_reports",
            DataKind::Evidence => "evidence",
            DataKind::Reports => "reports",
            DataKind::CaseReports => "case_reports",
            DataKind::Subscribers => "subscribers",
            DataKind::Reconsiderations => "reconsiderations",
        }
    }

    /// The kind with this id.
    pub fn from_id(id: &str) -> Option<DataKind> {
        DataKind::ALL.into_iter().find(|kind| kind.id() == id)
    }
}

/// One period, as it holds from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// Of what.
    pub kind: DataKind,
    /// Kept for this many days.
    pub days: u32,
    /// First day on which it holds.
    pub valid_from: Date,
    /// What it rests on.
    pub source: String,
    /// How sure that is.
    pub confidence: Confidence,
}

/// Every period.
#[derive(Debug, Clone)]
pub struct Retention {
    periods: Vec<Period>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    period: Vec<Raw>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    kind: String,
    days: u32,
    valid_from: String,
    source: String,
    confidence: Confidence,
}

impl Retention {
    /// The file shipped with the product.
    ///
    /// # Errors
    /// What is wrong with it; a test keeps the shipped one right.
    pub fn shipped() -> Result<Retention, DataProblem> {
        Retention::parse(SHIPPED)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// Which entry is wrong and what to do.
    pub fn parse(text: &str) -> Result<Retention, DataProblem> {
        let problem = |what: String| DataProblem::new(FILE, None, what);
        let file: File = toml::from_str(text).map_err(|error| problem(error.message().to_owned()))?;
        let mut periods: Vec<Period> = Vec::with_capacity(file.period.len());
        for raw in file.period {
            let kind = DataKind::from_id(&raw.kind).ok_or_else(|| {
                problem(format!("'{}' is no kind of data; the file's head lists them", raw.kind))
            })?;
            let valid_from = raw
                .valid_from
                .parse()
                .map_err(|_| problem(format!("{}: valid_from is a date such as 2026-01-31", raw.kind)))?;
            if !(1..=DAYS_LIMIT).contains(&raw.days) {
                return Err(problem(format!("{}: days is a number from 1 to {DAYS_LIMIT}", raw.kind)));
            }
            if raw.source.trim().is_empty() {
                return Err(problem(format!("{}: source says where the period comes from", raw.kind)));
            }
            if periods.iter().any(|known| known.kind == kind && known.valid_from == valid_from) {
                return Err(problem(format!("{}: two periods begin on the same day", raw.kind)));
            }
            periods.push(Period {
                kind,
                days: raw.days,
                valid_from,
                source: raw.source,
                confidence: raw.confidence,
            });
        }
        let retention = Retention { periods };
        retention.check().map_err(problem)?;
        Ok(retention)
    }

    /// The period that holds on a day: the newest that has begun, else the first that ever will.
    pub fn on(&self, kind: DataKind, day: Date) -> Option<&Period> {
        let of_kind = || self.periods.iter().filter(move |period| period.kind == kind);
        of_kind()
            .filter(|period| period.valid_from <= day)
            .max_by_key(|period| period.valid_from)
            .or_else(|| of_kind().min_by_key(|period| period.valid_from))
    }

    fn check(&self) -> Result<(), String> {
        for kind in DataKind::ALL {
            if !self.periods.iter().any(|period| period.kind == kind) {
                return Err(format!("there is no period for '{}'", kind.id()));
            }
        }
        // Else words would still lie in the log as bytes when they count as removed.
        for change in &self.periods {
            let day = change.valid_from;
            let of = |kind| self.on(kind, day).map_or(u32::MAX, |period| period.days);
            let log = of(DataKind::IntakeRows);
            for kind in [DataKind::ServiceTexts, DataKind::DoubtfulReports, DataKind::Reports] {
                if of(kind) < log {
                    return Err(format!(
                        "on {day} '{}' ends before 'intake_rows': the words would still lie in the log",
                        kind.id()
                    ));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_shipped_file_has_a_period_for_every_kind() {
        let retention = Retention::shipped().unwrap();
        for kind in DataKind::ALL {
            assert!(retention.on(kind, date(2026, 11, 23)).is_some(), "{}", kind.id());
            assert_eq!(DataKind::from_id(kind.id()), Some(kind));
        }
    }

    #[test]
    fn a_newer_period_replaces_an_older_one_from_its_day_on() {
        let more = "[[period]]\nkind = \"messages\"\ndays = 30\nvalid_from = \"2027-01-01\"\nsource = \"x\"\nconfidence = \"guess\"\n";
        let retention = Retention::parse(&format!("{SHIPPED}\n{more}")).unwrap();
        let days = |day| retention.on(DataKind::Messages, day).unwrap().days;
        assert_eq!(days(date(2027, 1, 1)), 30);
        assert_ne!(days(date(2026, 12, 31)), 30);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let without = |kind: &str| SHIPPED.replace(&format!("kind = \"{kind}\""), "kind = \"nothing\"");
        assert!(Retention::parse(&without("jobs")).unwrap_err().what().contains("no kind of data"));
        let more = "[[period]]\nkind = \"service_texts\"\ndays = 1\nvalid_from = \"2027-01-01\"\nsource = \"x\"\nconfidence = \"guess\"\n";
        let error = Retention::parse(&format!("{SHIPPED}\n{more}")).unwrap_err();
        assert!(error.what().contains("still lie in the log"), "{error}");
        assert!(Retention::parse("").is_err());
    }
}

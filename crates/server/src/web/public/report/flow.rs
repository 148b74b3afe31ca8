//! One page of the report form as a template sees it.

use super::draft::{Draft, Kind};
use super::steps::Step;

/// Where the citizen is and what was answered so far.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    /// The page shown.
    pub(crate) step: Step,
    /// All answers so far.
    pub(crate) draft: Draft,
}

impl Flow {
    /// The fields the page carries along unseen.
    pub(crate) fn carried(&self) -> Vec<(&'static str, String)> {
        self.draft.to_fields(self.step.asks(&self.draft))
    }

    /// Which page of how many; the urgent page and the code count as none.
    pub(crate) fn position(&self) -> Option<(usize, usize)> {
        let mut path = Step::path(&self.draft);
        path.retain(|step| !matches!(step, Step::Urgent | Step::Proof));
        let at = path.iter().position(|step| *step == self.step)?;
        Some((at + 1, path.len()))
    }

    /// Whether there is a page before.
    pub(crate) fn has_back(&self) -> bool {
        self.step.previous(&self.draft).is_some()
    }

    /// Whether the page sends files.
    pub(crate) fn is_upload(&self) -> bool {
        self.step == Step::Evidence
    }

    /// Whether a report of this kind may name no number.
    pub(crate) fn may_lack_source(&self) -> bool {
        matches!(self.draft.kind, Some(Kind::ScamCall | Kind::SpamCall))
    }

    /// Whether the commune is asked on the contact page; an advert's is asked with its place.
    pub(crate) fn asks_commune_with_contact(&self) -> bool {
        self.draft.kind != Some(Kind::Advert)
    }

    /// Whether own words are asked before ticks: what is written can be pasted, what was said is easier ticked.
    pub(crate) fn words_come_first(&self) -> bool {
        matches!(self.draft.kind, Some(Kind::SpamSms | Kind::Advert))
    }

    /// The key of the question for the source.
    pub(crate) fn source_question_key(&self) -> &'static str {
        self.by_channel("report-source-call", "report-source-sms", "report-source-advert")
    }

    /// The key of its hint.
    pub(crate) fn source_hint_key(&self) -> &'static str {
        self.by_channel("report-source-hint-call", "report-source-hint-sms", "report-source-hint-advert")
    }

    /// The key of the question what was said.
    pub(crate) fn said_question_key(&self) -> &'static str {
        self.by_channel("report-said-call", "report-said-sms", "report-said-advert")
    }

    /// The key of the label for own words.
    pub(crate) fn words_key(&self) -> &'static str {
        self.by_channel("report-words", "report-words-sms", "report-words-advert")
    }

    /// The key of its hint.
    pub(crate) fn words_hint_key(&self) -> &'static str {
        self.by_channel("report-words-hint", "report-words-sms-hint", "report-words-advert-hint")
    }

    /// The key of the question for files.
    pub(crate) fn evidence_question_key(&self) -> &'static str {
        self.by_channel("report-evidence", "report-evidence", "report-evidence-advert")
    }

    /// The key of its hint.
    pub(crate) fn evidence_hint_key(&self) -> &'static str {
        self.by_channel("report-evidence-hint", "report-evidence-hint", "report-evidence-advert-hint")
    }

    /// The key of the commune's label.
    pub(crate) fn commune_label_key(&self) -> &'static str {
        self.by_channel("report-commune-mine", "report-commune-mine", "report-commune-where")
    }

    fn by_channel(&self, call: &'static str, sms: &'static str, advert: &'static str) -> &'static str {
        match self.draft.kind {
            Some(Kind::SpamSms) => sms,
            Some(Kind::Advert) => advert,
            Some(Kind::ScamCall | Kind::SpamCall) | None => call,
        }
    }
}

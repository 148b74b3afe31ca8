//! Reports: the kind, then the source, then the words; each of them possibly missing or elsewhere.

use super::content::Before;
use super::group::Junk;
use super::keyword::TELEPHONE_MIN;
use super::reader::Reader;
use super::vocabulary::{Intent, Leniency, Problem, ReportKind, SourceMention, Understanding};
use crate::number::SourceKind;

impl Reader<'_> {
    /// A text that begins with a kind; `None` when it turns out to be something else.
    pub(super) fn report(self, kind: ReportKind, is_spelled: bool, after: usize) -> Option<Understanding> {
        let mut understanding = Understanding::new(Intent::Report, "");
        understanding.kind = Some(kind);
        if is_spelled {
            understanding.note(Leniency::SpelledKind);
        }
        // "(LD) 0912…": the kind's own bracket.
        let after = match self.closes_group(after, false) {
            true => after + 1,
            false => after,
        };
        if let Some(group) = self.source_group(after, Some(kind), false) {
            let mut leniencies = group.leniencies;
            understanding.content = self.content(group.end, group.before, &mut leniencies);
            understanding.sources = group.sources;
            leniencies.into_iter().for_each(|leniency| understanding.note(leniency));
            return Some(understanding);
        }
        self.report_without_group(understanding, is_spelled, after)
    }

    fn report_without_group(
        self,
        mut understanding: Understanding,
        is_spelled: bool,
        after: usize,
    ) -> Option<Understanding> {
        let mut leniencies = Vec::new();
        understanding.content = self.content(after, Before::default(), &mut leniencies);
        let spot = self.spot(after);
        let junk = self.junk(&spot);
        // "Dien thoai S20 cua toi", "V8": a model, not a report.
        let is_letter = !is_spelled && understanding.kind != Some(ReportKind::ScamCall);
        let is_model = is_letter && self.is_digit(after) && junk.is_none();
        let mut mentions = self.mentions(after, 2);
        if !matches!(junk, Some(Junk::Certain(_))) && mentions.len() == 1 {
            understanding.sources = std::mem::take(&mut mentions);
            understanding.note(Leniency::SourceInsideContent);
        } else if let Some(Junk::Certain(end) | Junk::Likely(end)) = junk {
            let before = Before { is_half_open: spot.is_open, has_misread: spot.has_misread };
            let close = self.skip_spaces(end);
            let end = if self.closes_group(close, spot.is_open) { close + 1 } else { end };
            understanding.content = self.content(end, before, &mut leniencies);
            understanding.problem = Some(Problem::JunkNumber);
        } else if is_model || (is_spelled && self.is_question(after)) {
            return None;
        } else {
            understanding.problem = Some(Problem::MissingSource);
        }
        leniencies.into_iter().for_each(|leniency| understanding.note(leniency));
        Some(understanding)
    }

    /// A text without keyword: a number with words of complaint is a report that lacks its letter, all else is none.
    pub(super) fn without_keyword(self, start: usize) -> Understanding {
        let whole = crate::text::trim_unseen(self.text.original(start..self.len())).to_owned();
        if let Some(group) = self.source_group(start, None, false) {
            let is_telephone = |mention: &SourceMention| mention.source.canonical().len() >= TELEPHONE_MIN;
            let is_number = |mention: &SourceMention| mention.source.kind() != SourceKind::SenderName;
            let complains = || self.contains_any(self.grammar.complaint_words(self.on), group.end);
            if group.sources.iter().all(is_number)
                && (group.sources.iter().all(is_telephone) || (complains() && !self.is_question(start)))
            {
                let mut understanding =
                    Understanding::new(Intent::Report, "").with_problem(Problem::MissingKind);
                let mut leniencies = group.leniencies;
                understanding.content = self.content(group.end, group.before, &mut leniencies);
                understanding.sources = group.sources;
                leniencies.into_iter().for_each(|leniency| understanding.note(leniency));
                return understanding;
            }
        }
        let mut mentions = self.mentions(start, 2);
        if mentions.len() == 1
            && !self.is_question(start)
            && self.contains_any(self.grammar.complaint_words(self.on), start)
        {
            let mut understanding =
                Understanding::new(Intent::Report, whole).with_problem(Problem::MissingKind);
            understanding.sources = std::mem::take(&mut mentions);
            understanding.note(Leniency::SourceInsideContent);
            return understanding;
        }
        Understanding::new(Intent::Unknown, whole).with_problem(Problem::NotAReport)
    }

    pub(super) fn is_question(self, from: usize) -> bool {
        let cells = self.text.cells();
        cells.get(from..).is_some_and(|rest| rest.iter().any(|cell| cell.folded == '?'))
            || self.contains_any(self.grammar.question_words(self.on), from)
    }
}

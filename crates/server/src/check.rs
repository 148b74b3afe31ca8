//! "Thật hay lừa đảo?": what is known of a number, a sender name or the words of a message.
//!
//! Nothing is ever vouched for: a caller ID can be forged, so even an official number is answered with
//! "hang up and dial it yourself", and what is unknown is not safe. What is checked is not kept.

use canhgiac_analysis::assess::{Assessment, Level, assess};
use canhgiac_domain::intake::{Understanding, understand};
use canhgiac_domain::number::Source;
use canhgiac_store::{BulletinRow, Page, SourceStanding};

use crate::app::App;

/// Longest text that is looked at, in characters; the rest is left out and the page says so.
pub const CHECK_LIMIT: usize = 8_000;
/// Sources of one text that are looked up.
pub const SOURCES_LIMIT: usize = 8;

/// What is said of one source or text, from the gravest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// "Đã xác minh là lừa đảo": a finding was confirmed by a second person.
    Verified,
    /// "Có dấu hiệu lừa đảo": an officer found signs, or the words show them.
    Signs,
    /// "Đã có người phản ánh".
    Reported,
    /// "Số chính thức của cơ quan nhà nước", which can be forged.
    Official,
    /// "Chưa có thông tin", which is not safety.
    Unknown,
}

/// What is known of one source.
#[derive(Debug, Clone)]
pub struct CheckedSource {
    /// The source.
    pub source: Source,
    /// What is said of it.
    pub verdict: Verdict,
    /// Whose official number it is.
    pub official_owner: Option<String>,
    /// Ids of who is impersonated, by reports, the most frequent first.
    pub impersonated_ids: Vec<String>,
    /// When it was last reported.
    pub last_reported_us: Option<i64>,
    /// State id of the newest case.
    pub case_state: Option<String>,
    /// Number of the newest case.
    case_number: Option<i64>,
}

/// What is known of all that was pasted.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The gravest verdict of all.
    pub verdict: Verdict,
    /// Each source in the text.
    pub sources: Vec<CheckedSource>,
    /// What the words show; `None` when only a number or name was given.
    pub words: Option<Assessment>,
    /// The newest live warning, when one is about what was found.
    pub warning: Option<BulletinRow>,
    /// The text was longer than is looked at.
    pub is_cut: bool,
}

impl App {
    /// Checks a number, a sender name, or the words of a message.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn check(&self, text: &str) -> anyhow::Result<Checked> {
        let is_cut = text.chars().count() > CHECK_LIMIT;
        let text: String = text.chars().take(CHECK_LIMIT).collect();
        let asked = understand(&format!("KT {text}"), &self.rules.grammar, self.clock.today());
        let mut sources = Vec::new();
        for mention in asked.sources.iter().take(SOURCES_LIMIT) {
            sources.push(self.check_source(&mention.source).await?);
        }
        let words = (!is_source_alone(&asked, &text)).then(|| assess(&self.rules.signs, &text));
        let of_words = words.as_ref().map_or(Verdict::Unknown, |words| match words.level {
            Level::Signs => Verdict::Signs,
            Level::Weak | Level::None => Verdict::Unknown,
        });
        let gravest =
            sources.iter().map(|source| source.verdict).chain([of_words]).min().unwrap_or(Verdict::Unknown);
        // An official number beside other words says nothing good about the words.
        let verdict = match gravest {
            Verdict::Official if words.is_some() || sources.len() > 1 => Verdict::Unknown,
            other => other,
        };
        let warning = if verdict <= Verdict::Reported { self.newest_warning(&sources).await? } else { None };
        Ok(Checked { verdict, sources, words, warning, is_cut })
    }

    /// What is known of one source.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn check_source(&self, source: &Source) -> anyhow::Result<CheckedSource> {
        let standing = self.store.standing(source.kind().id(), source.canonical()).await?;
        let today = self.clock.today();
        let official_owner =
            self.rules.numbering.official_owner(source, today).map(|official| official.owner().to_owned());
        let verdict = verdict_of(&standing, official_owner.is_some());
        Ok(CheckedSource {
            source: source.clone(),
            verdict,
            official_owner,
            impersonated_ids: labels(&standing.findings, "who"),
            last_reported_us: standing.last_us.filter(|_| verdict <= Verdict::Reported),
            case_state: standing.case_state,
            case_number: standing.case_number,
        })
    }

    /// The newest live warning drafted from the case of one of these sources.
    async fn newest_warning(&self, sources: &[CheckedSource]) -> anyhow::Result<Option<BulletinRow>> {
        let live = self.store.bulletins(&["published"], Page { offset: 0, limit: 20 }).await?;
        let about = |number| live.iter().find(|row| row.case_number == Some(number));
        Ok(sources.iter().filter_map(|source| source.case_number).find_map(about).cloned())
    }
}

/// Ids of one facet in stored findings, the most frequent first.
pub(crate) fn labels(findings: &[String], facet: &str) -> Vec<String> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for list in findings {
        let Ok(list) = serde_json::from_str::<Vec<serde_json::Value>>(list) else { continue };
        for finding in list.iter().filter(|finding| finding["facet"] == facet) {
            let Some(id) = finding["id"].as_str() else { continue };
            match counts.iter_mut().find(|(known, _)| known == id) {
                Some((_, count)) => *count += 1,
                None => counts.push((id.to_owned(), 1)),
            }
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.into_iter().map(|(id, _)| id).collect()
}

/// Official numbers stay official whatever is reported: their callers are forged, not they.
fn verdict_of(standing: &SourceStanding, is_official: bool) -> Verdict {
    if is_official {
        return Verdict::Official;
    }
    match standing.case_state.as_deref() {
        Some("kept") => Verdict::Verified,
        Some("confirmed" | "block_requested" | "blocked") => Verdict::Signs,
        // A number that was restored or found forged is not held against its holder.
        Some("restoring" | "restored" | "closed") => Verdict::Unknown,
        _ if standing.voices > 0 => Verdict::Reported,
        _ => Verdict::Unknown,
    }
}

/// Whether the text is nothing but the sources themselves.
fn is_source_alone(asked: &Understanding, text: &str) -> bool {
    let mut rest = text.to_owned();
    for mention in &asked.sources {
        rest = rest.replacen(&mention.as_received, "", 1);
    }
    !asked.sources.is_empty() && !rest.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restored_number_is_not_held_against_its_holder() {
        let standing = |state: Option<&str>, voices| SourceStanding {
            case_state: state.map(str::to_owned),
            voices,
            ..SourceStanding::default()
        };
        assert_eq!(verdict_of(&standing(Some("restored"), 9), false), Verdict::Unknown);
        assert_eq!(verdict_of(&standing(Some("kept"), 9), false), Verdict::Verified);
        assert_eq!(verdict_of(&standing(Some("open"), 1), false), Verdict::Reported);
        assert_eq!(verdict_of(&standing(None, 0), false), Verdict::Unknown);
    }

    #[test]
    fn an_official_number_stays_official_however_often_it_is_forged() {
        let standing =
            SourceStanding { voices: 50, case_state: Some("open".to_owned()), ..SourceStanding::default() };
        assert_eq!(verdict_of(&standing, true), Verdict::Official);
    }

    #[test]
    fn labels_come_by_frequency() {
        let findings = [
            r#"[{"facet":"who","id":"bank"},{"facet":"why","id":"prize"}]"#.to_owned(),
            r#"[{"facet":"who","id":"police"}]"#.to_owned(),
            r#"[{"facet":"who","id":"police"}]"#.to_owned(),
        ];
        assert_eq!(labels(&findings, "who"), ["police", "bank"]);
    }
}

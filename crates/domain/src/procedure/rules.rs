//! The dated rules of the procedure, read from data and never constants.

use jiff::civil::Date;
use serde::Deserialize;

/// The rules as shipped.
const EMBEDDED: &str = include_str!("../../../../data/procedures/scam.toml");

/// The rule for suspected scam sources that holds on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScamRule {
    /// First day on which it holds.
    pub valid_from: Date,
    /// First day on which it no longer holds.
    pub valid_to: Option<Date>,
    /// Ids of report kinds that open a case on their source.
    pub opens_case: Vec<String>,
    /// Ids of report kinds that join an open case.
    pub joins_case: Vec<String>,
    /// Different reporters needed before an operator may be asked to block.
    pub min_voices: u32,
    /// How often a request is passed on between operators.
    pub max_reroutes: u32,
    /// The temporary block, when a rule for it is switched on.
    pub temporary_block: Option<TemporaryBlock>,
}

/// The rule under which an operator is asked to block a number for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemporaryBlock {
    /// Days until the number is restored unless a second person keeps the block.
    pub days: u32,
    /// The body in whose name the request goes out.
    pub issuing_body: String,
    /// The legal basis; without one the request is a *đề nghị*, not an order.
    pub legal_basis: Option<String>,
}

/// All dated rules.
#[derive(Debug, Clone)]
pub struct RuleSet {
    rules: Vec<ScamRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    valid_from: String,
    valid_to: Option<String>,
    opens_case: Vec<String>,
    joins_case: Vec<String>,
    min_voices: u32,
    max_reroutes: u32,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "confidence")]
    _confidence: String,
    temporary_block: RawBlock,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBlock {
    enabled: bool,
    days: Option<u32>,
    issuing_body: Option<String>,
    legal_basis: Option<String>,
}

impl RuleSet {
    /// The rules shipped with the product.
    ///
    /// # Errors
    /// What is wrong with the file; a test keeps the shipped one right.
    pub fn embedded() -> Result<RuleSet, String> {
        RuleSet::parse(EMBEDDED)
    }

    /// Reads a rules file.
    ///
    /// # Errors
    /// A sentence that names the rule and what to do about it.
    pub fn parse(text: &str) -> Result<RuleSet, String> {
        let file: File = toml::from_str(text).map_err(|error| format!("procedures/scam.toml: {error}"))?;
        let rules = file
            .rule
            .into_iter()
            .enumerate()
            .map(|(index, raw)| {
                read_rule(raw).map_err(|why| format!("procedures/scam.toml, rule {}: {why}", index + 1))
            })
            .collect::<Result<Vec<_>, _>>()?;
        if rules.is_empty() {
            return Err("procedures/scam.toml: at least one [[rule]] is needed".to_owned());
        }
        Ok(RuleSet { rules })
    }

    /// The rule that holds on `date`; when periods overlap, the one that began last.
    pub fn on(&self, date: Date) -> Option<&ScamRule> {
        self.rules
            .iter()
            .filter(|rule| rule.valid_from <= date && rule.valid_to.is_none_or(|end| date < end))
            .max_by_key(|rule| rule.valid_from)
    }

    /// Switches the temporary block on in every rule that has none, as the configuration says.
    pub fn with_temporary_block(mut self, block: TemporaryBlock) -> RuleSet {
        for rule in &mut self.rules {
            rule.temporary_block = Some(block.clone());
        }
        self
    }
}

fn read_rule(raw: RawRule) -> Result<ScamRule, String> {
    let date =
        |text: &str| text.parse::<Date>().map_err(|_| format!("'{text}' is no date; write it as 2026-01-31"));
    let valid_from = date(&raw.valid_from)?;
    let valid_to = raw.valid_to.as_deref().map(date).transpose()?;
    if valid_to.is_some_and(|end| end <= valid_from) {
        return Err("valid_to must be after valid_from".to_owned());
    }
    if raw.min_voices < 2 {
        return Err("min_voices must be at least 2: one report must never cut off a number".to_owned());
    }
    Ok(ScamRule {
        valid_from,
        valid_to,
        opens_case: raw.opens_case,
        joins_case: raw.joins_case,
        min_voices: raw.min_voices,
        max_reroutes: raw.max_reroutes,
        temporary_block: read_block(raw.temporary_block)?,
    })
}

fn read_block(raw: RawBlock) -> Result<Option<TemporaryBlock>, String> {
    if !raw.enabled {
        return Ok(None);
    }
    match (raw.days, raw.issuing_body) {
        (Some(days @ 1..=365), Some(issuing_body)) => {
            Ok(Some(TemporaryBlock { days, issuing_body, legal_basis: raw.legal_basis }))
        }
        _ => Err("an enabled temporary_block needs days (1 to 365) and issuing_body".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_shipped_rules_hold_today_and_switch_no_block_on() {
        let rules = RuleSet::embedded().unwrap();
        let rule = rules.on(date(2026, 11, 23)).unwrap();
        assert_eq!(rule.temporary_block, None);
        assert!(rule.min_voices >= 2);
        assert!(rules.on(date(2020, 1, 1)).is_none());
    }

    #[test]
    fn a_rule_that_lets_one_report_block_is_refused() {
        let text = EMBEDDED.replace("min_voices = 2", "min_voices = 1");
        assert!(RuleSet::parse(&text).unwrap_err().contains("min_voices"));
    }

    #[test]
    fn a_block_without_a_period_or_a_body_is_refused() {
        let text = EMBEDDED.replace("enabled = false", "enabled = true");
        assert!(RuleSet::parse(&text).unwrap_err().contains("issuing_body"));
    }
}

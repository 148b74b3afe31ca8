//! Every dated data file the product runs by, read and checked at the start.

use canhgiac_analysis::signs::Signs;
use canhgiac_domain::agency::{Agencies, AgencyKind};
use canhgiac_domain::area::Areas;
use canhgiac_domain::intake::Grammar;
use canhgiac_domain::number::NumberingPlan;
use canhgiac_domain::procedure::RuleSet;
use canhgiac_domain::reply::Replies;
use canhgiac_domain::retention::Retention;
use canhgiac_domain::taxonomy::Taxonomy;
use jiff::civil::Date;

use crate::config::Config;

/// The data files, parsed.
#[derive(Debug)]
pub struct Rules {
    /// Numbers: ranges, migration, official ones.
    pub numbering: NumberingPlan,
    /// Keywords and sender names.
    pub grammar: Grammar,
    /// Texts sent by SMS.
    pub replies: Replies,
    /// The procedure's rules.
    pub procedure: RuleSet,
    /// How long each kind of data is kept.
    pub retention: Retention,
    /// Police units, operators.
    pub agencies: Agencies,
    /// Communes and provinces.
    pub areas: Areas,
    /// Who, why, demand.
    pub taxonomy: &'static Taxonomy,
    /// Phrases that give a term away.
    pub signs: Signs,
}

impl Rules {
    /// The files shipped with the product, with what the configuration switches on.
    ///
    /// # Errors
    /// Which file is wrong, where, and what to do.
    pub fn shipped(config: &Config) -> anyhow::Result<Rules> {
        let numbering = NumberingPlan::shipped(config.is_demo)?;
        let mut procedure = RuleSet::embedded().map_err(anyhow::Error::msg)?;
        if let Some(block) = config.block_rule() {
            procedure = procedure.with_temporary_block(block);
        }
        let today = crate::clock::Clock::system()?.today();
        Ok(Rules {
            grammar: Grammar::shipped(numbering.clone())?,
            numbering,
            replies: Replies::shipped()?,
            procedure,
            retention: Retention::shipped()?,
            agencies: Agencies::shipped()?,
            areas: Areas::shipped()?,
            taxonomy: Taxonomy::embedded(),
            signs: Signs::embedded(today),
        })
    }

    /// Whether this is the id of an operator that takes part on that day.
    pub fn is_operator(&self, id: &str, on: Date) -> bool {
        self.agencies.of_kind(AgencyKind::Operator, on).any(|agency| agency.id == id)
    }
}

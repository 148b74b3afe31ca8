//! `canhgiac check-config`: everything that can be wrong before the start, said at once.

use super::{Common, say};
use crate::rules::Rules;

pub(super) fn run(common: &Common) -> anyhow::Result<()> {
    let config = common.load()?;
    let rules = Rules::shipped(&config)?;
    crate::gateway::check_tls(&config)?;
    let scams = canhgiac_domain::scam_kind::embedded().len();
    let contacts = crate::web::report_codes().len();
    say("The configuration and the data files are in order.")?;
    say(&format!(
        "  data files      {} terms, {} phrases, {scams} kinds of scam, {} communes, {contacts} codes to report to",
        rules.taxonomy.terms().len(),
        rules.signs.phrase_count(),
        rules.areas.communes().len(),
    ))?;
    say(&format!("  pages and API   http://{}", config.http))?;
    say(&format!("  data directory  {}", config.data_dir.display()))?;
    for link in &config.links {
        let role = match link.role {
            crate::config::LinkRole::Client => "we bind to",
            crate::config::LinkRole::Server => "it binds to",
        };
        let operator = link.operator.as_deref().unwrap_or("no operator named");
        let tls = if link.tls.is_some() { "with TLS " } else { "" };
        say(&format!("  link            {}: {role} {} {tls}({operator})", link.name, link.address))?;
        if let Some(id) = &link.operator
            && rules.agencies.find(id).is_none()
        {
            anyhow::bail!("link '{}': operator '{id}' is not in data/agencies.toml", link.name);
        }
    }
    match &config.temporary_block {
        Some(block) => say(&format!(
            "  temporary block {} days, {}, basis: {}",
            block.days,
            block.issuing_body,
            block.legal_basis.as_deref().unwrap_or("none, so it is a request (đề nghị)")
        )),
        None => say("  temporary block switched off: officers cannot ask operators to block"),
    }
}

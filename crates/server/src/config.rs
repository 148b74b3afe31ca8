//! The configuration: a TOML file, overridden by `CANHGIAC_…` in the environment and by flags.

mod push;
mod tls;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use canhgiac_domain::procedure::TemporaryBlock;
use canhgiac_smpp::text::DefaultAlphabet;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

pub use push::{PushConfig, PushFields};
pub use tls::LinkTls;

/// Everything that can be set.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where pages and the API are served.
    #[serde(default = "default_http")]
    pub http: SocketAddr,
    /// Where databases, evidence and keys lie.
    #[serde(default = "default_data_dir")]
    pub data_dir: PathBuf,
    /// `postgres://user:password@host:5432,host2:5432/name`; SQLite in the data directory when left out.
    #[serde(default)]
    pub database: Option<String>,
    /// Where files of evidence lie, shared by all processes; `evidence` in the data directory when left out.
    #[serde(default)]
    pub evidence_dir: Option<PathBuf>,
    /// How the public reaches the site, for links in feeds; the address of `http` when left out.
    #[serde(default)]
    pub public_url: Option<String>,
    /// Served behind TLS: cookies are then sent over TLS only.
    #[serde(default)]
    pub behind_tls: bool,
    /// 64 hexadecimal digits; a file in the data directory when left out.
    #[serde(default)]
    pub master_key: Option<String>,
    /// Also accept the made-up official numbers of the demo.
    #[serde(default)]
    pub is_demo: bool,
    /// Code that replies and hints name when a citizen did not write to one.
    #[serde(default = "default_short_code")]
    pub short_code: String,
    /// Replies one number gets a day.
    #[serde(default = "default_replies_per_day")]
    pub replies_per_day: u32,
    /// The temporary block, when a rule allows one: switched off unless given.
    #[serde(default)]
    pub temporary_block: Option<TemporaryBlockConfig>,
    /// SMPP links.
    #[serde(default, rename = "link")]
    pub links: Vec<LinkConfig>,
    /// Aggregators that push over HTTP.
    #[serde(default, rename = "push")]
    pub pushes: Vec<PushConfig>,
}

/// The rule for a temporary block, with its basis.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemporaryBlockConfig {
    /// Days until the number is restored unless a second person keeps the block.
    pub days: u32,
    /// The body in whose name the request goes out.
    pub issuing_body: String,
    /// Its legal basis; without one the request is a *đề nghị*.
    #[serde(default)]
    pub legal_basis: Option<String>,
}

/// Which side of a link we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkRole {
    /// We connect and bind to the operator's SMSC.
    Client,
    /// The operator connects and binds to us.
    Server,
}

/// What a bind may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkBind {
    /// Both ways.
    Transceiver,
    /// To us.
    Receiver,
    /// From us.
    Transmitter,
}

/// One SMPP link. The first eight keys are a complete configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkConfig {
    /// Its name, in pages, logs and exports.
    pub name: String,
    /// Which side we are.
    pub role: LinkRole,
    /// `host:port` to connect to, or to listen on; links that listen may share one.
    pub address: String,
    /// SMPP system id.
    pub system_id: String,
    /// SMPP password, at most eight characters by the standard; longer ones are sent as they are.
    pub password: String,
    /// What the bind carries.
    pub bind: LinkBind,
    /// What `data_coding` 0 means here: `gsm7`, `latin1` or `utf8`.
    pub default_alphabet: String,
    /// Requests we leave unanswered at most.
    pub window: u32,
    /// Links of one group are ways to one SMSC: parts of a long text, and texts that come again, may come on
    /// any of them. The link's own name when left out.
    #[serde(default)]
    pub group: Option<String>,
    /// Id of the operator.
    #[serde(default)]
    pub operator: Option<String>,
    /// Messages a second we send at most; unlimited when left out.
    #[serde(default)]
    pub rate_per_s: Option<f64>,
    /// A word that stands before every text on this link and is taken off.
    #[serde(default)]
    pub keyword_prefix: Option<String>,
    /// Which keywords arrive here (`S`, `V`, `LD`, `KQ`, `KT` …); all when left out. Replies promise
    /// only what the link can deliver.
    #[serde(default)]
    pub carries: Option<Vec<String>>,
    /// Whether texts are answered through this link.
    #[serde(default = "yes")]
    pub replies: bool,
    /// TLS; plain TCP when left out.
    #[serde(default)]
    pub tls: Option<LinkTls>,
}

impl LinkConfig {
    /// What `data_coding` 0 means here. [`Config::problems`] has refused other names.
    pub fn alphabet(&self) -> DefaultAlphabet {
        DefaultAlphabet::from_name(&self.default_alphabet).unwrap_or(DefaultAlphabet::Gsm7)
    }

    /// The group of links it belongs to.
    pub fn group(&self) -> &str {
        self.group.as_deref().unwrap_or(&self.name)
    }

    /// Whether texts with this keyword arrive by this link.
    pub fn carries(&self, keyword: &str) -> bool {
        self.carries.as_ref().is_none_or(|list| list.iter().any(|known| known.eq_ignore_ascii_case(keyword)))
    }

    /// Whether we can send through this link.
    pub fn can_send(&self) -> bool {
        match self.role {
            // As a client we send unless we only receive; as a server it is the peer that receives.
            LinkRole::Client => self.bind != LinkBind::Receiver,
            LinkRole::Server => self.bind != LinkBind::Transmitter,
        }
    }
}

/// Where the configuration came from, for messages.
fn place(path: Option<&Path>) -> String {
    path.map_or_else(
        || "the configuration".to_owned(),
        |path| format!("the configuration {}", path.display()),
    )
}

fn default_http() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}
fn default_data_dir() -> PathBuf {
    PathBuf::from("canhgiac-data")
}
fn default_short_code() -> String {
    "156".to_owned()
}
fn default_replies_per_day() -> u32 {
    20
}
fn yes() -> bool {
    true
}

impl Default for Config {
    fn default() -> Self {
        Config {
            http: default_http(),
            data_dir: default_data_dir(),
            database: None,
            evidence_dir: None,
            public_url: None,
            behind_tls: false,
            master_key: None,
            is_demo: false,
            short_code: default_short_code(),
            replies_per_day: default_replies_per_day(),
            temporary_block: None,
            links: Vec::new(),
            pushes: Vec::new(),
        }
    }
}

impl Config {
    /// Reads the file (defaults without one) and the environment.
    ///
    /// # Errors
    /// What is wrong, with the key and what to do.
    pub fn load(path: Option<&Path>) -> anyhow::Result<Config> {
        let mut figment = Figment::from(Serialized::defaults(Config::default()));
        if let Some(path) = path {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read the configuration {}", path.display()))?;
            check_syntax(&text).map_err(|what| anyhow::anyhow!("{} is wrong: {what}", path.display()))?;
            figment = figment.merge(Toml::string(&text));
        }
        let config: Config = figment
            .merge(Env::prefixed("CANHGIAC_").only(&[
                "http",
                "data_dir",
                "database",
                "evidence_dir",
                "public_url",
                "behind_tls",
                "master_key",
                "short_code",
                "replies_per_day",
            ]))
            .extract()
            .map_err(|error| anyhow::anyhow!("{} is wrong: {error}", place(path)))?;
        let problems = config.problems();
        if !problems.is_empty() {
            anyhow::bail!("{} is wrong:\n  - {}", place(path), problems.join("\n  - "));
        }
        Ok(config)
    }

    /// What stands against running with this configuration, in sentences.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut names = HashSet::new();
        for link in &self.links {
            let say = |what: &str| format!("link '{}': {what}", link.name);
            if link.name.is_empty()
                || !link.name.chars().all(|ch| ch.is_ascii_alphanumeric() || "-_.".contains(ch))
            {
                problems.push(say("name it with letters, digits, '-', '_' and '.'"));
            }
            if !names.insert(&link.name) {
                problems.push(say("there are two of this name; names must differ"));
            }
            if DefaultAlphabet::from_name(&link.default_alphabet).is_none() {
                problems.push(say("default_alphabet is one of \"gsm7\", \"latin1\", \"utf8\""));
            }
            if link.window == 0 || link.window > 1000 {
                problems.push(say("window is between 1 and 1000"));
            }
            if link.system_id.is_empty() || link.system_id.len() > 15 {
                problems.push(say("system_id has 1 to 15 characters (SMPP 3.4, 5.2.1)"));
            }
            if link.rate_per_s.is_some_and(|rate| !(rate > 0.0 && rate <= 100_000.0)) {
                problems.push(say("rate_per_s is more than 0 and at most 100000"));
            }
            if link.role == LinkRole::Server && link.address.parse::<SocketAddr>().is_err() {
                problems.push(say("address of a server link is where we listen, such as 0.0.0.0:2775"));
            }
            let tls = link.tls.iter().flat_map(|tls| tls.problems(link.role));
            problems.extend(tls.map(say));
        }
        problems.extend(tls::sharing_problems(&self.links));
        let mut logins = HashSet::new();
        for link in self.links.iter().filter(|link| link.role == LinkRole::Server) {
            if !logins.insert((&link.address, &link.system_id)) {
                problems.push(format!(
                    "link '{}': another link listens on {} with the same system_id",
                    link.name, link.address
                ));
            }
        }
        let link_names: Vec<&str> = self.links.iter().map(|link| link.name.as_str()).collect();
        for (at, push) in self.pushes.iter().enumerate() {
            problems.extend(push.problems(&link_names));
            if self.pushes.iter().take(at).any(|other| other.name == push.name) {
                problems.push(format!("push '{}': there are two of this name; names must differ", push.name));
            }
        }
        if let Some(block) = &self.temporary_block
            && (block.days == 0 || block.days > 365 || block.issuing_body.trim().is_empty())
        {
            problems.push("temporary_block: give days (1 to 365) and issuing_body".to_owned());
        }
        if self.replies_per_day < 2 {
            problems.push(
                "replies_per_day is at least 2: the last one says that the limit is reached".to_owned(),
            );
        }
        if let Some(url) = &self.database
            && !(url.starts_with("postgres://") || url.starts_with("postgresql://"))
        {
            problems.push(
                "database begins with postgres://; leave it out for SQLite in the data directory".to_owned(),
            );
        }
        if let Some(url) = &self.public_url
            && !(url.starts_with("https://") || url.starts_with("http://"))
        {
            problems.push("public_url begins with https:// or http://".to_owned());
        }
        problems
    }

    /// The link with this name.
    pub fn link(&self, name: &str) -> Option<&LinkConfig> {
        self.links.iter().find(|link| link.name == name)
    }

    /// How the public reaches the site, without a slash at the end.
    pub fn base_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.http),
        }
    }

    /// Where files of evidence lie.
    pub fn evidence_dir(&self) -> PathBuf {
        self.evidence_dir.clone().unwrap_or_else(|| self.data_dir.join("evidence"))
    }

    /// Whether several processes may work on one database.
    pub fn is_shared(&self) -> bool {
        self.database.is_some()
    }

    /// The temporary block as the procedure's rule.
    pub fn block_rule(&self) -> Option<TemporaryBlock> {
        self.temporary_block.as_ref().map(|block| TemporaryBlock {
            days: block.days,
            issuing_body: block.issuing_body.clone(),
            legal_basis: block.legal_basis.clone(),
        })
    }
}

/// Whether it is TOML at all. The parser's own error would quote the line, and a line may hold a password.
fn check_syntax(text: &str) -> Result<(), String> {
    let Err(error) = text.parse::<toml::Table>() else { return Ok(()) };
    let line =
        error.span().map_or(1, |span| text.get(..span.start).unwrap_or(text).matches('\n').count() + 1);
    Err(format!("line {line} does not read as TOML: {}", error.message()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = r#"
        [[link]]
        name = "viettel"
        role = "client"
        address = "127.0.0.1:2775"
        system_id = "cg"
        password = "secret"
        bind = "transceiver"
        default_alphabet = "gsm7"
        window = 10
    "#;

    fn load(text: &str) -> anyhow::Result<Config> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("c.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(Some(&path))
    }

    #[test]
    fn eight_keys_are_a_complete_link() {
        let config = load(LINK).unwrap();
        let link = &config.links[0];
        assert_eq!(link.alphabet(), DefaultAlphabet::Gsm7);
        assert!(link.replies && link.can_send() && link.carries("LD"));
        assert_eq!(link.rate_per_s, None);
    }

    #[test]
    fn wrong_values_are_told_together_and_by_name() {
        let text = LINK.replace("gsm7", "ebcdic").replace("window = 10", "window = 0");
        let error = load(&text).unwrap_err().to_string();
        assert!(
            error.contains("viettel") && error.contains("default_alphabet") && error.contains("window"),
            "{error}"
        );
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let error = load("htp = \"127.0.0.1:1\"").unwrap_err().to_string();
        assert!(error.contains("htp"), "{error}");
    }

    #[test]
    fn two_links_of_one_name_are_refused() {
        assert!(load(&format!("{LINK}{LINK}")).unwrap_err().to_string().contains("two of this name"));
    }

    #[test]
    fn a_line_that_does_not_read_is_named_and_not_quoted() {
        let error = load("short_code = \"156\"\npassword = \"geheim\" x\n").unwrap_err().to_string();
        assert!(error.contains("line 2") && !error.contains("geheim"), "{error}");
    }

    #[test]
    fn a_password_is_not_shown_by_a_problem() {
        let error = load(&LINK.replace("window = 10", "window = 0")).unwrap_err().to_string();
        assert!(!error.contains("secret"));
        let error = load("database = \"mysql://cg:secret@db/cg\"").unwrap_err().to_string();
        assert!(error.contains("postgres://") && !error.contains("secret"), "{error}");
    }
}

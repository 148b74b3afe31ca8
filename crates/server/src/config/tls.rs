//! TLS of a link (`[link.tls]`). The files are read at the start; a renewed certificate needs a restart.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{LinkConfig, LinkRole};

/// TLS of a link; a link without it is plain TCP, as over an operator's VPN.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkTls {
    /// PEM file of the authorities that vouch for the peer. Client: the public ones when left out.
    /// Server: when given, the peer must show a certificate of theirs.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// Client: the name in the operator's certificate, when it is not the host of `address`.
    #[serde(default)]
    pub server_name: Option<String>,
    /// PEM file of our certificate, with those between it and its authority behind it. A server needs one.
    #[serde(default)]
    pub certificate: Option<PathBuf>,
    /// PEM file of its private key.
    #[serde(default)]
    pub key: Option<PathBuf>,
}

impl LinkTls {
    /// What stands against these settings on this link, without looking at the files.
    pub(super) fn problems(&self, role: LinkRole) -> Vec<&'static str> {
        let mut problems = Vec::new();
        match (role, &self.certificate, &self.key) {
            (LinkRole::Server, Some(_), Some(_))
            | (LinkRole::Client, Some(_), Some(_))
            | (LinkRole::Client, None, None) => {}
            (LinkRole::Server, ..) => problems.push("tls of a server link needs certificate and key"),
            (LinkRole::Client, ..) => problems.push("tls: certificate and key are given both or neither"),
        }
        if role == LinkRole::Server && self.server_name.is_some() {
            problems.push("tls: server_name is for client links; a server shows its certificate");
        }
        problems
    }
}

impl LinkConfig {
    /// The name that the operator's certificate must carry: the one configured, or the host we connect to.
    pub fn tls_name(&self) -> Option<&str> {
        let tls = self.tls.as_ref()?;
        let host = self.address.rsplit_once(':').map_or(self.address.as_str(), |(host, _)| host);
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        Some(tls.server_name.as_deref().unwrap_or(host))
    }
}

/// Links that listen on one address are told apart by their `system_id`, after TLS: they share it.
pub(super) fn sharing_problems(links: &[LinkConfig]) -> Vec<String> {
    let servers = || links.iter().filter(|link| link.role == LinkRole::Server);
    servers()
        .enumerate()
        .filter_map(|(index, link)| {
            let first = servers().take(index).find(|other| other.address == link.address)?;
            (first.tls != link.tls).then(|| {
                format!(
                    "link '{}': it shares {} with link '{}', so both need the same [link.tls]",
                    link.name, link.address, first.name
                )
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn problems(links: &[(&str, &str, &str, &str)]) -> Vec<String> {
        let text: String = links
            .iter()
            .map(|(name, role, address, tls)| {
                format!(
                    "[[link]]\nname = \"{name}\"\nrole = \"{role}\"\naddress = \"{address}\"\nsystem_id = \"{name}\"\n\
                     password = \"p\"\nbind = \"transceiver\"\ndefault_alphabet = \"gsm7\"\nwindow = 1\n{tls}\n"
                )
            })
            .collect();
        toml::from_str::<Config>(&text).map_or_else(|e| vec![e.to_string()], |config| config.problems())
    }

    const PAIR: &str = "[link.tls]\ncertificate = \"c.pem\"\nkey = \"k.pem\"";

    #[test]
    fn what_each_side_needs_is_asked_for() {
        for (role, tls, told) in [
            ("client", "[link.tls]", ""),
            ("client", PAIR, ""),
            ("client", "[link.tls]\nca = \"ca.pem\"\nserver_name = \"smsc.example.vn\"", ""),
            ("client", "[link.tls]\nkey = \"k.pem\"", "both or neither"),
            ("server", PAIR, ""),
            ("server", "[link.tls]", "needs certificate and key"),
            ("server", "[link.tls]\ncertificate = \"c.pem\"", "needs certificate and key"),
            ("server", &format!("{PAIR}\nserver_name = \"a\""), "is for client links"),
            ("server", &format!("{PAIR}\nverify = false"), "unknown field"),
        ] {
            let found = problems(&[("vt", role, "127.0.0.1:2775", tls)]).join("; ");
            assert!(if told.is_empty() { found.is_empty() } else { found.contains(told) }, "{tls}: {found}");
        }
    }

    #[test]
    fn links_that_share_an_address_share_their_tls() {
        let one = ("vt", "server", "127.0.0.1:2775", PAIR);
        assert_eq!(problems(&[one, ("mf", "server", "127.0.0.1:2775", PAIR)]), [] as [String; 0]);
        assert_eq!(problems(&[one, ("mf", "server", "127.0.0.1:2776", "")]), [] as [String; 0]);
        let told = problems(&[one, ("mf", "server", "127.0.0.1:2775", "")]).join("; ");
        assert!(told.contains("'mf'") && told.contains("'vt'") && told.contains("same [link.tls]"), "{told}");
    }

    #[test]
    fn the_name_is_the_host_unless_told() {
        for (address, name, expected) in [
            ("smsc.example.vn:3550", None, "smsc.example.vn"),
            ("192.0.2.10:3550", None, "192.0.2.10"),
            ("[2001:db8::1]:3550", None, "2001:db8::1"),
            ("192.0.2.10:3550", Some("smsc.example.vn"), "smsc.example.vn"),
        ] {
            let name = name.map(|name| format!("server_name = \"{name}\"")).unwrap_or_default();
            let text = format!(
                "[[link]]\nname = \"v\"\nrole = \"client\"\naddress = \"{address}\"\nsystem_id = \"v\"\npassword = \"p\"\n\
                 bind = \"transceiver\"\ndefault_alphabet = \"gsm7\"\nwindow = 1\n[link.tls]\n{name}\n"
            );
            let config: Config = toml::from_str(&text).unwrap();
            assert_eq!(config.links[0].tls_name(), Some(expected));
        }
    }
}

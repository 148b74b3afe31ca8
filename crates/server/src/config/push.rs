//! How an aggregator pushes texts and recordings to us over HTTP.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// One aggregator that pushes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushConfig {
    /// Its name, in the address `/push/<name>`, pages and logs.
    pub name: String,
    /// A word both know: `Authorization: Bearer …`, or the parameter `token`.
    #[serde(default)]
    pub token: Option<String>,
    /// Key of an HMAC-SHA-256 over `<timestamp>.<body>` (of the query, for GET).
    #[serde(default)]
    pub hmac_key: Option<String>,
    /// Header with the signature in hexadecimal, with or without `sha256=` before it.
    #[serde(default = "default_signature_header")]
    pub signature_header: String,
    /// Header with the time of signing, in seconds since 1970.
    #[serde(default = "default_timestamp_header")]
    pub timestamp_header: String,
    /// Seconds a signature may be old or ahead.
    #[serde(default = "default_window_s")]
    pub window_s: u32,
    /// Addresses it pushes from, such as `192.0.2.7` or `192.0.2.0/24`; any when left out.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// What its fields are called.
    pub fields: PushFields,
    /// What it wants to hear when a text is stored.
    #[serde(default = "default_answer")]
    pub answer: String,
    /// Id of the operator, when it speaks for one.
    #[serde(default)]
    pub operator: Option<String>,
    /// A word that stands before every text and is taken off.
    #[serde(default)]
    pub keyword_prefix: Option<String>,
    /// The SMPP link that answers its citizens; none are answered when left out.
    #[serde(default)]
    pub replies_through: Option<String>,
}

/// Names of fields; one that begins with `/` is a JSON pointer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushFields {
    /// The citizen's number.
    pub sender: String,
    /// The message's id, by which a second push of it is recognised.
    pub id: String,
    /// The code the citizen wrote to or called.
    #[serde(default)]
    pub recipient: Option<String>,
    /// The words.
    #[serde(default)]
    pub text: Option<String>,
    /// How the words are coded: `8`, `ucs2`, `unicode` or `hex` mean UTF-16 in hexadecimal.
    #[serde(default)]
    pub coding: Option<String>,
    /// The file of a recorded call (`multipart/form-data`).
    #[serde(default)]
    pub recording: Option<String>,
}

fn default_signature_header() -> String {
    "X-Signature".to_owned()
}
fn default_timestamp_header() -> String {
    "X-Timestamp".to_owned()
}
fn default_window_s() -> u32 {
    300
}
fn default_answer() -> String {
    "OK".to_owned()
}

impl PushConfig {
    /// What stands against running with it, in sentences.
    pub(super) fn problems(&self, links: &[&str]) -> Vec<String> {
        let mut problems = Vec::new();
        let mut say = |what: &str| problems.push(format!("push '{}': {what}", self.name));
        if self.name.is_empty()
            || self.name.len() > 40
            || !self.name.chars().all(|ch| ch.is_ascii_alphanumeric() || "-_".contains(ch))
        {
            say("name it with up to 40 letters, digits, '-' and '_'");
        }
        if links.contains(&self.name.as_str()) {
            say("a link has this name; names must differ");
        }
        let secrets = [&self.token, &self.hmac_key];
        if secrets.iter().all(|secret| secret.is_none()) {
            say("give token or hmac_key: an address alone can be forged on the way");
        }
        if secrets.into_iter().flatten().any(|secret| secret.len() < 16) {
            say("token and hmac_key have at least 16 characters");
        }
        if self.fields.text.is_none() && self.fields.recording.is_none() {
            say("name the field text, recording or both");
        }
        if self.addresses.iter().any(|text| network(text).is_none()) {
            say("addresses are such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32");
        }
        if self.replies_through.as_ref().is_some_and(|link| !links.contains(&link.as_str())) {
            say("replies_through names no link");
        }
        problems
    }

    /// Whether it may push from there.
    pub(crate) fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.addresses.is_empty()
            || self
                .addresses
                .iter()
                .filter_map(|text| network(text))
                .any(|(base, bits)| contains(base, bits, address))
    }
}

fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (base, bits) = text.split_once('/').map_or((text, None), |(base, bits)| (base, Some(bits)));
    let base: IpAddr = base.parse().ok()?;
    let most = if base.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Some(most), |bits| bits.parse().ok().filter(|bits| *bits <= most))?;
    Some((base, bits))
}

fn contains(base: IpAddr, bits: u32, address: IpAddr) -> bool {
    let same = |base: u128, address: u128, width: u32| {
        bits == 0 || (base ^ address) >> (width - bits.min(width)) == 0
    };
    match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => same(base.to_bits().into(), address.to_bits().into(), 32),
        (IpAddr::V6(base), IpAddr::V6(address)) => same(base.to_bits(), address.to_bits(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_addresses() {
        for (text, address, is_in) in [
            ("192.0.2.0/24", "192.0.2.200", true),
            ("192.0.2.0/24", "192.0.3.1", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("0.0.0.0/0", "203.0.113.1", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "192.0.2.1", false),
        ] {
            let (base, bits) = network(text).unwrap();
            assert_eq!(contains(base, bits, address.parse().unwrap()), is_in, "{text} {address}");
        }
        assert_eq!(network("192.0.2.0/33"), None);
        assert_eq!(network("example.vn"), None);
    }
}

//! The shape of `data/signs.toml`, before it is checked.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::signs::NameKind;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFile {
    pub(crate) valid_from: String,
    pub(crate) source: String,
    pub(crate) confidence: String,
    #[serde(default)]
    pub(crate) groups: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(crate) short_forms: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) context: RawContext,
    #[serde(default)]
    pub(crate) sign: Vec<RawSign>,
    #[serde(default)]
    pub(crate) except: Vec<RawSign>,
    #[serde(default)]
    pub(crate) name: Vec<RawName>,
    #[serde(default)]
    pub(crate) alarm: Vec<RawAlarm>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawContext {
    pub(crate) negation: Vec<String>,
    pub(crate) negation_end: Vec<String>,
    pub(crate) condition: Vec<String>,
    pub(crate) threat: Vec<String>,
    pub(crate) cue: Vec<String>,
    pub(crate) warning: Vec<String>,
    pub(crate) third_person: Vec<String>,
    pub(crate) appeal: Vec<String>,
    pub(crate) account: Vec<String>,
    pub(crate) otp: Vec<String>,
    pub(crate) official_hosts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSign {
    pub(crate) term: String,
    pub(crate) weight: Option<f32>,
    pub(crate) phrases: Vec<String>,
    pub(crate) valid_from: Option<String>,
    pub(crate) valid_to: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawName {
    pub(crate) kind: String,
    pub(crate) label: String,
    pub(crate) written: Vec<String>,
}

impl RawName {
    /// The kind, if it is one of the known words.
    pub(crate) fn kind(&self) -> Option<NameKind> {
        match self.kind.as_str() {
            "bank" => Some(NameKind::Bank),
            "chat" => Some(NameKind::Chat),
            "app" => Some(NameKind::App),
            "agency" => Some(NameKind::Agency),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawAlarm {
    pub(crate) level: String,
    pub(crate) label_vi: String,
    #[serde(default)]
    pub(crate) who: Vec<String>,
    #[serde(default)]
    pub(crate) why: Vec<String>,
    #[serde(default)]
    pub(crate) demand: Vec<String>,
}

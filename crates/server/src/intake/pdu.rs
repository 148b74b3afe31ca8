//! A text that came over SMPP, made ready for the intake log: the sender's address taken out of the
//! PDU and encrypted, and beside it what is needed to read the PDU again.

use bytes::Bytes;
use canhgiac_domain::number::parse_number;
use canhgiac_smpp::pdu::{Address, blank_source_address};
use canhgiac_store::NewIntake;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::config::LinkConfig;

/// What is kept beside a PDU, as it was when the PDU came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PduMeta {
    /// What `data_coding` 0 meant.
    pub(crate) alphabet: String,
    /// Group of the link, when it is not the link alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) group: Option<String>,
    /// Operator of the link.
    pub(crate) operator: Option<String>,
    /// Word before every text of the link.
    pub(crate) prefix: Option<String>,
    /// The sender is a mobile subscriber whom this link may answer.
    pub(crate) is_answerable: bool,
    /// The body is encrypted as a whole: its sender could not be told apart.
    #[serde(default)]
    pub(crate) is_sealed: bool,
    /// It may be a PDU that came before, sent again after a broken session.
    #[serde(default)]
    pub(crate) is_suspected: bool,
}

impl App {
    /// The intake row of a framed `deliver_sm`, `submit_sm` or `data_sm`, decodable or not.
    ///
    /// # Errors
    /// When the system has no randomness to seal the sender's number with; then it must not be stored.
    pub fn pdu_item(&self, link: &LinkConfig, raw: &Bytes, is_suspected: bool) -> anyhow::Result<NewIntake> {
        let mut meta = PduMeta {
            alphabet: link.alphabet().name().to_owned(),
            group: link.group.clone(),
            operator: link.operator.clone(),
            prefix: link.keyword_prefix.clone(),
            is_suspected,
            ..PduMeta::default()
        };
        let (body, reporter) = match blank_source_address(raw) {
            Some((blanked, address)) => {
                let (canonical, is_mobile) = self.sender(&address);
                meta.is_answerable = is_mobile && link.replies;
                let reporter = match canonical.is_empty() {
                    true => None,
                    false => Some(self.keys.seal_number(&canonical)?),
                };
                (blanked, reporter)
            }
            None => {
                meta.is_sealed = true;
                (self.keys.seal(raw)?, None)
            }
        };
        Ok(NewIntake {
            received_us: self.clock.now_us(),
            channel: "smpp".to_owned(),
            link: link.name.clone(),
            meta: serde_json::to_string(&meta)?,
            body,
            reporter,
        })
    }

    /// The sender in canonical form, and whether it is a mobile subscriber who may be answered.
    /// What is no number stays as received.
    pub(crate) fn sender(&self, address: &Address) -> (String, bool) {
        let text = address.text();
        let today = self.clock.today();
        // An alphanumeric sender (ton 5) is a name even when it looks like a number.
        if address.ton == canhgiac_smpp::pdu::ton::ALPHANUMERIC {
            return (text, false);
        }
        match parse_number(&text, &self.rules.numbering, today) {
            Ok(parsed) => {
                let is_mobile = self.rules.numbering.is_mobile_subscriber(&parsed.source, today);
                (parsed.source.canonical().to_owned(), is_mobile)
            }
            Err(_) => (text, false),
        }
    }
}

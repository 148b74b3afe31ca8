//! Taking reports that programs send: each under a name of its sender's, durable before it is answered.

use std::collections::BTreeMap;

use canhgiac_domain::receipt::ReceiptCode;
use canhgiac_store::{Keyed, KeyedIntake, NewIntake};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::outside::{Sent, SentForm};
use super::{ReportForm, hex, receipt_code_of};
use crate::app::App;

/// Where a report from a program comes from.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// Who gives the names.
    pub(crate) scope: String,
    /// `api` or `import`.
    pub(crate) channel: &'static str,
    /// The partner's name, or `import`.
    pub(crate) link: String,
    /// Names are remembered for this long; `None` is for ever.
    pub(crate) remembered_us: Option<i64>,
}

/// What a program gets for a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SentReceipt {
    pub(crate) id: Uuid,
    pub(crate) code: ReceiptCode,
    pub(crate) token: String,
    pub(crate) at_us: i64,
    /// It was sent before under this name.
    pub(crate) is_replayed: bool,
}

impl Origin {
    /// Where rows of files come from, whichever process reads them.
    pub(crate) fn import() -> Origin {
        Origin {
            scope: "import".to_owned(),
            channel: "import",
            link: "import".to_owned(),
            remembered_us: None,
        }
    }
}

impl App {
    /// The item of a report sent under a name; `content` is what must be the same when it is sent again.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub(crate) fn keyed_report(
        &self,
        origin: &Origin,
        name: &[u8],
        content: &[u8],
        sent: Sent,
    ) -> anyhow::Result<KeyedIntake> {
        let now_us = self.clock.now_us();
        let token = crate::keys::new_token()?;
        let id = Uuid::now_v7();
        let form = ReportForm { token_hash: hex(&crate::keys::hash_token(&token)), ..sent.form };
        let body = SentForm { form, id, happened_us: sent.happened_us, reference: sent.reference };
        Ok(KeyedIntake {
            scope: origin.scope.clone(),
            key: self.keys.digest("name", name),
            digest: self.keys.digest("content", content),
            id,
            note: self.keys.seal(token.as_bytes())?,
            expires_us: origin.remembered_us.map(|period| now_us + period),
            item: NewIntake {
                received_us: now_us,
                channel: origin.channel.to_owned(),
                link: origin.link.clone(),
                meta: "{}".to_owned(),
                body: serde_json::to_vec(&body)?,
                reporter: sent.phone.map(|phone| self.keys.seal_number(phone.canonical())).transpose()?,
            },
        })
    }

    /// What is answered for an item; `None` when something else was sent under its name.
    ///
    /// # Errors
    /// When a remembered answer does not open.
    pub(crate) fn sent_receipt(
        &self,
        item: &KeyedIntake,
        outcome: &Keyed,
    ) -> anyhow::Result<Option<SentReceipt>> {
        let (id, seq, note, at_us, is_replayed) = match outcome {
            Keyed::Stored { seq } => (item.id, *seq, &item.note, item.item.received_us, false),
            Keyed::Known(key) => (key.id, key.seq, &key.note, key.at_us, true),
            Keyed::Differs => return Ok(None),
        };
        let token = self.keys.open_text(note)?;
        Ok(Some(SentReceipt { id, code: receipt_code_of(seq), token, at_us, is_replayed }))
    }
}

/// A report in one spelling: spaces and the order of members do not make it another one.
pub(crate) fn canonical(map: &Map<String, Value>) -> Vec<u8> {
    let sorted: BTreeMap<&String, &Value> = map.iter().collect();
    // JSON that was read serialises.
    serde_json::to_vec(&sorted).unwrap_or_default()
}

//! A report made on a page: it goes through the same log as a text, as JSON.

use canhgiac_domain::receipt::ReceiptCode;
use canhgiac_store::NewIntake;
use serde::{Deserialize, Serialize};

use crate::app::App;

/// What a citizen filled in.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ReportForm {
    /// Id of the kind.
    pub kind: String,
    /// Numbers or sender names, as typed.
    pub sources: Vec<String>,
    /// Own words.
    pub content: String,
    /// Terms ticked: who, why, demand, by id.
    pub terms: Vec<(String, String)>,
    /// Money lost, in đồng.
    pub money_lost: Option<i64>,
    /// Files already kept.
    pub evidence: Vec<EvidenceForm>,
    /// Commune code.
    pub commune: Option<String>,
    /// Place in words.
    pub place: Option<String>,
    /// Hash of the secret link's token, hexadecimal. The token itself is never stored.
    #[serde(default)]
    pub token_hash: String,
    /// The reporter's number is proven, and how: `code` (texted to it), `called` (it rang at the desk).
    #[serde(default)]
    pub proof: Option<String>,
    /// The citizen agrees that what was given is kept and used to answer.
    #[serde(default)]
    pub has_consent: bool,
    /// Who took it in at a desk: `staff:<user id>`.
    #[serde(default)]
    pub taken_by: Option<String>,
    /// Why it looks as if a machine had sent it; such a report is kept but counts for nothing.
    #[serde(default)]
    pub doubts: Vec<String>,
}

/// The way a form came in.
#[derive(Debug, Clone, Copy)]
pub enum FormWay<'a> {
    /// The public site.
    Web,
    /// The desk of a commune, by its code.
    Desk(&'a str),
}

/// A file already kept under its hash.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceForm {
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub size: i64,
    /// Sniffed type.
    pub mime: String,
    /// Name it came with.
    pub name: String,
}

/// What a citizen gets for a report made on a page.
#[derive(Debug, Clone)]
pub struct FormReceipt {
    /// Receipt code.
    pub code: ReceiptCode,
    /// Token of the secret link.
    pub token: String,
    /// Its place in the intake log.
    pub seq: i64,
}

/// The receipt code of the report whose first intake row has this place.
///
/// A bijection over the first nine million places, so that codes neither repeat nor count.
pub fn receipt_code_of(seq: i64) -> ReceiptCode {
    let mixed = (seq.unsigned_abs() % 9_000_000 * 7_654_321 + 1_234_567) % 9_000_000;
    ReceiptCode::from_seed(u32::try_from(mixed).unwrap_or_default())
}

impl App {
    /// Takes a report made on a page; when this returns it is durable. `phone` is the reporter's
    /// number in canonical form; the form says whether it is proven.
    ///
    /// # Errors
    /// When it could not be made durable: the citizen must be told to try again.
    pub async fn take_form(
        &self,
        form: &ReportForm,
        phone: Option<&str>,
        way: FormWay<'_>,
    ) -> anyhow::Result<FormReceipt> {
        let token = crate::keys::new_token()?;
        let form = ReportForm { token_hash: hex(&crate::keys::hash_token(&token)), ..form.clone() };
        let (channel, link) = match way {
            FormWay::Web => ("web", "web".to_owned()),
            FormWay::Desk(commune) => ("desk", commune.to_owned()),
        };
        let item = NewIntake {
            received_us: self.clock.now_us(),
            channel: channel.to_owned(),
            link,
            meta: "{}".to_owned(),
            body: serde_json::to_vec(&form)?,
            reporter: phone.map(|phone| self.keys.seal_number(phone)).transpose()?,
        };
        let seq = self.intake.submit(item).await?;
        Ok(FormReceipt { code: receipt_code_of(seq), token, seq })
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes of hexadecimal; `None` when it is not.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_of_neighbours_differ_and_do_not_count() {
        let codes: Vec<String> = (1..2000).map(|seq| receipt_code_of(seq).digits()).collect();
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len());
        assert_ne!(codes[0][..4], codes[1][..4]);
    }

    #[test]
    fn hexadecimal_reads_back() {
        assert_eq!(unhex(&hex(&[0, 255, 16])), Some(vec![0, 255, 16]));
        assert_eq!(unhex("0"), None);
        assert_eq!(unhex("zz"), None);
    }
}

//! Reading the public forms: fields and files, each file checked and kept as it arrives.
//!
//! A kept file travels through the form as a sealed ticket, so that a page can name a file it was
//! given and no other. Files of a report that is never sent stay without an owner.

use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::{Form, RequestExt};

use super::Trouble;
use super::report::DraftFile;
use crate::app::AppState;
use crate::evidence::{EvidenceRefusal, FILE_LIMIT, FILES_LIMIT};
use crate::intake::{EvidenceForm, hex, unhex};
use crate::keys::Keys;
use crate::web::texts::Lang;

/// Largest form with files, in bytes.
pub(crate) const UPLOAD_LIMIT: usize = 48 * 1024 * 1024;
/// Most fields of one form.
const FIELDS_LIMIT: usize = 300;

/// A form as it came.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// Its fields in order.
    pub(crate) fields: Vec<(String, String)>,
    /// Files that are kept now.
    pub(crate) kept: Vec<EvidenceForm>,
    /// What is wrong with files that are not, in words.
    pub(crate) refused: Vec<String>,
}

impl Read {
    /// The last value of a field; empty when it is not there.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.fields.iter().rev().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }
}

/// What the page says about files.
pub(crate) fn limits(lang: Lang) -> String {
    let files = FILES_LIMIT.to_string();
    let megabytes = (FILE_LIMIT / (1024 * 1024)).to_string();
    lang.with("evidence-limits", &[("so", &files), ("mb", &megabytes)])
}

/// Reads a form with or without files.
///
/// # Errors
/// When it is broken, too large, or a file could not be written.
pub(crate) async fn read(app: &AppState, request: Request) -> Result<Read, Trouble> {
    let is_multipart = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("multipart/form-data"));
    if is_multipart { read_multipart(app, request).await } else { read_fields(request).await }
}

/// Reads a form that has no files.
///
/// # Errors
/// When it is broken or too large.
pub(crate) async fn read_fields(request: Request) -> Result<Read, Trouble> {
    let fields = request
        .extract::<Form<Vec<(String, String)>>, _>()
        .await
        .map_err(|rejection| trouble_of(rejection.into_response().status()))?;
    Ok(Read { fields: fields.0.into_iter().take(FIELDS_LIMIT).collect(), ..Read::default() })
}

async fn read_multipart(app: &AppState, request: Request) -> Result<Read, Trouble> {
    let broken = |error: axum::extract::multipart::MultipartError| trouble_of(error.status());
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|rejection| trouble_of(rejection.into_response().status()))?;
    let mut read = Read::default();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let Some(file_name) = field.file_name().map(str::to_owned) else {
            let value = field.text().await.map_err(broken)?;
            if read.fields.len() < FIELDS_LIMIT {
                read.fields.push((name, value));
            }
            continue;
        };
        let bytes = field.bytes().await.map_err(broken)?;
        // A file input left empty sends a nameless empty file.
        if file_name.is_empty() && bytes.is_empty() {
            continue;
        }
        if read.kept.len() >= FILES_LIMIT {
            read.refused.push(too_many());
            continue;
        }
        keep(app, &mut read, file_name, bytes).await?;
    }
    Ok(read)
}

/// What is said when there are too many files.
pub(crate) fn too_many() -> String {
    Lang::default().with("evidence-too-many", &[("so", &FILES_LIMIT.to_string())])
}

async fn keep(app: &AppState, read: &mut Read, name: String, bytes: bytes::Bytes) -> Result<(), Trouble> {
    let files = app.evidence.clone();
    let file_name = name.clone();
    // Writing waits for the disk; other requests must not.
    let outcome =
        tokio::task::spawn_blocking(move || files.keep(&file_name, &bytes)).await.map_err(|error| {
            tracing::error!(%error, "keeping a file ended early");
            Trouble::Internal
        })?;
    match outcome {
        Ok(kept) => read.kept.push(kept),
        Err(EvidenceRefusal::NotStored(error)) => {
            tracing::error!(error = format!("{error:#}"), "a file could not be kept");
            return Err(Trouble::Internal);
        }
        Err(refusal) => {
            let reason = refusal.to_string();
            read.refused
                .push(Lang::default().with("evidence-refused", &[("ten", &name), ("vi_sao", &reason)]));
        }
    }
    Ok(())
}

fn trouble_of(status: StatusCode) -> Trouble {
    if status == StatusCode::PAYLOAD_TOO_LARGE { Trouble::TooLarge } else { Trouble::BadRequest }
}

/// What a ticket of a file begins with once opened: tickets of forms begin otherwise.
const FILE_MARK: &[u8] = b"file:";

/// The ticket for a kept file.
pub(crate) fn ticket(keys: &Keys, file: &EvidenceForm) -> anyhow::Result<String> {
    let mut clear = FILE_MARK.to_vec();
    clear.extend(serde_json::to_vec(file)?);
    Ok(hex(&keys.seal(&clear)?))
}

/// The file a ticket names; `None` when we did not write it.
pub(crate) fn file_of(keys: &Keys, ticket: &str) -> Option<EvidenceForm> {
    let clear = keys.open_sealed(&unhex(ticket)?).ok()?;
    serde_json::from_slice(clear.strip_prefix(FILE_MARK)?).ok()
}

/// A kept file as a draft carries it.
///
/// # Errors
/// When its ticket cannot be sealed.
pub(crate) fn draft_file(keys: &Keys, file: &EvidenceForm) -> anyhow::Result<DraftFile> {
    Ok(DraftFile {
        name: file.name.clone(),
        size: u64::try_from(file.size).unwrap_or_default(),
        ticket: ticket(keys, file)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> EvidenceForm {
        EvidenceForm {
            sha256: "ab".repeat(32),
            size: 12,
            mime: "image/png".to_owned(),
            name: "ảnh.png".to_owned(),
        }
    }

    #[test]
    fn a_ticket_names_its_file_and_cannot_be_made_up() {
        let keys = Keys::from_master(&[3; 32]);
        let ticket = ticket(&keys, &file()).unwrap();
        assert_eq!(file_of(&keys, &ticket), Some(file()));
        assert_eq!(file_of(&Keys::from_master(&[4; 32]), &ticket), None);
        let json = serde_json::to_vec(&file()).unwrap();
        assert_eq!(file_of(&keys, &hex(&json)), None);
        assert_eq!(file_of(&keys, &hex(&keys.seal(&json).unwrap())), None, "sealed for something else");
        assert_eq!(file_of(&keys, ""), None);
    }
}

//! The fields of a push, from a query, a form, JSON or a form with a file.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::header;
use bytes::Bytes;
use serde_json::Value;

use crate::config::PushConfig;
use crate::intake::unhex;

/// Fields of one push; more are not looked at.
const FIELDS_LIMIT: usize = 100;
/// Longest sender, recipient and id, in bytes.
const SHORT_LIMIT: usize = 200;

/// What was pushed.
pub(super) struct Pushed {
    pub(super) sender: String,
    pub(super) id: String,
    pub(super) recipient: Option<String>,
    pub(super) text: String,
    pub(super) coding: Option<String>,
    pub(super) recording: Option<(String, Bytes)>,
}

enum Given {
    Pairs(Vec<(String, String)>),
    Json(Value),
}

impl Given {
    fn value(&self, name: &str) -> Option<String> {
        match self {
            Given::Pairs(pairs) => {
                pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
            }
            Given::Json(json) => {
                let value = if name.starts_with('/') { json.pointer(name)? } else { json.get(name)? };
                match value {
                    Value::String(text) => Some(text.clone()),
                    Value::Number(number) => Some(number.to_string()),
                    _ => None,
                }
            }
        }
    }
}

/// Reads the fields that the configuration names.
pub(super) async fn read(
    push: &PushConfig,
    kind: &str,
    query: &str,
    body: Bytes,
) -> Result<Pushed, &'static str> {
    let mut recording = None;
    let given = if kind.starts_with("multipart/form-data") {
        let (pairs, file) = read_multipart(push, kind, body).await?;
        recording = file;
        Given::Pairs(pairs)
    } else if kind.starts_with("application/json") {
        Given::Json(serde_json::from_slice(&body).map_err(|_| "the body does not read as JSON")?)
    } else if body.is_empty() {
        Given::Pairs(pairs(query))
    } else {
        let text = std::str::from_utf8(&body).map_err(|_| "the form is not UTF-8")?;
        Given::Pairs(pairs(text))
    };
    let short = |name: &str| given.value(name).filter(|value| value.len() <= SHORT_LIMIT);
    let fields = &push.fields;
    let named = |name: &Option<String>| name.as_deref().and_then(|name| given.value(name));
    let id = short(&fields.id)
        .filter(|id| !id.trim().is_empty())
        .ok_or("it has no message id of at most 200 bytes")?;
    Ok(Pushed {
        sender: short(&fields.sender).ok_or("it has no sender of at most 200 bytes")?,
        id,
        recipient: named(&fields.recipient).filter(|value| value.len() <= SHORT_LIMIT),
        text: named(&fields.text).unwrap_or_default(),
        coding: named(&fields.coding).filter(|value| value.len() <= SHORT_LIMIT),
        recording,
    })
}

/// Names and values of a query or a form.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let request = axum::http::Uri::builder().path_and_query(format!("/?{text}")).build();
    let pairs = request.ok().and_then(|uri| {
        axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri).ok().map(|query| query.0)
    });
    pairs.unwrap_or_default().into_iter().take(FIELDS_LIMIT).collect()
}

type Parts = (Vec<(String, String)>, Option<(String, Bytes)>);

async fn read_multipart(push: &PushConfig, kind: &str, body: Bytes) -> Result<Parts, &'static str> {
    const BROKEN: &str = "the form does not read";
    let mut request =
        Request::post("/").header(header::CONTENT_TYPE, kind).body(Body::from(body)).map_err(|_| BROKEN)?;
    // Its size was limited when it was read.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| BROKEN)?;
    let (mut pairs, mut recording) = (Vec::new(), None);
    while let Some(field) = form.next_field().await.map_err(|_| BROKEN)? {
        let name = field.name().unwrap_or_default().to_owned();
        if push.fields.recording.as_deref() == Some(name.as_str()) {
            let file = field.file_name().unwrap_or("cuoc-goi").to_owned();
            recording = Some((file, field.bytes().await.map_err(|_| BROKEN)?));
        } else if pairs.len() < FIELDS_LIMIT {
            pairs.push((name, field.text().await.map_err(|_| BROKEN)?));
        }
    }
    Ok((pairs, recording))
}

/// The words, and whether their coding did not read: then they stand as they came.
pub(super) fn decode(text: &str, coding: Option<&str>) -> (String, bool) {
    let coding = coding.unwrap_or_default().trim().to_ascii_lowercase();
    if !matches!(coding.as_str(), "8" | "08" | "ucs2" | "ucs-2" | "unicode" | "utf-16" | "hex") {
        return (text.to_owned(), false);
    }
    let units = unhex(text.trim()).filter(|bytes| bytes.len().is_multiple_of(2) && !bytes.is_empty());
    // Many say "unicode" and send plain UTF-8 all the same.
    let Some(bytes) = units else { return (text.to_owned(), coding == "hex") };
    let units: Vec<u16> = bytes.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    match String::from_utf16(&units) {
        Ok(words) => (words, false),
        Err(_) => (text.to_owned(), true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_as_aggregators_name_them() {
        assert_eq!(decode("004C0044", Some("8")), ("LD".to_owned(), false));
        assert_eq!(decode("LD 0912345678 lừa", Some("unicode")), ("LD 0912345678 lừa".to_owned(), false));
        assert_eq!(decode("004C0044", None), ("004C0044".to_owned(), false));
        assert_eq!(decode("xyz", Some("hex")), ("xyz".to_owned(), true));
        assert_eq!(decode("D800", Some("8")), ("D800".to_owned(), true));
    }

    #[test]
    fn pairs_read_with_signs_and_accents() {
        let read = pairs("from=%2B84912345678&text=l%E1%BB%ABa+dao");
        assert_eq!(
            read,
            [("from".to_owned(), "+84912345678".to_owned()), ("text".to_owned(), "lừa dao".to_owned())]
        );
    }
}

//! Whether a push comes from whom it should: a word both know, or a signature that is not old.

use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit as _, Mac};
use sha2::Sha256;

use crate::config::PushConfig;
use crate::intake::unhex;
use crate::keys::hash_token;

/// Checks everything that is configured.
pub(super) fn check(
    push: &PushConfig,
    headers: &HeaderMap,
    query: &str,
    signed: &[u8],
    now_s: i64,
) -> Result<(), ()> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(token) = &push.token {
        let bearer = text("authorization")
            .and_then(|value| value.split_once(' '))
            .map(|(_, key)| key.trim().to_owned());
        let given = bearer.or_else(|| {
            super::fields::pairs(query).into_iter().find(|(name, _)| name == "token").map(|(_, value)| value)
        });
        // Compared by hash: how far two texts agree is not seen from the time it takes.
        if given.is_none_or(|given| hash_token(&given) != hash_token(token)) {
            return Err(());
        }
    }
    if let Some(key) = &push.hmac_key {
        let at = text(&push.timestamp_header).ok_or(())?;
        let at_s: i64 = at.parse().map_err(|_| ())?;
        if at_s.abs_diff(now_s) > u64::from(push.window_s) {
            return Err(());
        }
        let signature = text(&push.signature_header).ok_or(())?;
        let signature = unhex(signature.strip_prefix("sha256=").unwrap_or(signature)).ok_or(())?;
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|_| ())?;
        mac.update(at.as_bytes());
        mac.update(b".");
        mac.update(signed);
        mac.verify_slice(&signature).map_err(|_| ())?;
    }
    Ok(())
}

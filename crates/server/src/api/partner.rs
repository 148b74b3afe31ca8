//! Who may report over the API: a partner's key, what it may do, and how often.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum::http::{HeaderMap, StatusCode, header};
use canhgiac_store::PartnerKey;
use uuid::Uuid;

use super::problem::{Problem, Speech};
use crate::app::App;

/// Keys whose rate is remembered; there are never so many partners.
const KEYS_LIMIT: usize = 10_000;

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Send reports.
    Write,
    /// Read back what became of its own.
    Read,
    /// Bring in rows of files, as `canhgiac import` does.
    Import,
}

impl Scope {
    /// All, in the order they are offered.
    pub(crate) const ALL: [Scope; 3] = [Scope::Write, Scope::Read, Scope::Import];

    /// Its name in keys and on the command line.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Scope::Write => "reports:write",
            Scope::Read => "reports:read",
            Scope::Import => "reports:import",
        }
    }
}

/// What each key may still send: a bucket that holds one minute's worth.
#[derive(Debug, Default)]
pub(crate) struct Rates {
    buckets: Mutex<HashMap<Uuid, (f64, Instant)>>,
}

impl Rates {
    /// Takes `count` from a key's bucket, or says after how many seconds there will be enough.
    fn take(&self, key: Uuid, per_minute: f64, count: f64, now: Instant) -> Result<(), u64> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEYS_LIMIT && !buckets.contains_key(&key) {
            buckets.clear();
        }
        let (left, at) = buckets.entry(key).or_insert((per_minute, now));
        let gained = now.saturating_duration_since(*at).as_secs_f64() * per_minute / 60.0;
        *left = (*left + gained).min(per_minute);
        *at = now;
        // What is larger than a minute's worth goes when the bucket is full, and is paid for afterwards.
        let needed = count.min(per_minute);
        if *left >= needed {
            *left -= count;
            return Ok(());
        }
        Err(((needed - *left) * 60.0 / per_minute).ceil().max(1.0) as u64)
    }
}

/// The partner whose key a request carries, when it may do this.
pub(crate) async fn partner_of(app: &App, headers: &HeaderMap, scope: Scope) -> Result<PartnerKey, Problem> {
    let speech = Speech::of(headers);
    let unknown = || {
        Problem::named(
            StatusCode::UNAUTHORIZED,
            "key-needed",
            speech.pick("Cần khóa", "Key needed"),
            speech.pick(
                "Gửi tiêu đề Authorization: Bearer <khóa của đơn vị>. Khóa sai, hết hạn hoặc đã thu hồi thì xin cấp lại.",
                "Send Authorization: Bearer <the partner's key>. If the key is wrong, over or revoked, ask for another.",
            ),
        )
    };
    let key = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, key)| key.trim())
        .ok_or_else(unknown)?;
    let partner = app
        .store
        .partner_of_key(&crate::keys::hash_token(key), app.clock.now_us())
        .await
        .map_err(|error| Problem::internal(&error))?
        .ok_or_else(unknown)?;
    let scopes: Vec<String> = serde_json::from_str(&partner.scopes).unwrap_or_default();
    if scopes.iter().any(|known| known == scope.id()) {
        return Ok(partner);
    }
    Err(Problem::named(
        StatusCode::FORBIDDEN,
        "scope-needed",
        speech.pick("Khóa không có quyền này", "The key may not do this"),
        format!("{} {}.", speech.pick("Xin khóa có quyền", "Ask for a key with the scope"), scope.id()),
    ))
}

/// Counts reports of a partner, or asks to wait.
pub(crate) fn count(app: &App, partner: &PartnerKey, reports: usize, speech: Speech) -> Result<(), Problem> {
    let Some(per_minute) = partner.per_minute else { return Ok(()) };
    app.rates.take(partner.id, per_minute as f64, reports as f64, Instant::now()).map_err(|seconds| {
        metrics::counter!("canhgiac_api_limited_total").increment(1);
        Problem::named(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many",
            speech.pick("Gửi quá nhanh", "Too many at once"),
            match speech {
                Speech::Vi => {
                    format!("Khóa này gửi được {per_minute} phản ánh mỗi phút. Thử lại sau {seconds} giây.")
                }
                Speech::En => {
                    format!("This key may send {per_minute} reports a minute. Try again in {seconds} s.")
                }
            },
        )
        .retry_after(seconds)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_key_gets_its_minutes_worth_and_no_more() {
        let rates = Rates::default();
        let (key, now) = (Uuid::now_v7(), Instant::now());
        assert_eq!((0..100).filter(|_| rates.take(key, 60.0, 1.0, now).is_ok()).count(), 60);
        assert_eq!(rates.take(key, 60.0, 1.0, now), Err(1));
        assert_eq!(rates.take(key, 60.0, 10.0, now), Err(10));
        assert_eq!(rates.take(Uuid::now_v7(), 60.0, 1.0, now), Ok(()), "another key");
        assert_eq!(rates.take(key, 60.0, 1.0, now + Duration::from_secs(1)), Ok(()));
    }

    #[test]
    fn a_batch_larger_than_a_minute_is_paid_for_afterwards() {
        let rates = Rates::default();
        let (key, now) = (Uuid::now_v7(), Instant::now());
        assert_eq!(rates.take(key, 60.0, 120.0, now), Ok(()));
        assert_eq!(rates.take(key, 60.0, 1.0, now), Err(61));
    }
}

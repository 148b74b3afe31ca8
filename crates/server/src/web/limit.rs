//! How often one address may send forms: a bucket per address, refilled steadily.
//!
//! Generous, because whole districts share one address at mobile operators; it stops a machine that
//! floods, not a neighbourhood. Reading pages is not limited here.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use super::public::{Trouble, trouble};

/// Forms one address may send at once.
const BURST: f64 = 600.0;
/// Forms a second it may send for good.
const REFILL_PER_S: f64 = 5.0;
/// A form with files counts as this many.
const UPLOAD_COST: f64 = 10.0;
/// Addresses remembered; beyond it those at rest are forgotten.
const ADDRESSES_LIMIT: usize = 50_000;

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// The buckets of all addresses. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Limiter {
    buckets: Arc<Mutex<HashMap<IpAddr, Bucket>>>,
    trusts_proxy: bool,
}

impl Limiter {
    /// For forms; behind a proxy the address is the last one the proxy saw.
    pub(crate) fn for_forms(trusts_proxy: bool) -> Self {
        Self { buckets: Arc::default(), trusts_proxy }
    }

    fn may_send(&self, address: IpAddr, cost: f64, now: Instant) -> bool {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= ADDRESSES_LIMIT {
            buckets.retain(|_, bucket| refilled(bucket, now) < BURST);
        }
        if buckets.len() >= ADDRESSES_LIMIT && !buckets.contains_key(&address) {
            return false;
        }
        let bucket = buckets.entry(address).or_insert(Bucket { left: BURST, at: now });
        bucket.left = refilled(bucket, now);
        bucket.at = now;
        let may = bucket.left >= cost;
        if may {
            bucket.left -= cost;
        }
        may
    }

    fn address_of(&self, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
        let forwarded = headers
            .get_all("x-forwarded-for")
            .iter()
            .next_back()
            .and_then(|value| value.to_str().ok())
            .and_then(|list| list.rsplit(',').next())
            .and_then(|last| last.trim().parse().ok());
        neighbourhood(forwarded.filter(|_| self.trusts_proxy).unwrap_or(peer))
    }
}

fn refilled(bucket: &Bucket, now: Instant) -> f64 {
    let gained = now.saturating_duration_since(bucket.at).as_secs_f64() * REFILL_PER_S;
    (bucket.left + gained).min(BURST)
}

/// IPv6 subscribers own a /64: its addresses count as one.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

/// Lets a form through or asks to wait. A request without a known peer is let through: that is a test.
pub(crate) async fn guard(State(limiter): State<Limiter>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    if request.method() == Method::POST
        && let Some(peer) = peer
        && !limiter.may_send(limiter.address_of(request.headers(), peer), cost_of(&request), Instant::now())
    {
        metrics::counter!("canhgiac_forms_limited_total").increment(1);
        return trouble(Trouble::TooMany);
    }
    if let Some(peer) = peer {
        let address = limiter.address_of(request.headers(), peer);
        request.extensions_mut().insert(Sender(address));
    }
    next.run(request).await
}

/// The address a request counts for.
#[derive(Debug, Clone, Copy)]
struct Sender(IpAddr);

/// The address a request counts for, when it is known.
pub(crate) fn address(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<Sender>().map(|sender| sender.0)
}

fn cost_of(request: &Request) -> f64 {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("multipart/")) { UPLOAD_COST } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const ONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn a_flood_from_one_address_is_stopped_and_others_are_not() {
        let limiter = Limiter::for_forms(false);
        let now = Instant::now();
        let taken = (0..1000).filter(|_| limiter.may_send(ONE, 1.0, now)).count();
        assert_eq!(taken, 600);
        assert!(limiter.may_send(OTHER, UPLOAD_COST, now));
        assert!(limiter.may_send(ONE, 1.0, now + Duration::from_secs(1)), "it refills");
    }

    #[test]
    fn the_forwarded_address_counts_only_behind_a_proxy() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "203.0.113.9, 192.0.2.2".parse().unwrap());
        assert_eq!(Limiter::for_forms(false).address_of(&headers, ONE), ONE);
        assert_eq!(Limiter::for_forms(true).address_of(&headers, ONE), OTHER);
    }

    #[test]
    fn a_subscribers_ipv6_addresses_count_as_one() {
        let a: IpAddr = "2001:db8:1:2::1".parse().unwrap();
        let b: IpAddr = "2001:db8:1:2:ffff::9".parse().unwrap();
        assert_eq!(neighbourhood(a), neighbourhood(b));
        assert_eq!(neighbourhood("::ffff:192.0.2.1".parse().unwrap()), ONE);
    }
}

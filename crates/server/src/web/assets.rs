//! Style sheets, scripts and pictures, embedded in the binary and served under `/static/`
//! with the content's hash in the name, so that browsers may keep them for a year.
//!
//! It also states the security headers every page carries. Compression is a layer of the
//! whole router (`tower_http::compression`), not done here.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// Style sheets served as one file each, so that a page asks for one.
const BUNDLES: &[(&str, &[&str])] = &[
    ("site.css", &["tokens.css", "base.css", "public.css"]),
    ("console.css", &["tokens.css", "base.css", "console.css"]),
];

/// No inline script or style, nothing from elsewhere, no frame around us.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const ONE_YEAR: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "public, max-age=0, must-revalidate";

struct Asset {
    bytes: Vec<u8>,
    mime: &'static str,
    hash: String,
}

static ASSETS: LazyLock<BTreeMap<String, Asset>> = LazyLock::new(load);

fn load() -> BTreeMap<String, Asset> {
    let mut all: BTreeMap<String, Vec<u8>> = Files::iter()
        .filter_map(|name| Files::get(&name).map(|file| (name.into_owned(), file.data.into_owned())))
        .collect();
    for (bundle, parts) in BUNDLES {
        let mut joined = Vec::new();
        for part in *parts {
            if let Some(bytes) = all.get(*part) {
                joined.extend_from_slice(strip_comments(&String::from_utf8_lossy(bytes)).as_bytes());
            }
        }
        all.insert((*bundle).to_owned(), joined);
    }
    all.into_iter()
        .map(|(name, bytes)| {
            let asset = Asset { mime: mime_of(&name), hash: short_hash(&bytes), bytes };
            (name, asset)
        })
        .collect()
}

/// Takes out `/* … */`: notes are for us, not for a phone's data plan.
fn strip_comments(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, tail)| tail);
    }
    out.push_str(rest);
    out
}

fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn mime_of(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("webmanifest") => "application/manifest+json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The address of an asset, such as `/static/site.0a1b2c3d4e5f.css` for `site.css`.
/// A name that does not exist gives its plain address, which answers 404.
pub(crate) fn url(name: &str) -> String {
    match (ASSETS.get(name), name.rsplit_once('.')) {
        (Some(asset), Some((stem, extension))) => {
            format!("/static/{stem}.{}.{extension}", asset.hash)
        }
        _ => format!("/static/{name}"),
    }
}

/// Routes of all assets, and the few files that browsers and crawlers ask for at the root.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/static/{name}", get(serve))
        .route("/favicon.ico", get(|headers: HeaderMap| async move { answer("logo.svg", None, &headers) }))
        .route("/robots.txt", get(|headers: HeaderMap| async move { answer("robots.txt", None, &headers) }))
}

async fn serve(Path(asked): Path<String>, headers: HeaderMap) -> Response {
    match split_hash(&asked) {
        Some((name, hash)) => answer(&name, Some(hash), &headers),
        None => answer(&asked, None, &headers),
    }
}

/// `site.0a1b2c3d4e5f.css` is `site.css` with a hash; `site.css` has none.
fn split_hash(asked: &str) -> Option<(String, &str)> {
    let (head, extension) = asked.rsplit_once('.')?;
    let (stem, hash) = head.rsplit_once('.')?;
    let is_hash = hash.len() == 12 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| (format!("{stem}.{extension}"), hash))
}

fn answer(name: &str, hash: Option<&str>, headers: &HeaderMap) -> Response {
    let Some(asset) = ASSETS.get(name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = format!("\"{}\"", asset.hash);
    let cache = if hash == Some(asset.hash.as_str()) { ONE_YEAR } else { ASK_AGAIN };
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| tags.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let facts = [
        (header::CONTENT_TYPE, asset.mime.to_owned()),
        (header::CACHE_CONTROL, cache.to_owned()),
        (header::ETAG, tag),
    ];
    if known {
        (StatusCode::NOT_MODIFIED, facts).into_response()
    } else {
        (facts, asset.bytes.clone()).into_response()
    }
}

/// Puts the security headers on every answer of `router`, pages and errors alike.
pub(crate) fn with_security_headers<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.layer(middleware::map_response(security_headers))
}

async fn security_headers(mut response: Response) -> Response {
    const HEADERS: [(HeaderName, &str); 5] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`: that turns the Origin of our own forms into `null`.
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), payment=()",
        ),
    ];
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hashed_name_is_kept_for_a_year_and_an_old_one_is_asked_again() {
        let current = url("site.css");
        let (name, hash) = split_hash(current.trim_start_matches("/static/")).expect("hashed");
        assert_eq!(name, "site.css");
        let fresh = answer(&name, Some(hash), &HeaderMap::new());
        assert_eq!(fresh.headers()[header::CACHE_CONTROL], ONE_YEAR);
        let old = answer(&name, Some("000000000000"), &HeaderMap::new());
        assert_eq!(old.headers()[header::CACHE_CONTROL], ASK_AGAIN);
    }

    #[test]
    fn a_browser_that_has_it_gets_no_body() {
        let mut headers = HeaderMap::new();
        let tag = answer("site.css", None, &headers).headers()[header::ETAG].clone();
        headers.insert(header::IF_NONE_MATCH, tag);
        assert_eq!(answer("site.css", None, &headers).status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn a_name_outside_the_folder_is_not_found() {
        for name in ["../Cargo.toml", "nothing.css", "", "site.css/../../x"] {
            assert_eq!(answer(name, None, &HeaderMap::new()).status(), StatusCode::NOT_FOUND, "{name}");
        }
    }

    #[test]
    fn bundles_hold_all_their_parts_without_comments() {
        let css = String::from_utf8(ASSETS["site.css"].bytes.clone()).expect("utf-8");
        assert!(css.contains("--paper") && css.contains(".error-summary") && css.contains(".masthead"));
        assert!(!css.contains("/*"));
    }
}

//! All pages in one router, with what every answer shares: security headers, compression, the guard
//! against forms from foreign pages, and pages for what goes wrong.

use axum::Router;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};

use super::public::{Trouble, trouble};
use super::{assets, console, public};
use crate::app::AppState;

/// Every page and asset.
///
/// # Errors
/// When the console cannot be set up.
pub(crate) fn router(app: &AppState) -> anyhow::Result<Router<AppState>> {
    let pages = Router::new()
        .merge(public::router(app))
        .merge(console::router(app))
        .merge(assets::routes())
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
        .layer(csrf(app))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(CompressionLayer::new());
    Ok(assets::with_security_headers(pages))
}

/// Forms are taken from our own pages only; no token is needed, browsers say where a form came from.
fn csrf(app: &AppState) -> CsrfLayer<fn(ProtectionError) -> Response> {
    let layer = CsrfLayer::new().add_trusted_origin(origin(&app.config.base_url())).unwrap_or_else(|error| {
        tracing::warn!(%error, "public_url is no origin; forms are matched by host alone");
        CsrfLayer::new()
    });
    layer.with_rejection_response(foreign as fn(ProtectionError) -> Response)
}

fn foreign(_why: ProtectionError) -> Response {
    trouble(Trouble::Foreign)
}

/// `https://host:port` of an address.
fn origin(url: &str) -> String {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let end = url[after_scheme..].find('/').map_or(url.len(), |at| after_scheme + at);
    url[..end].to_owned()
}

async fn not_found(method: Method, uri: Uri) -> Response {
    // The path may hold a secret link: it is not logged.
    tracing::debug!(%method, segments = uri.path().split('/').count(), "no such page");
    trouble(Trouble::NotFound)
}

async fn not_allowed() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, trouble(Trouble::NotFound)).into_response()
}

fn panicked(_panic: Box<dyn std::any::Any + Send>) -> Response {
    // The panic itself was logged by the hook, with its place.
    trouble(Trouble::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_and_host() {
        assert_eq!(origin("https://x.example/a/b"), "https://x.example");
        assert_eq!(origin("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
    }
}

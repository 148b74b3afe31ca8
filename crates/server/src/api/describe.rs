//! What stands in the API's description around its operations.

use utoipa::Modify;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Cảnh Giác API",
        version = "1",
        description = "Reports of scam calls and spam from partners, and requests to operators. Errors are problem \
            details (RFC 9457), in Vietnamese unless Accept-Language prefers English.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/", description = "This installation")),
    tags(
        (name = "reports", description = "For partners that take reports from citizens"),
        (name = "operator", description = "For telecom operators")
    ),
    modifiers(&Keys)
)]
struct Frame;

struct Keys;

impl Modify for Keys {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_with(Default::default);
        let bearer = |words: &str| {
            SecurityScheme::Http(
                HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(words)).build(),
            )
        };
        components.add_security_scheme(
            "partner_key",
            bearer("A partner's key, made with `canhgiac admin partner-key`"),
        );
        components.add_security_scheme(
            "operator_key",
            bearer("An operator's key, made with `canhgiac admin operator-key`"),
        );
    }
}

/// The description without operations.
pub(super) fn frame() -> utoipa::openapi::OpenApi {
    Frame::openapi()
}

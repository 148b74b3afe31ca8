//! An office with its staff, and texts that arrive at it.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use bytes::{Bytes, BytesMut};
use canhgiac_smpp::pdu::{self, Address, Pdu, ShortMessage};
use tempfile::TempDir;
use tower::ServiceExt;

use super::super::{DEMO_ACCOUNTS, add_demo_accounts};
use crate::app::{App, AppState};
use crate::clock::Clock;
use crate::config::{Config, LinkBind, LinkConfig, LinkRole, TemporaryBlockConfig};
use crate::projector;

/// A running console.
pub(super) struct Office {
    pub(super) app: AppState,
    router: Router,
    _directory: TempDir,
}

/// An answer.
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) location: String,
    pub(super) cookie: String,
    pub(super) html: String,
}

impl Page {
    /// The value of the hidden version field of the form sent to `path`.
    pub(super) fn version_of(&self, path: &str) -> String {
        let form = self.html.split(&format!("action=\"{path}\"")).nth(1);
        let form = form.unwrap_or_else(|| panic!("no form for {path}: {}", self.html));
        let field = form.split("name=\"phien_ban\" value=\"").nth(1).unwrap();
        field.split('"').next().unwrap().to_owned()
    }
}

impl Office {
    pub(super) async fn open() -> Office {
        Office::with_committer().await.0
    }

    /// The same with somebody who commits what pages take in.
    pub(super) async fn open_committing() -> Office {
        let (office, committer) = Office::with_committer().await;
        let (store, projector) = (office.app.store.clone(), Arc::clone(&office.app.projector));
        tokio::spawn(committer.run(
            store,
            office.app.health.clone(),
            projector,
            tokio_util::sync::CancellationToken::new(),
        ));
        office
    }

    async fn with_committer() -> (Office, crate::intake::Committer) {
        let directory = tempfile::tempdir().unwrap();
        let link = LinkConfig {
            name: "viettel".to_owned(),
            role: LinkRole::Client,
            address: "127.0.0.1:1".to_owned(),
            system_id: "x".to_owned(),
            password: "x".to_owned(),
            bind: LinkBind::Transceiver,
            default_alphabet: "gsm7".to_owned(),
            window: 10,
            operator: Some("viettel".to_owned()),
            rate_per_s: None,
            keyword_prefix: None,
            carries: None,
            replies: true,
            tls: None,
            group: None,
        };
        let block = TemporaryBlockConfig {
            days: 7,
            issuing_body: "Cơ quan thử nghiệm".to_owned(),
            legal_basis: None,
        };
        let config = Config {
            data_dir: directory.path().to_owned(),
            links: vec![link],
            temporary_block: Some(block),
            ..Config::default()
        };
        let (app, committer) = App::open(config, Clock::system().unwrap()).await.unwrap();
        add_demo_accounts(&app).await.unwrap();
        let router = crate::web::router(&app).unwrap().with_state(Arc::clone(&app));
        (Office { app, router, _directory: directory }, committer)
    }

    /// A text arrives and is projected.
    pub(super) async fn text(&self, from: &str, text: &str) {
        let message = ShortMessage {
            source: Address::international(from),
            destination: Address::short_code("156"),
            short_message: Bytes::from(text.to_owned()),
            ..ShortMessage::default()
        };
        let mut raw = BytesMut::new();
        Pdu::request(1, pdu::Body::DeliverSm(message)).encode(&mut raw).unwrap();
        let item = self.app.pdu_item(&self.app.config.links[0], &raw.freeze(), false).unwrap();
        self.app.store.append_intake(&[item]).await.unwrap();
        projector::catch_up(&self.app).await.unwrap();
    }

    /// Signs a demo account in; gives its cookie.
    pub(super) async fn sign_in(&self, account: &str) -> String {
        let (_, password, ..) = DEMO_ACCOUNTS.iter().find(|(login, ..)| *login == account).unwrap();
        let fields = [("tai_khoan", account), ("mat_khau", password)];
        let page = self.post("", "/can-bo/dang-nhap", &fields).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
        assert!(page.cookie.contains("HttpOnly") && page.cookie.contains("SameSite=Lax"), "{}", page.cookie);
        page.cookie.split(';').next().unwrap().to_owned()
    }

    pub(super) async fn get(&self, cookie: &str, path: &str) -> Page {
        self.send(Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap()).await
    }

    pub(super) async fn post(&self, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        self.send(form(cookie, path, fields).body(body_of(fields)).unwrap()).await
    }

    /// A form that a browser says was made on another site.
    pub(super) async fn post_from_elsewhere(&self, cookie: &str, path: &str) -> Page {
        let request = form(cookie, path, &[])
            .header("sec-fetch-site", "cross-site")
            .header(header::ORIGIN, "https://evil.example")
            .body(Body::empty())
            .unwrap();
        self.send(request).await
    }

    async fn send(&self, request: Request<Body>) -> Page {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let text = |name| {
            let values = response.headers().get_all(name).iter();
            values.map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join("; ")
        };
        let (status, location, cookie) =
            (response.status(), text(header::LOCATION), text(header::SET_COOKIE));
        assert!(response.headers().contains_key(header::CONTENT_SECURITY_POLICY));
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Page { status, location, cookie, html: String::from_utf8_lossy(&body).into_owned() }
    }
}

fn form(cookie: &str, path: &str, _fields: &[(&str, &str)]) -> axum::http::request::Builder {
    Request::post(path)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
}

fn body_of(fields: &[(&str, &str)]) -> Body {
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| super::super::desk::query_pair(name, value)).collect();
    Body::from(pairs.join("&"))
}

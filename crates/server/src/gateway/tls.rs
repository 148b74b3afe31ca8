//! TLS of the links, by rustls: certificates and keys are read once, at the start, and what is wrong with
//! them is said then.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::config::{Config, LinkConfig, LinkRole, LinkTls};

/// Wraps connections we make.
#[derive(Clone)]
pub(super) struct Dialer {
    pub(super) connector: TlsConnector,
    pub(super) name: ServerName<'static>,
}

impl std::fmt::Debug for Dialer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialer").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Wraps connections we are given.
#[derive(Clone)]
pub(super) struct Doorman(pub(super) TlsAcceptor);

impl std::fmt::Debug for Doorman {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Doorman")
    }
}

/// Reads the files that the TLS settings of all links name, without using them.
///
/// # Errors
/// Which link, which file, and what is wrong with it.
pub fn check_tls(config: &Config) -> anyhow::Result<()> {
    for link in &config.links {
        match link.role {
            LinkRole::Client => drop(dialer(link)?),
            LinkRole::Server => drop(doorman(link)?),
        }
    }
    Ok(())
}

/// What a client link dials with; `None` for plain TCP.
pub(super) fn dialer(link: &LinkConfig) -> anyhow::Result<Option<Dialer>> {
    let (Some(tls), Some(name)) = (&link.tls, link.tls_name()) else { return Ok(None) };
    let make = || -> anyhow::Result<Dialer> {
        let name = ServerName::try_from(name.to_owned())
            .with_context(|| format!("'{name}' is no name a certificate can carry; set server_name"))?;
        let roots = match &tls.ca {
            Some(path) => authorities(path)?,
            None => RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        };
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build()?;
        let trusting = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_webpki_verifier(verifier);
        let config = match own_pair(tls)? {
            Some((chain, key)) => {
                trusting.with_client_auth_cert(chain, key).with_context(|| not_a_pair(tls))?
            }
            None => trusting.with_no_client_auth(),
        };
        Ok(Dialer { connector: TlsConnector::from(Arc::new(config)), name })
    };
    make().map(Some).with_context(|| format!("link '{}': TLS", link.name))
}

/// What a server link lets in with; `None` for plain TCP.
pub(super) fn doorman(link: &LinkConfig) -> anyhow::Result<Option<Doorman>> {
    let Some(tls) = &link.tls else { return Ok(None) };
    let make = || -> anyhow::Result<Doorman> {
        let versions =
            ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
        let asking = match &tls.ca {
            Some(path) => {
                let roots = Arc::new(authorities(path)?);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider());
                versions.with_client_cert_verifier(verifier.build()?)
            }
            None => versions.with_no_client_auth(),
        };
        let Some((chain, key)) = own_pair(tls)? else { bail!("certificate and key are needed") };
        let config = asking.with_single_cert(chain, key).with_context(|| not_a_pair(tls))?;
        Ok(Doorman(TlsAcceptor::from(Arc::new(config))))
    };
    make().map(Some).with_context(|| format!("link '{}': TLS", link.name))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn not_a_pair(tls: &LinkTls) -> String {
    let show = |path: &Option<std::path::PathBuf>| {
        path.as_ref().map_or_else(String::new, |path| path.display().to_string())
    };
    format!(
        "the key {} and the certificate {} cannot be used together",
        show(&tls.key),
        show(&tls.certificate)
    )
}

type Pair = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn own_pair(tls: &LinkTls) -> anyhow::Result<Option<Pair>> {
    match (&tls.certificate, &tls.key) {
        (Some(certificate), Some(key)) => Ok(Some((certificates(certificate)?, private_key(key)?))),
        _ => Ok(None),
    }
}

fn authorities(path: &Path) -> anyhow::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).with_context(|| format!("{} holds no usable certificate", path.display()))?;
    }
    Ok(roots)
}

fn certificates(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let pem = read(path)?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let all = all.with_context(|| format!("{} is damaged", path.display()))?;
    if all.is_empty() {
        bail!("{} is not a certificate file: no -----BEGIN CERTIFICATE----- in it", path.display());
    }
    Ok(all)
}

fn private_key(path: &Path) -> anyhow::Result<PrivateKeyDer<'static>> {
    let pem = read(path)?;
    // Nothing of the file is quoted: it may be a key all the same.
    PrivateKeyDer::from_pem_slice(&pem).map_err(|_| {
        let holds = |words: &[u8]| pem.windows(words.len()).any(|window| window == words);
        let why = if holds(b"ENCRYPTED") {
            "the key in it is encrypted; write it out in clear (openssl pkey) with mode 0600"
        } else if holds(b"BEGIN CERTIFICATE") {
            "it holds certificates"
        } else {
            "no -----BEGIN PRIVATE KEY----- in it, or it is damaged"
        };
        anyhow::anyhow!("{} is not a key file: {why}", path.display())
    })
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

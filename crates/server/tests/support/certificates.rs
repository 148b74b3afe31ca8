//! Certificates of the tests, made on the spot: an authority of our own, and what it and others sign.

use std::path::{Path, PathBuf};

use canhgiac::config::LinkTls;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

/// Someone who signs certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// PEM file of its certificate.
    pub(crate) file: PathBuf,
    directory: PathBuf,
}

/// A certificate and its key, as files.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Authority {
    /// Makes an authority whose files lie in `directory`.
    pub(crate) fn new(directory: &Path, name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).expect("no name is wrong");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().expect("a key can be made");
        let own = params.self_signed(&key).expect("it signs itself");
        let file = written(directory, &format!("{name}.ca.pem"), &own.pem());
        Authority { issuer: Issuer::new(params, key), file, directory: directory.to_owned() }
    }

    /// A certificate for these names, for either side.
    pub(crate) fn issue(&self, file: &str, names: &[&str]) -> Pair {
        self.issue_with(file, names, |_| {})
    }

    /// A certificate that ran out long ago.
    pub(crate) fn issue_expired(&self, file: &str, names: &[&str]) -> Pair {
        self.issue_with(file, names, |params| {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        })
    }

    fn issue_with(&self, file: &str, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Pair {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("the names can stand in a certificate");
        params.distinguished_name.push(DnType::CommonName, file);
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        change(&mut params);
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = params.signed_by(&key, &self.issuer).expect("the authority signs");
        Pair {
            certificate: written(&self.directory, &format!("{file}.pem"), &certificate.pem()),
            key: written(&self.directory, &format!("{file}.key"), &key.serialize_pem()),
        }
    }
}

impl Pair {
    /// The settings of a link that shows this certificate.
    pub(crate) fn shown(&self) -> LinkTls {
        LinkTls {
            certificate: Some(self.certificate.clone()),
            key: Some(self.key.clone()),
            ..LinkTls::default()
        }
    }
}

/// Writes a file and gives its path.
pub(crate) fn written(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, text).expect("the directory takes files");
    path
}

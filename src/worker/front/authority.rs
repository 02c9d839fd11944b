//! Who vouches for the machines that a run believes to speak to.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, KeyPair, KeyUsagePurpose,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// An authority and the machines that it vouches for.
pub struct Authority {
    /// Its certificate, for those who are to trust it.
    pub certificate: String,
    /// How the machines speak.
    pub machines: TlsAcceptor,
}

impl Authority {
    /// A new one, of which nobody else knows.
    pub fn new(names: Vec<String>) -> anyhow::Result<Authority> {
        let mut own = params(Vec::new(), "an authority made for this run")?;
        own.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        own.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let own = CertifiedIssuer::self_signed(own, KeyPair::generate()?)?;
        let mut theirs = params(names, "a machine that answers this run")?;
        theirs.use_authority_key_identifier_extension = true;
        theirs.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        theirs.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate()?;
        let theirs = theirs.signed_by(&key, &own)?;
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![theirs.der().clone()], key)?;
        Ok(Authority { certificate: own.pem(), machines: TlsAcceptor::from(Arc::new(config)) })
    }
}

fn params(names: Vec<String>, title: &str) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, title);
    Ok(params)
}

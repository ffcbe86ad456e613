//! A certificate for `localhost`, and the authority that vouches for it, which nobody else knows.

use std::path::{Path, PathBuf};

use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

pub(crate) const AUTHORITY: &str = "authority.pem";
pub(crate) const CERTIFICATE: &str = "certificate.pem";
pub(crate) const KEY: &str = "key.pem";

/// Writes the three files into a folder, and answers with that of the authority.
pub(crate) fn make(folder: &Path) -> Result<PathBuf> {
    let (authority_key, key) = (KeyPair::generate()?, KeyPair::generate()?);
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // Of the same name as the certificate, it would be taken for it.
    authority.distinguished_name.push(DnType::CommonName, "authority of Brine's tests");
    let known = authority.self_signed(&authority_key)?;
    let server = CertificateParams::new(vec!["localhost".to_owned()])?;
    let certificate = server.signed_by(&key, &Issuer::new(authority, authority_key))?;
    std::fs::write(folder.join(AUTHORITY), known.pem())?;
    std::fs::write(folder.join(CERTIFICATE), certificate.pem())?;
    std::fs::write(folder.join(KEY), key.serialize_pem())?;
    Ok(folder.join(AUTHORITY))
}

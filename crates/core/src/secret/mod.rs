//! Secrets at rest: sealed with AES-256-GCM under a key that lies in a file of its own, beside the database.

mod key_file;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::TryRngCore;
use rand::rngs::OsRng;
use secrecy::{ExposeSecret, SecretString};

/// Tells how the rest was sealed, so that a later way can stand beside it.
const VERSION: &str = "v1:";
const NONCE_BYTES: usize = 12;

/// Seals and opens short texts. Clones share the key.
#[derive(Clone)]
pub struct Cipher {
    aead: Aes256Gcm,
}

/// Why a secret could not be sealed or opened, or the key not be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The key's file could not be read or made.
    #[error("the key file {path} cannot be used: {cause}; check that Brine may read and write this folder")]
    KeyFile {
        /// The file.
        path: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The key's file holds something else.
    #[error("the key file {path} is damaged: 64 hexadecimal digits expected; restore it from your backup")]
    KeyForm {
        /// The file.
        path: String,
    },
    /// The key in the settings is something else.
    #[error(
        "the key in secret_key (BRINE_SECRET_KEY) is not 64 hexadecimal digits; make one with `openssl rand -hex 32`"
    )]
    KeyGiven,
    /// Altered, sealed under another key, or moved from another place.
    #[error(
        "a stored secret cannot be opened: it was altered, or sealed with another key; restore the key file, or install the app again"
    )]
    Unreadable,
    /// The system gave no random bytes, or the text has many gigabytes.
    #[error("a secret cannot be sealed: the system gives no random bytes")]
    Unsealable,
}

impl Cipher {
    /// A cipher of this key.
    pub fn from_key(key: &[u8; 32]) -> Self {
        Self { aead: Aes256Gcm::new(&(*key).into()) }
    }

    /// The cipher of the key in this file, which is made (readable by its owner alone) when there is none.
    pub fn load_or_create(path: &Path) -> Result<Self, SecretError> {
        key_file::load_or_create(path).map(|key| Self::from_key(&key))
    }

    /// The cipher of the key in this file, which must be there.
    pub fn load(path: &Path) -> Result<Self, SecretError> {
        key_file::load(path).map(|key| Self::from_key(&key))
    }

    /// The cipher of a key in hexadecimal digits.
    pub fn parse(key: &SecretString) -> Result<Self, SecretError> {
        key_file::parse(key.expose_secret().trim()).map(|key| Self::from_key(&key)).ok_or(SecretError::KeyGiven)
    }

    /// Seals a text. It opens again only with the same `context`, so that a sealed text moved to another row is refused.
    pub fn seal(&self, plain: &str, context: &str) -> Result<String, SecretError> {
        let mut nonce = [0; NONCE_BYTES];
        OsRng.try_fill_bytes(&mut nonce).map_err(|_| SecretError::Unsealable)?;
        let payload = Payload { msg: plain.as_bytes(), aad: context.as_bytes() };
        let sealed = self.aead.encrypt(&Nonce::from(nonce), payload).map_err(|_| SecretError::Unsealable)?;
        Ok(format!("{VERSION}{}", STANDARD.encode([nonce.as_slice(), &sealed].concat())))
    }

    /// Opens what [`Cipher::seal`] made.
    pub fn open(&self, sealed: &str, context: &str) -> Result<SecretString, SecretError> {
        let encoded = sealed.strip_prefix(VERSION).ok_or(SecretError::Unreadable)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| SecretError::Unreadable)?;
        let (nonce, body) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(SecretError::Unreadable)?;
        let payload = Payload { msg: body, aad: context.as_bytes() };
        let plain = self.aead.decrypt(&Nonce::from(*nonce), payload).map_err(|_| SecretError::Unreadable)?;
        String::from_utf8(plain).map(SecretString::from).map_err(|_| SecretError::Unreadable)
    }
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cipher")
    }
}

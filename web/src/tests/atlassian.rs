//! Atlassian's side of signatures: key pairs whose public halves the stub serves.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// The name of Forge's key.
pub(super) const FORGE_KID: &str = "forge/invocation-token/0b9a3c";
/// The app that the settings name.
pub(super) const APP: &str = "ari:cloud:ecosystem::app/8db33809-1f32-48bb-8c52-5877dab48107";

pub(super) struct Atlassian {
    signing: EncodingKey,
    /// The public half as a PEM.
    pub(super) pem: String,
    modulus: String,
    exponent: String,
}

impl Atlassian {
    pub(super) fn generate() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let numbers: PublicKeyComponents<Vec<u8>> = pair.public_key().into();
        let pem = |label: &str, der: &[u8]| {
            format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
        };
        let private = pem("PRIVATE KEY", private.as_ref());
        Self {
            signing: EncodingKey::from_rsa_pem(private.as_bytes()).unwrap(),
            pem: pem("PUBLIC KEY", public.as_ref()),
            modulus: URL_SAFE_NO_PAD.encode(&numbers.n),
            exponent: URL_SAFE_NO_PAD.encode(&numbers.e),
        }
    }

    /// The one that signs installs and invocations in every world.
    pub(super) fn real() -> &'static Self {
        static REAL: OnceLock<Atlassian> = OnceLock::new();
        REAL.get_or_init(Self::generate)
    }

    /// Someone else's key.
    pub(super) fn stranger() -> &'static Self {
        static STRANGER: OnceLock<Atlassian> = OnceLock::new();
        STRANGER.get_or_init(Self::generate)
    }

    pub(super) fn key_set(&self) -> Value {
        json!({ "keys": [{ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": FORGE_KID,
            "n": self.modulus, "e": self.exponent }] })
    }

    pub(super) fn token(&self, key_id: &str, claims: &Value) -> String {
        let header = Header { kid: Some(key_id.to_owned()), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, claims, &self.signing).unwrap()
    }
}

//! Tokens, made and read by hand, so that tests can also forge every kind of wrong one.

use anyhow::{Context, Result, anyhow};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// A token signed with a shared secret.
pub fn hs256(claims: &Value, secret: &str) -> String {
    let input = signing_input(&json!({"typ": "JWT", "alg": "HS256"}), claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), input.as_bytes());
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(tag))
}

/// A token with `alg: none` and no signature.
pub fn unsigned(claims: &Value) -> String {
    format!("{}.", signing_input(&json!({"typ": "JWT", "alg": "none"}), claims))
}

fn signing_input(header: &Value, claims: &Value) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// The claims of a token whose signature by `secret` holds; why not, otherwise.
pub(crate) fn verify_hs256(token: &str, secret: &str) -> Result<Value, &'static str> {
    let (input, signature) = token.rsplit_once('.').ok_or("not a token")?;
    let (header, payload) = input.split_once('.').ok_or("not a token")?;
    let header = decode(header).ok_or("the header is not JSON")?;
    if header.get("alg").and_then(Value::as_str) != Some("HS256") {
        return Err("the algorithm is not HS256");
    }
    let expected = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), input.as_bytes());
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| "the signature is not base64url")?;
    constant_time::verify_slices_are_equal(expected.as_ref(), &signature).map_err(|_| "the signature is wrong")?;
    decode(payload).ok_or("the claims are not JSON")
}

fn decode(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// Atlassian's side of signed installs: an RSA key whose public half is served as PEM.
pub struct InstallKey {
    kid: String,
    key: RsaKeyPair,
}

impl InstallKey {
    /// A new key of 2048 bits with a new name.
    pub fn generate() -> Result<Self> {
        Self::generate_as(&uuid::Uuid::now_v7().to_string())
    }

    /// A new key of 2048 bits with this name.
    pub fn generate_as(kid: &str) -> Result<Self> {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| anyhow!("no RSA key could be made"))?;
        Ok(Self { kid: kid.to_owned(), key })
    }

    /// The public half, as a key set holds it.
    pub fn jwk(&self) -> Value {
        let public: PublicKeyComponents<Vec<u8>> = self.key.public_key().into();
        json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid,
            "n": URL_SAFE_NO_PAD.encode(&public.n), "e": URL_SAFE_NO_PAD.encode(&public.e)})
    }

    /// The name under which the key is served.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half, as served.
    pub fn pem(&self) -> Result<String> {
        let der: PublicKeyX509Der<'_> = self.key.public_key().as_der().map_err(|_| anyhow!("no public key"))?;
        let text = STANDARD.encode(der.as_ref());
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).map(std::str::from_utf8).collect::<Result<_, _>>().context("base64 is ASCII")?;
        Ok(format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n")))
    }

    /// A token signed with this key under its own name.
    pub fn sign(&self, claims: &Value) -> Result<String> {
        self.sign_as(claims, &self.kid)
    }

    /// A token signed with this key that claims to be signed by `kid`.
    pub fn sign_as(&self, claims: &Value, kid: &str) -> Result<String> {
        let input = signing_input(&json!({"typ": "JWT", "alg": "RS256", "kid": kid}), claims);
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input.as_bytes(), &mut signature)
            .map_err(|_| anyhow!("the token could not be signed"))?;
        Ok(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_token_holds_only_under_its_own_secret() {
        let token = hs256(&json!({"iss": "app"}), "right");
        assert_eq!(verify_hs256(&token, "right").unwrap(), json!({"iss": "app"}));
        assert_eq!(verify_hs256(&token, "wrong"), Err("the signature is wrong"));
        assert_eq!(verify_hs256(&unsigned(&json!({"iss": "app"})), "right"), Err("the algorithm is not HS256"));
    }

    #[test]
    fn another_library_accepts_the_install_token_and_its_key() {
        let key = InstallKey::generate().unwrap();
        let token = key.sign(&json!({"iss": "site", "aud": ["http://app"], "exp": 4_102_444_800_i64})).unwrap();
        let public = jsonwebtoken::DecodingKey::from_rsa_pem(key.pem().unwrap().as_bytes()).unwrap();
        let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
        rules.set_audience(&["http://app"]);
        let read = jsonwebtoken::decode::<Value>(&token, &public, &rules).unwrap();
        assert_eq!(read.header.kid.as_deref(), Some(key.kid()));
        assert_eq!(read.claims.get("iss"), Some(&json!("site")));
    }
}

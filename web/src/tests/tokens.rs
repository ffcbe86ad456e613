//! Tokens, true and forged.

use brine_core::jira::qsh::query_string_hash;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

pub(super) fn hs256(claims: &Value, secret: &str) -> String {
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

pub(super) fn qsh(method: &str, path: &str, query: &str) -> String {
    query_string_hash(method, path, query, "").signing().to_owned()
}

/// Claims that hold for three minutes from `now`.
pub(super) fn claims(issuer: &str, user: Option<&str>, qsh: &str, now: i64) -> Value {
    let mut claims = json!({ "iss": issuer, "iat": now, "exp": now + 180, "qsh": qsh });
    if let Some(user) = user {
        claims["sub"] = user.into();
    }
    claims
}

//! Tokens signed with the secret that an installation shares with us.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use super::claims::{ConnectClaims, read_header, read_issuer, verified};
use super::{ExpectedQsh, TokenError, check_qsh};
use crate::clock::Clock;
use crate::ids::ClientKey;
use crate::jira::APP_KEY;
use crate::jira::qsh::query_string_hash;

/// Life of the tokens that we sign. Seconds; Atlassian's limit.
const LIFE: i64 = 180;

/// The issuer that a token claims, so that its secret can be looked up. Nothing is verified yet.
pub fn peek_issuer(token: &str) -> Result<ClientKey, TokenError> {
    read_header(token, Algorithm::HS256)?;
    read_issuer(token).map(ClientKey::new)
}

/// Verifies a token that Jira signed with `secret`, the secret of the issuer that [`peek_issuer`] named.
///
/// Jira leaves `aud` out of these tokens; one that has it must name our app, `base_url` or the installation.
pub fn verify_hs256(
    token: &str,
    secret: &SecretString,
    expected: ExpectedQsh<'_>,
    base_url: &Url,
    clock: &Clock,
) -> Result<ConnectClaims, TokenError> {
    let key = DecodingKey::from_secret(secret.expose_secret().as_bytes());
    let claims = verified(token, &key, Algorithm::HS256, clock)?;
    let base = base_url.as_str().trim_end_matches('/');
    let names_us = |aud: &String| aud == APP_KEY || *aud == claims.iss || aud.trim_end_matches('/') == base;
    if !claims.aud.is_empty() && !claims.aud.iter().any(names_us) {
        return Err(TokenError::Audience);
    }
    check_qsh(&claims.qsh, expected, base_url)?;
    Ok(claims)
}

/// Signs one call to Jira: `path` below the site's base URL and `query` exactly as they will be sent.
pub fn sign_request(
    app_key: &str,
    secret: &SecretString,
    client_key: &ClientKey,
    method: &str,
    path: &str,
    query: &str,
    clock: &Clock,
) -> Result<String, TokenError> {
    let now = clock.now_seconds();
    let claims = json!({
        "iss": app_key,
        "iat": now,
        "exp": now + LIFE,
        "aud": [client_key.as_str()],
        "qsh": query_string_hash(method, path, query, "").signing(),
    });
    let key = EncodingKey::from_secret(secret.expose_secret().as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(|_| TokenError::Signing)
}

//! Tokens that Atlassian signs with its own key: only on `installed` and `uninstalled`.

use jsonwebtoken::{Algorithm, DecodingKey};
use url::Url;

use super::claims::{ConnectClaims, read_header, verified};
use super::{ExpectedQsh, TokenError, check_qsh};
use crate::clock::Clock;

/// The name of the key that a signed install claims (`kid`). Nothing is verified yet.
pub fn peek_key_id(token: &str) -> Result<String, TokenError> {
    read_header(token, Algorithm::RS256)?.kid.ok_or(TokenError::Malformed)
}

/// Verifies a signed install with the public key that [`peek_key_id`] named. Its first audience must be our base URL.
///
/// What remains for the caller: the payload's client key must be the token's issuer.
pub fn verify_install(
    token: &str,
    pem: &str,
    base_url: &Url,
    expected: ExpectedQsh<'_>,
    clock: &Clock,
) -> Result<ConnectClaims, TokenError> {
    read_header(token, Algorithm::RS256)?;
    let key = DecodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| TokenError::Key)?;
    let claims = verified(token, &key, Algorithm::RS256, clock)?;
    let first = claims.aud.first().ok_or(TokenError::Audience)?;
    if first.trim_end_matches('/') != base_url.as_str().trim_end_matches('/') {
        return Err(TokenError::Audience);
    }
    check_qsh(&claims.qsh, expected, base_url)?;
    Ok(claims)
}

//! Reading what a token says: leniently what we do not use, strictly what we do.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

use super::{LEEWAY, TOKEN_BYTES, TokenError};
use crate::clock::Clock;
use crate::ids::AccountId;

/// What a verified token says.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectClaims {
    /// Who made it: the client key.
    pub iss: String,
    /// When it was made, in seconds.
    pub iat: Option<i64>,
    /// When it ends, in seconds.
    pub exp: i64,
    /// Whom it is meant for; empty when it does not say.
    pub aud: Vec<String>,
    /// The person at the screen.
    pub sub: Option<AccountId>,
    /// The query string hash, or "context-qsh".
    pub qsh: String,
    /// What Jira adds about the page.
    pub context: Option<Value>,
}

/// The header's fields that we look at before anything is verified.
#[derive(Deserialize)]
pub(super) struct TokenHeader {
    alg: String,
    pub(super) kid: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct RawClaims {
    iss: Option<String>,
    iat: Option<f64>,
    nbf: Option<f64>,
    exp: Option<f64>,
    aud: Option<Audience>,
    sub: Option<String>,
    qsh: Option<String>,
    context: Option<Value>,
}

/// The three parts of a token that claims to be signed with `algorithm`.
pub(super) fn read_header(token: &str, algorithm: Algorithm) -> Result<TokenHeader, TokenError> {
    let (header, _) = parts(token)?;
    let header: TokenHeader = decoded(header)?;
    if header.alg == name(algorithm) { Ok(header) } else { Err(TokenError::Algorithm { expected: name(algorithm) }) }
}

/// The issuer as an unverified token gives it.
pub(super) fn read_issuer(token: &str) -> Result<String, TokenError> {
    let (_, claims) = parts(token)?;
    let claims: RawClaims = decoded(claims)?;
    claims.iss.filter(|iss| !iss.is_empty()).ok_or(TokenError::Issuer)
}

/// Verifies signature and times; audience and query hash are the caller's to check.
pub(super) fn verified(
    token: &str,
    key: &DecodingKey,
    algorithm: Algorithm,
    clock: &Clock,
) -> Result<ConnectClaims, TokenError> {
    read_header(token, algorithm)?;
    // The library checks the signature alone: times are ours because they follow a clock that tests can move.
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    let raw = jsonwebtoken::decode::<RawClaims>(token, key, &validation).map_err(|error| refusal(&error))?.claims;

    let iss = raw.iss.filter(|iss| !iss.is_empty()).ok_or(TokenError::Issuer)?;
    let now = clock.now_seconds();
    let exp = raw.exp.ok_or(TokenError::NoExpiry)? as i64;
    if exp.saturating_add(LEEWAY) <= now {
        return Err(TokenError::Expired);
    }
    if [raw.nbf, raw.iat].into_iter().flatten().any(|from| from as i64 > now + LEEWAY) {
        return Err(TokenError::NotYetValid);
    }
    let aud = match raw.aud {
        None => Vec::new(),
        Some(Audience::One(one)) => vec![one],
        Some(Audience::Many(many)) => many,
    };
    Ok(ConnectClaims {
        iss,
        iat: raw.iat.map(|iat| iat as i64),
        exp,
        aud,
        sub: raw.sub.filter(|sub| !sub.is_empty()).map(AccountId::new),
        qsh: raw.qsh.ok_or(TokenError::QueryHash)?,
        context: raw.context,
    })
}

fn name(algorithm: Algorithm) -> &'static str {
    if algorithm == Algorithm::RS256 { "RS256" } else { "HS256" }
}

fn refusal(error: &jsonwebtoken::errors::Error) -> TokenError {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidSignature | ErrorKind::Base64(_) => TokenError::Signature,
        ErrorKind::InvalidKeyFormat | ErrorKind::InvalidRsaKey(_) => TokenError::Key,
        _ => TokenError::Malformed,
    }
}

fn parts(token: &str) -> Result<(&str, &str), TokenError> {
    if token.len() > TOKEN_BYTES {
        return Err(TokenError::Malformed);
    }
    let mut parts = token.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(header), Some(claims), Some(_), None) => Ok((header, claims)),
        _ => Err(TokenError::Malformed),
    }
}

fn decoded<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenError::Malformed)
}

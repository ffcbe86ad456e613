//! Reading what a token says: leniently what we do not use, strictly what we do.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde::de::DeserializeOwned;
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
pub(in crate::jira) struct TokenHeader {
    alg: String,
    pub(in crate::jira) kid: Option<String>,
}

/// `aud`: one name or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
pub(in crate::jira) enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    pub(in crate::jira) fn names(audience: Option<Self>) -> Vec<String> {
        match audience {
            None => Vec::new(),
            Some(Self::One(one)) => vec![one],
            Some(Self::Many(many)) => many,
        }
    }
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
pub(in crate::jira) fn read_header(token: &str, algorithm: Algorithm) -> Result<TokenHeader, TokenError> {
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

/// The claims of a token whose signature holds. Nothing that they say is checked yet.
pub(in crate::jira) fn signed<T: DeserializeOwned>(
    token: &str,
    key: &DecodingKey,
    algorithm: Algorithm,
) -> Result<T, TokenError> {
    read_header(token, algorithm)?;
    // The library checks the signature alone: times are ours because they follow a clock that tests can move.
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    Ok(jsonwebtoken::decode::<T>(token, key, &validation).map_err(|error| refusal(&error))?.claims)
}

/// Checks when a token ends and since when it holds, and gives its end. All in seconds.
pub(in crate::jira) fn check_times(
    exp: Option<f64>,
    since: [Option<f64>; 2],
    leeway: i64,
    clock: &Clock,
) -> Result<i64, TokenError> {
    let now = clock.now_seconds();
    let exp = exp.ok_or(TokenError::NoExpiry)? as i64;
    if exp.saturating_add(leeway) <= now {
        return Err(TokenError::Expired);
    }
    if since.into_iter().flatten().any(|from| from as i64 > now + leeway) {
        return Err(TokenError::NotYetValid);
    }
    Ok(exp)
}

/// Verifies signature and times; audience and query hash are the caller's to check.
pub(super) fn verified(
    token: &str,
    key: &DecodingKey,
    algorithm: Algorithm,
    clock: &Clock,
) -> Result<ConnectClaims, TokenError> {
    let raw: RawClaims = signed(token, key, algorithm)?;
    let iss = raw.iss.filter(|iss| !iss.is_empty()).ok_or(TokenError::Issuer)?;
    let exp = check_times(raw.exp, [raw.nbf, raw.iat], LEEWAY, clock)?;
    let aud = Audience::names(raw.aud);
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

/// Header and claims of three parts, still encoded.
pub(in crate::jira) fn parts(token: &str) -> Result<(&str, &str), TokenError> {
    if token.len() > TOKEN_BYTES {
        return Err(TokenError::Malformed);
    }
    let mut parts = token.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(header), Some(claims), Some(_), None) => Ok((header, claims)),
        _ => Err(TokenError::Malformed),
    }
}

pub(in crate::jira) fn decoded<T: DeserializeOwned>(part: &str) -> Result<T, TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenError::Malformed)
}

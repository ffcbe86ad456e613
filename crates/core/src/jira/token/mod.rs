//! Tokens, in and out. The algorithm is pinned by the kind of call and never read from the token; times come
//! from our clock; every refusal has a name for the log, while the caller only gets 401.

pub(super) mod claims;
mod hs256;
mod rs256;

pub use claims::ConnectClaims;
pub use hs256::{peek_issuer, sign_request, verify_hs256};
pub use rs256::{peek_key_id, verify_install};

use url::Url;

use super::qsh::query_string_hash;

/// What a token's `qsh` must be. Each route takes one kind, never either.
#[derive(Clone, Copy, Debug)]
pub enum ExpectedQsh<'a> {
    /// Pages in frames, lifecycle calls and webhooks: the hash of this very request.
    Request {
        /// As in the request line.
        method: &'a str,
        /// As in the request line, not decoded; our base URL's own path is taken off here.
        path: &'a str,
        /// Query as it came, without `?`; may hold the token itself.
        query: &'a str,
    },
    /// Calls from our own page's scripts: a context token.
    Context,
}

/// The `qsh` of every context token.
const CONTEXT_QSH: &str = "context-qsh";
/// Clocks differ. Seconds.
const LEEWAY: i64 = 30;
/// Longer than any token that Jira makes. Bytes.
const TOKEN_BYTES: usize = 16 * 1024;

/// Why a token was refused. For the log: holds no part of the token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not three parts of base64 with JSON in the first two.
    #[error("the token is no JWT that can be read")]
    Malformed,
    /// Another algorithm than the one that this kind of call is signed with.
    #[error("the token is not signed with {expected}")]
    Algorithm {
        /// HS256 or RS256.
        expected: &'static str,
    },
    /// Signed with another key or changed on its way.
    #[error("the token's signature does not fit the key of its issuer")]
    Signature,
    /// The install key is no RSA public key in PEM form.
    #[error("the install key is no RSA public key")]
    Key,
    /// `iss` is missing or empty.
    #[error("the token names no issuer")]
    Issuer,
    /// `aud` names somebody else, or nobody where it must name us.
    #[error("the token is meant for somebody else")]
    Audience,
    /// `exp` is missing.
    #[error("the token has no expiry")]
    NoExpiry,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` or `iat` lies ahead.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// `qsh` is missing or is the hash of another request.
    #[error("the token was made for another request")]
    QueryHash,
    /// A context token where only a token made for the request is taken.
    #[error("a context token was given where a token made for the request is due")]
    ContextToken,
    /// A token made for a request where only a context token is taken.
    #[error("a token made for a request was given where a context token is due")]
    RequestToken,
    /// No installation, no site, or two sites.
    #[error("the token does not say which installation on which site has called")]
    Site,
    /// The token could not be made.
    #[error("the token could not be signed")]
    Signing,
}

fn check_qsh(qsh: &str, expected: ExpectedQsh<'_>, base_url: &Url) -> Result<(), TokenError> {
    let is_context = qsh == CONTEXT_QSH;
    match expected {
        ExpectedQsh::Context if is_context => Ok(()),
        ExpectedQsh::Context => Err(TokenError::RequestToken),
        ExpectedQsh::Request { .. } if is_context => Err(TokenError::ContextToken),
        ExpectedQsh::Request { method, path, query } => {
            if query_string_hash(method, path, query, base_url.path()).accepts(qsh) {
                Ok(())
            } else {
                Err(TokenError::QueryHash)
            }
        }
    }
}

#[cfg(test)]
mod tests;

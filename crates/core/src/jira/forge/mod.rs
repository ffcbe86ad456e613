//! Calls by Forge: each carries an invocation token, signed with a key out of Atlassian's set and good for 25 seconds.
//!
//! The token holds no hash of path or body. So a route looks at the module that it names, and a call that changes
//! something is taken once (`jti`).

mod claims;
mod event;
mod keys;
#[cfg(test)]
mod tests;

pub use claims::Invocation;
pub use event::Lifecycle;
pub use keys::{ForgeKeyError, ForgeKeys};

use jsonwebtoken::Algorithm;

use super::token::TokenError;
use super::token::claims::read_header;
use crate::clock::Clock;

/// Verifies invocation tokens of the apps that this service stands behind.
#[derive(Clone, Debug)]
pub struct Invocations {
    keys: ForgeKeys,
    app_ids: Vec<String>,
    clock: Clock,
}

/// Why an invocation token was refused. For the log: holds no part of the token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvocationError {
    /// See [`TokenError`].
    #[error(transparent)]
    Token(#[from] TokenError),
    /// See [`ForgeKeyError`].
    #[error(transparent)]
    Key(#[from] ForgeKeyError),
    /// No app is set.
    #[error("calls by Forge are not taken: name your app in the setting forge.app_ids (BRINE_FORGE_APP_IDS)")]
    NoApps,
}

impl Invocations {
    /// Takes tokens for `app_ids` (full ids), signed with one of `keys`.
    pub fn new(keys: ForgeKeys, app_ids: Vec<String>, clock: Clock) -> Self {
        Self { keys, app_ids, clock }
    }

    /// What a token says, once it is proven.
    ///
    /// Whatever can be refused without a key is refused first, so that only tokens that would hold make us look for one.
    pub async fn verify(&self, token: &str) -> Result<Invocation, InvocationError> {
        if self.app_ids.is_empty() {
            return Err(InvocationError::NoApps);
        }
        let key_id = read_header(token, Algorithm::RS256)?.kid.ok_or(TokenError::Malformed)?;
        claims::unproven(token)?.checked(&self.app_ids, &self.clock)?;
        let key = self.keys.key(&key_id).await?;
        Ok(claims::proven(token, &key)?.checked(&self.app_ids, &self.clock)?)
    }
}

//! How a call proves who makes it. Three ways, one interface: the rest of the client knows none of them.

use secrecy::{ExposeSecret, SecretString};

use crate::clock::{Clock, Millis};
use crate::ids::ClientKey;
use crate::jira::token::sign_request;
use crate::jira::{APP_KEY, JiraError};
use crate::store::{ConnectInstall, SystemToken};

/// A token is not used in its last moments: the call has to arrive first.
const SPARE_MS: Millis = 5_000;

/// How a call proves who makes it.
#[derive(Clone, Debug)]
pub enum Authorisation {
    /// Connect: each call is signed with the secret that the site shares with us, as our app.
    Connect {
        /// The installation.
        client_key: ClientKey,
        /// Its secret.
        secret: SecretString,
    },
    /// Forge: a token of the app itself, when there is one.
    Forge(Option<Bearer>),
    /// Forge: a token of the person in front of the page.
    Person(SecretString),
    /// Nothing is installed on the site.
    None,
}

/// A token of the app that ends.
#[derive(Clone, Debug)]
pub struct Bearer {
    token: SecretString,
    until: Millis,
}

impl Authorisation {
    /// The `Authorization` header of one call.
    pub(super) fn header(&self, method: &str, path: &str, query: &str, clock: &Clock) -> Result<String, JiraError> {
        match self {
            Self::Connect { client_key, secret } => {
                let token = sign_request(APP_KEY, secret, client_key, method, path, query, clock);
                Ok(format!("JWT {}", token.map_err(|_| JiraError::Installation)?))
            }
            Self::Forge(Some(bearer)) if bearer.until > clock.now().saturating_add(SPARE_MS) => {
                Ok(format!("Bearer {}", bearer.token.expose_secret()))
            }
            Self::Forge(_) => Err(JiraError::NoToken),
            Self::Person(token) => Ok(format!("Bearer {}", token.expose_secret())),
            Self::None => Err(JiraError::Installation),
        }
    }

    /// What a 401 means depends on what was shown: a token ends, a shared secret does not.
    pub(super) fn explain(&self, error: JiraError) -> JiraError {
        match (self, error) {
            (Self::Forge(_), JiraError::Unauthorized) => JiraError::NoToken,
            (Self::Person(_), JiraError::Unauthorized) => JiraError::PersonToken,
            (_, error) => error,
        }
    }
}

impl From<&ConnectInstall> for Authorisation {
    fn from(install: &ConnectInstall) -> Self {
        Self::Connect { client_key: install.client_key.clone(), secret: install.shared_secret.clone() }
    }
}

impl From<&SystemToken> for Bearer {
    fn from(token: &SystemToken) -> Self {
        Self { token: token.token.clone(), until: token.until }
    }
}

//! Atlassian's key set for invocation tokens, fetched from one fixed place and kept.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use reqwest::Client;
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use crate::clock::{Clock, Millis};

const TIMEOUT: Duration = Duration::from_secs(5);
/// A set of a hundred keys is under this. Bytes.
const SET_BYTES: usize = 256 * 1024;
const KEYS: usize = 100;
const KEY_ID_CHARS: usize = 200;
/// Shorter RSA keys can be broken. Bytes.
const SHORTEST_MODULUS: usize = 256;
/// After a fetch that did not bring the wanted key, the next one waits so long, whatever key it is for.
const PAUSE_MS: Millis = 60_000;
/// A set that is older is fetched anew, so that a key that Atlassian has withdrawn goes here too.
const FRESH_MS: Millis = 3_600_000;
/// While no new set can be had, an older one is used for so long.
const USABLE_MS: Millis = 24 * 3_600_000;

/// The key set. Clones share what was fetched.
#[derive(Clone)]
pub struct ForgeKeys {
    url: Url,
    http: Client,
    clock: Clock,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    keys: HashMap<String, Arc<DecodingKey>>,
    fetched_at: Option<Millis>,
    no_fetch_before: Option<Millis>,
}

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForgeKeyError {
    /// Not a name that a key can have.
    #[error("the key's name is not one that Atlassian would use")]
    Name,
    /// The set has no key of this name.
    #[error("Atlassian's key set has no key of this name")]
    Unknown,
    /// Asked too often for keys that are not there.
    #[error("a key could not be found a moment ago: the next is looked up in a minute at the latest")]
    Paused,
    /// The server did not answer well.
    #[error("Atlassian's key set cannot be reached: check the setting forge.jwks_url and outgoing connections")]
    Unavailable,
    /// What came is no key set.
    #[error("the server of Atlassian's key set sent something else")]
    NoSet,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    kty: Option<String>,
    kid: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

impl ForgeKeys {
    /// Keys from `url`. `http` must follow no redirects.
    pub fn new(url: Url, http: Client, clock: Clock) -> Self {
        Self { url, http, clock, state: Arc::default() }
    }

    /// The key of this name.
    ///
    /// The name comes from a token that is not verified yet: known keys are not fetched again while they are fresh, and a
    /// flood of made-up names causes one fetch a minute in all.
    pub(super) async fn key(&self, key_id: &str) -> Result<Arc<DecodingKey>, ForgeKeyError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':');
        if !(1..=KEY_ID_CHARS).contains(&key_id.len()) || !key_id.chars().all(plain) {
            return Err(ForgeKeyError::Name);
        }
        // Held over the fetch on purpose: callers that come meanwhile find its result instead of fetching too.
        let mut state = self.state.lock().await;
        let now = self.clock.now();
        let age = state.fetched_at.map_or(Millis::MAX, |at| now.saturating_sub(at));
        let known = state.keys.get(key_id).filter(|_| age < USABLE_MS).cloned();
        match known {
            Some(key) if age < FRESH_MS => return Ok(key),
            known if state.no_fetch_before.is_some_and(|time| now < time) => return known.ok_or(ForgeKeyError::Paused),
            _ => {}
        }
        match self.fetch().await {
            Ok(keys) => {
                state.keys = keys;
                state.fetched_at = Some(now);
                let found = state.keys.get(key_id).cloned();
                if found.is_none() {
                    state.no_fetch_before = Some(now + PAUSE_MS);
                }
                found.ok_or(ForgeKeyError::Unknown)
            }
            Err(error) => {
                state.no_fetch_before = Some(now + PAUSE_MS);
                known.ok_or(error)
            }
        }
    }

    async fn fetch(&self) -> Result<HashMap<String, Arc<DecodingKey>>, ForgeKeyError> {
        let request = self.http.get(self.url.clone()).timeout(TIMEOUT);
        let mut response = request.send().await.map_err(|_| ForgeKeyError::Unavailable)?;
        if response.status() != 200 {
            return Err(ForgeKeyError::Unavailable);
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| ForgeKeyError::Unavailable)? {
            if bytes.len() + chunk.len() > SET_BYTES {
                return Err(ForgeKeyError::NoSet);
            }
            bytes.extend_from_slice(&chunk);
        }
        let set: KeySet = serde_json::from_slice(&bytes).map_err(|_| ForgeKeyError::NoSet)?;
        let keys = set.keys.into_iter().take(KEYS).filter_map(Key::usable);
        Ok(keys.map(|(id, key)| (id, Arc::new(key))).collect())
    }
}

impl Key {
    /// Its name and itself, if it is an RSA key for signatures. Others in the set are for somebody else.
    fn usable(self) -> Option<(String, DecodingKey)> {
        let is_rsa = self.kty.as_deref() == Some("RSA");
        let signs = self.used_for.is_none_or(|used_for| used_for == "sig") && self.alg.is_none_or(|alg| alg == "RS256");
        let (id, n, e) = (self.kid?, self.n?, self.e?);
        let is_long = URL_SAFE_NO_PAD.decode(&n).is_ok_and(|modulus| modulus.len() >= SHORTEST_MODULUS);
        let key = DecodingKey::from_rsa_components(&n, &e).ok()?;
        (is_rsa && signs && is_long).then_some((id, key))
    }
}

impl fmt::Debug for ForgeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForgeKeys").field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

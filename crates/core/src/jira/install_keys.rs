//! Atlassian's public keys for signed installs, fetched by name from one fixed place and kept.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use tokio::sync::Mutex;
use url::Url;

use crate::clock::{Clock, Millis};

const TIMEOUT: Duration = Duration::from_secs(5);
/// A PEM of a 4096-bit key is under a kilobyte. Bytes.
const PEM_BYTES: usize = 16 * 1024;
const KEY_ID_CHARS: usize = 128;
/// After a fetch that brought no key, the next one waits so long, whatever key it is for.
const PAUSE_MS: Millis = 60_000;
/// Atlassian rotates keys a few times a year.
const KEPT_KEYS: usize = 64;

/// Fetches keys as `<base>/<key id>`. Clones share what was fetched.
#[derive(Clone, Debug)]
pub struct InstallKeys {
    base: Url,
    http: Client,
    clock: Clock,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    pems: HashMap<String, Arc<str>>,
    no_fetch_before: Option<Millis>,
}

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstallKeyError {
    /// Not a name that a key can have.
    #[error("the install key's name is not one that Atlassian would use")]
    Name,
    /// The key server does not know it.
    #[error("there is no install key of this name")]
    Unknown,
    /// Asked too often for keys that are not there.
    #[error("an install key could not be found a moment ago: the next is looked up in a minute at the latest")]
    Paused,
    /// The key server did not answer well.
    #[error("the install key server cannot be reached: check the setting connect.keys_url and outgoing connections")]
    Unavailable,
    /// What came is no PEM.
    #[error("the install key server sent something that is no public key")]
    NoPem,
}

impl InstallKeys {
    /// Keys from `base`. `http` must follow no redirects.
    pub fn new(base: Url, http: Client) -> Self {
        Self { base, http, clock: Clock::system(), state: Arc::default() }
    }

    /// Times the pause between failed fetches by this clock.
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The PEM of the key of this name.
    ///
    /// The name comes from a token that is not verified yet. So its characters are checked, known keys are never fetched
    /// again, and a flood of made-up names causes one fetch a minute in all.
    pub async fn pem(&self, key_id: &str) -> Result<Arc<str>, InstallKeyError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let is_name =
            (1..=KEY_ID_CHARS).contains(&key_id.len()) && key_id.chars().all(plain) && key_id.chars().any(|c| c != '.');
        if !is_name {
            return Err(InstallKeyError::Name);
        }
        // Held over the fetch on purpose: callers that come meanwhile find its result instead of fetching too.
        let mut state = self.state.lock().await;
        if let Some(pem) = state.pems.get(key_id) {
            return Ok(Arc::clone(pem));
        }
        if state.no_fetch_before.is_some_and(|time| self.clock.now() < time) {
            return Err(InstallKeyError::Paused);
        }
        match self.fetch(key_id).await {
            Ok(pem) => {
                if state.pems.len() >= KEPT_KEYS {
                    state.pems.clear();
                }
                let pem: Arc<str> = pem.into();
                state.pems.insert(key_id.to_owned(), Arc::clone(&pem));
                Ok(pem)
            }
            Err(error) => {
                state.no_fetch_before = Some(self.clock.now() + PAUSE_MS);
                Err(error)
            }
        }
    }

    async fn fetch(&self, key_id: &str) -> Result<String, InstallKeyError> {
        let address = format!("{}/{key_id}", self.base.as_str().trim_end_matches('/'));
        let request = self.http.get(address).timeout(TIMEOUT);
        let mut response = request.send().await.map_err(|_| InstallKeyError::Unavailable)?;
        match response.status().as_u16() {
            200 => {}
            403 | 404 | 410 => return Err(InstallKeyError::Unknown),
            _ => return Err(InstallKeyError::Unavailable),
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| InstallKeyError::Unavailable)? {
            if bytes.len() + chunk.len() > PEM_BYTES {
                return Err(InstallKeyError::NoPem);
            }
            bytes.extend_from_slice(&chunk);
        }
        let pem = String::from_utf8(bytes).map_err(|_| InstallKeyError::NoPem)?;
        let is_pem = pem.trim_start().starts_with("-----BEGIN ") && pem.contains("PUBLIC KEY-----");
        if is_pem { Ok(pem) } else { Err(InstallKeyError::NoPem) }
    }
}

#[cfg(test)]
#[path = "install_keys_tests.rs"]
mod tests;

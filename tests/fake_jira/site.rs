//! What all parts of the site share.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::adf_schema::AdfSchema;
use super::apps::Installation;
use super::bearers::Bearer;
use super::faults::Faults;
use super::state::State;
use super::tokens::InstallKey;
use super::webhooks::Delivery;

/// How the site is to behave.
#[derive(Clone, Debug)]
pub struct FakeOptions {
    /// The port on loopback; 0 takes a free one.
    pub port: u16,
    /// The pause before a webhook is sent again. Jira waits 5 to 15 minutes.
    pub webhook_pause: Duration,
    /// How often a webhook is sent again at most.
    pub webhook_retries: u32,
    /// How long the app may take to answer a webhook.
    pub webhook_timeout: Duration,
}

impl Default for FakeOptions {
    fn default() -> Self {
        Self {
            port: 0,
            webhook_pause: Duration::from_millis(200),
            webhook_retries: 5,
            webhook_timeout: Duration::from_secs(10),
        }
    }
}

/// One REST request of the app and what was answered.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// GET, PUT ….
    pub method: String,
    /// The path, still encoded.
    pub path: String,
    /// The query, still encoded.
    pub query: String,
    /// The body, when it is JSON.
    pub body: Option<Value>,
    /// The status that was answered (or would have been, when the connection was cut).
    pub status: u16,
    /// The answer's body.
    pub answer: Option<Value>,
    /// Whether a fault made this answer, and not the site.
    pub fault: bool,
}

pub(crate) struct Site {
    pub(crate) base_url: String,
    pub(crate) options: FakeOptions,
    pub(crate) client_key: String,
    pub(crate) cloud_id: String,
    pub(crate) bearers: Mutex<HashMap<String, Bearer>>,
    pub(crate) install_key: Arc<InstallKey>,
    pub(crate) schema: AdfSchema,
    pub(crate) http: reqwest::Client,
    /// Where webhooks are sent from, whoever caused them.
    pub(crate) runtime: tokio::runtime::Handle,
    pub(crate) state: Mutex<State>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) deliveries: Mutex<Vec<Delivery>>,
    pub(crate) log: Mutex<Vec<Recorded>>,
    /// Pages of searches that were named before it grew can no longer be had.
    pub(crate) page_age: AtomicU64,
}

impl Site {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(crate) fn installation(&self) -> Option<Installation> {
        self.state().installation.clone()
    }
}

/// A lock that a failed test elsewhere can't poison.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

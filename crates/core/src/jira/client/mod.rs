//! The REST client: one call at a time with its proof, no retries of its own (the job's settling decides), no redirects.

mod answer;
mod authorisation;
mod comments;
mod fields;
mod issues;
mod matches;
mod people;
mod properties;
mod search;
mod subtasks;

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::Value;
use url::Url;

pub use authorisation::{Authorisation, Bearer};
pub use comments::Comment;
pub use fields::{EditableField, FieldForm};
pub use issues::Issue;
pub use matches::{Match, Matches};
pub use people::Permission;
pub use search::{Found, Page};
pub use subtasks::Subtask;

use super::limits::{Allowance, Asked, Guard, Rules};
use super::{JiraError, qsh};
use crate::clock::Clock;
use crate::ids::TenantId;
use crate::jobs::{Class, Job};
use crate::store::{Store, StoreError, Tenant};
use crate::telemetry;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(30);

/// Speaks to one Jira site, as our app or as a person.
#[derive(Clone, Debug)]
pub struct JiraClient {
    http: Client,
    base_url: String,
    authorisation: Authorisation,
    guard: Guard,
    /// What proves that we may write: a job's lease.
    lease: Option<Arc<Lease>>,
    clock: Clock,
}

/// A job that a worker holds, and the store that knows whether it still does.
#[derive(Debug)]
struct Lease {
    store: Store,
    job: Job,
}

/// Makes the client of each site; all share one pool of connections and one allowance.
#[derive(Clone, Debug)]
pub struct JiraClients {
    http: Client,
    allowance: Arc<dyn Allowance>,
    rules: Rules,
    clock: Clock,
}

impl JiraClients {
    /// One pool for all sites. `allowance` is to be the one of all clients in this process.
    pub fn new(allowance: Arc<dyn Allowance>, rules: Rules, clock: Clock) -> Result<Self, JiraError> {
        Ok(Self { http: http_client()?, allowance, rules, clock })
    }

    /// The client of a site for work that nobody waits for: as our app, in the way that is there now. Forge comes before
    /// Connect; a token of Forge's that has ended before Connect does not.
    pub fn app_of(&self, tenant: &Tenant) -> JiraClient {
        let now = self.clock.now();
        let forge = tenant.active_forge();
        let valid = forge.filter(|install| install.token.as_ref().is_some_and(|token| token.until > now));
        let (base_url, authorisation) = match (valid, tenant.active_connect(), forge) {
            (Some(install), _, _) | (None, None, Some(install)) => {
                (install.api_base_url.as_str(), Authorisation::Forge(install.token.as_ref().map(Bearer::from)))
            }
            (None, Some(install), _) => (tenant.base_url.as_str(), Authorisation::from(install)),
            (None, None, None) => (tenant.base_url.as_str(), Authorisation::None),
        };
        self.with(&tenant.id, base_url, authorisation).for_class(Class::Automatic)
    }

    /// The client of a tenant's site at `base_url`, which answers to `authorisation`, for a person who waits.
    pub fn with(&self, tenant: &TenantId, base_url: &str, authorisation: Authorisation) -> JiraClient {
        let guard = Guard::new(Arc::clone(&self.allowance), self.rules, tenant.clone(), Class::Interactive);
        JiraClient::new(self.http.clone(), base_url, authorisation, guard, self.clock.clone())
    }
}

/// The HTTP client for everything of Atlassian's: it follows no redirect, since the token would go along.
pub fn http_client() -> Result<Client, JiraError> {
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        .user_agent(concat!("brine/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|_| JiraError::Client)
}

/// One call: path below the base URL, query pairs not yet encoded.
struct Call<'a> {
    method: Method,
    path: String,
    query: Vec<(&'a str, String)>,
    body: Option<Value>,
}

impl<'a> Call<'a> {
    fn get(path: String) -> Self {
        Self { method: Method::GET, path, query: Vec::new(), body: None }
    }

    fn post(path: String, body: Value) -> Self {
        Self { method: Method::POST, path, query: Vec::new(), body: Some(body) }
    }

    fn put(path: String, body: Value) -> Self {
        Self { method: Method::PUT, path, query: Vec::new(), body: Some(body) }
    }

    fn delete(path: String) -> Self {
        Self { method: Method::DELETE, path, query: Vec::new(), body: None }
    }

    fn with(mut self, key: &'a str, value: impl Into<String>) -> Self {
        self.query.push((key, value.into()));
        self
    }
}

impl JiraClient {
    /// A client of the site at `base_url`. `http` must follow no redirects: see [`http_client`].
    fn new(http: Client, base_url: &str, authorisation: Authorisation, guard: Guard, clock: Clock) -> Self {
        Self { http, base_url: base_url.trim_end_matches('/').to_owned(), authorisation, guard, lease: None, clock }
    }

    /// The same client for a job's writes: each is sent only while the job is held, and broken off when its lease ends. A
    /// worker that was stopped in the middle, and goes on when the job has become another's, writes nothing.
    #[must_use]
    pub fn held_by(self, store: &Store, job: &Job) -> Self {
        Self { lease: Some(Arc::new(Lease { store: store.clone(), job: job.clone() })), ..self }
    }

    /// The same client for work of another class, which may use another part of the allowance.
    #[must_use]
    pub fn for_class(self, class: Class) -> Self {
        Self { guard: self.guard.for_class(class), ..self }
    }

    /// Sends one call and reads its JSON; `Null` when the answer has no body.
    async fn send(&self, call: Call<'_>) -> Result<Value, JiraError> {
        // Encoded once, by the rule that the hash uses, so that what is signed is what is sent.
        let query: Vec<String> =
            call.query.iter().map(|(key, value)| format!("{key}={}", qsh::encode(value))).collect();
        let query = query.join("&");
        let mut url = Url::parse(&format!("{}{}", self.base_url, call.path)).map_err(|_| JiraError::Installation)?;
        url.set_query((!query.is_empty()).then_some(query.as_str()));
        let proof = self.authorisation.header(call.method.as_str(), &call.path, &query, &self.clock)?;
        let asked = Asked::new(call.method.as_str(), &call.path);
        self.guard.admit(&asked, &self.clock).await.map_err(|held| JiraError::held(held, &self.clock))?;
        let method = call.method.clone();
        let left = match &self.lease {
            Some(lease) if method != Method::GET => Some(lease.left().await?),
            _ => None,
        };
        let mut request = self
            .http
            .request(call.method, url)
            .header(reqwest::header::AUTHORIZATION, proof)
            .header(reqwest::header::ACCEPT, "application/json");
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        if let Some(left) = left {
            request = request.timeout(left.min(TOTAL_TIMEOUT));
        }
        let response = request.send().await;
        telemetry::jira_request(method.as_str(), response.as_ref().map_or(0, |answer| answer.status().as_u16()));
        let response = response.map_err(|error| answer::broken(&error))?;
        let told = answer::told(&response, &self.clock);
        let answer = answer::read(response, call.body.as_ref(), &self.clock).await;
        self.guard.learn(&asked, &told, answer.as_ref().ok(), &self.clock).await;
        answer.map_err(|error| self.authorisation.explain(error))
    }
}

impl Lease {
    /// For how long the job is ours.
    async fn left(&self) -> Result<Duration, JiraError> {
        self.store.still_held(&self.job).await.map_err(|error| match error {
            StoreError::LeaseLost => JiraError::LeaseLost,
            other => JiraError::Unproven { cause: other.to_string() },
        })
    }
}

/// An id as a segment of a path. Only characters that need no encoding: nothing from outside can change the path, and
/// signer and verifier cannot differ about it.
fn segment(id: &str) -> Result<&str, JiraError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let fits = !id.is_empty() && id.len() <= 255 && id.chars().all(plain) && id.chars().any(|c| c != '.');
    if fits { Ok(id) } else { Err(JiraError::NotFound) }
}

/// What is there, or nothing when Jira answers 404.
fn found<T>(result: Result<T, JiraError>) -> Result<Option<T>, JiraError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(JiraError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;

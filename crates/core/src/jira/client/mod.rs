//! The REST client: one signed call at a time, no retries of its own (the job's settling decides), no redirects.

mod answer;
mod comments;
mod issues;
mod people;
mod properties;
mod search;

use std::time::Duration;

use reqwest::{Client, Method};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

pub use comments::Comment;
pub use issues::Issue;
pub use people::Permission;
pub use search::{Found, Page};

use super::token::sign_request;
use super::{APP_KEY, JiraError, qsh};
use crate::clock::Clock;
use crate::ids::ClientKey;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(30);

/// Speaks to one Jira site as our app.
#[derive(Clone, Debug)]
pub struct JiraClient {
    http: Client,
    app_key: String,
    base_url: String,
    secret: SecretString,
    client_key: ClientKey,
    clock: Clock,
}

/// Makes the client of each site; all share one pool of connections.
#[derive(Clone, Debug)]
pub struct JiraClients {
    http: Client,
    clock: Clock,
}

impl JiraClients {
    /// One pool for all sites.
    pub fn new(clock: Clock) -> Result<Self, JiraError> {
        Ok(Self { http: http_client()?, clock })
    }

    /// The client of one installation.
    pub fn site(&self, base_url: &str, secret: &SecretString, client_key: &ClientKey) -> JiraClient {
        JiraClient::new(self.http.clone(), APP_KEY, base_url, secret.clone(), client_key.clone(), self.clock.clone())
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
    /// A client for one installation. `http` must follow no redirects: see [`http_client`].
    pub fn new(
        http: Client,
        app_key: &str,
        base_url: &str,
        secret: SecretString,
        client_key: ClientKey,
        clock: Clock,
    ) -> Self {
        let base_url = base_url.trim_end_matches('/').to_owned();
        Self { http, app_key: app_key.to_owned(), base_url, secret, client_key, clock }
    }

    /// Sends one call and reads its JSON; `Null` when the answer has no body.
    async fn send(&self, call: Call<'_>) -> Result<Value, JiraError> {
        // Encoded once, by the rule that the hash uses, so that what is signed is what is sent.
        let query: Vec<String> =
            call.query.iter().map(|(key, value)| format!("{key}={}", qsh::encode(value))).collect();
        let query = query.join("&");
        let mut url = Url::parse(&format!("{}{}", self.base_url, call.path)).map_err(|_| JiraError::Installation)?;
        url.set_query((!query.is_empty()).then_some(query.as_str()));
        let token = sign_request(
            &self.app_key,
            &self.secret,
            &self.client_key,
            call.method.as_str(),
            &call.path,
            &query,
            &self.clock,
        )
        .map_err(|_| JiraError::Installation)?;

        let mut request = self
            .http
            .request(call.method, url)
            .header(reqwest::header::AUTHORIZATION, format!("JWT {token}"))
            .header(reqwest::header::ACCEPT, "application/json");
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| answer::broken(&error))?;
        answer::read(response, call.body.as_ref(), &self.clock).await
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

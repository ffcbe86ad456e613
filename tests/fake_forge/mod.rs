//! A fake Forge: the platform that calls an app's remote for a Jira site, with invocation tokens out of a key set that can
//! change, and with tokens for that site's API that end.
//!
//! It shares no code with Brine's own door, so that each holds the other to Atlassian's description.

mod keys;

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

pub use keys::ISSUER_KID;

use crate::fake_jira::{FakeJira, InstallKey, Issue, now_s};
use crate::harness::Reply;
use keys::KeyServer;

/// How long an invocation token lives, in seconds.
pub const LIFE_S: i64 = 25;

/// Forge, with one app of one operator on one site.
pub struct FakeForge<'j> {
    jira: &'j FakeJira,
    keys: KeyServer,
    app_id: String,
    installation: Mutex<String>,
    /// Life of the app's own tokens, in seconds.
    token_life_s: Mutex<i64>,
    http: reqwest::Client,
}

/// Where a call goes and what it carries.
pub struct Invoke<'a> {
    /// "GET" …
    pub method: &'a str,
    /// Path of the route.
    pub path: &'a str,
    /// The body, if any.
    pub body: Option<Value>,
}

impl<'j> FakeForge<'j> {
    /// Registers an app, and serves the key set on loopback.
    pub fn start(jira: &'j FakeJira) -> Result<Self> {
        Ok(Self {
            jira,
            keys: KeyServer::start()?,
            app_id: format!("ari:cloud:ecosystem::app/{}", uuid::Uuid::now_v7()),
            installation: Mutex::new(new_installation()),
            token_life_s: Mutex::new(3600),
            // A connection for each call, as from a fleet: none is found closed by the other side.
            http: reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build()?,
        })
    }

    /// The app, as tokens name it.
    pub fn app_id(&self) -> &str {
        &self.app_id
    }

    /// Where the key set is.
    pub fn jwks_url(&self) -> String {
        self.keys.url()
    }

    /// How often the key set was fetched.
    pub fn fetches(&self) -> usize {
        self.keys.fetches()
    }

    /// Signs with a new key from now on; the old one leaves the set.
    pub fn rotate_key(&self) -> Result<()> {
        self.keys.rotate()
    }

    /// The key that signs now.
    pub fn key(&self) -> Arc<InstallKey> {
        self.keys.current()
    }

    /// The app's tokens that are given out from now on live for so long.
    pub fn token_life(&self, seconds: i64) {
        *self.token_life_s.lock().unwrap_or_else(PoisonError::into_inner) = seconds;
    }

    /// Claims of a call: of a page with `login` in front of it, or of an event.
    pub fn claims(&self, module: &str, login: Option<&str>) -> Result<Value> {
        let now = now_s();
        let installation = self.installation();
        let mut claims = json!({
            "iss": "forge/invocation-token", "aud": self.app_id, "iat": now, "nbf": now, "exp": now + LIFE_S,
            "jti": uuid::Uuid::now_v7().to_string(),
            "app": {
                "id": self.app_id, "version": "2", "appVersion": "2.0.0",
                "installationId": installation, "apiBaseUrl": self.jira.api_base_url(),
                "environment": { "type": "PRODUCTION", "id": "ari:cloud:ecosystem::environment/a/b" },
                "module": { "type": if login.is_some() { "jira:issuePanel" } else { "core:endpoint" }, "key": module },
                "installation": { "id": installation,
                    "contexts": [{ "name": "jira", "apiBaseUrl": self.jira.api_base_url() }] },
            },
        });
        if let (Some(login), Some(fields)) = (login, claims.as_object_mut()) {
            fields.insert("principal".into(), json!(self.jira.person(login)?.account_id));
            let context = json!({ "cloudId": self.jira.cloud_id(), "siteUrl": self.jira.base_url(), "moduleKey": module,
                "localId": "l", "extension": { "type": "jira:issuePanel" } });
            fields.insert("context".into(), context);
        }
        Ok(claims)
    }

    /// A token with these claims, signed with the key that is in the set now.
    pub fn sign(&self, claims: &Value) -> Result<String> {
        self.keys.current().sign(claims)
    }

    /// What a page's `requestRemote` does for this person, and what comes back.
    pub async fn page(&self, brine: &str, module: &str, login: &str, call: Invoke<'_>) -> Result<Reply> {
        let token = self.sign(&self.claims(module, Some(login))?)?;
        self.page_with(brine, &token, login, call).await
    }

    /// The same with another invocation token.
    pub async fn page_with(&self, brine: &str, token: &str, login: &str, call: Invoke<'_>) -> Result<Reply> {
        let request = self.request(brine, token, &call)?;
        let person = self.jira.give_token(login, 600);
        reply(request.header("x-forge-oauth-user", person)).await
    }

    /// An event, a trigger or the like, with a fresh token of the app; the status that came back.
    pub async fn event(&self, brine: &str, module: &str, path: &str, body: Value) -> Result<u16> {
        let token = self.sign(&self.claims(module, None)?)?;
        self.event_with(brine, &token, path, body).await
    }

    /// The same with another invocation token.
    pub async fn event_with(&self, brine: &str, token: &str, path: &str, body: Value) -> Result<u16> {
        let request = self.request(brine, token, &Invoke { method: "POST", path, body: Some(body) })?;
        let life = *self.token_life_s.lock().unwrap_or_else(PoisonError::into_inner);
        let app = self.jira.give_token(crate::fake_jira::APP, life);
        Ok(reply(request.header("x-forge-oauth-system", app)).await?.status)
    }

    /// An admin installs the app.
    pub async fn install(&self, brine: &str) -> Result<()> {
        self.lifecycle(brine, "brine-lifecycle", "avi:forge:installed:app").await
    }

    /// An admin removes the app; the next install is another installation.
    pub async fn uninstall(&self, brine: &str) -> Result<()> {
        self.lifecycle(brine, "brine-uninstall", "avi:forge:uninstalled:app").await?;
        *self.installation.lock().unwrap_or_else(PoisonError::into_inner) = new_installation();
        Ok(())
    }

    /// The scheduled trigger brings a fresh token.
    pub async fn tick(&self, brine: &str) -> Result<()> {
        let status = self.event(brine, "brine-tokens", "/forge/tokens", json!({})).await?;
        ensure!(status == 204, "the trigger was answered {status}");
        Ok(())
    }

    /// The body of the event that tells of a new issue.
    pub fn created(&self, issue: &Issue, by: &str) -> Result<Value> {
        let account = &self.jira.person(by)?.account_id;
        Ok(json!({ "eventType": "avi:jira:created:issue", "atlassianId": account,
            "issue": { "id": issue.id.to_string(), "key": issue.key, "fields": { "summary": issue.summary,
                "issuetype": { "name": issue.issue_type }, "project": { "key": issue.project } } },
            "associatedUsers": [{ "accountId": account }] }))
    }

    async fn lifecycle(&self, brine: &str, module: &str, event: &str) -> Result<()> {
        let installation = self.installation();
        let id = installation.rsplit('/').next().context("an installation has an id")?;
        let body = json!({ "eventType": event, "id": id, "app": { "id": self.app_id, "version": "2.0.0" },
            "context": format!("ari:cloud:jira::site/{}", self.jira.cloud_id()) });
        let status = self.event(brine, module, "/forge/lifecycle", body).await?;
        ensure!(status == 204, "{event} was answered {status}");
        Ok(())
    }

    fn installation(&self) -> String {
        self.installation.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn request(&self, brine: &str, token: &str, call: &Invoke<'_>) -> Result<reqwest::RequestBuilder> {
        let request = self
            .http
            .request(call.method.parse()?, format!("{brine}{}", call.path))
            .header("Authorization", format!("Bearer {token}"))
            .header("x-b3-traceid", "a523b7549f0b88c9")
            .header("x-b3-spanid", "2a2436c64727923f");
        Ok(match &call.body {
            Some(body) => request.json(body),
            None => request,
        })
    }
}

fn new_installation() -> String {
    format!("ari:cloud:ecosystem::installation/{}", uuid::Uuid::now_v7())
}

async fn reply(request: reqwest::RequestBuilder) -> Result<Reply> {
    let answer = request.send().await?;
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await?;
    Ok(Reply { status, body: serde_json::from_slice(&bytes).unwrap_or_default() })
}

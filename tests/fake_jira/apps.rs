//! Connect apps: the descriptor is fetched and checked, and only then is the app installed, with signed calls.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};
use rand::distr::{Alphanumeric, SampleString};
use serde_json::{Value, json};

use super::qsh::qsh;
use super::site::Site;
use super::time::now_s;
use super::tokens::hs256;

/// The app on this site.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The app's base URL, without a slash at the end.
    pub app_base: String,
    /// The app's key.
    pub app_key: String,
    /// Connect's name for this installation.
    pub client_key: String,
    /// What both sides sign with.
    pub shared_secret: String,
    /// The descriptor, as served.
    pub descriptor: Value,
    /// False between `disabled` and the next `enabled`.
    pub enabled: bool,
}

/// The scopes of Connect, each with those that it implies, weakest first.
const SCOPES: [&str; 5] = ["READ", "WRITE", "DELETE", "PROJECT_ADMIN", "ADMIN"];
const EXTRA_SCOPES: [&str; 3] = ["NONE", "ACT_AS_USER", "ACCESS_EMAIL_ADDRESSES"];

/// The webhook events of Connect that a descriptor of ours could name.
const EVENTS: [&str; 8] = [
    "jira:issue_created",
    "jira:issue_updated",
    "jira:issue_deleted",
    "comment_created",
    "comment_updated",
    "comment_deleted",
    "project_deleted",
    "issue_property_set",
];

impl Installation {
    /// Whether the app asked for `scope`, or for a stronger one.
    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        let strength = |name: &str| SCOPES.iter().position(|known| *known == name);
        let asked = self.descriptor.get("scopes").and_then(Value::as_array).into_iter().flatten();
        asked.filter_map(Value::as_str).any(|name| strength(&name.to_uppercase()) >= strength(scope))
    }

    /// The modules of one kind; those that are single objects count as a list of one.
    pub(crate) fn modules(&self, kind: &str) -> Vec<Value> {
        match self.descriptor.get("modules").and_then(|modules| modules.get(kind)) {
            Some(Value::Array(list)) => list.clone(),
            Some(single @ Value::Object(_)) => vec![single.clone()],
            _ => Vec::new(),
        }
    }

    /// A signed token for one request to the app; `path` begins with a slash.
    pub fn token_for(&self, method: &str, path: &str, query: &str, subject: Option<&str>) -> String {
        let mut claims = self.claims(&qsh(method, path, query), 180);
        if let (Some(fields), Some(subject)) = (claims.as_object_mut(), subject) {
            fields.insert("sub".into(), json!(subject));
        }
        hs256(&claims, &self.shared_secret)
    }

    /// The claims that every token of this site carries.
    pub fn claims(&self, qsh: &str, lifetime_s: i64) -> Value {
        let now = now_s();
        json!({"iss": self.client_key, "iat": now, "exp": now + lifetime_s, "qsh": qsh, "context": {}})
    }
}

/// Fetches the descriptor and installs the app, or says why Jira would not.
pub(crate) async fn install(site: &Site, app_base: &str) -> Result<Installation> {
    let app_base = app_base.trim_end_matches('/');
    let address = format!("{app_base}/atlassian-connect.json");
    let answer = site.http.get(&address).send().await.with_context(|| format!("no descriptor at {address}"))?;
    ensure!(answer.status() == 200, "the descriptor at {address} is answered with {}", answer.status());
    let descriptor: Value = answer.json().await.context("the descriptor is not JSON")?;
    check(&descriptor, app_base)?;

    let installation = Installation {
        app_base: app_base.into(),
        app_key: text(&descriptor, "key")?.into(),
        client_key: site.client_key.clone(),
        shared_secret: Alphanumeric.sample_string(&mut rand::rng(), 64),
        descriptor,
        enabled: false,
    };
    // The secret holds from the moment the app accepts it: the app may call back while it still answers.
    let before = site.state().installation.replace(installation.clone());
    if let Err(error) = lifecycle(site, &installation, "installed").await {
        site.state().installation = before;
        return Err(error);
    }
    set_enabled(site, true);
    lifecycle(site, &installation, "enabled").await?;
    Ok(installation)
}

/// Disables and uninstalls the app. Its secret is worth nothing from now on.
pub(crate) async fn uninstall(site: &Site) -> Result<()> {
    let installation = site.installation().context("the app is not installed")?;
    lifecycle(site, &installation, "disabled").await?;
    set_enabled(site, false);
    let told = lifecycle(site, &installation, "uninstalled").await;
    site.state().installation = None;
    told
}

fn set_enabled(site: &Site, enabled: bool) {
    if let Some(installation) = site.state().installation.as_mut() {
        installation.enabled = enabled;
    }
}

/// `installed` and `uninstalled` are signed with Atlassian's key, `enabled` and `disabled` with the shared secret.
async fn lifecycle(site: &Site, installation: &Installation, event: &str) -> Result<()> {
    let declared = installation.descriptor.pointer(&format!("/lifecycle/{event}")).and_then(Value::as_str);
    let Some(path) = declared else { return Ok(()) };
    let token = match event {
        "installed" | "uninstalled" => site.install_key.sign(&install_claims(installation, path))?,
        _ => installation.token_for("POST", path, "", None),
    };
    let answer = site
        .http
        .post(format!("{}{path}", installation.app_base))
        .header("Authorization", format!("JWT {token}"))
        .json(&payload(site, installation, event))
        .send()
        .await
        .with_context(|| format!("the app can't be told that it is {event}"))?;
    let status = answer.status().as_u16();
    ensure!(matches!(status, 200 | 204), "the app answered {status} to {event}");
    Ok(())
}

/// The claims of an install token for this installation.
pub fn install_claims(installation: &Installation, path: &str) -> Value {
    let mut claims = installation.claims(&qsh("POST", path, ""), 180);
    if let Some(fields) = claims.as_object_mut() {
        fields.insert("aud".into(), json!([installation.app_base]));
        fields.insert("sub".into(), json!(installation.client_key));
    }
    claims
}

/// The body of a lifecycle call.
pub(crate) fn payload(site: &Site, installation: &Installation, event: &str) -> Value {
    let mut payload = json!({
        "key": installation.app_key,
        "clientKey": installation.client_key,
        "oauthClientId": format!("oauth-{}", installation.client_key),
        "baseUrl": site.base_url,
        "displayUrl": site.base_url,
        "displayUrlServicedeskHelpCenter": site.base_url,
        "productType": "jira",
        "description": "A fake Jira for tests",
        "serviceEntitlementNumber": "SEN-0000000",
        "entitlementId": "00000000-0000-4000-8000-000000000000",
        "eventType": event,
    });
    if let (Some(fields), "installed") = (payload.as_object_mut(), event) {
        fields.insert("sharedSecret".into(), json!(installation.shared_secret));
        fields.insert("publicKey".into(), json!(""));
    }
    payload
}

/// What Jira looks at before it installs anything.
fn check(descriptor: &Value, app_base: &str) -> Result<()> {
    let key = text(descriptor, "key")?;
    let key_ok = key.len() <= 64 && key.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    ensure!(key_ok && !key.is_empty(), "the descriptor's key {key:?} holds what Connect does not allow");
    let base = text(descriptor, "baseUrl")?;
    ensure!(
        base.trim_end_matches('/') == app_base,
        "the descriptor's baseUrl is {base}, but it is served at {app_base}"
    );
    ensure!(
        descriptor.pointer("/authentication/type") == Some(&json!("jwt")),
        "the descriptor's authentication must be of type jwt"
    );
    ensure!(
        descriptor.pointer("/lifecycle/installed").is_some(),
        "with jwt authentication the descriptor must name lifecycle.installed"
    );
    ensure!(
        descriptor.pointer("/apiMigrations/signed-install") == Some(&json!(true)),
        "the descriptor must take part in signed installs"
    );
    for scope in descriptor.get("scopes").and_then(Value::as_array).into_iter().flatten() {
        let name = scope.as_str().unwrap_or_default().to_uppercase();
        let known = SCOPES.contains(&name.as_str()) || EXTRA_SCOPES.contains(&name.as_str());
        ensure!(known, "{scope} is not a scope");
    }
    check_modules(descriptor.get("modules").unwrap_or(&Value::Null))
}

fn check_modules(modules: &Value) -> Result<()> {
    let mut keys = BTreeSet::new();
    for (kind, declared) in modules.as_object().into_iter().flatten() {
        let list = declared.as_array().map_or_else(|| std::slice::from_ref(declared), Vec::as_slice);
        for module in list {
            let url = module.get("url").or_else(|| module.pointer("/target/url")).and_then(Value::as_str);
            if let Some(url) = url {
                ensure!(url.starts_with('/'), "{kind}: the url {url:?} must begin with a slash");
            }
            if kind == "webhooks" {
                let event = module.get("event").and_then(Value::as_str).unwrap_or_default();
                ensure!(EVENTS.contains(&event), "{event:?} is not a webhook event");
                ensure!(url.is_some(), "a webhook needs a url");
                continue;
            }
            let Some(key) = module.get("key").and_then(Value::as_str) else { bail!("{kind}: a module has no key") };
            ensure!(keys.insert(key.to_owned()), "two modules have the key {key:?}");
            ensure!(module.pointer("/name/value").is_some(), "{kind}: the module {key:?} has no name");
        }
    }
    Ok(())
}

fn text<'a>(descriptor: &'a Value, field: &str) -> Result<&'a str> {
    descriptor.get(field).and_then(Value::as_str).with_context(|| format!("the descriptor has no {field}"))
}

#[cfg(test)]
#[path = "apps_tests.rs"]
mod tests;

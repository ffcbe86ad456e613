//! What Jira posts when our app is installed or uninstalled. Only what we need is read; whatever else is there is ignored.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::APP_KEY;
use super::sites::{AllowedSites, SiteError};
use crate::ids::{ClientKey, CloudId};

/// Longest shared secret that Atlassian promises. Characters.
const SECRET_CHARS: usize = 128;
/// Longer than any client key seen. Bytes.
const CLIENT_KEY_BYTES: usize = 255;

/// The body of `installed` and `uninstalled`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstalledPayload {
    /// Whose installation it is: our app's key.
    pub key: String,
    /// Names the installation; stays the same over upgrades and moves.
    pub client_key: ClientKey,
    /// Signs in both directions from now on. Absent or null on `uninstalled`.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub shared_secret: SecretString,
    /// The site's address.
    pub base_url: String,
    /// Names us when we act as a user.
    #[serde(default)]
    pub oauth_client_id: Option<String>,
    /// The site's address as people see it, when it has its own domain.
    #[serde(default)]
    pub display_url: Option<String>,
    /// "jira".
    #[serde(default)]
    pub product_type: Option<String>,
    /// "installed" or "uninstalled".
    #[serde(default)]
    pub event_type: Option<String>,
    /// Atlassian's id of the site, in some payloads.
    #[serde(default)]
    cloud_id: Value,
}

fn null_is_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    // Empty is refused where a secret is needed: see `check`.
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Why an install payload is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LifecycleError {
    /// Another app's key.
    #[error("the payload is for another app")]
    OtherApp,
    /// Confluence and others.
    #[error("the payload comes from another product than Jira")]
    OtherProduct,
    /// Missing or far too long.
    #[error("the payload's client key is empty or too long")]
    ClientKey,
    /// Missing or longer than Atlassian promises. An empty secret would let anybody sign.
    #[error("the payload's shared secret is empty or too long")]
    SharedSecret,
    /// See [`SiteError`].
    #[error(transparent)]
    Site(#[from] SiteError),
}

impl InstalledPayload {
    /// Atlassian's id of the site, when the payload has one.
    pub fn cloud_id(&self) -> Option<CloudId> {
        let id = self.cloud_id.as_str()?;
        let is_plain = (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        is_plain.then(|| CloudId::new(id))
    }

    /// Whether it is a payload that we may act on: ours, from an allowed site, with a secret unless it uninstalls.
    pub fn check(&self, allowed_sites: &[String]) -> Result<(), LifecycleError> {
        if self.key != APP_KEY {
            return Err(LifecycleError::OtherApp);
        }
        if self.product_type.as_deref().is_some_and(|product| product != "jira") {
            return Err(LifecycleError::OtherProduct);
        }
        let client_key = self.client_key.as_str();
        if client_key.trim().is_empty() || client_key.len() > CLIENT_KEY_BYTES {
            return Err(LifecycleError::ClientKey);
        }
        let secret_chars = self.shared_secret.expose_secret().chars().count();
        let uninstalls = self.event_type.as_deref() == Some("uninstalled");
        if secret_chars > SECRET_CHARS || (secret_chars == 0 && !uninstalls) {
            return Err(LifecycleError::SharedSecret);
        }
        AllowedSites::new(allowed_sites).check(&self.base_url)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::{Value, json};

    use super::{InstalledPayload, LifecycleError, SiteError};

    fn payload(change: Value) -> Result<InstalledPayload, serde_json::Error> {
        let mut body = json!({
            "key": "com.brine.criteria",
            "clientKey": "jira:4711",
            "publicKey": "gone since 2020",
            "sharedSecret": "s3cret-s3cret-s3cret",
            "serverVersion": "6",
            "baseUrl": "https://acme.atlassian.net",
            "productType": "jira",
            "eventType": "installed",
            "cloudId": {"anything": []}
        });
        for (field, value) in change.as_object().unwrap() {
            if value.is_null() {
                body.as_object_mut().unwrap().remove(field);
            } else {
                body[field] = value.clone();
            }
        }
        serde_json::from_value(body)
    }

    fn checked(change: Value) -> Result<(), LifecycleError> {
        payload(change).unwrap().check(&["*.atlassian.net".to_owned()])
    }

    #[test]
    fn what_we_need_is_enough() {
        assert_eq!(checked(json!({})), Ok(()));
        assert_eq!(checked(json!({"productType": null, "eventType": null, "oauthClientId": "abc"})), Ok(()));
        assert_eq!(checked(json!({"eventType": "uninstalled", "sharedSecret": null})), Ok(()));
    }

    #[test]
    fn a_secret_of_null_is_none() {
        let read = |event: &str| -> InstalledPayload {
            let body = json!({"key": "com.brine.criteria", "clientKey": "k", "sharedSecret": null, "eventType": event,
                "baseUrl": "https://acme.atlassian.net"});
            serde_json::from_value(body).unwrap()
        };
        let sites = ["*.atlassian.net".to_owned()];
        assert_eq!(read("uninstalled").check(&sites), Ok(()));
        assert_eq!(read("installed").check(&sites), Err(LifecycleError::SharedSecret));
    }

    #[test]
    fn refusals() {
        for (change, error) in [
            (json!({"key": "com.other.app"}), LifecycleError::OtherApp),
            (json!({"productType": "confluence"}), LifecycleError::OtherProduct),
            (json!({"clientKey": " "}), LifecycleError::ClientKey),
            (json!({"clientKey": "k".repeat(256)}), LifecycleError::ClientKey),
            (json!({"sharedSecret": ""}), LifecycleError::SharedSecret),
            (json!({"sharedSecret": null}), LifecycleError::SharedSecret),
            (json!({"sharedSecret": "s".repeat(129)}), LifecycleError::SharedSecret),
            (json!({"baseUrl": "https://evil.example"}), LifecycleError::Site(SiteError::NotAllowed)),
            (json!({"baseUrl": "http://acme.atlassian.net"}), LifecycleError::Site(SiteError::NotHttps)),
        ] {
            assert_eq!(checked(change.clone()), Err(error), "{change}");
        }
        assert!(payload(json!({"baseUrl": null})).is_err());
        assert!(payload(json!({"clientKey": null})).is_err());
    }

    #[test]
    fn the_secret_does_not_show() {
        let shown = format!("{:?}", payload(json!({})).unwrap());
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

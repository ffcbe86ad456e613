//! What an invocation token says. Strict on what proves something, lenient on the rest: Atlassian adds fields at will.

use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

use crate::clock::Clock;
use crate::ids::{AccountId, CloudId, InstallationId};
use crate::jira::token::TokenError;
use crate::jira::token::claims::{Audience, check_times, decoded, parts, signed};

const ISSUER: &str = "forge/invocation-token";
/// A token lives for 25 seconds; clocks differ. Seconds.
const LEEWAY: i64 = 5;
/// However long a token says that it lives, it is not taken after so long. Seconds.
const OLDEST: i64 = 60;
/// Longer than any id that Atlassian makes. Bytes.
const ID_BYTES: usize = 200;
/// The type of module that a token names when no page of ours has called: events and scheduled triggers.
const ENDPOINT: &str = "core:endpoint";

/// A proven call by Forge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The app, as the settings name it.
    pub app_id: String,
    /// The app's installation on this site.
    pub installation: InstallationId,
    /// The site.
    pub cloud_id: CloudId,
    /// The site's address; absent on events.
    pub site_url: Option<String>,
    /// Where the site's REST API is called.
    pub api_base_url: Option<String>,
    /// Keys of modules that the token names: of the page that called, or of the endpoint.
    pub modules: Vec<String>,
    /// An event or a scheduled trigger: no page of ours has called.
    pub is_event: bool,
    /// The person in front of the page.
    pub user: Option<AccountId>,
    /// Names this very call.
    pub id: Option<String>,
    /// When the token ends, in seconds.
    pub exp: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawInvocation {
    iss: Option<String>,
    aud: Option<Audience>,
    iat: Option<f64>,
    nbf: Option<f64>,
    exp: Option<f64>,
    jti: Option<String>,
    #[serde(default)]
    app: RawApp,
    #[serde(default)]
    context: Option<RawContext>,
    principal: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawApp {
    id: Option<String>,
    installation_id: Option<String>,
    api_base_url: Option<String>,
    module: RawModule,
    installation: RawInstallation,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawModule {
    #[serde(rename = "type")]
    kind: Option<String>,
    key: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawInstallation {
    id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawContext {
    cloud_id: Option<String>,
    site_url: Option<String>,
    module_key: Option<String>,
    account_id: Option<String>,
}

/// The claims of a token whose signature is not looked at.
pub(super) fn unproven(token: &str) -> Result<RawInvocation, TokenError> {
    decoded(parts(token)?.1)
}

/// The claims of a token that this key has signed.
pub(super) fn proven(token: &str, key: &DecodingKey) -> Result<RawInvocation, TokenError> {
    signed(token, key, Algorithm::RS256)
}

impl RawInvocation {
    /// The invocation, when it is meant for one of `app_ids`, now.
    pub(super) fn checked(self, app_ids: &[String], clock: &Clock) -> Result<Invocation, TokenError> {
        if self.iss.as_deref() != Some(ISSUER) {
            return Err(TokenError::Issuer);
        }
        // One name alone: a token for several is not one that Forge makes.
        let audience = Audience::names(self.aud);
        let app_id = match audience.as_slice() {
            [one] if app_ids.contains(one) => one.clone(),
            _ => return Err(TokenError::Audience),
        };
        if self.app.id.is_some_and(|id| id != app_id) {
            return Err(TokenError::Audience);
        }
        let exp = check_times(self.exp, [self.nbf, self.iat], LEEWAY, clock)?;
        let made = self.iat.ok_or(TokenError::NoExpiry)? as i64;
        if made.saturating_add(OLDEST) <= clock.now_seconds() {
            return Err(TokenError::Expired);
        }
        let context = self.context.unwrap_or_default();
        let installation = self.app.installation.id.or(self.app.installation_id);
        let module = self.app.module;
        Ok(Invocation {
            app_id,
            installation: id(installation).map(InstallationId::new).ok_or(TokenError::Site)?,
            cloud_id: cloud_id(context.cloud_id, self.app.api_base_url.as_deref()).ok_or(TokenError::Site)?,
            site_url: context.site_url.filter(|url| !url.is_empty()),
            api_base_url: self.app.api_base_url,
            is_event: module.kind.as_deref() == Some(ENDPOINT),
            modules: [module.key, context.module_key].into_iter().flatten().collect(),
            user: id(self.principal).or_else(|| id(context.account_id)).map(AccountId::new),
            id: id(self.jti),
            exp,
        })
    }
}

fn id(text: Option<String>) -> Option<String> {
    text.filter(|id| !id.is_empty() && id.len() <= ID_BYTES)
}

/// Events have no context; the site then stands in the API's address (`…/ex/jira/<cloud id>`). Two that differ are none.
fn cloud_id(in_context: Option<String>, api_base_url: Option<&str>) -> Option<CloudId> {
    let in_address = api_base_url.and_then(|url| {
        let (_, rest) = url.split_once("/ex/jira/")?;
        Some(rest.trim_end_matches('/').to_owned())
    });
    let found = match (in_context, in_address) {
        (Some(one), Some(other)) if one != other => return None,
        (one, other) => one.or(other)?,
    };
    let is_plain = (1..=64).contains(&found.len()) && found.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_plain.then(|| CloudId::new(found))
}

//! Calls by Forge. The invocation token proves app, site and person; what it can't prove, since it holds no hash of path
//! and body, is looked at here: the module that it names, and that a call which changes something comes once.

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use brine_core::clock::Millis;
use brine_core::ids::AccountId;
use brine_core::jira::forge::Invocation;
use brine_core::store::{ForgeSite, SystemToken, TenantState};
use secrecy::SecretString;
use serde_json::Value;

use super::desk::Via;
use super::{Desk, Door, Kind, Services, modules, token};
use crate::refusal::Refusal;

const SYSTEM_TOKEN: &str = "x-forge-oauth-system";
const PERSON_TOKEN: &str = "x-forge-oauth-user";
/// Longer than any token seen. Bytes.
const TOKEN_BYTES: usize = 8 * 1024;
/// A call is remembered a little longer than its token lives. Milliseconds.
const SPARE_MS: Millis = 60_000;
/// A token that does not say when it ends is used for so long; and none for longer than a day. Milliseconds.
const SHORT_MS: Millis = 5 * 60_000;
const DAY_MS: Millis = 24 * 3_600_000;
/// A token that lives longer than the one that is kept by less than this is not worth a write. Milliseconds.
const STEP_MS: Millis = 30_000;

/// A proven call.
pub(super) struct Call {
    invocation: Invocation,
    site: ForgeSite,
    system: Option<SystemToken>,
    person: Option<SecretString>,
    /// The call was noted and can't be repeated.
    is_taken: bool,
}

/// Proves the token of a request for the route that it has come to.
pub(super) async fn prove(services: &Services, request: &HttpRequest) -> Result<Call, Refusal> {
    let token = token::bearer(request).ok_or_else(|| Refusal::unproven("no token"))?;
    let invocation = services.invocations.verify(&token).await.map_err(Refusal::unproven)?;
    let route = request.match_pattern().unwrap_or_default();
    let route = route.strip_prefix(services.base().path().trim_end_matches('/')).unwrap_or(&route);
    if !modules::may_open(route, &invocation.modules, invocation.is_event) {
        return Err(Refusal::unproven("the token was made for another module"));
    }
    let api = services.allowed_sites.check_api(invocation.api_base_url.as_deref(), &invocation.cloud_id);
    let api = api.map_err(Refusal::unproven)?;
    // An address that is not ours to call is worth nothing; which sites may install an app of Forge's is said over there.
    let site_url = invocation.site_url.as_deref().and_then(|url| services.allowed_sites.check(url).ok());
    let site = ForgeSite {
        installation: invocation.installation.clone(),
        app_id: invocation.app_id.clone(),
        cloud_id: invocation.cloud_id.clone(),
        site_url: site_url.map(|url| url.as_str().trim_end_matches('/').to_owned()),
        api_base_url: api.as_str().trim_end_matches('/').to_owned(),
    };
    let now = services.clock.now();
    let system = header(request, SYSTEM_TOKEN).map(|token| system_token(token, now));
    let person = header(request, PERSON_TOKEN).map(SecretString::from);
    let mut call = Call { invocation, site, system, person, is_taken: false };
    if *request.method() != Method::GET && !call.take(services).await? {
        return Err(Refusal::unproven("the call was made before"));
    }
    Ok(call)
}

impl Call {
    /// The person in front of the page.
    pub(super) fn user(&self) -> Option<AccountId> {
        self.invocation.user.clone()
    }

    /// Notes the call, so that it can't be repeated; false when it was made before.
    async fn take(&mut self, services: &Services) -> Result<bool, Refusal> {
        let name = self.invocation.id.as_deref().ok_or_else(|| Refusal::unproven("the token names no call"))?;
        let until = self.invocation.exp.saturating_mul(1000).saturating_add(SPARE_MS);
        self.is_taken = services.store.take_forge_call(name, until).await?;
        Ok(self.is_taken)
    }

    /// The site's desk, when the installation is active.
    pub(super) async fn desk(self, services: web::Data<Services>) -> Result<Desk, Refusal> {
        self.open(services, false).await
    }

    async fn open(mut self, services: web::Data<Services>, installs: bool) -> Result<Desk, Refusal> {
        let known = services.store.forge_tenant(&self.site, installs).await?;
        let mut tenant = known.ok_or_else(|| Refusal::unproven("the installation belongs to another site"))?;
        let install = tenant.forge_install(&self.site.installation);
        if install.is_none_or(|install| install.state != TenantState::Active) {
            return Err(Refusal::unproven("the installation is not active"));
        }
        let kept = install.and_then(|install| install.token.as_ref()).map_or(0, |token| token.until);
        // The header is not part of what is signed: it is believed of a call that was not made before alone.
        if let Some(token) = self.system.take().filter(|token| token.until > kept.saturating_add(STEP_MS))
            && (self.is_taken || (self.invocation.id.is_some() && self.take(&services).await?))
        {
            services.store.keep_forge_token(&self.site.installation, &token).await?;
            tenant = services.store.tenant(&tenant.id).await?.unwrap_or(tenant);
        }
        let via = Via::Forge { api_base_url: self.site.api_base_url, person: self.person };
        Desk::open(services, tenant, via)
    }
}

/// A header's text, when it can be sent on as it is.
fn header(request: &HttpRequest, name: &str) -> Option<String> {
    let value = request.headers().get(name)?.to_str().ok()?.trim();
    let fits = !value.is_empty() && value.len() <= TOKEN_BYTES && value.bytes().all(|b| b.is_ascii_graphic());
    fits.then(|| value.to_owned())
}

/// When it ends stands in the token. That is only a hint of when to stop using it: Jira has the last word.
fn system_token(token: String, now: Millis) -> SystemToken {
    let claims = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims: Option<Value> = claims.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let exp = claims.and_then(|claims| claims.get("exp").and_then(Value::as_i64));
    let until = exp.map_or(now + SHORT_MS, |exp| exp.saturating_mul(1000)).min(now + DAY_MS);
    SystemToken { token: token.into(), until }
}

/// An event or a scheduled trigger of an active installation.
pub(crate) struct EventCaller {
    /// The tenant's data.
    pub(crate) desk: Desk,
    /// Names this very call.
    pub(crate) name: Option<String>,
}

/// An installation by Forge that speaks of itself, whatever its state.
pub(crate) struct ForgeInstaller {
    services: web::Data<Services>,
    call: Call,
}

impl ForgeInstaller {
    /// The modules that the token names.
    pub(crate) fn modules(&self) -> &[String] {
        &self.call.invocation.modules
    }

    /// It is there now, with this app and this token.
    pub(crate) async fn install(self) -> Result<(), Refusal> {
        let desk = self.call.open(self.services, true).await?;
        tracing::info!(tenant = %desk.tenant(), "installed by Forge");
        Ok(())
    }

    /// It is about to go. What is not known need not be forgotten.
    pub(crate) async fn uninstall(self) -> Result<(), Refusal> {
        let Some(tenant) = self.services.store.forge_tenant(&self.call.site, false).await? else { return Ok(()) };
        self.services.store.uninstall_forge(&tenant.id, &self.call.site.installation).await?;
        tracing::info!(tenant = %tenant.id, "uninstalled by Forge");
        Ok(())
    }
}

impl Door for EventCaller {
    const KIND: Kind = Kind::Forge;
}

impl FromRequest for EventCaller {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let services = token::services(&request)?;
            let call = prove(&services, &request).await?;
            let name = call.invocation.id.clone();
            Ok(Self { desk: call.desk(services).await?, name })
        })
    }
}

impl Door for ForgeInstaller {
    const KIND: Kind = Kind::Forge;
}

impl FromRequest for ForgeInstaller {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let services = token::services(&request)?;
            let call = prove(&services, &request).await?;
            Ok(Self { services, call })
        })
    }
}

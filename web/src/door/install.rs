//! Installs and uninstalls: signed by Atlassian's own key, since the tenant's secret is what they bring.

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use brine_core::ids::ClientKey;
use brine_core::jira::lifecycle::InstalledPayload;
use brine_core::jira::token::{ExpectedQsh, peek_key_id, verify_install};
use brine_core::store::{Installation, TenantState};

use super::{Door, Kind, Services, token};
use crate::body;
use crate::refusal::Refusal;

/// Lifecycle payloads are about a kilobyte.
const PAYLOAD_BYTES: usize = 64 * 1024;

/// An installation, proven by Atlassian's signature to speak of itself.
pub(crate) struct Installer {
    services: web::Data<Services>,
    payload: InstalledPayload,
}

impl Installer {
    /// Makes the tenant, or replaces its secret and address when it is known.
    pub(crate) async fn install(&self) -> Result<(), Refusal> {
        let installation = Installation {
            client_key: ClientKey::new(self.payload.client_key.as_str()),
            base_url: self.payload.base_url.clone(),
            shared_secret: self.payload.shared_secret.clone(),
            oauth_client_id: self.payload.oauth_client_id.clone(),
            display_url: self.payload.display_url.clone(),
            cloud_id: self.payload.cloud_id(),
        };
        let tenant = self.services.store.install_tenant(&installation).await?;
        self.services.tenants.forget(&installation.client_key);
        tracing::info!(tenant = %tenant.id, "installed");
        Ok(())
    }

    /// Leaves a tombstone: a later install with the same client key is the same tenant.
    pub(crate) async fn uninstall(&self) -> Result<(), Refusal> {
        let client_key = ClientKey::new(self.payload.client_key.as_str());
        let Some(tenant) = self.services.store.tenant_by_client_key(&client_key).await? else { return Ok(()) };
        self.services.store.set_connect_state(&tenant.id, TenantState::Uninstalled).await?;
        self.services.tenants.forget(&client_key);
        tracing::info!(tenant = %tenant.id, "uninstalled");
        Ok(())
    }
}

impl Door for Installer {
    const KIND: Kind = Kind::Install;
}

impl FromRequest for Installer {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = body::read(request, payload, PAYLOAD_BYTES);
        let request = request.clone();
        Box::pin(async move {
            let services = token::services(&request)?;
            let token = token::header_token(&request).ok_or_else(|| Refusal::unproven("no token"))?;
            let read = read.await?;
            match body::parse::<InstalledPayload>(&read) {
                Ok(payload) => Ok(Self { payload: prove(&services, &request, &token, payload).await?, services }),
                // What is wrong with it is told to Atlassian alone.
                Err(malformed) => {
                    signed(&services, &request, &token).await?;
                    Err(malformed)
                }
            }
        })
    }
}

/// In this order: the site is one of ours, the key is Atlassian's, the token fits this request, and the payload speaks
/// of the issuer. Nothing of the payload but its host is used before the signature holds.
async fn prove(
    services: &Services,
    request: &HttpRequest,
    token: &str,
    payload: InstalledPayload,
) -> Result<InstalledPayload, Refusal> {
    payload.check(&services.settings.connect.allowed_sites).map_err(Refusal::unproven)?;
    let issuer = signed(services, request, token).await?;
    if issuer != payload.client_key.as_str() {
        return Err(Refusal::unproven("the payload speaks of another installation than the token"));
    }
    Ok(payload)
}

/// The issuer of a token that Atlassian signed for this request.
async fn signed(services: &Services, request: &HttpRequest, token: &str) -> Result<String, Refusal> {
    let key_id = peek_key_id(token).map_err(Refusal::unproven)?;
    let pem = services.install_keys.pem(&key_id).await.map_err(Refusal::unproven)?;
    let expected = ExpectedQsh::Request {
        method: request.method().as_str(),
        path: request.uri().path(),
        query: request.query_string(),
    };
    let claims = verify_install(token, &pem, services.base(), expected, &services.clock).map_err(Refusal::unproven)?;
    Ok(claims.iss)
}

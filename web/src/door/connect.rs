//! Calls that Jira signs for this very request: pages in frames, webhooks, enabled and disabled.

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use brine_core::ids::AccountId;
use brine_core::jira::token::ExpectedQsh;
use brine_core::store::{Tenant, TenantState};

use super::desk::Via;
use super::{Desk, Door, Kind, Right, Services, token};
use crate::refusal::Refusal;

/// An active tenant, proven for this method, path and query.
pub(crate) struct ConnectCaller {
    /// The tenant's data.
    pub(crate) desk: Desk,
    /// The person in front of the page; none for webhooks and for visitors who are not logged in.
    user: Option<AccountId>,
}

impl ConnectCaller {
    /// Refuses unless the person in front of the page holds `right`.
    pub(crate) async fn require(&self, right: &Right<'_>) -> Result<(), Refusal> {
        let user = self.user.as_ref().ok_or(Refusal::Forbidden("Log in to Jira to use this page."))?;
        self.desk.require(user, right).await
    }
}

/// A tenant that may be disabled at the moment, for the calls that switch it on and off.
pub(crate) struct LifecycleCaller {
    services: web::Data<Services>,
    tenant: Tenant,
}

impl LifecycleCaller {
    /// Switches the tenant on or off.
    pub(crate) async fn set_state(&self, state: TenantState) -> Result<(), Refusal> {
        self.services.store.set_connect_state(&self.tenant.id, state).await?;
        if let Some(install) = &self.tenant.connect {
            self.services.tenants.forget(&install.client_key);
        }
        Ok(())
    }
}

/// The hash must be that of this very request.
pub(super) fn expected(request: &HttpRequest) -> ExpectedQsh<'_> {
    ExpectedQsh::Request {
        method: request.method().as_str(),
        path: request.uri().path(),
        query: request.query_string(),
    }
}

async fn prove(
    request: &HttpRequest,
    states: &[TenantState],
) -> Result<(web::Data<Services>, Tenant, Option<AccountId>), Refusal> {
    let services = token::services(request)?;
    let found = token::only_token(request)?;
    let (tenant, claims) = token::prove(&services, &found, expected(request), states).await?;
    token::allow_frame(request, &tenant);
    Ok((services, tenant, claims.sub))
}

impl Door for ConnectCaller {
    const KIND: Kind = Kind::Connect;
}

impl FromRequest for ConnectCaller {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (services, tenant, user) = prove(&request, &[TenantState::Active]).await?;
            Ok(Self { desk: Desk::open(services, tenant, Via::Connect)?, user })
        })
    }
}

impl Door for LifecycleCaller {
    const KIND: Kind = Kind::Connect;
}

impl FromRequest for LifecycleCaller {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (services, tenant, _) = prove(&request, &[TenantState::Active, TenantState::Disabled]).await?;
            Ok(Self { services, tenant })
        })
    }
}

//! Calls that our own page makes for the person in front of it, with a context token from the host script.

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use brine_core::ids::AccountId;
use brine_core::jira::token::ExpectedQsh;
use brine_core::store::TenantState;

use super::{Desk, Door, Kind, Right, token};
use crate::refusal::Refusal;

/// A person of an active tenant. The token proves who they are, not what they may do: ask with [`Self::require`].
pub(crate) struct ContextCaller {
    /// The tenant's data.
    pub(crate) desk: Desk,
    /// The person.
    pub(crate) user: AccountId,
}

impl ContextCaller {
    /// The person holds `right`.
    pub(crate) async fn may(&self, right: &Right<'_>) -> Result<bool, Refusal> {
        self.desk.may(&self.user, right).await
    }

    /// Refuses unless the person holds `right`.
    pub(crate) async fn require(&self, right: &Right<'_>) -> Result<(), Refusal> {
        self.desk.require(&self.user, right).await
    }
}

impl Door for ContextCaller {
    const KIND: Kind = Kind::Context;
}

impl FromRequest for ContextCaller {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let services = token::services(&request)?;
            // Only the header: a context token in an address would end in logs and browser histories.
            let found = token::header_token(&request).ok_or_else(|| Refusal::unproven("no token"))?;
            let (tenant, claims) =
                token::prove(&services, &found, ExpectedQsh::Context, &[TenantState::Active]).await?;
            let user = claims.sub.ok_or(Refusal::Forbidden("Log in to Jira to use Brine."))?;
            Ok(Self { desk: Desk::new(services, tenant), user })
        })
    }
}

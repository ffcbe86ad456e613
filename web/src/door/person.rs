//! Calls that a page of ours makes for the person in front of it: with a context token from Connect's host script, or with
//! the invocation token that Forge adds to them. Which of the two it is decides how Jira is asked, and nothing else.

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use brine_core::ids::AccountId;
use brine_core::jira::token::ExpectedQsh;
use brine_core::store::TenantState;

use super::desk::Via;
use super::{Desk, Door, Kind, Right, forge, token};
use crate::refusal::Refusal;

/// A person of an active tenant. The token proves who they are, not what they may do: ask with [`Self::require`].
pub(crate) struct PersonCaller {
    /// The tenant's data.
    pub(crate) desk: Desk,
    /// The person.
    pub(crate) user: AccountId,
}

impl PersonCaller {
    /// The person holds `right`.
    pub(crate) async fn may(&self, right: &Right<'_>) -> Result<bool, Refusal> {
        self.desk.may(&self.user, right).await
    }

    /// Refuses unless the person holds `right`.
    pub(crate) async fn require(&self, right: &Right<'_>) -> Result<(), Refusal> {
        self.desk.require(&self.user, right).await
    }
}

impl Door for PersonCaller {
    const KIND: Kind = Kind::Person;
}

impl FromRequest for PersonCaller {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let services = token::services(&request)?;
            // Only the header: a token in an address would end in logs and browser histories.
            let (desk, user) = if token::bearer(&request).is_some() {
                let call = forge::prove(&services, &request).await?;
                let user = call.user();
                (call.desk(services).await?, user)
            } else {
                let found = token::header_token(&request).ok_or_else(|| Refusal::unproven("no token"))?;
                let active = [TenantState::Active];
                let (tenant, claims) = token::prove(&services, &found, ExpectedQsh::Context, &active).await?;
                (Desk::open(services, tenant, Via::Connect)?, claims.sub)
            };
            let user = user.ok_or(Refusal::Forbidden("Log in to Jira to use Brine."))?;
            Ok(Self { desk, user })
        })
    }
}

//! Webhooks, which Jira signs for this very request.

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::connect::expected;
use super::desk::Via;
use super::{Desk, Door, Kind, token};
use crate::refusal::Refusal;

/// An active tenant, proven for this method, path and query. That it was uninstalled, or has another secret, may be noticed
/// some seconds late: a webhook is a hint, and the worker asks Jira itself.
pub(crate) struct HookCaller {
    /// The tenant's data.
    pub(crate) desk: Desk,
}

impl Door for HookCaller {
    const KIND: Kind = Kind::Connect;
}

impl FromRequest for HookCaller {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let services = token::services(&request)?;
            let found = token::only_token(&request)?;
            let tenant = token::prove_lately(&services, &found, expected(&request)).await?;
            Ok(Self { desk: Desk::open(services, tenant, Via::Connect)? })
        })
    }
}

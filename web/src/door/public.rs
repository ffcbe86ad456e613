//! The open door: for what holds nothing of any tenant.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use super::{Door, Kind, Services};
use crate::refusal::Refusal;

/// Anyone. Says in the route table that a handler is open on purpose.
pub(crate) struct Public {
    services: web::Data<Services>,
}

impl Public {
    /// The address at which Atlassian reaches us, without a slash at its end.
    pub(crate) fn base_url(&self) -> &str {
        self.services.base_url()
    }

    /// The store answers.
    pub(crate) async fn store_answers(&self) -> bool {
        self.services.store.ping().await.is_ok()
    }
}

impl Door for Public {
    const KIND: Kind = Kind::Public;
}

impl FromRequest for Public {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(super::token::services(request).map(|services| Self { services }))
    }
}

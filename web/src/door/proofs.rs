//! Requests that were proven a moment ago. Jira makes the same token for all webhooks of one address, person and second, and they
//! come by the hundred: the same token on the same method, path and query proves the same again, as long as it has not ended and the
//! site is known as it was.

use std::sync::Arc;

use actix_web::HttpRequest;
use brine_core::clock::Clock;
use brine_core::ids::ClientKey;
use brine_core::store::Tenant;
use sha2::{Digest, Sha256};

use super::services::HINTS_KEPT;
use crate::recent::Recent;

/// Stands for all that a proof depends on. Tokens themselves are not kept.
pub(super) type Name = [u8; 32];

#[derive(Clone)]
struct Proof {
    issuer: ClientKey,
    tenant: Arc<Tenant>,
    /// In seconds.
    ends: i64,
}

/// See the module.
pub(super) struct Proofs(Recent<Name, Proof>);

impl Proofs {
    pub(super) fn new(clock: Clock) -> Self {
        Self(Recent::new(clock, HINTS_KEPT))
    }

    /// The tenant that was proven, unless it was read anew or forgotten since.
    pub(super) fn tenant(
        &self,
        name: &Name,
        tenants: &Recent<ClientKey, Arc<Tenant>>,
        clock: &Clock,
    ) -> Option<Arc<Tenant>> {
        let proof = self.0.get(name).filter(|proof| clock.now_seconds() < proof.ends)?;
        tenants.get(&proof.issuer).filter(|tenant| Arc::ptr_eq(tenant, &proof.tenant))
    }

    pub(super) fn note(&self, name: Name, issuer: ClientKey, tenant: &Arc<Tenant>, ends: i64) {
        self.0.put(name, Proof { issuer, tenant: Arc::clone(tenant), ends });
    }
}

/// None unless there is exactly one `Authorization` header: then the request is looked at in full.
pub(super) fn name(request: &HttpRequest) -> Option<Name> {
    let mut headers = request.headers().get_all("Authorization");
    let (authorization, None) = (headers.next()?, headers.next()) else { return None };
    let mut hash = Sha256::new();
    let method = request.method().as_str();
    for part in [method, request.uri().path(), request.query_string()] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.update(authorization.as_bytes());
    Some(hash.finalize().into())
}

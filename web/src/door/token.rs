//! Finding the token of a request, and the tenant that it speaks for.

use std::sync::Arc;

use actix_web::{HttpMessage, HttpRequest, web};
use brine_core::jira::token::{ConnectClaims, ExpectedQsh, peek_issuer, verify_hs256};
use brine_core::store::{Tenant, TenantState};

use super::Services;
use crate::refusal::Refusal;

/// The origin whose pages may show the answer in a frame. A door puts it on the request once the tenant is proven.
#[derive(Clone)]
pub(crate) struct FrameParent(pub(crate) String);

pub(super) fn services(request: &HttpRequest) -> Result<web::Data<Services>, Refusal> {
    let services = request.app_data::<web::Data<Services>>();
    services.cloned().ok_or_else(|| Refusal::internal("the server was built without its services"))
}

/// The token of the `Authorization: JWT …` header.
pub(super) fn header_token(request: &HttpRequest) -> Option<String> {
    authorization(request, "JWT")
}

/// The token of the `Authorization: Bearer …` header: Forge's.
pub(super) fn bearer(request: &HttpRequest) -> Option<String> {
    authorization(request, "Bearer")
}

/// The token under this scheme, if it is the one `Authorization` header.
fn authorization(request: &HttpRequest, wanted: &str) -> Option<String> {
    let mut headers = request.headers().get_all("Authorization");
    let (value, None) = (headers.next()?, headers.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case(wanted).then(|| token.trim().to_owned())
}

/// The one token of a request: in the query as `jwt` or in the header. More than one proves nothing.
pub(super) fn only_token(request: &HttpRequest) -> Result<String, Refusal> {
    let query = url::form_urlencoded::parse(request.query_string().as_bytes());
    let mut tokens: Vec<String> = query.filter(|(key, _)| key == "jwt").map(|(_, value)| value.into_owned()).collect();
    tokens.extend(header_token(request));
    match tokens.len() {
        0 => Err(Refusal::unproven("no token")),
        1 => Ok(tokens.remove(0)),
        _ => Err(Refusal::unproven("more than one token")),
    }
}

/// The tenant that signed `token`, and what it claims. `states` are those in which the tenant may speak.
pub(super) async fn prove(
    services: &Services,
    token: &str,
    expected: ExpectedQsh<'_>,
    states: &[TenantState],
) -> Result<(Tenant, ConnectClaims), Refusal> {
    let issuer = peek_issuer(token).map_err(Refusal::unproven)?;
    let tenant = services.store.tenant_by_client_key(&issuer).await?;
    let tenant = tenant.ok_or_else(|| Refusal::unproven("unknown issuer"))?;
    let claims = check(services, &tenant, token, expected, states)?;
    Ok((tenant, claims))
}

/// The same for an active tenant, as the store knew it a moment ago; what that does not prove is asked of the store itself.
pub(super) async fn prove_lately(
    services: &Services,
    token: &str,
    expected: ExpectedQsh<'_>,
) -> Result<Arc<Tenant>, Refusal> {
    const STATES: &[TenantState] = &[TenantState::Active];
    let issuer = peek_issuer(token).map_err(Refusal::unproven)?;
    if let Some(tenant) = services.tenants.get(&issuer)
        && check(services, &tenant, token, expected, STATES).is_ok()
    {
        return Ok(tenant);
    }
    let (tenant, _) = prove(services, token, expected, STATES).await?;
    let tenant = Arc::new(tenant);
    services.tenants.put(issuer, Arc::clone(&tenant));
    Ok(tenant)
}

fn check(
    services: &Services,
    tenant: &Tenant,
    token: &str,
    expected: ExpectedQsh<'_>,
    states: &[TenantState],
) -> Result<ConnectClaims, Refusal> {
    let install = tenant.connect.as_ref().ok_or_else(|| Refusal::unproven("the installation is forgotten"))?;
    let claims = verify_hs256(token, &install.shared_secret, expected, services.base(), &services.clock)
        .map_err(Refusal::unproven)?;
    if !states.contains(&install.state) {
        return Err(Refusal::unproven("the installation is not active"));
    }
    Ok(claims)
}

/// Lets the tenant's own site, and no other, show the answer in a frame.
pub(super) fn allow_frame(request: &HttpRequest, tenant: &Tenant) {
    if let Ok(site) = url::Url::parse(&tenant.base_url) {
        request.extensions_mut().insert(FrameParent(site.origin().ascii_serialization()));
    }
}

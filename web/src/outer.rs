//! What every answer wears: security headers, and a readable page in place of JSON when a person would see the error.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    self, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, ResponseError, web};
use brine_core::settings::Settings;
use brine_core::telemetry;
use tracing::Instrument;
use url::Url;

use crate::door::{FrameParent, Services, Stranger};
use crate::pages;
use crate::span::span;

const TWO_YEARS: &str = "max-age=63072000; includeSubDomains";
const CLOSED_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// The one layer around all routes. What is logged meanwhile carries the request's span.
pub(crate) async fn dress(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let span = span(&request);
    let outcome = dressed(request, next).instrument(span.clone()).await;
    let status = match &outcome {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    span.record("status", status.as_u16());
    outcome
}

async fn dressed(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let services = request.app_data::<web::Data<Services>>().cloned();
    let for_a_person = wants_page(&request);
    let Some(services) = services else { return Ok(next.call(request).await?.map_into_boxed_body()) };
    let stranger = Stranger::of(&request, services.settings().server.behind_proxy);
    let stranger = stranger.filter(|_| !is_open(request.path()));
    let mut response = match stranger.map_or(Ok(()), |stranger| services.let_in(stranger)) {
        Ok(()) => next.call(request).await?.map_into_boxed_body(),
        Err(refusal) => request.into_response(refusal.error_response()),
    };
    if let (Some(stranger), StatusCode::UNAUTHORIZED) = (stranger, response.status()) {
        services.note_unproven(stranger);
    }
    let status = response.status();
    let route = response.request().match_pattern();
    telemetry::http_request(route.as_deref().unwrap_or("(none)"), status.as_u16());
    if for_a_person && (status.is_client_error() || status.is_server_error()) {
        let page = pages::problem(status, services.settings());
        response = response.into_response(page).map_into_boxed_body();
    }
    let parent = response.request().extensions().get::<FrameParent>().cloned();
    let is_page = is_html(response.headers());
    add_headers(response.headers_mut(), services.settings(), parent, is_page);
    Ok(response)
}

/// What monitors and browsers fetch whoever shares their address.
fn is_open(path: &str) -> bool {
    matches!(path, "/healthz" | "/livez" | "/readyz") || path.starts_with("/assets/")
}

fn wants_page(request: &ServiceRequest) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepts.contains("text/html") && !request.path().starts_with("/api/")
}

fn is_html(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html"))
}

fn add_headers(headers: &mut HeaderMap, settings: &Settings, parent: Option<FrameParent>, is_page: bool) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Addresses of pages hold a token in their query.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static("camera=(), geolocation=(), microphone=()"));
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if settings.server.base_url.scheme() == "https" {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TWO_YEARS));
    }
    let policy = match is_page {
        // The fallback can't show anything at all.
        true => HeaderValue::from_str(&page_policy(settings, parent))
            .unwrap_or(HeaderValue::from_static("default-src 'none'; sandbox")),
        false => HeaderValue::from_static(CLOSED_POLICY),
    };
    headers.insert(CONTENT_SECURITY_POLICY, policy);
}

/// Scripts and styles from our own files and the host script alone: text that slipped into a page could not run.
fn page_policy(settings: &Settings, parent: Option<FrameParent>) -> String {
    let script = without_query(&settings.connect.host_script_url);
    let parents = match parent {
        Some(FrameParent(origins)) => origins,
        None => settings.connect.allowed_sites.iter().map(|site| frame_source(site)).collect::<Vec<_>>().join(" "),
    };
    format!(
        "default-src 'none'; script-src 'self' {script}; style-src 'self'; img-src 'self'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors {parents}"
    )
}

fn without_query(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

/// A pattern of allowed sites as a source in a policy: sites on this machine may be plain HTTP, all others not.
fn frame_source(pattern: &str) -> String {
    let host = pattern.split(':').next().unwrap_or_default();
    let is_local = host == "localhost" || host.starts_with("127.");
    if is_local { format!("http://{pattern}") } else { format!("https://{pattern}") }
}

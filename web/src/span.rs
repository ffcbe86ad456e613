//! What a request leaves in the log: method, route, status. Never the address's query, which holds tokens, and never
//! a body, which holds stories.

use actix_web::dev::ServiceRequest;
use tracing::Span;

/// A span with the route's pattern in place of the address. Nothing is looked up when nobody reads it.
pub(crate) fn span(request: &ServiceRequest) -> Span {
    tracing::info_span!(
        "request",
        method = %request.method(),
        route = request.match_pattern().as_deref().unwrap_or("(none)"),
        status = tracing::field::Empty
    )
}

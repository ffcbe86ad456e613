//! For load balancers and for the person who runs Brine.

use actix_web::HttpResponse;
use serde_json::json;

use crate::door::Public;

/// The process serves requests.
pub(crate) async fn alive(_: Public) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// The store answers, too.
pub(crate) async fn ready(anyone: Public) -> HttpResponse {
    if anyone.store_answers().await {
        HttpResponse::Ok().json(json!({ "status": "ready" }))
    } else {
        HttpResponse::ServiceUnavailable().json(json!({ "status": "the store does not answer" }))
    }
}

//! What whoever runs Brine looks at, on an address of its own: whether the process lives, whether it can do its work, and
//! its metrics. Nothing here is behind a door, so the address must not be reachable for the public.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::http::header::ContentType;
use actix_web::{App, HttpResponse, HttpServer, web};
use tokio_util::sync::CancellationToken;

use crate::app::WebError;

/// Nothing when all is well, or one sentence.
pub type Ready = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// What is asked when somebody looks.
#[derive(Clone)]
pub struct Operations {
    /// Whether the process can do its work.
    pub ready: Arc<dyn Fn() -> Ready + Send + Sync>,
    /// Its metrics in the format of Prometheus.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Operations {
    /// Binds to the address; port 0 takes any free one. Answers with the address and what serves it until `shutdown`.
    ///
    /// # Errors
    /// When the address can't be had.
    pub fn bind(
        self,
        addr: SocketAddr,
        shutdown: CancellationToken,
    ) -> Result<(SocketAddr, impl Future<Output = ()> + Send + 'static), WebError> {
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(self.clone()))
                .route("/livez", web::get().to(live))
                .route("/readyz", web::get().to(ready))
                .route("/metrics", web::get().to(metrics))
        })
        .workers(1)
        .disable_signals()
        .bind(addr)
        .map_err(|source| WebError::OperationsBind { addr, source })?;
        let addr = server.addrs().first().copied().unwrap_or(addr);
        Ok((addr, serve(server.run(), shutdown)))
    }
}

async fn serve(server: Server, shutdown: CancellationToken) {
    let handle = server.handle();
    tokio::select! {
        _ = server => {}
        () = shutdown.cancelled() => handle.stop(false).await,
    }
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

async fn ready(operations: web::Data<Operations>) -> HttpResponse {
    match (operations.ready)().await {
        Ok(()) => HttpResponse::Ok().json(serde_json::json!({ "status": "ready" })),
        Err(reason) => HttpResponse::ServiceUnavailable().json(serde_json::json!({ "status": reason })),
    }
}

async fn metrics(operations: web::Data<Operations>) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::plaintext()).body((operations.metrics)())
}

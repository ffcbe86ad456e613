//! A stand-in for a model server with chat completions: the same fitting criteria for every story, after a pause that tests
//! choose, so that thousands of jobs can be run and stopped in the middle of "writing".

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Result;
use serde_json::json;

const CRITERIA: &str = "@happy-path
Scenario: Clerk refunds a recent order
  Given an order that is not older than the limit
  When the clerk refunds the order
  Then the shopper gets the money back

@negative
Scenario: Refund of an old order is refused
  Given an order that is older than the limit
  When the clerk tries to refund the order
  Then the refund is refused

@edge-case
Scenario: Order of exactly the limit is refunded
  Given an order that is exactly as old as the limit
  When the clerk refunds the order
  Then the shopper gets the money back
";

#[derive(Default)]
struct Behaviour {
    pause_ms: AtomicU64,
    asked: AtomicUsize,
}

/// The server; it stops when dropped.
pub struct ModelServer {
    address: String,
    behaviour: Arc<Behaviour>,
    handle: ServerHandle,
}

impl ModelServer {
    /// Starts it on a free port.
    pub fn start() -> Result<Self> {
        let behaviour = Arc::new(Behaviour::default());
        let shared = web::Data::from(Arc::clone(&behaviour));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .route("/v1/chat/completions", web::post().to(complete))
                .route("/v1/models", web::get().to(HttpResponse::Ok))
        })
        .workers(1)
        .disable_signals()
        .shutdown_timeout(0)
        .bind(("127.0.0.1", 0))?;
        let port = server.addrs().first().map(std::net::SocketAddr::port).unwrap_or_default();
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self { address: format!("http://127.0.0.1:{port}/v1"), behaviour, handle })
    }

    /// What its completions stand below.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Each answer takes so long from now on.
    pub fn set_pause(&self, pause: Duration) {
        self.behaviour.pause_ms.store(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How many answers were asked for.
    pub fn asked(&self) -> usize {
        self.behaviour.asked.load(Ordering::Relaxed)
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

async fn complete(behaviour: web::Data<Behaviour>) -> HttpResponse {
    behaviour.asked.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(behaviour.pause_ms.load(Ordering::Relaxed))).await;
    let message = json!({ "role": "assistant", "content": CRITERIA });
    HttpResponse::Ok().json(json!({ "choices": [{ "message": message, "finish_reason": "stop" }] }))
}

//! The key set, served on loopback.

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use anyhow::Result;
use serde_json::json;

use crate::fake_jira::InstallKey;

/// What the name of every key of Forge's begins with.
pub const ISSUER_KID: &str = "forge/invocation-token/";

struct Shared {
    key: Mutex<Arc<InstallKey>>,
    fetches: AtomicUsize,
}

pub(super) struct KeyServer {
    shared: Arc<Shared>,
    address: String,
    server: ServerHandle,
}

impl KeyServer {
    pub(super) fn start() -> Result<Self> {
        let shared = Arc::new(Shared { key: Mutex::new(new_key()?), fetches: AtomicUsize::new(0) });
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = format!("http://{}", listener.local_addr()?);
        let data = Data::from(Arc::clone(&shared));
        let server = HttpServer::new(move || {
            App::new().app_data(data.clone()).route("/.well-known/jwks.json", web::get().to(key_set))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)?
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self { shared, address, server: handle })
    }

    pub(super) fn url(&self) -> String {
        format!("{}/.well-known/jwks.json", self.address)
    }

    pub(super) fn fetches(&self) -> usize {
        self.shared.fetches.load(Ordering::SeqCst)
    }

    pub(super) fn current(&self) -> Arc<InstallKey> {
        Arc::clone(&self.shared.key.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn rotate(&self) -> Result<()> {
        *self.shared.key.lock().unwrap_or_else(PoisonError::into_inner) = new_key()?;
        Ok(())
    }
}

impl Drop for KeyServer {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

fn new_key() -> Result<Arc<InstallKey>> {
    Ok(Arc::new(InstallKey::generate_as(&format!("{ISSUER_KID}{}", uuid::Uuid::now_v7()))?))
}

async fn key_set(shared: Data<Shared>) -> HttpResponse {
    shared.fetches.fetch_add(1, Ordering::SeqCst);
    let key = Arc::clone(&shared.key.lock().unwrap_or_else(PoisonError::into_inner));
    HttpResponse::Ok().json(json!({ "keys": [key.jwk()] }))
}

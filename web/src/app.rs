//! Building the server: bind first, tell the port, run until told to stop.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::{App as ActixApp, HttpServer, middleware, web};
use brine_core::clock::Clock;
use brine_core::jira::{JiraClients, JiraError};
use brine_core::queue::{Events, Queue};
use brine_core::settings::Settings;
use brine_core::store::Store;
use tokio_util::sync::CancellationToken;

use crate::door::Services;
use crate::offered::Offered;
use crate::{outer, routes};

/// Threads that serve requests: each is cheap, and the model needs the processor more than they do.
const WORKERS: usize = 2;
/// How long requests in flight may take to finish once the server was told to stop.
const DRAIN_SECONDS: u64 = 10;

/// Why the web side could not start or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The address is taken or not ours.
    #[error("cannot listen on {addr}: {source}; change server.bind (BRINE_BIND)")]
    Bind {
        /// What was asked for.
        addr: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The operators' address is taken or not ours.
    #[error("cannot listen on {addr}: {source}; change operations.bind (BRINE_OPERATIONS_BIND)")]
    OperationsBind {
        /// What was asked for.
        addr: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The client for Jira could not be made.
    #[error(transparent)]
    Client(JiraError),
    /// The server broke while it ran.
    #[error("the web server stopped: {0}")]
    Serve(std::io::Error),
}

/// The web side, to be built.
pub struct App;

/// The web side, bound to its address and ready to run.
pub struct Bound {
    addr: SocketAddr,
    server: Server,
    closing: CancellationToken,
}

impl App {
    /// Binds to the address in the settings; port 0 takes any free one. Call it inside a Tokio runtime. `offered` are the
    /// adapters that the worker can write with; `clients` are the worker's, too, where it runs in this process.
    pub fn build(
        settings: Settings,
        offered: Offered,
        store: Store,
        queue: Arc<dyn Queue>,
        events: Events,
        clients: JiraClients,
        clock: Clock,
    ) -> Result<Bound, WebError> {
        let addr = settings.server.bind;
        let closing = CancellationToken::new();
        let services = Services::new(settings, offered, store, queue, events, clients, clock, closing.clone())
            .map_err(WebError::Client)?;
        let services = web::Data::new(services);
        let bind_error = |source| WebError::Bind { addr, source };
        let server = HttpServer::new(move || {
            ActixApp::new().app_data(services.clone()).configure(routes::mount).wrap(middleware::from_fn(outer::dress))
        })
        .workers(WORKERS)
        .shutdown_timeout(DRAIN_SECONDS)
        .disable_signals()
        .bind(addr)
        .map_err(bind_error)?;
        let addr = server.addrs().first().copied().unwrap_or(addr);
        Ok(Bound { addr, server: server.run(), closing })
    }
}

impl Bound {
    /// The port that is listened on.
    pub fn port(&self) -> u16 {
        self.addr.port()
    }

    /// The address that is listened on.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Serves until `shutdown`, then ends event streams, lets requests in flight finish, and returns.
    pub fn run(self, shutdown: CancellationToken) -> impl Future<Output = Result<(), WebError>> {
        let Bound { server, closing, .. } = self;
        async move {
            let handle = server.handle();
            let stopper = tokio::spawn(async move {
                shutdown.cancelled().await;
                closing.cancel();
                handle.stop(true).await;
            });
            let ended = server.await.map_err(WebError::Serve);
            stopper.abort();
            ended
        }
    }
}

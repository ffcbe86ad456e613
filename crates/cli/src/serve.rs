//! `brine serve`: web side, embedded queue, database file and model in one process.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use brine_core::clock::Clock;
use brine_core::jira::JiraClients;
use brine_core::jobs::{AdapterChoice, PLAIN};
use brine_core::queue::{EmbeddedQueue, Events, Queue};
use brine_core::secret::Cipher;
use brine_core::settings::{DataDir, Settings};
use brine_core::store::Store;
use brine_worker::{Drafting, JiraSites, Parts, Shutdown, Worker, Writers};
use clap::Args;
use tracing_subscriber::EnvFilter;

use crate::Failed;
use crate::writers::Bench;

/// After the first signal to stop, jobs in work have so long to finish; then they are given back.
const DRAIN: Duration = Duration::from_secs(30);

/// Arguments of `brine serve`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Settings in TOML; BRINE_* variables of the environment come before it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Arguments {
    /// The settings of this run.
    pub(crate) fn settings(&self) -> Result<Settings, Failed> {
        Settings::load(self.config.as_deref()).map_err(Failed::input)
    }
}

/// Runs until SIGTERM or Ctrl-C.
pub(crate) async fn run(settings: Settings) -> Result<(), Failed> {
    let filter = EnvFilter::try_from_env("BRINE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let clock = Clock::system();
    let data = DataDir::lock(&settings.data_dir).map_err(Failed::input)?;
    let cipher = Cipher::load_or_create(&data.key_file()).map_err(Failed::input)?;
    let url = Store::sqlite_url(&data.database());
    let store = Store::open(&url, clock.clone(), cipher).await.map_err(Failed::ours)?;
    let store = store.with_max_attempts(settings.jobs.max_attempts);
    // The lock on the folder says that whoever held these leases is gone.
    let released = store.release_orphans().await.map_err(Failed::ours)?;
    let bench = Bench::new(&settings.model)?;
    let offered = bench.offered()?;
    let writers = bench.pool();
    // A service that says it is ready can write at once; what can't be loaded is told here, not by the first job.
    writers.writer(&AdapterChoice::Inherit).await.map_err(Failed::input)?;

    let queue: Arc<dyn Queue> = Arc::new(EmbeddedQueue::new(clock.clone()));
    let events = Events::new();
    let adapters = offered.names.join(", ");
    let usual = offered.usual.clone().unwrap_or_else(|| PLAIN.to_owned());
    for (name, reason) in &offered.unfit {
        tracing::warn!(adapter = name, reason, "an adapter is not offered");
    }
    let settings_of_web = settings.clone();
    let bound =
        brine_web::App::build(settings_of_web, offered, store.clone(), queue.clone(), events.clone(), clock.clone())
            .map_err(Failed::ours)?;
    tracing::info!(address = %bound.addr(), released, model = bench.model(), usual, adapters, "ready");

    let clients = JiraClients::new(clock.clone()).map_err(Failed::ours)?;
    let drafting = Drafting {
        prompt: settings.model.prompt.clone(),
        deadline: Duration::from_secs(settings.model.deadline_seconds),
    };
    let worker = Worker::new(Parts {
        store,
        queue,
        events,
        writers: Arc::new(writers),
        issues: Arc::new(JiraSites::new(clients, clock.clone())),
        jobs: settings.jobs.clone(),
        drafting,
        kept: Duration::from_secs(u64::from(settings.limits.kept_days) * 24 * 3600),
        clock,
    });
    let shutdown = Shutdown::new();
    let web = tokio::spawn(bound.run(shutdown.soft.clone()));
    let working = tokio::spawn(worker.run(shutdown.clone()));
    signal().await;
    tracing::info!("stopping: finishing the jobs in work; a second signal gives them back");
    shutdown.soft.cancel();
    let hard = shutdown.hard.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = signal() => {}
            () = tokio::time::sleep(DRAIN) => {}
        }
        hard.cancel();
    });
    let _ = working.await;
    match web.await {
        Ok(ended) => ended.map_err(Failed::ours),
        Err(error) => Err(Failed::ours(error)),
    }
}

/// Waits for SIGTERM or Ctrl-C.
async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

//! `brine serve`, `brine web`, `brine worker`: the same parts, all in one process or each side in processes of its own.

mod shared;
mod signals;
mod watch;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use brine_core::jira::JiraClients;
use brine_core::jira::limits::Rules;
use brine_core::jobs::{AdapterChoice, PLAIN};
use brine_core::settings::Settings;
use brine_web::Offered;
use brine_worker::{Drafting, JiraSites, Parts, Shutdown, Worker, WriterPool, Writers};
use clap::Args;
use tracing_subscriber::EnvFilter;

use self::shared::Shared;
pub(crate) use self::shared::reader;
use crate::Failed;
use crate::writers::{Bench, remote};

/// Arguments of the commands that run a service.
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

    /// The settings, unless they were read already.
    pub(crate) fn unless(&self, read: Option<Settings>) -> Result<Settings, Failed> {
        read.map_or_else(|| self.settings(), Ok)
    }
}

/// Which parts run in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Both sides.
    Serve,
    /// What Jira and browsers reach.
    Web,
    /// What writes criteria.
    Worker,
}

impl Role {
    fn has_web(self) -> bool {
        self != Self::Worker
    }

    fn has_worker(self) -> bool {
        self != Self::Web
    }
}

/// Lines go to stderr: in colours where a person looks at them, plain in a file, or JSON for a collector.
fn log() {
    let filter = EnvFilter::try_from_env("BRINE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::env::var("BRINE_LOG_FORMAT").is_ok_and(|format| format == "json") {
        lines.json().init();
    } else {
        lines.with_ansi(std::io::stderr().is_terminal()).init();
    }
}

/// Runs until SIGTERM or Ctrl-C.
pub(crate) async fn run(settings: Settings, role: Role) -> Result<(), Failed> {
    log();
    // First of all: what begins to count before there is a recorder is lost.
    let metrics = watch::recorder().map_err(Failed::ours)?;
    let shared = Shared::open(&settings, role).await?;
    let shutdown = Shutdown::new();

    let Writing { model, offered, writers } = writing(&settings, role)?;
    let readiness = match &writers {
        Some(writers) => {
            // A service that says it is ready can write at once; what can't be loaded is told here, not by the first job.
            writers.writer(&AdapterChoice::Inherit).await.map_err(Failed::input)?;
            Some(brine_worker::watch_readiness(writers.clone(), shutdown.hard.clone()))
        }
        None => None,
    };
    let operators = watch::serve(&settings, &shared, readiness, metrics, shutdown.hard.clone())?;

    let web = match role.has_web() {
        true => Some(web(&settings, offered, &shared)?),
        false => None,
    };
    if let Some(bound) = &web {
        tracing::info!(address = %bound.addr(), "ready");
    }
    let working = match writers {
        Some(writers) => Some(tokio::spawn(worker(&settings, &shared, model, writers)?.run(shutdown.clone()))),
        None => None,
    };
    let web = web.map(|bound| tokio::spawn(bound.run(shutdown.soft.clone())));

    signals::told_to_stop().await;
    tracing::info!("stopping: finishing the jobs in work; a second signal gives them back");
    shutdown.soft.cancel();
    let hard = shutdown.hard.clone();
    let drain = Duration::from_secs(settings.jobs.drain_seconds);
    tokio::spawn(async move {
        let _ = tokio::time::timeout(drain, signals::told_to_stop()).await;
        hard.cancel();
    });
    if let Some(working) = working {
        let _ = working.await;
    }
    let ended = match web {
        Some(web) => web.await.map_err(Failed::ours).and_then(|ended| ended.map_err(Failed::ours)),
        None => Ok(()),
    };
    shutdown.hard.cancel();
    let _ = operators.await;
    shared.store.close().await;
    ended
}

/// What writes.
struct Writing {
    /// What the model is called.
    model: String,
    /// What pages can offer.
    offered: Offered,
    /// What writes in this process, if anything does.
    writers: Option<Arc<WriterPool>>,
}

fn writing(settings: &Settings, role: Role) -> Result<Writing, Failed> {
    if let Some(server) = &settings.model.server {
        let writers = if role.has_worker() { Some(Arc::new(remote(&settings.model, server)?)) } else { None };
        return Ok(Writing { model: server.model.clone(), offered: Offered::default(), writers });
    }
    let bench = Bench::new(&settings.model)?;
    let offered = bench.offered()?;
    for (name, reason) in &offered.unfit {
        tracing::warn!(adapter = name, reason, "an adapter is not offered");
    }
    let usual = offered.usual.as_deref().unwrap_or(PLAIN);
    let named = settings.model.name.is_some();
    tracing::info!(model = bench.model(), named, usual, adapters = offered.names.join(", "), "models");
    let writers = if role.has_worker() { Some(Arc::new(bench.pool()?)) } else { None };
    Ok(Writing { model: bench.model().to_owned(), offered, writers })
}

fn web(settings: &Settings, offered: Offered, shared: &Shared) -> Result<brine_web::Bound, Failed> {
    let Shared { store, queue, events, clock, .. } = shared;
    brine_web::App::build(
        settings.clone(),
        offered,
        store.clone(),
        Arc::clone(queue),
        events.clone(),
        clients(settings, shared)?,
        clock.clone(),
    )
    .map_err(Failed::ours)
}

/// All clients of a process draw on one allowance.
fn clients(settings: &Settings, shared: &Shared) -> Result<JiraClients, Failed> {
    let allowance = Arc::clone(&shared.allowance);
    JiraClients::new(allowance, Rules::new(&settings.limits), shared.clock.clone()).map_err(Failed::ours)
}

fn worker(settings: &Settings, shared: &Shared, model: String, writers: Arc<WriterPool>) -> Result<Worker, Failed> {
    let clock = shared.clock.clone();
    let clients = clients(settings, shared)?;
    Ok(Worker::new(Parts {
        store: shared.store.clone(),
        queue: Arc::clone(&shared.queue),
        events: shared.events.clone(),
        writers,
        issues: Arc::new(JiraSites::new(clients, shared.store.clone(), clock.clone())),
        jobs: settings.jobs.clone(),
        drafting: Drafting {
            model,
            prompt: settings.model.prompt.clone(),
            deadline: Duration::from_secs(settings.model.deadline_seconds),
        },
        stories_per_day: settings.limits.stories_per_day,
        kept: Duration::from_secs(u64::from(settings.limits.kept_days) * 24 * 3600),
        clock,
    }))
}

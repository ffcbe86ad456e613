//! The loops: each takes a ticket, leases the job, works on it, and settles it; then the next.

use std::sync::Arc;
use std::time::{Duration, Instant};

use brine_core::clock::Clock;
use brine_core::jobs::Job;
use brine_core::queue::{Events, Queue, Ticket};
use brine_core::settings::JobsSettings;
use brine_core::store::Store;
use brine_core::telemetry::{self, Running, Stage};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::hold::Hold;
use crate::ports::{Issues, Writers};
use crate::registry::Counts;
use crate::shutdown::Shutdown;
use crate::{attempt, bulk, heartbeat, reaper, registry, settle};

/// After the database failed, a ticket waits so long before it is tried again.
const STORE_PAUSE_MS: i64 = 1000;

/// How criteria are drafted.
#[derive(Clone, Debug)]
pub struct Drafting {
    /// What writes, for the list of workers.
    pub model: String,
    /// Name of the prompt; the model's best one when absent.
    pub prompt: Option<String>,
    /// A story that takes longer is tried again later.
    pub deadline: Duration,
}

/// What a worker is made of.
#[derive(Clone)]
pub struct Parts {
    /// The truth.
    pub store: Store,
    /// Which job next.
    pub queue: Arc<dyn Queue>,
    /// Where progress is told.
    pub events: Events,
    /// What writes criteria.
    pub writers: Arc<dyn Writers>,
    /// Where stories are read and criteria written.
    pub issues: Arc<dyn Issues>,
    /// Leases, attempts, and how many jobs at once.
    pub jobs: JobsSettings,
    /// How criteria are drafted.
    pub drafting: Drafting,
    /// Stories of one site on a day, as the operator allows; none: no limit.
    pub stories_per_day: Option<u32>,
    /// For how long the data of a site that left is kept.
    pub kept: Duration,
    /// The time.
    pub clock: Clock,
}

/// Works on jobs until it is told to stop.
pub struct Worker {
    parts: Arc<Parts>,
}

impl Parts {
    pub(crate) fn lease(&self) -> Duration {
        Duration::from_secs(self.jobs.lease_seconds)
    }
}

impl Worker {
    /// A worker that has not begun.
    pub fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts) }
    }

    /// Works until `shutdown.soft`, then finishes what is in work; with `shutdown.hard`, gives it back.
    /// Fills the queue from the store first.
    pub async fn run(self, shutdown: Shutdown) {
        let Self { parts } = self;
        let counts = Counts::default();
        let done = CancellationToken::new();
        let listed =
            tokio::spawn(registry::run(Arc::clone(&parts), counts.clone(), shutdown.soft.clone(), done.clone()));
        let mut tasks = JoinSet::new();
        let soft = shutdown.soft.clone();
        let soft_of_loops = shutdown.soft.clone();
        let reaper = Arc::clone(&parts);
        tasks.spawn(kept_alive(shutdown.soft.clone(), move || reaper::run(Arc::clone(&reaper), soft.clone())));
        let (feeder, soft) = (Arc::clone(&parts), shutdown.soft.clone());
        tasks.spawn(kept_alive(shutdown.soft.clone(), move || bulk::run(Arc::clone(&feeder), soft.clone())));
        for _ in 0..parts.jobs.workers {
            let (parts, shutdown, counts) = (Arc::clone(&parts), shutdown.clone(), counts.clone());
            let start = move || work(Arc::clone(&parts), counts.clone(), shutdown.clone());
            tasks.spawn(kept_alive(soft_of_loops.clone(), start));
        }
        while tasks.join_next().await.is_some() {}
        done.cancel();
        let _ = listed.await;
    }
}

/// Runs a loop in a task of its own, and begins it anew should it break off.
async fn kept_alive<F>(soft: CancellationToken, start: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    while AbortOnDropHandle::new(tokio::spawn(start())).await.is_err() && !soft.is_cancelled() {
        tracing::error!("a loop of the worker broke off and begins anew");
    }
}

async fn work(parts: Arc<Parts>, counts: Counts, shutdown: Shutdown) {
    while let Some(ticket) = shutdown.soft.run_until_cancelled(parts.queue.pop()).await {
        match parts.store.lease(&ticket.job, parts.lease()).await {
            Ok(Some(job)) => hold(&parts, &counts, job, &shutdown.hard).await,
            // Cancelled, or done by another: the ticket was old.
            Ok(None) => {}
            Err(error) => {
                tracing::error!(job = %ticket.job, %error, "a job cannot be leased");
                let not_before = parts.clock.now() + STORE_PAUSE_MS;
                parts.queue.push(Ticket { not_before, ..ticket.clone() }).await;
            }
        }
        parts.queue.finished(&ticket.tenant, &ticket.job).await;
    }
}

/// Works on a leased job, in a task of its own so that a panic ends the attempt and nothing else.
async fn hold(parts: &Arc<Parts>, counts: &Counts, job: Job, hard: &CancellationToken) {
    tracing::info!(job = %job.id, attempts = job.attempts, "a job is leased");
    let (_running, _in_work, began) = (Running::begin(), counts.begin(), Instant::now());
    let may_begin = job.run_after.max(job.created_at);
    let waited = job.started_at.unwrap_or(may_begin).saturating_sub(may_begin);
    telemetry::queue_wait(Duration::from_millis(waited.max(0).unsigned_abs()));
    let hold = Hold::new(job, hard, counts.clone());
    let heartbeat = heartbeat::start(parts, &hold);
    let mut attempt = JoinSet::new();
    attempt.spawn(attempt::run(Arc::clone(parts), hold.clone()));
    if let Some(ended) = attempt.join_next().await {
        settle::settle(parts, &hold, ended).await;
        telemetry::job_stage(Stage::Whole, began.elapsed());
    }
    drop(heartbeat);
}

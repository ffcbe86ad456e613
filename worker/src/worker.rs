//! The loops: each takes a ticket, leases the job, works on it, and settles it; then the next.

use std::sync::Arc;
use std::time::Duration;

use brine_core::clock::Clock;
use brine_core::jobs::Job;
use brine_core::queue::{Events, Queue, Ticket};
use brine_core::settings::JobsSettings;
use brine_core::store::Store;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::hold::Hold;
use crate::ports::{Issues, Writers};
use crate::shutdown::Shutdown;
use crate::{attempt, heartbeat, reaper, settle};

/// After the database failed, a ticket waits so long before it is tried again.
const STORE_PAUSE_MS: i64 = 1000;

/// How criteria are drafted.
#[derive(Clone, Debug)]
pub struct Drafting {
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
        let mut tasks = JoinSet::new();
        let soft = shutdown.soft.clone();
        let reaper = Arc::clone(&parts);
        tasks.spawn(kept_alive(shutdown.soft.clone(), move || reaper::run(Arc::clone(&reaper), soft.clone())));
        for _ in 0..parts.jobs.workers {
            let (parts, shutdown) = (Arc::clone(&parts), shutdown.clone());
            tasks.spawn(kept_alive(shutdown.soft.clone(), move || work(Arc::clone(&parts), shutdown.clone())));
        }
        while tasks.join_next().await.is_some() {}
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

async fn work(parts: Arc<Parts>, shutdown: Shutdown) {
    while let Some(ticket) = shutdown.soft.run_until_cancelled(parts.queue.pop()).await {
        match parts.store.lease(&ticket.job, parts.lease()).await {
            Ok(Some(job)) => hold(&parts, job, &shutdown.hard).await,
            // Cancelled, or done by another: the ticket was old.
            Ok(None) => {}
            Err(error) => {
                tracing::error!(job = %ticket.job, %error, "a job cannot be leased");
                let not_before = parts.clock.now() + STORE_PAUSE_MS;
                parts.queue.push(Ticket { not_before, ..ticket }).await;
            }
        }
    }
}

/// Works on a leased job, in a task of its own so that a panic ends the attempt and nothing else.
async fn hold(parts: &Arc<Parts>, job: Job, hard: &CancellationToken) {
    let hold = Hold::new(job, hard);
    let heartbeat = heartbeat::start(parts, &hold);
    let mut attempt = JoinSet::new();
    attempt.spawn(attempt::run(Arc::clone(parts), hold.clone()));
    if let Some(ended) = attempt.join_next().await {
        settle::settle(parts, &hold, ended).await;
    }
    drop(heartbeat);
}

//! Finds jobs that nobody works on any more, and tickets that were lost.

use std::sync::Arc;
use std::time::Duration;

use brine_core::jobs::Job;
use brine_core::queue::Ticket;
use brine_core::store::StoreError;
use brine_core::telemetry;
use tokio_util::sync::CancellationToken;

use crate::report;
use crate::worker::Parts;

/// At the start and every so many rounds the whole queue is compared with the store: `web` may have been stopped between
/// making a row and its ticket.
const ROUNDS_TO_REFILL: u64 = 6;
const LONGEST_ROUND: Duration = Duration::from_secs(5);

pub(crate) async fn run(parts: Arc<Parts>, soft: CancellationToken) {
    let round = LONGEST_ROUND.min(parts.lease() / 3);
    for number in 0_u64.. {
        if let Err(error) = sweep(&parts, number.is_multiple_of(ROUNDS_TO_REFILL)).await {
            tracing::warn!(%error, "lost jobs cannot be looked for");
        }
        if soft.run_until_cancelled(tokio::time::sleep(round)).await.is_none() {
            return;
        }
    }
}

pub(crate) async fn sweep(parts: &Parts, refill: bool) -> Result<(), StoreError> {
    telemetry::jobs_waiting(parts.queue.len().await);
    for job in parts.store.quarantine().await? {
        let reason = job.error.as_deref().unwrap_or_default();
        tracing::warn!(job = %job.id, attempts = job.attempts, reason, "a job failed");
        report::tell(parts, &job, job.progress.clone());
    }
    let expired = parts.store.expired_leases().await?;
    for job in &expired {
        tracing::warn!(job = %job.id, attempts = job.attempts, "a worker has not been heard of; its job is queued again");
    }
    push_all(parts, &expired).await;
    if refill {
        let forgotten = parts.store.forget_departed(parts.kept).await?;
        if forgotten > 0 {
            tracing::info!(forgotten, "the data of sites that left is deleted");
        }
        // A ticket that waits already stays where it is.
        push_all(parts, &parts.store.waiting_jobs().await?).await;
    }
    Ok(())
}

async fn push_all(parts: &Parts, jobs: &[Job]) {
    for job in jobs {
        parts.queue.push(Ticket::from(job)).await;
    }
}

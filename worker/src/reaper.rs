//! Finds jobs that nobody works on any more, and tickets that were lost.

use std::sync::Arc;
use std::time::Duration;

use brine_core::jobs::Job;
use brine_core::queue::Ticket;
use brine_core::store::{StoreError, WaitingJob};
use brine_core::telemetry;
use tokio_util::sync::CancellationToken;

use crate::report;
use crate::worker::Parts;

/// At the start and every so many rounds the whole queue is compared with the store: `web` may have been stopped between
/// making a row and its ticket. That the queue lost what it held is told at once.
const ROUNDS_TO_REFILL: u64 = 6;
/// Waiting jobs that are read at once.
const PAGE: u32 = 1000;
const LONGEST_ROUND: Duration = Duration::from_secs(5);

pub(crate) async fn run(parts: Arc<Parts>, soft: CancellationToken) {
    let round = LONGEST_ROUND.min(parts.lease() / 3);
    // Kept from round to round: a word of a loss is given once.
    let mut lost = parts.queue.lost();
    for number in 0_u64.. {
        if let Err(error) = sweep(&parts, number.is_multiple_of(ROUNDS_TO_REFILL)).await {
            tracing::warn!(%error, "lost jobs cannot be looked for");
        }
        tokio::select! {
            () = soft.cancelled() => return,
            () = tokio::time::sleep(round) => {}
            () = &mut lost => {
                tracing::warn!("the queue may have lost what it held; it is filled again from the database");
                if let Err(error) = refill(&parts).await {
                    tracing::warn!(%error, "the queue cannot be filled again yet");
                }
                lost = parts.queue.lost();
            }
        }
    }
}

pub(crate) async fn sweep(parts: &Parts, with_refill: bool) -> Result<(), StoreError> {
    telemetry::jobs_waiting(parts.queue.len().await);
    let given_up = parts.store.quarantine().await?;
    telemetry::leases_expired(given_up.len());
    for job in given_up {
        let reason = job.error.as_deref().unwrap_or_default();
        tracing::warn!(job = %job.id, attempts = job.attempts, reason, "a job failed");
        report::tell(parts, &job, job.progress.clone());
    }
    let expired = parts.store.expired_leases().await?;
    telemetry::leases_expired(expired.len());
    for job in &expired {
        tracing::warn!(job = %job.id, attempts = job.attempts, "a worker has not been heard of; its job is queued again");
    }
    push_all(parts, &expired).await;
    if with_refill {
        let forgotten = parts.store.forget_departed(parts.kept).await?;
        if forgotten > 0 {
            tracing::info!(forgotten, "the data of sites that left is deleted");
        }
        refill(parts).await?;
    }
    Ok(())
}

/// Page by page: a million jobs may wait. A ticket that waits already stays where it is.
async fn refill(parts: &Parts) -> Result<(), StoreError> {
    let mut last = None;
    loop {
        let page = parts.store.waiting_jobs_after(last.as_ref(), PAGE).await?;
        let Some(newest) = page.last() else { return Ok(()) };
        last = Some(newest.id.clone());
        parts.queue.push_all(page.into_iter().map(ticket).collect()).await;
    }
}

fn ticket(job: WaitingJob) -> Ticket {
    Ticket { job: job.id, tenant: job.tenant, class: job.class, not_before: job.run_after, cost: job.cost }
}

async fn push_all(parts: &Parts, jobs: &[Job]) {
    parts.queue.push_all(jobs.iter().map(Ticket::from).collect()).await;
}

//! Ends a hold: what an attempt came to becomes the job's new state.

use brine_core::clock::Millis;
use brine_core::failure::Failure;
use brine_core::jobs::{Class, Job, JobState};
use brine_core::queue::Ticket;
use brine_core::store::{Settlement, StoreError};
use brine_core::telemetry;
use std::time::Duration;
use tokio::task::JoinError;

use crate::attempt::Done;
use crate::backoff;
use crate::hold::{Break, Hold};
use crate::report;
use crate::worker::Parts;

/// Work that nothing could be done for in so long is given up.
const LONGEST_WAIT_MS: Millis = 24 * 3_600_000;

pub(crate) async fn settle(parts: &Parts, hold: &Hold, ended: Result<Result<Done, Break>, JoinError>) {
    let result = ended.unwrap_or_else(|_| {
        Err(Failure::retry("Brine broke off in the middle of this job; see the service's log").into())
    });
    let Some(settlement) = settlement(parts, hold, result) else {
        tracing::info!(job = %hold.job.id, "left a job that is no longer ours");
        return;
    };
    match parts.store.settle(&hold.job, settlement).await {
        Ok(job) => after(parts, &job).await,
        Err(StoreError::LeaseLost) => tracing::info!(job = %hold.job.id, "left a job that is no longer ours"),
        // Its lease runs out, and the next attempt finds what this one stored.
        Err(error) => tracing::error!(job = %hold.job.id, %error, "a job cannot be settled"),
    }
}

/// None when there is nothing for us to settle.
fn settlement(parts: &Parts, hold: &Hold, result: Result<Done, Break>) -> Option<Settlement> {
    if hold.lost.is_cancelled() {
        return None;
    }
    let failure = match result {
        Ok(Done::Drafted(draft)) => return Some(Settlement::Drafted { draft }),
        Ok(Done::Written(draft)) => return Some(Settlement::Written { draft }),
        Ok(Done::Withdrawn(draft)) => return Some(Settlement::Withdrawn { draft }),
        Err(Break::Lost) => return None,
        Err(Break::NotBefore { at, reason }) => return Some(Settlement::WaitUntil { at, reason }),
        Err(Break::Stopped) => return Some(Settlement::GiveBack),
        Err(Break::Failed(failure)) => failure,
    };
    Some(match failure {
        Failure::Permanent { reason } => Settlement::Failed { reason },
        Failure::NotOurs { reason } => Settlement::Skipped { reason },
        Failure::Retry { reason } => {
            let base = Duration::from_secs(parts.jobs.retry_base_seconds);
            again(parts, &hold.job, reason, backoff::pause(base, hold.job.attempts))
        }
        Failure::RetryAfter { reason, wait } => again(parts, &hold.job, reason, backoff::asked_pause(wait)),
        Failure::Wait { reason, wait } => later(parts, &hold.job, reason, backoff::asked_pause(wait)),
    })
}

fn again(parts: &Parts, job: &Job, reason: String, pause: Duration) -> Settlement {
    if job.attempts >= job.max_attempts {
        let times = if job.attempts == 1 { "attempt" } else { "attempts" };
        return Settlement::Failed { reason: format!("{reason} (given up after {} {times})", job.attempts) };
    }
    let pause = Millis::try_from(pause.as_millis()).unwrap_or(Millis::MAX);
    Settlement::RetryAt { at: parts.clock.now().saturating_add(pause), reason }
}

/// Nothing was tried, so no attempt is used up. But nobody waits for more than a day; for a bulk run's jobs nobody does, and
/// they may have waited for days before, for a quota or in a paused run.
fn later(parts: &Parts, job: &Job, reason: String, pause: Duration) -> Settlement {
    let now = parts.clock.now();
    if job.class != Class::Bulk && now.saturating_sub(job.created_at) > LONGEST_WAIT_MS {
        return Settlement::Failed { reason: format!("{reason} (given up after a day)") };
    }
    Settlement::WaitUntil { at: now.saturating_add(Millis::try_from(pause.as_millis()).unwrap_or(Millis::MAX)), reason }
}

/// Logged once, here: ids and states, and for what did not succeed its reason.
async fn after(parts: &Parts, job: &Job) {
    if job.state == JobState::Queued {
        parts.queue.push(Ticket::from(job)).await;
    }
    telemetry::job_settled(job.state.name());
    let reason = job.error.as_deref().unwrap_or_default();
    match job.state {
        JobState::Failed => tracing::warn!(job = %job.id, attempts = job.attempts, reason, "a job failed"),
        state => tracing::info!(job = %job.id, attempts = job.attempts, ?state, reason, "a job is settled"),
    }
    report::tell(parts, job, job.progress.clone());
}

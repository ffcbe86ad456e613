//! Feeds bulk runs: reads what their JQL finds, a page at a time, and makes jobs of it. Where a run stands lies in the store;
//! whoever holds its lease reads the next page, and a feeder that is killed leaves nothing behind but a lease that ends.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use brine_core::clock::Millis;
use brine_core::failure::Failure;
use brine_core::ids::ProjectKey;
use brine_core::jira::JiraError;
use brine_core::jira::client::Matches;
use brine_core::jobs::bulk::{BulkRun, BulkState, PAGE, has_room};
use brine_core::queue::Ticket;
use brine_core::store::{FoundPage, FoundStory, LiveRun, StoreError, Tenant, TenantState};
use tokio_util::sync::CancellationToken;

use crate::report;
use crate::worker::Parts;

/// Between two looks, while there is nothing to feed.
const ROUND: Duration = Duration::from_secs(2);
/// Longer than a call to Jira may take.
const LEASE: Duration = Duration::from_secs(60);
/// After Jira did not answer, or while the app is switched off on the site.
const PAUSE_MS: Millis = 60_000;

pub(crate) async fn run(parts: Arc<Parts>, soft: CancellationToken) {
    loop {
        let rest = match round(&parts).await {
            Ok(true) => Duration::ZERO,
            Ok(false) => ROUND,
            Err(error) => {
                tracing::warn!(%error, "bulk runs cannot be fed");
                ROUND
            }
        };
        if soft.run_until_cancelled(tokio::time::sleep(rest)).await.is_none() {
            return;
        }
    }
}

/// One look at every run. True when one of them may have more to do at once.
pub(crate) async fn round(parts: &Parts) -> Result<bool, StoreError> {
    let runs = parts.store.live_bulk_runs().await?;
    if runs.iter().any(|run| run.state == BulkState::Paused) {
        parts.store.hold_paused_jobs().await?;
    }
    let mut more = false;
    for run in runs.iter().filter(|run| run.state == BulkState::Running) {
        more |= match run.fed {
            true => finish(parts, run).await?,
            false => feed(parts, run).await?,
        };
    }
    Ok(more)
}

async fn finish(parts: &Parts, run: &LiveRun) -> Result<bool, StoreError> {
    if parts.store.finish_bulk_run(&run.tenant, &run.id).await? {
        tracing::info!(run = %run.id, "a bulk run is done");
    }
    Ok(false)
}

async fn feed(parts: &Parts, live: &LiveRun) -> Result<bool, StoreError> {
    let counts = parts.store.bulk_counts(&live.tenant, &live.id).await?;
    if !has_room(counts.live) {
        return Ok(false);
    }
    let Some(held) = parts.store.lease_bulk_run(&live.tenant, &live.id, LEASE).await? else { return Ok(false) };
    match next_page(parts, &held).await {
        Ok(more) => Ok(more),
        // Paused or stopped in the meantime, or too slow: what the page brought is read again, should it be wanted.
        Err(StoreError::LeaseLost) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn next_page(parts: &Parts, held: &BulkRun) -> Result<bool, StoreError> {
    let later = parts.clock.now().saturating_add(PAUSE_MS);
    let tenant = match parts.store.tenant(&held.tenant).await? {
        Some(tenant) if tenant.state() == TenantState::Active => tenant,
        Some(tenant) if tenant.state() == TenantState::Disabled => {
            let reason = "the app is switched off on this site";
            parts.store.delay_bulk_run(held, later, Some(reason), false).await?;
            return Ok(false);
        }
        _ => return stop(parts, held).await,
    };
    match parts.issues.matches(&tenant, &held.jql, held.page.as_deref(), PAGE).await {
        Ok(found) => {
            make_jobs(parts, held, &tenant, found).await?;
            Ok(true)
        }
        // Jira keeps the names of pages for some days only. The first page has none; what was seen is known.
        Err(JiraError::Rejected { status: 400, .. } | JiraError::NotFound) if held.page.is_some() => {
            tracing::info!(run = %held.id, "a bulk run begins at the first page again");
            parts.store.delay_bulk_run(held, parts.clock.now(), None, true).await?;
            Ok(true)
        }
        Err(error) => {
            refused(parts, held, error, later).await?;
            Ok(false)
        }
    }
}

async fn make_jobs(parts: &Parts, held: &BulkRun, tenant: &Tenant, found: Matches) -> Result<(), StoreError> {
    let mut scenarios: HashMap<ProjectKey, u8> = HashMap::new();
    let mut stories = Vec::with_capacity(found.issues.len());
    for issue in found.issues {
        let project = issue.key.project();
        let max_scenarios = match scenarios.get(&project) {
            Some(known) => *known,
            None => {
                let chosen = parts.store.project_settings(&tenant.id, &project).await?.max_scenarios;
                *scenarios.entry(project).or_insert(chosen)
            }
        };
        stories.push(FoundStory { id: issue.id, key: issue.key, has_criteria: issue.has_criteria, max_scenarios });
    }
    let made = parts.store.feed_bulk_run(held, FoundPage { stories, next: found.next }).await?;
    for job in &made {
        parts.queue.push(Ticket::from(job)).await;
        report::tell(parts, job, job.progress.clone());
    }
    tracing::info!(run = %held.id, jobs = made.len(), "a bulk run made jobs");
    Ok(())
}

/// Jira's words about a JQL may repeat it: they are kept for the administrators, and not logged.
async fn refused(parts: &Parts, held: &BulkRun, error: JiraError, later: Millis) -> Result<(), StoreError> {
    let after =
        |wait: Duration| parts.clock.now().saturating_add(Millis::try_from(wait.as_millis()).unwrap_or(Millis::MAX));
    match Failure::from(error) {
        Failure::Retry { reason } => parts.store.delay_bulk_run(held, later, Some(&reason), false).await,
        Failure::RetryAfter { reason, wait } | Failure::Wait { reason, wait } => {
            parts.store.delay_bulk_run(held, after(wait), Some(&reason), false).await
        }
        Failure::Permanent { reason } | Failure::NotOurs { reason } => {
            tracing::warn!(run = %held.id, "a bulk run is given up: Jira refuses its search");
            parts.store.fail_bulk_run(held, &reason).await
        }
    }
}

async fn stop(parts: &Parts, held: &BulkRun) -> Result<bool, StoreError> {
    let reason = "the app is no longer installed on this site";
    if let Some((_, jobs)) = parts.store.cancel_bulk_run(&held.tenant, &held.id, Some(reason)).await? {
        for job in jobs {
            parts.queue.remove(&Ticket::from(&job)).await;
        }
    }
    Ok(false)
}

//! What a person can order of a job: stop, and try again.

use super::codec::{Fields, json};
use super::decisions::reopen_in;
use super::drafts::accept_again_in;
use super::jobs::{before, job, job_in, job_rows};
use super::{Store, StoreError};
use crate::ids::{IssueKey, JobId, ProjectKey, TenantId};
use crate::jobs::{Job, JobState, Progress, Task};

/// Which failed jobs to try again.
#[derive(Clone, Debug, Default)]
pub struct FailedFilter {
    /// Only those of this project.
    pub project: Option<ProjectKey>,
    /// Only those of this issue.
    pub issue: Option<IssueKey>,
    /// Only those whose reason has these words in it, as they stand.
    pub reason: Option<String>,
    /// Only those made before this one: where [`Retried::next`] goes on.
    pub before: Option<JobId>,
    /// Look at so many at most.
    pub limit: u32,
}

/// What came of trying failed jobs again.
#[derive(Clone, Debug, Default)]
pub struct Retried {
    /// They wait again; the queue is to hear of them.
    pub queued: Vec<Job>,
    /// How many stay as they are: a newer job or draft of the issue has taken their place.
    pub superseded: u32,
    /// There may be more: made before this one.
    pub next: Option<JobId>,
}

impl Store {
    /// Stops a job that waits or runs; its worker notices at its next write. The draft that it was to publish is open
    /// again. None when there is no such job, or it is over.
    pub async fn cancel_job(&self, tenant: &TenantId, id: &JobId) -> Result<Option<Job>, StoreError> {
        let now = self.clock.now();
        let mut write = self.write_for(tenant).await?;
        let Some(known) = job_in(write.connection(), tenant, id).await? else { return Ok(None) };
        let ended = Progress::Ended { state: JobState::Cancelled, draft: known.draft, error: None };
        let row = sqlx::query(job_rows!(
            "UPDATE jobs SET state = 'cancelled', fence = fence + 1, lease_until = 0, finished_at = $3, progress = $4,
                 error = NULL
             WHERE tenant_id = $1 AND id = $2 AND state IN ('queued', 'running') RETURNING"
        ))
        .bind(tenant.as_str())
        .bind(id.as_str())
        .bind(now)
        .bind(json(&ended))
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cancelled = job(&row)?;
        if let Some(draft) = &cancelled.draft {
            reopen_in(write.connection(), tenant, draft, now).await?;
        }
        write.commit().await?;
        Ok(Some(cancelled))
    }

    /// Queues a job that failed, was cancelled or skipped, with all its attempts before it again. None when there is no
    /// such job or it did not end that way; `Conflict` when a newer one has taken its place.
    pub async fn retry_job(&self, tenant: &TenantId, id: &JobId) -> Result<Option<Job>, StoreError> {
        let now = self.clock.now();
        let mut write = self.write_for(tenant).await?;
        let row = sqlx::query(
            job_rows!("UPDATE jobs SET state = 'queued', attempts = 0, crashes = 0, fence = fence + 1, run_after = $3, progress = $4,
                 error = NULL, finished_at = NULL
             WHERE tenant_id = $1 AND id = $2 AND state IN ('failed', 'cancelled', 'skipped') RETURNING"),
        )
        .bind(tenant.as_str())
        .bind(id.as_str())
        .bind(now)
        .bind(json(&Progress::Queued { ahead: 0 }))
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let queued = job(&row)?;
        if let Task::Publish { draft, .. } = &queued.task {
            accept_again_in(write.connection(), &self.cipher, tenant, draft, now).await?;
        }
        write.commit().await?;
        Ok(Some(queued))
    }
    /// Queues failed jobs again, newest first, each as [`Store::retry_job`] does: of an issue with several, the newest.
    pub async fn retry_failed(&self, tenant: &TenantId, filter: FailedFilter) -> Result<Retried, StoreError> {
        let rows = sqlx::query(
            "SELECT id FROM jobs WHERE tenant_id = $1 AND state = 'failed'
                 AND project_key = COALESCE($2, project_key) AND issue_key = COALESCE($3, issue_key)
                 AND ($4 = '' OR replace(COALESCE(error, ''), $4, '') <> COALESCE(error, ''))
                 AND id < $5
             ORDER BY id DESC LIMIT $6",
        )
        .bind(tenant.as_str())
        .bind(filter.project.map(|key| key.to_string()))
        .bind(filter.issue.map(|key| key.to_string()))
        .bind(filter.reason.unwrap_or_default())
        .bind(before(filter.before))
        .bind(i64::from(filter.limit))
        .fetch_all(&self.pool)
        .await?;
        let mut retried = Retried::default();
        for row in &rows {
            let id: JobId = Fields::new("jobs", row).id("id")?;
            match self.retry_job(tenant, &id).await {
                Ok(Some(job)) => retried.queued.push(job),
                // Somebody else has just tried it again.
                Ok(None) => {}
                Err(StoreError::Conflict) => retried.superseded += 1,
                Err(error) => return Err(error),
            }
            retried.next = Some(id);
        }
        if rows.len() < filter.limit as usize {
            retried.next = None;
        }
        Ok(retried)
    }
}

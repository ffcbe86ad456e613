//! What a person can order of a job: stop, and try again.

use super::codec::json;
use super::drafts::{accept_again_in, reopen_in};
use super::jobs::{job, job_in};
use super::{Store, StoreError};
use crate::ids::{JobId, TenantId};
use crate::jobs::{Job, JobState, Progress, Task};

impl Store {
    /// Stops a job that waits or runs; its worker notices at its next write. The draft that it was to publish is open
    /// again. None when there is no such job, or it is over.
    pub async fn cancel_job(&self, tenant: &TenantId, id: &JobId) -> Result<Option<Job>, StoreError> {
        let now = self.clock.now();
        let mut write = self.write().await?;
        let Some(known) = job_in(write.connection(), tenant, id).await? else { return Ok(None) };
        let ended = Progress::Ended { state: JobState::Cancelled, draft: known.draft, error: None };
        let row = sqlx::query(
            "UPDATE jobs SET state = 'cancelled', fence = fence + 1, lease_until = 0, finished_at = $3, progress = $4,
                 error = NULL
             WHERE tenant_id = $1 AND id = $2 AND state IN ('queued', 'running') RETURNING *",
        )
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
        let mut write = self.write().await?;
        let row = sqlx::query(
            "UPDATE jobs SET state = 'queued', attempts = 0, fence = fence + 1, run_after = $3, progress = $4,
                 error = NULL, finished_at = NULL
             WHERE tenant_id = $1 AND id = $2 AND state IN ('failed', 'cancelled', 'skipped') RETURNING *",
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
}

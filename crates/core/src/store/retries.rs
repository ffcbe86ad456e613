//! Many failed jobs tried again at once.

use super::codec::Fields;
use super::{Store, StoreError};
use crate::ids::{IssueKey, JobId, TenantId};
use crate::jobs::Job;

/// Jobs that one call queues at most.
const MOST: i64 = 1000;

impl Store {
    /// Queues failed jobs of this tenant again: all of them, or those of one issue, a thousand at most. Of several on one
    /// issue the newest, and none that a newer job has taken the place of.
    pub async fn retry_failed(&self, tenant: &TenantId, issue: Option<&IssueKey>) -> Result<Vec<Job>, StoreError> {
        let rows = sqlx::query(
            "SELECT id FROM jobs WHERE tenant_id = $1 AND state = 'failed' AND issue_key = COALESCE($2, issue_key)
                 AND NOT EXISTS (SELECT 1 FROM jobs AS newer WHERE newer.tenant_id = jobs.tenant_id
                     AND newer.issue_id = jobs.issue_id AND newer.kind = jobs.kind AND newer.id > jobs.id)
             ORDER BY id LIMIT $3",
        )
        .bind(tenant.as_str())
        .bind(issue.map(ToString::to_string))
        .bind(MOST)
        .fetch_all(&self.pool)
        .await?;
        let mut queued = Vec::with_capacity(rows.len());
        for row in &rows {
            let id: JobId = Fields::new("jobs", row).id("id")?;
            match self.retry_job(tenant, &id).await {
                Ok(job) => queued.extend(job),
                // Newer criteria have taken the place of what it was to write.
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(queued)
    }
}

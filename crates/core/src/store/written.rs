//! What stands in Jira, as far as the `jobs` table knows.

use super::jobs::{job, job_rows};
use super::{Store, StoreError};
use crate::ids::{IssueId, TenantId};
use crate::jobs::Job;

impl Store {
    /// The newest job of this issue that wrote to Jira.
    pub async fn last_written_job(&self, tenant: &TenantId, issue: &IssueId) -> Result<Option<Job>, StoreError> {
        let row = sqlx::query(job_rows!(
            "SELECT",
            "FROM jobs WHERE tenant_id = $1 AND issue_id = $2 AND state = 'written' ORDER BY id DESC LIMIT 1"
        ))
        .bind(tenant.as_str())
        .bind(issue.as_str())
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(job).transpose()
    }
}

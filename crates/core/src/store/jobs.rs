//! The `jobs` table as `web` reads it: found, listed, counted.

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::codec::{Fields, word};
use super::{Store, StoreError};
use crate::ids::{IssueId, IssueKey, JobId, TenantId};
use crate::jobs::{Job, JobState};

/// A statement that asks for what [`job`] reads.
macro_rules! job_rows {
    ($before:literal $(, $($after:tt)*)?) => {
        concat!(
            $before,
            $crate::store::jobs::job_columns!(),
            $($($after)*)?
        )
    };
}
pub(super) use job_rows;

/// The columns that [`job`] reads.
macro_rules! job_columns {
    () => {
        " id, tenant_id, issue_id, issue_key, project_key, task, class, state, requested_by, requested_by_name, attempts,
          max_attempts, run_after, fence, lease_until, progress, error, provenance, draft_id, created_at, started_at,
          finished_at "
    };
}
pub(super) use job_columns;

/// Which jobs to list.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// Only those in this state.
    pub state: Option<JobState>,
    /// Only those of this issue.
    pub issue: Option<IssueKey>,
    /// Only those made before this one: the next page.
    pub before: Option<JobId>,
    /// At most so many.
    pub limit: u32,
}

impl Store {
    /// A job of this tenant.
    pub async fn job(&self, tenant: &TenantId, id: &JobId) -> Result<Option<Job>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        job_in(&mut connection, tenant, id).await
    }

    /// Jobs of this tenant, newest first.
    pub async fn list_jobs(&self, tenant: &TenantId, filter: JobFilter) -> Result<Vec<Job>, StoreError> {
        // A state by its name can use the index.
        let query = match filter.state {
            Some(_) => job_rows!(
                "SELECT",
                "FROM jobs WHERE tenant_id = $1 AND state = $2 AND issue_key = COALESCE($3, issue_key) AND id < $4
                 ORDER BY id DESC LIMIT $5"
            ),
            None => job_rows!(
                "SELECT",
                "FROM jobs WHERE tenant_id = $1 AND CAST($2 AS TEXT) IS NULL
                     AND issue_key = COALESCE($3, issue_key) AND id < $4
                 ORDER BY id DESC LIMIT $5"
            ),
        };
        let rows = sqlx::query(query)
            .bind(tenant.as_str())
            .bind(filter.state.map(|state| word(&state)))
            .bind(filter.issue.map(|key| key.to_string()))
            .bind(before(filter.before))
            .bind(i64::from(filter.limit))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(job).collect()
    }

    /// How many jobs of this tenant are in each state; states without any are left out.
    pub async fn count_jobs(&self, tenant: &TenantId) -> Result<Vec<(JobState, i64)>, StoreError> {
        let rows = sqlx::query("SELECT state, COUNT(*) AS jobs FROM jobs WHERE tenant_id = $1 GROUP BY state")
            .bind(tenant.as_str())
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::new("jobs", row);
                Ok((fields.word("state")?, fields.get("jobs")?))
            })
            .collect()
    }

    /// The newest job of this issue that is waiting or running.
    pub async fn live_job_of_issue(&self, tenant: &TenantId, issue: &IssueId) -> Result<Option<Job>, StoreError> {
        let row = sqlx::query(job_rows!(
            "SELECT",
            "FROM jobs WHERE tenant_id = $1 AND issue_id = $2 AND state IN ('queued', 'running')
             ORDER BY id DESC LIMIT 1"
        ))
        .bind(tenant.as_str())
        .bind(issue.as_str())
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(job).transpose()
    }

    /// The newest job of this issue.
    pub async fn last_job_of_issue(&self, tenant: &TenantId, issue: &IssueId) -> Result<Option<Job>, StoreError> {
        let row = sqlx::query(job_rows!(
            "SELECT",
            "FROM jobs WHERE tenant_id = $1 AND issue_id = $2 ORDER BY id DESC LIMIT 1"
        ))
        .bind(tenant.as_str())
        .bind(issue.as_str())
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(job).transpose()
    }
}

/// Ids are hexadecimal: "g" comes after them all.
pub(super) fn before(id: Option<JobId>) -> String {
    id.map_or_else(|| "g".to_owned(), |id| id.to_string())
}

pub(super) async fn job_in(
    connection: &mut AnyConnection,
    tenant: &TenantId,
    id: &JobId,
) -> Result<Option<Job>, StoreError> {
    let row = sqlx::query(job_rows!("SELECT", "FROM jobs WHERE tenant_id = $1 AND id = $2"))
        .bind(tenant.as_str())
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(job).transpose()
}

pub(super) fn job(row: &AnyRow) -> Result<Job, StoreError> {
    let fields = Fields::new("jobs", row);
    Ok(Job {
        id: fields.id("id")?,
        tenant: fields.id("tenant_id")?,
        issue_id: fields.id("issue_id")?,
        issue_key: fields.id("issue_key")?,
        project: fields.id("project_key")?,
        task: fields.json("task")?,
        class: fields.word("class")?,
        state: fields.word("state")?,
        requested_by: fields.optional_id("requested_by")?,
        requested_by_name: fields.get("requested_by_name")?,
        attempts: fields.number("attempts")?,
        max_attempts: fields.number("max_attempts")?,
        run_after: fields.get("run_after")?,
        fence: fields.get("fence")?,
        lease_until: fields.get("lease_until")?,
        progress: fields.json("progress")?,
        error: fields.get("error")?,
        provenance: fields.optional_json("provenance")?,
        draft: fields.optional_id("draft_id")?,
        created_at: fields.get("created_at")?,
        started_at: fields.get("started_at")?,
        finished_at: fields.get("finished_at")?,
    })
}

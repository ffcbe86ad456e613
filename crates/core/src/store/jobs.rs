//! The `jobs` table as `web` uses it: made once, found, listed.

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::bulk::HELD;
use super::codec::{Fields, json, word};
use super::{Store, StoreError};
use crate::ids::{AccountId, IssueId, IssueKey, JobId, TenantId};
use crate::jobs::{Class, Job, JobState, Progress, Task};

/// What a job is made of.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Whose.
    pub tenant: TenantId,
    /// The issue's number.
    pub issue_id: IssueId,
    /// The issue's key now.
    pub issue_key: IssueKey,
    /// What is to be done.
    pub task: Task,
    /// Who waits.
    pub class: Class,
    /// The person who asked.
    pub requested_by: Option<AccountId>,
    /// That person's name, when it is known already.
    pub requested_by_name: Option<String>,
    /// The webhook delivery that asked: the same one makes no second job.
    pub delivery: Option<String>,
}

/// What became of a request for a job.
#[derive(Clone, Debug)]
pub enum Created {
    /// A row was made.
    New(Job),
    /// This delivery was seen before, or the issue has a draft job that is not finished: that one.
    Already(Job),
}

impl Created {
    /// The job, old or new.
    pub fn job(&self) -> &Job {
        match self {
            Created::New(job) | Created::Already(job) => job,
        }
    }
}

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
    /// Makes a job, unless the delivery was seen or the issue is being drafted already. A person who waits moves a waiting
    /// job forward.
    pub async fn create_job(&self, new: NewJob) -> Result<Created, StoreError> {
        let mut write = self.write().await?;
        let id = JobId::make();
        if let Some(delivery) = &new.delivery
            && let Some(seen) = self.remember_delivery(write.connection(), &new.tenant, delivery, &id).await?
        {
            let known = job_in(write.connection(), &new.tenant, &seen).await?;
            return known.map(Created::Already).ok_or(StoreError::NotFound("job"));
        }
        let created = match self.insert_job(write.connection(), &id, &new).await? {
            Some(job) => Created::New(job),
            None => {
                let live = hurry(write.connection(), &new).await?.ok_or(StoreError::Conflict)?;
                sqlx::query("UPDATE deliveries SET job_id = $3 WHERE tenant_id = $1 AND job_id = $2")
                    .bind(new.tenant.as_str())
                    .bind(id.as_str())
                    .bind(live.id.as_str())
                    .execute(write.connection())
                    .await?;
                Created::Already(live)
            }
        };
        write.commit().await?;
        Ok(created)
    }

    /// A job of this tenant.
    pub async fn job(&self, tenant: &TenantId, id: &JobId) -> Result<Option<Job>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        job_in(&mut connection, tenant, id).await
    }

    /// Jobs of this tenant, newest first.
    pub async fn list_jobs(&self, tenant: &TenantId, filter: JobFilter) -> Result<Vec<Job>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM jobs WHERE tenant_id = $1 AND state = COALESCE($2, state)
                 AND issue_key = COALESCE($3, issue_key) AND id < $4
             ORDER BY id DESC LIMIT $5",
        )
        .bind(tenant.as_str())
        .bind(filter.state.map(|state| word(&state)))
        .bind(filter.issue.map(|key| key.to_string()))
        // Ids are hexadecimal: "g" comes after them all.
        .bind(filter.before.map_or("g".to_owned(), |id| id.to_string()))
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
        let row = sqlx::query(
            "SELECT * FROM jobs WHERE tenant_id = $1 AND issue_id = $2 AND state IN ('queued', 'running')
             ORDER BY id DESC LIMIT 1",
        )
        .bind(tenant.as_str())
        .bind(issue.as_str())
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(job).transpose()
    }

    /// The newest job of this issue.
    pub async fn last_job_of_issue(&self, tenant: &TenantId, issue: &IssueId) -> Result<Option<Job>, StoreError> {
        let row = sqlx::query("SELECT * FROM jobs WHERE tenant_id = $1 AND issue_id = $2 ORDER BY id DESC LIMIT 1")
            .bind(tenant.as_str())
            .bind(issue.as_str())
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(job).transpose()
    }

    /// Notes a delivery; answers with the job that it made before, if it did.
    async fn remember_delivery(
        &self,
        connection: &mut AnyConnection,
        tenant: &TenantId,
        delivery: &str,
        job: &JobId,
    ) -> Result<Option<JobId>, StoreError> {
        let noted = sqlx::query(
            "INSERT INTO deliveries (tenant_id, delivery, job_id, seen_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT DO NOTHING",
        )
        .bind(tenant.as_str())
        .bind(delivery)
        .bind(job.as_str())
        .bind(self.clock.now())
        .execute(&mut *connection)
        .await?;
        if noted.rows_affected() == 1 {
            return Ok(None);
        }
        let row = sqlx::query("SELECT job_id FROM deliveries WHERE tenant_id = $1 AND delivery = $2")
            .bind(tenant.as_str())
            .bind(delivery)
            .fetch_one(connection)
            .await?;
        Fields::new("deliveries", &row).id("job_id").map(Some)
    }

    /// None when the issue has a live draft job already.
    pub(super) async fn insert_job(
        &self,
        connection: &mut AnyConnection,
        id: &JobId,
        new: &NewJob,
    ) -> Result<Option<Job>, StoreError> {
        let (kind, draft) = match &new.task {
            Task::Draft { .. } => ("draft", None),
            Task::Publish { draft, .. } => ("publish", Some(draft.to_string())),
        };
        let row = sqlx::query(
            "INSERT INTO jobs (id, tenant_id, issue_id, issue_key, project_key, kind, task, class, state, requested_by,
                 requested_by_name, attempts, max_attempts, run_after, fence, lease_until, progress, draft_id, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', $9, $10, 0, $11, $12, 0, 0, $13, $14, $12)
             ON CONFLICT DO NOTHING RETURNING *",
        )
        .bind(id.as_str())
        .bind(new.tenant.as_str())
        .bind(new.issue_id.as_str())
        .bind(new.issue_key.as_str())
        .bind(new.issue_key.project().to_string())
        .bind(kind)
        .bind(json(&new.task))
        .bind(word(&new.class))
        .bind(new.requested_by.as_ref().map(ToString::to_string))
        .bind(new.requested_by_name.clone())
        .bind(i64::from(self.max_attempts))
        .bind(self.clock.now())
        .bind(json(&Progress::Queued { ahead: 0 }))
        .bind(draft)
        .fetch_optional(connection)
        .await?;
        row.as_ref().map(job).transpose()
    }
}

/// The issue's live draft job, in the more urgent of its own class and the asked one. One that is held with its paused bulk
/// run is set free.
async fn hurry(connection: &mut AnyConnection, new: &NewJob) -> Result<Option<Job>, StoreError> {
    let row = sqlx::query(
        "SELECT * FROM jobs WHERE tenant_id = $1 AND issue_id = $2 AND kind = 'draft' AND state IN ('queued', 'running')",
    )
    .bind(new.tenant.as_str())
    .bind(new.issue_id.as_str())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(mut live) = row.as_ref().map(job).transpose()? else { return Ok(None) };
    if new.class < live.class {
        live.class = new.class;
        if live.run_after == HELD {
            (live.run_after, live.error) = (live.created_at, None);
        }
        sqlx::query("UPDATE jobs SET class = $3, run_after = $4, error = $5 WHERE tenant_id = $1 AND id = $2")
            .bind(live.tenant.as_str())
            .bind(live.id.as_str())
            .bind(word(&live.class))
            .bind(live.run_after)
            .bind(live.error.clone())
            .execute(connection)
            .await?;
    }
    Ok(Some(live))
}

pub(super) async fn job_in(
    connection: &mut AnyConnection,
    tenant: &TenantId,
    id: &JobId,
) -> Result<Option<Job>, StoreError> {
    let row = sqlx::query("SELECT * FROM jobs WHERE tenant_id = $1 AND id = $2")
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

//! How jobs are made: one for each delivery, and one draft job at a time for each issue.

use sqlx::AnyConnection;

use super::bulk::HELD;
use super::codec::{Fields, json, told, word};
use super::jobs::{job, job_in, job_rows};
use super::{Store, StoreError};
use crate::ids::{AccountId, IssueId, IssueKey, JobId, TenantId};
use crate::jobs::{Class, Job, Progress, Task};

/// An issue whose draft job ends in the very moment in which another is asked for: so often it is tried anew.
const TRIES: usize = 8;

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
        let created = self.insert_or_join(write.connection(), &id, &new).await?;
        if let Created::Already(live) = &created {
            sqlx::query("UPDATE deliveries SET job_id = $3 WHERE tenant_id = $1 AND job_id = $2")
                .bind(new.tenant.as_str())
                .bind(id.as_str())
                .bind(live.id.as_str())
                .execute(write.connection())
                .await?;
        }
        write.commit().await?;
        Ok(created)
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

    /// A new job, or the live one that stands against it.
    async fn insert_or_join(
        &self,
        connection: &mut AnyConnection,
        id: &JobId,
        new: &NewJob,
    ) -> Result<Created, StoreError> {
        for _ in 0..TRIES {
            if let Some(job) = self.insert_job(connection, id, new).await? {
                return Ok(Created::New(job));
            }
            if let Some(live) = hurry(connection, new).await? {
                return Ok(Created::Already(live));
            }
        }
        Err(StoreError::Conflict)
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
            // Not its draft: that is accepted still, should this come to nothing.
            Task::Withdraw { .. } => ("withdraw", None),
        };
        let row = sqlx::query(
            job_rows!("INSERT INTO jobs (id, tenant_id, issue_id, issue_key, project_key, kind, task, class, state, requested_by,
                 requested_by_name, attempts, max_attempts, run_after, fence, lease_until, progress, draft_id, created_at,
                 cost)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', $9, $10, 0, $11, $12, 0, 0, $13, $14, $12, $15)
             ON CONFLICT DO NOTHING RETURNING"),
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
        .bind(new.requested_by_name.as_deref().map(told))
        .bind(i64::from(self.max_attempts))
        .bind(self.clock.now())
        .bind(json(&Progress::Queued { ahead: 0 }))
        .bind(draft)
        .bind(i64::from(new.task.cost()))
        .fetch_optional(connection)
        .await?;
        row.as_ref().map(job).transpose()
    }
}

/// The issue's live draft job, in the more urgent of its own class and the asked one. One that is held with its paused bulk
/// run is set free by who is in more of a hurry.
async fn hurry(connection: &mut AnyConnection, new: &NewJob) -> Result<Option<Job>, StoreError> {
    let slower = |class: Class| if new.class < class { word(&class) } else { String::new() };
    let row = sqlx::query(job_rows!(
        "UPDATE jobs SET class = CASE WHEN class IN ($3, $4) THEN $5 ELSE class END,
             error = CASE WHEN run_after = $6 AND class IN ($3, $4) THEN NULL ELSE error END,
             run_after = CASE WHEN run_after = $6 AND class IN ($3, $4) THEN created_at ELSE run_after END
         WHERE tenant_id = $1 AND issue_id = $2 AND kind = 'draft' AND state IN ('queued', 'running') RETURNING"
    ))
    .bind(new.tenant.as_str())
    .bind(new.issue_id.as_str())
    .bind(slower(Class::Automatic))
    .bind(slower(Class::Bulk))
    .bind(word(&new.class))
    .bind(HELD)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(job).transpose()
}

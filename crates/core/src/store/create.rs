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
    /// The story was changed just now: what is being written of it at this moment begins anew.
    pub anew: bool,
}

/// What became of a request for a job.
#[derive(Clone, Debug)]
pub enum Created {
    /// A row was made.
    New(Job),
    /// The issue's draft job was running, and is queued to begin anew. Its worker is to hear of that.
    Anew(Job),
    /// This delivery was seen before, or the issue has a draft job that is not finished: that one.
    Already(Job),
}

impl Created {
    /// The job, old or new.
    pub fn job(&self) -> &Job {
        match self {
            Created::New(job) | Created::Anew(job) | Created::Already(job) => job,
        }
    }
}

impl Store {
    /// Makes a job, unless the delivery was seen or the issue is being drafted already. A person who waits moves a waiting
    /// job forward.
    pub async fn create_job(&self, new: NewJob) -> Result<Created, StoreError> {
        let mut write = self.write().await?;
        let created = match self.seen_before(write.connection(), &new).await? {
            Some(known) => return Ok(known),
            None => self.insert_or_join(write.connection(), &JobId::make(), &new).await?,
        };
        if let Some(delivery) = &new.delivery {
            let noted = sqlx::query(
                "INSERT INTO deliveries (tenant_id, delivery, job_id, seen_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT DO NOTHING",
            )
            .bind(new.tenant.as_str())
            .bind(delivery)
            .bind(created.job().id.as_str())
            .bind(self.clock.now())
            .execute(write.connection())
            .await?;
            if noted.rows_affected() == 0 {
                // Another process was told of it in this very moment, and was first.
                write.roll_back().await?;
                let mut read = self.pool.acquire().await?;
                return self.seen_before(&mut read, &new).await?.ok_or(StoreError::Conflict);
            }
        }
        write.commit().await?;
        Ok(created)
    }

    /// The job that the delivery made, or met, before.
    async fn seen_before(&self, connection: &mut AnyConnection, new: &NewJob) -> Result<Option<Created>, StoreError> {
        let Some(delivery) = &new.delivery else { return Ok(None) };
        let row = sqlx::query("SELECT job_id FROM deliveries WHERE tenant_id = $1 AND delivery = $2")
            .bind(new.tenant.as_str())
            .bind(delivery)
            .fetch_optional(&mut *connection)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let job = Fields::new("deliveries", &row).id("job_id")?;
        let known = job_in(connection, &new.tenant, &job).await?;
        known.map(|job| Some(Created::Already(job))).ok_or(StoreError::NotFound("job"))
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
            if new.anew
                && let Some(job) = self.begin_anew(connection, new).await?
            {
                return Ok(Created::Anew(job));
            }
            if let Some(live) = hurry(connection, new).await? {
                return Ok(Created::Already(live));
            }
        }
        Err(StoreError::Conflict)
    }

    /// Takes the issue's draft job from its worker and queues it again, as if it had not been begun. One that has stored its
    /// draft may be writing to Jira, which ends with its lease: it is not begun before. None when none runs.
    ///
    /// (A bulk run's job is left then: it would find its own draft, and take it for that of a person.)
    async fn begin_anew(&self, connection: &mut AnyConnection, new: &NewJob) -> Result<Option<Job>, StoreError> {
        let row = sqlx::query(job_rows!(
            "UPDATE jobs SET state = 'queued', fence = fence + 1, attempts = attempts - 1, error = NULL, progress = $4,
                 run_after = CASE WHEN draft_id IS NULL THEN $3 ELSE lease_until END, lease_until = 0
             WHERE tenant_id = $1 AND issue_id = $2 AND kind = 'draft' AND state = 'running'
                 AND (draft_id IS NULL OR class <> 'bulk') RETURNING"
        ))
        .bind(new.tenant.as_str())
        .bind(new.issue_id.as_str())
        .bind(self.clock.now())
        .bind(json(&Progress::Queued { ahead: 0 }))
        .fetch_optional(connection)
        .await?;
        row.as_ref().map(job).transpose()
    }

    /// None when the issue has a live draft job already.
    pub(super) async fn insert_job(
        &self,
        connection: &mut AnyConnection,
        id: &JobId,
        new: &NewJob,
    ) -> Result<Option<Job>, StoreError> {
        self.hold_tenant(connection, &new.tenant).await?;
        let (kind, draft) = match &new.task {
            Task::Draft { .. } => ("draft", None),
            // Its draft will be another one.
            Task::Scenario { .. } => ("scenario", None),
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

//! How a run makes its jobs: a page at a time, under a lease like a job's. What a page brings, and where the next one
//! begins, are stored together or not at all; a page that is read twice makes nothing twice.

use std::time::Duration;

use sqlx::AnyConnection;

use super::super::codec::Fields;
use super::super::create::NewJob;
use super::super::{Store, StoreError};
use super::{forget_stories, run, run_rows, seal};
use crate::clock::Millis;
use crate::ids::{BulkRunId, IssueId, IssueKey, JobId, TenantId};
use crate::jobs::bulk::{BulkRun, BulkState};
use crate::jobs::{Class, Job, Task};

/// A run that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveRun {
    /// Ours.
    pub id: BulkRunId,
    /// Whose.
    pub tenant: TenantId,
    /// `Running` or `Paused`.
    pub state: BulkState,
    /// Every page was read.
    pub fed: bool,
}

/// A story that a run's JQL found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundStory {
    /// The issue's number.
    pub id: IssueId,
    /// The issue's key now.
    pub key: IssueKey,
    /// Jira holds criteria of ours.
    pub has_criteria: bool,
    /// At most so many scenarios, as the project's settings say.
    pub max_scenarios: u8,
}

/// A page of what a run's JQL finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPage {
    /// In Jira's order.
    pub stories: Vec<FoundStory>,
    /// Jira's name of the next page; none after the last.
    pub next: Option<String>,
}

/// What a page came to.
#[derive(Default)]
struct Tally {
    found: u32,
    passed_over: u32,
    made: Vec<Job>,
}

impl Store {
    /// The runs of all sites that are not over.
    pub async fn live_bulk_runs(&self) -> Result<Vec<LiveRun>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, tenant_id, state, fed FROM bulk_runs WHERE state IN ('running', 'paused') ORDER BY id",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::new("bulk_runs", row);
                let (id, tenant, state) = (fields.id("id")?, fields.id("tenant_id")?, fields.word("state")?);
                Ok(LiveRun { id, tenant, state, fed: fields.get::<i64>("fed")? != 0 })
            })
            .collect()
    }

    /// Takes a run whose next page may be read. None when there is nothing to do, or another feeder does it.
    pub async fn lease_bulk_run(
        &self,
        tenant: &TenantId,
        id: &BulkRunId,
        lease: Duration,
    ) -> Result<Option<BulkRun>, StoreError> {
        let now = self.clock.now();
        let lease = Millis::try_from(lease.as_millis()).unwrap_or(Millis::MAX);
        let mut write = self.write().await?;
        let row = sqlx::query(run_rows!(
            "UPDATE bulk_runs SET fence = fence + 1, lease_until = $4
             WHERE tenant_id = $1 AND id = $2 AND state = 'running' AND fed = 0 AND run_after <= $3
                 AND lease_until < $3 RETURNING"
        ))
        .bind(tenant.as_str())
        .bind(id.as_str())
        .bind(now)
        .bind(now.saturating_add(lease))
        .fetch_optional(write.connection())
        .await?;
        let run = row.map(|row| run(&row, &self.cipher)).transpose()?;
        write.commit().await?;
        Ok(run)
    }

    /// Makes the jobs of a page, notes where the next one begins, and ends the lease: all of it, or nothing and
    /// `LeaseLost`. Answers with the jobs that were made.
    pub async fn feed_bulk_run(&self, held: &BulkRun, page: FoundPage) -> Result<Vec<Job>, StoreError> {
        let mut write = self.write_for(&held.tenant).await?;
        let tally = self.take_page(write.connection(), held, &page.stories).await?;
        let made = u32::try_from(tally.made.len()).unwrap_or(u32::MAX);
        let fed = page.next.is_none() || held.made.saturating_add(made) >= held.most;
        let next = page.next.map(|next| seal(&self.cipher, &next, &held.id, "page")).transpose()?;
        let done = sqlx::query(
            "UPDATE bulk_runs SET found = found + $4, passed_over = passed_over + $5, made = made + $6, page = $7,
                 fed = $8, lease_until = 0, error = NULL
             WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = 'running'",
        )
        .bind(held.tenant.as_str())
        .bind(held.id.as_str())
        .bind(held.fence)
        .bind(i64::from(tally.found))
        .bind(i64::from(tally.passed_over))
        .bind(i64::from(made))
        .bind(next)
        .bind(i64::from(fed))
        .execute(write.connection())
        .await?;
        ours(done.rows_affected())?;
        write.commit().await?;
        Ok(tally.made)
    }

    /// Ends the lease of a run that goes on later, with the reason if there is one to tell. With `anew`, it begins at the
    /// first page again.
    pub async fn delay_bulk_run(
        &self,
        held: &BulkRun,
        until: Millis,
        reason: Option<&str>,
        anew: bool,
    ) -> Result<(), StoreError> {
        let sealed = reason.map(|reason| seal(&self.cipher, reason, &held.id, "error")).transpose()?;
        let mut write = self.write().await?;
        let done = sqlx::query(
            "UPDATE bulk_runs SET run_after = $4, error = $5, lease_until = 0,
                 page = CASE WHEN $6 = 1 THEN NULL ELSE page END
             WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = 'running'",
        )
        .bind(held.tenant.as_str())
        .bind(held.id.as_str())
        .bind(held.fence)
        .bind(until)
        .bind(sealed)
        .bind(i64::from(anew))
        .execute(write.connection())
        .await?;
        ours(done.rows_affected())?;
        write.commit().await
    }

    /// Gives a run up. The jobs that it made go on.
    pub async fn fail_bulk_run(&self, held: &BulkRun, reason: &str) -> Result<(), StoreError> {
        let sealed = seal(&self.cipher, reason, &held.id, "error")?;
        let mut write = self.write_for(&held.tenant).await?;
        let done = sqlx::query(
            "UPDATE bulk_runs SET state = 'failed', error = $4, finished_at = $5, lease_until = 0
             WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = 'running'",
        )
        .bind(held.tenant.as_str())
        .bind(held.id.as_str())
        .bind(held.fence)
        .bind(sealed)
        .bind(self.clock.now())
        .execute(write.connection())
        .await?;
        ours(done.rows_affected())?;
        forget_stories(write.connection(), &held.id).await?;
        write.commit().await
    }

    /// Ends a run whose pages are all read and whose jobs have all ended.
    pub async fn finish_bulk_run(&self, tenant: &TenantId, id: &BulkRunId) -> Result<bool, StoreError> {
        let mut write = self.write_for(tenant).await?;
        let done = sqlx::query(
            "UPDATE bulk_runs SET state = 'done', finished_at = $3
             WHERE tenant_id = $1 AND id = $2 AND state = 'running' AND fed = 1 AND NOT EXISTS (SELECT 1 FROM jobs
                 WHERE jobs.tenant_id = $1 AND jobs.bulk_id = $2 AND jobs.state IN ('queued', 'running'))",
        )
        .bind(tenant.as_str())
        .bind(id.as_str())
        .bind(self.clock.now())
        .execute(write.connection())
        .await?;
        let finished = done.rows_affected() == 1;
        if finished {
            forget_stories(write.connection(), id).await?;
        }
        write.commit().await?;
        Ok(finished)
    }

    async fn take_page(
        &self,
        connection: &mut AnyConnection,
        held: &BulkRun,
        stories: &[FoundStory],
    ) -> Result<Tally, StoreError> {
        let mut tally = Tally::default();
        for story in stories {
            if u64::from(held.made) + tally.made.len() as u64 >= u64::from(held.most) {
                break;
            }
            let seen =
                sqlx::query("INSERT INTO bulk_stories (run_id, issue_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                    .bind(held.id.as_str())
                    .bind(story.id.as_str())
                    .execute(&mut *connection)
                    .await?;
            if seen.rows_affected() == 0 {
                continue;
            }
            tally.found += 1;
            let made = match held.again || !has_criteria(connection, held, story).await? {
                true => self.make_job(connection, held, story).await?,
                false => None,
            };
            match made {
                Some(job) => tally.made.push(job),
                None => tally.passed_over += 1,
            }
        }
        Ok(tally)
    }

    /// None when somebody else's job writes for this story already.
    async fn make_job(
        &self,
        connection: &mut AnyConnection,
        held: &BulkRun,
        story: &FoundStory,
    ) -> Result<Option<Job>, StoreError> {
        let new = NewJob {
            tenant: held.tenant.clone(),
            issue_id: story.id.clone(),
            issue_key: story.key.clone(),
            task: Task::Draft { max_scenarios: story.max_scenarios, seed: 0, publish: held.publish },
            class: Class::Bulk,
            requested_by: Some(held.created_by.clone()),
            requested_by_name: held.created_by_name.clone(),
            delivery: None,
            anew: false,
        };
        let Some(job) = self.insert_job(&mut *connection, &JobId::make(), &new).await? else { return Ok(None) };
        sqlx::query("UPDATE jobs SET bulk_id = $3 WHERE tenant_id = $1 AND id = $2")
            .bind(job.tenant.as_str())
            .bind(job.id.as_str())
            .bind(held.id.as_str())
            .execute(connection)
            .await?;
        Ok(Some(job))
    }
}

/// Criteria of ours stand in Jira, or wait for a decision.
async fn has_criteria(connection: &mut AnyConnection, held: &BulkRun, story: &FoundStory) -> Result<bool, StoreError> {
    if story.has_criteria {
        return Ok(true);
    }
    let row = sqlx::query(
        "SELECT id FROM drafts WHERE tenant_id = $1 AND issue_id = $2 AND state IN ('open', 'accepted') LIMIT 1",
    )
    .bind(held.tenant.as_str())
    .bind(story.id.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

fn ours(rows: u64) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::LeaseLost) }
}

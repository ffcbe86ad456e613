//! What a person can order of a run: pause, go on, stop.
//!
//! A job of a paused run waits for a time that never comes; the lease is what refuses it, so that a ticket that is left in
//! some queue does no harm. A job that a person has asked for in the meantime is no longer of class bulk, and runs.

use sqlx::any::AnyRow;

use super::super::codec::{Fields, json, word};
use super::super::decisions::reopen_in;
use super::super::jobs::{job, job_rows};
use super::super::{Store, StoreError};
use super::{forget_stories, run, run_rows, seal};
use crate::clock::Millis;
use crate::ids::{BulkRunId, TenantId};
use crate::jobs::bulk::{BulkRun, BulkState};
use crate::jobs::{Job, JobState, Progress};

/// 9999-12-31: when a held job may run. Every browser can show it, should it come to that.
pub(in super::super) const HELD: Millis = 253_402_214_400_000;
const PAUSED: &str = "paused with its bulk run";

impl Store {
    /// Pauses a run that goes on: no page is read and no job begun; jobs in work are finished. Answers with the jobs that
    /// are held, for the queue to drop. None when it does not run.
    pub async fn pause_bulk_run(
        &self,
        tenant: &TenantId,
        id: &BulkRunId,
    ) -> Result<Option<(BulkRun, Vec<Job>)>, StoreError> {
        let mut write = self.write_for(tenant).await?;
        let paused = sqlx::query(run_rows!(
            "UPDATE bulk_runs SET state = 'paused', fence = fence + 1, lease_until = 0
             WHERE tenant_id = $1 AND id = $2 AND state = 'running' RETURNING"
        ))
        .bind(tenant.as_str())
        .bind(id.as_str())
        .fetch_optional(write.connection())
        .await?;
        let Some(paused) = paused else { return Ok(None) };
        let held = sqlx::query(job_rows!(
            "UPDATE jobs SET run_after = $3, error = $4 WHERE tenant_id = $1 AND bulk_id = $2 AND state = 'queued'
                 AND class = 'bulk' RETURNING"
        ))
        .bind(tenant.as_str())
        .bind(id.as_str())
        .bind(HELD)
        .bind(PAUSED)
        .fetch_all(write.connection())
        .await?;
        let answer = (run(&paused, &self.cipher)?, jobs(&held)?);
        write.commit().await?;
        Ok(Some(answer))
    }

    /// Lets a paused run go on. Answers with the jobs that may run again. None when it is not paused.
    pub async fn resume_bulk_run(
        &self,
        tenant: &TenantId,
        id: &BulkRunId,
    ) -> Result<Option<(BulkRun, Vec<Job>)>, StoreError> {
        let now = self.clock.now();
        let mut write = self.write_for(tenant).await?;
        let resumed = sqlx::query(run_rows!(
            "UPDATE bulk_runs SET state = 'running', run_after = $3, error = NULL
             WHERE tenant_id = $1 AND id = $2 AND state = 'paused' RETURNING"
        ))
        .bind(tenant.as_str())
        .bind(id.as_str())
        .bind(now)
        .fetch_optional(write.connection())
        .await?;
        let Some(resumed) = resumed else { return Ok(None) };
        let freed = sqlx::query(job_rows!(
            "UPDATE jobs SET run_after = $3, error = NULL
             WHERE tenant_id = $1 AND bulk_id = $2 AND state = 'queued' AND run_after = $4 RETURNING"
        ))
        .bind(tenant.as_str())
        .bind(id.as_str())
        .bind(now)
        .bind(HELD)
        .fetch_all(write.connection())
        .await?;
        let answer = (run(&resumed, &self.cipher)?, jobs(&freed)?);
        write.commit().await?;
        Ok(Some(answer))
    }

    /// Stops a run, and its jobs that wait or run; drafts that these were to publish are open again. Jobs that a person has
    /// asked for in the meantime go on. Answers with the jobs that were stopped. None when the run is over already.
    pub async fn cancel_bulk_run(
        &self,
        tenant: &TenantId,
        id: &BulkRunId,
        reason: Option<&str>,
    ) -> Result<Option<(BulkRun, Vec<Job>)>, StoreError> {
        let now = self.clock.now();
        let mut write = self.write_for(tenant).await?;
        let sealed = reason.map(|reason| seal(&self.cipher, reason, id, "error")).transpose()?;
        let cancelled = sqlx::query(run_rows!(
            "UPDATE bulk_runs SET state = $3, finished_at = $4, error = $5, fence = fence + 1, lease_until = 0
             WHERE tenant_id = $1 AND id = $2 AND state IN ('running', 'paused') RETURNING"
        ))
        .bind(tenant.as_str())
        .bind(id.as_str())
        .bind(word(&BulkState::Cancelled))
        .bind(now)
        .bind(sealed)
        .fetch_optional(write.connection())
        .await?;
        let Some(cancelled) = cancelled else { return Ok(None) };
        let ended = Progress::Ended { state: JobState::Cancelled, draft: None, error: None };
        let stopped = sqlx::query(job_rows!(
            "UPDATE jobs SET state = 'cancelled', fence = fence + 1, lease_until = 0, finished_at = $3, progress = $4,
                 error = NULL
             WHERE tenant_id = $1 AND bulk_id = $2 AND state IN ('queued', 'running') AND class = 'bulk' RETURNING"
        ))
        .bind(tenant.as_str())
        .bind(id.as_str())
        .bind(now)
        .bind(json(&ended))
        .fetch_all(write.connection())
        .await?;
        let stopped = jobs(&stopped)?;
        for draft in stopped.iter().filter_map(|job| job.draft.as_ref()) {
            reopen_in(write.connection(), tenant, draft, now).await?;
        }
        forget_stories(write.connection(), id).await?;
        let answer = (run(&cancelled, &self.cipher)?, stopped);
        write.commit().await?;
        Ok(Some(answer))
    }

    /// Holds what waits of paused runs of all sites: a job that was in work when its run was paused may have failed since.
    pub async fn hold_paused_jobs(&self) -> Result<u64, StoreError> {
        let paused =
            sqlx::query("SELECT id, tenant_id FROM bulk_runs WHERE state = 'paused'").fetch_all(&self.pool).await?;
        let mut held = 0;
        for row in &paused {
            let fields = Fields::new("bulk_runs", row);
            let (id, tenant): (BulkRunId, TenantId) = (fields.id("id")?, fields.id("tenant_id")?);
            let mut write = self.write_for(&tenant).await?;
            let done = sqlx::query(
                "UPDATE jobs SET run_after = $3, error = $4 WHERE tenant_id = $1 AND bulk_id = $2 AND state = 'queued'
                     AND class = 'bulk' AND run_after < $3
                     AND EXISTS (SELECT 1 FROM bulk_runs WHERE bulk_runs.id = $2 AND bulk_runs.state = 'paused')",
            )
            .bind(tenant.as_str())
            .bind(id.as_str())
            .bind(HELD)
            .bind(PAUSED)
            .execute(write.connection())
            .await?;
            write.commit().await?;
            held += done.rows_affected();
        }
        Ok(held)
    }
}

fn jobs(rows: &[AnyRow]) -> Result<Vec<Job>, StoreError> {
    rows.iter().map(job).collect()
}

//! The `jobs` table as workers use it. A lease is numbered by the job's fence: every write of a worker names the number that
//! it was given, and is refused once the job has been leased again, cancelled or settled.

use std::time::Duration;

use sqlx::AnyConnection;

use super::codec::{Fields, json, told};
use super::crashes::may_go_on;
use super::jobs::{job, job_columns, job_rows};
use super::{Store, StoreError};
use crate::clock::Millis;
use crate::ids::JobId;
use crate::jobs::{Job, Progress, Provenance};

impl Store {
    /// Running jobs of all tenants whose worker has not been heard of, and that can be leased again. Those that are to be
    /// given up instead: [`Store::quarantine`].
    pub async fn expired_leases(&self) -> Result<Vec<Job>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        self.ask_the_time(&mut connection).await?;
        let now = self.clock.now();
        let bounds = self.bounds(now);
        let rows = sqlx::query(job_rows!(
            "SELECT",
            "FROM jobs WHERE state = 'running' AND lease_until < $1 AND ",
            may_go_on!("$2", "$3", "$4", "$5"),
            " ORDER BY id LIMIT 1000"
        ))
        .bind(now)
        .bind(bounds.too_many)
        .bind(bounds.too_many_in_any_case)
        .bind(bounds.since)
        .bind(bounds.beat)
        .fetch_all(&mut *connection)
        .await?;
        rows.iter().map(job).collect()
    }

    /// Puts every running job of a SQLite file back into the queue. Only for the start of the single process that owns the
    /// file ([`crate::settings::DataDir::lock`]): whoever ran them is dead. The attempt counts, so that a job that kills
    /// its process is given up in the end; it does not count as a crash, because an operator who ends the process twice
    /// looks the same, and so do the jobs that were in work beside the one at fault.
    ///
    /// On Postgres nothing is done: others may be at work, and leases run out by themselves.
    pub async fn release_orphans(&self) -> Result<u64, StoreError> {
        if self.on_postgres() {
            return Ok(0);
        }
        let mut write = self.write().await?;
        let done = sqlx::query(
            "UPDATE jobs SET state = 'queued', fence = fence + 1, lease_until = 0, run_after = $1, progress = $2
             WHERE state = 'running'",
        )
        .bind(self.clock.now())
        .bind(json(&Progress::Queued { ahead: 0 }))
        .execute(write.connection())
        .await?;
        write.commit().await?;
        Ok(done.rows_affected())
    }

    /// Takes a job that waits, or whose worker has not been heard of (which is noted as a crash). None when there is nothing
    /// to take; also when the job is to be given up for its crashes.
    pub async fn lease(&self, id: &JobId, lease: Duration) -> Result<Option<Job>, StoreError> {
        let mut write = self.write().await?;
        let now = self.clock.now();
        let bounds = self.bounds(now);
        let row = sqlx::query(concat!(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, fence = fence + 1, lease_until = $3,
                 started_at = $2, progress = $4, crashes = crashes + CASE WHEN state = 'running' THEN 1 ELSE 0 END,
                 crashed_at = CASE WHEN state = 'running' THEN lease_until ELSE crashed_at END
             WHERE id = $1 AND ((state = 'queued' AND run_after <= $2)
                 OR (state = 'running' AND lease_until < $2 AND ",
            may_go_on!("$5", "$6", "$7", "$8"),
            ")) RETURNING",
            job_columns!()
        ))
        .bind(id.as_str())
        .bind(now)
        .bind(until(now, lease))
        .bind(json(&Progress::Reading))
        .bind(bounds.too_many)
        .bind(bounds.too_many_in_any_case)
        .bind(bounds.since)
        .bind(bounds.beat)
        .fetch_optional(write.connection())
        .await?;
        write.commit().await?;
        row.as_ref().map(job).transpose()
    }

    /// Keeps a lease. `LeaseLost` also tells a worker that a person cancelled its job.
    pub async fn renew(&self, held: &Job, lease: Duration) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let done = sqlx::query(
            "UPDATE jobs SET lease_until = $4 WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = 'running'",
        )
        .bind(held.tenant.as_str())
        .bind(held.id.as_str())
        .bind(held.fence)
        .bind(until(self.clock.now(), lease))
        .execute(write.connection())
        .await?;
        held_by_us(done.rows_affected())?;
        write.commit().await
    }

    /// Whether a job is still this worker's, and for how long: the last thing to ask before Jira is written. The write must
    /// end, or be broken off, within that time; afterwards it may be another worker's to do.
    pub async fn still_held(&self, held: &Job) -> Result<Duration, StoreError> {
        let mut connection = self.pool.acquire().await?;
        self.ask_the_time(&mut connection).await?;
        let row = sqlx::query(
            "SELECT id, lease_until FROM jobs WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = 'running'",
        )
        .bind(held.tenant.as_str())
        .bind(held.id.as_str())
        .bind(held.fence)
        .fetch_optional(&mut *connection)
        .await?
        .ok_or(StoreError::LeaseLost)?;
        let until: Millis = Fields::new("jobs", &row).get("lease_until")?;
        let left = u64::try_from(until.saturating_sub(self.clock.now())).unwrap_or_default();
        if left == 0 { Err(StoreError::LeaseLost) } else { Ok(Duration::from_millis(left)) }
    }

    /// Tells what the worker is at.
    pub async fn set_progress(&self, held: &Job, progress: &Progress) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let done = sqlx::query(
            "UPDATE jobs SET progress = $4 WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = 'running'",
        )
        .bind(held.tenant.as_str())
        .bind(held.id.as_str())
        .bind(held.fence)
        .bind(json(progress))
        .execute(write.connection())
        .await?;
        held_by_us(done.rows_affected())?;
        write.commit().await
    }

    /// Notes the name of the person who asked.
    pub async fn set_requester_name(&self, held: &Job, name: &str) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let done = sqlx::query(
            "UPDATE jobs SET requested_by_name = $4
             WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = 'running'",
        )
        .bind(held.tenant.as_str())
        .bind(held.id.as_str())
        .bind(held.fence)
        .bind(told(name))
        .execute(write.connection())
        .await?;
        held_by_us(done.rows_affected())?;
        write.commit().await
    }

    /// Notes what wrote, or is writing, the draft.
    pub async fn set_provenance(&self, held: &Job, provenance: &Provenance) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let done = sqlx::query(
            "UPDATE jobs SET provenance = $4 WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = 'running'",
        )
        .bind(held.tenant.as_str())
        .bind(held.id.as_str())
        .bind(held.fence)
        .bind(json(provenance))
        .execute(write.connection())
        .await?;
        held_by_us(done.rows_affected())?;
        write.commit().await
    }
}

/// Refuses the rest of a transaction unless the job is this worker's; holds the row against others until its end.
pub(super) async fn prove_lease(connection: &mut AnyConnection, held: &Job) -> Result<(), StoreError> {
    let done = sqlx::query(
        "UPDATE jobs SET fence = fence WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = 'running'",
    )
    .bind(held.tenant.as_str())
    .bind(held.id.as_str())
    .bind(held.fence)
    .execute(connection)
    .await?;
    held_by_us(done.rows_affected())
}

fn held_by_us(rows: u64) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::LeaseLost) }
}

fn until(now: Millis, lease: Duration) -> Millis {
    now.saturating_add(Millis::try_from(lease.as_millis()).unwrap_or(Millis::MAX))
}

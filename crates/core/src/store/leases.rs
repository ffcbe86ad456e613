//! The `jobs` table as workers use it. A lease is numbered by the job's fence: every write of a worker names the number that
//! it was given, and is refused once the job has been leased again, cancelled or settled.

use std::time::Duration;

use sqlx::AnyConnection;

use super::codec::json;
use super::jobs::job;
use super::{Store, StoreError};
use crate::clock::Millis;
use crate::ids::JobId;
use crate::jobs::{Job, Progress, Provenance};

impl Store {
    /// Queued jobs of all tenants, oldest first: what the queue must hold.
    pub async fn waiting_jobs(&self) -> Result<Vec<Job>, StoreError> {
        let rows = sqlx::query("SELECT * FROM jobs WHERE state = 'queued' ORDER BY id").fetch_all(&self.pool).await?;
        rows.iter().map(job).collect()
    }

    /// Running jobs of all tenants whose worker has not been heard of.
    pub async fn expired_leases(&self) -> Result<Vec<Job>, StoreError> {
        let rows = sqlx::query("SELECT * FROM jobs WHERE state = 'running' AND lease_until < $1 ORDER BY id")
            .bind(self.clock.now())
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(job).collect()
    }

    /// Puts every running job back into the queue. Only for the start of the single process that owns the database
    /// ([`crate::settings::DataDir::lock`]): whoever ran them is dead. The attempt counts, so that a job that kills
    /// its process is given up in the end.
    pub async fn release_orphans(&self) -> Result<u64, StoreError> {
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

    /// Takes a job that waits, or whose worker has not been heard of. None when there is nothing to take.
    pub async fn lease(&self, id: &JobId, lease: Duration) -> Result<Option<Job>, StoreError> {
        let mut write = self.write().await?;
        let now = self.clock.now();
        let row = sqlx::query(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, fence = fence + 1, lease_until = $3,
                 started_at = $2, progress = $4
             WHERE id = $1 AND ((state = 'queued' AND run_after <= $2) OR (state = 'running' AND lease_until < $2))
             RETURNING *",
        )
        .bind(id.as_str())
        .bind(now)
        .bind(until(now, lease))
        .bind(json(&Progress::Reading))
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
        .bind(name)
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

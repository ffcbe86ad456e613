//! What the queue must hold: the jobs that wait, of all tenants. There may be a million of them.

use super::codec::Fields;
use super::{Store, StoreError};
use crate::clock::Millis;
use crate::ids::{JobId, TenantId};
use crate::jobs::Class;

/// What the queue needs to know of a job that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingJob {
    /// Which job.
    pub id: JobId,
    /// Whose.
    pub tenant: TenantId,
    /// Who waits.
    pub class: Class,
    /// Not before this time.
    pub run_after: Millis,
    /// What it asks of a worker, next to others: see [`crate::jobs::Task::cost`].
    pub cost: u32,
}

impl Store {
    /// Queued jobs of all tenants, oldest first, a page of `limit`: those made after the last one of the page before.
    pub async fn waiting_jobs_after(&self, last: Option<&JobId>, limit: u32) -> Result<Vec<WaitingJob>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, tenant_id, class, run_after, cost FROM jobs WHERE state = 'queued' AND id > $1
             ORDER BY id LIMIT $2",
        )
        .bind(last.map_or("", JobId::as_str))
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::new("jobs", row);
                Ok(WaitingJob {
                    id: fields.id("id")?,
                    tenant: fields.id("tenant_id")?,
                    class: fields.word("class")?,
                    run_after: fields.get("run_after")?,
                    cost: fields.number("cost")?,
                })
            })
            .collect()
    }
}

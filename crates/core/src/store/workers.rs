//! The `workers` table: which processes work on jobs, what they write with, and how busy they are. Nothing depends on it:
//! leases alone say who holds a job.

use std::time::Duration;

use super::codec::Fields;
use super::{Store, StoreError};
use crate::clock::Millis;

/// A worker that has not been heard of for so long is forgotten.
const FORGOTTEN_AFTER_MS: Millis = 10 * 60_000;

/// A process that works on jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerRow {
    /// Made at its start.
    pub id: String,
    /// The machine's name.
    pub host: String,
    /// Version of Brine.
    pub version: String,
    /// What writes: a model of the catalogue, or a server's.
    pub model: String,
    /// Jobs that it takes at once.
    pub slots: u32,
    /// Jobs in work.
    pub running: u32,
    /// Jobs settled since its start.
    pub settled: u64,
    /// Tokens a second of its last drafts; zero before the first.
    pub tokens_per_second: u32,
    /// It takes no more jobs.
    pub draining: bool,
    /// When it started.
    pub started_at: Millis,
    /// When it was last heard of.
    pub seen_at: Millis,
}

impl Store {
    /// Notes that a worker lives, and forgets those that have long been silent. `started_at` and `seen_at` are the store's.
    pub async fn worker_lives(&self, worker: &WorkerRow) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut write = self.write().await?;
        sqlx::query(
            "INSERT INTO workers (id, host, version, model, slots, running, settled, tokens_per_second, draining,
                 started_at, seen_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
             ON CONFLICT (id) DO UPDATE SET running = excluded.running, settled = excluded.settled,
                 tokens_per_second = excluded.tokens_per_second, draining = excluded.draining,
                 seen_at = excluded.seen_at",
        )
        .bind(worker.id.as_str())
        .bind(worker.host.as_str())
        .bind(worker.version.as_str())
        .bind(worker.model.as_str())
        .bind(i64::from(worker.slots))
        .bind(i64::from(worker.running))
        .bind(i64::try_from(worker.settled).unwrap_or(i64::MAX))
        .bind(i64::from(worker.tokens_per_second))
        .bind(i64::from(worker.draining))
        .bind(now)
        .execute(write.connection())
        .await?;
        write.commit().await?;
        // Apart from the first: two that hold their own rows must not wait for each other's.
        let mut write = self.write_sites().await?;
        sqlx::query("DELETE FROM workers WHERE seen_at < $1")
            .bind(now.saturating_sub(FORGOTTEN_AFTER_MS))
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// Notes that a worker is gone.
    pub async fn worker_left(&self, id: &str) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        sqlx::query("DELETE FROM workers WHERE id = $1").bind(id).execute(write.connection()).await?;
        write.commit().await
    }

    /// The workers that were heard of in this time, oldest first.
    pub async fn workers(&self, within: Duration) -> Result<Vec<WorkerRow>, StoreError> {
        let since = self.clock.now().saturating_sub(Millis::try_from(within.as_millis()).unwrap_or(Millis::MAX));
        let rows = sqlx::query(
            "SELECT id, host, version, model, slots, running, settled, tokens_per_second, draining, started_at, seen_at
             FROM workers WHERE seen_at >= $1 ORDER BY started_at, id",
        )
        .bind(since)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::new("workers", row);
                Ok(WorkerRow {
                    id: fields.get("id")?,
                    host: fields.get("host")?,
                    version: fields.get("version")?,
                    model: fields.get("model")?,
                    slots: fields.number("slots")?,
                    running: fields.number("running")?,
                    settled: fields.number("settled")?,
                    tokens_per_second: fields.number("tokens_per_second")?,
                    draining: fields.get::<i64>("draining")? != 0,
                    started_at: fields.get("started_at")?,
                    seen_at: fields.get("seen_at")?,
                })
            })
            .collect()
    }
}

//! Jobs that end their workers. A worker that stops in good order settles its job or gives it back; one that is killed, runs
//! out of memory or loses its machine says nothing, and its lease runs out. The first time the job is leased again. After
//! so many times it is given up with the reason, because it may be the job that ends them, and the next worker with it.
//!
//! Crashes are counted apart from attempts: a job that Jira refused four times has ended nobody.

use super::codec::json;
use super::drafts::reopen_in;
use super::jobs::{job, job_rows};
use super::{Store, StoreError};
use crate::jobs::{Job, JobState, Progress};

pub(super) const DEFAULT_MAX_CRASHES: u32 = 2;
/// A round of the reaper gives up so many at most.
const AT_ONCE: i64 = 100;

impl Store {
    /// Gives up the jobs in the middle of which too many workers ended, and answers with them as they are now. They can be
    /// tried again by hand, with all their attempts before them.
    pub async fn quarantine(&self) -> Result<Vec<Job>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        self.ask_the_time(&mut connection).await?;
        let rows = sqlx::query(job_rows!(
            "SELECT",
            "FROM jobs WHERE state = 'running' AND lease_until < $1 AND crashes + 1 >= $2 ORDER BY id LIMIT $3"
        ))
        .bind(self.clock.now())
        .bind(i64::from(self.max_crashes))
        .bind(AT_ONCE)
        .fetch_all(&mut *connection)
        .await?;
        drop(connection);
        let mut given_up = Vec::new();
        for row in &rows {
            given_up.extend(self.give_up(&job(row)?).await?);
        }
        Ok(given_up)
    }

    /// None when its worker was heard of after all, or another process has given it up.
    async fn give_up(&self, silent: &Job) -> Result<Option<Job>, StoreError> {
        let mut write = self.write_for(&silent.tenant).await?;
        let now = self.clock.now();
        let reason = reason(self.max_crashes);
        let ended =
            Progress::Ended { state: JobState::Failed, draft: silent.draft.clone(), error: Some(reason.clone()) };
        let row = sqlx::query(job_rows!(
            "UPDATE jobs SET state = 'failed', crashes = crashes + 1, fence = fence + 1, lease_until = 0, error = $5,
                 progress = $6, finished_at = $4
             WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = 'running' AND lease_until < $4 RETURNING"
        ))
        .bind(silent.tenant.as_str())
        .bind(silent.id.as_str())
        .bind(silent.fence)
        .bind(now)
        .bind(&reason)
        .bind(json(&ended))
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let failed = job(&row)?;
        if let Some(draft) = &failed.draft {
            reopen_in(write.connection(), &failed.tenant, draft, now).await?;
        }
        write.commit().await?;
        Ok(Some(failed))
    }
}

fn reason(crashes: u32) -> String {
    let workers = match crashes {
        1 => "a worker".to_owned(),
        2 => "two workers".to_owned(),
        3 => "three workers".to_owned(),
        more => format!("{more} workers"),
    };
    format!(
        "stopped after ending {workers} in the middle of it; see their logs and their memory, and try the job again once \
         the cause is known"
    )
}

//! Jobs that end their workers. A worker that stops in good order settles its job or gives it back; one that is killed, runs
//! out of memory or loses its machine says nothing, and its lease runs out. The first time the job is leased again. After
//! so many times it is given up with the reason, because it may be the job that ends them, and the next worker with it.
//!
//! Crashes are counted apart from attempts: a job that Jira refused four times has ended nobody. And where workers have ended
//! without the job, too, since the crash before, it is most likely not the job that ends them: machines are being replaced, or
//! memory is short. Then it is tried on, for a few crashes more.

use super::codec::json;
use super::decisions::reopen_in;
use super::jobs::{job, job_rows};
use super::{Store, StoreError};
use crate::clock::Millis;
use crate::jobs::{Job, JobState, Progress};

pub(super) const DEFAULT_MAX_CRASHES: u32 = 2;
/// A worker's leases end within so long of each other: it renews each of them so often.
pub(super) const DEFAULT_BEAT_MS: Millis = 7_000;
/// Crashes that are longer ago say nothing of now.
const RECENT_MS: Millis = 30 * 60_000;
/// A job that others' crashes speak for may crash so many times as often.
const SPARED: u32 = 4;

/// SQL for whether a silent job of the table `jobs` may be leased again; the arguments are the places of [`Bounds`], in order.
macro_rules! may_go_on {
    ($too_many:literal, $too_many_in_any_case:literal, $since:literal, $beat:literal) => {
        concat!(
            "(crashes + 1 < ",
            $too_many,
            " OR (crashes + 1 < ",
            $too_many_in_any_case,
            " AND EXISTS (SELECT 1 FROM jobs AS other WHERE other.id <> jobs.id AND other.crashed_at > ",
            $since,
            " AND other.crashed_at > jobs.crashed_at + ",
            $beat,
            " AND (other.crashed_at > jobs.lease_until + ",
            $beat,
            " OR other.crashed_at < jobs.lease_until - ",
            $beat,
            "))))"
        )
    };
}
pub(super) use may_go_on;

/// The numbers for [`may_go_on`].
pub(super) struct Bounds {
    pub(super) too_many: i64,
    pub(super) too_many_in_any_case: i64,
    pub(super) since: Millis,
    pub(super) beat: Millis,
}
/// A round of the reaper gives up so many at most.
const AT_ONCE: i64 = 100;

impl Store {
    pub(super) fn bounds(&self, now: Millis) -> Bounds {
        Bounds {
            too_many: i64::from(self.max_crashes),
            too_many_in_any_case: i64::from(self.max_crashes.saturating_mul(SPARED)),
            since: now.saturating_sub(RECENT_MS),
            beat: self.beat_ms,
        }
    }

    /// Gives up the jobs in the middle of which too many workers ended, and answers with them as they are now. They can be
    /// tried again by hand, with all their attempts before them.
    pub async fn quarantine(&self) -> Result<Vec<Job>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        self.ask_the_time(&mut connection).await?;
        let now = self.clock.now();
        let bounds = self.bounds(now);
        let rows = sqlx::query(job_rows!(
            "SELECT",
            "FROM jobs WHERE state = 'running' AND lease_until < $1 AND NOT ",
            may_go_on!("$2", "$3", "$4", "$5"),
            " ORDER BY id LIMIT $6"
        ))
        .bind(now)
        .bind(bounds.too_many)
        .bind(bounds.too_many_in_any_case)
        .bind(bounds.since)
        .bind(bounds.beat)
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

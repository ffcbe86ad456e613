//! How a worker ends its hold of a job.

use super::codec::{json, told, word};
use super::decisions::reopen_in;
use super::jobs::{job, job_rows};
use super::{Store, StoreError};
use crate::clock::Millis;
use crate::ids::DraftId;
use crate::jobs::{Job, JobState, Progress};

/// What became of a leased job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The draft waits for a person.
    Drafted {
        /// The draft.
        draft: DraftId,
    },
    /// The criteria stand in Jira.
    Written {
        /// What was written.
        draft: DraftId,
    },
    /// What had been written is gone from Jira again; its draft is open again.
    Withdrawn {
        /// What had been written.
        draft: DraftId,
    },
    /// There was nothing to do.
    Skipped {
        /// One sentence for an admin.
        reason: String,
    },
    /// Given up. The draft of the job, if it was accepted, is open again.
    Failed {
        /// One sentence for an admin.
        reason: String,
    },
    /// Another attempt, later.
    RetryAt {
        /// Not before.
        at: Millis,
        /// What went wrong in this one.
        reason: String,
    },
    /// Nothing could be done yet: queued again for later, as if it had never been begun.
    WaitUntil {
        /// Not before.
        at: Millis,
        /// What it waits for.
        reason: String,
    },
    /// The worker stops: queued again at once, as if it had never been begun.
    GiveBack,
}

/// The columns that a settlement sets.
struct Outcome {
    state: JobState,
    draft: Option<DraftId>,
    error: Option<String>,
    run_after: Millis,
    attempts_back: i64,
}

impl Settlement {
    fn outcome(self, now: Millis) -> Outcome {
        let done = |state, draft, error| Outcome { state, draft, error, run_after: now, attempts_back: 0 };
        match self {
            Settlement::Drafted { draft } => done(JobState::Drafted, Some(draft), None),
            Settlement::Written { draft } => done(JobState::Written, Some(draft), None),
            Settlement::Withdrawn { draft } => done(JobState::Withdrawn, Some(draft), None),
            Settlement::Skipped { reason } => done(JobState::Skipped, None, Some(reason)),
            Settlement::Failed { reason } => done(JobState::Failed, None, Some(reason)),
            Settlement::RetryAt { at, reason } => {
                Outcome { run_after: at, ..done(JobState::Queued, None, Some(reason)) }
            }
            Settlement::WaitUntil { at, reason } => {
                Outcome { run_after: at, attempts_back: 1, ..done(JobState::Queued, None, Some(reason)) }
            }
            Settlement::GiveBack => Outcome { attempts_back: 1, ..done(JobState::Queued, None, None) },
        }
    }
}

impl Store {
    /// Ends the hold of a job, and answers with the job as it is now.
    pub async fn settle(&self, held: &Job, settlement: Settlement) -> Result<Job, StoreError> {
        let now = self.clock.now();
        let outcome = settlement.outcome(now);
        let draft = outcome.draft.or_else(|| held.draft.clone());
        let progress = if outcome.state.is_final() {
            Progress::Ended { state: outcome.state, draft: draft.clone(), error: outcome.error.clone() }
        } else {
            Progress::Queued { ahead: 0 }
        };
        // A failure may open the draft again, which asks what newer drafts there are.
        let mut write = match outcome.state {
            JobState::Failed => self.write_for(&held.tenant).await?,
            _ => self.write().await?,
        };
        let row = sqlx::query(job_rows!(
            "UPDATE jobs SET state = $4, draft_id = COALESCE($5, draft_id), error = $6, run_after = $7,
                 attempts = attempts - $8, progress = $9, lease_until = 0, finished_at = $10
             WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = 'running' RETURNING"
        ))
        .bind(held.tenant.as_str())
        .bind(held.id.as_str())
        .bind(held.fence)
        .bind(word(&outcome.state))
        .bind(draft.map(|id| id.to_string()))
        .bind(outcome.error.as_deref().map(told))
        .bind(outcome.run_after)
        .bind(outcome.attempts_back)
        .bind(json(&progress))
        .bind(outcome.state.is_final().then_some(now))
        .fetch_optional(write.connection())
        .await?
        .ok_or(StoreError::LeaseLost)?;
        let settled = job(&row)?;
        if let (JobState::Failed | JobState::Withdrawn, Some(draft)) = (settled.state, &settled.draft) {
            reopen_in(write.connection(), &settled.tenant, draft, now).await?;
        }
        write.commit().await?;
        Ok(settled)
    }
}

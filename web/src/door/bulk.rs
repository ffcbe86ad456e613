//! A tenant's own desk, for bulk runs and the quota of stories.

use std::time::Duration;

use brine_core::ids::{AccountId, BulkRunId, IssueKey};
use brine_core::jira::JiraError;
use brine_core::jobs::bulk::{BulkCounts, BulkRun, Pace};
use brine_core::jobs::{Class, Job, StoryQuota, next_day};
use brine_core::queue::Ticket;
use brine_core::store::{FailedFilter, NewBulkRun, StoreError};

use super::Desk;
use crate::refusal::Refusal;

/// A story of the default model on two cores, while other work goes on: see docs/MEASURED.md. Seconds.
const USUAL_SECONDS: f64 = 20.0;

/// A worker that has not been heard of for so long does not count.
const HEARD_OF: Duration = Duration::from_secs(60);

/// Failed jobs that one call queues at most.
const RETRIED_AT_ONCE: u32 = 1000;

const NO_RUN: Refusal = Refusal::NotFound("There is no such bulk run.");

/// How fast this site's stories are written.
pub(crate) struct SitePace {
    pub(crate) pace: Pace,
    /// By this site's own stories; else by those that Brine was measured with.
    pub(crate) measured: bool,
}

/// What a site may have and has had written today.
pub(crate) struct Usage {
    pub(crate) today: u32,
    pub(crate) quota: StoryQuota,
    /// When the next day begins.
    pub(crate) until: i64,
}

impl Desk {
    /// How many issues a JQL finds, as the person where Forge gives us their token, else as the app.
    pub(crate) async fn count_matches(&self, jql: &str) -> Result<u32, Refusal> {
        self.jira().count_matches(jql).await.map_err(|error| match error {
            JiraError::Rejected { messages, .. } => {
                Refusal::Malformed(format!("Jira does not take this JQL: {messages}"))
            }
            other => other.into(),
        })
    }

    /// The person's name as Jira shows it; none when it can't be had.
    pub(crate) async fn name_of(&self, user: &AccountId) -> Option<String> {
        self.jira().user_name(user).await.ok().flatten()
    }

    pub(crate) async fn pace(&self) -> Result<SitePace, Refusal> {
        let seconds = self.services.store.seconds_per_story(&self.tenant.id).await?;
        let listed = self.services.store.workers(HEARD_OF).await?;
        let slots: u32 = listed.iter().filter(|worker| !worker.draining).map(|worker| worker.slots).sum();
        let workers = match usize::try_from(slots) {
            Ok(slots) if slots > 0 => slots,
            // None has entered itself yet: what this process would take.
            _ => self.services.settings.jobs.workers,
        };
        let pace = Pace { seconds_per_story: seconds.unwrap_or(USUAL_SECONDS), workers };
        Ok(SitePace { pace, measured: seconds.is_some() })
    }

    pub(crate) async fn usage(&self) -> Result<Usage, Refusal> {
        let operator = self.services.settings.limits.stories_per_day;
        Ok(Usage {
            quota: self.services.store.story_quota(&self.tenant.id, operator).await?,
            today: self.services.store.stories_today(&self.tenant.id).await?,
            until: next_day(self.services.clock.now()),
        })
    }

    /// Refuses a person's story when those of today are used up.
    pub(crate) async fn require_story(&self) -> Result<(), Refusal> {
        let (usage, now) = (self.usage().await?, self.services.clock.now());
        usage.quota.check(Class::Interactive, usage.today, now).map_err(|used_up| {
            let wait = u64::try_from((used_up.until - now) / 1000 + 1).unwrap_or(1);
            Refusal::QuotaUsedUp { per_day: used_up.per_day, wait }
        })
    }

    pub(crate) async fn start_bulk_run(&self, new: NewBulkRun) -> Result<BulkRun, Refusal> {
        self.services.store.start_bulk_run(new).await.map_err(|error| match error {
            StoreError::Conflict => {
                Refusal::Conflict("A bulk run is under way already. Wait for its end, or stop it.".to_owned())
            }
            other => other.into(),
        })
    }

    pub(crate) async fn last_bulk_run(&self) -> Result<Option<BulkRun>, Refusal> {
        Ok(self.services.store.last_bulk_run(&self.tenant.id).await?)
    }

    pub(crate) async fn bulk_counts(&self, id: &BulkRunId) -> Result<BulkCounts, Refusal> {
        Ok(self.services.store.bulk_counts(&self.tenant.id, id).await?)
    }

    pub(crate) async fn pause_bulk_run(&self, id: &BulkRunId) -> Result<BulkRun, Refusal> {
        let paused = self.services.store.pause_bulk_run(&self.tenant.id, id).await?;
        let (run, held) = self.ordered(id, paused, "Only a run that goes on can be paused.").await?;
        for job in &held {
            self.services.queue.remove(&Ticket::from(job)).await;
            self.tell(job);
        }
        Ok(run)
    }

    pub(crate) async fn resume_bulk_run(&self, id: &BulkRunId) -> Result<BulkRun, Refusal> {
        let resumed = self.services.store.resume_bulk_run(&self.tenant.id, id).await?;
        let (run, freed) = self.ordered(id, resumed, "Only a run that is paused can go on.").await?;
        for job in &freed {
            self.enqueue(job).await;
        }
        Ok(run)
    }

    pub(crate) async fn cancel_bulk_run(&self, id: &BulkRunId) -> Result<BulkRun, Refusal> {
        let cancelled = self.services.store.cancel_bulk_run(&self.tenant.id, id, None).await?;
        let (run, stopped) = self.ordered(id, cancelled, "This run is over already.").await?;
        for job in &stopped {
            self.services.queue.remove(&Ticket::from(job)).await;
            self.tell(job);
        }
        Ok(run)
    }

    /// Queues failed jobs again, of one issue or all. Answers with how many.
    pub(crate) async fn retry_failed(&self, issue: Option<&IssueKey>) -> Result<usize, Refusal> {
        let filter = FailedFilter { issue: issue.cloned(), limit: RETRIED_AT_ONCE, ..FailedFilter::default() };
        let retried = self.services.store.retry_failed(&self.tenant.id, filter).await?;
        for job in &retried.queued {
            self.enqueue(job).await;
        }
        Ok(retried.queued.len())
    }

    async fn ordered(
        &self,
        id: &BulkRunId,
        done: Option<(BulkRun, Vec<Job>)>,
        otherwise: &str,
    ) -> Result<(BulkRun, Vec<Job>), Refusal> {
        match done {
            Some(done) => Ok(done),
            None => match self.services.store.bulk_run(&self.tenant.id, id).await? {
                Some(_) => Err(Refusal::Conflict(otherwise.to_owned())),
                None => Err(NO_RUN),
            },
        }
    }
}

//! A bulk run: jobs for all stories that a JQL finds, made some at a time; and what such a run will cost.

use serde::{Deserialize, Serialize};

use super::StoryQuota;
use super::{Class, JobState};
use crate::clock::Millis;
use crate::ids::{AccountId, BulkRunId, TenantId};

/// Stories that are asked of Jira at once.
pub const PAGE: u32 = 50;
/// While so many jobs of a run wait or run, no further page is read. A run has fewer than `MOST_LIVE + PAGE` live jobs.
pub const MOST_LIVE: u32 = 50;
/// What Jira lets an app use in an hour, over all of its sites (its "tier 1"). Points.
pub const POINTS_AN_HOUR: u64 = 65_000;

/// A page of a search: one point, and one for each issue.
const POINTS_TO_LIST: u64 = 1;
/// Reading an issue: one point, and one for the issue.
const POINTS_TO_READ: u64 = 2;
/// Writing: the mark and the issue are read, then both are written at once.
const POINTS_TO_WRITE: u64 = 5;

/// Where a run stands. `Done`, `Cancelled` and `Failed` are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkState {
    /// Makes jobs, or waits for those that it made.
    Running,
    /// Makes none, and those that wait stay where they are.
    Paused,
    /// All of its jobs have ended.
    Done,
    /// A person stopped it, or the app was uninstalled.
    Cancelled,
    /// Jira does not take the JQL any more: see `error`. What was made goes on.
    Failed,
}

/// The `bulk_runs` row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkRun {
    /// Ours.
    pub id: BulkRunId,
    /// Whose.
    pub tenant: TenantId,
    /// What finds the stories. Never logged: it may hold words of the site.
    pub jql: String,
    /// Where it stands.
    pub state: BulkState,
    /// Whether criteria go on to Jira as each project's settings say, or wait as drafts.
    pub publish: bool,
    /// Whether stories that have criteria get new ones.
    pub again: bool,
    /// At most so many jobs are made.
    pub most: u32,
    /// How many stories Jira counted when the run was started.
    pub expected: u32,
    /// Jira's name of the next page; none for the first.
    pub page: Option<String>,
    /// Every page was read, or `most` jobs are made.
    pub fed: bool,
    /// Stories that were found so far.
    pub found: u32,
    /// Of these, those that got no job: they have criteria, or a job of somebody else's.
    pub passed_over: u32,
    /// Of these, those that got a job.
    pub made: u32,
    /// Why it waits or has failed, in one sentence.
    pub error: Option<String>,
    /// Who started it.
    pub created_by: AccountId,
    /// That person's name as Jira shows it, once known.
    pub created_by_name: Option<String>,
    /// The lease's number: see `Job::fence`.
    pub fence: i64,
    /// When it was started.
    pub created_at: Millis,
    /// When it became final.
    pub finished_at: Option<Millis>,
}

/// How many of a run's jobs are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BulkCounts {
    /// Waiting or running.
    pub live: u32,
    /// Drafted or written.
    pub done: u32,
    /// Given up.
    pub failed: u32,
    /// Stopped, or with nothing to do.
    pub skipped: u32,
}

/// How fast stories are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// From the beginning of a job to its end, while the others run beside it.
    pub seconds_per_story: f64,
    /// Jobs in work at the same time.
    pub workers: usize,
}

/// What a run will cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Stories that get criteria, at most.
    pub stories: u32,
    /// How long that takes when nothing else is to be done.
    pub seconds: u64,
    /// Points of Jira's hourly budget, at most.
    pub points: u64,
    /// Days over which the quota spreads it; none when it fits into today.
    pub days: Option<u32>,
}

impl BulkState {
    /// Nothing will happen to it by itself any more.
    pub fn is_final(self) -> bool {
        !matches!(self, BulkState::Running | BulkState::Paused)
    }
}

impl BulkCounts {
    /// Adds `jobs` jobs in this state.
    pub fn add(&mut self, state: JobState, jobs: u32) {
        let sum = match state {
            JobState::Queued | JobState::Running => &mut self.live,
            JobState::Drafted | JobState::Written => &mut self.done,
            JobState::Failed => &mut self.failed,
            JobState::Cancelled | JobState::Skipped | JobState::Withdrawn => &mut self.skipped,
        };
        *sum = sum.saturating_add(jobs);
    }
}

impl BulkRun {
    /// Stories that have not been looked at yet and may still get a job, as far as Jira's count tells.
    pub fn still_to_find(&self) -> u32 {
        if self.fed || self.state.is_final() {
            return 0;
        }
        self.expected.saturating_sub(self.found).min(self.most.saturating_sub(self.made))
    }
}

/// Whether another page may be read while so many jobs of the run wait or run.
pub fn has_room(live: u32) -> bool {
    live < MOST_LIVE
}

impl Pace {
    /// How long so many stories take. Seconds.
    pub fn seconds(self, stories: u32) -> u64 {
        let seconds = f64::from(stories) * self.seconds_per_story / self.workers.max(1) as f64;
        seconds.max(0.0).ceil() as u64
    }
}

/// What a run over `matches` stories costs when at most `most` of them get a job, and `today` stories of the site's quota
/// are used already. Each story counts as one without criteria.
pub fn estimate(matches: u32, most: u32, publish: bool, pace: Pace, quota: StoryQuota, today: u32) -> Estimate {
    let stories = matches.min(most);
    let pages = u64::from(matches.div_ceil(PAGE));
    let each = POINTS_TO_READ + if publish { POINTS_TO_WRITE } else { 0 };
    let points = pages + u64::from(matches) * POINTS_TO_LIST + u64::from(stories) * each;
    let days = quota.allowance(Class::Bulk).and_then(|a_day| {
        let later = stories.saturating_sub(a_day.saturating_sub(today));
        (later > 0).then(|| 1 + later.div_ceil(a_day.max(1)))
    });
    Estimate { stories, seconds: pace.seconds(stories), points, days }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace { seconds_per_story: 12.0, workers: 4 };

    fn quota(per_day: u32) -> StoryQuota {
        StoryQuota { per_day: Some(per_day) }
    }

    #[test]
    fn an_estimate_counts_time_and_points() {
        let drafts = estimate(1000, 10_000, false, PACE, StoryQuota::default(), 0);
        assert_eq!(drafts, Estimate { stories: 1000, seconds: 3000, points: 20 + 1000 + 2000, days: None });
        let written = estimate(1000, 10, true, PACE, StoryQuota::default(), 0);
        assert_eq!(written, Estimate { stories: 10, seconds: 30, points: 20 + 1000 + 70, days: None });
        let nothing = estimate(0, 10, true, PACE, quota(5), 9);
        assert_eq!(nothing, Estimate { stories: 0, seconds: 0, points: 0, days: None });
    }

    #[test]
    fn a_quota_spreads_a_run_over_days() {
        let days = |stories, per_day, today| estimate(stories, 10_000, false, PACE, quota(per_day), today).days;
        assert_eq!(days(80, 100, 0), None, "80 of 100 are for bulk runs");
        assert_eq!(days(81, 100, 0), Some(2));
        assert_eq!(days(80, 100, 1), Some(2));
        assert_eq!(days(240, 100, 80), Some(4));
        assert_eq!(days(1, 100, 500), Some(2));
    }

    #[test]
    fn a_run_waits_for_room() {
        assert!(has_room(0) && has_room(MOST_LIVE - 1));
        assert!(!has_room(MOST_LIVE) && !has_room(u32::MAX));
    }

    #[test]
    fn half_a_worker_is_none_and_yet_no_division_by_nothing() {
        assert_eq!(Pace { seconds_per_story: 10.0, workers: 0 }.seconds(3), 30);
        assert_eq!(Pace { seconds_per_story: 0.1, workers: 4 }.seconds(1), 1);
    }
}

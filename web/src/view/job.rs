//! A job as the panel and the admin page show it.

use brine_core::clock::Millis;
use brine_core::ids::{AccountId, DraftId, IssueId, IssueKey, JobId};
use brine_core::jobs::{Class, Job, JobState, Progress, Target, Task};
use brine_core::story::Note;
use serde::Serialize;

use super::draft::{NoteView, ScenarioView};

/// See the module.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobView {
    id: JobId,
    issue_key: IssueKey,
    issue_id: IssueId,
    /// "draft", "scenario", "publish" or "withdraw".
    task: &'static str,
    /// Where a publish job writes to.
    target: Option<Target>,
    class: Class,
    pub(crate) state: JobState,
    progress: ProgressView,
    requested_by: Option<AccountId>,
    requested_by_name: Option<String>,
    attempts: u32,
    max_attempts: u32,
    error: Option<String>,
    /// On its draft; told in the list of jobs alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<NoteView>,
    model: Option<String>,
    adapter: Option<String>,
    prompt: Option<String>,
    seed: Option<u64>,
    draft_id: Option<DraftId>,
    created_at: Millis,
    /// When a job that waits for its next attempt may begin.
    run_after: Millis,
    started_at: Option<Millis>,
    finished_at: Option<Millis>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "stage", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum ProgressView {
    Queued { ahead: usize },
    Reading,
    Writing { scenario: usize, of: usize, so_far: String, scenarios: Vec<ScenarioView> },
    Checking,
    Publishing,
    Ended { state: JobState, draft: Option<DraftId>, error: Option<String> },
}

impl JobView {
    /// `ahead` is the job's place in the queue, when it is known better than the row does.
    pub(crate) fn new(job: Job, ahead: Option<usize>) -> Self {
        let progress = match (job.state, job.progress) {
            // The row's state is the truth: a job whose worker died keeps the last progress that it told of.
            (JobState::Queued, told) => {
                let told = if let Progress::Queued { ahead } = told { ahead } else { 0 };
                ProgressView::Queued { ahead: ahead.unwrap_or(told) }
            }
            (state, _) if state.is_final() => {
                ProgressView::Ended { state, draft: job.draft.clone(), error: job.error.clone() }
            }
            (_, Progress::Writing { scenario, of, so_far }) => {
                let scenarios = ScenarioView::so_far(&so_far);
                ProgressView::Writing { scenario, of, so_far, scenarios }
            }
            (_, Progress::Checking) => ProgressView::Checking,
            (_, Progress::Publishing) => ProgressView::Publishing,
            (_, Progress::Queued { .. } | Progress::Reading | Progress::Ended { .. }) => ProgressView::Reading,
        };
        let (task, target, asked_seed) = match &job.task {
            Task::Draft { seed, .. } => ("draft", None, Some(*seed)),
            Task::Scenario { seed, .. } => ("scenario", None, Some(*seed)),
            Task::Publish { target, .. } => ("publish", Some(*target), None),
            Task::Withdraw { .. } => ("withdraw", None, None),
        };
        let seed = job.provenance.as_ref().map(|p| p.seed).or(asked_seed);
        let (model, adapter, prompt) = match job.provenance {
            Some(p) => (Some(p.model), p.adapter, Some(p.prompt)),
            None => (None, None, None),
        };
        Self {
            id: job.id,
            issue_key: job.issue_key,
            issue_id: job.issue_id,
            task,
            target,
            class: job.class,
            state: job.state,
            progress,
            requested_by: job.requested_by,
            requested_by_name: job.requested_by_name,
            attempts: job.attempts,
            max_attempts: job.max_attempts,
            error: job.error,
            notes: Vec::new(),
            model,
            adapter,
            prompt,
            seed,
            draft_id: job.draft,
            created_at: job.created_at,
            run_after: job.run_after,
            started_at: job.started_at,
            finished_at: job.finished_at,
        }
    }

    /// With what is to be said of its draft.
    pub(crate) fn with(mut self, notes: Vec<Note>) -> Self {
        self.notes = notes.into_iter().map(NoteView::from).collect();
        self
    }
}

//! Has criteria written for a story, tells how far they are, and stores them.

use std::time::Duration;

use brine_core::failure::Failure;
use brine_core::gherkin::{Criteria, Language};
use brine_core::ids::DraftId;
use brine_core::jobs::{Draft, DraftState, Progress};
use brine_core::story::Story;
use brine_core::telemetry::{self, Stage};
use brine_model::{DraftEvent, DraftRequest, Drafted, Usage, WriteError};
use tokio::sync::watch;

use crate::hold::{Break, Hold};
use crate::report;
use crate::worker::Parts;

/// A writer that was told to stop and does not is left alone after so long.
const STOP_GRACE: Duration = Duration::from_secs(5);

pub(crate) async fn write(
    parts: &Parts,
    hold: &Hold,
    story: Story,
    max_scenarios: u8,
    seed: u64,
) -> Result<Draft, Break> {
    let choice = parts.store.adapter_choice(&hold.job.tenant, &hold.job.project).await?;
    let writer = hold.unless_stopped(parts.writers.writer(&choice)).await?;
    let request = DraftRequest {
        story: story.clone(),
        max_scenarios,
        seed,
        prompt: parts.drafting.prompt.clone(),
        deadline: parts.drafting.deadline,
    };
    let language = story.language().language();
    let (writer, stop) = (&writer, hold.stop.clone());
    let write =
        |mut stages: Stages| async move { writer.draft(request, stop, &mut |event| stages.reached(event)).await };
    let drafted = told(parts, hold, language, write).await?;
    counted(hold, &drafted.usage);
    let draft = draft(parts, hold, drafted, story.hash());
    parts.store.put_draft(&hold.job, draft.clone(), &story).await?;
    Ok(draft)
}

/// What a writer cost.
pub(crate) fn counted(hold: &Hold, usage: &Usage) {
    telemetry::job_stage(Stage::Draft, usage.total);
    telemetry::tokens(usage.prompt_tokens, usage.written_tokens);
    hold.counts.wrote(usage.written_tokens, usage.writing);
}

/// Lets a writer write, until it is done or the work is stopped, and tells of each of its stages.
pub(crate) async fn told<T, Writing>(
    parts: &Parts,
    hold: &Hold,
    language: Language,
    write: impl FnOnce(Stages) -> Writing,
) -> Result<T, Break>
where
    Writing: Future<Output = Result<T, WriteError>>,
{
    let (sender, receiver) = watch::channel(Progress::Reading);
    // It ends with the writer, and the telling with it.
    let writing = write(Stages { sender, so_far: SoFar::new(language) });
    let writing = async move {
        let stopped = async {
            hold.stop.cancelled().await;
            tokio::time::sleep(STOP_GRACE).await;
        };
        let result = tokio::select! {
            result = writing => result,
            () = stopped => Err(WriteError::Cancelled),
        };
        match result {
            Ok(written) => Ok(written),
            Err(WriteError::Cancelled) if hold.stop.is_cancelled() => Err(Break::Stopped),
            Err(error) => Err(Failure::from(error).into()),
        }
    };
    // Only the last stage counts: when the store is slow, stages are skipped, and the model never waits for it.
    let (written, told) = tokio::join!(writing, tell(parts, hold, receiver));
    let written = written?;
    told?;
    Ok(written)
}

/// Passes stages on until the writer is done.
async fn tell(parts: &Parts, hold: &Hold, mut receiver: watch::Receiver<Progress>) -> Result<(), Break> {
    while receiver.changed().await.is_ok() {
        let progress = receiver.borrow_and_update().clone();
        report::progress(parts, hold, progress).await?;
    }
    Ok(())
}

/// Where a writer tells what it is at.
pub(crate) struct Stages {
    sender: watch::Sender<Progress>,
    so_far: SoFar,
}

impl Stages {
    pub(crate) fn reached(&mut self, event: DraftEvent) {
        self.sender.send_replace(self.so_far.progress(event));
    }
}

/// The scenarios that are finished, for the panel to show.
#[derive(Default)]
struct SoFar {
    criteria: Criteria,
    scenario: usize,
    of: usize,
}

impl SoFar {
    fn new(language: Language) -> Self {
        Self { criteria: Criteria { language, ..Criteria::default() }, ..Self::default() }
    }

    fn progress(&mut self, event: DraftEvent) -> Progress {
        match event {
            DraftEvent::Reading => return Progress::Reading,
            DraftEvent::Checking => return Progress::Checking,
            DraftEvent::Writing { scenario, of } => (self.scenario, self.of) = (scenario, of),
            DraftEvent::Scenario(scenario) => self.criteria.scenarios.push(*scenario),
        }
        Progress::Writing { scenario: self.scenario, of: self.of, so_far: self.criteria.to_text() }
    }
}

fn draft(parts: &Parts, hold: &Hold, drafted: Drafted, story_hash: String) -> Draft {
    let now = parts.clock.now();
    Draft {
        id: DraftId::make(),
        tenant: hold.job.tenant.clone(),
        job: hold.job.id.clone(),
        issue_id: hold.job.issue_id.clone(),
        issue_key: hold.job.issue_key.clone(),
        criteria: drafted.criteria,
        findings: drafted.findings,
        notes: drafted.notes,
        provenance: drafted.provenance,
        story_hash,
        state: DraftState::Open,
        version: 1,
        edited_by: None,
        created_at: now,
        updated_at: now,
    }
}

//! Has criteria written for a story, tells how far they are, and stores them.

use std::time::Duration;

use brine_core::failure::Failure;
use brine_core::gherkin::{Criteria, Language};
use brine_core::ids::DraftId;
use brine_core::jobs::{Draft, DraftState, Progress};
use brine_core::story::Story;
use brine_core::telemetry::{self, Stage};
use brine_model::{DraftEvent, DraftRequest, Drafted, WriteError};
use tokio::sync::watch;

use crate::hold::{Break, Hold};
use crate::report;
use crate::worker::Parts;
use crate::writers::Lent;

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
    let (sender, receiver) = watch::channel(Progress::Reading);
    // Only the last stage counts: when the store is slow, stages are skipped, and the model never waits for it.
    let (drafted, told) = tokio::join!(ask(&writer, hold, request, sender), tell(parts, hold, receiver));
    let drafted = drafted?;
    told?;
    let usage = drafted.usage;
    telemetry::job_stage(Stage::Draft, usage.total);
    telemetry::tokens(usage.prompt_tokens, usage.written_tokens);
    hold.counts.wrote(usage.written_tokens, usage.writing);
    let draft = draft(parts, hold, drafted, story.hash());
    parts.store.put_draft(&hold.job, draft.clone(), &story).await?;
    Ok(draft)
}

async fn ask(
    writer: &Lent,
    hold: &Hold,
    request: DraftRequest,
    sender: watch::Sender<Progress>,
) -> Result<Drafted, Break> {
    let mut so_far = SoFar::new(request.story.language().language());
    let mut on = |event| {
        sender.send_replace(so_far.progress(event));
    };
    let stopped = async {
        hold.stop.cancelled().await;
        tokio::time::sleep(STOP_GRACE).await;
    };
    let result = tokio::select! {
        result = writer.draft(request, hold.stop.clone(), &mut on) => result,
        () = stopped => Err(WriteError::Cancelled),
    };
    match result {
        Ok(drafted) => Ok(drafted),
        Err(WriteError::Cancelled) if hold.stop.is_cancelled() => Err(Break::Stopped),
        Err(error) => Err(Failure::from(error).into()),
    }
}

/// Passes stages on until the writer is done.
async fn tell(parts: &Parts, hold: &Hold, mut receiver: watch::Receiver<Progress>) -> Result<(), Break> {
    while receiver.changed().await.is_ok() {
        let progress = receiver.borrow_and_update().clone();
        report::progress(parts, hold, progress).await?;
    }
    Ok(())
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

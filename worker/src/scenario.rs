//! Has one scenario of a draft written anew, or a further one, and stores the draft with it in place of the old one.

use brine_core::failure::Failure;
use brine_core::gherkin::{self, Basis};
use brine_core::ids::DraftId;
use brine_core::jobs::{Draft, DraftState};
use brine_core::store::StoreError;
use brine_core::story::Story;
use brine_model::ScenarioRequest;

use crate::draft::{Stages, counted, told};
use crate::hold::{Break, Hold};
use crate::worker::Parts;

/// What a person asked for; see `Task::Scenario`.
pub(crate) struct Wanted {
    pub(crate) place: Option<usize>,
    pub(crate) sentence: Option<usize>,
    pub(crate) wish: Option<String>,
    pub(crate) seed: u64,
}

/// Writes the scenario; the draft that holds it is a new one, by the same person's hand where one edited the old one.
pub(crate) async fn write(
    parts: &Parts,
    hold: &Hold,
    story: &Story,
    from: Draft,
    wanted: Wanted,
) -> Result<DraftId, Break> {
    if from.state != DraftState::Open {
        return Err(changed().into());
    }
    let choice = parts.store.adapter_choice(&hold.job.tenant, &hold.job.project).await?;
    let writer = hold.unless_stopped(parts.writers.writer(&choice)).await?;
    let language = from.criteria.language;
    let place = wanted.place;
    let request = request(parts, story, &from, wanted)?;
    let (writer, stop) = (&writer, hold.stop.clone());
    let write =
        |mut stages: Stages| async move { writer.scenario(request, stop, &mut |event| stages.reached(event)).await };
    let written = told(parts, hold, language, write).await?;
    counted(hold, &written.usage);
    let mut criteria = from.criteria.clone();
    match place.and_then(|place| criteria.scenarios.get_mut(place)) {
        Some(old) => *old = written.scenario,
        None => criteria.scenarios.push(written.scenario),
    }
    let now = parts.clock.now();
    let draft = Draft {
        id: DraftId::make(),
        job: hold.job.id.clone(),
        findings: gherkin::check(&criteria, story),
        criteria,
        provenance: written.provenance,
        story_hash: story.hash(),
        state: DraftState::Open,
        version: 1,
        created_at: now,
        updated_at: now,
        ..from.clone()
    };
    let id = draft.id.clone();
    match parts.store.put_draft_made_of(&hold.job, (&from.id, from.version), draft, story).await {
        Ok(()) => Ok(id),
        Err(StoreError::Conflict) => Err(changed().into()),
        Err(error) => Err(error.into()),
    }
}

/// Nothing is written over what a person did in the meantime.
pub(crate) fn changed() -> Failure {
    Failure::not_ours("the draft was changed in the meantime; ask again for the scenario")
}

fn request(parts: &Parts, story: &Story, from: &Draft, wanted: Wanted) -> Result<ScenarioRequest, Failure> {
    let Wanted { place, sentence, wish, seed } = wanted;
    let mut others = from.criteria.clone();
    others.questions.clear();
    let instead_of = match place {
        Some(place) if place < others.scenarios.len() => Some(others.scenarios.remove(place)),
        Some(_) => return Err(changed()),
        None => None,
    };
    let rests_on = match instead_of.as_ref().map(|scenario| &scenario.basis) {
        Some(Basis::Sentence { index, .. }) => Some(*index),
        _ => None,
    };
    let sentences = story.sentences();
    let sentence = match sentence.or(rests_on) {
        Some(index) => sentences.into_iter().find(|sentence| sentence.index == index),
        None => None,
    };
    Ok(ScenarioRequest {
        story: story.clone(),
        others,
        instead_of,
        sentence,
        wish,
        seed,
        prompt: parts.drafting.prompt.clone(),
        deadline: parts.drafting.deadline,
    })
}

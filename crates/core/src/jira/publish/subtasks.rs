//! Into sub-tasks, one for each scenario, step by step. Each carries the job and its place from birth, and the issue's mark
//! lists those that were made; so an attempt that follows one that was cut off finds them all.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{BEFORE_KEY, Before, IssueWriter, JiraError, Made, Mark, PROPERTY_KEY, Published, Writing};
use super::{attribution, content};
use crate::adf::section::content_hash;
use crate::adf::{document, scenario_nodes};
use crate::ids::{IssueId, JobId};
use crate::jira::client::Subtask;
use crate::jobs::Draft;

/// Jira's own limit on summaries.
const SUMMARY_CHARS: usize = 255;

/// What one sub-task is to say.
pub(super) struct Card {
    pub(super) summary: String,
    pub(super) description: Value,
}

/// What stood in one of our sub-tasks.
#[derive(Serialize, Deserialize)]
pub(super) struct Stood {
    pub(super) id: IssueId,
    pub(super) summary: String,
    pub(super) description: Option<Value>,
}

impl Card {
    fn hash(&self) -> String {
        hash_of(&self.summary, Some(&self.description))
    }
}

pub(super) async fn write<W: IssueWriter + ?Sized>(
    writer: &W,
    issue: &IssueId,
    earlier: Option<Mark>,
    writing: Writing<'_>,
    mut mark: Mark,
) -> Result<Published, JiraError> {
    let cards = cards_of(writing.draft);
    mark.content_hash = hash_of_all(cards.iter().map(Card::hash));
    let is_repeat = earlier.as_ref().is_some_and(|earlier| earlier.job == mark.job);
    let mut ours = Vec::new();
    for made in &mark.subtasks {
        // One that was moved away or converted is a person's now.
        let now = writer.subtask(&made.id).await?.filter(|now| now.is_below(issue));
        ours.extend(now.map(|now| (now, made.hash.clone())));
    }
    // Those of this job that it was cut off before it could list them.
    for id in writer.subtask_ids(issue).await? {
        if mark.subtasks.iter().all(|made| made.id != id)
            && let Some(now) = writer.subtask(&id).await?
            && born_by(&now).as_ref() == Some(&mark.job)
        {
            let hash = hash_now(&now);
            ours.push((now, hash));
        }
    }
    let is_touched = |(now, hash): &(Subtask, String)| now.is_touched || hash_now(now) != *hash;
    let by_this_job = |now: &Subtask| born_by(now).as_ref() == Some(&mark.job);
    if !writing.replace_edited && ours.iter().any(|one| is_touched(one) && !by_this_job(&one.0)) {
        return Ok(Published::SectionEdited);
    }
    if !is_repeat {
        let before = Before::new(&mark, earlier, stood(ours.iter().map(|(now, _)| now)));
        writer.set_property(issue, BEFORE_KEY, before.value()).await?;
    }
    mark.unfinished = true;
    mark.subtasks = ours.iter().map(|(now, hash)| Made { id: now.id.clone(), hash: hash.clone() }).collect();
    writer.set_property(issue, PROPERTY_KEY, mark.value()).await?;
    for (place, card) in cards.iter().enumerate() {
        let property = json!({ "job": mark.job, "scenario": place });
        let hash = card.hash();
        match ours.get(place) {
            Some((now, _)) if by_this_job_at(now, &mark.job, place) => {}
            Some((now, _)) => {
                writer.edit_subtask(&now.id, &card.summary, Some(card.description.clone()), property).await?
            }
            None => {
                let id = writer.add_subtask(issue, &card.summary, card.description.clone(), property).await?;
                mark.subtasks.push(Made { id, hash });
                writer.set_property(issue, PROPERTY_KEY, mark.value()).await?;
                continue;
            }
        }
        if let Some(made) = mark.subtasks.get_mut(place) {
            made.hash = hash;
        }
    }
    for surplus in mark.subtasks.split_off(cards.len().min(mark.subtasks.len())) {
        writer.delete_subtask(&surplus.id).await?;
    }
    mark.unfinished = false;
    writer.set_property(issue, PROPERTY_KEY, mark.value()).await?;
    Ok(Published::Written)
}

/// What a draft's sub-tasks are to say, in the order of its scenarios.
pub(super) fn cards_of(draft: &Draft) -> Vec<Card> {
    let attribution = attribution(draft);
    let scenarios = draft.criteria.scenarios.iter();
    let card = scenarios.map(|scenario| {
        let title = scenario.title.split_whitespace().collect::<Vec<_>>().join(" ");
        let summary: String = title.chars().filter(|c| !c.is_control()).take(SUMMARY_CHARS).collect();
        let summary = if summary.is_empty() { "Scenario".to_owned() } else { summary };
        Card { summary, description: document(scenario_nodes(scenario, draft.criteria.language, &attribution)) }
    });
    card.collect()
}

pub(super) fn hash_now(now: &Subtask) -> String {
    hash_of(&now.summary, now.description.as_ref())
}

pub(super) fn stood<'a>(subtasks: impl Iterator<Item = &'a Subtask>) -> Option<Value> {
    let stood: Vec<Stood> = subtasks
        .map(|now| Stood { id: now.id.clone(), summary: now.summary.clone(), description: now.description.clone() })
        .collect();
    (!stood.is_empty()).then(|| serde_json::to_value(stood).unwrap_or_default())
}

/// The job that a sub-task's own mark names.
pub(super) fn born_by(now: &Subtask) -> Option<JobId> {
    let job = now.property.as_ref()?.get("job")?;
    job.as_str().map(JobId::new)
}

fn by_this_job_at(now: &Subtask, job: &JobId, place: usize) -> bool {
    let scenario = now.property.as_ref().and_then(|property| property.get("scenario")).and_then(Value::as_u64);
    born_by(now).as_ref() == Some(job) && scenario == u64::try_from(place).ok()
}

fn hash_of(summary: &str, description: Option<&Value>) -> String {
    let heading = json!({ "type": "paragraph", "content": [{ "type": "text", "text": summary }] });
    let nodes: Vec<Value> = std::iter::once(heading).chain(description.into_iter().flat_map(content)).collect();
    content_hash(&nodes)
}

fn hash_of_all(hashes: impl Iterator<Item = String>) -> String {
    let lines = hashes.map(|hash| json!({ "type": "paragraph", "content": [{ "type": "text", "text": hash }] }));
    content_hash(&lines.collect::<Vec<_>>())
}

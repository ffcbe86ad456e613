//! The mark that we leave beside what we wrote.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::{Clock, Millis};
use crate::ids::{DraftId, JobId};
use crate::jobs::{Draft, Job, Target};

/// The property, of issues and of comments, that holds the mark.
pub const PROPERTY_KEY: &str = "com.brine.criteria";

/// What was written, by which job, and what it was made of. No words of the story or the criteria.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mark {
    /// The job that wrote.
    pub job: JobId,
    /// The draft that was written.
    pub draft: DraftId,
    /// Where it was written.
    pub target: Target,
    /// Hash of the nodes that we wrote there: another hash means that a person has edited them.
    pub content_hash: String,
    /// Hash of what stands at the other target, when an earlier job wrote there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere_hash: Option<String>,
    /// Hash of the story that was read.
    pub story_hash: String,
    /// Our comment, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment_id: Option<String>,
    /// Catalogue name of the model.
    pub model: String,
    /// Adapter name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<String>,
    /// Prompt name with its version.
    pub prompt: String,
    /// When.
    pub written_at: Millis,
}

impl Mark {
    pub(super) fn new(
        draft: &Draft,
        job: &Job,
        target: Target,
        content_hash: &str,
        before: Option<&Mark>,
        clock: &Clock,
    ) -> Self {
        let other = if target == Target::Comment { Target::Description } else { Target::Comment };
        Self {
            job: job.id.clone(),
            draft: draft.id.clone(),
            target,
            content_hash: content_hash.to_owned(),
            elsewhere_hash: before.and_then(|mark| mark.hash_at(other)).map(str::to_owned),
            story_hash: draft.story_hash.clone(),
            comment_id: before.and_then(|mark| mark.comment_id.clone()),
            model: draft.provenance.model.clone(),
            adapter: draft.provenance.adapter.clone(),
            prompt: draft.provenance.prompt.clone(),
            written_at: clock.now(),
        }
    }

    /// A mark out of Jira; none when it is none of ours or too damaged to trust.
    pub(super) fn read(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }

    /// Hash of what we wrote at `target`, as far as this mark knows.
    pub(super) fn hash_at(&self, target: Target) -> Option<&str> {
        if self.target == target { Some(&self.content_hash) } else { self.elsewhere_hash.as_deref() }
    }

    /// As JSON for Jira.
    pub(super) fn value(&self) -> Value {
        // A struct of texts and numbers always has a JSON form.
        serde_json::to_value(self).unwrap_or_default()
    }
}

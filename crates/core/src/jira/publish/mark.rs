//! The mark that we leave beside what we wrote.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::{Clock, Millis};
use crate::ids::{DraftId, FieldId, IssueId, JobId};
use crate::jobs::{Destination, Draft, Job, Target};

/// The property, of issues, of comments and of sub-tasks, that holds the mark.
pub const PROPERTY_KEY: &str = "com.brine.criteria";

/// What was written, by which job, and what it was made of. No words of the story or the criteria.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mark {
    /// The issue that it was left on: clones and sync tools copy properties along. Unknown of marks of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<IssueId>,
    /// The job that wrote.
    pub job: JobId,
    /// The draft that was written.
    pub draft: DraftId,
    /// Where it was written.
    pub target: Target,
    /// Hash of what we wrote there: another hash means that a person has edited it.
    pub content_hash: String,
    /// Hashes of what stands at other targets, when earlier jobs wrote there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub elsewhere: BTreeMap<Target, String>,
    /// Hash of the story that was read.
    pub story_hash: String,
    /// Our comment, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment_id: Option<String>,
    /// The field that we wrote into, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<FieldId>,
    /// Our sub-tasks, in the order of the scenarios.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subtasks: Vec<Made>,
    /// The job has not yet written all: sub-tasks are made one by one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
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

/// A sub-task of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Its number.
    pub id: IssueId,
    /// Hash of what we wrote into it.
    pub hash: String,
}

impl Mark {
    pub(super) fn new(
        draft: &Draft,
        job: &Job,
        destination: &Destination,
        content_hash: &str,
        before: Option<&Mark>,
        clock: &Clock,
    ) -> Self {
        let target = destination.target();
        let mut elsewhere = before.map(|mark| mark.elsewhere.clone()).unwrap_or_default();
        elsewhere.extend(before.map(|mark| (mark.target, mark.content_hash.clone())));
        elsewhere.remove(&target);
        Self {
            issue: Some(draft.issue_id.clone()),
            job: job.id.clone(),
            draft: draft.id.clone(),
            target,
            content_hash: content_hash.to_owned(),
            elsewhere,
            story_hash: draft.story_hash.clone(),
            comment_id: before.and_then(|mark| mark.comment_id.clone()),
            field: destination.field().cloned().or_else(|| before.and_then(|mark| mark.field.clone())),
            subtasks: before.map(|mark| mark.subtasks.clone()).unwrap_or_default(),
            unfinished: false,
            model: draft.provenance.model.clone(),
            adapter: draft.provenance.adapter.clone(),
            prompt: draft.provenance.prompt.clone(),
            written_at: clock.now(),
        }
    }

    /// A mark out of Jira; none when it is none of ours or too damaged to trust.
    pub fn read(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }

    /// The mark that stands on this issue. One that was left on another issue still tells how our section reads when nobody
    /// edited it, but its comment and sub-tasks are that issue's.
    pub fn read_on(value: &Value, issue: &IssueId) -> Option<Self> {
        let mut mark = Self::read(value)?;
        if !mark.is_of(issue) {
            (mark.comment_id, mark.subtasks, mark.unfinished) = (None, Vec::new(), false);
        }
        Some(mark)
    }

    /// Whether it was left on this issue, as far as it says so.
    pub fn is_of(&self, issue: &IssueId) -> bool {
        self.issue.as_ref().is_none_or(|own| own == issue)
    }

    /// Hash of what we wrote there, as far as this mark knows.
    pub fn hash_at(&self, destination: &Destination) -> Option<&str> {
        if destination.field().is_some_and(|field| self.field.as_ref() != Some(field)) {
            return None;
        }
        let target = destination.target();
        if self.target == target { Some(&self.content_hash) } else { self.elsewhere.get(&target).map(String::as_str) }
    }

    /// Where it was written; none for a mark that names a field and not which.
    pub fn destination(&self) -> Option<Destination> {
        Destination::of(self.target, self.field.as_ref())
    }

    pub(super) fn is_at(&self, destination: &Destination) -> bool {
        self.destination().as_ref() == Some(destination)
    }

    /// As JSON for Jira.
    pub(super) fn value(&self) -> Value {
        // A struct of texts and numbers always has a JSON form.
        serde_json::to_value(self).unwrap_or_default()
    }
}

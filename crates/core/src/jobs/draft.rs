//! A draft: criteria that wait for a person, or have had their decision.

use serde::{Deserialize, Serialize};

use super::Provenance;
use crate::clock::Millis;
use crate::gherkin::{Criteria, Finding};
use crate::ids::{AccountId, DraftId, IssueId, IssueKey, JobId, TenantId};
use crate::story::Note;

/// What became of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftState {
    /// Waits for a decision. An issue has at most one open draft.
    Open,
    /// A person (or an automatic job) let it go to Jira.
    Accepted,
    /// A newer draft took its place before anyone decided.
    Replaced,
}

/// The `drafts` row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Ours.
    pub id: DraftId,
    /// Whose.
    pub tenant: TenantId,
    /// The job that wrote it.
    pub job: JobId,
    /// The issue's number.
    pub issue_id: IssueId,
    /// The issue's key when it was written.
    pub issue_key: IssueKey,
    /// The criteria, as edited last.
    pub criteria: Criteria,
    /// What the rules say of `criteria`.
    pub findings: Vec<Finding>,
    /// What happened to the story on its way into the prompt.
    pub notes: Vec<Note>,
    /// What wrote it.
    pub provenance: Provenance,
    /// `Story::hash` of the story that was read.
    pub story_hash: String,
    /// Open, accepted or replaced.
    pub state: DraftState,
    /// Grows with each edit; an edit that names an old version is refused.
    pub version: i64,
    /// Who edited it last.
    pub edited_by: Option<AccountId>,
    /// When it was written.
    pub created_at: Millis,
    /// When it was changed last.
    pub updated_at: Millis,
}

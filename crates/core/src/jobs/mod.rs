//! A job: a plain payload of ids and its state. What a job does lives in the worker; `web` only makes rows.

mod adapter;
pub mod bulk;
mod draft;
mod quota;
mod target;

pub use adapter::{AdapterChoice, PLAIN};
pub use draft::{Draft, DraftState};
pub use quota::{QuotaUsedUp, StoryQuota, day_of, next_day};
pub use target::{Destination, Target};

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::ids::{AccountId, DraftId, FieldId, IssueId, IssueKey, JobId, ProjectKey, TenantId};

/// Who waits for it: decides the order in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// A person looks at the panel and waits.
    Interactive,
    /// A webhook asked.
    Automatic,
    /// One of many.
    Bulk,
}

impl Class {
    /// Most urgent first.
    pub const ALL: [Self; 3] = [Self::Interactive, Self::Automatic, Self::Bulk];

    /// Its place in [`Self::ALL`].
    pub fn rank(self) -> usize {
        match self {
            Self::Interactive => 0,
            Self::Automatic => 1,
            Self::Bulk => 2,
        }
    }
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Task {
    /// Read the story and write a draft; then do with it what the project's settings say (`Target`),
    /// when `publish` is true, or leave it as a draft.
    Draft {
        /// At most so many scenarios, of those that `gherkin::form` allows.
        max_scenarios: u8,
        /// The seed of sampling: same story, same seed, same words.
        seed: u64,
        /// Whether the draft goes on to Jira by itself (automatic jobs), or waits to be accepted.
        publish: bool,
    },
    /// Write one scenario of a draft anew, or a further one; the others stay as they are.
    Scenario {
        /// The draft as the person saw it.
        draft: DraftId,
        /// Its version then.
        version: i64,
        /// Index of the scenario that is written anew; none: a further one is wanted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<usize>,
        /// Index of the story's sentence that it is to test, where the person chose one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sentence: Option<usize>,
        /// What the person wants it to be, in one line of their own words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wish: Option<String>,
        /// The seed of sampling.
        seed: u64,
    },
    /// Write an accepted draft to Jira.
    Publish {
        /// The draft to write.
        draft: DraftId,
        /// Where to.
        target: Target,
        /// The field, where the target is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        field: Option<FieldId>,
        /// A section that a person edited in Jira may be replaced: the person was asked.
        replace_edited: bool,
    },
    /// Take back what was written of a draft: what stood there before stands there again.
    Withdraw {
        /// The draft.
        draft: DraftId,
        /// What a person edited since may go, too: the person was asked.
        replace_edited: bool,
    },
}

impl Task {
    /// What it takes a worker, in tokens of the model: tenants share workers by it. A draft is about a prompt and four
    /// scenarios; a publish job asks no model and is next to nothing.
    pub fn cost(&self) -> u32 {
        match self {
            Self::Draft { .. } => 2000,
            // The set is read again, which is cheaper than writing it.
            Self::Scenario { .. } => 500,
            Self::Publish { .. } | Self::Withdraw { .. } => 10,
        }
    }
}

/// Where a job stands. All but `Queued` and `Running` are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for a worker (or for its next attempt).
    Queued,
    /// A worker holds its lease.
    Running,
    /// The draft is stored and waits for a person.
    Drafted,
    /// The criteria stand in Jira.
    Written,
    /// What had been written to Jira is gone from it again.
    Withdrawn,
    /// Given up: see `error`. Can be retried by hand.
    Failed,
    /// A person stopped it.
    Cancelled,
    /// There was nothing to do: the issue or the site is gone.
    Skipped,
}

impl JobState {
    /// Its word, as it stands in the table and in metrics.
    pub fn name(self) -> &'static str {
        match self {
            JobState::Queued => "queued",
            JobState::Running => "running",
            JobState::Drafted => "drafted",
            JobState::Written => "written",
            JobState::Failed => "failed",
            JobState::Cancelled => "cancelled",
            JobState::Skipped => "skipped",
            JobState::Withdrawn => "withdrawn",
        }
    }

    /// Nothing will happen to it by itself any more.
    pub fn is_final(self) -> bool {
        !matches!(self, JobState::Queued | JobState::Running)
    }
}

/// What a worker is at, as the panel shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "stage")]
pub enum Progress {
    /// In the queue; `ahead` jobs run before it.
    Queued {
        /// How many jobs run before it.
        ahead: usize,
    },
    /// The issue is read from Jira, the prompt from the story.
    Reading,
    /// The model writes scenario `scenario` (from 1) of at most `of`.
    Writing {
        /// From 1.
        scenario: usize,
        /// At most so many.
        of: usize,
        /// The finished ones so far, as Gherkin text.
        so_far: String,
    },
    /// The rules are applied.
    Checking,
    /// Jira is being written.
    Publishing,
    /// Final: see the job's state, draft and error.
    Ended {
        /// A final state.
        state: JobState,
        /// The draft, when there is one.
        draft: Option<DraftId>,
        /// One sentence, when it failed.
        error: Option<String>,
    },
}

/// Which model, adapter and prompt wrote something, and with which seed: enough to write it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Catalogue name of the model.
    pub model: String,
    /// Adapter name, when one was used.
    pub adapter: Option<String>,
    /// Prompt name with its version: "quoted@1".
    pub prompt: String,
    /// Seed of sampling.
    pub seed: u64,
    /// Version of Brine.
    pub brine: String,
}

/// The `jobs` row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Ours.
    pub id: JobId,
    /// Whose.
    pub tenant: TenantId,
    /// The issue's number.
    pub issue_id: IssueId,
    /// The issue's key when the job was made.
    pub issue_key: IssueKey,
    /// The project's key when the job was made.
    pub project: ProjectKey,
    /// What is to be done.
    pub task: Task,
    /// Who waits.
    pub class: Class,
    /// Where it stands.
    pub state: JobState,
    /// The person who asked; none for automatic jobs whose author is unknown.
    pub requested_by: Option<AccountId>,
    /// That person's name as Jira shows it, once known.
    pub requested_by_name: Option<String>,
    /// How often it was begun.
    pub attempts: u32,
    /// Given up after so many.
    pub max_attempts: u32,
    /// Not before this time.
    pub run_after: Millis,
    /// The lease's number: grows with each lease; a write with an old number is refused.
    pub fence: i64,
    /// The lease ends here unless renewed; zero when none is held.
    pub lease_until: Millis,
    /// What the worker is at.
    pub progress: Progress,
    /// Why it failed or was skipped, or the last attempt's reason while it waits to be retried.
    pub error: Option<String>,
    /// What wrote the draft.
    pub provenance: Option<Provenance>,
    /// The draft that it made or publishes.
    pub draft: Option<DraftId>,
    /// When it was asked for.
    pub created_at: Millis,
    /// When its last attempt began.
    pub started_at: Option<Millis>,
    /// When it became final.
    pub finished_at: Option<Millis>,
}

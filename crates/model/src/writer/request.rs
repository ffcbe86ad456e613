//! What the writer is asked, what it tells on the way, and what it answers.

use std::time::Duration;

use brine_core::failure::Failure;
use brine_core::gherkin::{Criteria, Finding, Scenario};
use brine_core::jobs::Provenance;
use brine_core::story::{Note, Sentence, Story};

use crate::engine::Stopped;

/// One story to write criteria for.
#[derive(Clone, Debug)]
pub struct DraftRequest {
    /// The story.
    pub story: Story,
    /// At most so many scenarios, of those that the form allows.
    pub max_scenarios: u8,
    /// Same story, same seed, same words.
    pub seed: u64,
    /// Name of the prompt ("quoted@1"); the default one when absent.
    pub prompt: Option<String>,
    /// Give up after so long.
    pub deadline: Duration,
}

/// One scenario to write for a set that is there.
#[derive(Clone, Debug)]
pub struct ScenarioRequest {
    /// The story.
    pub story: Story,
    /// The other scenarios of the set, in its language: what they say is not said again.
    pub others: Criteria,
    /// The one that is to be written anew; none: a further one is wanted.
    pub instead_of: Option<Scenario>,
    /// The story's sentence that it must test; none: the model chooses among all.
    pub sentence: Option<Sentence>,
    /// What a person wants it to be, in one line.
    pub wish: Option<String>,
    /// Same request, same seed, same words.
    pub seed: u64,
    /// Name of the prompt ("quoted@1"); the default one when absent.
    pub prompt: Option<String>,
    /// Give up after so long.
    pub deadline: Duration,
}

/// What the writer is at.
#[derive(Clone, Debug)]
pub enum DraftEvent {
    /// The prompt goes into the model.
    Reading,
    /// A scenario is begun.
    Writing {
        /// From 1.
        scenario: usize,
        /// At most so many.
        of: usize,
    },
    /// A scenario is finished.
    Scenario(Box<Scenario>),
    /// The rules are applied.
    Checking,
}

/// Criteria with everything that is known of how they came to be.
#[derive(Clone, Debug)]
pub struct Drafted {
    /// What was written.
    pub criteria: Criteria,
    /// What the rules say of it.
    pub findings: Vec<Finding>,
    /// What happened to the story on the way.
    pub notes: Vec<Note>,
    /// What wrote it.
    pub provenance: Provenance,
    /// What it cost.
    pub usage: Usage,
}

/// A scenario with everything that is known of how it came to be.
#[derive(Clone, Debug)]
pub struct WrittenScenario {
    /// What was written.
    pub scenario: Scenario,
    /// What wrote it.
    pub provenance: Provenance,
    /// What it cost.
    pub usage: Usage,
}

/// Tokens and seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Tokens of prompts that went through the model (reused ones not counted).
    pub prompt_tokens: usize,
    /// Tokens that the model wrote.
    pub written_tokens: usize,
    /// Time in which the model wrote.
    pub writing: Duration,
    /// Time to the end of the first scenario.
    pub first_scenario: Duration,
    /// Time in all.
    pub total: Duration,
}

/// Why there are no criteria.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The caller stopped it.
    #[error("stopped before it was finished")]
    Cancelled,
    /// It took too long.
    #[error("the model did not finish within {} s; raise model.deadline_seconds or use a faster machine", .0.as_secs())]
    Deadline(Duration),
    /// No prompt of this name.
    #[error("there is no prompt called {0:?}; known ones: {1}")]
    UnknownPrompt(String, String),
    /// The model's thread is gone or its arithmetic failed.
    #[error("the model failed: {0}")]
    Engine(String),
}

impl WriteError {
    /// Of a request with this deadline.
    pub(super) fn of(stopped: Stopped, deadline: Duration) -> Self {
        match stopped {
            Stopped::Cancelled => Self::Cancelled,
            Stopped::Deadline => Self::Deadline(deadline),
            other => Self::Engine(other.to_string()),
        }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Cancelled => Failure::not_ours(error.to_string()),
            WriteError::Deadline(_) | WriteError::Engine(_) => Failure::retry(error.to_string()),
            WriteError::UnknownPrompt(..) => Failure::permanent(error.to_string()),
        }
    }
}

//! What is counted.

use std::time::Duration;

/// What came of a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How often the fault was made.
    pub times: usize,
    /// Stories that criteria were wanted for.
    pub jobs: usize,
    /// Of these, without criteria in Jira at the end.
    pub lost: usize,
    /// Of these, with criteria more than once.
    pub doubled: usize,
    /// The longest time from a fault to the next sign of work that it had stopped.
    pub recovery: Option<Duration>,
}

impl Outcome {
    /// Nothing was lost and nothing is there twice.
    pub fn is_kept(&self) -> bool {
        self.lost == 0 && self.doubled == 0
    }
}

//! Which of the stated outcomes make one scenario.

use super::stated::Stated;

/// Outcomes that follow from the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The event or state that they follow from, where the rule says it in a clause of its own.
    pub cause: Option<String>,
    /// What is so then, in the story's order; at least one.
    pub outcomes: Vec<String>,
}

/// Neighbours that follow from the same, together.
pub(super) fn cases(stated: impl Iterator<Item = Stated>) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for Stated { cause, outcome } in stated {
        match cases.last_mut().filter(|last| last.cause == cause) {
            Some(case) => case.outcomes.push(outcome),
            None => cases.push(Case { cause, outcomes: vec![outcome] }),
        }
    }
    cases
}

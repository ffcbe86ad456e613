//! What the rules can say of criteria.

use serde::{Deserialize, Serialize};

/// A rule of good criteria that was broken, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// Index of the scenario; none when the whole set is meant.
    pub scenario: Option<usize>,
    /// Index of the step in the scenario; none when the scenario or its title is meant.
    pub step: Option<usize>,
    /// Index of the story's sentence that is meant ([`Rule::NotCovered`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentence: Option<usize>,
    /// One sentence for a product owner or tester.
    pub message: String,
}

/// The rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A number that the story does not hold.
    UngroundedNumber,
    /// Quoted text that neither the story nor an earlier step holds.
    UngroundedQuote,
    /// Rests on no sentence of the story.
    Assumption,
    /// Says nearly the same as an earlier scenario.
    DuplicateScenario,
    /// The same title as an earlier scenario.
    DuplicateTitle,
    /// The same step twice in one scenario.
    DuplicateStep,
    /// Not exactly one event.
    OneWhen,
    /// Not in the order Given, When, Then.
    StepOrder,
    /// An outcome that only says again what happened.
    OutcomeIsEvent,
    /// "I", "my", "we".
    FirstPerson,
    /// A step ends with a full stop.
    FullStop,
    /// A step of a length that does not read best: see [`super::form`].
    StepLength,
    /// A title of a length that does not read best: see [`super::form`].
    TitleLength,
    /// "should" where the present tense says what holds.
    Should,
    /// A placeholder without a column, or a column that no step uses.
    OutlineVariable,
    /// No happy path first, or no negative or edge case.
    Coverage,
    /// Too few or too many scenarios: see [`super::form`].
    Size,
    /// A sentence of the story that no scenario tests.
    NotCovered,
}

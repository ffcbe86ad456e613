//! Why a story did not become a pair. Reasons stand in the order in which the filters run.

use brine_model::remote::AnswerError;
use serde::{Deserialize, Serialize};

/// The filter that an answer did not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The story shares words with a set that is for measuring; the teacher is not asked.
    Leak,
    /// The teacher ran into its limit of length.
    CutOff,
    /// There is nothing in the answer that looks like criteria.
    NoCriteria,
    /// What looks like criteria is not Gherkin as we write it.
    Parse,
    /// Too few or too many scenarios.
    Size,
    /// No happy path first, or no negative or edge case.
    Tags,
    /// Not 1 to 3 Given, exactly one When, 1 to 4 Then, in this order.
    Steps,
    /// An outline whose table does not fit its steps.
    Outline,
    /// More than three questions, or one that asks nothing.
    Questions,
    /// "I", "my", "we".
    FirstPerson,
    /// "should" in a title, a full stop behind a step.
    Wording,
    /// A scenario, title or step that says the same as an earlier one.
    Duplicate,
    /// A number that the story does not hold.
    Number,
    /// Quoted text that neither the story nor an earlier step holds.
    Quote,
    /// A thin story without a question.
    NoQuestions,
    /// Too many rules of the story without a scenario.
    Cover,
    /// Too few of the story's facts.
    Facts,
    /// The pair can't be made into lessons.
    Lessons,
}

impl Reason {
    /// As it stands in the table and in the file of rejected answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Leak => "leak",
            Self::CutOff => "cut-off",
            Self::NoCriteria => "no-criteria",
            Self::Parse => "parse",
            Self::Size => "size",
            Self::Tags => "tags",
            Self::Steps => "steps",
            Self::Outline => "outline",
            Self::Questions => "questions",
            Self::FirstPerson => "first-person",
            Self::Wording => "wording",
            Self::Duplicate => "duplicate",
            Self::Number => "number",
            Self::Quote => "quote",
            Self::NoQuestions => "no-questions",
            Self::Cover => "cover",
            Self::Facts => "facts",
            Self::Lessons => "lessons",
        }
    }

    /// In a few words, for the table.
    pub fn title(self) -> &'static str {
        match self {
            Self::Leak => "the story shares text with a set for measuring",
            Self::CutOff => "the answer was cut off",
            Self::NoCriteria => "no criteria in the answer",
            Self::Parse => "is not our Gherkin",
            Self::Size => "too few or too many scenarios",
            Self::Tags => "kinds of cases are missing",
            Self::Steps => "not Given, one When, Then",
            Self::Outline => "table and steps do not fit",
            Self::Questions => "questions out of form",
            Self::FirstPerson => "first person",
            Self::Wording => "\"should\" or full stop",
            Self::Duplicate => "says the same twice",
            Self::Number => "a number that the story does not hold",
            Self::Quote => "a quote that the story does not hold",
            Self::NoQuestions => "thin story without a question",
            Self::Cover => "too few rules of the story covered",
            Self::Facts => "too few facts of the story covered",
            Self::Lessons => "can't be made into lessons",
        }
    }
}

/// An answer that did not pass, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The first filter that it did not pass.
    pub reason: Reason,
    /// One sentence. May hold a number or quote of the answer, so it goes to the file of rejected answers only.
    pub detail: String,
}

impl Rejection {
    pub(crate) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}

impl From<AnswerError> for Rejection {
    fn from(error: AnswerError) -> Self {
        let reason = match &error {
            AnswerError::NoCriteria => Reason::NoCriteria,
            AnswerError::Parse(_) => Reason::Parse,
        };
        Self::new(reason, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_file_and_the_table_call_a_reason_the_same() {
        for reason in [Reason::Leak, Reason::CutOff, Reason::NoCriteria, Reason::FirstPerson, Reason::Lessons] {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
        }
        assert!(Reason::Parse < Reason::Cover);
    }
}

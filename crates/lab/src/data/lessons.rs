//! What a model learns from a pair: one scenario at a time for the sentences of the story that it rests on, then the
//! questions; asked with the very prompt that the product uses.

use brine_core::gherkin::{self, Basis, ParseError, QUESTION, Scenario};
use brine_core::prompt::{self, Focus, Message};
use brine_core::story::{Sentence, Story, StoryError};

use super::Pair;

/// The prompt that lessons are asked with.
pub const PROMPT: &str = "rule@2";

/// A conversation up to the model's turn, and what it must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// System turn, then the user's.
    pub prompt: Vec<Message>,
    /// The model's turn, with the line break at its end; empty when nothing is to be said.
    pub completion: String,
}

/// Why a pair gives no lessons.
#[derive(Debug, thiserror::Error)]
pub enum LessonError {
    /// The two fields hold no story.
    #[error("pair {id}: {cause}")]
    Story {
        /// Whose.
        id: String,
        /// Why.
        cause: StoryError,
    },
    /// The criteria are not Gherkin in our form.
    #[error("pair {id}, criteria, {cause}")]
    Criteria {
        /// Whose.
        id: String,
        /// Where and why.
        cause: ParseError,
    },
    /// This program has no prompt called [`PROMPT`].
    #[error("the prompt {PROMPT} is missing")]
    Prompt,
}

/// The lessons of a pair, which share the story as the start of their prompts: its scenarios in order, then the questions.
///
/// # Errors
/// When story or criteria can't be used as they are.
pub fn lessons(pair: &Pair) -> Result<Vec<Lesson>, LessonError> {
    let prompt = prompt::find(Some(PROMPT)).ok_or(LessonError::Prompt)?;
    let story = pair.story().map_err(|cause| LessonError::Story { id: pair.id.clone(), cause })?;
    let criteria = pair.parsed().map_err(|cause| LessonError::Criteria { id: pair.id.clone(), cause })?;
    let render = |focus: Option<&Focus>| prompt.render(story.summary(), story.description(), focus);
    let mut lessons = Vec::new();
    let mut earlier: Vec<(Focus, &str)> = Vec::new();
    for scenario in &criteria.scenarios {
        let mut focus = Focus { rules: rules(scenario, &story), tag: scenario.tag, beside: Vec::new(), side: None };
        let beside = earlier.iter().filter(|(other, _)| other.shares_rule(&focus));
        focus.beside = beside.map(|(_, title)| (*title).to_owned()).collect();
        let completion = close_cells(&plain(scenario).to_text(criteria.language));
        lessons.push(Lesson { prompt: render(Some(&focus)), completion });
        earlier.push((focus, &scenario.title));
    }
    let questions = criteria.questions.iter().map(|question| format!("{QUESTION}{question}\n")).collect();
    lessons.push(Lesson { prompt: render(None), completion: questions });
    Ok(lessons)
}

/// The sentences that the scenario rests on, or the summary.
fn rules(scenario: &Scenario, story: &Story) -> Vec<Sentence> {
    let found = gherkin::rests_on(scenario, story);
    if found.is_empty() { story.sentences().into_iter().take(1).collect() } else { found }
}

/// As the model is to write it: without the mark of an assumption, which is set afterwards.
fn plain(scenario: &Scenario) -> Scenario {
    Scenario { basis: Basis::Unknown, ..scenario.clone() }
}

/// Table rows without the spaces that line up their pipes: the model writes none.
fn close_cells(text: &str) -> String {
    let close = |line: &str| match line.trim_start().starts_with('|') {
        true => format!("    {}\n", line.split('|').map(str::trim).collect::<Vec<_>>().join(" | ").trim()),
        false => format!("{line}\n"),
    };
    text.lines().map(close).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn pair() -> Pair {
        let criteria = "@happy-path\nScenario: Third wrong PIN locks the card\n  Given a card with 2 wrong PINs\n  \
                        When the holder enters a third wrong PIN\n  Then the card is locked\n\n\
                        @edge-case\nScenario: Second wrong PIN leaves the card open\n  Given a card with 1 wrong PIN\n  \
                        When the holder enters a second wrong PIN\n  Then the card is not locked\n\n\
                        # Question: How is a locked card opened?\n";
        Pair {
            id: "x-1".to_owned(),
            summary: "Lock a card".to_owned(),
            description: "Three wrong PINs lock the card.\nNothing else does.".to_owned(),
            criteria: criteria.to_owned(),
            ..Pair::default()
        }
    }

    #[test]
    fn a_pair_gives_a_lesson_for_each_scenario_and_one_for_the_questions() {
        let lessons = lessons(&pair()).unwrap();
        let asked: Vec<&str> = lessons.iter().map(|lesson| lesson.prompt[1].content.as_str()).collect();
        assert_eq!(lessons.len(), 3);
        assert!(
            asked[0].ends_with("Rule: Three wrong PINs lock the card.\nWrite the @happy-path scenario."),
            "{}",
            asked[0]
        );
        let beside = "Rule: Three wrong PINs lock the card.\nWritten already: Third wrong PIN locks the card\n\
                      Write the @edge-case scenario.";
        assert!(asked[1].ends_with(beside), "{}", asked[1]);
        assert!(asked[2].ends_with("Write the questions that the story leaves open."), "{}", asked[2]);
        assert!(lessons[0].completion.starts_with("@happy-path\nScenario: Third wrong PIN"));
        assert!(lessons[0].completion.ends_with("Then the card is locked\n"), "{:?}", lessons[0].completion);
        assert_eq!(lessons[2].completion, "# Question: How is a locked card opened?\n");
    }

    #[test]
    fn lessons_of_a_pair_begin_alike_up_to_the_rule() {
        let lessons = lessons(&pair()).unwrap();
        let start = "Story: Lock a card\nThree wrong PINs lock the card.\nNothing else does.\n";
        assert!(lessons.iter().all(|lesson| lesson.prompt[1].content.starts_with(start)));
        assert!(lessons.iter().all(|lesson| lesson.prompt[0] == lessons[0].prompt[0]));
    }

    #[test]
    fn tables_lose_the_spaces_that_line_them_up() {
        let table = "  Examples:\n    | plan | limit |\n    | Free | 3     |\n";
        assert_eq!(close_cells(table), "  Examples:\n    | plan | limit |\n    | Free | 3 |\n");
    }

    #[test]
    fn broken_criteria_are_named_by_their_pair() {
        let error = super::lessons(&Pair { criteria: "Sing a song".to_owned(), ..pair() }).unwrap_err();
        assert!(error.to_string().starts_with("pair x-1, criteria, line 1"), "{error}");
    }
}

//! What a model learns from a pair: the whole set, each scenario behind the sentences of the story that it rests on, then
//! the questions; asked with the very prompt that the product uses.

use brine_core::gherkin::grammar::{QUESTION, RULE};
use brine_core::prompt::{self, Message};
use brine_core::story::StoryError;

use super::Pair;
use super::quotes::Quotes;

/// The prompt that lessons are asked with.
pub const PROMPT: &str = "quoted@1";

/// A conversation up to the model's turn, and what it must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// System turn, then the user's.
    pub prompt: Vec<Message>,
    /// The model's turn, with the line break at its end.
    pub completion: String,
}

/// Why a pair gives no lesson.
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
    /// The criteria hold no scenario.
    #[error("pair {id}, criteria: there is no scenario that begins with a tag line")]
    Criteria {
        /// Whose.
        id: String,
    },
    /// This program has no prompt called [`PROMPT`].
    #[error("the prompt {PROMPT} is missing")]
    Prompt,
}

/// The lesson of a pair.
///
/// # Errors
/// When story or criteria can't be used as they are.
pub fn lesson(pair: &Pair) -> Result<Lesson, LessonError> {
    let prompt = prompt::find(Some(PROMPT)).ok_or(LessonError::Prompt)?;
    let story = pair.story().map_err(|cause| LessonError::Story { id: pair.id.clone(), cause })?;
    let mut quotes = Quotes::of(&story);
    let mut completion = String::new();
    let mut scenarios = 0;
    for block in blocks(&pair.criteria) {
        if !completion.is_empty() {
            completion.push('\n');
        }
        if block.starts_with('@') {
            scenarios += 1;
            for quote in quotes.for_scenario(&block) {
                completion.push_str(RULE);
                completion.push(' ');
                completion.push_str(&quote);
                completion.push('\n');
            }
        }
        completion.push_str(&close_cells(&block));
    }
    if scenarios == 0 {
        return Err(LessonError::Criteria { id: pair.id.clone() });
    }
    Ok(Lesson { prompt: prompt.render(story.summary(), story.description()), completion })
}

/// The scenarios, each from its tag line on, and the questions.
fn blocks(criteria: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut after_blank = true;
    for line in criteria.trim().lines() {
        let begins = line.starts_with('@') || line.starts_with(QUESTION);
        match blocks.last_mut() {
            Some(block) if !(after_blank && begins) => {
                block.push('\n');
                block.push_str(line);
            }
            _ => blocks.push(line.to_owned()),
        }
        after_blank = line.trim().is_empty();
    }
    blocks.into_iter().map(|block| block.trim_end().to_owned()).collect()
}

/// Table rows without the spaces that line up their pipes: the model writes none. Ends with a line break.
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
                        @edge-case\nScenario Outline: PIN number <number> is counted\n  Given a card\n  \
                        When the holder enters wrong PIN <number>\n  Then nothing else is done\n\n  \
                        Examples:\n    | number |\n    | 1      |\n\n\
                        # Question: How is a locked card opened?\n# Question: And when?\n";
        Pair {
            id: "x-1".to_owned(),
            summary: "Lock a card".to_owned(),
            description: "Three wrong PINs lock the card.\nNothing else is counted.".to_owned(),
            criteria: criteria.to_owned(),
            ..Pair::default()
        }
    }

    #[test]
    fn a_pair_gives_the_whole_set_with_a_quote_before_each_scenario() {
        let lesson = lesson(&pair()).unwrap();
        assert_eq!(
            lesson.prompt[1].content,
            "Lock a card\n\nThree wrong PINs lock the card.\nNothing else is counted."
        );
        let start = "# Rule: Three wrong PINs lock the card.\n@happy-path\nScenario: Third wrong PIN";
        assert!(lesson.completion.starts_with(start), "{}", lesson.completion);
        let rest = "\n\n  Examples:\n    | number |\n    | 1 |\n\n# Question: How is a locked card opened?\n# Question: And when?\n";
        assert!(lesson.completion.ends_with(rest), "{}", lesson.completion);
        assert!(lesson.completion.contains("card is locked\n\n# Rule: "), "{}", lesson.completion);
    }

    #[test]
    fn criteria_without_a_scenario_are_named_by_their_pair() {
        let error = lesson(&Pair { criteria: "Sing a song".to_owned(), ..pair() }).unwrap_err();
        assert!(error.to_string().starts_with("pair x-1, criteria"), "{error}");
    }
}

//! Q: questions of a thin story, and questions that the story answers already.

use brine_core::gherkin::content_words;

use super::super::case::Case;
use super::super::quantities::Quantities;
use super::super::set::Set;

/// Words that only make a question of a statement.
const ASKING: &[&str] = &[
    "how", "many", "much", "long", "where", "why", "whether", "when", "happen", "who", "whose", "often", "far", "may",
    "did",
];

/// Beginnings that ask for a number: only a sentence with one can answer.
const AMOUNTS: &[&str] = &["how many", "how much", "how long", "how often", "how far"];

/// Of each question, whether one sentence of the story holds all its words: then it is answered there. A coarse net: it
/// catches what was copied out of the story, not what would take understanding.
pub(crate) fn answered(case: &Case, set: &Set) -> Vec<bool> {
    let sentences = case.story.sentences();
    let numbered: Vec<bool> =
        sentences.iter().map(|sentence| !Quantities::of(&sentence.text).numbers.is_empty()).collect();
    set.questions
        .iter()
        .map(|question| {
            let mut words = content_words(question);
            words.retain(|word| !ASKING.contains(&word.as_str()));
            let amount = AMOUNTS.iter().any(|start| question.to_lowercase().contains(start));
            let answers = |(sentence, numbered): (&std::collections::HashSet<String>, &bool)| {
                words.is_subset(sentence) && (*numbered || !amount)
            };
            !words.is_empty() && case.sentences.iter().zip(&numbered).any(answers)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{case, set};
    use super::*;

    #[test]
    fn only_what_one_sentence_says_is_answered() {
        let case = case(
            "Unlock a card",
            "A card is locked after 3 wrong PINs. A locked card is shown. Support can unlock it.",
        );
        let of = |question: &str| {
            let scenario = "Scenario: A\n  Given a\n  Then b\n";
            answered(&case, &set(&format!("{scenario}\n# Question: {question}\n")))
        };
        assert_eq!(of("After how many wrong PINs is a card locked?"), [true]);
        assert_eq!(of("Which support team can unlock a card?"), [false], "no sentence holds all words");
        assert_eq!(of("For how long is a card shown?"), [false], "no number there");
        assert_eq!(of("Is the holder told when a card is locked?"), [false]);
    }
}

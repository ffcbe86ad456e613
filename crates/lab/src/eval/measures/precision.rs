//! P: scenarios that speak of the story at all: they cover a fact, or share enough words with one of its sentences.

use std::collections::HashSet;

use brine_core::gherkin::content_words;

use super::super::case::Case;
use super::super::set::Set;

/// Shared content words that make a connection, and the share of the sentence's (or, when they are fewer, the
/// scenario's) words that they must be: two everyday words in a long sentence connect any two stories of one trade.
const SHARED_WORDS: usize = 2;
const SHARED_SHARE: f64 = 0.4;

/// Of each scenario, whether it speaks of the story.
pub(crate) fn speaks_of_story(case: &Case, set: &Set) -> Vec<bool> {
    set.scenarios
        .iter()
        .map(|scenario| {
            let text = scenario.text();
            let words = content_words(&text);
            case.facts.iter().any(|fact| fact.keywords.held_by(&text))
                || case.sentences.iter().any(|sentence| connected(sentence, &words))
        })
        .collect()
}

fn connected(sentence: &HashSet<String>, scenario: &HashSet<String>) -> bool {
    let shared = sentence.intersection(scenario).count();
    let fewer = sentence.len().min(scenario.len()).max(1);
    shared >= SHARED_WORDS.min(fewer) && shared as f64 / fewer as f64 >= SHARED_SHARE
}

#[cfg(test)]
mod tests {
    use super::super::tests::{case_with, set};
    use super::*;

    #[test]
    fn a_scenario_of_another_story_does_not_count() {
        let case = case_with(&["unlock :: support & unlock"], &[]);
        let of = |text: &str| speaks_of_story(&case, &set(text));
        assert_eq!(
            of("Scenario: A\n  Given a gift card\n  When 3 wrong PINs come\n  Then the card is locked\n"),
            [true]
        );
        assert_eq!(of("Scenario: A\n  Given a train\n  When it is late\n  Then the passenger is told\n"), [false]);
        assert_eq!(of("Scenario: A\n  Given x\n  When support unlocks it\n  Then y\n"), [true], "a fact is enough");
    }
}

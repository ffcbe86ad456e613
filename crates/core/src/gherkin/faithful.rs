//! How faithful a scenario is to a sentence, beyond the words that both have: their order, and an outcome that says something.

use std::collections::HashSet;

use super::grounding::plain_text;
use super::words::{content_words, stems};
use super::{Keyword, Scenario};

/// Words that nothing ends with.
const UNFINISHED: &[&str] = &[
    "a", "an", "and", "are", "at", "by", "for", "from", "has", "is", "its", "of", "or", "than", "that", "the", "their",
    "to", "with",
];

/// How much of a sentence a scenario repeats word after word: the pairs of neighbouring words that both have, over the
/// sentence's (0 to 1). Stop words count: in "is not paid" they are what matters.
pub fn in_order(scenario: &Scenario, sentence: &str) -> f64 {
    let sentence = pairs(sentence);
    let shared = pairs(&plain_text(scenario)).intersection(&sentence).count();
    shared as f64 / sentence.len().max(1) as f64
}

fn pairs(text: &str) -> HashSet<(String, String)> {
    let words = stems(text);
    words.iter().cloned().zip(words.iter().skip(1).cloned()).collect()
}

/// Whether the outcome only repeats what the steps before it say: "When the end date moves / Then the end date moves".
pub fn says_nothing_new(scenario: &Scenario) -> bool {
    let outcomes = scenario.steps.iter().position(|step| step.keyword == Keyword::Then).unwrap_or(scenario.steps.len());
    let (before, outcomes) = scenario.steps.split_at(outcomes);
    let words = |steps: &[super::Step]| -> HashSet<String> {
        steps.iter().flat_map(|step| content_words(&step.text)).collect()
    };
    words(outcomes).is_subset(&words(before))
}

/// What is so before the outcome: the steps, and the cells of a table.
pub fn cause(scenario: &Scenario) -> String {
    let steps = scenario.steps.iter().take_while(|step| step.keyword != Keyword::Then).map(|step| &step.text);
    let cells = scenario.examples.iter().flat_map(|examples| examples.rows.iter().flatten());
    steps.chain(cells).map(String::as_str).collect::<Vec<_>>().join("\n")
}

/// Whether a title ends in the middle of a phrase: "A second card needs the".
pub fn breaks_off(title: &str) -> bool {
    title.split_whitespace().last().is_some_and(|last| UNFINISHED.contains(&last))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::gherkin::parse;

    fn scenario(steps: &str) -> Scenario {
        parse(&format!("@edge-case\nScenario: A pause\n{steps}")).unwrap().scenarios.remove(0)
    }

    #[test]
    fn the_opposite_of_a_sentence_is_less_in_its_order() {
        let rule = "During a pause the ticket counts as no ticket.";
        let head = "  Given a ticket during a pause\n  When it is scanned\n";
        let right = scenario(&format!("{head}  Then the ticket counts as no ticket\n"));
        let opposite = scenario(&format!("{head}  Then no ticket counts as the ticket\n"));
        assert!(in_order(&right, rule) > in_order(&opposite, rule));
        assert_eq!(in_order(&right, "Nobody pays twice."), 0.0);
        assert_eq!(in_order(&right, ""), 0.0);
    }

    #[test]
    fn a_cause_ends_where_the_outcome_begins() {
        assert_eq!(cause(&scenario("  Given a pause\n  When it ends\n  Then 60 pass\n")), "a pause\nit ends");
    }

    #[test]
    fn a_title_may_break_off() {
        assert!(breaks_off("A second card needs the") && !breaks_off("A second card is needed"));
    }

    #[test]
    fn an_outcome_that_repeats_its_cause_says_nothing() {
        let when = "  Given a pause of 14 days\n  When the end date moves by 14 days\n";
        assert!(says_nothing_new(&scenario(&format!("{when}  Then the end date is moved by the pause\n"))));
        assert!(!says_nothing_new(&scenario(&format!("{when}  Then the end date moves\n  And the holder is told\n"))));
    }
}

//! How faithful a scenario is to a sentence, beyond the words that both have: their order, and an outcome that says something.

use std::collections::HashSet;

use super::grounding::plain_text;
use super::words::{content_words, stems};
use super::{Keyword, Scenario};

/// Words that nothing ends with.
const UNFINISHED: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "for", "from", "has", "have", "if", "in", "into", "is",
    "its", "may", "more", "must", "of", "or", "per", "than", "that", "the", "their", "to", "until", "was", "when",
    "which", "who", "will", "with",
];

/// How much of a sentence a scenario repeats word after word: the pairs of neighbouring words that both have, over the
/// sentence's (0 to 1). Stop words count: in "is not paid" they are what matters.
pub fn in_order(scenario: &Scenario, sentence: &str) -> f64 {
    let sentence = pairs(sentence);
    let shared = pairs(&plain_text(scenario)).intersection(&sentence).count();
    shared as f64 / sentence.len().max(1) as f64
}

/// How much of a text goes on as a sentence does: the pairs of neighbouring words that both have, over the text's (0 to 1).
pub fn follows(text: &str, sentence: &str) -> f64 {
    let text = pairs(text);
    text.intersection(&pairs(sentence)).count() as f64 / text.len().max(1) as f64
}

/// The share of a text's content words that another one has (0 to 1).
pub fn share_within(text: &str, other: &str) -> f64 {
    let text = content_words(text);
    text.intersection(&content_words(other)).count() as f64 / text.len().max(1) as f64
}

fn pairs(text: &str) -> HashSet<(String, String)> {
    let words = stems(text);
    words.iter().cloned().zip(words.iter().skip(1).cloned()).collect()
}

/// What is so before the outcome: the steps, and the cells of a table.
pub fn cause(scenario: &Scenario) -> String {
    let steps = scenario.steps.iter().take_while(|step| step.keyword != Keyword::Then).map(|step| &step.text);
    let cells = scenario.examples.iter().flat_map(|examples| examples.rows.iter().flatten());
    steps.chain(cells).map(String::as_str).collect::<Vec<_>>().join("\n")
}

/// Whether what `When` says stands in `Given` already: "Given a blocked aisle / When an aisle is blocked".
pub fn event_is_given(scenario: &Scenario) -> bool {
    let event = scenario.steps.iter().position(|step| step.keyword == Keyword::When).unwrap_or_default();
    let words = |steps: &[super::Step]| -> HashSet<String> {
        steps.iter().flat_map(|step| content_words(&step.text)).collect()
    };
    let (given, rest) = scenario.steps.split_at(event);
    words(rest.get(..1).unwrap_or_default()).is_subset(&words(given))
}

/// What is so then: the steps from `Then` on.
pub fn outcome(scenario: &Scenario) -> String {
    let steps = scenario.steps.iter().skip_while(|step| step.keyword != Keyword::Then).map(|step| step.text.as_str());
    steps.collect::<Vec<_>>().join("\n")
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
    fn parts_are_held_against_a_sentence() {
        let rule = "A pause ends after 60 days.";
        assert_eq!(follows("the pause ends", rule), 0.5);
        assert_eq!((follows("", rule), follows("pause", rule)), (0.0, 0.0));
        assert_eq!(share_within("a pause of 9 days", rule), 2.0 / 3.0);
        assert_eq!(share_within("the", rule), 0.0);
        assert_eq!(
            outcome(&scenario("  Given a pause\n  When it ends\n  Then 60 pass\n  And it ends\n")),
            "60 pass\nit ends"
        );
    }

    #[test]
    fn an_event_may_be_given_already() {
        let when =
            |when: &str| scenario(&format!("  Given an aisle that is blocked\n  When {when}\n  Then all wait\n"));
        assert!(event_is_given(&when("an aisle is blocked")) && !event_is_given(&when("a robot comes to the aisle")));
    }

    #[test]
    fn a_title_may_break_off() {
        assert!(breaks_off("A second card needs the") && !breaks_off("A second card is needed"));
    }
}
